"""R1: faults in a sync lose nothing, double nothing and leave no wrong row.

The kinds of fault come from the sandbox's own menu, so a new kind is covered as soon as it exists; the strikes are
counted by the sandbox.
"""

import random

import pytest

from reconcile import Workspace
from reconcile.errors import SyncFailed
from tests.reliability.checker import Checker
from tests.reliability.desk import HastyWorkspace, open_desk

ENDPOINTS = {  # what a sync calls -> the part of a sync that calls it
    "get_phase": "orders",
    "get_order": "orders",
    "get_order_detail": "orders",
    "get_order_component": "orders",
    "get_item": "catalogue",
    "get_item_sku": "catalogue",
    "get_stock": "stock",
    "get_diff_item_sku": "catalogue",
    "get_diff_stock": "stock",
}
CYCLES = 3  # after the faults have stopped
PAUSE_S = 1800  # between two cycles: longer than an increment reads back by itself
JUDGED = (
    0.1  # share of the mirrors of which verdicts are made too, whatever the faults left in them
)
WAIT_S = 0.6  # what a fault that waits waits here: longer than the client does
LAG_S = 2400  # how old the sandbox's old data are: older than what the cycle before has read
SKEW_S = 3600  # how far the sandbox's wrong clocks are off
EVERY_RUN = (
    ("stale", "get_order"),
    ("clock_ahead", "get_order"),
    ("clock_ahead", "get_diff_stock"),
)
LONG = {
    "stale": {"seconds": LAG_S, "times": None}
}  # played in a full read: an increment is not shown anything so old
UNTOLD = {"short_page": ["get_order"]}  # elsewhere nothing in the reply tells that a row is missing
MIXTURES = 300  # rounds; more would mean that faults hardly strike


class Field:
    """One shop, one mirror of it and the checker between them."""

    def __init__(self, shop, folder):
        self.shop = shop
        self.truth = Checker(shop.reader)
        self.hasty = open_desk(folder, shop, kind=HastyWorkspace, retries=0, phases_max_age_min=0)
        self.stubborn = open_desk(
            folder, shop, kind=HastyWorkspace, add=False, retries=4, phases_max_age_min=0
        )
        self.calm = open_desk(folder, shop, add=False, retries=1, phases_max_age_min=0)
        self.judging = open_desk(folder, shop, kind=Workspace, add=False, phases_max_age_min=0)
        shop.post("settings", hang_s=WAIT_S)
        self.truth.look()
        self.calm.sync("shop")
        orders = shop.reader.read_orders()
        self.sets = sorted({number for number, _ in orders.parts})

    def stir(self, dice, orders=1):
        """Time passes, so many orders change, and one with a set line."""
        self.shop.advance(PAUSE_S)
        known = self.truth.look()
        for number in (*dice.sample(sorted(known), orders), dice.choice(self.sets)):
            if number in known:
                self.shop.reader.mark(number, "0" if known[number]["check_mark2"] == "1" else "1")
        self.look()

    def look(self):
        self.truth.look()
        self.truth.look_back(self.shop.past(LAG_S))

    def suffer(self, desk, parts, *, full=False):
        """A sync under faults: it may fail in one way only, and may not make anything up."""
        try:
            desk.sync("shop", parts=parts, full=full)
        except SyncFailed as failed:
            assert "signing" not in str(failed)
        self.shop.trouble()
        self.look()
        for seconds in (SKEW_S, -SKEW_S):  # what a wrong clock of the vendor's showed
            self.shop.post("clock", advance_s=seconds)
            self.truth.look()
            self.shop.post("clock", advance_s=-seconds)
        return [f"while it lasted: {one}" for one in self.truth.invented(self.calm)]

    def recover(self, dice, parts):
        """What still disagrees after the cycles it may take."""
        for _ in range(CYCLES):
            self.stir(dice)
            self.calm.sync("shop", parts=parts)
            said = self.disagreements(parts)
            if not said:
                break
        if dice.random() < JUDGED:
            self.judging.sync("shop", parts=parts)
        return said

    def disagreements(self, parts):
        said = []
        if "orders" in parts:
            said += self.truth.orders(self.calm) + self.truth.invented(self.calm)
        if {"catalogue", "stock"} & set(parts):
            said += self.truth.goods(
                self.calm, catalogue="catalogue" in parts, stock="stock" in parts
            )
        return said


@pytest.fixture
def field(begin, tmp_path):
    return Field(begin("--epoch", "2026-11-20T13:00:00+09:00"), tmp_path / "data")


def batches(kinds, sized):
    """Every kind at every endpoint, each pair by itself; in an everyday run some kinds at one, several in a row.

    Pairs of one batch concern the same part of a sync; only afterwards is the mirror compared.
    """
    names, size = sorted(ENDPOINTS), sized(6, 1)
    wanted = [
        (kind, endpoint)
        for place, kind in enumerate(kinds)
        for endpoint in (names if size == 1 else (names[place % len(names)],))
        if endpoint in UNTOLD.get(kind, names)
    ] + list(EVERY_RUN)
    for part in dict.fromkeys(ENDPOINTS.values()):
        of_part = list(dict.fromkeys(pair for pair in wanted if ENDPOINTS[pair[1]] == part))
        for first in range(0, len(of_part), size):
            yield (part,), of_part[first : first + size]


@pytest.mark.minutes(12)
def test_no_fault_at_any_endpoint_loses_doubles_or_spoils_a_row(field, sized, tally):
    dice, said, hit, paired = random.Random("pairs"), {}, 0, 0
    kinds = field.shop.known_faults()[:: sized(8, 1)]
    for parts, batch in batches(kinds, sized):
        before, wrong = field.shop.struck(), []
        for kind, endpoint in batch:
            field.stir(dice, 10 if kind in LONG else 1)
            if (
                kind in LONG
            ):  # what is shown is to be older than what is known, and than an increment reads back
                field.stir(dice)
                field.calm.sync("shop", parts=parts)
            limits = {"rate": 1, "endpoints": [endpoint], "times": 3}
            field.shop.trouble(**{kind: limits | LONG.get(kind, {})})
            struck = field.shop.struck()
            wrong += field.suffer(field.hasty, parts, full=kind in LONG)
            paired += field.shop.struck() > struck
        hit += field.shop.struck() - before
        wrong += field.recover(dice, parts)
        if wrong:
            said[", ".join(map("@".join, batch))] = wrong[:3]
            field.calm.sync("shop", full=True)  # the next ones begin with what is true
    tally("R1", kinds=len(kinds), pairs=paired, faults=hit, disagreements=len(said))
    assert said == {}, "\n".join(f"{batch}: {one}" for batch, some in said.items() for one in some)
    assert hit >= len(kinds), f"too few faults struck: {hit}"


def rule(kind, dice):
    """How often a kind strikes, and where."""
    limits = {"rate": dice.choice((0.05, 0.1, 0.3)), "endpoints": UNTOLD.get(kind, [])}
    return limits | LONG.get(kind, {})


@pytest.mark.soak
@pytest.mark.parametrize("seed", ["mixtures", "more", "others"])
@pytest.mark.minutes(7)
def test_random_mixtures_of_faults_lose_double_and_spoil_nothing(field, sized, tally, seed):
    dice, wanted, said, rounds = random.Random(seed), sized(30, 3_000), [], 0
    kinds, before = field.shop.known_faults(), field.shop.struck()
    while field.shop.struck() - before < wanted and rounds < MIXTURES:
        rounds += 1
        for _ in range(dice.randint(1, 5)):
            field.stir(dice, dice.choice((1, 30)))
            chosen = dice.sample(kinds, dice.choice((1, 1, 2, 6)))
            field.shop.trouble(**{kind: rule(kind, dice) for kind in chosen})
            desk = dice.choice((field.stubborn, field.stubborn, field.hasty))
            parts = dice.choice((("orders",), ("orders", "catalogue", "stock")))
            said += field.suffer(desk, parts, full=dice.random() < 0.4)
        said += field.recover(dice, ("orders", "catalogue", "stock"))
        assert said == [], "\n".join((f"round {rounds}", *said))
    hit = field.shop.struck() - before
    tally("R1", faults=hit, rounds=rounds, rows_wrong=len(said))
    assert hit >= wanted
