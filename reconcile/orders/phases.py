"""From observations to phase spans and stays in the collect phase, each end as a bracket that holds the truth.

What is proven. Let obs k of an order be first seen at f, last proven unchanged at l, with the vendor's change time u.
The state of k was seen at f, so it was entered at f or earlier; given that every change moves 更新日時 [I], nothing
changed between u and f, so it was entered at u or earlier. The state before it was proven until its own l. So a
change lies in [l of the state before, u]. It lies at u itself unless a second change followed before we looked: then
only the time of the last one is known. A phase entered and left between two looks leaves no trace but the bracket
(kind `passage`): it may have been passed, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reconcile.orders.instants import Mask, Seconds, instants, seconds
from reconcile.orders.roles import AFTER, BEFORE, CANCELLED, COLLECT, SHIPPED, UNKNOWN

HELD_FLAG, CANCELLED_FLAG = 1, 2  # 管理区分 [S]
SEEN, PASSAGE = "seen", "passage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """How far each time can be trusted; seconds.

    skew_s: vendor's clock against ours [D]. read_lag_s: a look is noted when the reply has arrived, so the state is
    proven only up to that much earlier [D]. every_change_moves_updated_at: see the module; off, the brackets end at
    our own looks and an unreturned order proves nothing.
    """

    skew_s: float = 60.0
    read_lag_s: float = 60.0
    every_change_moves_updated_at: bool = True


@dataclass(frozen=True, slots=True)
class _Changes:
    """Observations in order of (order, time) with the bracket of the change into each."""

    rows: pd.DataFrame
    is_first: Mask
    earliest: Seconds  # the change into the state lies in [earliest, latest]
    latest: Seconds
    stated: Seconds  # the vendor's own time of the last change, NaN if unknown
    proven_until: Seconds  # the state held at least until then


def confirmed(
    observations: pd.DataFrame, looks: pd.DataFrame, clocks: Clocks | None = None
) -> pd.DataFrame:
    """The observations with `last_confirmed_at` moved on to the last look that would have shown a change.

    looks: complete runs that read the orders feed (started_at, finished_at). An increment returns what changed, so an
    order it does not return was unchanged when the run started, given that every change moves 更新日時 [I];
    with that switch off the observations come back as they are.
    """
    trusted = clocks or Clocks()
    rows = observations.sort_values(["order_number", "first_seen_at"], ignore_index=True)
    if not trusted.every_change_moves_updated_at or looks.empty:
        return rows
    first, last = seconds(rows["first_seen_at"]), seconds(rows["last_confirmed_at"])
    order = looks.sort_values("finished_at")
    finished, started = seconds(order["finished_at"]), seconds(order["started_at"])
    started = np.maximum.accumulate(started)
    numbers = rows["order_number"].to_numpy()
    followed = np.append(numbers[1:] == numbers[:-1], False)
    until = np.where(followed, np.append(first[1:], np.inf), np.inf)
    place = np.searchsorted(finished, until, side="left") - 1
    proof = np.where(place >= 0, started[np.maximum(place, 0)], -np.inf)
    rows["last_confirmed_at"] = instants(np.maximum(last, np.where(proof >= first, proof, last)))
    return rows


def spans(
    observations: pd.DataFrame, orders: pd.DataFrame, clocks: Clocks | None = None
) -> pd.DataFrame:
    """One row per stretch of looks that showed an order in one phase, oldest first within an order.

    observations: order_number, first_seen_at, last_confirmed_at, phase_name, cancel_flag, updated_at; orders:
    order_number, created_at; of one account. Returns order_number, ordinal, phase_name, entry_from, entry_by, exit_from,
    exit_by (NaT: unbounded on that side; exit_by NaT on the last stretch: not left yet as far as we know).
    A visit elsewhere between two looks that both showed the phase stays unseen.
    """
    changes = _changes(observations, orders, clocks or Clocks())
    rows = changes.rows
    frame = _runs(changes, rows["phase_name"].fillna("").to_numpy())
    frame["phase_name"] = rows["phase_name"].to_numpy()[frame.pop("first").to_numpy()]
    frame["ordinal"] = frame.groupby("order_number").cumcount() + 1
    return _with_instants(frame.drop(columns=["last", "next"]))


def stays(
    observations: pd.DataFrame,
    orders: pd.DataFrame,
    roles: Mapping[str, str],
    clocks: Clocks | None = None,
) -> pd.DataFrame:
    """When orders could be collected: one row per stay in the collect phase, and per passage that may hide one.

    Frames as for spans, roles: phase name -> role. An order can be collected while its phase has the role collect and
    it is neither held, cancelled nor a bundled child. Returns order_number, kind (seen | passage), entry_from,
    entry_by, exit_from, exit_by, entry_at, exit_at (the vendor's change time next to that end: most likely the end
    itself), left_for (role after the stay, "" while it lasts), left_phase, is_first (nothing was seen before it).
    """
    trusted = clocks or Clocks()
    changes = _changes(observations, orders, trusted)
    rows = changes.rows
    role = rows["phase_name"].map(dict(roles)).fillna(UNKNOWN).to_numpy(dtype=object)
    blocked = rows["cancel_flag"].fillna(0).isin((HELD_FLAG, CANCELLED_FLAG)).to_numpy()
    if "bundle_ahead_number" in rows:
        ahead = rows["bundle_ahead_number"].fillna("")
        blocked = blocked | ((ahead != "") & (ahead != rows["order_number"])).to_numpy()
    role = np.where(rows["cancel_flag"].to_numpy() == CANCELLED_FLAG, CANCELLED, role)
    eligible = (role == COLLECT) & ~blocked
    frame = _runs(changes, eligible)
    seen = frame[eligible[frame["first"].to_numpy()]].assign(kind=SEEN)
    hidden = _passages(changes, role, trusted)
    both = pd.concat([seen, hidden], ignore_index=True).sort_values(
        ["order_number", "entry_by"], ignore_index=True
    )
    return _finished(both, changes, role)


def _finished(frame: pd.DataFrame, changes: _Changes, role: NDArray[Any]) -> pd.DataFrame:
    first, following = frame["first"].to_numpy(int), frame["next"].to_numpy(int)
    over = following >= 0
    frame["is_first"] = changes.is_first[first]
    frame["entry_at"] = np.where(frame["kind"] == SEEN, changes.stated[first], np.nan)
    frame["exit_at"] = np.where(over, changes.stated[following], np.nan)
    frame["left_for"] = np.where(over, role[following], "")
    names = changes.rows["phase_name"].fillna("").to_numpy(dtype=object)
    frame["left_phase"] = np.where(over, names[following], "")
    frame = _with_instants(frame.drop(columns=["first", "last", "next"]))
    for name in ("entry_at", "exit_at"):
        frame[name] = instants(frame[name].to_numpy(float))
    return frame


def _changes(observations: pd.DataFrame, orders: pd.DataFrame, clocks: Clocks) -> _Changes:
    rows = observations.sort_values(["order_number", "first_seen_at"], ignore_index=True)
    numbers = rows["order_number"].to_numpy()
    is_first = np.append(True, numbers[1:] != numbers[:-1])[: len(rows)]
    seen, held = seconds(rows["first_seen_at"]), seconds(rows["last_confirmed_at"])
    stated = seconds(rows["updated_at"])
    latest = seen.copy()
    if clocks.every_change_moves_updated_at:
        latest = np.fmin(seen, stated + clocks.skew_s)
    else:
        stated = np.full(len(rows), np.nan)
    proven = held - clocks.read_lag_s
    born = dict(zip(orders["order_number"], seconds(orders["created_at"]), strict=True))
    created = np.array([born.get(number, np.nan) for number in numbers], dtype=float)
    earliest = np.where(
        is_first, created - clocks.skew_s, np.append(np.nan, proven[:-1])[: len(rows)]
    )
    earliest = np.where(np.isnan(earliest), np.nan, np.fmin(earliest, latest))
    return _Changes(rows, is_first, earliest, latest, stated, proven)


def _runs(changes: _Changes, state: NDArray[Any]) -> pd.DataFrame:
    """Stretches of equal `state` within an order, with the places of their first, last and next observation."""
    count = len(changes.rows)
    starts = np.flatnonzero(changes.is_first | np.append(True, state[1:] != state[:-1])[:count])
    ends = np.append(starts[1:] - 1, count - 1)[: len(starts)]
    following = np.minimum(ends + 1, count - 1)
    goes_on = (ends + 1 < count) & ~changes.is_first[following]
    left_by = np.where(goes_on, changes.latest[following], np.nan)
    return pd.DataFrame(
        {
            "order_number": changes.rows["order_number"].to_numpy()[starts],
            "entry_from": changes.earliest[starts],
            "entry_by": changes.latest[starts],
            "exit_from": np.fmin(changes.proven_until[ends], np.where(goes_on, left_by, np.inf)),
            "exit_by": left_by,
            "first": starts,
            "last": ends,
            "next": np.where(goes_on, following, -1),
        }
    )


def _passages(changes: _Changes, role: NDArray[Any], clocks: Clocks) -> pd.DataFrame:
    """Ways from before the collect phase to behind it on which no look showed it."""
    count = len(changes.rows)
    before = np.append("", role[:-1])[:count]
    past = np.isin(role, (AFTER, SHIPPED, CANCELLED))
    jumped = ~changes.is_first & (before == BEFORE) & past
    untouched = np.abs(changes.stated - (changes.earliest + clocks.skew_s)) < 1.0
    behind = changes.is_first & past & ~untouched
    places = np.flatnonzero(jumped | behind)
    earliest, latest = changes.earliest[places], changes.latest[places]
    return pd.DataFrame(
        {
            "order_number": changes.rows["order_number"].to_numpy()[places],
            "kind": PASSAGE,
            "entry_from": earliest,
            "entry_by": latest,
            "exit_from": earliest,
            "exit_by": latest,
            "first": places,
            "last": places,
            "next": places,
        }
    )


def _with_instants(frame: pd.DataFrame) -> pd.DataFrame:
    for name in ("entry_from", "entry_by", "exit_from", "exit_by"):
        frame[name] = instants(frame[name].to_numpy(float))
    return frame
