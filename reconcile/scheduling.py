"""The running schedule: one thread that looks at the clock, starts the syncs that are due, and never stops by itself.

Several processes may run one on the same data folder; the one with the lead starts syncs, the others stand by.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reconcile.alerts.rounds import Rounds
from reconcile.errors import ReconcileError, SyncBusy, SyncCancelled
from reconcile.model import SyncReport
from reconcile.sync.locks import Lead
from reconcile.sync.outlook import lead_name
from reconcile.sync.schedule import AT_ONCE, Own, Slot, believed, due, retry_after, slot

if TYPE_CHECKING:
    from reconcile.workspace import Workspace

TICK_S = 5.0  # [D] how often the clock is looked at
LOOK_AGAIN_S = 600.0  # [D] the store is read at least so often, also when nothing is due
OTHERS_S = 30.0  # [D] and so often while another process syncs an account
TROUBLE_S = 60.0  # [D] and so often while the store cannot be read
CLOCK_JUMP_S = 30.0  # [D] a difference between clock and passed time that counts as set by somebody
STOP_S = 1.0  # how long a stopped schedule waits for its syncs to end

log = logging.getLogger(__name__)


class Work(Protocol):
    """One sync under way: `future` gives its report or error, `stop` asks it to end."""

    @property
    def future(self) -> Future[SyncReport]:
        """Report or error."""

    @property
    def stop(self) -> threading.Event:
        """Set it to cancel."""


Start = Callable[[str], Work]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One ended sync of the schedule: its report or its error, and when the next one is planned."""

    account: str
    ended_at: datetime
    report: SyncReport | None
    error: BaseException | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class SyncThread:
    """One sync in a thread of its own."""

    future: Future[SyncReport]
    stop: threading.Event


def in_thread(workspace: Workspace) -> Start:
    """Starts syncs of that workspace in threads of their own."""
    pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="scheduled")

    def start(account: str) -> SyncThread:
        stop = threading.Event()
        return SyncThread(pool.submit(workspace.sync, account, cancelled=stop.is_set), stop)

    return start


class Scheduler:
    """The schedule of one data folder in this process; `run` in the foreground or `start` in a thread.

    every: one interval for all accounts instead of their own (accounts that are off stay off).
    account: only this one; then the lead is for it alone. on_run, on_lead: told from the schedule's own thread.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        place: str,
        start: Start | None = None,
        every: timedelta | None = None,
        account: str | None = None,
        on_run: Callable[[Ran], None] | None = None,
        on_lead: Callable[[bool], None] | None = None,
        tick_s: float = TICK_S,
    ) -> None:
        self._workspace = workspace
        self._begin = start or in_thread(workspace)
        self._every, self._account = every, account
        self._on_run = on_run or (lambda _: None)
        self._on_lead = on_lead or (lambda _: None)
        self._tick_s = tick_s
        self._lead = Lead(
            workspace.locks,
            place=place,
            tick_s=tick_s,
            name=lead_name(account),
            every_s=every.total_seconds() if every else None,
        )
        self._alerts = Rounds(workspace.check_alerts)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._leads: bool | None = None
        self._trouble: tuple[str, int] | None = None
        self._running: dict[str, tuple[Work, datetime, float]] = {}
        self._own: dict[str, Own] = {}
        self._look_at: float | None = None
        self._clock = (workspace.now(), time.monotonic())
        self._ledger_seen = 0

    @property
    def is_alive(self) -> bool:
        """Whether its thread works."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Run in a thread of its own; nothing happens where it runs already. The lead is claimed before this returns."""
        if self.is_alive or self._stop.is_set():
            return
        self._claim()
        self._thread = threading.Thread(target=self.run, name="schedule", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it and its syncs to end; `run` returns at its next look, after at most STOP_S."""
        self._stop.set()
        for work, _, _ in list(self._running.values()):
            work.stop.set()

    def run(self) -> bool:
        """Run until `stop`; gives whether every sync had ended by then. The lead is free afterwards, whatever happens."""
        try:
            while not self._stop.is_set():
                self._tick()
                if self._leads:
                    self._alerts.tick()
                self._stop.wait(self._tick_s)
            return self._wind_up()
        finally:
            self._leads = None
            self._lead.release()

    def _tick(self) -> None:
        self._collect()
        try:
            if not self._claim() or not self._is_time_to_look():
                return
            slots = self._slots()
        except ReconcileError as error:
            self._trouble = (error.help_key, (self._trouble or ("", 0))[1] + 1)
            pause = retry_after(timedelta(seconds=self._tick_s), self._trouble[1])
            self._look_again(min(pause.total_seconds(), TROUBLE_S))
            log.warning("schedule trouble=%s", error.help_key)
            return
        self._trouble = None
        for name in due(slots, running=self._running):
            begun = (self._workspace.now(), time.monotonic())
            self._running[name] = (self._begin(name), *begun)
        self._look_again(self._pause_s(slots))

    def _claim(self) -> bool:
        leads = self._lead.claim(
            self._workspace.now(), trouble=self._trouble[0] if self._trouble else None
        )
        if leads != self._leads:
            self._leads, self._look_at = leads, None
            self._on_lead(leads)
        return leads

    def _is_time_to_look(self) -> bool:
        """Whether the store has to be read: something is due, an account was changed, or the clock was set."""
        now, passed = self._workspace.now(), time.monotonic()
        jumped = abs((now - self._clock[0]).total_seconds() - (passed - self._clock[1]))
        self._clock = (now, passed)
        changed = _size(self._workspace.data / "ledger.jsonl")
        same = changed == self._ledger_seen and jumped < CLOCK_JUMP_S
        self._ledger_seen = changed
        return not same or self._look_at is None or passed >= self._look_at

    def _pause_s(self, slots: Sequence[Slot]) -> float:
        """How long the store need not be read. What waits for a free place is looked at when a run ends."""
        now = self._workspace.now()
        others = [one for one in slots if one.account not in self._running]
        pauses = [
            (one.next_at - now).total_seconds()
            for one in others
            if one.next_at is not None and one.state != "due"
        ]
        if any(one.state == "running" for one in others):
            pauses.append(OTHERS_S)
        return max(self._tick_s, min([*pauses, LOOK_AGAIN_S]))

    def _look_again(self, after_s: float) -> None:
        self._look_at = time.monotonic() + after_s

    def _slots(self) -> list[Slot]:
        now, passed_s = self._workspace.now(), time.monotonic()
        chosen = [
            believed(one, self._own.get(one.account), now=now, passed_s=passed_s)
            for one in self._workspace.past_runs()
            if self._account in (None, one.account)
        ]
        if self._every is not None:
            chosen = [
                one if one.every is None else replace(one, every=self._every) for one in chosen
            ]
        return [slot(one, now) for one in chosen]

    def _collect(self) -> None:
        for name, (work, begun_at, begun_s) in list(self._running.items()):
            if not work.future.done():
                continue
            del self._running[name]
            error = work.future.exception()
            self._remember(name, error, begun_at, begun_s)
            self._look_at = None
            self._alerts.soon()
            report = None if error is not None else work.future.result()
            self._on_run(
                Ran(
                    account=name,
                    ended_at=self._workspace.now(),
                    report=report,
                    error=error,
                    next_at=self._next_of(name),
                )
            )

    def _remember(
        self, name: str, error: BaseException | None, begun_at: datetime, begun_s: float
    ) -> None:
        """What became of an attempt, also where the store holds no record of it; else it would be tried at every tick."""
        if error is not None and not isinstance(error, ReconcileError):
            log.error("schedule account=%s unexpected=%s", name, type(error).__name__)
        if isinstance(error, SyncBusy):
            return
        failed = error is not None and not isinstance(error, SyncCancelled)
        before = self._own.get(name)
        self._own[name] = Own(
            begun_at=begun_at,
            begun_s=begun_s,
            ended_s=time.monotonic(),
            state="failed" if failed else "complete",
            error_class=type(error).__name__ if failed else None,
            failures=(before.failures if before else 0) + 1 if failed else 0,
        )

    def _next_of(self, name: str) -> datetime | None:
        try:
            return next((one.next_at for one in self._slots() if one.account == name), None)
        except ReconcileError:
            return None

    def _wind_up(self) -> bool:
        until = time.monotonic() + STOP_S
        for work, _, _ in self._running.values():
            work.stop.set()
        while self._running and time.monotonic() < until:
            self._collect()
            time.sleep(0.02)
        self._alerts.wait(max(0.0, until - time.monotonic()))
        return not self._running


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
