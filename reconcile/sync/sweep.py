"""Which items a sync reads again, and in which order: decided from ages and hints, without any input or output.

What is known or likely to have changed comes first; the rest follows by age, so that every figure is read again
within its time. Nothing here says that a figure that was left alone is fresh: it keeps the age it has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

SMALL_CATALOGUE = 500  # up to so many items everything due is read at once, nothing ahead [D]
USUAL_INTERVAL = timedelta(minutes=10)  # a schedule's step where none can be seen [D]
REASONS = ("new", "named", "moved", "blind", "gap", "due", "unread", "ahead")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """What is known of one item before a sync; `read_at` is None as long as it was never read.

    named: a diff feed named it, or a set it belongs to, since then. unread: its last answer was refused or not whole. moved: an
    order moved its stock since then. blind: its figure is too old to compare, a new one could be. gap: the two sides differ.
    waiting: an open order waits for it.
    """

    item_code: str
    read_at: datetime | None = None
    named: bool = False
    unread: bool = False
    moved: bool = False
    blind: bool = False
    gap: bool = False
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How old figures may become, and how many calls one sync may spend.

    sweep_age: every item is read again at this age. check_age: an item with a gap at this age. interval: time until
    the next sync may be expected. calls: most calls of one sync, None for as many as the rate allows. rate_per_s:
    None for no limit. everything: read all, whatever its age.
    """

    sweep_age: timedelta
    check_age: timedelta
    interval: timedelta = USUAL_INTERVAL
    calls: int | None = None
    rate_per_s: float | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One item to read, and which of REASONS says so."""

    item_code: str
    reason: str


def plan_sweep(items: Sequence[ItemState], now: datetime, limits: Limits) -> tuple[Reading, ...]:
    """The items to read in their order; empty when nothing is due.

    Items never read come first and are never cut off: the first load is complete. Then what a feed named, what orders
    moved, what a new figure would settle, gaps, items of waiting orders, the oldest, and what could not be read last time. A
    catalogue above SMALL_CATALOGUE is also read ahead of its time, a share per sync, so that it does not fall due all at once.
    """
    found: dict[str, list[ItemState]] = {reason: [] for reason in REASONS}
    for item in items:
        if reason := _reason(item, now, limits):
            found[reason].append(item)
    for reason, members in found.items():
        waited_first = reason == "due"
        members.sort(key=lambda one: _place(one, now, waited_first=waited_first))
    share = _share(len(items), limits) if len(items) > SMALL_CATALOGUE else 0
    del found["ahead"][max(0, share - len(found["due"])) :]
    new = [Reading(item.item_code, "new") for item in found.pop("new")]
    rest = [Reading(item.item_code, reason) for reason in found for item in found[reason]]
    return (*new, *rest[: _most_calls(limits)])


def interval_of(
    starts: Sequence[datetime],
    usual: timedelta = USUAL_INTERVAL,
    longest: timedelta = timedelta.max,
) -> timedelta:
    """The step of the schedule as the latest sync starts show it, newest first; between `usual` and `longest`.

    The smaller of the last two steps counts: a machine that slept does not make the schedule slow, and somebody who
    syncs by hand does not make it fast.
    """
    steps = [later - earlier for later, earlier in pairwise(starts)]
    return max(usual, min(longest, *steps)) if steps else usual


def _reason(item: ItemState, now: datetime, limits: Limits) -> str:
    if item.read_at is None:
        return "new"
    age = now - item.read_at
    if age < timedelta(0):
        return "due"  # read under a clock that was ahead: its age is not known
    if item.named:
        return "named"
    if item.moved:
        return "moved"
    if item.blind:
        return "blind"
    if item.gap and age >= _due_at(limits.check_age, limits.interval):
        return "gap"
    if limits.everything or age >= _due_at(limits.sweep_age, limits.interval):
        return "due"
    if item.unread:
        return (
            "unread"  # behind what is due: one that is refused for ever must not hold up the rest
        )
    return "ahead" if age >= limits.interval else ""


def _due_at(limit: timedelta, interval: timedelta) -> timedelta:
    """The age at which waiting for the next sync would be too late; never below half the limit."""
    return max(limit / 2, limit - interval)


def _place(item: ItemState, now: datetime, *, waited_first: bool) -> tuple[bool, datetime, str]:
    return (waited_first and not item.waiting, item.read_at or now, item.item_code)


def _share(items: int, limits: Limits) -> int:
    """Items of one sync when all of them are read evenly within the sweep's age."""
    return (
        math.ceil(items * min(1.0, limits.interval / limits.sweep_age))
        if limits.sweep_age
        else items
    )


def _most_calls(limits: Limits) -> int | None:
    if limits.everything:
        return None
    if limits.calls is not None:
        return limits.calls
    if limits.rate_per_s is None:
        return None
    return max(1, math.floor(limits.rate_per_s * limits.interval.total_seconds()))
