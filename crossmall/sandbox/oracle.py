"""The true history, told only to tests: events, pulls, 3PL rows, stock, and what was planted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crossmall.sandbox import smartship
from crossmall.sandbox.clock import iso
from crossmall.sandbox.exports import world_links
from crossmall.sandbox.links import sku_no
from crossmall.sandbox.orders import NEAR_MISSES
from crossmall.sandbox.phases import AWAITING, FIRST, SHIPPED
from crossmall.sandbox.plants import WRITTEN
from crossmall.sandbox.schedule import NEVER, Event, Order, Packing, State, takes_effect
from crossmall.sandbox.world import World

NO_TIME = 0
NOT_TROUBLE = (*NEAR_MISSES, WRITTEN)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. numbers: orders to tell of, empty = all; since: events from then on."""

    at: int
    numbers: frozenset[int] = frozenset()
    since: int = NO_TIME


def truth(world: World, at: int) -> dict[str, Any]:
    """Everything that happened up to that moment, as plain data for JSON."""
    question = Question(at)
    found = heading(world, question)
    for name, rows in sections(world, question):
        found[name] = list(rows)
    return found


def heading(world: World, question: Question) -> dict[str, Any]:
    """What holds for the shop as a whole: its arguments, the last pulls, the planted cases."""
    at = question.at
    count = world.look(at)
    planted: dict[str, list[str]] = {}
    near: dict[str, list[str]] = {}
    for order in world.orders[:count]:
        if kind := _planted(world, order, world.state(order.index)):
            (near if kind in NOT_TROUBLE else planted).setdefault(kind, []).append(order.number)
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
    }  # fmt: skip


def sections(world: World, question: Question) -> Iterator[tuple[str, Iterable[Any]]]:
    """The long lists, made row by row: orders, the 3PL's pulls, movements of stock."""
    count = world.look(question.at)
    told = [o for o in world.orders[:count] if _asked_for(o, question)]
    yield "orders", (_order(world, order, question.at) for order in told)
    yield "pulls", _pulls(world, told, question)
    yield "stock_movements", _movements(world, told, question)


def _asked_for(order: Order, question: Question) -> bool:
    if question.numbers and int(order.number) not in question.numbers:
        return False
    if not question.since:
        return True
    dates = [order.created_at, *(e.at for e in order.events), order.gone_at]
    dates += [when for packing in order.packings for when, _ in (*packing.steps, *packing.tracking)]
    return any(question.since <= when <= question.at for when in dates)


def _look_alikes(world: World, at: int) -> list[str]:
    """Phase names that differ from QXPRESS発送済み but were meant to be it."""
    return [n for n in world.phases(at) if n != SHIPPED and n.upper().startswith("QXPRESS")]


def _order(world: World, order: Order, at: int) -> dict[str, Any]:
    state = State(updated_at=order.created_at)
    events: list[dict[str, Any]] = [
        {"at": iso(order.created_at), "what": "created", "from": None, "to": FIRST, "by": "mall"}
    ]
    for event in order.events:
        if event.at <= at and takes_effect(event, state, world.phases):
            events += _changes(event, state)
            state.apply(event.changes)
            state.updated_at = event.at
    if order.gone_at <= at:
        gone = {"at": iso(order.gone_at), "what": "deleted", "from": None, "to": None}
        events.append({**gone, "by": "staff"})
    rows = [p for p in order.packings if p.registered_at <= at]
    pulled = min((p.registered_at for p in rows if p.by == smartship.BY_PULL), default=None)
    return {
        "order_number": order.number,
        "order_code": order.code,
        "shop_code": order.shop,
        "created_at": iso(order.created_at),
        "updated_at": iso(state.updated_at),
        "deleted_at": iso(order.gone_at) if order.gone_at <= at else None,
        "planted": _planted(world, order, state) or None,
        "events": events,
        "phases": _spans(events),
        "cancels": [
            {"cancel_flag": e["to"], "at": e["at"]}
            for e in events
            if e["what"] == "cancel_flag" and e["from"] != e["to"]
        ],
        "pulled_at": iso(pulled) if pulled is not None else None,
        "pull": iso(_pull_of(world, pulled)) if pulled is not None else None,
        "packings": [_parcel(packing, at) for packing in rows],
    }


def _parcel(packing: Packing, at: int) -> dict[str, Any]:
    return {
        "packing_no": packing.number,
        "by": packing.by,
        "steps": [[iso(when), word] for when, word in packing.steps if when <= at],
        "tracking": [[iso(when), text] for when, text in packing.tracking if when <= at],
        "parts": packing.parts,
    }


def _changes(event: Event, state: State) -> list[dict[str, Any]]:
    """One row per value an event sets; a value that stays is told too, for the time it names."""
    return [
        {"at": iso(event.at), "what": name, "from": before(state, name), "to": to, "by": event.by}
        for name, to in event.changes
    ]


def before(state: State, name: str) -> Any:
    """The value a field has before an event changes it."""
    if name.startswith("check_mark"):
        return state.marks.get(name, "0")
    return getattr(state, name)


def _spans(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The phases one after another, each with its ends and who brought it about."""
    spans: list[dict[str, Any]] = [{"phase": FIRST, "from": events[0]["at"]}]
    for event in events:
        if event["what"] == "phase_name" and event["from"] != event["to"]:
            spans[-1]["to"] = event["at"]
            spans.append({"phase": event["to"], "from": event["at"], "by": event["by"]})
    spans[-1]["to"] = None
    return spans


def _pull_of(world: World, registered_at: int) -> int:
    """The pull that took an order registered then; registering takes some seconds."""
    return world.pulls.next_after(registered_at + 1) - smartship.PULL_EVERY_S


def _pulls(world: World, told: Sequence[Order], question: Question) -> Iterator[dict[str, Any]]:
    """Every pull with the orders it took, oldest first; pulls that took none are told as well."""
    taken: dict[int, list[str]] = {}
    for order in told:
        for packing in order.packings:
            if packing.by == smartship.BY_PULL and packing.registered_at <= question.at:
                pull = _pull_of(world, packing.registered_at)
                numbers = taken.setdefault(pull, [])
                if order.number not in numbers:
                    numbers.append(order.number)
    start = max(world.opened_at, question.since)
    for at in range(world.pulls.next_after(start), question.at + 1, smartship.PULL_EVERY_S):
        yield {"at": iso(at), "collected": taken.get(at, [])}


def _movements(world: World, told: Sequence[Order], question: Question) -> Iterator[dict[str, Any]]:
    """Movements of CROSS MALL stock, SKU by SKU; of the asked orders only, if some were named."""
    numbers = {order.number for order in told} if question.numbers else None
    book = world.stock(question.at)
    for sku in world.catalogue.skus:
        for move, level in book.history(sku):
            wanted = numbers is None or move.because.removeprefix("order ") in numbers
            if wanted and question.since <= move.at <= question.at:
                yield {
                    "at": iso(move.at), "sku_code": sku.code, "sku_no": sku_no(sku.index),
                    "kind": move.kind, "quantity": move.quantity, "stock": level,
                    "because": move.because,
                }  # fmt: skip


def _planted(world: World, order: Order, state: State) -> str:
    """The planted case; an order waiting in vain at a disconnected shop is F04 by nature."""
    if order.planted or order.shop not in world.pulls.dead or order.packings:
        return order.planted
    waits = state.phase_name == AWAITING and state.cancel_flag == 0 and order.gone_at == NEVER
    return "F04" if waits and not state.bundle_ahead_number else ""
