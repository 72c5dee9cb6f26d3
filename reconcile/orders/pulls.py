"""When Smartship pulled: known from the orders that arrived, otherwise a period with a minute and an uncertainty.

Model. Pulls are planned once per period [S] at an unknown but steady minute, start early or late by a deviation that
is learned from the arrivals, and sometimes do not run. Orders that arrive together betray a pull. Where a file covers
a planned time and nothing arrived, either nothing waited or the pull did not run: the more orders waited, the likelier
the latter. Beyond the newest file only the plan is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile.orders.instants import Mask, Places, Seconds, instants, seconds

PERIOD_S = 3600.0  # 自動注文連携 runs once per hour [S]
CLUSTER_GAP_S = 600.0  # arrivals closer together belong to one pull [D]
READ_LAG_S = 120.0  # orders are registered at most so long after the pull read them [D]
MIN_PULLS = 6  # fewer known pulls do not tell the minute [D]
MIN_CONCENTRATION = (
    0.8  # of the minutes on the circle, 0 spread evenly to 1 all equal; below: no steady minute [D]
)
RUN_PRIOR = (49.0, 1.0)  # runs as planned : does not; one failure in two days of hourly pulls [D]
TAKE_PRIOR = (99.0, 1.0)  # takes an order that waits : leaves it, which takes an overflow [D]
LOST_PRIOR = (1.0, 199.0)  # deleted at Smartship before any file showed it : not [D]
BY_HAND = frozenset({"MANUAL", "EXCEL"})
DAY_S = 86_400.0
JST_S = 32_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PullModel:
    """Pulls of one account. basis: known (minute learned from arrivals) | none (only the period is assumed).

    earliest, latest, runs: one entry per known or planned pull in time order: it lies in [earliest, latest] (seconds
    since 1970) with probability `runs`. deviations: seconds from plan to pull at equal steps of probability, from the
    earliest thought possible to the latest. take_rate: the chance that a
    pull takes a waiting order; lost_rate: the chance that what it took is deleted before any file shows it.
    """

    basis: str
    period_s: float
    minute_s: float | None
    deviations: Seconds
    run_rate: float
    take_rate: float
    pulls: int
    centre: Seconds
    earliest: Seconds
    latest: Seconds
    runs: Seconds
    is_known: Mask
    lost_rate: float = LOST_PRIOR[0] / sum(LOST_PRIOR)

    def chance(self, start: Seconds, end: Seconds, *, taken: bool = False) -> Seconds:
        """The probability that at least one pull fell into each interval, or with `taken` took a waiting order.

        start, end: seconds, equal shapes; an empty interval has probability 0. Between pulls the deviations are
        independent, and one pull's deviation stays within half a period.
        """
        rate = self.take_rate if taken else 1.0
        if self.basis == "none":
            return _without_minute(start, end, self.period_s, self.run_rate * rate)
        middles = (self.centre[1:] + self.centre[:-1]) / 2
        left, right = np.searchsorted(middles, start), np.searchsorted(middles, end)
        log_miss = np.log1p(-np.minimum(self.runs * rate, 1 - 1e-12))
        whole = np.append(0.0, np.cumsum(log_miss))
        inside = np.where(right > left, whole[right] - whole[np.minimum(left + 1, right)], 0.0)
        before, after = self._passed(left, start), self._passed(right, end)
        share_left = np.where(right > left, 1.0 - before, after - before)
        misses = np.exp(inside) * (1.0 - self.runs[left] * rate * np.clip(share_left, 0.0, 1.0))
        misses *= np.where(right > left, 1.0 - self.runs[right] * rate * after, 1.0)
        return np.where(end > start, 1.0 - misses, 0.0)

    def _passed(self, place: Places, at: Seconds) -> Seconds:
        """The probability that the pull of that place had happened by `at`."""
        width = np.maximum(self.latest[place] - self.earliest[place], 1e-6)
        known = np.clip((at - self.earliest[place]) / width, 0.0, 1.0)
        if not len(self.deviations):
            return known
        nodes = np.linspace(0.0, 1.0, len(self.deviations))
        planned = np.interp(at - self.centre[place], self.deviations, nodes, left=0.0, right=1.0)
        return np.where(self.is_known[place], known, planned)

    def surely(self, start: Seconds, end: Seconds) -> Places:
        """How many known pulls lie wholly inside each interval."""
        first, last = self.earliest[self.is_known], self.latest[self.is_known]
        inside = np.searchsorted(last, end, side="right") - np.searchsorted(first, start)
        return np.asarray(np.maximum(inside, 0), dtype=np.int64)

    def next_after(self, at: float) -> float:
        """The planned time of the next pull after an instant, in seconds; a period later where no minute is known."""
        if self.minute_s is None:
            return at + self.period_s
        return at + (self.minute_s - at) % self.period_s


def known_pulls(arrivals: pd.DataFrame, gap_s: float = CLUSTER_GAP_S) -> pd.DataFrame:
    """Pulls that arrivals betray: pull_from, pull_by, orders; oldest first.

    arrivals: registered_at, registered_by (MANUAL and EXCEL are left out; an unknown way counts as a pull [D]). The
    pull read CROSS MALL at most READ_LAG_S before its first order was registered. Times that all lie at midnight JST
    are dates, and tell no pull.
    """
    by_hand = arrivals["registered_by"].isin(BY_HAND).to_numpy()
    at = np.sort(seconds(arrivals["registered_at"])[~by_hand])
    at = at[~np.isnan(at)]
    if not len(at) or np.all((at + JST_S) % DAY_S == 0):
        at = at[:0]
    starts = np.flatnonzero(np.append(True, np.diff(at) > gap_s)[: len(at)])
    first = at[starts]
    frame = pd.DataFrame({"orders": np.diff(np.append(starts, len(at)))})
    frame.insert(0, "pull_by", instants(first))
    frame.insert(0, "pull_from", instants(first - READ_LAG_S))
    return frame


def estimate_pulls(
    arrivals: pd.DataFrame,
    files: pd.DataFrame,
    collectable: pd.DataFrame,
    span: tuple[float, float],
    *,
    period_s: float = PERIOD_S,
) -> PullModel:
    """The pulls of one account between two instants (seconds since 1970), known where arrivals tell, else planned.

    arrivals: order_number, registered_at, registered_by of Smartship lines with a strong link; files: covers_from,
    snapshot_at of unfiltered order files; collectable: frame of phases.stays. Too few pulls, or none at a steady
    minute: basis "none", and every interval is judged by its length alone.
    """
    known = known_pulls(arrivals)
    first, last = seconds(known["pull_from"]), seconds(known["pull_by"])
    angle = np.exp(2j * np.pi * last / period_s)
    centre = angle.mean() if len(angle) else 0j
    take = _take_rate(arrivals, collectable, first, last)
    if len(last) < MIN_PULLS or abs(centre) < MIN_CONCENTRATION:
        return _plain(period_s, take, len(last))
    minute = float(np.angle(centre) / (2 * np.pi) * period_s % period_s)
    offs = (last - minute + period_s / 2) % period_s - period_s / 2
    minute += float(np.median(offs))
    offs = _with_tails(np.sort(offs - np.median(offs)) - READ_LAG_S / 2, period_s)
    planned = np.arange(
        np.floor((span[0] - minute) / period_s) - 1, np.ceil((span[1] - minute) / period_s) + 2
    )
    planned = planned * period_s + minute
    taken = np.isin(np.round((planned - minute) / period_s), np.round((last - minute) / period_s))
    free = planned[~taken]
    runs, rate = _runs(free, len(last), files, collectable, arrivals)
    return _merged(
        (first, last, free),
        runs,
        offs,
        period_s=period_s,
        minute_s=minute % period_s,
        rates=(rate, take),
    )


def _with_tails(offs: Seconds, period_s: float) -> Seconds:
    """The deviations with one more on each side: the next pull lies outside all n seen ones with chance 2 / (n + 1)."""
    tail = max(float(offs[-1] - offs[0]), READ_LAG_S) / 2
    around = np.concatenate([[offs[0] - tail], offs, [offs[-1] + tail]])
    return np.asarray(np.clip(around, -period_s / 2, period_s / 2))


def _merged(
    times: tuple[Seconds, Seconds, Seconds],
    runs: Seconds,
    offs: Seconds,
    *,
    period_s: float,
    minute_s: float,
    rates: tuple[float, float],
) -> PullModel:
    first, last, free = times
    centre = np.concatenate([(first + last) / 2, free])
    order = np.argsort(centre)
    known = np.append(np.ones(len(last), bool), np.zeros(len(free), bool))
    return PullModel(
        basis="known",
        period_s=period_s,
        minute_s=minute_s,
        deviations=offs,
        run_rate=rates[0],
        take_rate=rates[1],
        pulls=len(last),
        centre=centre[order],
        earliest=np.concatenate([first, free + offs[0]])[order],
        latest=np.concatenate([last, free + offs[-1]])[order],
        runs=np.concatenate([np.ones(len(last)), runs])[order],
        is_known=known[order],
    )


def _plain(period_s: float, take: float, pulls: int) -> PullModel:
    nothing = np.zeros(0)
    return PullModel(
        basis="none",
        period_s=period_s,
        minute_s=None,
        deviations=nothing,
        run_rate=RUN_PRIOR[0] / sum(RUN_PRIOR),
        take_rate=take,
        pulls=pulls,
        centre=nothing,
        earliest=nothing,
        latest=nothing,
        runs=nothing,
        is_known=np.zeros(0, bool),
    )


def _runs(
    free: Seconds,
    known: int,
    files: pd.DataFrame,
    collectable: pd.DataFrame,
    arrivals: pd.DataFrame,
) -> tuple[Seconds, float]:
    """For planned times without arrivals the probability that the pull ran all the same, and the rate of all."""
    seen = collectable[collectable["kind"] == "seen"]
    enter = seconds(seen["entry_by"])
    leave = np.fmin(seconds(seen["exit_from"]), _registered(arrivals, seen))
    usable = leave > enter
    enter, leave = np.sort(enter[usable]), np.sort(leave[usable])
    waiting = np.searchsorted(enter, free - 300.0) - np.searchsorted(leave, free + 300.0)
    waiting = np.maximum(waiting, 0)
    covered = np.zeros(len(free), bool)
    for start, end in zip(
        seconds(files["covers_from"]), seconds(files["snapshot_at"]), strict=True
    ):
        covered |= (free >= start) & (free <= end - 2 * READ_LAG_S)
    skipped = int(np.count_nonzero(covered & (waiting >= 2)))
    rate = (known + RUN_PRIOR[0]) / (known + skipped + sum(RUN_PRIOR))
    left = (TAKE_PRIOR[1] / sum(TAKE_PRIOR)) ** np.minimum(waiting, 6)
    posterior = rate * left / (rate * left + 1.0 - rate)
    return np.where(covered, posterior, rate), rate


def _take_rate(
    arrivals: pd.DataFrame, collectable: pd.DataFrame, first: Seconds, last: Seconds
) -> float:
    """How often a pull took an order that surely waited, from the orders that arrived."""
    entry = seconds(collectable["entry_by"])
    registered = _registered(arrivals, collectable)
    usable = ~np.isnan(registered) & (registered >= entry)
    pulls = np.searchsorted(last, registered[usable] + 1.0) - np.searchsorted(first, entry[usable])
    chances = float(np.maximum(pulls, 1).sum())
    return (np.count_nonzero(usable) + TAKE_PRIOR[0]) / (chances + sum(TAKE_PRIOR))


def _without_minute(start: Seconds, end: Seconds, period_s: float, rate: float) -> Seconds:
    length = np.maximum(end - start, 0.0) / period_s
    whole = np.floor(np.minimum(length, 1e4))
    part = np.minimum(length, 1e4) - whole
    miss = (1.0 - rate) ** whole
    return np.where(end > start, 1.0 - miss * (1.0 - part * rate), 0.0)


def _registered(arrivals: pd.DataFrame, collectable: pd.DataFrame) -> Seconds:
    """For each stay when its order arrived at Smartship, NaN where it did not."""
    first = arrivals.groupby("order_number")["registered_at"].min()
    return seconds(first.reindex(collectable["order_number"]).reset_index(drop=True))
