"""Looks at the house itself: store, ledger, secrets, versions, last syncs, disk."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from reconcile.accounts import Accounts
from reconcile.errors import ReconcileError
from reconcile.model import AccountHealth, Check
from reconcile.settings import Settings
from reconcile.store import ages, alerts, boards
from reconcile.store.ages import FigureAges
from reconcile.store.database import Database
from reconcile.store.files import incidents
from reconcile.store.ledger import Ledger
from reconcile.sync.outlook import with_schedule

DISK_WARNING_MB = 500


def examine(
    db: Database,
    ledger: Ledger,
    accounts: Accounts,
    *,
    settings: Settings,
    now: datetime,
    locks: Path,
    channels: Collection[str] = (),
) -> tuple[Check, ...]:
    """One check per part; what cannot be examined is a failed check, not an error."""
    data = db.path.parent
    checks = [_versions(), _settings(settings), _disk(data), _folder(data), _ledger(ledger)]
    try:
        checks += _store(db, data)
        checks += _syncs(db, accounts, settings, now, locks)
        checks += _alerts(db, channels)
    except ReconcileError as error:
        checks.append(Check(id="store", state="failed", detail=(error.help_key, error.values)))
    return tuple(checks)


def _versions() -> Check:
    names = ("streamlit", "duckdb", "pandas", "httpx", "lxml")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    values = {"python": platform.python_version(), "versions": versions}
    return Check(id="versions", state="ok", detail=("doctor.versions", values))


def _settings(settings: Settings) -> Check:
    shown = [
        f"{name}={getattr(settings, name)} ({origin})" for name, origin in settings.origin.items()
    ]
    return Check(id="settings", state="ok", detail=("doctor.settings", {"settings": shown}))


def _disk(data: Path) -> Check:
    folder = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(folder).free // 1_000_000
    state = "warning" if free < DISK_WARNING_MB else "ok"
    return Check(id="disk", state=state, detail=("doctor.disk", {"free_mb": free}))


def _folder(data: Path) -> Check:
    """Whether others on this machine may read what the data folder holds (POSIX; elsewhere its parent protects it)."""
    is_open = os.name == "posix" and data.exists() and data.stat().st_mode & 0o077
    state, key = ("warning", "doctor.folder.open") if is_open else ("ok", "doctor.folder")
    return Check(id="folder", state=state, detail=(key, {"folder": str(data)}))


def _ledger(ledger: Ledger) -> Check:
    try:
        count = len(ledger.entries())
        has_copy = ledger.has_copy()
    except ReconcileError as error:
        return Check(id="ledger", state="failed", detail=(error.help_key, error.values))
    if not has_copy:
        return Check(
            id="ledger", state="warning", detail=("doctor.ledger.copy", {"entries": count})
        )
    return Check(id="ledger", state="ok", detail=("doctor.ledger", {"entries": count}))


def _store(db: Database, data: Path) -> list[Check]:
    with db.read() as cursor:
        accounts, orders, observations, lines, version = boards.rows_of(cursor, "doctor")[0]
    values = {
        "accounts": accounts,
        "orders": orders,
        "observations": observations,
        "lines": lines,
        "version": version,
    }
    aside = [one.file for one in incidents(data)]
    checks = [Check(id="store", state="ok", detail=("doctor.store", values))]
    if aside:
        checks.append(
            Check(id="set_aside", state="warning", detail=("doctor.set_aside", {"files": aside}))
        )
    return checks


def _syncs(
    db: Database, accounts: Accounts, settings: Settings, now: datetime, locks: Path
) -> list[Check]:
    found = accounts.all()
    with db.read() as cursor:
        healths = boards.health(cursor, found, now, settings)
        skews = ages.clock_skews(cursor)
        figures = ages.figure_ages(cursor, None, now, settings)
    healths = with_schedule(healths, db, locks, now)
    checks = [
        Check(id="secrets", state="ok", detail=("doctor.secrets", {"kind": accounts.secrets.kind}))
    ]
    for health in healths:
        values = {"account": health.account.name, "at": health.last_sync_at}
        key_state = health.account.key_state
        if key_state != "stored":
            detail = (f"doctor.key.{key_state}", {"account": health.account.name})
            checks.append(Check(id="key", state="failed", detail=detail))
        state = {"ok": "ok", "failed": "failed"}.get(health.state, "warning")
        checks.append(Check(id="sync", state=state, detail=(f"doctor.sync.{health.state}", values)))
        checks.append(_schedule(health))
    checks += [_clock(account, ahead_s) for account, ahead_s in skews.items()]
    return [*checks, *(_figures(one) for one in figures if one.items)]


def _alerts(db: Database, channels: Collection[str]) -> list[Check]:
    """Whether each alert channel takes its messages."""
    if not channels:
        return [Check(id="alerts", state="ok", detail=("doctor.alerts.none", {}))]
    with db.read() as cursor:
        known = alerts.standing(cursor)
    checks = []
    for name in channels:
        one = known.get(name)
        if one is not None and one.waiting and one.reason:
            values = {"name": name, "n": one.waiting, "oldest": one.oldest_at}
            detail = ("doctor.alerts.failing", values)
            checks.append(Check(id="alerts", state="warning", detail=detail))
        else:
            sent_at = one.sent_at if one else None
            detail = ("doctor.alerts.ok", {"name": name, "at": sent_at or "–"})
            checks.append(Check(id="alerts", state="ok", detail=detail))
    return checks


def _clock(account: str, ahead_s: float) -> Check:
    side = "ahead" if ahead_s > 0 else "behind"
    values = {"account": account, "minutes": round(abs(ahead_s) / 60)}
    return Check(id="clock", state="warning", detail=(f"doctor.clock.{side}", values))


def _figures(one: FigureAges) -> Check:
    """The ages of one feed's figures; never green while some are old or were never read."""
    state = "warning" if one.older or one.without.get("never") else "ok"
    return Check(id=f"{one.feed}_ages", state=state, detail=(f"ages.{one.feed}", one.words()))


def _schedule(health: AccountHealth) -> Check:
    values = {"account": health.account.name, "at": health.next_sync_at, "n": health.failures}
    if health.schedule_warning is not None:
        warned = (f"doctor.schedule.warning.{health.schedule_warning}", values)
        return Check(id="schedule", state="warning", detail=warned)
    detail = (f"doctor.schedule.{health.schedule}", values)
    return Check(id="schedule", state="ok", detail=detail)
