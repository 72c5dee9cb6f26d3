"""Laws of undo and redo over any history, a mirror rebuilt from the ledger, and two writers at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconcile import Workspace
from reconcile.errors import StoreError, UsageError
from reconcile.mapping.decisions import MappingConflict, MappingFilter
from reconcile.store import chain
from reconcile.store.ledger import Ledger
from tests.mapping.desk import Desk, key


@pytest.fixture
def desk(towels):
    return towels(6)


def state(desk):
    """What a person sees of every case, without the number of the act."""
    cases = [desk.case(number) for number in range(6)]
    return [
        (one.state, one.sku_no, one.decision, one.fix, one.rejected, one.chosen) for one in cases
    ]


def act(desk, dice):
    """A random act on one case or on a previewed list; gives its number, None where it could not be done."""
    decision = dice.choice(["accept", "reject", "no_counterpart", "later", "reopen"])
    try:
        if dice.random() < 0.3 and decision != "reject":
            frozen = desk.workspace.mapping_preview("shop", MappingFilter(), decision=decision)
            done = desk.workspace.mapping_decide_list(frozen.id, decision)
            return done.ledger[0] if done.ledger else None
        number = dice.randrange(6)
        return desk.decide(
            number, decision, sku_no=f"S{number}", fix=dice.choice(["smartship", "crossmall"])
        )
    except UsageError:
        return None


@pytest.mark.parametrize("seed", range(3))
def test_undo_gives_back_what_was_there_and_redo_what_was_done(desk, seed, sized):
    dice = random.Random(seed)
    for _ in range(sized(6, 60)):
        before = state(desk)
        done = act(desk, dice)
        if done is None:
            continue
        after = state(desk)
        desk.workspace.mapping_undo(done)
        assert state(desk) == before
        desk.workspace.mapping_redo(done)
        assert state(desk) == after
        with pytest.raises(UsageError):
            desk.workspace.mapping_redo(done)


@pytest.mark.parametrize("seed", range(2))
def test_acts_taken_back_from_the_last_to_the_first_leave_nothing(desk, seed):
    dice = random.Random(100 + seed)
    start = state(desk)
    done = [number for _ in range(8) if (number := act(desk, dice)) is not None]
    for number in reversed(done):
        desk.workspace.mapping_undo(number)
    assert state(desk) == start


def test_an_act_that_others_built_upon_is_taken_back_only_where_nobody_did(desk):
    frozen = desk.workspace.mapping_preview("shop", MappingFilter())
    bulk = desk.workspace.mapping_decide_list(frozen.id, "accept").ledger[0]
    desk.decide(2, "no_counterpart", by="高橋")
    report = desk.workspace.mapping_undo(bulk)
    assert report.done == 5
    assert [(one.case_key, one.by, one.decision) for one in report.skipped] == [
        (key(2), "高橋", "no_counterpart")
    ]
    assert desk.workspace.mapping_acts("shop")[2].is_undone


def test_undo_works_after_a_restart_and_a_lost_mirror(desk):
    done = desk.decide(1, "accept", why="確認済み")
    desk.decide(2, "reject", sku_no="S2")
    kept = desk.projection()
    desk.lose_mirror()
    again = Desk(desk.folder)
    assert again.projection() == kept
    again.workspace.mapping_undo(done)
    assert again.projection()[1][0][6] == "open"


def test_a_removed_account_takes_its_decisions_along(desk):
    desk.decide(1, "accept")
    desk.workspace.remove_account("shop")
    assert desk.projection() == ([], [], [], [])
    desk.lose_mirror()
    again = Workspace.open(desk.folder)
    with again._db.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM mapping_step").fetchone() == (0,)


def test_of_two_who_decide_on_one_version_at_once_exactly_one_wins(desk, sized):
    other = Workspace.open(desk.folder, clock=desk.clock)
    for _ in range(sized(4, 100)):
        version = desk.case(1).version

        def decide(one, version=version):
            workspace, who = one
            try:
                return workspace.mapping_decide(
                    "shop", [key(1)], "later", expected_version=version, by=who
                ).ledger[0]
            except MappingConflict as conflict:
                return conflict.values["by"]

        with ThreadPoolExecutor(2) as pool:
            answers = set(pool.map(decide, [(desk.workspace, "佐藤"), (other, "鈴木")]))
        (act,) = [one for one in answers if isinstance(one, int)]
        (winner,) = [one for one in answers if isinstance(one, str)]
        assert desk.case(1).decided_by == winner
        assert desk.case(1).version.startswith(f"{act}-")


def test_the_ledger_reads_only_what_is_new_and_still_sees_any_change(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for number in range(50):
        ledger.append("note", "shop", {"text": f"注記{number}\u2028"}, actor="tester")
    read = []
    check = chain.follows
    monkeypatch.setattr(chain, "follows", lambda *given: (read.append(given), check(*given))[1])
    ledger.append("note", "shop", {"text": "次"}, actor="tester")
    assert len(read) == 1
    assert ledger.after(49)[0] == 51
    assert [entry.values["text"] for entry in ledger.after(49)[1]] == ["注記49\u2028", "次"]
    assert [entry.sequence for entry in ledger.after(3, 2)[1]] == [4, 5]
    other = Ledger(tmp_path / "ledger.jsonl")
    data = ledger.path.read_bytes()

    def both(content):
        for path in (ledger.path, ledger.copy):
            path.write_bytes(content)

    both(data.replace("注記7".encode(), "別物7".encode()))
    with pytest.raises(StoreError):
        other.append("note", "shop", {}, actor="tester")
    both(data)
    assert other.append("note", "shop", {}, actor="tester").sequence == 52
    both(data[: data.index(b"\n") + 1])
    assert other.after(0)[0] == 1
    both(data)
    ledger.path.write_bytes(data + b'{"body": "half')
    assert other.after(0)[0] == 51
    assert other.append("note", "shop", {}, actor="tester").sequence == 52
    assert len(list(tmp_path.glob("ledger-torn-*.txt"))) == 1


def test_a_rejected_pair_that_is_accepted_after_all_is_shown_at_once(desk):
    desk.decide(1, "reject", sku_no="S1")
    desk.judge()
    assert (desk.case(1).state, desk.case(1).sku_no) == ("missing", None)
    desk.decide(1, "accept", sku_no="S1")
    assert (desk.case(1).state, desk.case(1).sku_no) == ("near_miss", "S1")
