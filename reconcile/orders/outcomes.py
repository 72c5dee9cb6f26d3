"""What the outcomes that Smartship's files prove teach about the rest of the account's orders.

An order that waited through a pull and is absent from a file that covers it was left by the pull, or taken and deleted
before any file showed it. Those left by one pull are taken by the next; those deleted stay absent however many pulls
they waited through. That tells the two apart.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from reconcile.orders.instants import Mask, Seconds, floats, seconds
from reconcile.orders.pulls import BY_HAND, LOST_PRIOR, TAKE_PRIOR, PullModel
from reconcile.orders.roles import AFTER, SHIPPED
from reconcile.orders.stay_times import direct_share, hidden_shipping

REGISTER_LAG_S = 600.0  # a file is taken to hold every order that a pull read so long before it [D]
LOST_MOST = 0.05  # more cannot be deletions: then the pulls leave orders [D]
WRITE_BACK_RATIO = (
    20.0  # leaving straight for the shipped phase is that much likelier for a taken order [I]
)
MIN_OUTCOMES = 20  # taken and missed orders each, from which the ratio is learned [D]
TAKE_WEIGHT = 20.0  # orders that TAKE_PRIOR counts for against proven outcomes [D]
ROUNDS = 100


def with_outcomes(model: PullModel, orders: pd.DataFrame, collectable: pd.DataFrame) -> PullModel:
    """The model with take_rate and lost_rate as the proven outcomes make them most likely.

    orders: as for forensics.judge; collectable: phases.stays. Only orders that surely waited through a pull count:
    a known one, or without a known minute as many as full periods. A stay of an order that arrived counts up to that.
    """
    rows = orders.set_index("order_number")
    numbers = collectable["order_number"]
    registered = seconds(rows["ss_registered_at"].reindex(numbers))
    border = seconds(rows["covered_until"].reindex(numbers)) - REGISTER_LAG_S
    enter, leave = seconds(collectable["entry_by"]), seconds(collectable["exit_from"])
    until = np.fmin(np.where(collectable["exit_by"].isna(), np.inf, leave), border)
    until = np.where(np.isnan(border), enter, until)
    stay = pd.DataFrame({"order_number": numbers, "waited": _waited(model, enter, until)})
    stay["before"] = np.minimum(_waited(model, enter, registered), stay["waited"])
    counts = stay.groupby("order_number").sum().reindex(rows.index).fillna(0.0)
    gone = pd.Series(seconds(collectable["exit_by"]) < border, index=numbers.to_numpy())
    over = gone.groupby(level=0).all().reindex(rows.index).fillna(False).to_numpy(dtype=bool)
    waited = counts["waited"].to_numpy()
    linked = rows["ss_is_weak"].notna().to_numpy()
    strong = linked & ~rows["ss_is_weak"].fillna(True).astype(bool).to_numpy()
    arrived = strong & ~rows["ss_registered_by"].isin(BY_HAND).to_numpy() & (waited >= 1)
    absent = waited[~linked & over & (waited >= 1)]
    tries = float(np.maximum(counts["before"].to_numpy()[arrived], 1.0).sum())
    take, lost = _rates(int(np.count_nonzero(arrived)), tries, absent)
    return replace(model, take_rate=take, lost_rate=lost)


def _waited(model: PullModel, enter: Seconds, until: Seconds) -> Seconds:
    """How many pulls surely fell between two instants, 0 where one is missing."""
    start = np.where(np.isnan(enter), np.inf, enter)
    end = np.where(np.isnan(until), -np.inf, until)
    if model.basis == "none":
        length = np.where(end > start, end - np.where(end > start, start, 0.0), 0.0)
        return np.asarray(np.floor(np.minimum(length / model.period_s, 1e4)))
    return model.surely(start, end).astype(float)


def _rates(arrived: int, tries: float, absent: Seconds) -> tuple[float, float]:
    """Most likely rates of taking and of losing, by EM over the absent orders, with the priors as further orders."""
    prior = tuple(weight * TAKE_WEIGHT / sum(TAKE_PRIOR) for weight in TAKE_PRIOR)
    take, lost = 0.5, LOST_PRIOR[0] / sum(LOST_PRIOR)
    for _ in range(ROUNDS):
        left = (1.0 - take) ** absent
        deleted = lost * (1.0 - left)
        was_lost = deleted / np.maximum(deleted + left, 1e-300)
        losses = float(was_lost.sum())
        failures = tries - arrived + float(((1.0 - was_lost) * absent).sum())
        successes = arrived + losses
        take = (successes + prior[0]) / (successes + failures + sum(prior))
        lost = min((losses + LOST_PRIOR[0]) / (successes + sum(LOST_PRIOR)), LOST_MOST)
    return take, lost


def write_back_odds(rows: pd.DataFrame, linked: Mask, shipping_rate: float) -> Seconds:
    """How much likelier each order's way out is for a taken order: Smartship moves what it shipped to shipped [I].

    rows: one per order with left_for, exit_from, exit_by of its last stay, p_taken, covered_until. An order seen in the
    shipped phase next may have been in a phase between that no look showed (stay_times.hidden_shipping). How often a
    taken and an untaken order leaves directly is learned from proven outcomes; from too few, WRITE_BACK_RATIO. One that
    the shop moved on itself tells nothing: it left at that time whether it had been taken or not.
    """
    exit_by = seconds(rows["exit_by"])
    gap = exit_by - seconds(rows["exit_from"])
    hidden = hidden_shipping(gap, shipping_rate)
    left = rows["left_for"].isin((AFTER, SHIPPED)).to_numpy()
    direct = (rows["left_for"] == SHIPPED).to_numpy()
    absent = left & ~linked & (seconds(rows["covered_until"]) - REGISTER_LAG_S > exit_by)
    taken = left & linked
    if min(np.count_nonzero(taken), np.count_nonzero(absent)) >= MIN_OUTCOMES:
        yes, no = (direct_share(gap[one], direct[one], shipping_rate) for one in (taken, absent))
    else:
        share = float(floats(rows["p_taken"])[left].mean()) if left.any() else 1.0
        of_all = direct_share(gap[left], direct[left], shipping_rate)
        yes = min(of_all / max(share + (1.0 - share) / WRITE_BACK_RATIO, 1e-3), 0.99)
        no = yes / WRITE_BACK_RATIO
    shown, other = yes + (1.0 - yes) * hidden, no + (1.0 - no) * hidden
    return np.where(direct, np.maximum(shown, 1e-3) / np.maximum(other, 1e-3), 1.0)
