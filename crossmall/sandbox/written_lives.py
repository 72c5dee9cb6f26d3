"""The life of a written order: what staff do as written, and what the 3PL makes of it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from crossmall.sandbox import smartship
from crossmall.sandbox.clock import HOUR_S
from crossmall.sandbox.lives import finish
from crossmall.sandbox.phases import AWAITING
from crossmall.sandbox.schedule import Course, Event, Line, State
from crossmall.sandbox.smartship import Handling, Pulls
from crossmall.sandbox.written import MISSES, WrittenOrder

REGISTER_S = 20


@dataclass(frozen=True, slots=True)
class Life:
    """The course of an order and the line lists it goes through after its first one."""

    course: Course
    variants: tuple[tuple[Line, ...], ...]


def written_life(order: WrittenOrder, index: int, pulls: Pulls, rng: random.Random) -> Life:
    """The events as written; then collecting, shipping and write-back as ``smartship`` says."""
    course, variants = Course(), []
    for event in sorted(order.events, key=lambda one: one.at.at(pulls.epoch)):
        changes = dict(event.changes)
        if event.lines:
            variants.append(event.lines)
            changes["lines_no"] = len(variants)
        course.change(event.at.at(pulls.epoch), "staff", **changes)
    if order.smartship != MISSES:
        _by_the_3pl(course, order, index, pulls, rng=rng)
    return Life(course, tuple(variants))


def _by_the_3pl(
    course: Course, order: WrittenOrder, index: int, pulls: Pulls, *, rng: random.Random
) -> None:
    events = course.events()
    pull = first_pull(events, order.shop, pulls)
    if order.ships is not None:
        shipped = order.ships.at(pulls.epoch)
        registered = min(pull + REGISTER_S if pull else shipped, shipped - HOUR_S)
        by = smartship.BY_PULL if pull else smartship.BY_HAND
        handling = Handling(registered_at=registered, shipped_at=shipped, by=by)
        smartship.ship(course, index, handling, rng=rng)
    elif pull is not None:
        taken = smartship.collect(course, index, order.shop, pull, pulls=pulls, rng=rng)
        shipped = taken if taken is not None else pull
    else:
        return
    if not any(event.at > shipped for event in events):
        finish(course, shipped, rng)


def first_pull(events: Sequence[Event], shop: str, pulls: Pulls) -> int | None:
    """The first pull that meets the order in 発送待機, neither held nor cancelled, if any."""
    state = State(updated_at=0)
    for place, event in enumerate(events):
        state.apply(event.changes)
        if state.phase_name != AWAITING or state.cancel_flag:
            continue
        pull = pulls.collected_at(shop, event.at)
        later = events[place + 1].at if place + 1 < len(events) else None
        if pull is not None and (later is None or pull < later):
            return pull
    return None
