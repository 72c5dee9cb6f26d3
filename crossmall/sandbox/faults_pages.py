"""Faults that change the question or the shop before a page is answered."""

import random
from dataclasses import replace

from crossmall.sandbox.faults import Strike
from crossmall.sandbox.query import Query
from crossmall.sandbox.selection import matching_orders
from crossmall.sandbox.world import World

CURSORS = ("order_number", "item_code", "condition")
TOUCHED = "棚卸しメモ[sandbox]"


def asked(strike: Strike, query: Query) -> Query:
    """The query as the troubled server understands it."""
    if strike.name == "same_page" and query.text("condition") == "1":
        kept = {name: values for name, values in query.values.items() if name not in CURSORS}
        return replace(query, values=kept)
    if strike.name == "overlapping_page" and query.text("condition") == "1":
        kept = {name: values for name, values in query.values.items() if name != "condition"}
        return replace(query, values=kept)
    return query


def disturb(strike: Strike, world: World, query: Query, at: int, *, request_no: int) -> None:
    """What staff do to the shop just before this page is read."""
    rng = random.Random(f"{world.plan.seed}:{strike.name}:{request_no}")
    if strike.name == "order_vanishes":
        found = matching_orders(world, query, at, 100)
        loose = [o for o in found if o.parent is None and o.index not in world.children]
        if loose:
            world.delete(rng.choice(loose), at)
    elif strike.name in ("order_moves_behind", "order_moves_ahead"):
        cursor = query.number("order_number") or 0
        border = world.first_above(cursor, inclusive=False)
        count = world.look(at)
        behind = strike.name == "order_moves_behind"
        span = range(border) if behind else range(border, count)
        if span:
            order = world.orders[rng.choice(span)]
            world.write(order, at, {"short_memo": f"{TOUCHED}{request_no}"}, by="staff")
