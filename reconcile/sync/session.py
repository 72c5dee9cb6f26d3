"""What the steps of one sync share: store, client, counts, progress, and the crew that asks in parallel."""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from crossmall.client import Client
from crossmall.types import CallRecord
from reconcile.errors import SyncCancelled
from reconcile.model import Account, Progress
from reconcile.settings import Settings
from reconcile.store.database import Database

Task = TypeVar("Task")
Result = TypeVar("Result")

SKEW_LIMIT_S = 60.0  # clocks further apart are reported
LOOK_S = 0.2  # how often a waiting sync looks whether it was cancelled
TELL_S = 0.25  # how often progress is told
PACE_S = 20.0  # the stretch over which speed is measured
GATHER_S = 0.03  # while threads have work, results are taken together: each waking of the taker costs all threads time
ROOM = 2  # results per thread that may wait to be stored; fetching pauses beyond


class CallLog:
    """The requests of one sync, noted by any thread.

    ahead_s: by how many seconds the vendor's clock was ahead of ours at the last reply; None before one told its time.
    known_ahead_s: the most it was ahead at any reply; None before one told its time.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.count = 0
        self.ahead_s: float | None = None
        self.known_ahead_s: float | None = None
        self._own = threading.local()
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: list[CallRecord] = []

    def record(self, call: CallRecord) -> None:
        """Note one request."""
        with self._lock:
            self._calls.append(call)
            self.count += 1
            if call.vendor_time is not None:
                self.ahead_s = (call.vendor_time - self._clock()).total_seconds()
                self._own.ahead_s = self.ahead_s
                known_s = self.known_ahead_s
                self.known_ahead_s = self.ahead_s if known_s is None else max(known_s, self.ahead_s)

    def is_late(self) -> bool:
        """Whether the clock of the last reply to this thread ran behind the others': what it tells is past."""
        ahead_s: float | None = getattr(self._own, "ahead_s", None)
        known_s = self.known_ahead_s
        return ahead_s is not None and known_s is not None and known_s - ahead_s > SKEW_LIMIT_S

    def take(self) -> list[CallRecord]:
        """The requests noted since this was last asked."""
        with self._lock:
            taken, self._calls = self._calls, []
        return taken


class Pace:
    """How fast a count has risen lately, per second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque([(clock(), 0)])

    def rate(self, count: int) -> float | None:
        """Per second over the last 20 s (less at the beginning); None while nothing has come."""
        now = self._clock()
        while len(self._marks) > 1 and self._marks[1][0] <= now - PACE_S:
            self._marks.popleft()
        since, before = self._marks[0]
        if now - self._marks[-1][0] >= TELL_S:
            self._marks.append((now, count))
        return (count - before) / (now - since) if count > before and now > since else None


class Crew(Generic[Result]):
    """Threads that do the most urgent task first; what they bring is taken by the one who hired them.

    At most `size` tasks are under way, and a few results per thread wait to be taken: whoever stores
    more slowly than others fetch slows them down, and memory stays flat.
    """

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="sync")
        self._size = size
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, Callable[[], Result]]] = []
        self._asked = 0
        self._at_work = 0
        self._room = threading.Semaphore(ROOM * size)
        self._done: SimpleQueue[Future[Result | None]] = SimpleQueue()
        self._closing = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def idle(self) -> bool:
        """Whether no task waits for a thread."""
        return not self._waiting

    def ask(self, urgency: int, work: Callable[[], Result]) -> None:
        """Have `work` done, by urgency (smallest first), then in the order asked; also from inside a task."""
        with self._lock:
            if self._closing:
                return
            self._asked += 1
            heapq.heappush(self._waiting, (urgency, self._asked, work))
            if self._at_work < self._size:
                self._at_work += 1
                self._start()

    def take(self, wait_s: float = LOOK_S) -> list[Result]:
        """What has been brought since, after waiting for a first piece; raises what a task raised."""
        finished: list[Future[Result | None]] = []
        try:
            finished.append(self._done.get(timeout=wait_s))
            if self._waiting:
                time.sleep(GATHER_S)
            while True:
                finished.append(self._done.get_nowait())
        except Empty:
            pass
        results: list[Result] = []
        for place, future in enumerate(finished):
            if results and future.exception() is not None:
                for later in finished[place:]:  # what came before the trouble is given first
                    self._done.put(later)
                break
            result = future.result()
            self._room.release()
            if result is not None:
                results.append(result)
        return results

    def close(self) -> list[Result]:
        """Drop what waits, let running tasks end, and give what was brought without being taken."""
        with self._lock:
            self._closing = True
            self._waiting.clear()
        self._room.release(ROOM * self._size + self._size)
        self._pool.shutdown(wait=True, cancel_futures=True)
        results = []
        while not self._done.empty():
            future = self._done.get()
            if not future.cancelled() and future.exception() is None:
                result = future.result()
                results += [] if result is None else [result]
        return results

    def _start(self) -> None:
        self._pool.submit(self._next).add_done_callback(self._ended)

    def _ended(self, future: Future[Result | None]) -> None:
        """Hand over what a task brought; its thread goes on with the next one, as long as any waits."""
        self._done.put(future)
        with self._lock:
            if self._waiting:
                self._start()
            else:
                self._at_work -= 1

    def _next(self) -> Result | None:
        self._room.acquire()
        with self._lock:
            if not self._waiting:
                return None
            _, _, work = heapq.heappop(self._waiting)
        return work()


@dataclass
class Session:
    """What the steps of one sync share: where to write, whom to ask, and what has been counted so far.

    ahead: calls that stages not yet begun will take, as far as anybody can tell.
    """

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
    clock_skew_s: float | None = None
    ahead: dict[str, int] = field(default_factory=dict)
    _call_pace: Pace = field(default_factory=Pace)
    _unit_pace: Pace = field(default_factory=Pace)
    _told: tuple[str, float] = ("", 0.0)

    def parallel(
        self, stage: str, unit: str, tasks: Collection[Task], work: Callable[[Task], Result]
    ) -> Iterator[Result]:
        """The result of `work` for every task, in the order they finish, at the account's concurrency.

        Reports progress, rate and time left; raises SyncCancelled as soon as the user asks for it.
        """
        self.ahead.pop(stage, None)
        total = len(tasks)
        done = 0
        self.tell(stage, unit, 0, total=total, calls_left=total)
        with Crew[tuple[Result]](self.settings.concurrency) as crew:
            for task in tasks:
                crew.ask(0, partial(_boxed, work, task))
            while done < total:
                self.raise_if_cancelled()
                for (result,) in crew.take():
                    done += 1
                    yield result
                self.tell(stage, unit, done, total=total, calls_left=total - done)

    def raise_if_cancelled(self) -> None:
        """Raise SyncCancelled if the user stopped the sync."""
        if self.cancelled():
            raise SyncCancelled("error.sync.cancelled", account=self.account.name)

    def tell(
        self,
        stage: str,
        unit: str,
        done: int,
        *,
        total: int,
        calls_left: int,
    ) -> None:
        """Report progress: at once for a new stage and at its end, else a few times a second.

        calls_left: what this stage still needs; the stages in `ahead` are added to it.
        """
        told_stage, told_at = self._told
        now = time.monotonic()
        if stage != told_stage:
            self._unit_pace = Pace()
        elif now - told_at < TELL_S and done < total:
            return
        self._told = (stage, now)
        calls_per_s = self._call_pace.rate(self.calls.count)
        left = calls_left + sum(self.ahead.values())
        self.on_progress(
            Progress(
                stage=stage,
                done=done,
                total=total,
                unit=unit,
                rate_per_s=self._unit_pace.rate(done),
                left_s=left / calls_per_s if calls_per_s else None,
            )
        )


def _boxed(work: Callable[[Any], Result], task: Any) -> tuple[Result]:
    return (work(task),)
