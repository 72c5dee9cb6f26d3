"""The shop's items, SKUs, JANs and sets: fixed by the seed, the same at any time."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crossmall.sandbox import wares

DAY_S = 86400
EMPTY_JAN_SHARE = 0.08
NEGATIVE_SKUS = 3
RECEIPT_EVERY_S = 7 * DAY_S
NEGATIVE_STOCK_BELOW_DEMAND = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """One stock-keeping unit: an item with at most two attribute values.

    opening: pieces at the start of the history. receipt: pieces booked in every seven days.
    components: (SKU index, pieces per set) of a set, empty for real goods.
    """

    index: int
    item: int
    code: str
    attribute1: tuple[str, str]
    attribute2: tuple[str, str]
    jan: str
    opening: int
    receipt: int
    keep_stock: int
    safety_stock: int
    registered_days: int
    components: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One master item 標準商品 with its group labels and the indexes of its SKUs.

    again: code of the item that staff registered a second time under this one, else empty.
    """

    index: int
    code: str
    name: str
    unit_price: int
    label1: str
    label2: str
    skus: tuple[int, ...]
    registered_days: int
    again: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All items in ascending 商品コード and all their SKUs."""

    items: tuple[Item, ...]
    skus: tuple[Sku, ...]

    def item_of(self, sku: Sku) -> Item:
        """The item a SKU belongs to."""
        return self.items[sku.item]

    def item_by_code(self, code: str) -> Item | None:
        """The item with exactly this 商品コード."""
        return next((item for item in self.items if item.code == code), None)

    def skus_of(self, item: Item) -> tuple[Sku, ...]:
        """The item's SKUs, attribute 1 before attribute 2."""
        return tuple(self.skus[index] for index in item.skus)


def jan13(body: int) -> str:
    """A 13-digit JAN from the in-store range (prefix 29), with a valid check digit."""
    digits = f"29{body:010d}"
    odd, even = digits[::2], digits[1::2]
    total = sum(int(d) for d in odd) + 3 * sum(int(d) for d in even)
    return f"{digits}{-total % 10}"


@dataclass(frozen=True, slots=True)
class _Draft:
    code: str
    name: str
    price: int
    labels: tuple[str, str]
    values: tuple[tuple[tuple[str, str], tuple[str, str]], ...]
    parts: tuple[tuple[int, int], ...] = ()


_NONE = ("", "")
_VALUES = {
    wares.COLOUR: wares.COLOURS,
    wares.FLAVOUR: wares.FLAVOURS,
    wares.CAPACITY: wares.CAPACITIES,
}


def _drafts() -> list[_Draft]:
    drafts = []
    for n, (name, price, colours, sizes) in enumerate(wares.TWO_ATTRIBUTES, start=1):
        values = tuple((c, s) for c in wares.COLOURS[:colours] for s in wares.SIZES[:sizes])
        drafts.append(_Draft(f"AP-{n:04d}", name, price, (wares.COLOUR, wares.SIZE), values))
    for n, (name, price, label, count) in enumerate(wares.ONE_ATTRIBUTE, start=1):
        offset = n % 3 if label == wares.COLOUR else 0
        chosen = _VALUES[label][offset : offset + count]
        one = tuple((value, _NONE) for value in chosen)
        drafts.append(_Draft(f"GD-{n:04d}", name, price, (label, ""), one))
    for n, (name, price) in enumerate(wares.NO_ATTRIBUTE, start=1):
        drafts.append(_Draft(f"LF-{n:04d}", name, price, _NONE, ((_NONE, _NONE),)))
    for n, (name, price, parts) in enumerate(wares.SETS, start=1):
        drafts.append(_Draft(f"ST-{n:04d}", name, price, _NONE, ((_NONE, _NONE),), parts))
    return drafts


def make_catalogue(seed: int, orders_per_day: float) -> Catalogue:
    """About 60 items and 160 SKUs; opening stock fits the expected demand of the history.

    A few SKUs are oversold on purpose, one JAN is used twice and some are empty.
    """
    rng = random.Random(f"{seed}:catalogue")
    drafts = _drafts()
    singles = [d.code for d in drafts if d.labels == _NONE and not d.parts]
    items: list[Item] = []
    skus: list[Sku] = []
    first_sku: dict[str, int] = {}
    for number, draft in enumerate(drafts):
        first_sku[draft.code] = len(skus)
        parts = tuple((first_sku[singles[position]], count) for position, count in draft.parts)
        made = _skus_of(draft, number, len(skus), parts, rng=rng)
        skus += made
        items.append(
            Item(
                index=number, code=draft.code, name=draft.name, unit_price=draft.price,
                label1=draft.labels[0], label2=draft.labels[1],
                skus=tuple(sku.index for sku in made), registered_days=rng.randint(40, 900),
            )
        )  # fmt: skip
    return Catalogue(tuple(items), tuple(_stocked(skus, orders_per_day, rng)))


def registered_twice(catalogue: Catalogue, count: int) -> Catalogue:
    """The catalogue with so many of its items registered once more, unsold and without stock."""
    items, skus = list(catalogue.items), list(catalogue.skus)
    for known, code, name in wares.TWICE[:count]:
        item = catalogue.item_by_code(known)
        if item is None:
            raise ValueError(f"no item {known}")
        (own,) = catalogue.skus_of(item)
        place = len(items)
        items.append(
            replace(item, index=place, code=code, name=name, skus=(len(skus),), again=known)
        )
        skus.append(replace(own, index=len(skus), item=place, code=code, opening=0, receipt=0))
    return Catalogue(tuple(items), tuple(skus))


def _skus_of(
    draft: _Draft,
    item: int,
    start: int,
    parts: tuple[tuple[int, int], ...],
    *,
    rng: random.Random,
) -> list[Sku]:
    made = []
    for n, (one, two) in enumerate(draft.values):
        code = "-".join(text for text in (draft.code, one[0], two[0]) if text)
        jan = "" if parts or rng.random() < EMPTY_JAN_SHARE else jan13(1000 + start + n)
        made.append(
            Sku(
                index=start + n, item=item, code=code, attribute1=one, attribute2=two, jan=jan,
                opening=0, receipt=0, keep_stock=rng.choice((0, 0, 0, 1, 2)),
                safety_stock=rng.choice((0, 3, 5)), components=parts,
                registered_days=rng.choice((1, 3, 9, 60, 200, 400)),
            )
        )  # fmt: skip
    return made


def _stocked(skus: Sequence[Sku], orders_per_day: float, rng: random.Random) -> list[Sku]:
    real = [sku.index for sku in skus if not sku.components]
    short = set(rng.sample(real, NEGATIVE_SKUS))
    twin = rng.sample([i for i in real if skus[i].jan], 2)
    monthly = orders_per_day * 30 * 1.9 / len(real)
    stocked = []
    for sku in skus:
        opening, receipt = round(monthly * rng.uniform(1.3, 2.6)) + rng.randint(4, 40), 0
        if rng.random() < 0.25:
            receipt = max(1, round(monthly / 4))
        if sku.index in short:
            opening, receipt = max(0, round(monthly * 0.4) - NEGATIVE_STOCK_BELOW_DEMAND), 0
        if sku.components:
            opening = receipt = 0
        jan = skus[twin[0]].jan if sku.index == twin[1] else sku.jan
        stocked.append(_with_stock(sku, opening, receipt, jan))
    return stocked


def _with_stock(sku: Sku, opening: int, receipt: int, jan: str) -> Sku:
    return Sku(
        index=sku.index, item=sku.item, code=sku.code, attribute1=sku.attribute1,
        attribute2=sku.attribute2, jan=jan, opening=opening, receipt=receipt,
        keep_stock=sku.keep_stock, safety_stock=sku.safety_stock,
        registered_days=sku.registered_days, components=sku.components,
    )  # fmt: skip
