"""The pure part of the schedule: slots, pauses after failures, clocks that jump, and nobody at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.sync.schedule import (
    AT_ONCE,
    FIRST_AFTER,
    INTERRUPTED,
    LATE_GRACE,
    REFUSED_EVERY,
    RETRY_MOST,
    RETRY_SPREAD,
    Own,
    Past,
    believed,
    due,
    retry_after,
    share,
    slot,
)

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MIN = timedelta(minutes=1)
LONGEST = RETRY_MOST * (1 + RETRY_SPREAD)
INTERVALS = st.sampled_from([5, 7, 10, 30, 60, 240, 1440]).map(lambda n: timedelta(minutes=n))


def past(**given: object) -> Past:
    usual = {"account": "shop", "every": 10 * MIN, "created_at": NOON - timedelta(days=9)}
    return Past(**(usual | given))  # type: ignore[arg-type]


def ran(ago: timedelta, state: str = "complete", **given: object) -> Past:
    began = NOON - ago
    good = {"good_at": began} if state == "complete" else {}
    return past(
        started_at=began, finished_at=began + timedelta(seconds=5), state=state, **good, **given
    )


def test_an_account_that_is_off_has_no_next_run_and_is_never_late() -> None:
    planned = slot(past(every=None), NOON)
    assert (planned.state, planned.next_at, planned.is_late) == ("off", None, False)


def test_a_new_account_is_left_alone_for_a_minute_and_then_due() -> None:
    new = past(created_at=NOON)
    assert slot(new, NOON).state == "waiting"
    assert slot(new, NOON + FIRST_AFTER).state == "due"


@given(every=INTERVALS, ago=st.integers(0, 10_000), name=st.text("abcxyz", min_size=1, max_size=5))
def test_the_next_slot_is_half_to_one_and_a_half_intervals_after_the_last_start(
    every: timedelta, ago: int, name: str
) -> None:
    began = NOON - timedelta(minutes=ago)
    known = past(account=name, every=every, started_at=began, finished_at=began, state="complete")
    planned = slot(known, NOON)
    assert planned.next_at is not None
    assert every / 2 < planned.next_at - began <= 1.5 * every
    offset = (planned.next_at.timestamp() / every.total_seconds()) % 1
    assert offset == pytest.approx(share(name), abs=1e-5) or abs(offset - share(name)) > 1 - 1e-5


@given(every=INTERVALS, outage=st.integers(2, 100_000))
def test_however_many_slots_were_missed_one_run_catches_up(every: timedelta, outage: int) -> None:
    away = ran(every * 2 + timedelta(minutes=outage), every=every)
    assert slot(away, NOON).state == "due"
    caught_up = ran(timedelta(), every=every)
    after = slot(caught_up, NOON + timedelta(seconds=6))
    assert after.state == "waiting"


def test_a_run_that_outlasts_its_interval_waits_for_the_slot_after_its_end() -> None:
    long = past(started_at=NOON - 47 * MIN, finished_at=NOON, state="complete")
    planned = slot(long, NOON)
    assert planned.next_at is not None
    assert NOON < planned.next_at <= NOON + 10 * MIN


def test_pauses_after_failures_double_up_to_an_hour_and_never_end() -> None:
    pauses = [retry_after(10 * MIN, failures) / MIN for failures in range(1, 7)]
    assert pauses == [10, 20, 40, 60, 60, 60]
    assert retry_after(1440 * MIN, 1) == RETRY_MOST
    assert retry_after(5 * MIN, 10**9) == RETRY_MOST


@given(
    every=INTERVALS,
    failures=st.integers(1, 10**6),
    kind=st.sampled_from(["TransportError", "AuthError", "KeyError"]),
)
def test_after_any_failure_there_is_a_next_try_within_little_more_than_an_hour(
    every: timedelta, failures: int, kind: str
) -> None:
    failed = ran(MIN, "failed", every=every, failures=failures, error_class=kind)
    planned = slot(failed, NOON)
    assert planned.next_at is not None
    assert failed.finished_at is not None
    assert timedelta() < planned.next_at - failed.finished_at <= LONGEST
    assert planned.state in ("due", "refused" if kind == "AuthError" else "retrying")


@pytest.mark.parametrize("kind", ["AuthError", "SecretsUnavailable"])
def test_a_refusal_is_tried_again_hourly_and_at_once_when_a_person_changed_something(
    kind: str,
) -> None:
    refused = ran(10 * MIN, "failed", failures=1, error_class=kind)
    planned = slot(refused, NOON)
    assert planned.state == "refused"
    assert planned.next_at is not None
    assert planned.next_at - NOON > REFUSED_EVERY - 11 * MIN
    assert slot(replace(refused, changed_at=NOON - MIN), NOON).state == "due"
    assert slot(replace(refused, changed_at=NOON - 60 * MIN), NOON).state == "refused"


def test_an_interrupted_run_is_resumed_at_once_but_not_again_and_again() -> None:
    killed = ran(MIN, "failed", failures=1, error_class=INTERRUPTED)
    assert slot(replace(killed, finished_at=None), NOON).state == "due"
    assert slot(replace(killed, finished_at=None, failures=3), NOON).state == "retrying"


@given(ahead=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=400)))
def test_a_run_stamped_in_the_future_does_not_stop_the_schedule(ahead: timedelta) -> None:
    begun = NOON + ahead
    assert slot(past(started_at=begun, finished_at=begun, state="complete"), NOON).state == "due"
    torn = past(started_at=NOON - 30 * MIN, finished_at=begun, state="complete")
    assert slot(torn, NOON).state == "due"
    assert slot(past(created_at=begun), NOON).state == "due"


def test_late_begins_after_two_intervals_and_a_grace_and_counts_good_runs_only() -> None:
    edge = 20 * MIN + LATE_GRACE
    assert not slot(ran(edge), NOON).is_late
    assert slot(ran(edge + MIN), NOON).is_late
    assert slot(ran(MIN, "failed", failures=9, good_at=NOON - edge - MIN), NOON).is_late


def test_accounts_of_one_interval_are_spread_over_it() -> None:
    starts = sorted(
        (slot(ran(timedelta(), account=f"shop-{n}"), NOON).next_at or NOON) - NOON
        for n in range(60)
    )
    busiest = max(sum(one <= other < one + MIN for other in starts) for one in starts)
    assert busiest <= 18  # 6 a minute on average; all 60 together without a spread


@dataclass
class World:
    """Accounts, a clock that may jump, runs of any length and outcome, driven like the running schedule does it."""

    every: dict[str, timedelta]
    now: datetime = NOON
    passed: timedelta = timedelta()
    runs: dict[str, list[tuple[datetime, datetime, str]]] = field(default_factory=dict)
    live: dict[str, tuple[datetime, timedelta, timedelta, str]] = field(default_factory=dict)
    own: dict[str, Own] = field(default_factory=dict)
    starts: list[tuple[timedelta, str]] = field(default_factory=list)

    def tick(self, step: timedelta, lengths: list[timedelta], outcomes: list[str]) -> None:
        for name, (begun, begun_s, ends, state) in list(self.live.items()):
            if ends <= self.passed:
                del self.live[name]
                self.runs.setdefault(name, []).append((begun, self.now, state))
                self.own[name] = Own(
                    begun_at=begun,
                    begun_s=begun_s.total_seconds(),
                    ended_s=self.passed.total_seconds(),
                    state=state,
                    error_class="TransportError",
                    failures=self.own[name].failures + 1
                    if name in self.own and state == "failed"
                    else 0,
                )
        slots = [slot(self.believed(name), self.now) for name in self.every]
        chosen = due(slots, running=self.live)
        for name in chosen:
            assert name not in self.live, "two runs of one account at once"
            number = len(self.starts)
            length = lengths[number % len(lengths)]
            outcome = outcomes[number % len(outcomes)]
            self.live[name] = (self.now, self.passed, self.passed + length, outcome)
            self.starts.append((self.passed, name))
        assert len(self.live) <= AT_ONCE
        self.now += step
        self.passed += step

    def believed(self, name: str) -> Past:
        own, passed_s = self.own.get(name), self.passed.total_seconds()
        return believed(self.past(name), own, now=self.now, passed_s=passed_s)

    def past(self, name: str) -> Past:
        every = self.runs.get(name, [])
        seen = sorted(one for one in every if one[0] <= self.now)
        good = [begun for begun, _, state in seen if state == "complete"]
        last = seen[-1] if seen else (None, None, None)
        failures = sum(s == "failed" and (not good or b > good[-1]) for b, _, s in seen)
        return Past(
            account=name,
            every=self.every[name],
            created_at=NOON,
            started_at=last[0],
            finished_at=last[1],
            state=last[2],
            error_class="TransportError" if last[2] == "failed" else None,
            failures=failures,
            good_at=good[-1] if good else None,
            live=name in self.live,
            ahead=len(seen) < len(every),
        )


@settings(max_examples=30, deadline=None)
@given(
    paces=st.lists(INTERVALS, min_size=1, max_size=6),
    lengths=st.lists(
        st.integers(1, 600).map(lambda n: timedelta(seconds=n)), min_size=1, max_size=9
    ),
    outcomes=st.lists(st.sampled_from(["complete", "failed", "cancelled"]), min_size=1, max_size=9),
    jumps=st.dictionaries(st.integers(0, 280), st.integers(-24 * 60, 24 * 60), max_size=3),
)
def test_whatever_happens_no_account_runs_twice_at_once_and_none_is_forgotten(
    paces: list[timedelta], lengths: list[timedelta], outcomes: list[str], jumps: dict[int, int]
) -> None:
    world = World({f"shop-{n}": pace for n, pace in enumerate(paces)})
    for number in range(300):  # ten hours
        world.now += timedelta(minutes=jumps.get(number, 0))
        world.tick(2 * MIN, lengths, outcomes)
    queue = len(paces) * max(lengths)
    put_back = min(LONGEST, sum((-jump * MIN for jump in jumps.values() if jump < 0), timedelta()))
    for name, pace in world.every.items():
        begun = [timedelta(), *(at for at, one in world.starts if one == name), world.passed]
        gaps = [later - earlier for earlier, later in pairwise(begun)]
        limit = max(2 * pace, LONGEST) + max(lengths) + queue + 4 * MIN + put_back
        assert max(gaps) <= limit, (name, pace)


def test_an_outage_of_the_vendor_ends_without_a_stampede() -> None:
    world = World({f"shop-{n}": 10 * MIN for n in range(40)})
    for _ in range(6 * 60):
        world.tick(MIN, [MIN], ["failed"])
    at_the_end = len(world.starts)
    for _ in range(90):
        world.tick(MIN, [MIN], ["complete"])
    recovered = world.starts[at_the_end:]
    assert {name for _, name in recovered} == set(world.every)
    per_minute = [sum(at == when for at, _ in recovered) for when, _ in recovered]
    assert max(per_minute) <= AT_ONCE
