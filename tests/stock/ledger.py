"""A shop's stock lived through minute by minute in two systems, each with its own figure, and why they end up apart.

Nothing here knows how Totsugo judges: orders, pulls, pushes, receipts, damage and slips happen one after the other, and
every piece by which one figure moves without the other is booked under the cause of that movement, until a push from the
warehouse writes the shop's figure anew. What remains booked at the end is the truth.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor

DAY, HOUR = 1440, 60  # minutes
PULL_AT, PUSH_AT = 20, 40  # minute of the hour
KINDS = {  # what a SKU's sync is like -> how many of a thousand
    "copy": 590,
    "ratio": 50,
    "safety": 50,
    "sold_out": 30,
    "off": 60,
    "failing": 50,
    "frozen": 40,
    "none": 45,
    "wrong": 40,
    "duplicate": 45,
}
SLIPS = {"orphan": 0.06, "booked_early": 0.06, "edited": 0.08, "broken": 0.25, "recount": 0.15}


@dataclass(eq=False)
class Order:
    number: str
    sku: Sku
    pieces: int
    created: int
    ready: int
    registered: int | None = None
    cancelled: int | None = None
    reserved: bool = False  # else it stands at the warehouse as an error


@dataclass(eq=False)
class Bundle:
    """A set: no stock of its own, the shop offers as many as its scarcest component allows."""

    place: int
    parts: tuple[tuple[Sku, int], ...]
    keep: int

    def sellable(self, figures: Callable[[Sku], int], *, keep: int) -> int:
        return min(figures(sku) // pieces for sku, pieces in self.parts) - keep


@dataclass(eq=False)
class Sku:
    place: int
    kind: str
    pace: float  # orders a day
    value: float = 0  # ratio, safety stock or threshold
    shelf: list[int] = field(default_factory=lambda: [0, 0])  # by warehouse
    reserved: int = 0
    damaged: int = 0
    inbound: int = 0
    shop: int = 0
    other: int = 0  # stock of the SKU that is linked as well, or instead
    broken_since: int | None = None  # no push from then on
    pushed: tuple[int, int] | None = None  # when, how many
    last_seen: int | None = None  # what the last push was made of
    failed: int | None = None
    books: Counter[str] = field(default_factory=Counter)
    waiting: list[Order] = field(default_factory=list)
    seen_at: int = 0
    figure: tuple[int, int, int, int] | None = (
        None  # the warehouse file: available by warehouse, damaged, inbound
    )
    shop_figure: int | None = None
    files: list[tuple[int, int, int, int]] = field(
        default_factory=list
    )  # daily: when, available by warehouse, damaged

    @property
    def free(self) -> int:
        return sum(self.shelf) - self.reserved

    def shown(self, free: int) -> int:
        return {
            "ratio": lambda: floor(free * self.value),
            "safety": lambda: max(free - int(self.value), 0),
            "sold_out": lambda: free if free > self.value else 0,
        }.get(self.kind, lambda: free)()


class Shop:
    """A thousand SKUs for so many days; `end` is the last minute, `file_at` when the warehouse file was made."""

    def __init__(self, seed: int = 1, skus: int = 1000, days: int = 30) -> None:
        self.dice = random.Random(seed)
        self.end = (
            days * DAY + 55
        )  # behind the pull and the push of the last hour, before those of the next
        self.end += self.dice.randrange(HOUR)
        self.file_at = self.end - self.dice.randrange(5, 40)
        self.orders: list[Order] = []
        self.failures: list[tuple[int, Sku]] = []
        self._agenda: list[tuple[int, int, Callable[[int], None]]] = []
        self._sequence = 0
        kinds = [kind for kind, share in KINDS.items() for _ in range(share)]
        self.skus = [self._sku(place, self.dice.choice(kinds)) for place in range(skus)]
        self.bundles = [self._bundle(place) for place in range(skus // 30)]
        for sku in self.skus:
            self._plan(sku)
        for at in range(PULL_AT, self.end, HOUR):
            self.at(at, self._pull)
        for at in range(PUSH_AT, self.end, HOUR):
            self.at(at, self._push)
        for at in range(9 * HOUR, self.file_at, DAY):
            self.at(at, self._file)
        self.at(self.file_at, self._file)
        while self._agenda:
            now, _, act = heapq.heappop(self._agenda)
            act(now)

    def at(self, minute: int, act: Callable[[int], None]) -> None:
        if minute < self.end:
            self._sequence += 1
            heapq.heappush(self._agenda, (minute, self._sequence, act))

    def _sku(self, place: int, kind: str) -> Sku:
        dice = self.dice
        sku = Sku(place, kind, dice.choice((0.1, 0.3, 0.8, 2.0)))
        values = {"ratio": (0.5, 0.8, 0.9), "safety": (2, 3, 5), "sold_out": (3, 6)}
        sku.value = dice.choice(values.get(kind, (0,)))
        sku.shelf = [dice.randrange(20, 160), dice.randrange(0, 60)]
        sku.other = dice.randrange(0, 90)
        sku.damaged = dice.choice((0, 0, 0, 0, 2, 4))  # from long ago, and told
        sku.shop = sku.shown(sku.free)
        sku.books["rule"] = sku.shop - sku.free
        sku.pushed, sku.last_seen = (0, sku.shop), sku.free
        sku.seen_at = self.end - dice.randrange(1, 45)
        if kind in ("off", "failing", "frozen"):
            sku.broken_since = dice.randrange(10, 28) * DAY
        if kind == "none":
            sku.pushed = None
        if kind in ("wrong", "duplicate"):
            self._write(sku, 0, sku.other)
        return sku

    def _bundle(self, place: int) -> Bundle:
        plain = [sku for sku in self.skus if sku.kind == "copy"]
        parts = tuple((sku, self.dice.choice((1, 2, 3))) for sku in self.dice.sample(plain, 2))
        for sku, _ in parts:
            sku.seen_at = parts[0][0].seen_at
        return Bundle(place, parts, self.dice.choice((0, 0, 1, 2)))

    def _plan(self, sku: Sku) -> None:
        dice, now = self.dice, 0.0
        while True:
            now += dice.expovariate(sku.pace) * DAY
            if now >= self.end:
                break
            self.at(int(now), lambda at, sku=sku: self._order(sku, at))
        for _ in range(dice.choice((0, 1, 2))):
            self.at(dice.randrange(self.end), lambda at, sku=sku: self._receive(sku, at))
        if dice.random() < 0.1:
            soon = self.end - dice.randrange(1, 3 * HOUR)
            self.at(soon, lambda at, sku=sku: self._receive(sku, at, few=True))
        slips = {
            "orphan": self._orphan,
            "booked_early": self._book_early,
            "edited": self._edit,
            "broken": self._break,
            "recount": self._recount,
        }
        for name, act in slips.items():
            if dice.random() < SLIPS[name] and sku.kind in ("copy", "safety", "ratio"):
                back = dice.choice((2 * DAY, self.end - self.file_at + 30))
                self.at(
                    self.end - dice.randrange(1, back), lambda at, sku=sku, act=act: act(sku, at)
                )
        if sku.kind == "copy" and dice.random() < 0.04:
            self.at(
                self.end - dice.randrange(2, 20) * HOUR, lambda at, sku=sku: self._run_on(sku, at)
            )
        self.at(sku.seen_at, lambda at, sku=sku: self._look(sku))

    # What happens

    def _move(self, sku: Sku, now: int, pieces: int, cause: str) -> None:
        """The warehouse has that many more; the shop is not told before the next push."""
        sku.shelf[0] += pieces
        broken = sku.broken_since is not None and now >= sku.broken_since
        book = (
            {"off": "sync_off", "failing": "sync_failing", "frozen": "sync_failing"}.get(sku.kind)
            if broken
            else None
        )
        if sku.kind in ("none", "wrong", "duplicate"):
            book = f"mapping_{sku.kind}"
        if now <= self.file_at:
            sku.books[book or cause] -= pieces

    def _tell(self, sku: Sku, now: int, pieces: int, cause: str) -> None:
        """The shop's figure changes by that many, and nobody tells the warehouse."""
        if now <= sku.seen_at:
            sku.shop += pieces
            sku.books[cause] += pieces

    def _order(self, sku: Sku, now: int, pieces: int = 0) -> None:
        dice = self.dice
        wait = dice.choice((5, 30, 30, 120, 600))
        order = Order(
            f"{len(self.orders):08d}", sku, pieces or dice.choice((1, 1, 1, 2, 3)), now, now + wait
        )
        self.orders.append(order)
        if now <= sku.seen_at:
            sku.shop -= order.pieces
        sku.waiting.append(order)
        if dice.random() < 0.03:
            self.at(now + dice.randrange(10, 2000), lambda at: self._cancel(order, at))

    def _cancel(self, order: Order, now: int) -> None:
        sku = order.sku
        if order.cancelled is not None or now > sku.seen_at:
            return
        order.cancelled = now
        sku.shop += order.pieces
        if order in sku.waiting:
            sku.waiting.remove(order)
        elif order.reserved or sku.kind in ("none", "wrong", "duplicate"):
            sku.books[f"mapping_{sku.kind}" if sku.kind in ("none", "wrong") else "in_flight"] += (
                order.pieces
            )
        else:
            is_told = sku.pushed is not None and sku.pushed[0] >= (order.registered or 0)
            sku.books["in_flight" if is_told else "negative"] += order.pieces

    def _pull(self, now: int) -> None:
        for sku in self.skus:
            for order in [one for one in sku.waiting if one.ready <= now]:
                sku.waiting.remove(order)
                order.registered = now
                self._reserve(order, now)

    def _reserve(self, order: Order, now: int) -> None:
        """Taken from the shelf, or left standing as out of stock; a product without a link takes nothing."""
        sku, seen = order.sku, order.created <= order.sku.seen_at
        deducted = -order.pieces if seen else 0
        if sku.kind in ("none", "wrong", "duplicate"):
            if sku.kind == "duplicate":
                sku.reserved += order.pieces
                return self._late(sku, order, now, deducted)
            sku.books[f"mapping_{sku.kind}"] += deducted
            return None
        if sku.free < order.pieces:
            sku.books["negative"] += deducted
            return None
        order.reserved = True
        sku.reserved += order.pieces
        return self._late(sku, order, now, deducted)

    def _late(self, sku: Sku, order: Order, now: int, deducted: int) -> None:
        in_file = order.pieces if now <= self.file_at else 0
        sku.books["timing"] += deducted + in_file

    def _receive(self, sku: Sku, now: int, few: bool = False) -> None:
        self._move(sku, now, self.dice.randrange(2, 8 if few else 40), "timing")

    def _recount(self, sku: Sku, now: int) -> None:
        self._move(sku, now, max(self.dice.choice((-3, -2, 2, 3)), -max(sku.free, 0)), "timing")

    def _break(self, sku: Sku, now: int) -> None:
        pieces = min(self.dice.randrange(1, 5), sku.free)
        if pieces > 0:
            self._move(sku, now, -pieces, "damaged")
            sku.damaged += pieces

    def _orphan(self, sku: Sku, now: int) -> None:
        self._tell(sku, now, -self.dice.randrange(1, 6), "held")

    def _edit(self, sku: Sku, now: int) -> None:
        self._tell(sku, now, self.dice.randrange(2, 9), "unexplained")

    def _book_early(self, sku: Sku, now: int) -> None:
        sku.inbound = self.dice.randrange(6, 30)
        self._tell(sku, now, sku.inbound, "inbound")

    def _run_on(self, sku: Sku, now: int) -> None:
        """Many buyers at once: more is sold than the shelf holds."""
        left = max(sku.free - sum(order.pieces for order in sku.waiting), 0)
        for pieces in (left // 2, left - left // 2, *self.dice.choices((1, 2, 3), k=3)):
            if pieces:
                self._order(sku, now, pieces)

    def _push(self, now: int) -> None:
        for sku in self.skus:
            if sku.kind == "none" or (
                sku.kind in ("wrong", "duplicate") and now % (6 * HOUR) != PUSH_AT
            ):
                continue
            if sku.broken_since is not None and now >= sku.broken_since:
                if sku.kind == "failing" and now > self.end - 2 * DAY:
                    sku.failed = now
                continue
            free = sku.other if sku.kind in ("wrong", "duplicate") else max(sku.free, 0)
            if free != sku.last_seen or sku.kind in ("wrong", "duplicate"):
                self._write(sku, now, free)

    def _write(self, sku: Sku, now: int, free: int) -> None:
        """The shop's figure is written anew: whatever stood booked is settled, and waiting orders are passed over."""
        sku.last_seen = free
        if now >= sku.seen_at:
            return
        sku.shop = sku.shown(free)
        sku.pushed = (now, sku.shop)
        sku.books.clear()
        sku.books["overwritten"] = sum(order.pieces for order in sku.waiting)
        if sku.kind in ("wrong", "duplicate"):
            sku.books[f"mapping_{sku.kind}"] = free - self._free_in_file(sku, now)
        elif now <= self.file_at:
            sku.books["rule"] = sku.shop - free
        else:
            then = self._free_in_file(sku, now)
            sku.books["rule"] = sku.shown(then) - then
            sku.books["timing"] = sku.shop - sku.shown(then)

    def _free_in_file(self, sku: Sku, now: int) -> int:
        return (
            sku.free if now <= self.file_at or sku.figure is None else sku.figure[0] + sku.figure[1]
        )

    def _file(self, now: int) -> None:
        for sku in self.skus:
            first = sku.shelf[0] - sku.reserved
            if now == self.file_at:
                sku.figure = (first, sku.shelf[1], sku.damaged, sku.inbound)
            told = (first, sku.shelf[1], sku.damaged)
            if not sku.files or sku.files[-1][1:] != told:
                sku.files.append((now, *told))

    def _look(self, sku: Sku) -> None:
        sku.shop_figure = sku.shop

    def truth_of_bundle(self, bundle: Bundle) -> dict[str, int]:
        """What a set shows less or more is its components' doing, but for what the shop keeps back."""
        offered = bundle.sellable(lambda sku: sku.shop_figure or 0, keep=0)
        there = bundle.sellable(lambda sku: sum((sku.figure or (0, 0))[:2]), keep=0)
        books = {"set_product": offered - there, "held": -bundle.keep}
        return {cause: pieces for cause, pieces in books.items() if pieces}

    def truth(self, sku: Sku) -> dict[str, int]:
        """Cause -> pieces of the gap between the shop's figure and the file's."""
        books = Counter(sku.books)
        for order in sku.waiting:
            if order.created <= sku.seen_at:
                books["in_flight"] -= order.pieces
        return {cause: pieces for cause, pieces in books.items() if pieces}
