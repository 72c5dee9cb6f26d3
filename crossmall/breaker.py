"""Whether an account's server is worth asking at all; one answer for all clients of the process."""

import threading
import time
from collections.abc import Callable
from typing import Final

from crossmall.credentials import Credentials
from crossmall.errors import ConfigurationError, CrossmallError, TransportError

FAILURES_TO_OPEN: Final = 8  # in a row, counted over all calls of the account [D]
COOL_DOWN_S: Final = 30.0  # [D]
LOCAL_COOL_DOWN_S: Final = 1.0  # on this machine a server is back at once [D]


class CircuitBreaker:
    """Opens after several transport failures in a row; then one call at a time tries again.

    Any other answer, a refused login included, closes it: the server is there. Throttling (429) is
    neither: pacing takes care of it. clock: monotonic seconds. Thread-safe.
    """

    def __init__(
        self,
        *,
        failures_to_open: int = FAILURES_TO_OPEN,
        cool_down_s: float = COOL_DOWN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if failures_to_open < 1 or not cool_down_s > 0:
            raise ValueError("failures_to_open must be at least 1 and cool_down_s above 0")
        self._lock = threading.Lock()
        self._limit = failures_to_open
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._failures = 0
        self._open_until = float("-inf")

    def wait_s(self) -> float | None:
        """None when a call may go now, else the seconds until the next one may try.

        After the cool-down the first to ask gets through; the others wait for its result, or for
        another cool-down if it never reports one.
        """
        with self._lock:
            now = self._clock()
            if self._failures < self._limit:
                return None
            if now < self._open_until:
                return self._open_until - now
            self._open_until = now + self._cool_down_s
            return None

    def note(self, error: CrossmallError | None) -> None:
        """Count how a call ended; None means it went well."""
        if isinstance(error, ConfigurationError) or (error and error.reason == "throttled"):
            return
        with self._lock:
            if isinstance(error, TransportError):
                self._failures += 1
                if self._failures >= self._limit:
                    self._open_until = self._clock() + self._cool_down_s
            else:
                self._failures = 0


_SHARED: dict[tuple[str, str], CircuitBreaker] = {}
_SHARED_LOCK = threading.Lock()


def shared_breaker(base_url: str, company_code: str, *, is_local: bool) -> CircuitBreaker:
    """The one breaker of this account in this process, however many clients come and go."""
    with _SHARED_LOCK:
        known = _SHARED.get((base_url, company_code))
        if known is None:
            known = CircuitBreaker(cool_down_s=LOCAL_COOL_DOWN_S if is_local else COOL_DOWN_S)
            _SHARED[base_url, company_code] = known
        return known


def breaker_of(credentials: Credentials, sleep: Callable[[float], None]) -> CircuitBreaker:
    """The account's shared breaker, or one of its own when the caller brings its own sleep."""
    if sleep is not time.sleep:
        return CircuitBreaker()
    place, code = credentials.base_url, credentials.company_code
    return shared_breaker(place, code, is_local=credentials.is_local)


def circuit_open(endpoint: str, wait_s: float) -> TransportError:
    """The error of a call that was not sent because the ones before it failed."""
    return TransportError(
        "not sent: the calls before this one got no answer",
        endpoint=endpoint,
        reason="circuit_open",
        retry_after_s=wait_s,
    )
