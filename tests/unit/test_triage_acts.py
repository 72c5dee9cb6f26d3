"""What may be decided, by whom and until when; what of a view may be shared."""

from datetime import UTC, datetime, timedelta

import pytest

from reconcile.errors import UsageError
from reconcile.text import visible
from reconcile.triage_acts import checked, person
from reconcile.views import checked_name, checked_query

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def refusal(call, *arguments):
    with pytest.raises(UsageError) as caught:
        call(*arguments)
    return caught.value


def test_who_acts_is_the_argument_else_the_variable_else_the_system_user(monkeypatch):
    monkeypatch.setenv("TOTSUGO_USER", "佐藤")
    assert person("鈴木") == "鈴木"
    assert person() == "佐藤"
    monkeypatch.delenv("TOTSUGO_USER")
    monkeypatch.setattr("getpass.getuser", lambda: "desk1")
    assert person() == "desk1"


def test_a_name_shows_what_is_invisible_in_it():
    assert person("a\u202eb") == "a[U+202E]b"
    assert person("two \n lines") == "two lines"


def test_acknowledging_without_an_assignee_takes_it_oneself():
    assert checked("ack", "佐藤", NOW, {"assignee": None})[1] == {"assignee": "佐藤"}
    assert checked("ack", "佐藤", NOW, {"assignee": "鈴木"})[1] == {"assignee": "鈴木"}


@pytest.mark.parametrize(
    ("action", "values", "key"),
    [
        ("explode", {}, "error.triage.action"),
        ("reopen", {"text": "x"}, "error.triage.values"),
        ("note", {}, "error.triage.text"),
        ("note", {"text": " \n "}, "error.triage.text"),
        ("note", {"text": "あ" * 2001}, "error.triage.text"),
        ("ignore", {}, "error.triage.text"),
        ("snooze", {}, "error.triage.until_missing"),
        (
            "snooze",
            {"until": (NOW + timedelta(days=1)).replace(tzinfo=None)},
            "error.triage.until_missing",
        ),
        ("snooze", {"until": NOW}, "error.triage.until"),
        ("snooze", {"until": NOW + timedelta(days=367)}, "error.triage.until"),
        ("ask_vendor", {}, "error.triage.vendor"),
        ("ask_vendor", {"vendor": "somebody"}, "error.triage.vendor"),
        ("assign", {"assignee": "x" * 61}, "error.triage.short"),
    ],
)
def test_what_cannot_be_decided_is_refused(action, values, key):
    assert refusal(checked, action, "佐藤", NOW, values).help_key == key


def test_a_refused_note_is_not_repeated_in_the_error():
    error = refusal(checked, "note", "佐藤", NOW, {"text": "090-0000-0000" * 200})
    assert "090" not in str(error)
    assert error.values["length"] == 2600


def test_a_note_of_two_thousand_characters_is_kept_as_typed():
    words = ("あ\n" * 1000)[:-1]
    assert checked("note", "佐藤", NOW, {"text": words})[1] == {"text": words}


def test_half_a_surrogate_pair_in_a_note_can_be_written_to_disk():
    (words,) = checked("note", "佐藤", NOW, {"text": "x\ud800y"})[1].values()
    assert words.encode("utf-8") == rb"x\ud800y"


def test_control_and_direction_characters_become_visible():
    assert visible("a\x07b\x7f\u200b\u202e\u2028") == "a␇b␡[U+200B][U+202E][U+2028]"
    assert visible("one\ntwo") == "one␊two"
    assert visible("one\ntwo", lines=True) == "one\ntwo"
    assert visible("髙島屋 タオル（白）") == "髙島屋 タオル（白）"


def test_a_view_holds_the_parameters_of_its_screen():
    query = {"rule": ["F07", "F05"], "state": "act_now", "shop": []}
    assert checked_query("orders", query) == {"rule": ["F07", "F05"], "state": ["act_now"]}


@pytest.mark.parametrize(
    ("screen", "query", "key"),
    [
        ("orders", {"numbers": "00012345"}, "error.view.parameters"),
        ("stock", {"search": "山田"}, "error.view.parameters"),
        ("orders", {"rule": "F07", "token": "x"}, "error.view.parameters"),
        ("secrets", {}, "error.view.screen"),
        ("orders", {"phase": "x" * 101}, "error.view.value"),
        ("orders", {"phase": "a\u202eb"}, "error.view.value"),
        ("orders", {"phase": ["x"] * 101}, "error.view.value"),
    ],
)
def test_what_may_name_a_person_or_is_unknown_is_not_shared(screen, query, key):
    assert refusal(checked_query, screen, query).help_key == key


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a?b", "a&b", "x" * 61])
def test_a_name_that_cannot_stand_in_an_address_is_refused(name):
    assert refusal(checked_name, name).help_key in ("error.view.name", "error.triage.short")


def test_a_japanese_name_with_a_blank_can_stand_in_an_address():
    assert checked_name(" 朝の 確認 ") == "朝の 確認"
