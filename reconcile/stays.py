"""Questions about stays in the collect phase: what if, who is at risk, when pulls ran, when orders were missed, how they flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from reconcile import exporting
from reconcile.affixing import AffixDesk
from reconcile.changes import ChangesDesk
from reconcile.errors import UsageError
from reconcile.examining import DAYS, VERSION, examined
from reconcile.frames import FRAMES, check
from reconcile.model import Export, OrderCase
from reconcile.orders.examine import Examined
from reconcile.orders.recorded import Frames
from reconcile.orders.stay_shapes import StayFit, fit_stays
from reconcile.orders.stay_times import StayData
from reconcile.orders.what_if import (
    Advice,
    WhatIf,
    advised_stay,
    at_risk,
    missed_share,
    share_curve,
)
from reconcile.orders.why import Why, in_words
from reconcile.store import forensics, patterns

_NONE = pd.Series(dtype="float64").to_numpy()
NO_STAYS = StayData(low=_NONE, high=_NONE, sure_low=_NONE, sure_high=_NONE)
STAGES = ("all", "collect", "at_smartship", "shipped", "written_back")
KEPT_FOR = timedelta(seconds=60)  # an examination answers several questions in a row [D]
TABLES = ("at_risk", "pulls", "misses_by_hour", "flow_stages", "phase_moves")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PullHabit:
    """What is known of an account's pulls. basis: known (minute learned) | none (too few, or no steady minute).

    pulls: how many were seen; minute: of the hour in JST; run_pct: how often a planned pull runs; next_at: None where
    only the period is known.
    """

    basis: str
    pulls: int
    minute: int | None
    run_pct: float
    next_at: datetime | None


class ForensicsDesk(ChangesDesk, AffixDesk):
    """What a workspace can be asked about the hourly pulls and the orders they missed."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._kept: dict[str, tuple[str, datetime, Frames, Examined | None]] = {}
        self._fits: dict[str, tuple[StayData, StayFit | None]] = {}

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
        _, found = self._examined(account)
        data = found.data if found else NO_STAYS
        fit = self._fit(account, data)
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
                fit=fit,
            ),
            advice=advised_stay(data, period_s=period_s, target=target, run_rate=run_rate, fit=fit),
        )

    def stay_curve(
        self, account: str, *, period_min: float, minimums_min: Sequence[float]
    ) -> tuple[WhatIf, ...]:
        """The answer of `what_if` for each of several minimum stays in minutes. Raises UsageError as what_if does."""
        if period_min <= 0 or min(minimums_min, default=0) < 0:
            raise UsageError("error.stays.range", period=period_min, target=min(minimums_min))
        _, found = self._examined(account)
        data = found.data if found else NO_STAYS
        return share_curve(
            data,
            period_s=period_min * 60,
            minimums_s=[minutes * 60 for minutes in minimums_min],
            run_rate=found.pulls.run_rate if found else 1.0,
            fit=self._fit(account, data),
        )

    def pull_habit(self, account: str) -> PullHabit | None:
        """When Smartship pulls this account's orders, as learned from arrivals; None where no order is known."""
        _, found = self._examined(account)
        if found is None:
            return None
        model = found.pulls
        next_at = None
        if model.basis != "none":
            next_at = datetime.fromtimestamp(
                float(model.next_after(self.now().timestamp())), tz=self.now().tzinfo
            )
        return PullHabit(
            basis=model.basis,
            pulls=model.pulls,
            minute=None if model.minute_s is None else int(model.minute_s // 60) % 60,
            run_pct=round(model.run_rate * 100, 1),
            next_at=next_at,
        )

    def at_risk(self, account: str) -> pd.DataFrame:
        """Orders now in the collect phase and not at Smartship (frame "at_risk").

        First those that pulls have passed over, then the likeliest to be missed. missed_pct is missing for the former, and
        where too few stays are known.
        """
        frames, found = self._examined(account)
        if found is None:
            return pd.DataFrame(columns=FRAMES["at_risk"].names)
        rows = at_risk(
            frames.orders, found.stays, found.pulls, found.lengths, now=self.now().timestamp()
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

        An order counts in the hour in which it had left the collect phase at the latest; cancelled and bundled orders do not.
        """
        rows = self._table("missed_hours", account, DAYS)
        cells = pd.MultiIndex.from_product([range(7), range(24)], names=["weekday", "hour_of_day"])
        counted = rows.set_index(["weekday", "hour_of_day"])["orders"]
        return check(
            counted.reindex(cells, fill_value=0).astype("int64").reset_index(), "misses_by_hour"
        )

    def missed_in_hour(self, account: str, weekday: int, hour: int) -> tuple[str, ...]:
        """Numbers of the orders behind one cell of misses_by_hour (Monday 0, JST), the latest first."""
        self._accounts.one(account)
        self._refresh(account)
        with self._db.read() as cursor:
            since = self.now() - timedelta(days=DAYS)
            return patterns.missed_in_hour(cursor, account, since, weekday, hour)

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

    def pattern_csv(self, account: str, name: str, *, profile: str, encoding: str) -> Export:
        """One of TABLES as CSV bytes, every row of it. Raises UsageError for another name."""
        if name not in TABLES:
            raise UsageError("error.export.what", what=name, known=list(TABLES))
        if name in ("flow_stages", "phase_moves"):
            flow = self.phase_flow(account)
            rows = flow.moves if name == "phase_moves" else flow.stages
        elif name == "pulls":
            rows = self.pulls(account)
        else:
            rows = self.at_risk(account) if name == "at_risk" else self.misses_by_hour(account)
        return exporting.as_csv(
            rows, name, name, self.text, profile=profile, encoding=encoding, now=self.now()
        )

    def _examined(self, account: str) -> tuple[Frames, Examined | None]:
        """The examination as of now, or the one of at most KEPT_FOR ago if nothing that it rests on changed since."""
        chosen = self._accounts.one(account)
        self._refresh(account)
        now = self.now()
        with self._db.read() as cursor:
            print_of_inputs = forensics.fingerprint(
                cursor, account, VERSION, chosen.options["auto_orders"]
            )
            kept = self._kept.get(account)
            if kept and kept[0] == print_of_inputs and timedelta(0) <= now - kept[1] < KEPT_FOR:
                return kept[2], kept[3]
            frames, found = examined(cursor, chosen, now)
        self._kept[account] = (print_of_inputs, now, frames, found)
        return frames, found

    def _fit(self, account: str, data: StayData) -> StayFit | None:
        """The shape of these stays, found once for each examination."""
        kept = self._fits.get(account)
        if kept is None or kept[0] is not data:
            kept = self._fits[account] = (data, fit_stays(data))
        return kept[1]

    def _table(self, block: str, account: str, days: int | None = None) -> pd.DataFrame:
        self._accounts.one(account)
        self._refresh(account)
        since = None if days is None else self.now() - timedelta(days=days)
        with self._db.read() as cursor:
            return forensics.table(cursor, block, account, since)
