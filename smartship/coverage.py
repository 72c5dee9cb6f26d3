"""What span of time a file speaks for, and when it was taken, with the basis of each statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from smartship.types import Basis, Coverage
from smartship.values import ASSUMED_ZONE

_DATE = re.compile(r"(?<!\d)(20\d{2})([-_.]?)(\d{2})\2(\d{2})")
_TIME = re.compile(r"[-_ T.]?(\d{2})[-_:.時]?(\d{2})(?:[-_:.分]?(\d{2}))?(?!\d)")
_MAX_NAME = 255
_CLOCK_SLACK = timedelta(hours=1)  # [D] a moment this far ahead of our clock is still believed
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stated:
    """What the caller says about the file; each may be None. All aware."""

    snapshot_at: datetime | None = None
    covers_from: datetime | None = None
    covers_to: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.snapshot_at, self.covers_from, self.covers_to):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("coverage moments must carry a time zone")
        if self.covers_from and self.covers_to and self.covers_from > self.covers_to:
            raise ValueError("coverage ends before it starts")


@dataclass(frozen=True, slots=True)
class NamedTimes:
    """Times read from a file name: a moment (`whole_day` where it has no clock) or a span."""

    moment: datetime | None = None
    whole_day: bool = False
    from_: datetime | None = None
    to: datetime | None = None


def times_in_name(file_name: str, now: datetime) -> NamedTimes:
    """Times in the last part of a file name, read as UTC+9; none later than `now`.

    One date is when the file was taken, two dates in order are its span, the second day included.
    The name is only looked at, never used as a path. Raises ValueError where `now` has no zone.
    """
    if now.tzinfo is None:
        raise ValueError("now must carry a time zone")
    name = re.split(r"[\\/]", file_name)[-1][:_MAX_NAME]
    dates = []
    for found in _DATE.finditer(name):
        day = _day(found.group(1), found.group(3), found.group(4))
        if day is not None and day <= now + _CLOCK_SLACK:
            dates.append((day, found.end()))
    if len(dates) == 2 and dates[0][0] <= dates[1][0]:
        return NamedTimes(from_=dates[0][0], to=dates[1][0] + _DAY)
    if len(dates) != 1:
        return NamedTimes()
    day, end = dates[0]
    clock = _TIME.match(name, end)
    if clock:
        hour, minute, second = (int(part or 0) for part in clock.groups())
        if hour < 24 and minute < 60 and second < 60:
            moment = day + timedelta(hours=hour, minutes=minute, seconds=second)
            if moment <= now + _CLOCK_SLACK:
                return NamedTimes(moment=moment)
    return NamedTimes(moment=day, whole_day=True)


def _day(year: str, month: str, day: str) -> datetime | None:
    try:
        return datetime(int(year), int(month), int(day), tzinfo=ASSUMED_ZONE).astimezone(UTC)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Times:
    """All that is known about a file's time before its rows are read; `now` must be aware."""

    stated: Stated
    named: NamedTimes
    now: datetime

    def coverage(self, first: datetime | None, last: datetime | None) -> Coverage:
        """The coverage, each statement from the strongest basis there is.

        `first`, `last`: earliest and latest instant in the rows. The moment of a name without a
        clock is the start of that day, or the last instant seen on it; one taken from the rows
        alone is a lower bound.
        """
        snapshot, snapshot_basis = _snapshot(self.stated, self.named, last, self.now)
        from_, to, basis = _span(self.stated, self.named, first, last)
        return Coverage(
            snapshot_at=snapshot, from_=from_, to=to, basis=basis, snapshot_basis=snapshot_basis
        )


def _snapshot(
    stated: Stated, named: NamedTimes, last: datetime | None, now: datetime
) -> tuple[datetime | None, Basis]:
    if stated.snapshot_at is not None:
        return stated.snapshot_at.astimezone(UTC), Basis.STATED
    believed = last if last is not None and last <= now + _CLOCK_SLACK else None
    if named.moment is not None:
        moment = named.moment
        if named.whole_day and believed is not None and moment < believed < moment + _DAY:
            moment = believed
        return moment, Basis.FILE_NAME
    return (believed, Basis.DATA) if believed is not None else (None, Basis.UNKNOWN)


def _span(
    stated: Stated, named: NamedTimes, first: datetime | None, last: datetime | None
) -> tuple[datetime | None, datetime | None, Basis]:
    if stated.covers_from is not None or stated.covers_to is not None:
        start = stated.covers_from.astimezone(UTC) if stated.covers_from else None
        end = stated.covers_to.astimezone(UTC) if stated.covers_to else None
        return start, end, Basis.STATED
    if named.from_ is not None:
        return named.from_, named.to, Basis.FILE_NAME
    if first is not None:
        return first, last, Basis.DATA
    return None, None, Basis.UNKNOWN
