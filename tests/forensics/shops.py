"""Simulated shops of every shape, examined as the product would, next to their truth."""

from __future__ import annotations

from functools import cache

import pandas as pd

from reconcile.orders.examine import Examined, examine
from reconcile.orders.explain import Setting
from reconcile.orders.phases import Clocks
from reconcile.orders.simulate import PHASES, Shop, Simulated, simulate
from reconcile.orders.simulate_dwells import DWELLS, OTHER_DWELLS

AGES_H = (None, 1.0, 30.0, 100.0, 170.0)
LOOKS_S = (60.0, 300.0, 600.0, 1200.0, 1800.0)
JITTERS_S = (20.0, 90.0, 240.0)
PER_SHOP = 250
OTHER_SEED = 100_000  # the other shapes get seeds of their own
PLAIN = Setting(connected_at=None, auto_orders="on", roles=PHASES, lookalikes=frozenset())


def look_at(sim: Simulated, clocks: Clocks | None = None) -> Examined:
    arrivals = sim.arrivals[~sim.arrivals["is_weak"]]
    return examine(
        sim.orders,
        sim.observations,
        sim.looks,
        arrivals,
        sim.files,
        setting=PLAIN,
        now=sim.now.timestamp(),
        clocks=clocks,
    )


def shop(number: int, orders: int = PER_SHOP, *, others: bool = False) -> Shop:
    """Shapes, ages, looks and jitters in all their combinations as the number grows."""
    return Shop(
        orders=orders,
        dwell=tuple(OTHER_DWELLS if others else DWELLS)[number % 6],
        file_age_h=AGES_H[number % 5],
        look_every_s=LOOKS_S[(number // 5) % 5],
        jitter_s=JITTERS_S[number % 3],
    )


@cache
def market(
    orders: int, trusted: bool = True, others: bool = False, first: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(verdicts with their truth, seen stays with whether their brackets hold it) of about that many orders.

    others: six other shapes of stays, under seeds of their own; first: number of the first shop.
    """
    clocks = Clocks(every_change_moves_updated_at=trusted)
    verdicts, brackets = [], []
    for number in range(first, first - (-orders // PER_SHOP)):
        one = shop(number, others=others)
        sim = simulate(one, seed=number + OTHER_SEED * others)
        examined = look_at(sim, clocks)
        verdicts.append(
            examined.verdicts.merge(sim.truth, on="order_number").assign(
                shop=number, dwell=one.dwell, basis=examined.pulls.basis
            )
        )
        brackets.append(held(examined.stays, sim.visits).assign(shop=number))
    return pd.concat(verdicts, ignore_index=True), pd.concat(brackets, ignore_index=True)


def held(stays: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Per seen stay whether a true visit began, and one ended, inside its brackets."""
    true = visits.rename(columns={"entry_at": "true_entry", "exit_at": "true_exit"})
    both = stays[stays["kind"] == "seen"].reset_index().merge(true, on="order_number", how="left")
    after = both["entry_from"].isna() | (both["entry_from"] <= both["true_entry"])
    both["entry_holds"] = after & (both["true_entry"] <= both["entry_by"])
    lasting = both["exit_by"].isna() & (
        both["true_exit"].isna() | (both["true_exit"] >= both["exit_from"])
    )
    inside = (both["exit_from"] <= both["true_exit"]) & (both["true_exit"] <= both["exit_by"])
    both["exit_holds"] = lasting | inside
    return both.groupby("index")[["entry_holds", "exit_holds"]].any()


def tenths(frame: pd.DataFrame, said: str, true: str) -> pd.DataFrame:
    """Per tenth of the stated probability: orders, mean stated, share true."""
    tenth = (frame[said] * 10).astype(int).clip(upper=9).rename("tenth")
    return frame.groupby(tenth).agg(
        orders=(said, "size"), stated=(said, "mean"), true=(true, "mean")
    )
