"""Which orders arrive when: the 30 days before the epoch, and each day after it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from crossmall.sandbox import plants
from crossmall.sandbox.clock import DAY_S, HOUR_S, JST_OFFSET_S
from crossmall.sandbox.scenario import ORDER_PLANTS, Scenario
from crossmall.sandbox.smartship import Pulls
from crossmall.sandbox.written import WrittenOrder

HISTORY_DAYS = 30
IMPORT_EVERY_S = 420  # [S]
HELD_AT_EPOCH = 3
BUNDLE_SHARE = 0.03
SHOPS: Mapping[str, str] = {
    "1": "みほん商店 楽天市場店",
    "2": "みほん商店 Yahoo!ショッピング店",
    "3": "みほん商店 Amazon店",
    "4": "みほん商店 au PAY マーケット店",
}
SHOP_SHARES = (0.4, 0.25, 0.2, 0.15)
# how busy each JST hour is, from midnight on
HOURLY = (6, 4, 2, 1, 1, 1, 2, 4, 5, 6, 7, 7, 9, 7, 6, 6, 6, 7, 8, 10, 12, 13, 12, 9)


@dataclass(slots=True, eq=False)
class Arrival:
    """One order about to be imported: when, where, and what is special about it."""

    created_at: int
    shop: str
    kind: str = ""
    ordinal: int = 0
    parent: "Arrival | None" = None
    written: WrittenOrder | None = None
    bundles_at: int = 0
    child: "Arrival | None" = field(default=None, repr=False)


def history_arrivals(seed: int, scenario: Scenario, pulls: Pulls, wanted: int) -> list[Arrival]:
    """The orders of the 30 days before the epoch, ascending by import.

    Planted ones count towards ``wanted``; there are never fewer than the planted ones.
    """
    special = _planted_arrivals(scenario, pulls)
    start = pulls.epoch - HISTORY_DAYS * DAY_S
    special += _written_arrivals(scenario, pulls.epoch, start, pulls.epoch + 1)
    rng = random.Random(f"{seed}:{scenario.name}:history")
    plain = _plain(max(0, wanted - len(special)), start, pulls.epoch, rng)
    return sorted(special + plain, key=lambda arrival: arrival.created_at)


def day_arrivals(
    seed: int, scenario: Scenario, epoch: int, number: int, *, wanted: int
) -> list[Arrival]:
    """The orders of the n-th 24 hours after the epoch (from 0), ascending by import."""
    start = epoch + number * DAY_S
    rng = random.Random(f"{seed}:day:{number}")
    count = (number + 1) * wanted // HISTORY_DAYS - number * wanted // HISTORY_DAYS
    made = _plain(count, start, start + DAY_S, rng)
    made += _written_arrivals(scenario, epoch, start + 1, start + DAY_S + 1)
    return sorted(made, key=lambda arrival: arrival.created_at)


def _written_arrivals(scenario: Scenario, epoch: int, start: int, end: int) -> list[Arrival]:
    """The written orders that arrive in [start, end), bundled ones tied to their parents."""
    made = [
        Arrival(at, order.shop, plants.WRITTEN, n, written=order)
        for n, order in enumerate(scenario.orders)
        if start <= (at := order.arrived.at(epoch)) < end
    ]
    named = {one.written.name: one for one in made if one.written}
    for one in made:
        if one.written and one.written.parent:
            one.parent = named[one.written.parent]
            later = one.created_at + plants.BUNDLED_AFTER_S
            one.parent.bundles_at = max(one.parent.bundles_at, later)
    return made


def _plain(count: int, start: int, end: int, rng: random.Random) -> list[Arrival]:
    arrivals: list[Arrival] = []
    while len(arrivals) < count:
        at = rng.randrange(start, end)
        if rng.randint(1, max(HOURLY)) > HOURLY[(at + JST_OFFSET_S) % DAY_S // HOUR_S]:
            continue
        shop = rng.choices(tuple(SHOPS), SHOP_SHARES)[0]
        cycle = int(shop) * 60
        at = max(
            start + 1, (at - cycle) // IMPORT_EVERY_S * IMPORT_EVERY_S + cycle + rng.randint(0, 9)
        )
        first = Arrival(min(at, end - 1), shop)
        arrivals.append(first)
        later = first.created_at + rng.randint(480, 1500)
        if rng.random() < BUNDLE_SHARE and later < end and len(arrivals) < count:
            first.child = Arrival(later, shop, parent=first)
            arrivals.append(first.child)
    return arrivals


def _planted_arrivals(scenario: Scenario, pulls: Pulls) -> list[Arrival]:
    """Planted orders on connected shops in turn (F04: on the dead ones), and some on hold."""
    connected = [shop for shop in SHOPS if shop not in pulls.dead]
    dead = sorted(pulls.dead)
    arrivals: list[Arrival] = []
    for kind in ORDER_PLANTS:
        shops = dead if kind == "F04" else connected
        for ordinal in range(scenario.plants.get(kind, 0)):
            shop = shops[ordinal % len(shops)]
            at = plants.imported_at(kind, ordinal, pulls)
            arrivals.append(Arrival(at, shop, kind, ordinal))
            if kind == "F03":
                later = plants.imported_at(plants.COMPANION, ordinal, pulls)
                arrivals.append(Arrival(later, shop, plants.COMPANION, ordinal))
            if kind == plants.SHARED_CODE:
                other = connected[(ordinal + 1) % len(connected)]
                arrivals.append(Arrival(at + 1800, other, kind, ordinal))
    for ordinal in range(HELD_AT_EPOCH):
        at = plants.imported_at(plants.HELD, ordinal, pulls)
        shop = connected[ordinal % len(connected)]
        arrivals.append(Arrival(at, shop, plants.HELD, ordinal))
    return arrivals
