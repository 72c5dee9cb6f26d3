"""Counts of the list of orders by filter, and which of the numbers that were asked for there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reconcile.model import FLOW_STAGES, OrderFilter
from reconcile.store.database import Cursor, naive
from reconcile.store.queries import load

STUCK = "only_"  # before a stage: orders that came so far and no further


def parameters(
    chosen: OrderFilter, *, now: datetime, flow_since: datetime, limits: Mapping[str, float]
) -> dict[str, Any]:
    """The filter as the parameters of `orders_filtered` and `facets`. limits: hours by severity (AgeingLimits)."""
    stage = chosen.flow.removeprefix(STUCK) if chosen.flow else None
    least = FLOW_STAGES.index(stage) if stage in FLOW_STAGES else None
    last = len(FLOW_STAGES) - 1
    return {
        "account": chosen.account,
        "states": list(chosen.states),
        "rules": list(chosen.rules),
        "phases": list(chosen.phases),
        "shops": list(chosen.shops),
        "numbers": list(chosen.numbers),
        "ordered_from": naive(chosen.ordered_from),
        "ordered_to": naive(chosen.ordered_to),
        "desk": chosen.desk,
        "person": chosen.person or "",
        "overdue": chosen.overdue,
        "flow_least": least,
        "flow_most": least if (chosen.flow or "").startswith(STUCK) else last,
        "flow_since": naive(flow_since),
        "now": naive(now),
        **limits,
    }


def facets(cursor: Cursor, asked: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Orders by filter and value: state, phase, rule, desk, ageing, and flow by stages that were reached or held."""
    found: dict[str, dict[str, int]] = {
        name: {} for name in ("state", "phase", "rule", "desk", "ageing")
    }
    stages = dict.fromkeys(range(len(FLOW_STAGES)), 0)
    for facet, code, orders, _ in cursor.execute(load("desk")["facets"], dict(asked)).fetchall():
        if facet != "flow":
            found[facet][str(code)] = int(orders)
        elif int(code) in stages:
            stages[int(code)] = int(orders)
    return found | {"flow": _flow(stages)}


def _flow(stages: Mapping[int, int]) -> dict[str, int]:
    reached = {
        name: sum(count for place, count in stages.items() if place >= least)
        for least, name in enumerate(FLOW_STAGES)
    }
    return reached | {f"{STUCK}{name}": stages[place] for place, name in enumerate(FLOW_STAGES)}


def unknown_numbers(cursor: Cursor, account: str | None, numbers: Sequence[str]) -> tuple[str, ...]:
    """Those of the numbers that no order of the account has, in their order."""
    if not numbers:
        return ()
    known: set[str] = set()
    asked = {"account": account, "numbers": list(numbers)}
    for row in cursor.execute(load("desk")["numbers_found"], asked).fetchall():
        known.update(row[:3], *row[3:])
    return tuple(number for number in numbers if number not in known)
