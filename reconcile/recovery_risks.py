"""Whether an order may be shipped by hand: every risk of a double shipment, and one verdict over them.

Knows rows only, neither the store nor the clock. A verdict is "clear" only as of a Smartship file that covers the order
and is newer than its last change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Row = Mapping[str, Any]

BLOCKED, CANNOT_TELL, WARN, CLEAR = VERDICTS = ("blocked", "cannot_tell", "warn", "clear")
BY_HAND = frozenset({"MANUAL", "EXCEL"})
CANCEL_FLAG_HELD = 1  # 管理区分 1 = 保留 [S]
POSSIBLE_PAIR_DAYS = 3  # smartship.md 11.8, join step 5 [I]

LEVELS: Mapping[str, str] = {  # risk -> what it makes of the order
    "cancelled": BLOCKED,
    "held": BLOCKED,
    "at_smartship": BLOCKED,
    "pulled_after_all": BLOCKED,
    "other_number": BLOCKED,
    "manual_row": BLOCKED,
    "manual_and_api": BLOCKED,
    "merged_there": BLOCKED,
    "imported_twice_there": BLOCKED,
    "no_file": CANNOT_TELL,
    "not_covered": CANNOT_TELL,
    "file_too_old": CANNOT_TELL,
    "crossmall_old": CANNOT_TELL,
    "phase_unknown": CANNOT_TELL,
    "waiting_for_pull": WARN,
    "before_pull": WARN,
    "sheet_made": WARN,
    "gone_from_smartship": WARN,
    "ended_at_smartship": WARN,
    "other_shop": WARN,
    "weak_link": WARN,
    "possible_pair": WARN,
    "merged_child": WARN,
    "merged_child_there": WARN,
    "imported_twice": WARN,
    "marked_shipped": WARN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One reason against shipping by hand: code (LEVELS), level and typed evidence (instants aware UTC)."""

    code: str
    level: str
    because: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCheck:
    """One order's verdict (VERDICTS) with its risks, most severe first.

    clear_as_of: when the Smartship file was written on which a verdict that is neither blocked nor cannot_tell rests.
    """

    account: str
    order_number: str
    order_code: str | None
    shop_code: str | None
    verdict: str
    clear_as_of: datetime | None
    risks: tuple[Risk, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times by which the two sides count as too old: grace after a change, pull interval, age of CROSS MALL's side."""

    grace: timedelta
    pull_interval: timedelta
    stale_after: timedelta


def shipment_checks(
    account: str,
    facts: Mapping[str, Sequence[Row]],
    made_sheets: Mapping[str, Row],
    *,
    now: datetime,
    limits: Limits,
) -> tuple[ShipmentCheck, ...]:
    """One check per subject of the facts (reconcile.store.recovery.facts), in the order of their numbers.

    made_sheets: order number -> {"made_at", "made_by"} of the newest recovery sheet that holds it.
    """
    of = {name: _by_order(rows) for name, rows in facts.items()}
    checks = []
    for subject in sorted(facts["subjects"], key=lambda row: str(row["order_number"])):
        number = subject["order_number"]
        mine = {name: rows.get(number, []) for name, rows in of.items()}
        found = [
            *_own_state(subject, made_sheets.get(number)),
            *_at_smartship(subject, mine["packings"]),
            *_elsewhere(mine),
            *_age(subject, now, limits),
        ]
        risks = [Risk(code=code, level=LEVELS[code], because=why) for code, why in found]
        risks.sort(key=lambda risk: VERDICTS.index(risk.level))
        verdict = risks[0].level if risks else CLEAR
        checks.append(
            ShipmentCheck(
                account=account,
                order_number=number,
                order_code=subject["order_code"],
                shop_code=subject["shop_code"],
                verdict=verdict,
                clear_as_of=subject["covered_until"] if verdict in (CLEAR, WARN) else None,
                risks=tuple(risks),
            )
        )
    return tuple(checks)


Found = Iterator[tuple[str, dict[str, Any]]]


def _by_order(rows: Sequence[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["order_number"], []).append(row)
    return grouped


def _own_state(subject: Row, sheet: Row | None) -> Found:
    phase = {"phase_name": subject["phase_name"]}
    if subject["is_cancelled"]:
        yield "cancelled", phase | {"changed_at": subject["changed_at"]}
        return
    if subject["cancel_flag"] == CANCEL_FLAG_HELD:
        yield "held", phase | {"changed_at": subject["changed_at"]}
    if subject["phase_role"] == "shipped":
        yield "marked_shipped", phase | {"delivery_number": subject["delivery_number"]}
    if sheet is not None:
        yield "sheet_made", dict(sheet)


def _at_smartship(subject: Row, packings: Sequence[Row]) -> Found:
    """What stands there under the order's own keys; a person's row and a collected one together are the worst."""
    present = []
    for row in packings:
        why = {
            name: row[name]
            for name in ("packing_no", "matched_by", "statuses", "registered_by", "qty")
        } | {
            "ordered_qty": subject["ordered_qty"],
            "registered_at": row["registered_at"],
            "snapshot_at": row["snapshot_at"],
            "shared_with": row["shared_with"],
        }
        if row["is_weak"]:
            if row["is_active"]:
                yield "weak_link", why
        elif not row["is_active"]:
            yield "ended_at_smartship", why
        elif row["is_gone"]:
            yield "gone_from_smartship", why | {"covered_until": subject["covered_until"]}
        else:
            present.append(row)
            found_at = subject["found_at"]
            late = found_at is not None and row["first_snapshot_at"] > found_at
            by_number = str(row["matched_by"]).startswith("site_order_no")
            here = "pulled_after_all" if late else "at_smartship"
            yield (here if by_number else "other_number"), why | {"found_at": found_at}
    by_hand = [row for row in present if _origins(row) & BY_HAND]
    collected = [row for row in present if "API" in _origins(row)]
    if by_hand:
        names = {
            "by_hand": " ".join(row["packing_no"] for row in by_hand),
            "collected": " ".join(row["packing_no"] for row in collected),
        }
        yield ("manual_and_api" if collected else "manual_row"), names


def _origins(row: Row) -> set[str]:
    return set(str(row["registered_by"] or "").split())


def _elsewhere(mine: Mapping[str, Sequence[Row]]) -> Found:
    for row in mine["other_shops"]:
        yield "other_shop", _without_number(row)
    for row in mine["possible_pairs"]:
        yield "possible_pair", _without_number(row)
    for row in mine["bundles"]:
        why = _without_number(row)
        if row["relation"] == "parent":
            yield ("merged_there" if row["packings"] else "merged_child"), why
        elif row["packings"]:
            yield "merged_child_there", why
    for row in mine["twins"]:
        if row["same_content"] is False:
            continue  # a split slip keeps the 注文番号 and has other lines [D]
        why = _without_number(row)
        if row["packings"] and row["same_content"]:
            yield "imported_twice_there", why
        elif row["packings"] or not row["other_is_cancelled"]:
            yield "imported_twice", why


def _without_number(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "order_number"}


def _age(subject: Row, now: datetime, limits: Limits) -> Found:
    """What is not known yet: the phase, CROSS MALL's present, or Smartship after the order's last change."""
    if subject["is_cancelled"]:
        return
    role = subject["phase_role"]
    if subject["seen_at"] is None or now - subject["seen_at"] > limits.stale_after:
        yield "crossmall_old", {"seen_at": subject["seen_at"]}
    if role == "unknown":
        yield "phase_unknown", {"phase_name": subject["phase_name"]}
    elif role in ("collect", "before"):
        code = "waiting_for_pull" if role == "collect" else "before_pull"
        yield (
            code,
            {
                "phase_name": subject["phase_name"],
                "auto_orders": subject["auto_orders"],
                "seen_at": subject["seen_at"],
            },
        )
    needed_at = subject["changed_at"] + limits.grace
    if role in ("collect", "unknown"):
        needed_at = max(needed_at, now - limits.pull_interval)
    covered, newest = subject["covered_until"], subject["newest_file_at"]
    why = {
        "needed_at": needed_at,
        "needed_from": subject["created_at"],
        "newest_file_at": newest,
        "covered_until": covered,
    }
    if covered is not None and covered >= needed_at:
        return
    if newest is None:
        yield "no_file", why
    elif newest >= needed_at:
        yield "not_covered", why
    else:
        yield "file_too_old", why
