"""For each order: pulled, missed, waiting or cannot tell, with the probability that a pull took it.

Unknown are the ends of a stay within their brackets, the instants of the pulls beyond the newest file, and whether a
pull took what waited. What Smartship's files prove comes first: an order that is there was pulled, and one that is
absent from a file that covers it was not taken before that file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reconcile.orders.instants import Mask, Seconds, floats, instants, seconds
from reconcile.orders.outcomes import REGISTER_LAG_S, write_back_odds
from reconcile.orders.phases import PASSAGE
from reconcile.orders.pulls import BY_HAND, DAY_S, JST_S, PullModel
from reconcile.orders.roles import BEFORE, CANCELLED, COLLECT, UNKNOWN
from reconcile.orders.stay_times import SHIPPING, StayDistribution, exact_weight

PULLED, MISSED, WAITING, CANNOT_TELL = VERDICTS = ("pulled", "missed", "waiting", "cannot_tell")
SLICE = 2_000  # stays weighed at once: each takes a few kilobytes
NODES = 4  # equal parts into which each bracket is cut
OPEN_START_S = 86_400.0  # a stay with no known beginning is taken to be at most that much older [D]
CATCH_UP_END_S = 14_400.0  # until 04:00 JST Smartship collects what it missed the day before [S]
CATCH_UP_CHANCE = (
    0.5  # that it does so with an order that left the collect phase meanwhile: unknown [I]
)
MISSED_BELOW = (
    0.1  # an absent order likelier than this to be deleted at Smartship is not called missed [D]
)


@dataclass(frozen=True, slots=True)
class _Ends:
    """Possible ends of each stay: starts, ends and weights, one row per stay."""

    start: Seconds
    end: Seconds
    weight: Seconds


def pull_chances(
    collectable: pd.DataFrame,
    model: PullModel,
    lengths: StayDistribution,
    rates: Mapping[str, float],
    now: float,
    *,
    absent_until: Seconds | None = None,
) -> pd.DataFrame:
    """Per stay of phases.stays: p_taken (a pull took the order) and p_seen (at least one pull fell into it).

    absent_until: seconds up to which Smartship's files show no trace of the order: no pull took it before, or it was
    deleted before a file showed it (model.lost_rate); p_taken counts that and what came after. A stay that lasts is
    judged up to `now` (seconds since 1970).
    """
    until = np.full(len(collectable), np.nan) if absent_until is None else absent_until
    parts = [
        _chances(
            collectable.iloc[k : k + SLICE], until[k : k + SLICE], model, lengths, rates, now=now
        )
        for k in range(0, max(len(collectable), 1), SLICE)
    ]
    return pd.concat(parts, ignore_index=True)


def _chances(
    collectable: pd.DataFrame,
    absent_until: Seconds,
    model: PullModel,
    lengths: StayDistribution,
    rates: Mapping[str, float],
    *,
    now: float,
) -> pd.DataFrame:
    ends = _ends(collectable, lengths, rates, now)
    unseen = 1.0 - model.chance(ends.start, ends.end)
    border = np.where(np.isnan(absent_until), -np.inf, absent_until)[:, None]
    before = model.chance(ends.start, np.minimum(ends.end, border), taken=True)
    after = model.chance(np.maximum(ends.start, border), ends.end, taken=True)
    deleted = ends.weight * before * model.lost_rate
    left = ends.weight * (1.0 - before)
    total = np.maximum((left + deleted).sum(axis=1), 1e-12)
    return pd.DataFrame(
        {
            "order_number": collectable["order_number"].to_numpy(),
            "p_seen": 1.0 - (ends.weight * unseen).sum(axis=1) / total,
            "p_taken": (left * after + deleted).sum(axis=1) / total,
            "sure_pulls": model.surely(
                seconds(collectable["entry_by"]), seconds(collectable["exit_from"])
            ),
        }
    )


def judge(
    orders: pd.DataFrame,
    collectable: pd.DataFrame,
    model: PullModel,
    lengths: StayDistribution,
    rates: Mapping[str, float],
    *,
    now: float,
) -> pd.DataFrame:
    """One row per order: verdict (VERDICTS), probability that a pull took it, p_seen, sure_pulls, missing, evidence.

    orders, of one account as order_case holds them: order_number, phase_role, cancel_flag, ss_registered_at,
    ss_registered_by (None where nothing is linked), ss_is_weak (missing: nothing linked), covered_until. missing: what
    would settle a "cannot_tell" (smartship_orders_file, smartship_file_newer_than, smartship_cancelled_orders:
    it may have been deleted there, weak_link, phase_role). Evidence: entry_from, entry_by, exit_from, exit_by, kind of
    the last stay, absent_until, needed_at (the file must be newer than that).
    """
    proven = seconds(orders["covered_until"].where(orders["ss_is_weak"].isna()))
    at = pd.Series(proven - REGISTER_LAG_S, index=orders["order_number"])
    covered = floats(at.reindex(collectable["order_number"]))
    chances = pull_chances(collectable, model, lengths, rates, now, absent_until=covered)
    rows = orders.set_index("order_number").join(_per_order(collectable, chances))
    rows = rows.assign(absent_until=instants(floats(at)))
    for name in ("p_seen", "p_taken", "sure_pulls"):
        rows[name] = rows[name].fillna(0)
    rows["needed_at"] = instants(seconds(rows["exit_by"]) + REGISTER_LAG_S)
    linked = rows["ss_is_weak"].notna().to_numpy()
    rows["p_seen"], rows["p_taken"] = _weighed(
        rows, write_back_odds(rows, linked, rates.get(SHIPPING, 0.0))
    )
    weak = linked & rows["ss_is_weak"].fillna(False).astype(bool).to_numpy()
    absent = ~linked & _is_absent(rows)
    left = _may_be_caught_up(rows) & absent
    rows["p_taken"] += np.where(left, CATCH_UP_CHANCE * (1.0 - rows["p_taken"]), 0.0)
    verdict = _verdicts(rows, linked, weak, absent & ~left)
    rows["verdict"] = verdict
    for name in ("p_seen", "p_taken"):
        rows[name] = np.where(verdict == PULLED, 1.0, rows[name])
    rows["probability"] = np.where(verdict == MISSED, 0.0, rows["p_taken"])
    rows["missing"] = _missing(rows, verdict, weak, absent & ~left)
    return rows.reset_index()[list(_COLUMNS)]


def _weighed(rows: pd.DataFrame, odds: Seconds) -> tuple[Seconds, Seconds]:
    """p_seen and p_taken after evidence that is `odds` times likelier for an order that a pull took."""
    taken, seen = floats(rows["p_taken"]), floats(rows["p_seen"])
    total = taken * (odds - 1.0) + 1.0
    return (taken * odds + np.maximum(seen - taken, 0.0)) / total, taken * odds / total


def _is_absent(rows: pd.DataFrame) -> Mask:
    """Whether a file that shows no trace of the order is newer than the end of its last stay."""
    covered, needed = seconds(rows["covered_until"]), seconds(rows["needed_at"])
    return np.asarray(
        _is_over(rows) & ((covered >= needed) | ~np.isnan(covered) & np.isnan(needed))
    )


def _may_be_caught_up(rows: pd.DataFrame) -> Mask:
    """Whether a pull left the order and no file is newer than the next night's catch-up; moves needed_at past it."""
    exit_by = seconds(rows["exit_by"])
    night = np.ceil((exit_by + JST_S - CATCH_UP_END_S) / DAY_S) * DAY_S - JST_S + CATCH_UP_END_S
    passed = (rows["sure_pulls"] >= 1).to_numpy() & ~np.isnan(exit_by)
    needed = np.where(passed, night + REGISTER_LAG_S, seconds(rows["needed_at"]))
    unlinked = rows["ss_is_weak"].isna().to_numpy()
    rows["needed_at"] = instants(np.where(unlinked, needed, seconds(rows["needed_at"])))
    return passed & ~(seconds(rows["covered_until"]) >= needed)


def _verdicts(rows: pd.DataFrame, linked: Mask, weak: Mask, absent: Mask) -> NDArray[np.str_]:
    by_hand = linked & rows["ss_registered_by"].isin(BY_HAND).to_numpy()
    over = _is_over(rows)
    kept = absent & (rows["p_taken"] <= MISSED_BELOW).to_numpy()
    verdict = np.select(
        [linked & ~weak & ~by_hand, linked & ~weak & over, weak, kept, over],
        [PULLED, MISSED, CANNOT_TELL, MISSED, CANNOT_TELL],
        WAITING,
    )
    return np.where((verdict == WAITING) & (rows["phase_role"] == UNKNOWN), CANNOT_TELL, verdict)


_COLUMNS = (
    "order_number", "verdict", "probability", "p_seen", "sure_pulls", "missing", "kind", "entry_from", "entry_by",
    "exit_from", "exit_by", "left_for", "left_phase", "absent_until", "needed_at",
)  # fmt: skip


def _is_over(rows: pd.DataFrame) -> Mask:
    """Whether nothing more can happen: the order is behind the collect phase or cancelled."""
    role = rows["phase_role"].to_numpy()
    gone = ~np.isin(role, (BEFORE, COLLECT, UNKNOWN))
    cancelled = (rows["cancel_flag"].fillna(0) == 2).to_numpy()
    return np.asarray(gone | cancelled | (role == CANCELLED), dtype=bool)


def _per_order(collectable: pd.DataFrame, chances: pd.DataFrame) -> pd.DataFrame:
    """Stays of one order taken together: any pull of any stay counts; the brackets are those of the last stay."""
    missed = (1.0 - chances[["p_seen", "p_taken"]]).groupby(chances["order_number"]).prod()
    both = 1.0 - missed
    both["sure_pulls"] = chances.groupby("order_number")["sure_pulls"].sum()
    names = ["kind", "entry_from", "entry_by", "exit_from", "exit_by", "left_for", "left_phase"]
    last = collectable.drop_duplicates("order_number", keep="last").set_index("order_number")
    return both.join(last[names])


def _missing(rows: pd.DataFrame, verdict: NDArray[np.str_], weak: Mask, absent: Mask) -> pd.Series:
    reasons = np.select(
        [
            weak,
            (rows["phase_role"] == UNKNOWN).to_numpy(),
            rows["covered_until"].isna().to_numpy(),
            absent,
        ],
        ["weak_link", "phase_role", "smartship_orders_file", "smartship_cancelled_orders"],
        "smartship_file_newer_than",
    )
    return pd.Series(reasons, index=rows.index, dtype=object).where(verdict == CANNOT_TELL, None)


def _ends(
    collectable: pd.DataFrame, lengths: StayDistribution, rates: Mapping[str, float], now: float
) -> _Ends:
    entry_by, exit_from = seconds(collectable["entry_by"]), seconds(collectable["exit_from"])
    entry_from = seconds(collectable["entry_from"])
    entry_from = np.where(np.isnan(entry_from), entry_by - OPEN_START_S, entry_from)
    exit_by = np.where(collectable["exit_by"].isna(), now, seconds(collectable["exit_by"]))
    exit_from = np.where(collectable["exit_by"].isna(), now, np.minimum(exit_from, exit_by))
    starts, start_weight = _nodes(
        entry_from, entry_by, seconds(collectable["entry_at"]), rates.get(COLLECT, 0.0)
    )
    after = floats(collectable["left_for"].map(dict(rates)).fillna(0.0))
    finish, end_weight = _nodes(exit_from, exit_by, seconds(collectable["exit_at"]), after)
    passage = (collectable["kind"] == PASSAGE).to_numpy()
    count = NODES + 1
    start = np.repeat(starts, count, axis=1)
    end = np.tile(finish, (1, count))
    weight = np.repeat(start_weight, count, axis=1) * np.tile(end_weight, (1, count))
    if passage.any():
        longest = np.maximum(finish - entry_from[:, None], 1.0)[passage]
        levels = (np.arange(count) + 0.5) / count
        fits = lengths.shorter(longest)
        share = fits[:, None, :] * levels[None, :, None]
        length = np.minimum(lengths.quantile(share), longest[:, None, :])
        start[passage] = end[passage] - length.reshape(len(longest), -1)
        ends = end_weight[passage] * np.maximum(fits, 1e-9)
        ends /= ends.sum(axis=1, keepdims=True)
        weight[passage] = np.tile(ends, (1, count)) / count
    return _Ends(start, end, np.where(end >= start, weight, 1e-9))


def _nodes(
    low: Seconds, high: Seconds, stated: Seconds, rate: Seconds | float
) -> tuple[Seconds, Seconds]:
    """Possible instants of a change and their weights: the vendor's own time, and the bracket in equal parts."""
    known = ~np.isnan(stated)
    weight = np.where(known, exact_weight(high - low, rate), 0.0)
    width = np.maximum(high - low, 0.0)
    parts = low[:, None] + width[:, None] * (np.arange(NODES) + 0.5)[None, :] / NODES
    nodes = np.concatenate([np.where(known, stated, high)[:, None], parts], axis=1)
    return nodes, np.concatenate(
        [weight[:, None], np.repeat((1.0 - weight)[:, None] / NODES, NODES, axis=1)], axis=1
    )
