"""Stock as CROSS MALL counts it: opening, plus receipts, minus imported orders; never stored.

Import deducts [S]; a cancelled order gives its pieces back [D]; sets have no stock of their own,
they are computed from their components [S for the steps].
"""

import random
from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from crossmall.sandbox.catalogue import RECEIPT_EVERY_S, Catalogue, Sku
from crossmall.sandbox.clock import DAY_S, HOUR_S
from crossmall.sandbox.scenario import Scenario
from crossmall.sandbox.schedule import NEVER, Line, Order

ADD, SET = "add", "set"
PUSHED_OVER = "pushed_over"
MOVED = ("damaged", "overwritten", "orphaned", "not_received")
SAFETY = 3  # pieces that a SKU with the sync type "safety stock" keeps back


@dataclass(frozen=True, slots=True, order=True)
class Movement:
    """One dated change of a SKU's CROSS MALL quantity: pieces added, or an overwritten figure.

    because: "order 00012345", "receipt", "upd_stock" or "planted" with its kind.
    """

    at: int
    sequence: int
    kind: str
    quantity: int
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockGap:
    """A planted difference: pieces moved in CROSS MALL, or in the warehouse, or how the 3PL syncs the SKU.

    received: pieces the warehouse took in that CROSS MALL does not know of. elsewhere: pieces that lie in the second warehouse.
    """

    kind: str
    sku: int
    at: int
    crossmall: int = 0
    damaged: int = 0
    inbound: int = 0
    received: int = 0
    elsewhere: int = 0


@dataclass(slots=True)
class _Shelf:
    """The movements of one SKU with the figure after each, in time order."""

    opening: int
    moves: list[Movement] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)

    def settle(self) -> None:
        self.moves.sort()
        self.times = [move.at for move in self.moves]
        self.levels = []
        level = self.opening
        for move in self.moves:
            level = move.quantity if move.kind == SET else level + move.quantity
            self.levels.append(level)


class StockBook:
    """All movements of all SKUs, asked for the figure at a moment."""

    def __init__(self, catalogue: Catalogue, opened_at: int, gaps: Iterable[StockGap]) -> None:
        self.catalogue = catalogue
        self.opened_at = opened_at
        self._shelves = [_Shelf(sku.opening) for sku in catalogue.skus]
        self._sequence = 0
        self._unsettled = set(range(len(catalogue.skus)))
        for gap in gaps:
            if gap.crossmall:
                self.move(gap.sku, gap.at, ADD, gap.crossmall, because=f"planted {gap.kind}")

    def move(self, sku: int, at: int, kind: str, quantity: int, *, because: str) -> None:
        """Adds pieces to a SKU (ADD) or overwrites its figure (SET) at that moment."""
        self._sequence += 1
        self._shelves[sku].moves.append(Movement(at, self._sequence, kind, quantity, because))
        self._unsettled.add(sku)

    def take_orders(self, orders: Iterable[Order]) -> None:
        """Deducts imported orders and gives back what is cancelled later."""
        for order in orders:
            for at, lines, sign in _stays(order):
                for line in lines:
                    for sku, pieces in sku_pieces(self.catalogue, line.sku, line.amount):
                        self.move(sku, at, ADD, sign * pieces, because=f"order {order.number}")

    def take_receipts(self, start: int, end: int) -> None:
        """Books the regular receipts that fall into this span."""
        for sku in self.catalogue.skus:
            for at in receipts(sku, self.opened_at, start, end):
                self.move(sku.index, at, ADD, sku.receipt, because="receipt")

    def level(self, sku: Sku, at: int) -> int:
        """Free pieces at that moment, negative when oversold; sets by their components."""
        if sku.components:
            return self._set_level(sku, at)
        shelf, position = self._position(sku.index, at)
        return shelf.levels[position - 1] if position else shelf.opening

    def history(self, sku: Sku) -> list[tuple[Movement, int]]:
        """The SKU's own movements in time order, each with the figure after it; none for sets."""
        shelf, _ = self._position(sku.index, 0)
        return list(zip(shelf.moves, shelf.levels, strict=True))

    def changed_at(self, sku: Sku, at: int) -> int:
        """When the figure last moved, up to that moment; a set follows its components."""
        if sku.components:
            parts = (self.catalogue.skus[index] for index, _ in sku.components)
            return max(self.changed_at(part, at) for part in parts)
        shelf, position = self._position(sku.index, at)
        return shelf.times[position - 1] if position else self.opened_at

    def _set_level(self, sku: Sku, at: int) -> int:
        sellable = []
        for index, count in sku.components:
            part = self.catalogue.skus[index]
            sellable.append((self.level(part, at) - part.keep_stock) // count)
        return min(sellable) - sku.keep_stock

    def _position(self, sku: int, at: int) -> tuple[_Shelf, int]:
        shelf = self._shelves[sku]
        if sku in self._unsettled:
            shelf.settle()
            self._unsettled.discard(sku)
        return shelf, bisect_right(shelf.times, at)


def _stays(order: Order) -> list[tuple[int, tuple[Line, ...], int]]:
    """(instant, lines, -1 taken or +1 given back): import, changed lines, cancelling, deletion."""
    lines = order.lines
    moves = [(order.created_at, lines, -1)]
    for event in order.events:
        changes = dict(event.changes)
        if version := changes.get("lines_no"):
            changed = order.variants[int(version) - 1]
            moves += [(event.at, lines, 1), (event.at, changed, -1)]
            lines = changed
        if changes.get("cancel_flag") == 2:
            return [*moves, (event.at, lines, 1)]
    if order.gone_at != NEVER:
        moves.append((order.gone_at, lines, 1))
    return moves


def order_pieces(catalogue: Catalogue, order: Order) -> list[tuple[int, int]]:
    """(SKU index, pieces) of an order's lines, sets taken apart."""
    return [p for line in order.lines for p in sku_pieces(catalogue, line.sku, line.amount)]


def sku_pieces(catalogue: Catalogue, sku: int, amount: int) -> list[tuple[int, int]]:
    """(SKU index, pieces) that so many of a SKU mean on the shelf."""
    components = catalogue.skus[sku].components
    if not components:
        return [(sku, amount)]
    return [(part, count * amount) for part, count in components]


def receipts(sku: Sku, opened_at: int, start: int, end: int) -> list[int]:
    """The instants in [start, end) at which the SKU's weekly receipt is booked."""
    if not sku.receipt:
        return []
    first = opened_at + 2 * DAY_S + sku.index * 1_777 % RECEIPT_EVERY_S
    skipped = max(0, -((first - start) // RECEIPT_EVERY_S))
    return list(range(first + skipped * RECEIPT_EVERY_S, end, RECEIPT_EVERY_S))


def stock_gaps(
    seed: int, scenario: Scenario, catalogue: Catalogue, epoch: int, *, odd: Collection[int]
) -> tuple[StockGap, ...]:
    """The planted differences, each on a SKU of its own; odd: SKUs whose link is planted, which hides all else."""
    rng = random.Random(f"{seed}:{scenario.name}:gaps")
    real = [s.index for s in catalogue.skus if not s.components and s.index not in odd]
    moved = [kind for kind, count in scenario.stock.items() if kind in MOVED for _ in range(count)]
    chosen = rng.sample(real, min(len(moved), len(real)))
    gaps = [_gap(k, sku, epoch, rng.randint(2, 6)) for k, sku in zip(moved, chosen, strict=False)]
    free = [index for index in real if index not in chosen]
    rng.shuffle(free)
    synced = [
        kind
        for kind, count in scenario.stock.items()
        if kind not in (*MOVED, PUSHED_OVER)
        for _ in range(count)
    ]
    gaps += [_gap(k, sku, epoch, rng.randint(2, 6)) for k, sku in zip(synced, free, strict=False)]
    return tuple(gaps)


def pushed_over(
    scenario: Scenario,
    catalogue: Catalogue,
    orders: Iterable[Order],
    epoch: int,
    *,
    odd: Collection[int],
) -> tuple[StockGap, ...]:
    """A push that wrote the figure over orders still waiting: their pieces back on, on SKUs that are not odd."""
    taken = set(odd)
    found = []
    for order in orders:
        late = order.created_at > epoch - 6 * HOUR_S
        called_off = any(dict(event.changes).get("cancel_flag") == 2 for event in order.events)
        if late or called_off or order.packings or order.parent is not None:
            continue
        for sku, pieces in order_pieces(catalogue, order):
            if sku not in taken and not catalogue.skus[sku].components:
                taken.add(sku)
                found.append(
                    StockGap(kind=PUSHED_OVER, sku=sku, at=epoch - 2 * HOUR_S, crossmall=pieces)
                )
    return tuple(found[: scenario.stock.get(PUSHED_OVER, 0)])


def _gap(kind: str, sku: int, epoch: int, pieces: int) -> StockGap:
    if kind == "safety":
        return StockGap(kind=kind, sku=sku, at=epoch - 40 * HOUR_S, crossmall=-SAFETY)
    if kind in ("not_synced", "switched_off", "failing", "wrong_link"):
        return StockGap(kind=kind, sku=sku, at=epoch - 30 * HOUR_S, crossmall=pieces)
    if kind == "second_house":
        return StockGap(kind=kind, sku=sku, at=epoch - 50 * HOUR_S, elsewhere=pieces)
    if kind in ("keep_minimum", "no_figure", "unlimited"):
        return StockGap(kind=kind, sku=sku, at=epoch)
    if kind == "late_receipt":
        return StockGap(kind=kind, sku=sku, at=epoch - 300, received=pieces)
    if kind == "damaged":
        return StockGap(kind=kind, sku=sku, at=epoch - 50 * HOUR_S, damaged=pieces)
    if kind == "overwritten":
        return StockGap(kind=kind, sku=sku, at=epoch - 6 * HOUR_S, crossmall=pieces)
    if kind == "orphaned":
        return StockGap(kind=kind, sku=sku, at=epoch - 30 * HOUR_S, crossmall=-pieces)
    return StockGap(kind=kind, sku=sku, at=epoch - 20 * HOUR_S, crossmall=pieces, inbound=pieces)
