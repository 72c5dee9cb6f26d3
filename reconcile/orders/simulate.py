"""Shops with a known truth: orders move, Smartship pulls, we look; the frames are those the forensics take.

Deterministic by seed. Nothing here is learned from a real shop: shapes and rates are chosen to be hard [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from reconcile.orders.instants import Mask, Seconds, instants
from reconcile.orders.roles import AFTER, BEFORE, COLLECT, SHIPPED
from reconcile.orders.simulate_dwells import DAY_S, DWELLS, HOUR_S, OTHER_DWELLS
from reconcile.orders.simulate_looks import arrive, look, observe

DAYS = 10
START_S = 1_793_458_800.0  # 2026-11-01 00:00 JST
PHASES = {
    "確認待ち": BEFORE,
    "発送待機": COLLECT,
    "送り状印刷済み": AFTER,
    "QXPRESS発送済み": SHIPPED,
}
WAITING, READY, PRINTED, DONE = PHASES


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One simulated shop. dwell: a key of DWELLS or OTHER_DWELLS; file_age_h: age of Smartship's newest file, None = no file."""

    orders: int = 500
    dwell: str = "exponential"
    look_every_s: float = 600.0
    file_age_h: float | None = 1.0
    jitter_s: float = 90.0
    skip_rate: float = 0.03
    capacity: int = 40
    edits_per_h: float = 0.03
    odd: bool = True  # some orders skip the phase, are held, cancelled, or go back


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """One shop's frames and its truth.

    orders: as order_case holds them; observations, looks, arrivals, files: see the functions that take them. truth:
    order_number, was_seen (a pull fell into a stay), was_taken. visits: order_number, entry_at, exit_at (NaT: not
    over) of every true stay. Both up to `now`.
    """

    orders: pd.DataFrame
    observations: pd.DataFrame
    looks: pd.DataFrame
    arrivals: pd.DataFrame
    files: pd.DataFrame
    truth: pd.DataFrame
    visits: pd.DataFrame
    pulls: Seconds
    now: datetime


@dataclass(slots=True)
class _Lives:
    """The true times of each order, seconds; two stays at most, NaN where there is none."""

    created: Seconds
    enter: Seconds
    leave: Seconds
    again: Seconds
    again_leave: Seconds
    is_held: Mask
    is_cancelled: Mask
    is_skipped: Mask
    is_written_back: Mask
    taken: Seconds
    was_seen: Mask


def simulate(shop: Shop, seed: int) -> Simulated:
    """One shop over ten days, seen by us and by Smartship's newest file."""
    rng = np.random.default_rng(seed)
    end = START_S + DAYS * DAY_S
    pulls = _pull_times(rng, shop, end)
    lives = _lives(rng, shop, end)
    looks = look(rng, START_S + HOUR_S, end, shop.look_every_s)
    now = float(looks.noted[-1])
    _pull(rng, shop, lives, pulls, now=now)
    numbers = np.array([f"{n:08d}" for n in range(shop.orders)], dtype=object)
    events = _events(rng, shop, lives, numbers)
    skew = rng.uniform(-40.0, 40.0)
    observations = observe(events[events["at"] < end], looks, skew)
    snapshot = None if shop.file_age_h is None else now - shop.file_age_h * HOUR_S
    arrivals = arrive(rng, numbers, lives.taken, snapshot)
    orders = _orders(observations, arrivals, numbers, np.floor(lives.created + skew), snapshot)
    return Simulated(
        orders=orders,
        observations=observations,
        looks=looks.frame(),
        arrivals=arrivals,
        files=_files(snapshot),
        truth=_truth(lives, numbers),
        visits=_visits(lives, numbers, now),
        pulls=pulls,
        now=instants(np.array([now]))[0].to_pydatetime(),
    )


def _pull_times(rng: np.random.Generator, shop: Shop, end: float) -> Seconds:
    planned = np.arange(START_S + rng.uniform(0, HOUR_S), end, HOUR_S)
    runs = rng.uniform(size=len(planned)) > shop.skip_rate
    late = np.where(rng.uniform(size=len(planned)) < 0.05, rng.exponential(300.0, len(planned)), 0)
    at = planned + rng.normal(0.0, shop.jitter_s, len(planned)) + np.minimum(late, 1200.0)
    return np.sort(at[runs])


def _lives(rng: np.random.Generator, shop: Shop, end: float) -> _Lives:
    count = shop.orders
    created = np.sort(rng.uniform(START_S, end, count))
    enter = created + rng.lognormal(np.log(HOUR_S), 0.8, count)
    leave = enter + (DWELLS | OTHER_DWELLS)[shop.dwell](rng, enter)
    lot = rng.uniform(size=count) if shop.odd else np.ones(count)
    skipped, held, back = lot < 0.03, (lot >= 0.03) & (lot < 0.05), (lot >= 0.05) & (lot < 0.06)
    cancelled = (lot >= 0.06) & (lot < 0.08)
    split = (held | back) & np.isfinite(leave)
    part = enter + (leave - enter) * rng.uniform(0.05, 0.8, count)
    again = np.where(split, part + rng.exponential(HOUR_S, count), np.nan)
    rest = np.where(split, leave, 0.0) - np.where(split, part, 0.0)
    again_leave = np.where(split, again + rest, np.nan)
    leave = np.where(split, part, leave)
    leave = np.where(skipped, enter, leave)
    return _Lives(
        created,
        enter,
        leave,
        again,
        again_leave,
        held & split,
        cancelled,
        skipped,
        np.zeros(count, bool),
        np.full(count, np.nan),
        np.zeros(count, bool),
    )


def _pull(
    rng: np.random.Generator, shop: Shop, lives: _Lives, pulls: Seconds, *, now: float
) -> None:
    """Every pull takes what waits, oldest number first, up to its capacity."""
    for at in pulls[pulls < now]:
        waits = (lives.enter < at) & (at < lives.leave) | (lives.again < at) & (
            at < lives.again_leave
        )
        lives.was_seen |= waits
        taken = np.flatnonzero(waits & np.isnan(lives.taken))[: shop.capacity]
        lives.taken[taken] = at
        if shop.dwell == "after_pull":
            patient = taken[np.isinf(lives.leave[taken])]
            lives.leave[patient] = at + rng.uniform(0.5 * HOUR_S, 5 * HOUR_S, len(patient))
            lives.is_written_back[patient] = True


def _events(rng: np.random.Generator, shop: Shop, lives: _Lives, numbers: Mask) -> pd.DataFrame:
    last = np.where(np.isnan(lives.again), lives.leave, lives.again_leave)
    kept = ~lives.is_skipped
    split = ~np.isnan(lives.again)
    gone = np.isfinite(last)
    left_for = np.select([lives.is_cancelled, lives.is_written_back], [READY, DONE], PRINTED)
    parts = [
        _event(numbers, lives.created, WAITING),
        _event(numbers[kept], lives.enter[kept], READY),
        _event(numbers[split], lives.leave[split], None)
        .assign(phase_name=np.where(lives.is_held[split], READY, WAITING))
        .assign(cancel_flag=np.where(lives.is_held[split], 1, 0)),
        _event(numbers[split], lives.again[split], READY),
        _event(numbers[gone], last[gone], PRINTED)
        .assign(phase_name=left_for[gone])
        .assign(cancel_flag=np.where(lives.is_cancelled[gone], 2, 0)),
    ]
    shipped = gone & ~lives.is_cancelled & ~lives.is_written_back
    later = last + rng.exponential(3 * HOUR_S, len(last))
    parts.append(_event(numbers[shipped], later[shipped], DONE))
    edits = rng.poisson(shop.edits_per_h * 48, len(numbers))
    which = np.repeat(np.arange(len(numbers)), edits)
    when = lives.created[which] + rng.uniform(0, 48 * HOUR_S, len(which))
    parts.append(_event(numbers[which], when, None).assign(cancel_flag=np.nan))
    return pd.concat(parts, ignore_index=True)


def _event(numbers: Mask, at: Seconds, phase: str | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "order_number": numbers,
            "at": at,
            "phase_name": phase,
            "cancel_flag": 0.0,
            "bundle_ahead_number": None,
            "delivery_number": None,
        }
    )


def _orders(
    observations: pd.DataFrame,
    arrivals: pd.DataFrame,
    numbers: Mask,
    created: Seconds,
    snapshot: float | None,
) -> pd.DataFrame:
    newest = observations.drop_duplicates("order_number", keep="last").set_index("order_number")
    frame = pd.DataFrame({"order_number": numbers, "created_at": instants(created)})
    frame = frame[frame["order_number"].isin(newest.index)].reset_index(drop=True)
    for name in ("phase_name", "cancel_flag", "updated_at"):
        frame[name] = newest[name].reindex(frame["order_number"]).to_numpy()
    frame["updated_at"] = pd.to_datetime(frame["updated_at"], utc=True)
    frame["phase_role"] = frame["phase_name"].map(PHASES)
    frame["is_bundle_child"] = False
    line = arrivals.set_index("order_number").reindex(frame["order_number"])
    frame["ss_registered_at"] = pd.DatetimeIndex(line["registered_at"])
    frame["ss_registered_by"] = line["registered_by"].to_numpy()
    frame["ss_is_weak"] = line["is_weak"].to_numpy()
    frame["covered_until"] = instants(np.full(len(frame), np.nan if snapshot is None else snapshot))
    return frame


def _files(snapshot: float | None) -> pd.DataFrame:
    at = np.array([] if snapshot is None else [snapshot])
    return pd.DataFrame(
        {"covers_from": instants(np.full(len(at), START_S - DAY_S)), "snapshot_at": instants(at)}
    )


def _truth(lives: _Lives, numbers: Mask) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "order_number": numbers,
            "was_seen": lives.was_seen,
            "was_taken": ~np.isnan(lives.taken),
        }
    )


def _visits(lives: _Lives, numbers: Mask, now: float) -> pd.DataFrame:
    enter, leave = np.append(lives.enter, lives.again), np.append(lives.leave, lives.again_leave)
    real = (enter < now) & (leave > enter)
    return pd.DataFrame(
        {
            "order_number": np.append(numbers, numbers)[real],
            "entry_at": instants(enter[real]),
            "exit_at": instants(np.where(leave < now, leave, np.nan)[real]),
        }
    )
