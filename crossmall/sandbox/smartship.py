"""The 3PL on the other side of the shop: hourly pulls, packing numbers, statuses, write-backs.

It takes orders in exactly 発送待機 [S] that are not cancelled, held or bundled children [I], and
reports shipments when the phase QXPRESS発送済み exists exactly [S]; that it writes phase, tracking,
date and carrier is our reading [I].
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from crossmall.sandbox.clock import HOUR_S
from crossmall.sandbox.schedule import Course, Packing

PULL_EVERY_S = HOUR_S  # [S]
LAST_PULL_BEFORE_EPOCH_S = 20 * 60
NEW, CONFIRMED, INSTRUCTED = "新規", "注文確認", "出荷指示済み"
SHIPPED, DELIVERED = "出荷完了", "配送完了"
COURIERS = ("佐川急便", "ヤマト運輸", "日本郵便")
BY_PULL, BY_HAND = "API", "MANUAL"
SITE_ORDER_IS_NUMBER = frozenset({"3"})  # shops whose site order no. is the 管理番号 [I]
QSP_FIRST = 204_100_000
TRACKING_FIRST = 400_010_000_000
NUMBERS_PER_ORDER = 4


@dataclass(frozen=True, slots=True)
class Pulls:
    """When the 3PL collects, and since when it no longer does for a shop.

    epoch: the last pull lies 20 minutes before it. dead: shop code -> instant of the break.
    """

    epoch: int
    dead: Mapping[str, int]

    @property
    def last_before_epoch(self) -> int:
        """The pull 20 minutes before the epoch; all others are whole hours away from it."""
        return self.epoch - LAST_PULL_BEFORE_EPOCH_S

    def next_after(self, at: int) -> int:
        """The first pull at or after that moment."""
        steps = -((self.last_before_epoch - at) // PULL_EVERY_S)
        return self.last_before_epoch + steps * PULL_EVERY_S

    def collected_at(self, shop: str, ready_at: int) -> int | None:
        """When an order ready since then is taken, or None while its shop is disconnected."""
        pull = self.next_after(ready_at)
        since = self.dead.get(shop)
        return None if since is not None and pull >= since else pull


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """The dates of one parcel: registered, shipped; and its running number within the order."""

    registered_at: int
    shipped_at: int
    ordinal: int = 0
    by: str = BY_PULL
    parts: tuple[tuple[int, int], ...] = ()


def parcel(order: int, handling: Handling, rng: random.Random) -> Packing:
    """The 3PL's row group for an order: 新規 to 配送完了, one tracking number from shipping on."""
    registered, shipped = handling.registered_at, handling.shipped_at
    confirmed = registered + rng.randint(120, 600)
    instructed = confirmed + rng.randint(300, 1200)
    delivered = shipped + rng.randint(18 * HOUR_S, 60 * HOUR_S)
    running = order * NUMBERS_PER_ORDER + handling.ordinal
    return Packing(
        number=f"QSP{QSP_FIRST + running}",
        by=handling.by,
        courier=COURIERS[rng.randrange(len(COURIERS))],
        steps=(
            (registered, NEW),
            (confirmed, CONFIRMED),
            (instructed, INSTRUCTED),
            (shipped, SHIPPED),
            (delivered, DELIVERED),
        ),
        tracking=((shipped, str(TRACKING_FIRST + running * 37)),),
        parts=handling.parts,
    )


def collect(
    course: Course,
    order: int,
    shop: str,
    ready_at: int,
    *,
    pulls: Pulls,
    rng: random.Random,
    ordinal: int = 0,
) -> int | None:
    """Plans the healthy way of a ready order: pulled, shipped 6-26 h later, written back.

    Adds both to the course and gives the shipping instant, None if the shop is disconnected.
    """
    pulled = pulls.collected_at(shop, ready_at)
    if pulled is None:
        return None
    registered = pulled + rng.randint(2, 50)
    shipped = registered + rng.randint(6 * HOUR_S, 26 * HOUR_S)
    dates = Handling(registered_at=registered, shipped_at=shipped, ordinal=ordinal)
    ship(course, order, dates, rng=rng)
    return shipped


def ship(
    course: Course, order: int, handling: Handling, *, rng: random.Random, write_back: bool = True
) -> Packing:
    """Adds one parcel to the course and, unless it is lost, the write-back of its shipment."""
    packing = parcel(order, handling, rng)
    course.packings.append(packing)
    if write_back:
        course.write_back(handling.shipped_at + rng.randint(5, 40), handling.shipped_at, packing)
    return packing
