"""What if Smartship pulled more often, or the shop left orders in the collect phase for longer; and who is at risk now."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reconcile.orders.instants import Places, Seconds, instants, seconds
from reconcile.orders.outcomes import REGISTER_LAG_S
from reconcile.orders.phases import SEEN
from reconcile.orders.pulls import PullModel
from reconcile.orders.stay_shapes import MIN_STAYS, StayFit, fit_stays
from reconcile.orders.stay_times import StayData, StayDistribution

FIT_LIMIT = (
    1.0  # a fit further from the data than this over the root of their number is called bad [D]
)
PERIODS = 6  # so many pulls in a row that do not run are still counted
STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The share of orders that no pull would see. None: too few stays to tell (missing = "stays").

    low, high: 95 % interval of `share`; bracket_low, bracket_high: what the proven brackets allow without any shape,
    sampling error included. fits_badly: the shape misses the data: believe the bracket.
    """

    share: float | None
    low: float | None
    high: float | None
    bracket_low: float | None
    bracket_high: float | None
    stays: int
    shape: str | None
    fits_badly: bool
    missing: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """How long to leave orders in the collect phase so that at most `target` of them are missed; seconds.

    low, high: 95 % interval; None where the stays do not tell (missing = "stays"). sure_stay_s: long enough whatever the
    shape, by the proven brackets alone. `share_now`: with no minimum.
    """

    target: float
    minimum_stay_s: float | None
    low: float | None
    high: float | None
    sure_stay_s: float | None
    share_now: float | None
    stays: int
    missing: str | None


def missed_share(
    data: StayData,
    *,
    period_s: float,
    minimum_stay_s: float = 0.0,
    run_rate: float = 1.0,
    fit: StayFit | None = None,
) -> WhatIf:
    """The share of orders missed if pulls came every period_s and no order left before minimum_stay_s.

    data: stay_times.stay_data of one account. A pull of unknown minute falls into a stay of length s with probability
    s / period; planned pulls run with probability run_rate each. Stays that end because of a pull break the picture.
    fit: fit_stays(data) where it is known already.
    """
    return share_curve(
        data, period_s=period_s, minimums_s=(minimum_stay_s,), run_rate=run_rate, fit=fit
    )[0]


def share_curve(
    data: StayData,
    *,
    period_s: float,
    minimums_s: Sequence[float],
    run_rate: float = 1.0,
    fit: StayFit | None = None,
) -> tuple[WhatIf, ...]:
    """missed_share for each of several minimum stays in seconds, from one fit."""
    fit = fit or fit_stays(data)
    if fit is None:
        return (_untold(len(data.low)),) * len(minimums_s)
    minimums = np.asarray(minimums_s, dtype=np.float64)
    curves = np.array(
        [_shares(one.shorter, period_s, minimums, run_rate) for one in _candidates(fit)]
    )
    fits_badly = _distance(fit, data) > FIT_LIMIT / math.sqrt(len(data.low))
    rows = []
    for place, minimum in enumerate(minimums_s):
        edges = _bracket(data, period_s, minimum, run_rate)
        rows.append(
            WhatIf(
                share=float(curves[0, place]),
                low=float(curves[:, place].min()),
                high=float(curves[:, place].max()),
                bracket_low=edges[0],
                bracket_high=edges[1],
                stays=fit.stays,
                shape=fit.shape,
                fits_badly=fits_badly,
                missing=None,
            )
        )
    return tuple(rows)


def _untold(stays: int) -> WhatIf:
    return WhatIf(
        share=None,
        low=None,
        high=None,
        bracket_low=None,
        bracket_high=None,
        stays=stays,
        shape=None,
        fits_badly=False,
        missing="stays",
    )


def _candidates(fit: StayFit) -> Iterator[StayFit]:
    """The best fit first, then every one that the data do not rule out, the rival's included."""
    yield fit
    for location, log_scale in fit.region:
        yield replace(fit, location=float(location), scale=math.exp(float(log_scale)))
    if fit.rival is not None:
        yield from _candidates(fit.rival)


def _bracket(
    data: StayData, period_s: float, minimum_s: float, run_rate: float
) -> tuple[float, float]:
    """What the proven brackets allow without any shape, sampling error included."""
    best = _chance_missed(np.maximum(data.sure_high, minimum_s), period_s, run_rate)
    worst = _chance_missed(np.maximum(data.sure_low, minimum_s), period_s, run_rate)
    return max(0.0, _edge(best, -1.96)), min(1.0, _edge(worst, 1.96))


def advised_stay(
    data: StayData,
    *,
    period_s: float,
    target: float = 0.01,
    run_rate: float = 1.0,
    fit: StayFit | None = None,
) -> Advice:
    """The shortest minimum stay that keeps the missed share at or below the target, with its interval."""
    fit = fit or fit_stays(data)
    if fit is None:
        return Advice(
            target=target,
            minimum_stay_s=None,
            low=None,
            high=None,
            sure_stay_s=None,
            share_now=None,
            stays=len(data.low),
            missing="stays",
        )

    def needed(of: StayFit) -> float:
        return _solve(lambda m: _share(of.shorter, period_s, m, run_rate), target, period_s)

    low, high = fit.interval(needed)
    return Advice(
        target=target,
        minimum_stay_s=needed(fit),
        low=low,
        high=high,
        sure_stay_s=_solve(lambda m: _bracket(data, period_s, m, run_rate)[1], target, period_s),
        share_now=_share(fit.shorter, period_s, 0.0, run_rate),
        stays=fit.stays,
        missing=None,
    )


def at_risk(
    orders: pd.DataFrame,
    collectable: pd.DataFrame,
    model: PullModel,
    lengths: StayDistribution,
    *,
    now: float,
) -> pd.DataFrame:
    """Orders now in the collect phase and not known to Smartship, those likeliest to be missed first.

    Frames as for forensics.judge; now: seconds since 1970. Returns order_number, entry_by, waited_s, next_pull_at,
    passed_pulls (pulls that ran while it waited, and a file shows that none took it), p_leaves_first (the chance that it
    leaves before the next pull, from the shop's own stays that lasted as long), p_missed (that, and no pull took it so
    far). lengths of fewer than MIN_STAYS stays: both are missing. Of an order that pulls passed over p_missed is missing
    too, and it comes first: what kept them from taking it is not known to end.
    """
    linked = set(orders.loc[orders["ss_is_weak"].notna(), "order_number"])
    lasting = (collectable["kind"] == SEEN) & collectable["exit_by"].isna()
    rows = collectable[lasting & ~collectable["order_number"].isin(linked)]
    entry = np.fmin(seconds(rows["entry_at"]), seconds(rows["entry_by"]))
    entry = np.where(np.isnan(entry), seconds(rows["entry_by"]), entry)
    upcoming = model.next_after(now)
    waited, until = np.maximum(now - entry, 0.0), upcoming - entry
    still = 1.0 - lengths.shorter(waited)
    leaves = np.clip(1.0 - (1.0 - lengths.shorter(until)) / np.maximum(still, 1e-9), 0.0, 1.0)
    leaves = (
        np.where(still > 1e-6, leaves, 0.0)
        if lengths.stays >= MIN_STAYS
        else np.full(len(rows), np.nan)
    )
    unseen = 1.0 - model.chance(entry, np.full(len(rows), now), taken=True)
    passed = _passed(rows, orders, model, now)
    frame = pd.DataFrame(
        {
            "order_number": rows["order_number"].to_numpy(),
            "entry_by": rows["entry_by"].to_numpy(),
            "waited_s": waited,
            "next_pull_at": instants(np.full(len(rows), upcoming)),
            "passed_pulls": passed,
            "p_leaves_first": leaves,
            "p_missed": np.where(passed > 0, np.nan, leaves * unseen),
        }
    )
    urgency = ["passed_pulls", "p_missed", "waited_s"]
    return frame.sort_values(urgency, ascending=False, ignore_index=True)


def _passed(rows: pd.DataFrame, orders: pd.DataFrame, model: PullModel, now: float) -> Places:
    """How many known pulls ran while each order waited, as long as a file shows that it did not arrive."""
    covered = orders.set_index("order_number")["covered_until"].reindex(rows["order_number"])
    shown_until = np.fmin(seconds(covered) - REGISTER_LAG_S, now)
    return model.surely(seconds(rows["entry_by"]), np.where(covered.isna(), -np.inf, shown_until))


def _shares(
    shorter: Callable[[Seconds], Seconds], period_s: float, minimums_s: Seconds, run_rate: float
) -> Seconds:
    """The mean chance to be missed for each minimum stay: as _share, from one table of the integral."""
    edges = np.arange(PERIODS * STEPS + 1) * period_s / STEPS
    nth = np.arange(PERIODS * STEPS) // STEPS
    weight = run_rate * (1.0 - run_rate) ** nth / STEPS
    parts = weight * shorter((edges[1:] + edges[:-1]) / 2)
    left = np.append(np.cumsum(parts[::-1])[::-1], 0.0)
    return np.asarray(np.interp(minimums_s, edges, left))


def _share(
    shorter: Callable[[Seconds], Seconds], period_s: float, minimum_s: float, run_rate: float
) -> float:
    """The mean chance to be missed: by parts, the integral of the share of shorter stays over each period."""
    total = 0.0
    for nth in range(PERIODS):
        start, end = max(minimum_s, nth * period_s), (nth + 1) * period_s
        if start < end and (nth == 0 or run_rate < 1.0):
            nodes = start + (np.arange(STEPS) + 0.5) / STEPS * (end - start)
            mean = float(shorter(nodes).mean())
            total += run_rate * (1.0 - run_rate) ** nth * mean * (end - start) / period_s
    return total


def _chance_missed(length: Seconds, period_s: float, run_rate: float) -> Seconds:
    periods = np.minimum(length / period_s, 1e4)
    whole = np.floor(periods)
    return np.asarray((1.0 - run_rate) ** whole * (1.0 - (periods - whole) * run_rate))


def _edge(chances: Seconds, sides: float) -> float:
    spread = float(chances.std()) / math.sqrt(max(len(chances), 1))
    return float(chances.mean()) + sides * spread


def _distance(fit: StayFit, data: StayData) -> float:
    """How far the fitted share of shorter stays leaves the band that the likely brackets allow."""
    ends = np.unique(np.append(data.low[data.low > 0], data.high[np.isfinite(data.high)]))
    lower = np.searchsorted(np.sort(data.high), ends, side="right") / len(data.high)
    upper = np.searchsorted(np.sort(data.low), ends, side="left") / len(data.low)
    share = fit.shorter(ends)
    return float(np.max(np.maximum(lower - share, share - np.maximum(upper, lower)), initial=0.0))


def _solve(share: Callable[[float], float], target: float, period_s: float) -> float:
    """The smallest minimum stay whose share is at most the target, to a second, by halving."""
    low, high = 0.0, PERIODS * period_s
    if share(0.0) <= target:
        return 0.0
    while high - low > 1.0:
        middle = (low + high) / 2
        low, high = (low, middle) if share(middle) <= target else (middle, high)
    return high
