"""The true history, told only to tests: phase spans, pulls, 3PL rows and what was planted."""

from typing import Any

from crossmall.sandbox import smartship
from crossmall.sandbox.clock import iso
from crossmall.sandbox.exports import world_links
from crossmall.sandbox.links import sku_no
from crossmall.sandbox.orders import NEAR_MISSES
from crossmall.sandbox.scenario import AWAITING, FIRST, SHIPPED
from crossmall.sandbox.schedule import Order, State, takes_effect
from crossmall.sandbox.world import World


def truth(world: World, at: int) -> dict[str, Any]:
    """Everything that happened up to that moment, as plain data for JSON."""
    count = world.look(at)
    orders = [_order(world, order, at) for order in world.orders[:count]]
    planted: dict[str, list[str]] = {}
    near: dict[str, list[str]] = {}
    for row in orders:
        if kind := row["planted"]:
            (near if kind in NEAR_MISSES else planted).setdefault(kind, []).append(
                row["order_number"]
            )
    if look_alikes := _look_alikes(world, at):
        planted["F06"] = look_alikes
    return {
        "at": iso(at),
        "epoch": iso(world.plan.epoch),
        "seed": world.plan.seed,
        "scenario": world.plan.scenario.name,
        "last_pull": iso(world.pulls.next_after(at + 1) - smartship.PULL_EVERY_S),
        "next_pull": iso(world.pulls.next_after(at + 1)),
        "disconnected": {shop: iso(since) for shop, since in world.pulls.dead.items()},
        "planted": dict(sorted(planted.items())),
        "near_misses": dict(sorted(near.items())),
        "links": [
            {"kind": link.planted, "sku_no": link.sku_no, "item_code": link.product_no}
            for link in world_links(world)
            if link.planted
        ],
        "stock_gaps": [
            {
                "kind": gap.kind, "sku_no": sku_no(gap.sku), "at": iso(gap.at),
                "sku_code": world.catalogue.skus[gap.sku].code, "crossmall": gap.crossmall,
                "damaged": gap.damaged, "inbound": gap.inbound,
            }
            for gap in world.gaps
        ],
        "orders": orders,
    }  # fmt: skip


def _look_alikes(world: World, at: int) -> list[str]:
    """Phase names that differ from QXPRESS発送済み but were meant to be it."""
    return [n for n in world.phases(at) if n != SHIPPED and n.upper().startswith("QXPRESS")]


def _order(world: World, order: Order, at: int) -> dict[str, Any]:
    state = State(updated_at=order.created_at)
    spans: list[dict[str, str | None]] = [{"phase": FIRST, "from": iso(order.created_at)}]
    cancels: list[dict[str, Any]] = []
    for event in order.events:
        if event.at > at or not takes_effect(event, state, world.phases):
            continue
        before, flag = state.phase_name, state.cancel_flag
        state.apply(event.changes)
        if state.phase_name != before:
            spans[-1]["to"] = iso(event.at)
            spans.append({"phase": state.phase_name, "from": iso(event.at), "by": event.by})
        if state.cancel_flag != flag:
            cancels.append({"cancel_flag": state.cancel_flag, "at": iso(event.at)})
    spans[-1]["to"] = None
    rows = [p for p in order.packings if p.registered_at <= at]
    pulled = min((p.registered_at for p in rows if p.by == smartship.BY_PULL), default=None)
    return {
        "order_number": order.number,
        "order_code": order.code,
        "shop_code": order.shop,
        "created_at": iso(order.created_at),
        "planted": _planted(world, order, state) or None,
        "phases": spans,
        "cancels": cancels,
        "pulled_at": iso(pulled) if pulled is not None else None,
        "packings": [
            {
                "packing_no": packing.number,
                "by": packing.by,
                "steps": [[iso(when), word] for when, word in packing.steps if when <= at],
                "tracking": [[iso(when), text] for when, text in packing.tracking if when <= at],
                "parts": packing.parts,
            }
            for packing in rows
        ],
    }


def _planted(world: World, order: Order, state: State) -> str:
    """The planted case; an order waiting in vain at a disconnected shop is F04 by nature."""
    if order.planted or order.shop not in world.pulls.dead or order.packings:
        return order.planted
    waits = state.phase_name == AWAITING and state.cancel_flag == 0
    return "F04" if waits and not state.bundle_ahead_number else ""
