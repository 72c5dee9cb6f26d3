"""Which cells of Smartship's order upload file we can fill for an order, and which a person must type, and why.

Personal data are not kept here, so the recipient's columns always stay empty. Nothing is guessed: a SKU stands only
where its link is exact and the only one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconcile.model import Export
from reconcile.recovery_risks import ShipmentCheck
from reconcile.text import JST, Text
from smartship.template import COUNTRIES, PERSONAL
from smartship.upload import UploadRow, title_of
from smartship.workbook import Sheet

Row = Mapping[str, Any]

SITE_ORDER_NO = "order_code"  # what Smartship calls a shop's orders while no link teaches it [I]
FIRST_ROW = 2  # of the file, below the titles
REASONS = ("personal", "country", "sku_not_linked", "warehouse_unknown", "quantity_unknown", "lines_unknown")  # fmt: skip
_ITEM = ("O05", "O06", "O25", "O30", "O35", "O39")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToType:
    """Cells of one order that a person must type: rows of the file (from 2), O-codes, and why (REASONS)."""

    order_number: str
    rows: tuple[int, ...]
    codes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverySheet(Export):
    """The upload file with its report: checks of all orders asked for, who is in it, who was left out, what to type.

    guarded: cells that the CSV form carries with an apostrophe in front. companion: what is left to type as a CSV file
    of its own; None for the workbook, which holds it as its second sheet.
    """

    format: str
    orders: tuple[str, ...]
    left_out: tuple[str, ...]
    checks: tuple[ShipmentCheck, ...]
    to_type: tuple[ToType, ...]
    guarded: tuple[tuple[int, str], ...] = ()
    companion: Export | None = None


@dataclass(slots=True)
class Filled:
    """The rows of the file and what is left to type, as they grow order by order."""

    rows: list[UploadRow] = field(default_factory=list)
    to_type: list[ToType] = field(default_factory=list)

    def add(
        self, number: str, shared: Mapping[str, str], lines: Sequence[Row], warehouse: str
    ) -> None:
        """One order: a row per line, or one row without item where its lines are not held."""
        missing: dict[str, tuple[list[int], dict[str, None]]] = {}
        each: Sequence[Row | None] = lines or (None,)
        for line in each:
            at = len(self.rows) + FIRST_ROW
            cells, reasons = _item(line, warehouse)
            reasons = {"personal": PERSONAL, "country": COUNTRIES} | reasons
            for reason, codes in reasons.items():
                places, known = missing.setdefault(reason, ([], {}))
                places.append(at)
                known.update(dict.fromkeys(codes))
            open_codes = tuple(sorted({code for codes in reasons.values() for code in codes}))
            self.rows.append(UploadRow(cells={**shared, **cells}, to_type=open_codes))
        self.to_type += [
            ToType(order_number=number, rows=tuple(places), codes=tuple(codes), reason=reason)
            for reason, (places, codes) in missing.items()
        ]


def fill(
    orders: Sequence[Row], lines: Sequence[Row], number_use: Sequence[Row], warehouse: str
) -> Filled:
    """The file's rows for orders and lines of reconcile.store.recovery; `warehouse` stands where it is given.

    O34 and O04 carry the number by which Smartship knows that shop's orders: the one that more of its collected orders
    carry, else SITE_ORDER_NO.
    """
    by_shop = {row["shop_code"]: row for row in number_use}
    filled = Filled()
    for order in orders:
        number = order["order_number"]
        known_as = site_order_number(order, by_shop.get(order["shop_code"]))
        shared = {
            "O04": known_as,
            "O34": known_as,
            "O32": order["shop_code"] or "",
            "O41": _wall_clock(order["ordered_at"]),
        }
        held = [line for line in lines if line["order_number"] == number]
        filled.add(number, shared, held if order["lines_state"] == "held" else [], warehouse)
    return filled


def site_order_number(order: Row, use: Row | None) -> str:
    """The number that goes into O34: learned from links of the shop, else by SITE_ORDER_NO; never empty."""
    name = SITE_ORDER_NO
    if use is not None and use["by_code"] != use["by_number"]:
        name = "order_code" if use["by_code"] > use["by_number"] else "order_number"
    return str(order[name] or order["order_number"])


def _item(line: Row | None, warehouse: str) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The item's cells, and reason -> codes of those we cannot fill."""
    if line is None:
        place = {"O29": warehouse} if warehouse else {}
        unknown: dict[str, tuple[str, ...]] = {"lines_unknown": _ITEM}
        return place, unknown if warehouse else unknown | {"warehouse_unknown": ("O29",)}
    options = (line["attribute1_name"], line["attribute2_name"])
    cells = {
        "O05": line["item_name"] or "",
        "O06": "" if line["amount"] is None else str(line["amount"]),
        "O29": warehouse or line["warehouse"] or "",
        "O35": line["item_code"] or "",
        "O39": ",".join(option for option in options if option),
    }
    sku = line["sku_no"]
    if sku and line["is_sku_no"]:
        cells |= {"O30": sku, "O25": line["seller_code"] or ""}
    elif sku and line["is_seller_code"]:
        cells["O25"] = sku
    reasons: dict[str, tuple[str, ...]] = {}
    if not (cells.get("O30") or cells.get("O25")):
        reasons["sku_not_linked"] = ("O25", "O30")
    if not cells["O29"]:
        reasons["warehouse_unknown"] = ("O29",)
    if not cells["O06"]:
        reasons["quantity_unknown"] = ("O06",)
    return cells, reasons


def legend(
    to_type: Sequence[ToType], checks: Sequence[ShipmentCheck], language: str, text: Text
) -> Sheet:
    """What is left to type, and every warning about the orders in the file, as a table in the text's language."""
    rows = [[text(f"recovery.legend.{name}") for name in ("order", "rows", "columns", "why")]]
    for one in to_type:
        rows.append(
            [
                one.order_number,
                row_range(one.rows),
                text.value([title_of(code, language) for code in one.codes]),
                text(f"recovery.reason.{one.reason}"),
            ]
        )
    for check in checks:
        for risk in check.risks:
            rows.append([check.order_number, "", "", risk_words(risk.code, risk.because, text)])
    return Sheet(text("recovery.legend.name"), rows)


def row_range(rows: Sequence[int]) -> str:
    """Rows as a person reads them, `2`, `2-4` or `2, 5-7`."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def risk_words(code: str, because: Mapping[str, Any], text: Text) -> str:
    """One risk in words; what is not known reads as a dash."""
    shown = {name: _shown(name, value, text) for name, value in because.items()}
    return text(f"recovery.risk.{code}", **shown)


def _shown(name: str, value: Any, text: Text) -> Any:
    if value is None or value == "":
        return "–"
    if name == "matched_by":
        return text.word("matched_by", str(value), plain=True)
    if name == "statuses":
        return text.value([text.word("status", one, plain=True) for one in str(value).split()])
    if name in ("auto_orders", "recipient"):
        return text(f"recovery.{name}.{value}")
    if isinstance(value, datetime):
        return text.time(value, full=True)
    return value


def _wall_clock(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(JST).strftime("%Y-%m-%d %H:%M:%S")
