"""S18: no text of a vendor, a file or a user begins, hides, turns or colours a line of a terminal or a log."""

import io
import json
import random
import unicodedata
from contextlib import redirect_stderr, redirect_stdout

import pytest

from reconcile import Text, Workspace
from reconcile.cli import main
from reconcile.commands import answer
from reconcile.errors import UsageError
from tests.integration.conftest import KEY
from tests.reliability.story import Listening, Sinks

FORGED = "2026-11-26 10:00:00 root INFO 完了しました"
PIECES = (
    *("\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029", "\0", "\b", "\x7f", "\x1c"),
    *(
        "\x1b[2J",
        "\x1b[1A\x1b[2K",
        "\x1b[8m",
        "\x1b]0;x\x07",
        "\x1b]8;;http://x\x07",
        "\x9b2J",
        "\x9d",
    ),
    *("\u202e", "\u202d", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f", "\u061c"),
    *("\u200b", "\u2060", "\ufeff", "\u00ad", "\U000e0041", "\ue000", "\udc80"),
)


def hostile(dice):
    """A name with one to four pieces that a terminal obeys, in front of and behind what shall pass for a line of ours."""
    parts = [dice.choice(PIECES) for _ in range(dice.randint(1, 4))]
    place = dice.randrange(len(parts) + 1)
    return "タオル" + "".join(parts[:place]) + FORGED + "".join(parts[place:]) + "白"


def obeyed(text):
    """What of a text a terminal would not show as a sign; tabs and the ends of lines are ours."""
    kinds = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    return {char for char in text if unicodedata.category(char) in kinds} - set("\n\t")


def wrong_with(printed, heard, lines):
    said = [f"obeyed: {one!r}" for one in obeyed(printed) | obeyed(heard)]
    said += [
        f"a line begins with it: {one!r}"
        for one in (printed + heard).split("\n")
        if one.startswith(FORGED)
    ]
    return said + (
        [] if printed.count("\n") <= lines else [f"{printed.count(chr(10))} lines: {printed!r}"]
    )


@pytest.fixture
def desk(tmp_path):
    desk = Workspace.open(tmp_path / "data")
    desk.add_account("shop", company_code="ill", key=KEY, base_url="http://127.0.0.1:9")
    return desk


def printed_of(*words):
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        main(list(words))
    return out.getvalue(), err.getvalue()


def test_no_name_forges_a_line_of_a_command_or_a_log(desk, sized, tally):
    dice, sinks, wrong = random.Random(18), Sinks(), []
    cases = sized(60, 1_000)
    with Listening(sinks).everywhere():
        for number in range(cases):
            name = hostile(dice)
            words = (
                ("--account", name, "findings"),
                ("order", name),
                ("import", name),
                ("account", "remove", name),
                ("findings", "--rule", name),
                ("sync", "--since", name),
                ("no-" + name,),
            )[number % 7]
            out, err = printed_of("--data", str(desk.data), *words)
            heard = b"".join(sinks.values()).decode()
            wrong += wrong_with(out + err, heard, 3)
            sinks.clear()
    assert wrong == []
    tally("S18", cases=cases, forged=0)


def test_rows_of_a_table_that_hold_such_names_stay_one_line_each(capsys, sized):
    dice, text = random.Random(19), Text("ja")
    for _ in range(sized(200, 1_000)):
        name = hostile(dice)
        spoken = answer.Answer(data=None, account=None, lang="ja")
        lines = [f"A\t{name}\tB", text("error.account.unknown", name=name)]
        spoken.give({}, as_json=False, lines=lambda told=lines: told)
        assert wrong_with(capsys.readouterr().out, "", 2) == []


def test_json_on_a_terminal_is_exact_and_obeyed_by_nothing(sized):
    dice = random.Random(20)
    for _ in range(sized(200, 1_000)):
        name = hostile(dice).replace("\udc80", "").replace("\ue000", "").replace("\U000e0041", "")
        written = answer.as_json_text({"name": name})
        assert obeyed(written) == set()
        assert json.loads(written) == {"name": name}


def test_a_saved_name_of_a_person_is_one_line_without_hidden_signs(desk):
    dice = random.Random(21)
    for _ in range(50):
        try:
            saved = desk.save_view(hostile(dice)[:50], {"state": "act_now"}, by=hostile(dice)[:40])
        except UsageError:
            continue
        assert obeyed(saved.name + saved.actor) == set()
        assert "\n" not in saved.name + saved.actor
