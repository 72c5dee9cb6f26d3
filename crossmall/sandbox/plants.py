"""Planted cases: real event schedules that bring about one trouble each, dated from the epoch.

Every case holds at the epoch, whatever its hour and weekday, and for two hours of shop time
after it, except F02, which the next pull cures by nature.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from crossmall.sandbox import smartship
from crossmall.sandbox.clock import HOUR_S, jst_midnight
from crossmall.sandbox.lives import (
    BATCH_JITTER_S,
    LATE_STAFF_S,
    Subject,
    finish,
    healthy_life,
    hold,
)
from crossmall.sandbox.phases import AWAITING, CHECKING, DONE, PRINTED
from crossmall.sandbox.schedule import Course
from crossmall.sandbox.smartship import Handling, Pulls

MINUTE_S = 60
COMPANION = "companion"
HELD = "held"
SPLIT = "healthy_split"
SHARED_CODE = "shared_code"
WRITTEN = "written"
BURST, DAY_END, DAY_START = "burst", "day_end", "day_start"
BORDERS = (BURST, DAY_END, DAY_START)
BURST_BEFORE_EPOCH_S = 90 * 60
BUNDLED_AFTER_S = 600
SPLIT_AMOUNT = 3
IMPORT_TO_READY_S = 3 * HOUR_S
READY_TO_SHIP_S = 14 * HOUR_S


@dataclass(frozen=True, slots=True)
class Case:
    """One planted order: its kind, its running number within the kind, its order and pulls."""

    kind: str
    ordinal: int
    subject: Subject
    pulls: Pulls

    @property
    def epoch(self) -> int:
        """The instant the case is dated from."""
        return self.pulls.epoch


def _spread(ordinal: int, first_s: int, step_s: int, span_s: int) -> int:
    return first_s + ordinal * step_s % span_s


def _ready_before(kind: str, ordinal: int, pulls: Pulls) -> int:
    """Seconds before the epoch at which a case of this kind enters 発送待機."""
    hours, dead = HOUR_S, max(pulls.dead.values(), default=0)
    spreads = {
        "F02": lambda: 600 - _spread(ordinal, 0, 17, 240),
        "F03": lambda: _spread(ordinal, 5 * hours + 1950, 100 * MINUTE_S, 14 * hours),
        COMPANION: lambda: _spread(ordinal, 3 * hours + 1950, 100 * MINUTE_S, 14 * hours),
        "F04": lambda: _spread(
            ordinal, 4 * hours, 15 * hours, max(hours, pulls.epoch - dead - 5 * hours)
        ),
        "F05": lambda: _spread(ordinal, 17 * hours, 5 * hours, 36 * hours),
        "F07": lambda: 600 + (7 + ordinal * 5 % 36) * hours,
        "F16": lambda: _spread(ordinal, 17 * hours, 7 * hours, 24 * hours),
        "F17": lambda: _spread(ordinal, 9 * hours, 2 * hours, 6 * hours),
        "F19": lambda: _spread(ordinal, 11 * hours, hours, 5 * hours),
        "F27": lambda: _spread(ordinal, 20 * hours, 11 * hours, 60 * hours),
        SPLIT: lambda: _spread(ordinal, 11 * hours, hours, 5 * hours),
        "tracking_format": lambda: _spread(ordinal, 20 * hours, 13 * hours, 50 * hours),
    }
    return spreads[kind]()


def imported_at(kind: str, ordinal: int, pulls: Pulls) -> int:
    """When CROSS MALL imports a planted order of this kind."""
    if kind == "F01":
        return pulls.epoch - _spread(ordinal, 54 * HOUR_S, 9 * HOUR_S, 150 * HOUR_S)
    if kind == HELD:
        return pulls.epoch - _spread(ordinal, 9 * HOUR_S, HOUR_S, 4 * HOUR_S)
    if kind == SHARED_CODE:
        return pulls.epoch - _spread(ordinal, 150 * HOUR_S, 5 * HOUR_S, 200 * HOUR_S)
    if kind in BORDERS:
        return border_at(kind, pulls.epoch) - 5 * HOUR_S - ordinal * 47 % (12 * HOUR_S)
    return _ready_at(kind, ordinal, pulls) - IMPORT_TO_READY_S


def border_at(kind: str, epoch: int) -> int:
    """The one second in which all orders of this kind are changed: 90 minutes before the epoch,
    or the end or the start of a JST day at least two hours before it.
    """
    if kind == BURST:
        return epoch - BURST_BEFORE_EPOCH_S
    midnight = jst_midnight(epoch - 2 * HOUR_S)
    return midnight - 1 if kind == DAY_END else midnight


def _ready_at(kind: str, ordinal: int, pulls: Pulls) -> int:
    return pulls.epoch - _ready_before(kind, ordinal, pulls)


def planted_life(case: Case, rng: random.Random) -> Course:
    """The events and 3PL rows of a planted order."""
    if case.kind == SHARED_CODE:
        return healthy_life(case.subject, case.pulls, rng, may_stop=False)
    course = Course()
    created = case.subject.created_at
    if case.kind == "F01":
        course.move(created + HOUR_S, CHECKING)
        return course
    if case.kind == HELD:
        ready = hold(course, created, case.epoch + 6 * HOUR_S) + HOUR_S
        course.move(ready, AWAITING)
        _collect(course, case, ready, rng)
        return course
    if case.kind in BORDERS:
        course.move(border_at(case.kind, case.epoch), CHECKING)
        ready = case.epoch + LATE_STAFF_S + rng.randint(0, BATCH_JITTER_S)
        course.move(ready, AWAITING)
        _collect(course, case, ready, rng)
        return course
    ready = _ready_at(case.kind, case.ordinal, case.pulls)
    if case.ordinal % 2:
        course.move(created + 20 * MINUTE_S, CHECKING)
    course.move(ready, AWAITING)
    _BUILDERS[case.kind](course, case, ready, rng)
    return course


def _collect(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    who = case.subject
    shipped = smartship.collect(course, who.index, who.shop, ready, pulls=case.pulls, rng=rng)
    if shipped is not None:
        finish(course, shipped, rng)


def _waits(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    """F03, F04: nothing follows; the pulls pass it by."""


def _write_back_lost(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    handling = _handling(case, ready, ready + READY_TO_SHIP_S)
    smartship.ship(course, case.subject.index, handling, rng=rng, write_back=False)


def _moved_between_pulls(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    left = ready + 35 * MINUTE_S + rng.randint(0, 60)
    course.move(left, DONE if case.ordinal % 3 == 2 else PRINTED)


def _cancelled_then_shipped(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    shipped = ready + READY_TO_SHIP_S
    cancelled = shipped - (4 + case.ordinal % 4) * HOUR_S
    course.change(cancelled, "staff", cancel_flag=2)
    smartship.ship(course, case.subject.index, _handling(case, ready, shipped), rng=rng)


def _cancelled_still_open(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    course.change(case.epoch - (1 + case.ordinal % 4) * HOUR_S, "staff", cancel_flag=2)
    shipped = case.epoch + (5 + case.ordinal % 4) * HOUR_S
    smartship.ship(course, case.subject.index, _handling(case, ready, shipped), rng=rng)


def _registered_twice(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    both_open = case.ordinal % 2 == 0
    shipped = case.epoch + 6 * HOUR_S if both_open else case.epoch - 4 * HOUR_S
    pulled = _handling(case, ready, shipped)
    smartship.ship(course, case.subject.index, pulled, rng=rng)
    typed = Handling(
        registered_at=pulled.registered_at + 2 * HOUR_S,
        shipped_at=case.epoch + 7 * HOUR_S,
        ordinal=1,
        by=smartship.BY_HAND,
    )
    smartship.ship(course, case.subject.index, typed, rng=rng, write_back=False)


def _renumbered(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    shipped = ready + READY_TO_SHIP_S
    first = smartship.ship(course, case.subject.index, _handling(case, ready, shipped), rng=rng)
    other = smartship.parcel(case.subject.index, _handling(case, ready, shipped, 2), rng)
    again = (shipped + HOUR_S, other.tracking[0][1])
    course.packings[-1] = replace(first, tracking=(*first.tracking, again))
    finish(course, shipped, rng)


def _split(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    shipped = case.epoch + (6 * HOUR_S if case.ordinal % 2 == 0 else -5 * HOUR_S)
    for ordinal, pieces in enumerate((1, SPLIT_AMOUNT - 1)):
        handling = replace(_handling(case, ready, shipped, ordinal), parts=((1, pieces),))
        smartship.ship(course, case.subject.index, handling, rng=rng, write_back=ordinal == 0)


def _spelt_differently(course: Course, case: Case, ready: int, rng: random.Random) -> None:
    shipped = ready + READY_TO_SHIP_S
    packing = smartship.ship(course, case.subject.index, _handling(case, ready, shipped), rng=rng)
    at, number = packing.tracking[0]
    gap = " " if case.ordinal % 2 else "-"
    course.packings[-1] = replace(
        packing, tracking=((at, gap.join((number[:4], number[4:8], number[8:]))),)
    )
    finish(course, shipped, rng)


def _handling(case: Case, ready: int, shipped: int, ordinal: int = 0) -> Handling:
    """Dates of a parcel pulled in the ordinary way; planted shops are always connected."""
    pulled = case.pulls.next_after(ready) + 5 + case.ordinal
    return Handling(registered_at=pulled, shipped_at=shipped, ordinal=ordinal)


_BUILDERS: dict[str, Callable[[Course, Case, int, random.Random], None]] = {
    "F02": _collect,
    "F03": _waits,
    COMPANION: _collect,
    "F04": _waits,
    "F05": _write_back_lost,
    "F07": _moved_between_pulls,
    "F16": _cancelled_then_shipped,
    "F17": _cancelled_still_open,
    "F19": _registered_twice,
    "F27": _renumbered,
    SPLIT: _split,
    "tracking_format": _spelt_differently,
}
