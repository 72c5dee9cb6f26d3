"""What the steps of one sync share: store, client, counts, progress, and the pool that asks in parallel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from crossmall.client import Client
from crossmall.types import CallRecord
from reconcile.errors import SyncCancelled
from reconcile.model import Account, Progress
from reconcile.settings import Settings
from reconcile.store.database import Database

Task = TypeVar("Task")
Result = TypeVar("Result")


class CallLog:
    """The requests of one sync, noted by any thread."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()
        self._calls: list[CallRecord] = []

    def record(self, call: CallRecord) -> None:
        """Note one request."""
        with self._lock:
            self._calls.append(call)
            self.count += 1

    def take(self) -> list[CallRecord]:
        """The requests noted since this was last asked."""
        with self._lock:
            taken, self._calls = self._calls, []
        return taken


@dataclass
class Session:
    """What the steps of one sync share: where to write, whom to ask, and what has been counted so far."""

    db: Database
    client: Client
    calls: CallLog
    account: Account
    settings: Settings
    clock: Callable[[], datetime]
    run_id: str
    on_progress: Callable[[Progress], None]
    cancelled: Callable[[], bool]
    kind: str = "increment"
    orders_new: int = 0
    orders_changed: int = 0
    rows_skipped: int = 0
    cursor_after: datetime | None = None

    def parallel(
        self, stage: str, unit: str, tasks: Collection[Task], work: Callable[[Task], Result]
    ) -> Iterator[Result]:
        """The result of `work` for every task, in the order they finish, at the account's concurrency.

        Reports progress, rate and time left; raises SyncCancelled as soon as the user asks for it.
        """
        started = time.monotonic()
        todo = iter(tasks)
        running: set[Future[Result]] = set()
        done = 0
        self._tell(stage, unit, 0, len(tasks), started)
        with ThreadPoolExecutor(self.settings.concurrency, thread_name_prefix="sync") as pool:
            try:
                while True:
                    self.raise_if_cancelled()
                    for task in _take(todo, 2 * self.settings.concurrency - len(running)):
                        running.add(pool.submit(work, task))
                    if not running:
                        return
                    finished, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                    for future in finished:
                        done += 1
                        yield future.result()
                    self._tell(stage, unit, done, len(tasks), started)
            finally:
                for future in running:
                    future.cancel()

    def raise_if_cancelled(self) -> None:
        """Raise SyncCancelled if the user stopped the sync."""
        if self.cancelled():
            raise SyncCancelled("error.sync.cancelled", account=self.account.name)

    def _tell(self, stage: str, unit: str, done: int, total: int, started: float) -> None:
        passed = time.monotonic() - started
        rate = done / passed if done and passed > 0 else None
        self.on_progress(
            Progress(
                stage=stage,
                done=done,
                total=total,
                unit=unit,
                rate_per_s=rate,
                left_s=(total - done) / rate if rate else None,
            )
        )


def _take(items: Iterable[Task], count: int) -> Iterator[Task]:
    for _, item in zip(range(count), items, strict=False):
        yield item
