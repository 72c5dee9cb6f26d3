"""The character difference as data, and what a correction can be carried by."""

from __future__ import annotations

import pytest

from reconcile.mapping import Change, corrected_text, difference
from reconcile.mapping.difference import code_point, unholdable


def test_a_difference_shows_the_stretches_in_reading_order_with_their_causes() -> None:
    changes = difference("ﾀｵﾙ ホワイト", "タオル　ホワイト")
    assert changes == (
        Change(
            "replace",
            "ﾀｵﾙ ",
            "タオル　",
            ("U+FF80", "U+FF75", "U+FF99", "U+0020 SPACE"),
            ("U+30BF", "U+30AA", "U+30EB", "U+3000 IDEOGRAPHIC SPACE"),
            ("space_ideographic", "width_kana"),
            (
                ("ﾀ", "タ", ("width_kana",)),
                ("ｵ", "オ", ("width_kana",)),
                ("ﾙ", "ル", ("width_kana",)),
                (" ", "　", ("space_ideographic",)),
            ),
        ),
        Change(
            "equal",
            "ホワイト",
            "ホワイト",
            ("U+30DB", "U+30EF", "U+30A4", "U+30C8"),
            ("U+30DB", "U+30EF", "U+30A4", "U+30C8"),
            (),
        ),
    )


def test_each_stretch_gets_its_own_cause() -> None:
    found = [
        (one.op, one.left, one.right, one.classes) for one in difference("Ａ型 白\u200b", "A型　白")
    ]
    assert found == [
        ("replace", "Ａ", "A", ("width_alnum",)),
        ("equal", "型", "型", ()),
        ("replace", " ", "　", ("space_ideographic",)),
        ("equal", "白", "白", ()),
        ("delete", "\u200b", "", ("invisible",)),
    ]


def test_neighbouring_edits_are_one_stretch() -> None:
    (change,) = difference("ﾀﾞ", "ダ")
    assert (change.op, change.left, change.right, change.classes) == (
        "replace",
        "ﾀﾞ",
        "ダ",
        ("width_kana",),
    )


@pytest.mark.parametrize(
    ("left", "right", "opposite"),
    [
        ("ガゼット", "ｶﾞｾﾞｯﾄ", [("ガ", "ｶﾞ"), ("ゼ", "ｾﾞ"), ("ッ", "ｯ"), ("ト", "ﾄ")]),
        ("き)", "）\u200b", [("き", ""), (")", "）"), ("", "\u200b")]),
        ("㈱", "(株)", [("㈱", "(株)")]),
        ("カ\u3099", "ガ", [("カ\u3099", "ガ")]),
        ("ホワイト", "白", [("ホワイト", "白")]),
        ("", "【送料無料】", [("", "【送料無料】")]),
        ("−〜", "-~", [("−", "-"), ("〜", "~")]),
    ],
)
def test_what_is_the_same_in_other_writing_stands_opposite(
    left: str, right: str, opposite: list[tuple[str, str]]
) -> None:
    (change,) = difference(left, right)
    assert [column[:2] for column in change.columns] == opposite
    (other_way,) = difference(right, left)
    assert [(one, other) for other, one, _ in other_way.columns] == opposite


def test_a_very_long_stretch_stays_one_column() -> None:
    (change,) = difference("ア" * 500, "ｲ" * 500)
    assert [column[:2] for column in change.columns] == [("ア" * 500, "ｲ" * 500)]


def test_a_swapped_pair_of_attributes_is_not_called_other_words() -> None:
    codes = {code for change in difference("白,S", "S,白") for code in change.classes}
    assert codes == {"attr_order"}


def test_equal_texts_have_no_differing_stretch_and_empty_ones_none_at_all() -> None:
    assert [one.op for one in difference("タオル", "タオル")] == ["equal"]
    assert difference("", "") == ()


@pytest.mark.parametrize(
    ("char", "shown"),
    [
        ("タ", "U+30BF"),
        ("\u3000", "U+3000 IDEOGRAPHIC SPACE"),
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\u3164", "U+3164 HANGUL FILLER"),
        ("\u3099", "U+3099 COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK"),
        ("\t", "U+0009 CONTROL"),
        ("\ud800", "U+D800 LONE SURROGATE"),
        ("😀", "U+1F600"),
    ],
)
def test_what_cannot_be_seen_has_a_name(char: str, shown: str) -> None:
    assert code_point(char) == shown


def test_a_correction_is_the_other_side_to_the_last_character() -> None:
    ours, theirs = "タオル　ホワイト ", "ﾀｵﾙ ホワイト"
    assert corrected_text(ours, theirs, "right").text == ours
    assert corrected_text(ours, theirs, "left").text == theirs
    assert corrected_text(ours, theirs, "right").is_safe
    with pytest.raises(ValueError, match="left or right"):
        corrected_text(ours, theirs, "both")


@pytest.mark.parametrize("char", "〜−‖¢£¬")
def test_a_character_that_cp932_changes_silently_is_not_safe(char: str) -> None:
    correction = corrected_text(f"A{char}", "A", "right")
    assert not correction.is_safe
    (lost,) = correction.unholdable
    assert (lost.position, lost.character) == (1, char)
    assert lost.becomes == char.encode("cp932").decode("cp932") != char
    assert corrected_text(f"A{char}", "A", "right", encoding="utf-8").is_safe


@pytest.mark.parametrize("char", ["𠮷", "é", "😀", "—", "\u00a0", "\u3099"])
def test_a_character_that_cp932_refuses_is_named_with_its_place(char: str) -> None:
    (lost,) = unholdable(f"白{char}")
    assert (lost.position, lost.becomes) == (1, None)


@pytest.mark.parametrize("char", "①㈱髙－～∥")
def test_vendor_characters_of_cp932_are_safe(char: str) -> None:
    assert unholdable(char) == ()
