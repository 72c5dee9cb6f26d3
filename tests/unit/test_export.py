"""CSV files: exact for machines, safe and readable for people, honest about what an encoding loses."""

import csv
import io
import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.errors import UsageError
from reconcile.export import safe_cell, write_csv
from reconcile.frames import FRAMES
from reconcile.text import LANGUAGES, Text

LINE = {
    "line_no": 1,
    "item_code": "00012",
    "item_name": "タオル　ホワイト",
    "option_text": "ホワイト,Sサイズ",
    "amount": 1,
    "is_set": False,
    "jan_code": None,
}


def made(rows, *, profile="people", encoding="utf-8-sig", lang="ja"):
    frame = pd.DataFrame(rows, columns=list(FRAMES["order_lines"].names))
    return write_csv(
        frame, "order_lines", text=Text(lang), profile=profile, encoding=encoding, name="x.csv"
    )


def read(export, encoding):
    return list(csv.reader(io.StringIO(export.data.decode(encoding), newline="")))


def test_a_file_for_people_opens_in_a_spreadsheet_with_the_words_of_their_language():
    for lang in LANGUAGES:
        export = made([LINE], lang=lang)
        header, row = read(export, "utf-8-sig")
        assert export.data.startswith(b"\xef\xbb\xbf")
        assert b"\r\n" in export.data
        assert header == [Text(lang)(f"column.{name}") for name in FRAMES["order_lines"].names]
        assert row[1] == "00012"


def test_a_file_for_machines_has_field_names_and_exact_text():
    header, row = read(made([LINE | {"item_name": "=1+1 "}], profile="machine"), "utf-8")
    assert header == list(FRAMES["order_lines"].names)
    assert row[2] == "=1+1 "


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_a_cell_that_a_spreadsheet_would_run_is_guarded_also_after_blanks(start):
    for blank in ("", " ", "\u3000 "):
        assert safe_cell(f"{blank}{start}HYPERLINK()").startswith("'")
    assert safe_cell("タオル=白") == "タオル=白"


def test_negative_figures_stay_figures():
    _, row = read(made([LINE | {"amount": -3}]), "utf-8-sig")
    assert row[4] == "-3"


@pytest.mark.parametrize("character", list("¢£¬‖−〜"))
def test_the_six_silent_changes_of_cp932_are_listed(character):
    export = made([LINE | {"item_name": f"前{character}後"}], encoding="cp932")
    (change,) = export.changed_characters
    assert (change["row"], change["character"]) == (1, character)
    assert change["code_point"] == f"U+{ord(character):04X}"
    assert change["becomes"] != character


@pytest.mark.parametrize("character", ["😀", "𠮟", "é", "\u2014"])
def test_what_cp932_cannot_hold_is_listed_and_never_breaks_the_file(character):
    export = made([LINE | {"item_name": character}], encoding="cp932")
    assert [change["character"] for change in export.changed_characters] == [character]
    assert read(export, "cp932")[1][2] == "?"


def test_words_of_states_go_into_files_without_the_marks_of_the_screen():
    columns = FRAMES["phase_counts"].names
    row = dict.fromkeys(columns, 0) | {"phase_name": "完了", "phase_role": "after"}
    text = Text("ja")
    export = write_csv(
        pd.DataFrame([row], columns=list(columns)),
        "phase_counts",
        text=text,
        profile="people",
        encoding="cp932",
        name="x.csv",
    )
    assert export.changed_characters == ()
    for state in ("act_now", "at_risk", "cannot_tell", "in_step"):
        marked, plain = text.word("state", state), text.word("state", state, plain=True)
        assert marked.endswith(plain) and marked != plain
        assert plain.encode("cp932").decode("cp932") == plain


def test_an_unknown_profile_or_encoding_is_refused():
    for option in ({"profile": "robot"}, {"encoding": "shift_jis"}):
        with pytest.raises(UsageError):
            made([LINE], **option)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_the_machine_profile_returns_every_text_exactly(name):
    export = made([LINE | {"item_name": name}], profile="machine")
    assert read(export, "utf-8")[1][2] == name


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_guard_is_one_apostrophe_in_front_and_nothing_else(name):
    assert safe_cell(name) in (name, f"'{name}")


STARTS = "=+-@\t\r\n\0＝＋－＠"
ALPHABET = f"{STARTS} 　'\"，,;a1タ髙～〜−¢£¬‖①㈱𠮟😀か゛\u3099\u200b\u202e\ufe0f\u00a0"


def any_texts(count, seed):
    """Texts of up to nine characters of what matters to a spreadsheet or to CP932, and of anything else."""
    dice = random.Random(seed)
    held = [chr(code) for code in range(0x20, 0xD800)]
    return [
        "".join(
            dice.choice(ALPHABET if dice.random() < 0.8 else held)
            for _ in range(dice.randint(1, 9))
        )
        for _ in range(count)
    ]


def exported(texts, **how):
    export = made([LINE | {"item_name": one} for one in texts], **how)
    return export, [row[2] for row in read(export, how.get("encoding", "utf-8-sig"))[1:]]


def test_no_cell_for_people_begins_as_a_formula_and_the_guard_comes_off_again(sized, tally):
    texts = any_texts(sized(2_000, 100_000), 5)
    _, cells = exported(texts)
    for text, cell in zip(texts, cells, strict=True):
        assert not cell.lstrip(" \u3000").startswith(tuple(STARTS)), repr(text)
        assert text in (cell, cell.removeprefix("'"))
        assert (cell == text) == (not text.lstrip(" \u3000").startswith(tuple(STARTS)))
    tally("S5", cells=len(texts), formulas=0)


def test_every_text_comes_back_from_a_file_for_machines(sized, tally):
    texts = any_texts(sized(2_000, 100_000), 16)
    export = made([LINE | {"item_name": one} for one in texts], profile="machine")
    assert [row[2] for row in read(export, "utf-8")[1:]] == texts
    tally("R16", texts=len(texts), changed=0)


def test_what_cp932_changes_is_listed_and_nothing_else_changes(sized, tally):
    """In files of 20 rows, for a report lists at most 200 characters."""
    texts, silent = any_texts(sized(2_000, 100_000), 932), 0
    for start in range(0, len(texts), 20):
        part = texts[start : start + 20]
        export, cells = exported(part, encoding="cp932")
        listed = {(one["row"], one["character"]) for one in export.changed_characters}
        for number, (text, cell) in enumerate(zip(part, cells, strict=True), start=1):
            plain = (
                cell
                if cell == text or not cell.startswith("'") or text.startswith("'")
                else cell[1:]
            )
            assert len(plain) == len(text), repr(text)
            lost = {
                (number, ours) for ours, theirs in zip(text, plain, strict=True) if ours != theirs
            }
            silent += len(lost - listed)
            assert lost == {one for one in listed if one[0] == number}, repr(text)
    tally("R16", texts=len(texts), silent_changes=silent)
