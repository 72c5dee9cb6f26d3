"""Questions about stays in the collect phase: what if, who is at risk, when pulls ran, when orders were missed, how they flow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from reconcile.errors import UsageError
from reconcile.examining import DAYS, examined
from reconcile.frames import FRAMES, check
from reconcile.model import OrderCase
from reconcile.orders.stay_times import StayData
from reconcile.orders.what_if import Advice, WhatIf, advised_stay, at_risk, missed_share
from reconcile.orders.why import Why, in_words
from reconcile.store import forensics
from reconcile.wiring import Wiring

_NONE = pd.Series(dtype="float64").to_numpy()
NO_STAYS = StayData(low=_NONE, high=_NONE, sure_low=_NONE, sure_high=_NONE)
STAGES = ("all", "collect", "at_smartship", "shipped", "written_back")


@dataclass(frozen=True, slots=True, kw_only=True)
class StayAnswer:
    """What if Smartship pulled every `period_min` minutes and no order left before `minimum_stay_min`; None = no minimum.

    share: the part of orders missed then; advice: how long to leave orders so that at most `target` of them are missed.
    """

    account: str
    period_min: float
    minimum_stay_min: float | None
    target: float
    share: WhatIf
    advice: Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseFlow:
    """How orders of the last `days` days moved: frame "flow_stages", and moves between phases seen, frame "phase_moves"."""

    account: str
    days: int
    stages: pd.DataFrame
    moves: pd.DataFrame


class ForensicsDesk(Wiring):
    """What a workspace can be asked about the hourly pulls and the orders they missed."""

    def what_if(
        self,
        account: str,
        *,
        period_min: float = 60,
        minimum_stay_min: float | None = None,
        target: float = 0.01,
    ) -> StayAnswer:
        """The share of orders that no pull would see, and the stay that keeps it at `target` or below.

        From the shop's own newest stays; pulls fail as often as they were seen to. Raises UsageError for a period that
        is not positive, a negative minimum, or a target outside 0 to 1.
        """
        if period_min <= 0 or (minimum_stay_min or 0) < 0 or not 0 < target < 1:
            raise UsageError("error.stays.range", period=period_min, target=target)
        chosen = self._accounts.one(account)
        self._refresh(account)
        with self._db.read() as cursor:
            _, found = examined(cursor, chosen, self.now())
        data = found.data if found else NO_STAYS
        period_s, run_rate = period_min * 60, found.pulls.run_rate if found else 1.0
        return StayAnswer(
            account=account,
            period_min=period_min,
            minimum_stay_min=minimum_stay_min,
            target=target,
            share=missed_share(
                data,
                period_s=period_s,
                minimum_stay_s=(minimum_stay_min or 0) * 60,
                run_rate=run_rate,
            ),
            advice=advised_stay(data, period_s=period_s, target=target, run_rate=run_rate),
        )

    def at_risk(self, account: str) -> pd.DataFrame:
        """Orders now in the collect phase and not at Smartship, the likeliest to be missed first (frame "at_risk").

        The percentages are missing where too few stays are known.
        """
        chosen = self._accounts.one(account)
        self._refresh(account)
        now = self.now()
        with self._db.read() as cursor:
            frames, found = examined(cursor, chosen, now)
        if found is None:
            return pd.DataFrame(columns=FRAMES["at_risk"].names)
        rows = at_risk(
            frames.orders, found.stays, found.pulls, found.lengths, now=now.timestamp()
        ).merge(frames.orders[["order_number", "order_code", "shop_name"]], on="order_number")
        rows = rows.rename(columns={"entry_by": "entered_by"})
        rows["waited_min"] = (rows["waited_s"] // 60).astype("int64")
        rows["leaves_first_pct"] = (rows["p_leaves_first"] * 100).round(1)
        rows["missed_pct"] = (rows["p_missed"] * 100).round(1)
        return check(rows.drop(columns=["waited_s", "p_leaves_first", "p_missed"]), "at_risk")

    def pulls(self, account: str) -> pd.DataFrame:
        """Smartship's pulls of the last weeks, known and planned, oldest first (frame "pulls")."""
        rows = self._table("pulls", account)
        rows["pull_runs_pct"] = (rows.pop("pull_runs") * 100).round(1)
        return check(rows, "pulls")

    def misses_by_hour(self, account: str) -> pd.DataFrame:
        """Missed orders of the last DAYS days by weekday and hour in JST, all 168 cells (frame "misses_by_hour").

        An order counts in the hour in which it had left the collect phase at the latest.
        """
        rows = self._table("missed_hours", account, DAYS)
        cells = pd.MultiIndex.from_product([range(7), range(24)], names=["weekday", "hour_of_day"])
        counted = rows.set_index(["weekday", "hour_of_day"])["orders"]
        return check(
            counted.reindex(cells, fill_value=0).astype("int64").reset_index(), "misses_by_hour"
        )

    def phase_flow(self, account: str, *, days: int = DAYS) -> PhaseFlow:
        """How many orders came to the collect phase, to Smartship, out of it and back, and which moves were seen."""
        counts = self._table("flow_stages", account, days)
        stages = pd.DataFrame({"flow_stage": STAGES, "orders": [*counts.iloc[0].astype("int64")]})
        return PhaseFlow(
            account=account,
            days=days,
            stages=check(stages, "flow_stages"),
            moves=check(self._table("phase_moves", account, days), "phase_moves"),
        )

    def why(self, case: OrderCase) -> Why:
        """The verdict of an order in the words of this workspace: cause, what was seen, what to do, every test."""
        return in_words(case.verdict, self.lang)

    def _table(self, block: str, account: str, days: int | None = None) -> pd.DataFrame:
        self._accounts.one(account)
        self._refresh(account)
        since = None if days is None else self.now() - timedelta(days=days)
        with self._db.read() as cursor:
            return forensics.table(cursor, block, account, since)
