"""When each account is synced next: decided from its interval, its past runs and the clock, without any input or output.

Slots stand on a grid of the account's interval, shifted by a share that follows from its name, so that accounts do
not start together and every process that computes a slot finds the same one. Slots that were missed are one slot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import floor

OFF = 0
EVERY_MIN_LEAST, EVERY_MIN_MOST = 5, 1440  # [D]

AT_ONCE = 2  # [D] accounts synced at the same time by one schedule: no stampede after an outage
FIRST_AFTER = timedelta(minutes=1)  # [D] the test right after adding an account comes first
RETRY_MOST = timedelta(hours=1)  # [D] the longest pause after failures
REFUSED_EVERY = timedelta(hours=1)  # [D] while only a person can help
RETRY_SPREAD = 0.1  # [D] share of a pause by which retries are spread
LATE_GRACE = timedelta(minutes=5)  # [D] beyond two intervals before a good run counts as late

# Classes of errors that no repetition cures: a person has to change the key, the IP list or a setting.
REFUSED = frozenset({"AuthError", "ConfigurationError", "SecretsUnavailable", "UsageError"})
INTERRUPTED = "Interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of one account's runs. All instants aware UTC.

    every: None for off. state: that of the last run, complete | failed | cancelled; a run that nobody works on any
    more counts as failed with the class INTERRUPTED. failures: failed runs since the last complete one.
    live: somebody syncs the account now. changed_at: when a person last changed its settings or key.
    """

    account: str
    every: timedelta | None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    state: str | None = None
    error_class: str | None = None
    failures: int = 0
    good_at: datetime | None = None
    changed_at: datetime | None = None
    live: bool = False
    ahead: bool = False  # there are runs stamped later than now: the clock has been set back


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The latest attempt of this process, by a clock that nobody can set (`begun_s`, `ended_s`, seconds).

    begun_at: what the wall clock said at its begin. failures: failed attempts in a row.
    """

    begun_at: datetime
    begun_s: float
    ended_s: float
    state: str
    error_class: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The next run of one account. state: off | running | waiting | due | retrying | refused; no `next_at` in the first two."""

    account: str
    state: str
    next_at: datetime | None = None
    failures: int = 0
    is_late: bool = False  # the last good run is older than two intervals and a grace


def slot(past: Past, now: datetime) -> Slot:
    """The account's next run as seen at `now`; "due" as soon as its time has come.

    After a failure the pause doubles from one interval up to RETRY_MOST; after a refusal it is REFUSED_EVERY, unless
    a person changed the account since. Neither ever ends the schedule. Instants later than `now` were written by a
    clock that has been set back and are not believed.
    """
    if past.every is None:
        return Slot(account=past.account, state="off")
    late = is_late(past, now)
    if past.live:
        return Slot(account=past.account, state="running", failures=past.failures, is_late=late)
    next_at = _next_at(past, past.every, now)
    failed = past.state == "failed"
    kind = "refused" if failed and past.error_class in REFUSED else "retrying"
    state = "due" if next_at <= now else kind if failed else "waiting"
    return Slot(
        account=past.account, state=state, next_at=next_at, failures=past.failures, is_late=late
    )


def believed(past: Past, own: Own | None, *, now: datetime, passed_s: float) -> Past:
    """The past to plan with: the store's, or this process's own memory where the store cannot know better.

    That is so for a failure of which the store holds no record (it may have been the store that failed), and after
    the clock was set back: until it has caught up, old runs would come of age one by one and look like fresh ones.
    passed_s: the clock of `own`, now.
    """
    if own is None:
        if not past.ahead:
            return past
        waited = min(past.created_at, now - FIRST_AFTER)
        return replace(past, created_at=waited, started_at=None, finished_at=None, state=None)
    recorded = past.started_at is not None and past.started_at >= own.begun_at
    if not past.ahead and (recorded or own.state != "failed"):
        return past
    return replace(
        past,
        started_at=now - timedelta(seconds=passed_s - own.begun_s),
        finished_at=now - timedelta(seconds=passed_s - own.ended_s),
        state=own.state,
        error_class=own.error_class,
        failures=max(past.failures, own.failures),
    )


def due(slots: Iterable[Slot], *, running: Collection[str], at_once: int = AT_ONCE) -> list[str]:
    """The accounts to start now: longest overdue first, never one that runs, never more than `at_once` together."""
    ripe = [one for one in slots if one.state == "due" and one.account not in running]
    ripe.sort(key=lambda one: (one.next_at or datetime.min.replace(tzinfo=UTC), one.account))
    return [one.account for one in ripe[: max(0, at_once - len(running))]]


def is_late(past: Past, now: datetime) -> bool:
    """Whether the last good run, or without one the account itself, is older than two intervals and a grace."""
    if past.every is None:
        return False
    return now - (past.good_at or past.created_at) > 2 * past.every + LATE_GRACE


def retry_after(every: timedelta, failures: int) -> timedelta:
    """The pause after so many failures in a row: one interval, doubled each time, at most RETRY_MOST."""
    doubled = every.total_seconds() * 2.0 ** min(max(failures, 1) - 1, 20)
    return min(RETRY_MOST, timedelta(seconds=min(doubled, RETRY_MOST.total_seconds())))


def share(text: str) -> float:
    """A number from 0 up to but without 1 that follows from the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def _next_at(past: Past, every: timedelta, now: datetime) -> datetime:
    started_at = past.started_at
    if started_at is None:
        return past.created_at + min(FIRST_AFTER, every) if past.created_at <= now else now
    if started_at > now:
        return now
    ended_at = past.finished_at or started_at
    if not started_at <= ended_at <= now:
        ended_at = started_at
    if past.state != "failed":
        return _grid_after(past.account, every, max(started_at + every / 2, ended_at))
    if past.changed_at is not None and ended_at < past.changed_at <= now:
        return past.changed_at
    return ended_at + _pause(past, every)


def _pause(past: Past, every: timedelta) -> timedelta:
    if past.error_class in REFUSED:
        pause = REFUSED_EVERY
    elif past.error_class == INTERRUPTED and past.failures <= 1:
        return timedelta()
    else:
        pause = retry_after(every, past.failures)
    return pause * (1 + RETRY_SPREAD * share(f"{past.account} {past.failures}"))


def _grid_after(account: str, every: timedelta, at: datetime) -> datetime:
    """The first slot of the account's grid later than `at`."""
    step = every.total_seconds()
    offset = share(account) * step
    number = floor((at.timestamp() - offset) / step) + 1
    return datetime.fromtimestamp(offset + number * step, UTC)
