"""Who works on a data folder: one sync per account, one schedule per folder, over all processes of this machine.

The locks are the operating system's: when a process dies, however it dies, they are free. The notes beside them say
who holds them and since when; they inform people and never decide.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from reconcile.errors import StoreError, SyncBusy

LOOK_S = 0.3  # longer than somebody needs who only looks whether the lock is free
SILENT_TICKS = 6  # [D] ticks without a sign of life after which a schedule counts as hung
SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who syncs an account: process id, and since when (aware UTC)."""

    pid: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The last sign of life of a schedule. place: dashboard | serve; every_s: its own interval for all accounts, or None.

    trouble: text key of what keeps it from reading the store, None if nothing does.
    """

    owner: str
    pid: int
    place: str
    started_at: datetime
    last_tick_at: datetime
    tick_s: float
    every_s: float | None
    trouble: str | None

    def is_silent(self, now: datetime) -> bool:
        """Whether it has missed more than SILENT_TICKS ticks."""
        return abs((now - self.last_tick_at).total_seconds()) > SILENT_TICKS * self.tick_s


class SyncLock:
    """Held while an account is synced, by whichever process does it."""

    def __init__(self, folder: Path, account: str) -> None:
        self._account = account
        self._file = folder / f"sync-{account}.lock"
        self._note = folder / f"sync-{account}.json"

    @contextlib.contextmanager
    def held(self, wait_s: float = 0.0) -> Iterator[None]:
        """Hold the lock inside the block, after waiting at most `wait_s` for it. Raises SyncBusy, which says who holds it."""
        lock = FileLock(self._file, thread_local=False)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock.acquire(timeout=max(wait_s, LOOK_S))
        except Timeout:
            raise self._busy() from None
        except OSError as error:
            raise StoreError("error.store.unusable", path=str(self._file)) from error
        try:
            _write(self._note, {"pid": os.getpid(), "since": datetime.now(UTC).isoformat()})
            yield
        finally:
            with contextlib.suppress(OSError):
                self._note.unlink(missing_ok=True)
            lock.release()

    def is_held(self) -> bool:
        """Whether somebody syncs the account now."""
        return _is_held(self._file)

    def holder(self) -> Holder | None:
        """Who left a note at the lock; None where there is none or it cannot be read."""
        note = _read(self._note)
        try:
            return Holder(pid=int(note["pid"]), since=datetime.fromisoformat(note["since"]))
        except (KeyError, TypeError, ValueError):
            return None

    def _busy(self) -> SyncBusy:
        holder = self.holder()
        if holder is None:
            return SyncBusy("error.sync.busy", account=self._account)
        return SyncBusy(
            "error.sync.busy_since",
            account=self._account,
            since=holder.since,
            process=str(holder.pid),
        )


class Lead:
    """The right to run the schedule of a data folder: one process has it, the others stand by and take over.

    The right goes with the main lock. A process that holds it but gives no sign of life (stopped, or on a frozen disk)
    is replaced by a standby that gets the second lock; when it wakes up it finds the second lock taken and steps back.
    """

    def __init__(
        self,
        folder: Path,
        *,
        place: str,
        tick_s: float,
        name: str = SCHEDULE,
        every_s: float | None = None,
    ) -> None:
        self.owner = uuid.uuid4().hex
        self._place, self._tick_s, self._every_s = place, tick_s, every_s
        self._folder, self._name = folder, name
        self._main = FileLock(folder / f"{name}.lock", thread_local=False)
        self._second = FileLock(folder / f"{name}-second.lock", thread_local=False)
        self._started_at = datetime.now(UTC)
        self._heard: str | None = None
        self._heard_at = time.monotonic()

    def claim(self, now: datetime, *, trouble: str | None = None) -> bool:
        """Whether this process runs the schedule from now on; to be asked at every tick, and leaves a sign of life.

        Raises StoreError where the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            leads = self._claimed()
        except OSError as error:
            raise StoreError("error.store.unusable", path=str(self._folder)) from error
        if leads:
            self._beat(now, trouble)
        return leads

    def release(self) -> None:
        """Give the right up, so that a standby has it at its next tick."""
        led = self._main.is_locked or self._second.is_locked
        if led:
            with contextlib.suppress(OSError):
                (self._folder / f"{self._name}.json").unlink(missing_ok=True)
        self._main.release()
        self._second.release()

    def _claimed(self) -> bool:
        if self._main.is_locked or _got(self._main):
            if self._second.is_locked:
                self._second.release()
            elif _is_held(Path(self._second.lock_file)):
                self._main.release()
                return False
            return True
        return self._second.is_locked or (self._leader_is_silent() and _got(self._second))

    def _leader_is_silent(self) -> bool:
        """Whether the leader's note has stood still for too long, by a clock that nobody can set."""
        note = _read(self._folder / f"{self._name}.json")
        sign = f"{note.get('owner')} {note.get('last_tick_at')}"
        if sign != self._heard:
            self._heard, self._heard_at = sign, time.monotonic()
        patience = SILENT_TICKS * max(self._tick_s, float(note.get("tick_s", 0.0)))
        return time.monotonic() - self._heard_at > patience

    def _beat(self, now: datetime, trouble: str | None) -> None:
        beat = Heartbeat(
            owner=self.owner,
            pid=os.getpid(),
            place=self._place,
            started_at=self._started_at,
            last_tick_at=now,
            tick_s=self._tick_s,
            every_s=self._every_s,
            trouble=trouble,
        )
        note = asdict(beat)
        for name in ("started_at", "last_tick_at"):
            note[name] = note[name].isoformat()
        _write(self._folder / f"{self._name}.json", note)


def leader(folder: Path, name: str = SCHEDULE) -> Heartbeat | None:
    """Who runs the schedule of that folder, or None if nobody does."""
    if not (_is_held(folder / f"{name}.lock") or _is_held(folder / f"{name}-second.lock")):
        return None
    note = _read(folder / f"{name}.json")
    try:
        for at in ("started_at", "last_tick_at"):
            note[at] = datetime.fromisoformat(note[at])
        return Heartbeat(**note)
    except (KeyError, TypeError, ValueError):
        return None


def _got(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True


def _is_held(file: Path) -> bool:
    if not file.exists():
        return False
    lock = FileLock(file, thread_local=False)
    if not _got(lock):
        return True
    lock.release()
    return False


def _write(file: Path, note: dict[str, Any]) -> None:
    """Replace a note as a whole; one that cannot be written is no reason to stop the work it speaks of."""
    fresh = file.with_name(f"{file.name}.{uuid.uuid4().hex[:8]}")
    try:
        fresh.write_text(json.dumps(note), "utf-8")
        fresh.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _read(file: Path) -> dict[str, Any]:
    try:
        note = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}
