"""From arrivals to orders: numbers, goods, and the life each one is going to have."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from crossmall.sandbox import plants
from crossmall.sandbox.arrivals import Arrival
from crossmall.sandbox.catalogue import Catalogue
from crossmall.sandbox.lives import Subject, healthy_life
from crossmall.sandbox.schedule import Course, Line, Order
from crossmall.sandbox.smartship import Pulls
from crossmall.sandbox.written_lives import written_life

FIRST_NUMBER = 10_231
DELETED_EVERY = 41  # now and then a slip was deleted and its number is missing
OPTIONS = ("", "", "", "ギフト包装:あり", "名入れ:ミホン", "のし:内祝 <蝶結び>")
NEAR_MISSES = (plants.SPLIT, "tracking_format", plants.SHARED_CODE, *plants.BORDERS)


@dataclass(frozen=True, slots=True)
class Maker:
    """Turns arrivals into orders, one by one, in the order of their import."""

    seed: int
    scenario: str
    catalogue: Catalogue
    pulls: Pulls

    def make(self, arrival: Arrival, index: int, parent: Order | None) -> Order:
        """The order at this position; ``parent`` is its bundle parent, made before it.

        The same arguments give the same order in every process.
        """
        rng = random.Random(f"{self.seed}:{self.scenario}:order:{index}")
        written = arrival.written
        lines = written.lines if written else self._lines(arrival.kind, rng)
        life, variants = self._life(arrival, index, parent, rng)
        number = order_number(index)
        code_rng = random.Random(f"{self.seed}:{arrival.kind}:{arrival.ordinal}")
        shared = arrival.kind == plants.SHARED_CODE
        return Order(
            index=index,
            number=number,
            shop=arrival.shop,
            code=_CODES["2"](code_rng, 7) if shared else _CODES[arrival.shop](rng, index),
            ordered_at=arrival.created_at - rng.randint(45, 480),
            created_at=arrival.created_at,
            lines=lines,
            events=life.events(),
            packings=tuple(life.packings),
            planted=_label(arrival.kind),
            buyer=parent.buyer if parent else index,
            parent=parent.index if parent else None,
            variants=variants,
        )

    def _life(
        self, arrival: Arrival, index: int, parent: Order | None, rng: random.Random
    ) -> tuple[Course, tuple[tuple[Line, ...], ...]]:
        if arrival.written is not None:
            return self._written_life(arrival, index, parent, rng)
        return self._usual_life(arrival, index, parent, rng), ()

    def _written_life(
        self, arrival: Arrival, index: int, parent: Order | None, rng: random.Random
    ) -> tuple[Course, tuple[tuple[Line, ...], ...]]:
        assert arrival.written is not None
        if parent is not None:
            return _child_life(arrival, parent), ()
        life = written_life(arrival.written, index, self.pulls, rng)
        if arrival.bundles_at:
            life.course.change(arrival.bundles_at, "staff", bundle_flag=1)
        return life.course, life.variants

    def _usual_life(
        self, arrival: Arrival, index: int, parent: Order | None, rng: random.Random
    ) -> Course:
        subject = Subject(index, arrival.shop, arrival.created_at)
        if parent is not None:
            return _child_life(arrival, parent)
        if arrival.child is not None:
            bundled = arrival.child.created_at + plants.BUNDLED_AFTER_S
            life = healthy_life(
                Subject(index, arrival.shop, bundled), self.pulls, rng, may_stop=False
            )
            life.change(bundled, "staff", bundle_flag=1)
            return life
        if arrival.kind:
            case = plants.Case(arrival.kind, arrival.ordinal, subject, self.pulls)
            return plants.planted_life(case, rng)
        return healthy_life(subject, self.pulls, rng)

    def _lines(self, kind: str, rng: random.Random) -> tuple[Line, ...]:
        if kind == plants.SPLIT:
            return (self._line(rng, plants.SPLIT_AMOUNT),)
        count = rng.choices((1, 2, 3, 4), (0.66, 0.22, 0.09, 0.03))[0]
        amounts = rng.choices((1, 2, 3, 10), (0.84, 0.11, 0.04, 0.01), k=count)
        return tuple(self._line(rng, amount) for amount in amounts)

    def _line(self, rng: random.Random, amount: int) -> Line:
        skus = self.catalogue.skus
        sku = skus[min(int(rng.random() ** 1.35 * len(skus)), len(skus) - 1)]
        item = self.catalogue.item_of(sku)
        return Line(sku.index, amount, item.unit_price, rng.choice(OPTIONS))


def order_number(index: int) -> str:
    """The 管理番号 at a position: eight digits, ascending, with gaps of deleted slips."""
    return f"{FIRST_NUMBER + index + index // DELETED_EVERY:08d}"


def _child_life(arrival: Arrival, parent: Order) -> Course:
    """A bundled child goes where its parent goes [D]; the 3PL never sees it."""
    life = Course()
    bundled = arrival.created_at + plants.BUNDLED_AFTER_S
    life.change(bundled, "staff", bundle_flag=1, bundle_ahead_number=parent.number)
    for event in parent.events:
        if event.at > bundled:
            life.repeat(event)
    return life


def _label(kind: str) -> str:
    return kind if kind.startswith("F") or kind in NEAR_MISSES or kind == plants.WRITTEN else ""


def _rakuten(rng: random.Random, index: int) -> str:
    return f"000123-{20_240_000 + index:08d}-{rng.randint(0, 9_999_999_999):010d}"


def _yahoo(rng: random.Random, index: int) -> str:
    return f"mihon-{10_000_000 + index * 3 + rng.randint(0, 2)}"


def _amazon(rng: random.Random, index: int) -> str:
    return f"000-{index % 10_000_000:07d}-{rng.randint(0, 9_999_999):07d}"


def _au(rng: random.Random, index: int) -> str:
    return f"{700_000_000 + index * 3 + rng.randint(0, 2)}"


_CODES: dict[str, Callable[[random.Random, int], str]] = {
    "1": _rakuten,
    "2": _yahoo,
    "3": _amazon,
    "4": _au,
}
