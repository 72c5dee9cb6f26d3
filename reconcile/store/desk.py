"""The list of orders: its pages, its counts by filter, and which of the numbers that were asked for there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from reconcile.frames import check
from reconcile.model import FLOW_STAGES, OrderFilter, Paging, TablePage
from reconcile.store import boards
from reconcile.store.database import Cursor, naive
from reconcile.store.queries import late_page, load

STUCK = "only_"  # before a stage: orders that came so far and no further


def parameters(
    chosen: OrderFilter, *, now: datetime, flow_since: datetime, limits: Mapping[str, float]
) -> dict[str, Any]:
    """The filter as `searched` takes it. limits: hours by severity (AgeingLimits)."""
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
        **{
            f"late_{severity}": naive(now - timedelta(hours=limits[f"{severity}_h"]))
            for severity in ("high", "medium", "low")
        },
    }


def searched(cursor: Cursor, asked: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The filter with the rows that its numbers name (`row_nos`, of this snapshot), and the numbers that no order has."""
    numbers = asked["numbers"]
    if not numbers:
        return {**asked, "row_nos": []}, ()
    given = {"account": asked["account"], "numbers": numbers}
    found = cursor.execute(load("desk")["numbers_found"], given).fetchall()
    known: set[str] = set()
    for row in found:
        known.update(row[1:4], *row[4:])
    unknown = tuple(number for number in numbers if number not in known)
    return {**asked, "row_nos": [row[0] for row in found]}, unknown


def page(cursor: Cursor, asked: Mapping[str, Any], paging: Paging, *, total: int) -> TablePage:
    """One page of the orders of a filter. asked: as `searched` gives it; total: as `facets` counts it."""
    sql = load("board")["orders_filtered"]
    statement = late_page(sql, "orders", paging.sort, descending=paging.descending)
    window = boards.window(paging)
    window["size"] = min(window["size"], total)  # nothing found: nothing is read
    rows = cursor.execute(statement, dict(asked) | window).df()
    return TablePage(
        frame="orders",
        rows=check(boards.in_utc(rows), "orders"),
        total=total,
        as_of=boards.as_of(cursor, asked["account"], "orders", "orders"),
    )


def facets(cursor: Cursor, asked: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Orders of a filter (as `searched` gives it) by filter and value; total: orders that it shows.

    The filters: state, phase, rule, desk, ageing, and flow by stages that were reached or held.
    """
    found: dict[str, dict[str, int]] = {
        name: {} for name in ("total", "state", "phase", "rule", "desk", "ageing")
    }
    stages = dict.fromkeys(range(len(FLOW_STAGES)), 0)
    for facet, code, orders, _ in cursor.execute(load("desk")["facets"], dict(asked)).fetchall():
        if facet != "flow":
            found[facet][str(code)] = int(orders)
        elif int(code) in stages:
            stages[int(code)] = int(orders)
    return found | {"flow": _flow(stages)}


def renew_touched(cursor: Cursor, keys: Sequence[tuple[str, str]]) -> None:
    """Have the orders of these findings (account, finding key) say what people decided about them now."""
    given = {"accounts": [key[0] for key in keys], "keys": [key[1] for key in keys]}
    _renew(cursor, "find_touched_standing", given)


def renew_every(cursor: Cursor) -> None:
    """The same for every order there is."""
    _renew(cursor, "find_every_standing", {})


def _renew(cursor: Cursor, block: str, given: Mapping[str, Any]) -> None:
    statements = load("standing")
    cursor.execute(statements["drop_fresh_standing"])
    cursor.execute(statements[block], dict(given))
    for name in ("add_kinds", "renew_standing"):
        cursor.execute(statements[name])


def _flow(stages: Mapping[int, int]) -> dict[str, int]:
    reached = {
        name: sum(count for place, count in stages.items() if place >= least)
        for least, name in enumerate(FLOW_STAGES)
    }
    return reached | {f"{STUCK}{name}": stages[place] for place, name in enumerate(FLOW_STAGES)}
