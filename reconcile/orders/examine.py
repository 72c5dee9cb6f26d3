"""The whole examination of one account in one call: stays, pulls, verdicts and causes from the stored frames."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reconcile.orders.explain import Setting, causes
from reconcile.orders.forensics import judge
from reconcile.orders.instants import seconds
from reconcile.orders.outcomes import with_outcomes
from reconcile.orders.phases import Clocks, confirmed, stays
from reconcile.orders.pulls import PullModel, estimate_pulls
from reconcile.orders.stay_times import (
    StayData,
    StayDistribution,
    change_rates,
    sharpened,
    stay_data,
    stay_distribution,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the history of one account says: stays (phases.stays), pulls, verdicts (forensics.judge), causes
    (explain.causes; None where nobody asked or the orders lack its columns), and the lengths of the stays as data and
    distribution.
    """

    stays: pd.DataFrame
    pulls: PullModel
    verdicts: pd.DataFrame
    causes: pd.DataFrame | None
    data: StayData
    lengths: StayDistribution


def examine(
    orders: pd.DataFrame,
    observations: pd.DataFrame,
    looks: pd.DataFrame,
    arrivals: pd.DataFrame,
    files: pd.DataFrame,
    *,
    setting: Setting,
    now: float,
    clocks: Clocks | None = None,
    explained: bool = True,
) -> Examined:
    """Everything the forensics say about one account's orders; `now` in seconds since 1970.

    orders: order_case (columns: forensics.judge, explain.causes); observations: cm_observation; looks: complete runs
    that read the orders feed (started_at, finished_at); arrivals: order_number, registered_at, registered_by of lines
    with a strong link; files: covers_from, snapshot_at of unfiltered order files; explained: with causes.
    """
    trusted = clocks or Clocks()
    seen = confirmed(observations, looks, trusted)
    found = stays(seen, orders, setting.roles, trusted)
    start = seconds(orders["created_at"])
    span = (float(min(start, default=now)), now)
    model = with_outcomes(estimate_pulls(arrivals, files, found, span), orders, found)
    rates = change_rates(seen, setting.roles)
    data = sharpened(stay_data(found, rates), found, orders, model)
    lengths = stay_distribution(data)
    verdicts = judge(orders, found, model, lengths, rates, now=now)
    why = None
    needed = {"ss_status", "ss_tracking", "ss_matched_by", "delivery_number"}
    if explained and needed <= set(orders.columns):
        why = causes(orders, verdicts, seen, model, setting, now=now)
    return Examined(
        stays=found, pulls=model, verdicts=verdicts, causes=why, data=data, lengths=lengths
    )
