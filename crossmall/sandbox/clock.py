"""The shop's time: real, faster than real, or standing still; and how the vendor writes it.

Instants inside the sandbox are whole seconds since 1970-01-01 UTC. The vendor's texts are JST
without an offset [I].
"""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

JST = timezone(timedelta(hours=9))
HOUR_S = 3600
DAY_S = 86400
JST_OFFSET_S = 9 * HOUR_S


def instant(text: str) -> int:
    """Seconds since 1970 UTC for an ISO 8601 text; a text without an offset is JST.

    Raises ValueError for anything that is not ISO 8601.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=JST)
    return int(moment.timestamp())


def iso(at: int) -> str:
    """The instant in ISO 8601 with the JST offset, as control answers and headers carry it."""
    return datetime.fromtimestamp(at, JST).isoformat()


def stamp(at: int) -> str:
    """``yyyy/MM/dd HH:mm:ss`` in JST, the form of date-times in replies [S2]."""
    days, rest = divmod(at + JST_OFFSET_S, DAY_S)
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_slashed_day(days)} {hour:02d}:{minute:02d}:{second:02d}"


@lru_cache(maxsize=2000)
def _slashed_day(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).strftime("%Y/%m/%d")


def dashed_stamp(at: int) -> str:
    """``yyyy-mm-dd HH:MM:SS`` in JST, the form our 3PL files use [I]."""
    return datetime.fromtimestamp(at, JST).strftime("%Y-%m-%d %H:%M:%S")


def day(at: int) -> str:
    """``yyyy-mm-dd`` of the JST day, the form of 発送日 and of every date parameter [S3]."""
    return datetime.fromtimestamp(at, JST).strftime("%Y-%m-%d")


def jst_midnight(at: int) -> int:
    """The instant at which the JST day of ``at`` began."""
    return (at + JST_OFFSET_S) // DAY_S * DAY_S - JST_OFFSET_S


class Clock:
    """The time of the shop; frozen or running at a speed, and movable by the control paths."""

    def __init__(self, start: int, *, frozen: bool = False, speed: float = 1.0) -> None:
        self.frozen = frozen
        self.speed = speed
        self._base = float(start)
        self._since = time.monotonic()

    def now(self) -> int:
        """Whole seconds since 1970 UTC in the shop."""
        return int(self._exact())

    def set_to(self, at: int) -> None:
        """From now on the shop's time counts from this instant; frozen stays frozen."""
        self._base, self._since = float(at), time.monotonic()

    def advance(self, seconds: float) -> None:
        """Moves the shop's time forward (or back) without changing how it runs."""
        self._base, self._since = self._exact() + seconds, time.monotonic()

    def freeze(self, frozen: bool) -> None:
        """Stops the time where it is, or lets it run on from there."""
        self.advance(0)
        self.frozen = frozen

    def run_at(self, speed: float) -> None:
        """One real second moves the shop by this many seconds.

        Raises ValueError when the speed is not positive.
        """
        if not speed > 0:
            raise ValueError("speed must be above 0")
        self.advance(0)
        self.speed = speed

    def state(self) -> dict[str, object]:
        """What the clock control answers with."""
        utc = datetime.fromtimestamp(self.now(), UTC).isoformat()
        return {"now": iso(self.now()), "utc": utc, "frozen": self.frozen, "speed": self.speed}

    def _exact(self) -> float:
        if self.frozen:
            return self._base
        return self._base + (time.monotonic() - self._since) * self.speed
