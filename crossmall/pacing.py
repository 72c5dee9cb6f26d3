"""No faster than agreed, per account, however many threads and clients share it."""

import threading
import time
import weakref
from collections.abc import Callable

DEFAULT_RATE_PER_S = 8.0  # real hosts; no limit is published [D]

Clock = Callable[[], float]
Sleep = Callable[[float], None]


class TokenBucket:
    """Hands out send slots ``1 / rate`` apart, after up to ``burst`` at once; thread-safe.

    rate_per_s: None for no limit. clock: monotonic seconds. Slots are given in the order asked, so
    no thread starves, and none is given while the bucket is paused.
    """

    def __init__(
        self,
        rate_per_s: float | None,
        *,
        burst: int = 1,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
    ) -> None:
        if (rate_per_s is not None and not rate_per_s > 0) or burst < 1:
            raise ValueError("rate_per_s must be above 0 and burst at least 1")
        self._lock = threading.Lock()
        self._interval = 0.0 if rate_per_s is None else 1.0 / rate_per_s
        self._burst = burst
        self._clock = clock
        self._sleep = sleep
        self._next_at = clock()
        self._paused_until = clock()

    @property
    def rate_per_s(self) -> float | None:
        """Slots per second, or None for no limit."""
        return 1.0 / self._interval if self._interval else None

    def set_rate(self, rate_per_s: float | None) -> None:
        """Use another rate for slots not yet given."""
        if rate_per_s is not None and not rate_per_s > 0:
            raise ValueError("rate_per_s must be above 0")
        with self._lock:
            self._interval = 0.0 if rate_per_s is None else 1.0 / rate_per_s

    def pause(self, seconds: float) -> None:
        """Give no slot for this long from now; a longer pause already running stays."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def acquire(self) -> float:
        """Wait for the next slot; gives the seconds waited."""
        with self._lock:
            now = self._clock()
            credit = (self._burst - 1) * self._interval
            slot = max(self._next_at, now - credit, self._paused_until)
            self._next_at = slot + self._interval
            wait = max(0.0, slot - now)
        if wait > 0:
            self._sleep(wait)
        return wait


_SHARED: weakref.WeakValueDictionary[tuple[str, str], TokenBucket] = weakref.WeakValueDictionary()
_SHARED_LOCK = threading.Lock()


def shared_bucket(base_url: str, company_code: str, rate_per_s: float | None) -> TokenBucket:
    """The one bucket of this account in this process; the newest rate asked for holds."""
    with _SHARED_LOCK:
        bucket = _SHARED.get((base_url, company_code))
        if bucket is None:
            bucket = TokenBucket(rate_per_s)
            _SHARED[base_url, company_code] = bucket
        else:
            bucket.set_rate(rate_per_s)
        return bucket
