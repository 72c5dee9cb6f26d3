"""Whatever two people do in whatever order: nothing they decided is lost, and the ledger alone tells all of it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from reconcile.errors import UsageError
from reconcile.triage_acts import FrozenList, TriageConflict
from tests.property.triage.desk import Clock, key, lose_mirror, opened, present, projection

NUMBERS = (1, 2, 3, 4)
WRITERS = ("佐藤", "鈴木")
writers = st.sampled_from(WRITERS)
numbers = st.sampled_from(NUMBERS)
actions = st.sampled_from(("ack", "assign", "note", "snooze", "ignore", "reopen"))


@dataclass(frozen=True)
class State:
    """What the model knows of a finding after a decision; `parent` is where an undo leads."""

    decided: str = "open"
    assignee: str | None = None
    note: str | None = None
    until: datetime | None = None
    occurrence: int = 0
    is_over: bool = False
    parent: State | None = None
    made_by: int = 0


@dataclass
class Model:
    """One finding: whether it is there, the how-many-th time, and its state as people left it."""

    is_there: bool = False
    occurrence: int = 0
    state: State = field(default_factory=State)
    acts: int = 0
    was_turned: bool = False

    def version(self):
        return self.acts, self.occurrence, self.is_there

    def holds(self, now):
        same = self.state.occurrence == self.occurrence and not self.state.is_over
        ended = self.state.decided == "snoozed" and self.state.until <= now
        return self.state.made_by > 0 and same and not ended

    def shown(self, now):
        if not self.is_there:
            return "resolved"
        return self.state.decided if self.holds(now) else "open"

    def decide(self, action, who, until, act, now):
        before = self.state if self.holds(now) else replace(self.state, decided="open", until=None)
        after = {
            "ack": {"decided": "acknowledged", "assignee": who, "until": None},
            "assign": {"assignee": who},
            "note": {"note": f"{who}{act}"},
            "snooze": {"decided": "snoozed", "until": until},
            "ignore": {"decided": "ignored", "until": None},
            "reopen": {"decided": "open", "until": None},
        }[action]
        self.go(
            replace(
                before,
                **after,
                occurrence=self.occurrence,
                is_over=not self.is_there,
                parent=self.state,
                made_by=act,
            )
        )

    def go(self, state, *, turned=False):
        self.state, self.was_turned = state, turned
        self.acts += 1

    def turn_by_itself(self, act):
        state = self.state
        stale = state.is_over or state.occurrence != self.occurrence
        open_again = replace(
            state, decided="open", until=None, occurrence=self.occurrence, parent=state, made_by=act
        )
        if not self.is_there and state.decided != "open" and not state.is_over:
            self.go(replace(open_again, is_over=True))
        elif self.is_there and (state.is_over or (stale and state.decided != "open")):
            self.go(replace(open_again, is_over=False))


class TwoWriters(RuleBasedStateMachine):
    """Two people with lists of different age, time, and findings that come and go."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.desk = opened(self.folder, self.clock)
        self.model = {number: Model() for number in NUMBERS}
        self.seen = {who: {} for who in WRITERS}
        self.lists = []
        self.acts = []
        self.undone = {}
        self.findings_are(NUMBERS)

    def teardown(self):
        before = projection(self.desk)
        lose_mirror(self.desk)
        assert projection(self.desk) == before
        self.desk._db.close()
        shutil.rmtree(self.folder)

    def last(self):
        return len(self.desk._ledger.entries())

    @rule(there=st.lists(numbers, unique=True))
    def findings_are(self, there):
        self.clock.pass_hours(1)
        for number, one in self.model.items():
            is_there = number in there
            one.occurrence += is_there and not one.is_there
            one.is_there = is_there
        known = [one for one in self.model.values() if one.occurrence]
        present(self.desk, there)
        for one in known:
            if one.acts:
                one.turn_by_itself(self.last())

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours):
        self.clock.pass_hours(hours)

    @rule(who=writers)
    def somebody_looks(self, who):
        self.seen[who] = {
            int(row.subject): (row.version, self.model[int(row.subject)].version())
            for row in self.desk.triaged().rows
        }

    @rule(who=writers, number=numbers, action=actions, hours=st.integers(1, 40))
    def somebody_acts_on_what_was_shown(self, who, number, action, hours):
        if number not in self.seen[who]:
            return
        version, shown = self.seen[who][number]
        one, until = self.model[number], self.clock() + timedelta(hours=hours)
        before = self.last()
        values = self.values(action, who, until)
        try:
            report = self.desk.triage(
                "shop", [key(number)], action, expected_version=version, by=who, **values
            )
        except TriageConflict:
            assert shown != one.version()
            assert self.last() == before
            return
        assert shown == one.version()
        one.decide(action, who, until, report.ledger[0], self.clock())
        self.acts.append(report.ledger[0])

    def values(self, action, who, until):
        wanted = {
            "assign": {"assignee": who},
            "note": {"text": f"{who}{self.last() + 1}"},
            "snooze": {"until": until},
            "ignore": {"reason": "意図した運用"},
        }
        return wanted.get(action, {})

    @rule(who=writers)
    def somebody_previews(self, who):
        frozen = self.desk.triage_preview()
        shown = {number: one.version() for number, one in self.model.items() if one.occurrence}
        assert frozen.count == len(shown)
        self.lists.append((frozen, shown))

    @rule(who=writers, action=actions, place=st.integers(0, 9), by_id=st.booleans())
    def somebody_acts_on_a_preview(self, who, action, place, by_id):
        if not self.lists:
            return
        frozen, shown = self.lists[place % len(self.lists)]
        until = self.clock() + timedelta(hours=5)
        named: FrozenList | str = frozen.id if by_id and frozen.count else frozen
        report = self.desk.triage_bulk(named, action, by=who, **self.values(action, who, until))
        same = [number for number in shown if self.model[number].version() == shown[number]]
        assert report.done == len(same)
        assert report.done + len(report.skipped) == frozen.count
        assert len(report.ledger) == bool(same)
        for number in same:
            self.model[number].decide(action, who, until, report.ledger[0], self.clock())
        self.acts += report.ledger

    @rule(who=writers, place=st.integers(0, 9))
    def somebody_undoes(self, who, place):
        if not self.acts:
            return
        act = self.acts[-1 - place % len(self.acts)]
        able = [one for one in self.model.values() if one.state.made_by == act]
        assert self.turned(self.desk.triage_undo, act, who) == len(able)
        for one in able:
            parent = one.state.parent
            if not parent.made_by:
                parent = replace(parent, occurrence=one.state.occurrence, is_over=one.state.is_over)
            self.undone.setdefault(act, {})[id(one)] = (one, one.state)
            one.go(parent, turned=True)

    @rule(who=writers, place=st.integers(0, 9))
    def somebody_redoes(self, who, place):
        if not self.acts:
            return
        act = self.acts[-1 - place % len(self.acts)]
        able = [
            (one, state)
            for one, state in self.undone.get(act, {}).values()
            if one.was_turned and one.state.made_by == state.parent.made_by
        ]
        assert self.turned(self.desk.triage_redo, act, who) == len(able)
        for one, state in able:
            one.go(state, turned=True)

    def turned(self, call, act, who):
        before = self.last()
        try:
            return call(act, by=who).done
        except UsageError as error:
            assert error.help_key in ("error.triage.no_undo", "error.triage.no_redo")
            assert self.last() == before
            return 0

    @invariant()
    def the_list_shows_what_was_decided(self):
        rows = {int(row.subject): row for row in self.desk.triaged().rows}
        for number, one in self.model.items():
            if not one.occurrence:
                assert number not in rows
                continue
            row = rows[number]
            expected = (one.shown(self.clock()), one.state.assignee, one.state.note)
            assert (row.triage, row.assignee, row.note) == expected


@pytest.mark.minutes(12)
def test_no_decision_of_two_writers_is_lost(sized, tally):
    examples = sized(6, 400)
    run_state_machine_as_test(
        TwoWriters,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    tally("R11", sequences=examples, lost=0)
