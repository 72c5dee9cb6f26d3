"""No faster than agreed, per account, however many threads and clients share it."""

import threading
import time
from collections.abc import Callable
from typing import Final

from crossmall.credentials import Credentials
from crossmall.errors import ConfigurationError

DEFAULT_RATE_PER_S: Final = 8.0  # real hosts; no limit is published [D]
SLOWEST: Final = 1 / 16  # of the agreed rate, however often the server complains [D]
HALVED_ONCE_PER_S: Final = 5.0  # complaints closer together count once: calls were under way [D]
HOLD_S: Final = 60.0  # how long the lower rate stays before it rises [D]
DOUBLING_S: Final = 120.0  # how long it then takes to double, up to the agreed rate [D]

Clock = Callable[[], float]
Sleep = Callable[[float], None]


class TokenBucket:
    """Hands out send slots ``1 / rate`` apart, after up to ``burst`` at once; thread-safe.

    rate_per_s: None for no limit. clock: monotonic seconds. One thread waits for its slot, the others
    for their turn; a slot counts from when its thread woke, so that threads that wake late (a loaded
    or sleeping machine) do not go at once. None is given while the bucket is paused. ``slow_down``
    halves the rate for a while; it then rises slowly to what was agreed. Without a limit there is
    nothing to halve.
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
        self._turn = threading.Lock()  # of the thread that waits for its slot
        self._interval = 0.0 if rate_per_s is None else 1.0 / rate_per_s
        self._burst = burst
        self._clock = clock
        self._sleep = sleep
        self._next_at = clock()
        self._paused_until = clock()
        self._share = 1.0
        self._slowed_at = float("-inf")

    @property
    def rate_per_s(self) -> float | None:
        """Slots per second as agreed, or None for no limit."""
        return 1.0 / self._interval if self._interval else None

    @property
    def present_rate_per_s(self) -> float | None:
        """Slots per second right now, lower than agreed after the server complained."""
        with self._lock:
            share = self._present_share(self._clock())
        return share / self._interval if self._interval else None

    def slow_down(self) -> None:
        """Halve the present rate, because the server said it is too much (429) or too busy (503)."""
        with self._lock:
            now = self._clock()
            if now - self._slowed_at >= HALVED_ONCE_PER_S:
                self._share = max(SLOWEST, self._present_share(now) / 2)
                self._slowed_at = now

    def _present_share(self, now: float) -> float:
        rising_s = max(0.0, now - self._slowed_at - HOLD_S)
        risen: float = self._share * 2.0 ** min(rising_s / DOUBLING_S, 10.0)
        return min(1.0, risen)

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
        with self._turn:
            begun = at = self._clock()
            while (slot := self._slot(at)) > at:
                self._sleep(slot - at)
                at = max(slot, self._clock())
            return at - begun

    def _slot(self, at: float) -> float:
        """When the next slot is; it is taken if that is not after `at`."""
        with self._lock:
            interval = self._interval / self._present_share(at)
            slot = max(self._next_at, at - (self._burst - 1) * interval, self._paused_until)
            if slot <= at:
                self._next_at = slot + interval
            return slot


_SHARED: dict[tuple[str, str], TokenBucket] = {}  # kept, so that a lower rate outlives one client
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


def bucket_of(credentials: Credentials, rate_per_s: float | None, sleep: Sleep) -> TokenBucket:
    """The account's shared bucket, or one of its own when the caller brings its own sleep.

    rate_per_s: None for the default. Raises ConfigurationError for a rate that is not above 0.
    """
    if rate_per_s is not None and not rate_per_s > 0:
        raise ConfigurationError("rate_per_s must be above 0")
    default = None if credentials.is_local else DEFAULT_RATE_PER_S
    rate = default if rate_per_s is None else rate_per_s
    if sleep is time.sleep:
        return shared_bucket(credentials.base_url, credentials.company_code, rate)
    return TokenBucket(rate, sleep=sleep)
