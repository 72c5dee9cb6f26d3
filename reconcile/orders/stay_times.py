"""How long orders stay collectable: what is known of each stay, and the distribution of all without a shape assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile.orders.instants import Mask, Seconds, floats, seconds
from reconcile.orders.phases import PASSAGE
from reconcile.orders.pulls import PullModel
from reconcile.orders.roles import AFTER, COLLECT, SHIPPED, UNKNOWN

GRID_S = np.concatenate(
    [[0.0], np.geomspace(5.0, 14 * 86_400.0, 70)]
)  # cells of the distribution [D]
EM_ROUNDS = 200
SHIPPING = "after>shipped"  # key of the rate at which orders behind the collect phase are shipped
CHANCE_GAIN = 4.0  # twice the logarithm of likelihood that chance gains: two standard errors [D]
SURE_GAP = 0.2  # expected second changes up to which the vendor's change time counts as the entry or exit itself [D]


@dataclass(frozen=True, slots=True, kw_only=True)
class StayData:
    """Length of each stay in seconds, one entry per row of the stays.

    low, high: the likely bracket (equal where both ends are the vendor's own times); sure_low, sure_high: the proven
    one. high = infinity: not over yet.
    """

    low: Seconds
    high: Seconds
    sure_low: Seconds
    sure_high: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class StayDistribution:
    """The share of stays no longer than each of `upto` seconds; no shape assumed. stays: how many it rests on."""

    upto: Seconds
    share: Seconds
    stays: int

    def shorter(self, length: Seconds) -> Seconds:
        """The share of stays shorter than the given seconds."""
        return np.interp(length, self.upto, self.share)

    def quantile(self, share: Seconds) -> Seconds:
        """The length that the given share of stays does not exceed, in seconds."""
        steps = self.share + np.arange(len(self.share)) * 1e-12
        return np.interp(share, steps, self.upto)


def change_rates(observations: pd.DataFrame, roles: Mapping[str, str]) -> dict[str, float]:
    """Changes per second that may hide the time of a move into each role, from the vendor's change times.

    observations: frame of phases.confirmed. Moves to another role are not counted: an order that was seen in a role
    cannot have left it between the move and the look. Into the shipped role a move from a phase between that no look
    showed counts as well. A role nobody was seen in is not named. SHIPPING: moves from after to shipped per second.
    """
    rows = observations.sort_values(["order_number", "first_seen_at"], ignore_index=True)
    numbers = rows["order_number"].to_numpy()
    followed = np.append(numbers[1:] == numbers[:-1], False)
    stated, held = seconds(rows["updated_at"]), seconds(rows["last_confirmed_at"])
    until = np.where(followed, np.append(stated[1:], np.nan), held)
    role = rows["phase_name"].map(dict(roles)).fillna(UNKNOWN).to_numpy(dtype=object)
    then = np.where(followed, np.append(role[1:], ""), "")
    stood = np.maximum(until - stated, 0.0)
    frame = pd.DataFrame(
        {
            "role": role,
            "changes": then == role,
            "length": stood,
        }
    )
    total = frame.groupby("role").sum()
    rates = {
        str(role): float(row["changes"] / max(row["length"], 1.0)) for role, row in total.iterrows()
    }
    if AFTER in rates:
        behind = role == AFTER
        shipped = float(np.count_nonzero(behind & (then == SHIPPED)))
        shipping = shipped / max(float(np.nansum(stood[behind])), 1.0)
        left = (role == COLLECT) & np.isin(then, (AFTER, SHIPPED))
        share = max(direct_share(until[left] - held[left], then[left] == SHIPPED, shipping), 1e-6)
        rates[SHIPPING] = shipping
        rates[SHIPPED] = rates.get(SHIPPED, 0.0) + (1.0 - share) / share * shipping
    return rates


def hidden_shipping(gap_s: Seconds, shipping_rate: float) -> Seconds:
    """How much of a shop's leaving for a phase between shows as shipped, gap_s after the last look before it.

    Relative to the rate of leaving: an order that left at any time of the gap was shipped by its end. A missing gap
    counts as endless.
    """
    passed = shipping_rate * np.maximum(np.where(np.isnan(gap_s), 1e12, gap_s), 1.0)
    return np.asarray(-np.expm1(-passed))


def direct_share(gap_s: Seconds, is_direct: Mask, shipping_rate: float) -> float:
    """The share of orders that leave the collect phase straight for the shipped one, 0 where chance explains all.

    One entry per order that left: gap_s from the last look before to the change time, is_direct: no look showed a phase
    between. Most likely share of a + (1 - a) x hidden_shipping per direct order and 1 - a per other, by EM.
    """
    hidden = hidden_shipping(gap_s, shipping_rate)[is_direct]
    count = len(is_direct)
    if not len(hidden) or shipping_rate <= 0.0:
        return len(hidden) / count if count else 0.0
    share = 0.5
    for _ in range(EM_ROUNDS):
        share = float((share / (share + (1.0 - share) * hidden)).sum()) / count
    gain = float(np.log(share + (1.0 - share) * hidden).sum() - np.log(hidden).sum())
    gain += (count - len(hidden)) * float(np.log1p(-min(share, 1.0 - 1e-9)))
    return share if 2.0 * gain > CHANCE_GAIN else 0.0


def exact_weight(gap_s: Seconds, rate: Seconds | float) -> Seconds:
    """The probability that the vendor's change time is that of the move itself, not of a later change.

    gap_s: from the last look that proved the old state to the change time. A second change must have followed within
    it; with changes at `rate` per second and a move at any time of the gap alike, that is 1 : rate x gap.
    """
    return 1.0 / (1.0 + np.asarray(rate) * np.maximum(gap_s, 0.0))


def stay_data(collectable: pd.DataFrame, rates: Mapping[str, float]) -> StayData:
    """What is known of the length of each stay of phases.stays; rates: change_rates."""
    entry_from, entry_by = seconds(collectable["entry_from"]), seconds(collectable["entry_by"])
    exit_from, exit_by = seconds(collectable["exit_from"]), seconds(collectable["exit_by"])
    entry_at, exit_at = seconds(collectable["entry_at"]), seconds(collectable["exit_at"])
    entry_from = np.where(np.isnan(entry_from), -np.inf, entry_from)
    end = np.where(np.isnan(exit_by), np.inf, exit_by)
    passage = (collectable["kind"] == PASSAGE).to_numpy()
    sure_low = np.where(passage, 0.0, np.maximum(exit_from - entry_by, 0.0))
    sure_high = np.maximum(end - entry_from, 0.0)
    edit = rates.get("collect", 0.0)
    entry_sure = ~np.isnan(entry_at) & ((entry_at - entry_from) * edit < SURE_GAP)
    after = floats(collectable["left_for"].map(dict(rates)).fillna(0.0))
    exit_sure = ~np.isnan(exit_at) & ((exit_at - exit_from) * after < SURE_GAP)
    first, last = (
        np.where(entry_sure, entry_at, entry_from),
        np.where(entry_sure, entry_at, entry_by),
    )
    early, late = np.where(exit_sure, exit_at, exit_from), np.where(exit_sure, exit_at, end)
    low = np.where(passage, 0.0, np.maximum(early - last, 0.0))
    high = np.where(passage, np.maximum(late - entry_from, 1.0), np.maximum(late - first, low))
    return StayData(low=low, high=high, sure_low=sure_low, sure_high=sure_high)


def sharpened(
    data: StayData, collectable: pd.DataFrame, orders: pd.DataFrame, model: PullModel
) -> StayData:
    """The same data with Smartship's pulls as further looks at the passages that we did not see.

    orders: order_number, ss_registered_at, covered_until as order_case holds them. What a pull took stood there from
    the pull on; what it did not take, although a file proves the order absent, came later. The proven bracket stays.
    """
    rows = orders.set_index("order_number").reindex(collectable["order_number"])
    registered, until = seconds(rows["ss_registered_at"]), seconds(rows["covered_until"])
    exit_at = seconds(collectable["exit_at"])
    entry_from = seconds(collectable["entry_from"])
    passage = (collectable["kind"] == PASSAGE).to_numpy() & ~np.isnan(exit_at)
    low = np.where(passage & (registered < exit_at), exit_at - registered, data.low)
    known = model.latest[model.is_known]
    place = np.searchsorted(known, exit_at) - 1
    pull = np.where(place >= 0, known[np.maximum(place, 0)], -np.inf) if len(known) else -np.inf
    absent = passage & np.isnan(registered) & (until > exit_at) & (pull > entry_from)
    high = np.where(absent, np.maximum(exit_at - pull, 1.0), data.high)
    return StayData(
        low=low, high=np.maximum(high, low), sure_low=data.sure_low, sure_high=data.sure_high
    )


def stay_distribution(data: StayData) -> StayDistribution:
    """The most likely distribution given the brackets (Turnbull's estimator on fixed cells, by EM).

    A passage on which no look showed the phase counts as a stay between nothing and the whole gap.
    """
    cells = np.append(GRID_S[1:], np.inf)
    below = np.append(0.0, GRID_S[1:])
    first = np.searchsorted(cells, data.low)
    last = np.searchsorted(below, data.high, side="right") - 1
    last = np.where(data.high <= data.low, first, last)  # one known length lies in one cell
    # Many stays share their cells: each such stretch is reckoned with once, however many stays it stands for.
    stretches, stays = np.unique(np.column_stack((first, last)), axis=0, return_counts=True)
    cell = np.arange(len(cells))
    weights = ((cell >= stretches[:, :1]) & (cell <= stretches[:, 1:])).astype(float)
    mass = np.full(len(cells), 1.0 / len(cells))
    for _ in range(EM_ROUNDS if len(weights) else 0):
        inside = weights @ mass
        mass = mass * (weights.T @ (stays / np.maximum(inside, 1e-300))) / len(data.low)
    return StayDistribution(
        upto=np.append(GRID_S, 28 * 86_400.0),
        share=np.append(0.0, np.cumsum(mass)) / mass.sum(),
        stays=len(data.low),
    )
