"""How one order hangs together with others: split, combined, bundled, taken in twice, or only possibly the same.

Strong keys tell facts; weak and possible pairs are shown with the reason why they are weak, and settle nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reconcile.text import Text

Row = Mapping[str, Any]

UNPROVEN = ("weak", "possible")  # kinds that no verdict rests on
ORDERS_NAMED = 20  # of a packing that many orders share [D]


def relations(
    kin: Mapping[str, Sequence[Row]], ordered_qty: int | None
) -> tuple[dict[str, Any], ...]:
    """Every relation of an order, proven ones first: {"kind", ...values}.

    kin: rows of recovery.sql by block, packings, bundles, twins and possible_links. kind: split | split_more (its
    packings hold more than was ordered) | combined | bundle_parent | bundle_child | twin | weak | possible.
    """
    strong = [
        row
        for row in kin["packings"]
        if row["packing_no"] and row["is_active"] and not row["is_weak"]
    ]
    found: list[dict[str, Any]] = []
    if len(strong) > 1:
        quantities = [row["qty"] for row in strong]
        total = None if None in quantities else sum(quantities)
        more = total is not None and ordered_qty is not None and total > ordered_qty
        found.append(
            {
                "kind": "split_more" if more else "split",
                "packings": [row["packing_no"] for row in strong],
                "qty": total,
                "ordered_qty": ordered_qty,
            }
        )
    found += [_combined(row) for row in strong if row["shared_with"]]
    found += [_picked(f"bundle_{row['relation']}", row, _BUNDLE) for row in kin["bundles"]]
    found += [_picked("twin", row, _TWIN) for row in kin["twins"]]
    found += [_picked("weak", row, _WEAK) for row in kin["packings"] if row["is_weak"]]
    found += [_picked("possible", row, _POSSIBLE) for row in kin["possible_links"]]
    return tuple(found)


_BUNDLE = ("other_number", "phase_name", "packings")
_TWIN = ("other_number", "order_code", "other_created_at", "packings")
_WEAK = ("packing_no", "matched_by", "statuses", "snapshot_at")
_POSSIBLE = ("packing_no", "item_name", "qty", "dated_at", "rivals", "snapshot_at")


def relation_words(relation: Row, text: Text) -> str:
    """One relation as a sentence; what is not known reads as a dash."""
    shown = {name: _shown(name, value, text) for name, value in relation.items() if name != "kind"}
    return text(f"case.relation.{relation['kind']}", **shown)


def _combined(row: Row) -> dict[str, Any]:
    others = str(row["shared_with"]).split()
    return {
        "kind": "combined",
        "packing_no": row["packing_no"],
        "others": others[:ORDERS_NAMED],
        "count": len(others),
    }


def _picked(kind: str, row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {"kind": kind} | {name: row[name] for name in names}


def _shown(name: str, value: Any, text: Text) -> Any:
    if value is None or value == "" or value == []:
        return "–"
    if name == "matched_by":
        return text.word("matched_by", str(value), plain=True)
    if name == "statuses":
        return text.value([text.word("status", one, plain=True) for one in str(value).split()])
    if isinstance(value, datetime):
        return text.time(value, full=True)
    return value
