"""A small shop in a fresh in-memory store: rows of both vendors, put in one by one, then judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from reconcile.orders.keys import join_key, tracking_key
from reconcile.orders.lookalike import check_phase
from reconcile.orders.roles import DEFAULT_ROLES
from reconcile.rules import Evaluation, RuleLimits, evaluate
from reconcile.store import queries

NOW = datetime.fromisoformat("2026-11-20T06:00:00+00:00")
COLLECT, SHIPPED = "発送待機", "QXPRESS発送済み"
PHASES = ("注文確認", "確認待ち", COLLECT, "送り状印刷済み", SHIPPED, "完了", "キャンセル")


def ago(minutes: float = 0, *, hours: float = 0, days: float = 0, seconds: float = 0) -> datetime:
    """That long before NOW, as the store keeps it."""
    passed = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return (NOW - passed).replace(tzinfo=None)


class World:
    """One account, `shop`, with both vendors' tables; every method puts rows in as a sync or an import would.

    file: a store that has the account already; without it one in memory, with an account of these values.
    """

    def __init__(self, file: Path | None = None, **account: Any) -> None:
        self.con = duckdb.connect(file or ":memory:", config={"threads": "1"})
        self._count = 0
        if file is not None:
            return
        for _, _, statements in queries.migrations():
            self.con.execute(statements)
        values = {
            "account": "shop",
            "company_code": "7301",
            "base_url": "http://127.0.0.1",
            "shop_ids": "[]",
            "auto_orders": "on",
            "collect_phase": COLLECT,
            "shipped_phase": SHIPPED,
            "created_at": ago(days=90),
        }
        self.put("account", **(values | account))

    def put(self, table: str, **values: Any) -> None:
        """One row; columns not named are NULL or their default."""
        names = ", ".join(values)
        places = ", ".join(f"${name}" for name in values)
        self.con.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)

    def next(self) -> int:
        self._count += 1
        return self._count

    def order(self, number: str = "00000001", **given: Any) -> str:
        """An order in 発送待機 of shop 1, created five hours ago, as one observation since then."""
        values: dict[str, Any] = {
            "account": "shop",
            "order_number": number,
            "order_code": f"M-{number}",
            "shop_code": "1",
            "shop_name": "一号店",
            "phase_name": COLLECT,
            "cancel_flag": 0,
            "created_at": ago(hours=5),
            "updated_at": ago(hours=5),
            "first_seen_at": ago(hours=5),
            "seen_at": ago(),
            "run_id": "r1",
        } | given
        values["order_code_key"] = join_key(values["order_code"])
        values["delivery_number_key"] = tracking_key(values.get("delivery_number"))
        self.put("cm_order", **values)
        return number

    def lines(self, number: str, *amounts: int, **order: Any) -> None:
        """Order lines, held for the order's present updated_at unless `lines_for` says otherwise."""
        for place, amount in enumerate(amounts, start=1):
            self.put(
                "cm_order_line",
                account="shop",
                order_number=number,
                line_no=place,
                amount=amount,
                is_set=False,
                seen_at=ago(),
            )
        self.con.execute(
            "UPDATE cm_order SET lines_state = 'held', lines_for = coalesce($at, updated_at) WHERE order_number = $n",
            {"at": order.get("lines_for"), "n": number},
        )

    def look(self, number: str, first: datetime, last: datetime, **given: Any) -> None:
        """One observation: what the order looked like from `first` to `last`."""
        values: dict[str, Any] = {
            "account": "shop",
            "order_number": number,
            "first_seen_at": first,
            "last_confirmed_at": last,
            "phase_name": COLLECT,
            "cancel_flag": 0,
            "updated_at": first,
            "first_run_id": "r1",
            "last_run_id": "r1",
        }
        self.put("cm_observation", **(values | given))

    def shipment(self, **given: Any) -> str:
        """A Smartship line of shop 1, collected four hours ago, in the newest file."""
        key = f"L{self.next()}"
        values: dict[str, Any] = {
            "account": "shop",
            "line_key": key,
            "packing_no": f"QSP{self._count:09d}",
            "shop_id": "1",
            "registered_by": "API",
            "qty": 1,
            "status": "COLLECTED",
            "registered_at": ago(hours=4),
            "first_snapshot_at": ago(hours=3),
            "snapshot_at": ago(),
            "import_id": "i1",
            "row_no": self._count,
        } | given
        for raw, made, keyed in (
            ("site_order_no", "site_order_key", join_key),
            ("reference_no", "reference_key", join_key),
            ("site_cart_no", "site_cart_key", join_key),
            ("tracking_no", "tracking_key", tracking_key),
        ):
            values[made] = keyed(values.get(raw))
        self.put("ss_shipment_line", **values)
        return key

    def was(self, line_key: str, at: datetime, status: str) -> None:
        """A status of a line in an earlier file."""
        self.put(
            "ss_shipment_status", account="shop", line_key=line_key, snapshot_at=at, status=status
        )

    def file(self, at: datetime | None = None, **given: Any) -> None:
        """An unfiltered Smartship orders file of the last 30 days, written at `at` (default: just now)."""
        at = at or ago()
        values: dict[str, Any] = {
            "account": "shop",
            "import_id": f"i{self.next()}",
            "file_name": "orders.csv",
            "fingerprint": str(self._count),
            "kind": "orders",
            "encoding": "utf-8",
            "snapshot_at": at,
            "covers_from": at - timedelta(days=30),
            "covers_to": at,
            "coverage_basis": "stated",
            "rows_read": 1,
            "rows_accepted": 1,
            "rows_rejected": 0,
            "report": "{}",
            "imported_at": at,
        }
        self.put("ss_import", **(values | given))

    def phases(self, *names: str) -> None:
        """The account's phase list as a sync reads it, look-alikes marked."""
        near: dict[str, tuple[str, str]] = {}
        for expected in (COLLECT, SHIPPED):
            others = {*DEFAULT_ROLES, COLLECT, SHIPPED} - {expected}
            for found in check_phase(expected, names, others).lookalikes:
                near[found.name] = (expected, str(list(found.difference)).replace("'", '"'))
        for place, name in enumerate(names):
            expected_name, difference = near.get(name, (None, None))
            self.put(
                "cm_phase",
                account="shop",
                phase_name=name,
                position=place,
                code_points="",
                present=True,
                lookalike_of=expected_name,
                difference=difference,
                first_seen_at=ago(days=9),
                seen_at=ago(),
            )

    def judge(self, at: datetime = NOW, limits: RuleLimits | None = None) -> Evaluation:
        """One rules run in its own transaction."""
        self.con.execute("BEGIN TRANSACTION")
        result = evaluate(self.con, "shop", at, limits)
        self.con.execute("COMMIT")
        return result

    def found(self, rule: str | None = None) -> list[dict[str, Any]]:
        """Open findings and cannot-tells as rows."""
        frame = self.con.execute(
            "SELECT * FROM finding WHERE state = 'open' AND (rule = $rule OR $rule IS NULL) ORDER BY finding_key",
            {"rule": rule},
        )
        names = [column[0] for column in frame.description or ()]
        return [dict(zip(names, row, strict=True)) for row in frame.fetchall()]

    def case(self, number: str = "00000001") -> dict[str, Any]:
        """The joined row of one order."""
        frame = self.con.execute("SELECT * FROM order_case WHERE order_number = $n", {"n": number})
        names = [column[0] for column in frame.description or ()]
        rows = frame.fetchall()
        return dict(zip(names, rows[0], strict=True))
