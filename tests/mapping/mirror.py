"""An empty mirror in memory and short ways to put rows of both vendors into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from reconcile.store import queries

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC).replace(tzinfo=None)
ACCOUNT = "見本店"
FIXED = {"account": ACCOUNT, "seen_at": NOW, "snapshot_at": NOW, "import_id": "file-1"}


class Mirror:
    """The migrated schema with one account's rows; `put` fills what a test does not care about."""

    def __init__(self) -> None:
        self.con = duckdb.connect(config={"storage_compatibility_version": "v1.5.0"})
        for _, _, statements in queries.migrations():
            self.con.execute(statements)
        self.put("sync_cursor", feed="catalogue", complete_at=NOW)

    def put(self, table: str, **row: Any) -> None:
        known = self.con.execute(f"SELECT * FROM {table} LIMIT 0").description
        names = {column[0] for column in known}
        row = {name: value for name, value in FIXED.items() if name in names} | row
        columns, places = ", ".join(row), ", ".join(f"${name}" for name in row)
        self.con.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)

    def item(self, code: str, name: str | None, *options: tuple[str, str], **extra: Any) -> None:
        """An item with its SKUs; no options = one SKU without attributes."""
        self.put("cm_item", item_code=code, item_name=name)
        for attribute1, attribute2 in options or (("", ""),):
            self.put(
                "cm_sku",
                item_code=code,
                attribute1_name=attribute1,
                attribute2_name=attribute2,
                **extra,
            )

    def link(
        self,
        sku_no: str | None,
        number: str | None,
        name: str | None,
        option: str | None,
        **extra: Any,
    ) -> None:
        """A row of Smartship's mapping file."""
        count = self.con.execute("SELECT count(*) FROM ss_sku_mapping").fetchall()[0][0]
        row = {
            "mapping_key": f"row-{count:04d}",
            "sku_no": sku_no,
            "sales_site": "CROSS MALL",
            "site_product_no": number,
            "site_product_name": name,
            "site_option_text": option,
        }
        self.put("ss_sku_mapping", **(row | extra))

    def order(self, number: str, *lines: tuple[str, str, str, int], **case: Any) -> None:
        """An order with its lines and its case: open in the collect phase unless the case says otherwise."""
        usual = {
            "phase_role": "collect",
            "is_cancelled": False,
            "is_bundle_child": False,
            "ss_packing_count": 0,
            "ss_active_packing_count": 0,
            "state": "in_step",
            "evaluated_at": NOW,
            "ordered_qty": sum(line[3] for line in lines) or None,
            "covered_until": NOW,
        }
        self.put("order_case", order_number=number, **(usual | case))
        for place, (code, attribute1, attribute2, amount) in enumerate(lines, 1):
            self.line(number, place, code, attribute1, attribute2, amount=amount)

    def line(self, number: str, place: int, *sku: str, amount: int, is_set: bool = False) -> None:
        code, attribute1, attribute2 = sku
        self.put(
            "cm_order_line",
            order_number=number,
            line_no=place,
            item_code=code,
            attribute1_name=attribute1 or None,
            attribute2_name=attribute2 or None,
            amount=amount,
            is_set=is_set,
        )

    def component(self, number: str, place: int, *sku: str, pieces: int) -> None:
        code, attribute1, attribute2 = sku
        self.put(
            "cm_component",
            order_number=number,
            line_no=place,
            ordinal=1,
            item_code=code,
            attribute1_name=attribute1,
            attribute2_name=attribute2,
            component_count=pieces,
        )

    def cases(self, table: str) -> list[dict[str, Any]]:
        """The rows of a case table in their order, causes as a list."""
        result = self.con.execute(f"SELECT * FROM {table} ORDER BY row_no")
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        for row in rows:
            if "causes" in row:
                row["causes"] = json.loads(row["causes"])
        return rows


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
