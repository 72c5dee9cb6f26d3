"""Decisions hold for what was seen, end by themselves, come back with the mirror, and can be taken back."""

import json
from datetime import timedelta

import pytest

from reconcile.errors import UsageError
from reconcile.triage_acts import TriageConflict, TriageFilter
from tests.property.triage.desk import Clock, key, lose_mirror, one, opened, present, projection


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(tmp_path, clock):
    """A desk with three open findings."""
    made = opened(tmp_path / "data", clock)
    present(made, [1, 2, 3])
    return made


def states(desk):
    return {int(row.subject): row.triage for row in desk.triaged().rows}


def test_an_act_is_one_line_of_the_ledger_and_a_row_of_the_list(desk):
    report = desk.triage("shop", [key(1)], "ack", assignee="鈴木", by="高橋")
    row = one(desk, 1)
    assert (row.triage, row.assignee, row.actor) == ("acknowledged", "鈴木", "高橋")
    entry = desk._ledger.entries()[-1]
    assert (entry.sequence, entry.event, entry.actor) == (
        report.ledger[0],
        "triage.acknowledged",
        "高橋",
    )
    assert states(desk) == {1: "acknowledged", 2: "open", 3: "open"}


def test_words_that_people_type_stay_in_the_ledger(desk):
    desk.triage("shop", [key(1)], "note", text="電話 090-0000-0000 山田様")
    desk.triage("shop", [key(1)], "ignore", reason="山田様の試験注文")
    row = one(desk, 1)
    assert (row.note, row.reason) == ("電話 090-0000-0000 山田様", "山田様の試験注文")
    assert "山田" not in repr(row)
    assert "山田" not in repr(desk.triage_history("shop", key(1)))
    assert "山田" not in json.dumps(projection(desk), default=str, ensure_ascii=False)
    desk._db.close()
    assert "山田様".encode() not in (desk.data / "store.duckdb").read_bytes()


def test_a_snooze_ends_by_time_and_waiting_counts_from_there(desk, clock):
    desk.triage("shop", [key(1)], "snooze", until=clock() + timedelta(hours=10))
    assert one(desk, 1).triage == "snoozed"
    clock.pass_hours(11)
    row = one(desk, 1)
    assert (row.triage, row.waiting_h, row.is_overdue) == ("open", 1.0, False)
    clock.pass_hours(4)
    assert one(desk, 1).is_overdue


@pytest.mark.parametrize(("severity", "limit"), [("high", 4), ("medium", 24), ("low", 72)])
def test_a_finding_is_overdue_after_the_limit_of_its_severity(tmp_path, clock, severity, limit):
    desk = opened(tmp_path / "data", clock)
    present(desk, [1], severity=severity)
    clock.pass_hours(limit)
    assert not one(desk, 1).is_overdue
    clock.pass_hours(0.1)
    assert one(desk, 1).is_overdue
    assert desk.triage_counts().overdue == 1
    assert desk.triaged(TriageFilter(overdue=True)).total == 1
    desk.triage("shop", [key(1)], "ack")
    assert desk.triage_counts().overdue == 0


def test_counts_say_the_same_as_the_lists(desk, clock):
    desk.triage("shop", [key(1)], "ack", assignee="鈴木")
    desk.triage("shop", [key(2)], "snooze", until=clock() + timedelta(hours=1))
    present(desk, [1, 2])
    clock.pass_hours(5)
    counts = desk.triage_counts(by="鈴木")
    listed = {name: desk.triaged(TriageFilter(states=(name,))).total for name in counts.by_state}
    assert counts.by_state == listed
    assert listed == {"open": 1, "acknowledged": 1, "snoozed": 0, "ignored": 0, "resolved": 1}
    assert counts.mine == desk.triaged(TriageFilter(assignee="鈴木")).total == 1


def test_pages_hold_every_finding_once(tmp_path, clock):
    desk = opened(tmp_path / "data", clock)
    present(desk, range(25))
    pages = [desk.triaged(page=number, size=10) for number in (1, 2, 3, 4)]
    found = [row.finding_key for page in pages for row in page.rows]
    assert sorted(found) == [key(number) for number in range(25)]
    assert {page.total for page in pages} == {25}


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("ignore", {"reason": "意図した運用"}),
        ("ack", {}),
        ("snooze", {"until": Clock()() + timedelta(days=30)}),
    ],
)
def test_a_finding_that_resolves_and_returns_is_open_again(desk, clock, action, values):
    desk.triage("shop", [key(1)], "note", text="先月も同じ")
    desk.triage("shop", [key(1)], action, **values)
    present(desk, [1, 2, 3])
    assert one(desk, 1).triage != "open"
    clock.pass_hours(1)
    present(desk, [2, 3])
    assert one(desk, 1).triage == "resolved"
    clock.pass_hours(1)
    present(desk, [1, 2, 3])
    row = one(desk, 1)
    assert (row.triage, row.note, row.reason) == ("open", "先月も同じ", None)
    events = [event.event for event in desk.triage_history("shop", key(1))]
    assert events[0] == "noted"
    assert events[-2:] == ["resolved", "returned"]


def test_an_ignored_lack_of_data_does_not_hide_the_finding_it_becomes(desk, clock):
    present(desk, [7], rule="F03", kind="cannot_tell")
    desk.triage("shop", [key(7, "F03")], "ignore", reason="ファイル待ち")
    clock.pass_hours(1)
    present(desk, [7], rule="F03", kind="cannot_tell")
    assert one(desk, 7, "F03").triage == "ignored"
    present(desk, [7], rule="F03", kind="finding")
    assert one(desk, 7, "F03").triage == "open"


def test_a_decision_about_what_is_no_longer_there_is_refused_with_both_versions(desk, clock):
    shown = one(desk, 1).version
    desk.triage("shop", [key(1)], "ack", by="高橋", expected_version=shown)
    with pytest.raises(TriageConflict) as caught:
        desk.triage("shop", [key(1)], "ignore", reason="重複", expected_version=shown)
    values = caught.value.values
    assert (values["expected"], values["found"]) == (shown, one(desk, 1).version)
    assert values["by"] == "高橋"
    assert one(desk, 1).triage == "acknowledged"


def test_a_decision_about_an_earlier_occurrence_is_refused(desk, clock):
    shown = one(desk, 1).version
    present(desk, [2, 3])
    clock.pass_hours(1)
    present(desk, [1, 2, 3])
    with pytest.raises(TriageConflict) as caught:
        desk.triage("shop", [key(1)], "ack", expected_version=shown)
    assert caught.value.help_key == "error.triage.changed"


def test_one_stale_finding_stops_the_whole_act(desk):
    shown = {row.finding_key: row.version for row in desk.triaged().rows}
    desk.triage("shop", [key(2)], "note", text="先に見た")
    before = len(desk._ledger.entries())
    with pytest.raises(TriageConflict):
        desk.triage("shop", list(shown), "ack", expected_version=shown)
    assert len(desk._ledger.entries()) == before
    assert states(desk) == {1: "open", 2: "open", 3: "open"}


def test_a_bulk_touches_the_previewed_list_and_nothing_else(desk, clock):
    frozen = desk.triage_preview(TriageFilter(rules=("F07",)))
    assert frozen.count == 3
    desk.triage("shop", [key(2)], "ack", by="高橋")
    present(desk, [1, 2, 3, 4, 5])
    report = desk.triage_bulk(frozen.id, "snooze", until=clock() + timedelta(hours=8))
    assert report.done == 2
    assert [(one.finding_key, one.why, one.by) for one in report.skipped] == [
        (key(2), "changed", "高橋")
    ]
    assert states(desk) == {1: "snoozed", 2: "acknowledged", 3: "snoozed", 4: "open", 5: "open"}
    again = desk.triage_bulk(frozen, "snooze", until=clock() + timedelta(hours=8))
    assert (again.done, again.ledger, len(again.skipped)) == (0, (), 3)


def test_a_bulk_is_taken_back_and_done_again_as_a_whole_after_a_restart(desk, clock, tmp_path):
    desk.triage("shop", [key(1)], "ack", assignee="鈴木")
    before = states(desk)
    act = desk.triage_bulk(desk.triage_preview(), "ignore", reason="棚卸し").ledger[0]
    after = states(desk)
    assert set(after.values()) == {"ignored"}
    desk._db.close()
    again = opened(tmp_path / "data", clock)
    assert again.triage_undo(act).done == 3
    assert states(again) == before
    assert one(again, 1).assignee == "鈴木"
    with pytest.raises(UsageError):
        again.triage_undo(act)
    assert again.triage_redo(act).done == 3
    assert states(again) == after
    assert one(again, 2).reason == "棚卸し"
    with pytest.raises(UsageError):
        again.triage_redo(act)


def test_an_undo_leaves_alone_what_somebody_decided_since(desk):
    act = desk.triage_bulk(desk.triage_preview(), "ignore", reason="棚卸し").ledger[0]
    desk.triage("shop", [key(3)], "reopen", by="高橋")
    report = desk.triage_undo(act)
    assert (report.done, [one.by for one in report.skipped]) == (2, ["高橋"])


def test_undoing_several_acts_goes_back_step_by_step(desk):
    acts = [
        desk.triage("shop", [key(1)], "ack", assignee="鈴木").ledger[0],
        desk.triage("shop", [key(1)], "ignore", reason="重複").ledger[0],
    ]
    desk.triage_undo(acts[1])
    assert (one(desk, 1).triage, one(desk, 1).assignee) == ("acknowledged", "鈴木")
    desk.triage_undo(acts[0])
    assert (one(desk, 1).triage, one(desk, 1).assignee) == ("open", None)
    with pytest.raises(UsageError):
        desk.triage_redo(acts[1])
    desk.triage_redo(acts[0])
    desk.triage_redo(acts[1])
    assert one(desk, 1).triage == "ignored"


def test_asking_a_vendor_and_its_confirmation_are_two_things(desk):
    desk.triage("shop", [key(1)], "ask_vendor", vendor="smartship", ref="Q-100")
    row = one(desk, 1)
    assert (row.triage, row.vendor, row.vendor_ref) == ("open", "smartship", "Q-100")
    assert row.asked_at is not None
    assert row.confirmed_at is None
    desk.triage("shop", [key(1)], "vendor_confirmed", ref="A-7")
    row = one(desk, 1)
    assert (row.vendor, row.vendor_ref) == ("smartship", "A-7")
    assert row.confirmed_at is not None


def test_a_lost_mirror_gets_every_decision_back(desk, clock):
    desk.triage("shop", [key(1)], "ignore", reason="重複")
    desk.triage("shop", [key(2)], "ack")
    desk.triage("shop", [key(3)], "snooze", until=clock() + timedelta(days=3))
    present(desk, [1, 3])
    desk.save_view("朝の確認", {"rule": ["F07"]})
    before = projection(desk)
    lose_mirror(desk)
    assert projection(desk) == before
    clock.pass_hours(2)
    present(desk, [1, 2, 3])
    assert states(desk) == {1: "ignored", 2: "open", 3: "snoozed"}


@pytest.mark.parametrize("action", ["ack", "snooze"])
def test_what_was_decided_before_a_mirror_was_lost_holds_again_after_an_act_is_taken_back(
    desk, clock, action
):
    desk.triage("shop", [key(1)], "ignore", reason="重複")
    desk.triage_undo(desk.triage("shop", [key(2)], "ack").ledger[0])
    lose_mirror(desk)
    clock.pass_hours(2)
    present(desk, [1, 2])
    before = [(one(desk, number).triage, one(desk, number).is_returned) for number in (1, 2)]
    assert before == [("ignored", False), ("open", False)]
    until = {"until": clock() + timedelta(days=3)} if action == "snooze" else {}
    act = desk.triage("shop", [key(1), key(2)], action, **until).ledger[0]
    desk.triage_undo(act)
    assert [
        (one(desk, number).triage, one(desk, number).is_returned) for number in (1, 2)
    ] == before


def test_a_finding_that_turns_up_long_after_a_lost_mirror_is_open(desk, clock):
    desk.triage("shop", [key(1)], "ignore", reason="重複")
    lose_mirror(desk)
    desk.triaged()
    clock.at = desk._ledger.entries()[-1].at + timedelta(hours=30)
    present(desk, [1])
    assert one(desk, 1).triage == "open"


def test_a_shorter_ledger_empties_what_it_does_not_say(desk):
    desk.triage("shop", [key(1)], "ack")
    desk.triage("shop", [key(1)], "ignore", reason="重複")
    desk.save_view("朝の確認", {"rule": ["F07"]})
    desk._db.close()
    lines = desk._ledger.path.read_text("utf-8").splitlines()
    for path in (desk._ledger.path, desk._ledger.copy):
        path.write_text(lines[0] + "\n", "utf-8")
    assert one(desk, 1).triage == "acknowledged"
    assert desk.saved_views() == ()


def test_what_is_not_there_cannot_be_decided(desk):
    for keys, help_key in (([key(9)], "error.triage.unknown"), ([], "error.triage.nothing")):
        with pytest.raises(UsageError) as caught:
            desk.triage("shop", keys, "ack")
        assert caught.value.help_key == help_key
    with pytest.raises(UsageError):
        desk.triage_bulk("0" * 32, "ack")
    with pytest.raises(UsageError):
        desk.triage_undo(10_000)


def test_views_are_shared_by_name_and_not_overwritten_by_accident(desk, tmp_path):
    desk.save_view("朝の確認", {"rule": ["F07", "F05"], "account": "shop"})
    with pytest.raises(UsageError):
        desk.save_view("朝の確認", {"rule": "F03"}, by="高橋")
    desk.save_view("朝の確認", {"rule": "F03"}, by="高橋", replace=True)
    view = opened(tmp_path / "data").saved_view("朝の確認")
    assert (view.screen, view.query, view.actor) == ("orders", {"rule": ("F03",)}, "高橋")
    desk.remove_view("朝の確認")
    assert desk.saved_views() == ()
    with pytest.raises(UsageError):
        desk.remove_view("朝の確認")
