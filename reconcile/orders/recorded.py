"""What the examination of stored frames gives, and the rows of it that are kept: stays of questions, and pulls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from reconcile.orders.causes import CAUSES
from reconcile.orders.examine import Examined, examine
from reconcile.orders.explain import Setting, causes
from reconcile.orders.forensics import judge
from reconcile.orders.instants import instants, seconds
from reconcile.orders.phases import Clocks, confirmed, stays
from reconcile.orders.pulls import PullModel, estimate_pulls, known_pulls
from reconcile.orders.stay_times import change_rates
from reconcile.text import as_jsonable

PULL_DAYS = 35  # pulls further back are not kept [D]
DIGITS = 6  # of a probability: a smaller change is none [D]
BRACKET = {
    "entry_from": "entered_from",
    "entry_by": "entered_by",
    "exit_from": "left_from",
    "exit_by": "left_by",
}
OF_THE_STAY = ("kind", "sure_pulls", "left_for", "left_phase", "absent_until", "needed_at")
SLICE = 500  # orders made into rows together [D]
EVIDENCE = sorted({name for cause in CAUSES for name in cause.evidence} - {*BRACKET, "probability"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """The stored frames of one account that the examination takes, instants aware UTC.

    orders: columns of reconcile.orders.examine, is_question (its answer is wanted) and is_sample (the shop's habits are
    learned from it); roles: role per phase name; connected_at: from when on Smartship collected at all, None where
    nothing shows it.
    """

    orders: pd.DataFrame
    observations: pd.DataFrame
    looks: pd.DataFrame
    arrivals: pd.DataFrame
    files: pd.DataFrame
    roles: dict[str, str]
    lookalikes: frozenset[str]
    connected_at: datetime | None


def outcome(frames: Frames, *, auto_orders: str, now: datetime) -> Examined | None:
    """What the frames say as of `now`, None without orders; auto_orders: Smartship's 自動注文連携, on | off | unknown.

    The shop's habits are learned from the sample only; where the questions go beyond it, their own stays and the
    pulls of their time are added.
    """
    if frames.orders.empty or frames.observations.empty:
        return None
    setting = Setting(
        connected_at=frames.connected_at.timestamp() if frames.connected_at else None,
        auto_orders=auto_orders,
        roles=frames.roles,
        lookalikes=frames.lookalikes,
    )
    sample = frames.orders[frames.orders["is_sample"].astype(bool)]
    is_all = len(sample) == len(frames.orders)
    learned = examine(
        sample,
        _of(frames.observations, sample),
        frames.looks,
        frames.arrivals,
        frames.files,
        setting=setting,
        now=now.timestamp(),
        explained=is_all,
    )
    if is_all:
        return learned
    return _widened(frames, learned, setting, now.timestamp())


def _widened(frames: Frames, learned: Examined, setting: Setting, at: float) -> Examined:
    clocks = Clocks()
    seen = confirmed(frames.observations, frames.looks, clocks)
    found = stays(seen, frames.orders, setting.roles, clocks)
    oldest = float(np.nanmin(np.append(seconds(frames.orders["created_at"]), at)))
    model = estimate_pulls(frames.arrivals, frames.files, found, (oldest, at))
    rates = change_rates(seen, setting.roles)
    verdicts = judge(frames.orders, found, model, learned.lengths, rates, now=at)
    why = causes(frames.orders, verdicts, seen, model, setting, now=at)
    return replace(learned, stays=found, pulls=model, verdicts=verdicts, causes=why)


def _of(rows: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["order_number"].isin(orders["order_number"])]


def stay_rows(frames: Frames, found: Examined) -> Iterator[dict[str, Any]]:
    """One row of order_stay per order that is a question."""
    assert found.causes is not None
    asked = frames.orders[frames.orders["is_question"].astype(bool)]
    frame = asked.merge(found.verdicts, on="order_number").merge(
        found.causes, on="order_number", suffixes=("_of_verdict", "")
    )
    for start in range(0, len(frame), SLICE):
        yield from _rows(frame.iloc[start : start + SLICE])


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    kept = [name for name in (*OF_THE_STAY, "ss_registered_by") if name in frame]
    plain = frame[[*BRACKET, *kept]].astype(object)
    values = plain.where(plain.notna(), None)[kept].to_dict("records")
    brackets = plain.where(plain.notna(), None)[list(BRACKET)].rename(columns=BRACKET)
    told = ("order_number", "verdict", "probability", "p_seen", "cause", "missing")
    heads = zip(*(frame[name].tolist() for name in told), strict=True)
    tails = zip(
        brackets.to_dict("records"), values, frame["applicable"], frame["evidence"], strict=True
    )
    for head, (bracket, stay, applicable, proof) in zip(heads, tails, strict=True):
        evidence = {"applicable": list(applicable), "values": _typed(stay | _known(proof))}
        row = dict(zip(told, head, strict=True)) | {str(k): _instant(v) for k, v in bracket.items()}
        row["missing"] = _text(row["missing"])
        row |= {name: round(float(row[name]), DIGITS) for name in ("probability", "p_seen")}
        row["evidence"] = json.dumps(as_jsonable(evidence), ensure_ascii=False, sort_keys=True)
        yield row


def pull_rows(model: PullModel, frames: Frames, now: datetime) -> list[dict[str, Any]]:
    """Pulls of the last PULL_DAYS up to one period from now, the known ones with the orders that came with them."""
    known = known_pulls(frames.arrivals)
    arrived = dict(zip(seconds(known["pull_by"]).tolist(), known["orders"].tolist(), strict=True))
    if model.basis == "none":
        first, last = seconds(known["pull_from"]), seconds(known["pull_by"])
        runs = np.ones(len(last))
    else:
        first, last, runs = model.earliest, model.latest, model.runs
    start = (now - timedelta(days=PULL_DAYS)).timestamp()
    near = (last >= start) & (first <= now.timestamp() + model.period_s)
    return [
        {
            "at_from": begin.to_pydatetime(),
            "at_by": end.to_pydatetime(),
            "basis": "known" if at in arrived else "estimated",
            "arrivals": int(arrived.get(at, 0)),
            "runs": round(float(chance), DIGITS),
        }
        for begin, end, at, chance in zip(
            instants(first[near]),
            instants(last[near]),
            last[near].tolist(),
            runs[near].tolist(),
            strict=True,
        )
    ]


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence of a cause without what stands in the row's own columns."""
    return {name: value for name, value in values.items() if name in EVIDENCE}


def _typed(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Values as JSON keeps them: instants aware, numbers plain, what is missing None."""
    return {str(name): _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def _instant(value: Any) -> datetime | None:
    found = _plain(value)
    return found if isinstance(found, datetime) else None


def _text(value: Any) -> str | None:
    found = _plain(value)
    return None if found is None else str(found)
