"""How an untroubled order lives: import, checks, 発送待機, 3PL, 完了; and how it is called off."""

import random
from dataclasses import dataclass

from crossmall.sandbox import smartship
from crossmall.sandbox.clock import DAY_S, HOUR_S, jst_midnight
from crossmall.sandbox.phases import ALLOCATING, AWAITING, CANCELLED, CHECKING, DONE
from crossmall.sandbox.schedule import Course

BATCH_HOURS = (10, 15)
BATCH_JITTER_S = 12 * 60
STAFF_NEEDS_S = 40 * 60
LATE_STAFF_S = 2 * HOUR_S + 15 * 60
SHARES = {"cancelled": 0.03, "cancelled_ready": 0.01, "returned": 0.01, "held": 0.02}


@dataclass(frozen=True, slots=True)
class Subject:
    """The order a life is planned for: its index, shop and import instant."""

    index: int
    shop: str
    created_at: int


def healthy_life(
    subject: Subject, pulls: smartship.Pulls, rng: random.Random, *, may_stop: bool = True
) -> Course:
    """The whole life of an order without trouble, most of it ending in 完了.

    may_stop=False leaves out cancelling and holding, as a bundle parent needs it.
    """
    course = Course()
    draw = rng.random() if may_stop else 1.0
    checked = subject.created_at + rng.randint(600, 2400)
    if draw < SHARES["cancelled"]:
        cancel_early(course, subject, rng)
        return course
    if draw > 1 - SHARES["held"] and may_stop:
        checked = hold(course, subject.created_at, subject.created_at + rng.randint(4, 18) * HOUR_S)
    elif rng.random() < 0.45:
        course.move(checked, CHECKING if rng.random() < 0.67 else ALLOCATING)
    ready = ready_at(checked, pulls, rng)
    course.move(ready, AWAITING)
    stop = SHARES["cancelled"] + SHARES["cancelled_ready"]
    next_pull = pulls.next_after(ready)
    if draw < stop and next_pull > ready + 360:
        course.change(rng.randint(ready + 60, next_pull - 120), "staff", cancel_flag=2)
        return course
    shipped = smartship.collect(course, subject.index, subject.shop, ready, pulls=pulls, rng=rng)
    if shipped is not None:
        finish(course, shipped, rng, returned=stop <= draw < stop + SHARES["returned"])
    return course


def cancel_early(course: Course, subject: Subject, rng: random.Random) -> None:
    """Cancelled before it was ready; half of these are also moved to the phase キャンセル."""
    at = subject.created_at + rng.randint(900, 8 * HOUR_S)
    if rng.random() < 0.5:
        course.move(subject.created_at + rng.randint(300, 800), CHECKING)
    course.change(at, "staff", cancel_flag=2)
    if rng.random() < 0.5:
        course.move(at + 30, CANCELLED)


def hold(course: Course, created_at: int, until: int) -> int:
    """On hold (管理区分 保留) in 確認待ち from soon after the import; gives the release instant."""
    course.change(created_at + 400, "staff", phase_name=CHECKING, cancel_flag=1)
    course.change(until, "staff", cancel_flag=0)
    return until


def ready_at(checked: int, pulls: smartship.Pulls, rng: random.Random) -> int:
    """When staff move a checked order to 発送待機: mostly in the 10:00 or 15:00 batch (JST).

    Never between the last pull before the epoch and the epoch, nor in the seconds of a pull:
    what waits at the epoch waits because it was planted.
    """
    earliest = checked + STAFF_NEEDS_S
    if rng.random() < 0.15:
        at = earliest + rng.randint(600, 9 * HOUR_S)
    else:
        at = next_batch(earliest, skip=rng.random() < 0.1) + rng.randint(0, BATCH_JITTER_S)
    if pulls.last_before_epoch - 60 <= at <= pulls.epoch:
        at = pulls.epoch + LATE_STAFF_S + rng.randint(0, BATCH_JITTER_S)
    return at


def next_batch(earliest: int, *, skip: bool) -> int:
    """The first batch hour at or after that moment, or the one after it."""
    midnight = jst_midnight(earliest)
    hours = [midnight + d * DAY_S + h * HOUR_S for d in range(3) for h in BATCH_HOURS]
    coming = [at for at in hours if at >= earliest]
    return coming[1 if skip else 0]


def finish(course: Course, shipped: int, rng: random.Random, *, returned: bool = False) -> None:
    """Some days after shipping staff close the order; a returned one is cancelled after that."""
    closed = jst_midnight(shipped) + rng.randint(2, 5) * DAY_S + 11 * HOUR_S + rng.randint(0, 5400)
    course.move(closed, DONE)
    if returned:
        course.change(closed + rng.randint(DAY_S, 3 * DAY_S), "staff", cancel_flag=2)
