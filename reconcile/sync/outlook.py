"""How each account's schedule stands: what the store and the locks say about its runs, and what people are told of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconcile.model import SYNC_EVERY_MIN, AccountHealth
from reconcile.store.database import Cursor, Database, aware, naive
from reconcile.store.queries import load
from reconcile.sync.locks import SCHEDULE, Heartbeat, SyncLock, leader
from reconcile.sync.schedule import INTERRUPTED, LATE_GRACE, OFF, Past, Slot, slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """An account that is not synced any more. good_at: its last good run, None for never; reason: a word for the cause."""

    account: str
    good_at: datetime | None
    reason: str


def lead_name(account: str | None) -> str:
    """The name of the lead for all accounts, or for one alone."""
    return SCHEDULE if account is None else f"{SCHEDULE}-{account}"


def past_runs(cursor: Cursor, locks: Path, now: datetime) -> tuple[Past, ...]:
    """What the store and the locks say about every account's runs."""
    rows = cursor.execute(load("schedule")["past_runs"], {"now": naive(now)}).fetchall()
    pasts = []
    for row in rows:
        account, minutes, created_at, changed_at = row[:4]
        started_at, ended_at, state, kind, good_at, ahead, failures = row[4:]
        live = SyncLock(locks, account).is_held()
        broken = state == "running" and not live
        given = SYNC_EVERY_MIN if minutes is None else int(minutes)
        pasts.append(
            Past(
                account=account,
                every=None if given == OFF else timedelta(minutes=given),
                created_at=aware(created_at) or datetime.min.replace(tzinfo=UTC),
                started_at=aware(started_at),
                finished_at=aware(ended_at),
                state="failed" if broken else state,
                error_class=INTERRUPTED if broken else kind,
                failures=int(failures) + broken,
                good_at=aware(good_at),
                changed_at=aware(changed_at),
                live=live,
                ahead=ahead,
            )
        )
    return tuple(pasts)


def with_schedule(
    health: Sequence[AccountHealth], db: Database, locks: Path, now: datetime
) -> tuple[AccountHealth, ...]:
    """The accounts' health with their next run, who runs the schedule, and what is wrong with it; late is never "ok"."""
    with db.read() as cursor:
        pasts = {one.account: one for one in past_runs(cursor, locks, now)}
    general = leader(locks)
    found = []
    for item in health:
        past, beat = _led(pasts[item.account.name], locks, general)
        planned = slot(past, now)
        late = planned.is_late and item.state == "ok"
        found.append(
            replace(
                item,
                state="stale" if late else item.state,
                schedule=planned.state,
                schedule_by=_who(beat),
                schedule_warning=_warning(planned, beat, now),
                next_sync_at=planned.next_at,
                failures=planned.failures,
            )
        )
    return tuple(found)


def stopped(cursor: Cursor, locks: Path, now: datetime, *, missed: int) -> tuple[Stopped, ...]:
    """The accounts with a schedule whose last good run, or they themselves, are older than so many intervals."""
    general = leader(locks)
    found = []
    for known in past_runs(cursor, locks, now):
        past, beat = _led(known, locks, general)
        if past.every is None or now - (past.good_at or past.created_at) <= missed * past.every:
            continue
        reason = _warning(slot(past, now), beat, now) or "late"
        found.append(Stopped(account=past.account, good_at=past.good_at, reason=reason))
    return tuple(found)


def _led(past: Past, locks: Path, general: Heartbeat | None) -> tuple[Past, Heartbeat | None]:
    """The past with the interval of whoever runs the schedule of the account, and who that is."""
    beat = leader(locks, lead_name(past.account)) or general
    if beat and beat.every_s and past.every is not None:
        past = replace(past, every=timedelta(seconds=beat.every_s))
    return past, beat


def _who(beat: Heartbeat | None) -> str | None:
    if beat is None:
        return None
    return "here" if beat.pid == os.getpid() else beat.place


def _warning(planned: Slot, beat: Heartbeat | None, now: datetime) -> str | None:
    """The word for what is wrong with an account's schedule; None if it goes on as it should."""
    if planned.state == "off":
        return None
    if planned.state == "refused":
        return "refused"
    overdue = planned.next_at is not None and now - planned.next_at > LATE_GRACE
    if beat is None:
        return "nobody" if overdue or planned.is_late else None
    if beat.is_silent(now):
        return "silent"
    if beat.trouble is not None:
        return "trouble"
    if planned.state == "retrying":
        return "retrying"
    return "late" if overdue or planned.is_late else None
