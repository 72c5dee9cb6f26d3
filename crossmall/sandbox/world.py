"""The shop at a moment: seed, scenario, epoch and the instant of asking give everything.

Writes from outside live in an overlay over the planned schedule; nothing is read from or kept on
disk, so a second process with the same arguments tells the same story.
"""

import random
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crossmall.sandbox import smartship
from crossmall.sandbox.arrivals import HISTORY_DAYS, Arrival, day_arrivals, history_arrivals
from crossmall.sandbox.catalogue import Item, make_catalogue, registered_twice
from crossmall.sandbox.clock import DAY_S
from crossmall.sandbox.links import RENAMED_BEFORE_S, all_links, former_names, odd_skus
from crossmall.sandbox.lives import finish
from crossmall.sandbox.orders import Maker
from crossmall.sandbox.phases import AWAITING
from crossmall.sandbox.scenario import Scenario
from crossmall.sandbox.schedule import Course, Event, Order, State, Value, state_at
from crossmall.sandbox.stock import StockBook, pushed_over, stock_gaps

FURTHEST_DAYS = 400
REPLAN_ORDINAL = 3
LONGEST_NUMBER = 12


class OutOfRangeError(ValueError):
    """The shop was asked for a moment it cannot tell: more than 400 days after its epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a world is a function of. epoch: seconds since 1970 UTC; orders: within 30 days."""

    seed: int
    scenario: Scenario
    epoch: int
    orders: int


class World:
    """All orders, their states at the last looked-at moment, the goods and the stock."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.opened_at = plan.epoch - HISTORY_DAYS * DAY_S
        sold = make_catalogue(plan.seed, plan.orders / HISTORY_DAYS)
        self.catalogue = registered_twice(sold, plan.scenario.links.get("twice", 0))
        dead = {s: plan.epoch - int(d * DAY_S) for s, d in plan.scenario.dead.items()}
        self.pulls = smartship.Pulls(plan.epoch, dead)
        links = all_links(plan.seed, plan.scenario, self.catalogue)
        odd = odd_skus(links)
        self.gaps = stock_gaps(plan.seed, plan.scenario, sold, plan.epoch, odd=odd)
        self._former_names = former_names(links)
        self.orders: list[Order] = []
        self.children: dict[int, list[int]] = {}
        self._maker = Maker(plan.seed, plan.scenario.name, sold, self.pulls)
        self._phase_lists: list[tuple[int, tuple[str, ...]]] = [(0, plan.scenario.phases)]
        self._stock_writes: list[tuple[int, int, str, int]] = []
        self._by_number: dict[int, int] = {}
        self._numbers: list[int] = []
        self._created: list[int] = []
        self._states: list[State] = []
        self._updated: list[int] = []
        self._agenda: list[tuple[int, int]] = []
        self._days = 0
        self._looked_at = self.opened_at
        self._book: StockBook | None = None
        self._take(history_arrivals(plan.seed, plan.scenario, self.pulls, plan.orders))
        odd |= {gap.sku for gap in self.gaps}
        self.gaps += pushed_over(plan.scenario, self.catalogue, self.orders, plan.epoch, odd=odd)

    def name_of(self, item: Item, at: int) -> str:
        """The product's name in CROSS MALL at that moment."""
        is_former = at < self.plan.epoch - RENAMED_BEFORE_S
        return self._former_names.get(item.code, item.name) if is_former else item.name

    def look(self, at: int) -> int:
        """Brings every state to that moment; gives how many orders exist by then.

        Raises OutOfRangeError beyond 400 days after the epoch.
        """
        self.reach(at)
        lo, hi = sorted((self._looked_at, at))
        first = bisect_right(self._agenda, (lo, len(self.orders)))
        last = bisect_right(self._agenda, (hi, len(self.orders)))
        for index in {index for _, index in self._agenda[first:last]}:
            self._set_state(self.orders[index], at)
        self._looked_at = at
        return bisect_right(self._created, at)

    def state(self, index: int) -> State:
        """The state of an order at the last looked-at moment."""
        return self._states[index]

    def changed_within(self, first: int, last: int, places: range) -> list[int]:
        """The positions whose state at the last looked-at moment dates from this span."""
        start, part = places.start, self._updated[places.start : places.stop]
        return [n for n, when in enumerate(part, start) if first <= when <= last]

    def find(self, number: str, at: int) -> Order | None:
        """The order with this 管理番号 (padding does not matter) if imported by that moment."""
        if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
            return None
        index = self._by_number.get(int(number))
        if index is None or not self.exists(self.orders[index], at):
            return None
        return self.orders[index]

    @staticmethod
    def exists(order: Order, at: int) -> bool:
        """True between an order's import and the deletion of its slip."""
        return order.created_at <= at < order.gone_at

    def first_above(self, number: int, *, inclusive: bool) -> int:
        """The position of the first order whose 管理番号 is above (or at) this number."""
        return bisect_right(self._numbers, number - 1 if inclusive else number)

    def phases(self, at: int) -> tuple[str, ...]:
        """The account's phase names at that moment, in screen order."""
        return next(names for since, names in reversed(self._phase_lists) if since <= at)

    def set_phases(self, at: int, names: Sequence[str]) -> None:
        """From that moment on the account has these phases; write-backs go by them."""
        self._phase_lists = [p for p in self._phase_lists if p[0] < at] + [(at, tuple(names))]
        for order in self.orders:
            self._set_state(order, self._looked_at)

    def bundled(self, order: Order, at: int) -> list[Order]:
        """The children whose goods travel with this order at that moment."""
        if order.index not in self.children:
            return []
        self.look(at)
        children = (self.orders[index] for index in self.children[order.index])
        return [c for c in children if c.created_at <= at and self._states[c.index].bundle_flag]

    def stock(self, at: int) -> StockBook:
        """The stock book, complete up to that moment."""
        self.reach(at)
        if self._book is None:
            book = StockBook(self.catalogue, self.opened_at, self.gaps)
            book.take_orders(self.orders)
            book.take_receipts(self.opened_at, self.plan.epoch + self._days * DAY_S)
            for sku, when, kind, quantity in self._stock_writes:
                book.move(sku, when, kind, quantity, because="upd_stock")
            self._book = book
        return self._book

    def write_stock(self, sku: int, at: int, kind: str, quantity: int) -> None:
        """An outside write to a SKU's figure, ADD or SET of ``stock``."""
        self.stock(at).move(sku, at, kind, quantity, because="upd_stock")
        self._stock_writes.append((sku, at, kind, quantity))

    def write(self, order: Order, at: int, changes: dict[str, Value], by: str = "api") -> None:
        """An outside write to an order at that moment, by ``upd_*`` or by staff.

        A changed phase ends staff's own plans for the order: it stays where it was put, except
        that the 3PL still collects it from 発送待機 and still reports what it already took [D].
        """
        self.look(at)
        before = self._states[order.index]
        event = Event(at, by, tuple(changes.items()))
        moved = changes.get("phase_name", before.phase_name) != before.phase_name
        if not moved:
            events = sorted((*order.events, event), key=lambda e: e.at)
            self._put(replace(order, events=tuple(events)), at)
            return
        self._put(self._replanned(order, event, before), at)
        self._book = None

    def delete(self, order: Order, at: int) -> None:
        """Staff delete the slip at that moment; what the 3PL took already goes its way [D]."""
        self.look(at)
        taken = tuple(p for p in order.packings if p.registered_at <= at)
        kept = tuple(e for e in order.events if e.at <= at)
        self._put(replace(order, events=kept, packings=taken, gone_at=at), at)
        self._book = None

    def _replanned(self, order: Order, event: Event, before: State) -> Order:
        at = event.at
        taken = tuple(p for p in order.packings if p.registered_at <= at)
        kept = [e for e in order.events if e.at <= at or (taken and e.by == "3pl")]
        future = Course()
        waits = dict(event.changes)["phase_name"] == AWAITING and before.cancel_flag == 0
        if waits and not taken and not before.bundle_ahead_number:
            rng = random.Random(f"{self.plan.seed}:write:{order.index}:{at}")
            shipped = smartship.collect(
                future, order.index, order.shop, at,
                pulls=self.pulls, rng=rng, ordinal=REPLAN_ORDINAL,
            )  # fmt: skip
            if shipped is not None:
                finish(future, shipped, rng)
        events = sorted((*kept, event, *future.events()), key=lambda e: e.at)
        return replace(order, events=tuple(events), packings=(*taken, *future.packings))

    def _set_state(self, order: Order, at: int) -> None:
        state = state_at(order, at, self.phases)
        self._states[order.index] = state
        self._updated[order.index] = state.updated_at

    def _put(self, order: Order, at: int) -> None:
        self.orders[order.index] = order
        self._set_state(order, at)
        for event in order.events:
            if event.at >= at:
                insort(self._agenda, (event.at, order.index))

    def reach(self, at: int) -> None:
        """Makes the days after the epoch up to that moment, and one more.

        Raises OutOfRangeError beyond 400 days after the epoch.
        """
        wanted = (at - self.plan.epoch) // DAY_S + 2
        if wanted > FURTHEST_DAYS:
            raise OutOfRangeError(f"more than {FURTHEST_DAYS} days after the epoch")
        while self._days < wanted:
            arrivals = day_arrivals(
                self.plan.seed, self.plan.scenario, self.plan.epoch, self._days,
                wanted=self.plan.orders,
            )  # fmt: skip
            start = self.plan.epoch + self._days * DAY_S
            self._days += 1
            made = self._take(arrivals)
            if self._book is not None:
                self._book.take_orders(made)
                self._book.take_receipts(start, start + DAY_S)

    def _take(self, arrivals: Sequence[Arrival]) -> list[Order]:
        made: list[Order] = []
        places: dict[int, Order] = {}
        for arrival in arrivals:
            parent = places.get(id(arrival.parent)) if arrival.parent else None
            order = self._maker.make(arrival, len(self.orders), parent)
            places[id(arrival)] = order
            if parent is not None:
                self.children.setdefault(parent.index, []).append(order.index)
            self._by_number[int(order.number)] = order.index
            self._numbers.append(int(order.number))
            self._created.append(order.created_at)
            state = state_at(order, self._looked_at, self.phases)
            self._states.append(state)
            self._updated.append(state.updated_at)
            self._agenda.extend((event.at, order.index) for event in order.events)
            self.orders.append(order)
            made.append(order)
        self._agenda.sort()
        return made
