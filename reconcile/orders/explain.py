"""Why an order was not pulled: one primary cause from a fixed list, by a fixed precedence, with the stored evidence.

A cause that a missing fact could overturn is not named: the order is `cannot_tell` with that fact, and the causes that
would apply are listed beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reconcile.orders.causes import CANNOT_TELL, CAUSES, COLLECTED
from reconcile.orders.forensics import MISSED
from reconcile.orders.forensics import PULLED as VERDICT_PULLED
from reconcile.orders.instants import Mask, seconds
from reconcile.orders.keys import tracking_key
from reconcile.orders.phases import CANCELLED_FLAG, HELD_FLAG, PASSAGE, SEEN
from reconcile.orders.pulls import BY_HAND, PullModel
from reconcile.orders.roles import AFTER, BEFORE, CANCELLED, COLLECT, SHIPPED, UNKNOWN

PRINT_WORDS = (
    "印刷",
    "発行",
    "出力",
)  # in the name of the phase an order was moved to: the waybill was printed [D]
STUCK = frozenset({"ERROR", "HOLD"})  # taken, but not on its way (smartship.md 4.3)
OFF = "off"
NOT_DUE_S = (
    7800.0  # pull_lag_error: 130 minutes in the collect phase without a pull are not yet wrong [I]
)
BLIND_S = 1800.0  # a gap between looks longer than this hides more than a quick passage [D]
DEAD_PULLS = 3  # so many planned pulls in a row that did not run although orders waited: the connection was dead [D]
DEAD_BELOW = 0.1  # probability below which such a pull counts as not run [D]
JST_S, DAY_S = 32_400.0, 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the account says: the day of its connection (seconds since 1970), Smartship's 自動注文連携 (on, off,
    unknown), role per phase name, and the phases that only look like the collect phase (lookalike.check_phase).
    """

    connected_at: float | None
    auto_orders: str
    roles: Mapping[str, str]
    lookalikes: frozenset[str]


def causes(
    orders: pd.DataFrame,
    verdicts: pd.DataFrame,
    observations: pd.DataFrame,
    model: PullModel,
    setting: Setting,
    *,
    now: float,
) -> pd.DataFrame:
    """One row per order: cause (an id of CAUSES, `collected` or `cannot_tell`), applicable (all ids that hold, in
    precedence), missing (the fact a cannot_tell waits for), evidence (the columns of the cause with their values).

    orders: as for forensics.judge, and created_at, updated_at, phase_name, is_bundle_child, delivery_number, ss_status,
    ss_snapshot_at, ss_tracking, ss_matched_by. verdicts: forensics.judge of the same orders. The first run of a new
    connection takes orders since 00:00 of that day [S].
    """
    rows = orders.merge(verdicts, on="order_number", how="left", suffixes=("", "_verdict"))
    rows = rows.join(_history(observations, setting), on="order_number")
    masks = _masks(rows, model, setting, now)
    table = np.column_stack([masks[cause.id] for cause in CAUSES])
    ids = np.array([cause.id for cause in CAUSES], dtype=object)
    first = np.where(table.any(axis=1), ids[table.argmax(axis=1)], CANNOT_TELL)
    troubled = masks["deleted_at_smartship"] | masks["stuck_at_smartship"]
    first = np.where((rows["verdict"] == VERDICT_PULLED) & ~troubled, COLLECTED, first)
    missing = _missing(rows, first)
    first = np.where(missing != "", CANNOT_TELL, first)
    evidence = {cause.id: [name for name in cause.evidence if name in rows] for cause in CAUSES}
    return pd.DataFrame(
        {
            "order_number": rows["order_number"],
            "cause": first,
            "applicable": [tuple(ids[line]) for line in table],
            "missing": pd.Series(missing, dtype=object).where(missing != "", None),
            "evidence": _evidence(rows, first, evidence),
        }
    )


def dead_spans(model: PullModel) -> list[tuple[float, float]]:
    """Stretches (seconds since 1970) in which DEAD_PULLS or more planned pulls in a row did not run though orders waited."""
    found: list[tuple[float, float]] = []
    silent = ~model.is_known & (model.runs < DEAD_BELOW)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(np.int8), [0]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= DEAD_PULLS:
            found.append((float(model.earliest[start]), float(model.latest[end - 1])))
    return found


def _masks(
    rows: pd.DataFrame, model: PullModel, setting: Setting, now: float
) -> dict[str, NDArray[np.bool_]]:
    role, flag = rows["phase_role"].to_numpy(), rows["cancel_flag"].fillna(0).to_numpy()
    linked = rows["ss_is_weak"].notna().to_numpy()
    strong = linked & ~rows["ss_is_weak"].fillna(True).astype(bool).to_numpy()
    by_hand = rows["ss_registered_by"].isin(BY_HAND).to_numpy()
    by_tracking = (rows["ss_matched_by"] == "tracking_no").to_numpy()
    seen, passage = (rows["kind"] == SEEN).to_numpy(), (rows["kind"] == PASSAGE).to_numpy()
    past = np.isin(role, (AFTER, SHIPPED))
    waits = (role == COLLECT) & (flag == 0)
    left = rows["left_for"].fillna("").to_numpy()
    printed = rows["left_phase"].fillna("").str.contains("|".join(PRINT_WORDS)).to_numpy()
    sure = rows["sure_pulls"].fillna(0).to_numpy() >= 1
    waited = now - seconds(rows["entry_by"])
    gone = seconds(rows["covered_until"]) > seconds(rows["ss_snapshot_at"]) + 1.0
    filled = rows["delivery_number"].fillna("").ne("").to_numpy()
    return {
        "deleted_at_smartship": strong & gone & (role != SHIPPED),
        "stuck_at_smartship": strong & rows["ss_status"].isin(STUCK).to_numpy(),
        "manual_other_number": linked & by_hand & by_tracking,
        "manual_at_smartship": strong & by_hand,
        "merged_packing": ~linked & _shares_tracking(rows, strong),
        "bundled_child": rows["is_bundle_child"].to_numpy(dtype=bool),
        "cancelled_before_pull": (flag == CANCELLED_FLAG) | (role == CANCELLED),
        "before_connection": past & (_last_chance(rows) < _first_day(setting)),
        "lookalike_phase": rows["saw_lookalike"].fillna(False).to_numpy(dtype=bool) & ~seen,
        "held_at_pull": (role == COLLECT) & (flag == HELD_FLAG)
        | rows["was_held"].fillna(False).to_numpy(dtype=bool) & ~sure & seen,
        "auto_orders_off": np.full(len(rows), setting.auto_orders == OFF) & (seen | passage),
        "changed_elsewhere": seen & np.isin(left, (BEFORE, UNKNOWN)) & ~waits,
        "not_reached": (role == BEFORE) & ~seen,
        "connection_dead": seen & _inside(rows, dead_spans(model)),
        "not_due_yet": waits & ((waited < NOT_DUE_S) | ~sure),
        "overflow": seen & sure,
        "shipped_other_means": (role == SHIPPED) & filled & ~linked,
        "passed_unseen": passage | past & ~seen,
        "printed_early": seen & ~waits & printed,
        "between_pulls": seen & past,
    }


def _missing(rows: pd.DataFrame, first: NDArray[np.object_]) -> NDArray[np.object_]:
    """The fact that could overturn the cause, "" where none could."""
    linked_causes = ("manual_other_number", "deleted_at_smartship", "stuck_at_smartship")
    settled = np.isin(
        first,
        (COLLECTED, *linked_causes, "bundled_child", "not_reached", "not_due_yet", "held_at_pull"),
    )
    passage = (rows["kind"] == PASSAGE).to_numpy()
    gap = seconds(rows["exit_by"]) - np.nan_to_num(seconds(rows["entry_from"]), nan=0.0)
    blind = passage & (gap > BLIND_S) & (first == "passed_unseen")
    named = (rows["missing"] == "phase_role") & rows["covered_until"].notna()
    named &= np.isin(first, ("changed_elsewhere", "lookalike_phase"))
    named |= (rows["missing"] == "smartship_cancelled_orders") & (first == "auto_orders_off")
    unproven = rows["missing"].notna().to_numpy() & ~settled & ~named.to_numpy()
    alone = (rows["phase_role"] == UNKNOWN).to_numpy() & (first == CANNOT_TELL)
    uncovered = (first == "overflow") & (rows["verdict"] != MISSED) & rows["covered_until"].isna()
    reasons = np.select(
        [unproven, blind, alone, uncovered.to_numpy(), first == CANNOT_TELL],
        [
            rows["missing"].fillna("").to_numpy(dtype=object),
            "history_gap",
            "phase_role",
            "smartship_orders_file",
            "history_gap",
        ],
        "",
    )
    return np.asarray(reasons, dtype=object)


def _evidence(
    rows: pd.DataFrame, first: NDArray[np.object_], columns: Mapping[str, list[str]]
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [{} for _ in first]
    for cause, names in columns.items():
        places = np.flatnonzero(first == cause)
        records = rows.iloc[places][names].to_dict("records")
        for place, record in zip(places, records, strict=True):
            found[place] = {str(name): value for name, value in record.items()}
    return found


def _history(observations: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Per order: was_held (held in the collect phase) and saw_lookalike (stood in a phase that only looks like it)."""
    role = observations["phase_name"].map(dict(setting.roles))
    frame = pd.DataFrame(
        {
            "order_number": observations["order_number"],
            "was_held": (role == COLLECT) & (observations["cancel_flag"] == HELD_FLAG),
            "saw_lookalike": observations["phase_name"].isin(setting.lookalikes),
        }
    )
    return frame.groupby("order_number").any()


def _shares_tracking(rows: pd.DataFrame, strong: Mask) -> Mask:
    """Whether the order carries the tracking number of another order that is at Smartship."""
    texts = rows.loc[strong, "ss_tracking"].dropna().str.split()
    shipped = {tracking_key(one) for text in texts for one in text} - {None}
    own = rows["delivery_number"].map(tracking_key, na_action="ignore")
    return np.asarray(own.isin(shipped), dtype=bool)


def _last_chance(rows: pd.DataFrame) -> NDArray[np.float64]:
    """When the order could last have been collected, seconds: the end of its stay, else its last change."""
    return np.fmin(seconds(rows["exit_by"]), seconds(rows["updated_at"]))


def _first_day(setting: Setting) -> float:
    if setting.connected_at is None:
        return -np.inf
    return float(np.floor((setting.connected_at + JST_S) / DAY_S) * DAY_S - JST_S)


def _inside(rows: pd.DataFrame, dead: list[tuple[float, float]]) -> Mask:
    """Whether every planned pull of the stay lay in a stretch without pulls."""
    entry, leave = seconds(rows["entry_by"]), seconds(rows["exit_from"])
    hit = np.zeros(len(rows), bool)
    for start, end in dead:
        hit |= (leave > start) & (entry < end) & (rows["sure_pulls"].fillna(0).to_numpy() == 0)
    return hit
