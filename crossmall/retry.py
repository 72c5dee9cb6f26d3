"""Whether and when a read is tried again: a pure rule over the attempt and its error.

Updates are never repeated: OutcomeUnknown has no delay, whatever the policy says.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crossmall.errors import AuthError, CrossmallError, OutcomeUnknown

MAX_HINT_DIGITS = 10


def is_retryable_status(status: int) -> bool:
    """True for statuses that may pass: time-out 408, throttling 429, every 5xx except 501 [D]."""
    return status in (408, 429) or (500 <= status < 600 and status != 501)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds a ``Retry-After`` header asks for, never negative; None when absent or nonsense.

    Both forms of RFC 9110: delay in seconds, and HTTP date. now: aware.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:MAX_HINT_DIGITS])
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def http_date(header: str | None) -> datetime | None:
    """The instant of an HTTP date, aware, to the second; None when absent or nonsense."""
    if not header:
        return None
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how patiently a read is repeated.

    retries: repeats after the first try. base_s doubles with each repeat up to cap_s, times a
    random half to whole (jitter gives 0 up to 1). A server's hint is obeyed up to hint_cap_s.
    Figures [D], after what published clients use (crossmall-webapi 7).
    """

    retries: int = 3
    base_s: float = 2.0
    cap_s: float = 30.0
    hint_cap_s: float = 120.0
    jitter: Callable[[], float] = random.random

    def delay(self, attempt: int, error: CrossmallError) -> float | None:
        """Seconds to wait before trying again, or None to give up; attempt counts from 1."""
        if attempt > self.retries or not error.retryable:
            return None
        if isinstance(error, OutcomeUnknown | AuthError):
            return None
        doubled: float = self.base_s * 2 ** min(attempt - 1, 30)
        own = min(self.cap_s, doubled) * (0.5 + 0.5 * self.jitter())
        return max(own, min(self.hint_cap_s, error.retry_after_s or 0.0))
