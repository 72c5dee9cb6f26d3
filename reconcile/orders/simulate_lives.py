"""Simulated orders that were not pulled, one maker per cause: their true moves and what Smartship holds of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reconcile.orders.instants import Seconds
from reconcile.orders.simulate import DONE, PRINTED, READY, START_S, WAITING
from reconcile.orders.simulate_dwells import HOUR_S

DAY_S, MINUTE_S = 86_400.0, 60.0
ALMOST, WAREHOUSE = "発送待機 ", "倉庫確認中"
DEAD = (START_S + 6.5 * DAY_S, START_S + 6.9 * DAY_S)  # no pull runs in between
CONNECTED = START_S + 1.0 * DAY_S
END = START_S + 9.0 * DAY_S + 0.3 * HOUR_S
FILE_AT = END - 1.0 * HOUR_S


@dataclass(slots=True)
class Life:
    """One order: its true moves and what the joined order row says beyond them."""

    events: list[tuple[float, str, int]]
    row: dict[str, object]


BLANK: dict[str, object] = {
    "ss_registered_at": np.nan, "ss_registered_by": None, "ss_is_weak": None, "ss_status": None,
    "ss_snapshot_at": np.nan, "ss_tracking": None, "ss_matched_by": None, "covered_until": FILE_AT,
    "is_bundle_child": False, "delivery_number": None,
}  # fmt: skip


def _arrived(at: float, rng: np.random.Generator, **more: object) -> dict[str, object]:
    return {
        "ss_registered_at": float(np.floor(at + rng.uniform(5, 60))),
        "ss_registered_by": "API",
        "ss_is_weak": False,
        "ss_status": "SHIPPED",
        "ss_snapshot_at": FILE_AT,
        "ss_matched_by": "site_order_no",
    } | more


def _slot(rng: np.random.Generator, pulls: Seconds, first: float = 2.0, last: float = 6.0) -> int:
    inside = np.flatnonzero((pulls > START_S + first * DAY_S) & (pulls < START_S + last * DAY_S))
    return int(rng.choice(inside))


def _visit(
    rng: np.random.Generator,
    pulls: Seconds,
    then: str | None,
    *,
    slots: int = 0,
    day: tuple[float, float] = (2.0, 6.0),
    flag: int = 0,
    row: dict[str, object] | None = None,
) -> Life:
    """Enters behind one pull and leaves before the next one, or `slots` pulls later."""
    n = _slot(rng, pulls, *day)
    enter = float(pulls[n]) + rng.uniform(8, 18) * MINUTE_S
    leave = float(pulls[n + 1 + slots]) - rng.uniform(8, 18) * MINUTE_S
    events = [(enter - rng.uniform(1, 3) * HOUR_S, WAITING, 0), (enter, READY, 0)]
    if then is not None:
        events.append((leave, then, flag))
    return Life(events, row or {})


def not_asked_order(rng: np.random.Generator, pulls: Seconds) -> Life:
    """An order that waited for as many as three pulls, none of which asked for it."""
    return _visit(
        rng, pulls, PRINTED if rng.uniform() < 0.5 else DONE, slots=int(rng.integers(0, 4))
    )


def collected_order(rng: np.random.Generator, pulls: Seconds) -> Life:
    """An order that one of the pulls took."""
    at = float(rng.choice(pulls[(pulls > CONNECTED) & (pulls < FILE_AT - 2 * HOUR_S)]))
    enter, leave = at - rng.uniform(60, 2400), at + rng.uniform(300, 3 * HOUR_S)
    tracking = f"4{rng.integers(10**10):011d}"
    events = [(enter - HOUR_S, WAITING, 0), (enter, READY, 0), (leave, DONE, 0)]
    return Life(events, _arrived(at, rng, ss_tracking=tracking, delivery_number=tracking))


def _deleted(rng: np.random.Generator, pulls: Seconds) -> Life:
    life = _visit(rng, pulls, None, slots=2, day=(7.5, 8.5))
    life.row = _arrived(
        life.events[1][0] + HOUR_S, rng, ss_status="COLLECTED", ss_snapshot_at=FILE_AT - 3 * HOUR_S
    )
    return life


def _stuck(rng: np.random.Generator, pulls: Seconds) -> Life:
    life = _visit(rng, pulls, None, slots=2, day=(2.0, 5.0))
    after = pulls[pulls > life.events[1][0]]
    life.row = _arrived(float(after[0]), rng, ss_status="ERROR" if rng.uniform() < 0.7 else "HOLD")
    return life


def _by_hand(matched_by: str) -> Callable[[np.random.Generator, Seconds], Life]:
    def make(rng: np.random.Generator, pulls: Seconds) -> Life:
        life = _visit(rng, pulls, PRINTED)
        at = life.events[2][0] + rng.uniform(1, 5) * HOUR_S
        hand = "MANUAL" if rng.uniform() < 0.5 else "EXCEL"
        life.row = _arrived(
            at, rng, ss_registered_by=hand, ss_matched_by=matched_by, delivery_number="4770000"
        )
        return life

    return make


def _merged(rng: np.random.Generator, pulls: Seconds) -> Life:
    life = _visit(rng, pulls, DONE)
    life.row = {"delivery_number": SHARED_TRACKING}
    return life


def _parent(rng: np.random.Generator, pulls: Seconds) -> Life:
    life = collected_order(rng, pulls[(pulls < DEAD[0]) | (pulls > DEAD[1])])
    life.row |= {"ss_tracking": SHARED_TRACKING, "delivery_number": SHARED_TRACKING}
    return life


def _before_connection(rng: np.random.Generator, pulls: Seconds) -> Life:
    return _visit(rng, pulls, PRINTED, slots=int(rng.integers(0, 3)), day=(0.1, 0.7))


def _almost(rng: np.random.Generator, pulls: Seconds) -> Life:
    enter = float(pulls[_slot(rng, pulls)])
    events = [(enter - HOUR_S, WAITING, 0), (enter, ALMOST, 0)]
    if rng.uniform() < 0.5:
        events.append((enter + rng.uniform(2, 20) * HOUR_S, PRINTED, 0))
    return Life(events, {})


def _held(rng: np.random.Generator, pulls: Seconds) -> Life:
    n = _slot(rng, pulls)
    enter = float(pulls[n]) + rng.uniform(8, 18) * MINUTE_S
    hold = enter + rng.uniform(6, 15) * MINUTE_S
    events = [(enter - HOUR_S, WAITING, 0), (enter, READY, 0), (hold, READY, 1)]
    if rng.uniform() < 0.5:
        events.append((float(pulls[n + 3]) + rng.uniform(5, 20) * MINUTE_S, PRINTED, 0))
    return Life(events, {})


def _not_reached(rng: np.random.Generator, pulls: Seconds) -> Life:
    return Life([(float(pulls[_slot(rng, pulls)]), WAITING, 0)], {})


def _dead(rng: np.random.Generator, _pulls: Seconds) -> Life:
    start, end = (
        rng.uniform(DEAD[0] + 600, DEAD[0] + 4 * HOUR_S),
        DEAD[1] - rng.uniform(900, 4 * HOUR_S),
    )
    return Life([(start - HOUR_S, WAITING, 0), (start, READY, 0), (end, PRINTED, 0)], {})


def _not_due(rng: np.random.Generator, _pulls: Seconds) -> Life:
    enter = END - rng.uniform(10, 50) * MINUTE_S
    return Life([(enter - HOUR_S, WAITING, 0), (enter, READY, 0)], {})


def _overflow(rng: np.random.Generator, pulls: Seconds) -> Life:
    return _visit(rng, pulls, PRINTED, slots=1)


def _other_means(rng: np.random.Generator, pulls: Seconds) -> Life:
    return _visit(rng, pulls, DONE, row={"delivery_number": f"8{rng.integers(10**10):011d}"})


def _unseen(rng: np.random.Generator, pulls: Seconds) -> Life:
    at = float(pulls[_slot(rng, pulls)]) + rng.uniform(10, 50) * MINUTE_S
    events = [(at - 2 * HOUR_S, WAITING, 0), (at + 20, PRINTED, 0)]
    if rng.uniform() < 0.5:
        events.insert(1, (at, READY, 0))
    return Life(events, {})


def _cannot_tell(rng: np.random.Generator, pulls: Seconds) -> Life:
    kind = rng.integers(3)
    if kind == 0:
        return _visit(rng, pulls, PRINTED, row={"covered_until": np.nan})
    if kind == 1:
        return _visit(rng, pulls, PRINTED, row={"covered_until": START_S + 1.5 * DAY_S})
    life = _visit(rng, pulls, PRINTED)
    life.row = _arrived(life.events[1][0], rng, ss_is_weak=True)
    return life


SHARED_TRACKING = "499999999999"
MAKERS: dict[str, Callable[[np.random.Generator, Seconds], Life]] = {
    "deleted_at_smartship": _deleted,
    "stuck_at_smartship": _stuck,
    "manual_other_number": _by_hand("tracking_no"),
    "manual_at_smartship": _by_hand("site_order_no"),
    "merged_packing": _merged,
    "bundled_child": lambda rng, pulls: _visit(rng, pulls, PRINTED, row={"is_bundle_child": True}),
    "cancelled_before_pull": lambda rng, pulls: _visit(rng, pulls, READY, flag=2),
    "before_connection": _before_connection,
    "lookalike_phase": _almost,
    "held_at_pull": _held,
    "changed_elsewhere": lambda rng, pulls: _visit(
        rng, pulls, WAITING if rng.uniform() < 0.5 else WAREHOUSE
    ),
    "not_reached": _not_reached,
    "connection_dead": _dead,
    "not_due_yet": _not_due,
    "overflow": _overflow,
    "shipped_other_means": _other_means,
    "passed_unseen": _unseen,
    "printed_early": lambda rng, pulls: _visit(rng, pulls, PRINTED),
    "between_pulls": lambda rng, pulls: _visit(rng, pulls, DONE),
    "cannot_tell": _cannot_tell,
    "collected": _parent,
}
