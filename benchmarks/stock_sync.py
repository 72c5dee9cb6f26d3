"""What catalogue and stock of 20,000 SKUs cost: calls and seconds of the first load, of a quiet and of a busy cycle.

Run: python benchmarks/stock_sync.py [SKUS]. The vendor is answered for inside this process, without any delay: the
seconds are ours alone, the calls are those a real line would carry. Limits: planning a cycle takes at most 1.5 s, a
quiet cycle with a diff feed one call and its share of the daily sweep, a busy one a call per changed item on top.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crossmall.client import Client
from crossmall.types import Credentials, Secret
from reconcile import Workspace
from reconcile.store import catalogue_writes
from reconcile.store.database import Database
from reconcile.sync.catalogue import sync_catalogue, sync_stock
from reconcile.sync.run import new_run_id
from reconcile.sync.session import CallLog, Session

SKUS_PER_ITEM = 4
CHANGED = 300
ORDERS = 20_000
PLAN_LIMIT_S = 1.5
BASE_URL = "http://127.0.0.1:9/webapi2"
ENVELOPE = (
    "<?xml version='1.0' encoding='UTF-8'?><Get version='1.0'><ResultSet TotalResult='{count}'><ResultStatus>"
    "<GetStatus>success</GetStatus><Message/></ResultStatus>{rows}</ResultSet></Get>"
)
COLOURS = ("白", "黒", "紺", "赤")
ORDERS_SQL = """
INSERT INTO cm_observation (account, order_number, first_seen_at, last_confirmed_at, phase_name, cancel_flag,
                            updated_at, first_run_id, last_run_id)
SELECT 'shop', lpad(CAST(n AS TEXT), 8, '0'), $at - to_seconds(60 + n * 30 - step * 20), $at, 'p' || step, 0,
       $at - to_seconds(n), 'r', 'r'
FROM range($orders) AS o (n), range(3) AS s (step);
INSERT INTO cm_order_line (account, order_number, line_no, item_code, amount, is_set, seen_at)
SELECT 'shop', lpad(CAST(n AS TEXT), 8, '0'), 1, printf('i%06d', n % $items), 1, FALSE, $at FROM range($orders) AS o (n)
"""


class Vendor(httpx.BaseTransport):
    """An account with that many SKUs, and what of it changed."""

    def __init__(self, skus: int) -> None:
        self.items = skus // SKUS_PER_ITEM
        self.asked: Counter[str] = Counter()
        self.changes: dict[str, datetime] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The reply to one request, in the vendor's envelope."""
        endpoint = request.url.path.rpartition("/")[2]
        self.asked[endpoint] += 1
        query = {name: texts[0] for name, texts in parse_qs(request.url.query.decode()).items()}
        rows = getattr(self, endpoint)(query)
        cells = "".join(
            f"<Result No='{place}'>{''.join(f'<{k}>{v}</{k}>' for k, v in row.items())}</Result>"
            for place, row in enumerate(rows, start=1)
        )
        body = ENVELOPE.format(count=len(rows), rows=cells)
        return httpx.Response(200, content=body.encode())

    def get_item(self, query: dict[str, str]) -> list[dict[str, str]]:
        """Up to 100 items after a code."""
        after = int(re.sub(r"\D", "", query.get("item_code", "")) or -1)
        numbers = range(after + 1, min(after + 101, self.items))
        return [{"item_code": f"i{n:06d}", "item_name": f"商品{n}"} for n in numbers]

    def get_item_sku(self, query: dict[str, str]) -> list[dict[str, str]]:
        """The SKUs of an item."""
        code = query["item_code"]
        return [
            {"item_code": code, "attribute1_name": one, "item_sku_code": f"{code}-{one}"}
            for one in COLOURS[:SKUS_PER_ITEM]
        ]

    def get_stock(self, query: dict[str, str]) -> list[dict[str, str]]:
        """The figures of an item: 9 once it changed, 7 before."""
        pieces = "9" if query["item_code"] in self.changes else "7"
        return [
            {"item_cd": query["item_code"], "attribute1_name": one, "stock": pieces}
            for one in COLOURS[:SKUS_PER_ITEM]
        ]

    def get_diff_stock(self, query: dict[str, str]) -> list[dict[str, str]]:
        """Up to 100 changes after a moment, oldest first."""
        since = query["updated_at_fr"].replace("-", "/")
        listed = sorted((jst(at), code) for code, at in self.changes.items())
        rows = [
            {"item_cd": code, "attribute1_name": COLOURS[0], "stock": "9", "updated_at": at}
            for at, code in listed
            if at > since
        ]
        return rows[:100]

    def get_diff_item_sku(self, query: dict[str, str]) -> list[dict[str, str]]:  # noqa: ARG002 - none
        """No change of master data."""
        return []


def jst(at: datetime) -> str:
    """A moment as the vendor writes it."""
    return f"{at + timedelta(hours=9):%Y/%m/%d %H:%M:%S}"


class Bench:
    """A workspace on the vendor, with a clock that can be moved on."""

    def __init__(self, folder: Path, skus: int) -> None:
        self.vendor = Vendor(skus)
        self.shift = timedelta(0)
        self.workspace = Workspace.open(folder, clock=self.now)
        self.workspace.add_account("shop", company_code="0000", key="fictional", base_url=BASE_URL)

    def now(self) -> datetime:
        """The clock of the workspace."""
        return datetime.now(UTC) + self.shift

    def cycle(self, title: str, feeds: str, *parts: str) -> int:
        """One sync of the parts; prints and gives its calls."""
        self.workspace = Workspace.open(self.workspace.data, clock=self.now, diff_feeds=feeds)
        account = self.workspace.accounts()[0]
        self.vendor.asked.clear()
        begun = time.perf_counter()
        credentials = Credentials(company_code="0000", key=Secret("fictional"), base_url=BASE_URL)
        calls = CallLog(lambda: datetime.now(UTC))
        with Client(credentials, transport=self.vendor, on_call=calls.record) as client:
            session = Session(
                db=Database.at(self.workspace.data / "store.duckdb"),
                client=client,
                calls=calls,
                account=account,
                settings=self.workspace.settings,
                clock=self.now,
                run_id=new_run_id(),
                on_progress=lambda _: None,
                cancelled=lambda: False,
            )
            for part in parts:
                {"catalogue": sync_catalogue, "stock": sync_stock}[part](session, self.now())
        seconds = time.perf_counter() - begun
        count = sum(self.vendor.asked.values())
        print(f"{title:46} {count:7,} calls {seconds:7.1f} s  {dict(self.vendor.asked)}")
        return count

    def planning_s(self) -> float:
        """Seconds to read the state of every item."""
        begun = time.perf_counter()
        with Database.at(self.workspace.data / "store.duckdb").read() as cursor:
            catalogue_writes.item_states(
                cursor, "shop", "stock", now=self.now(), comparable_from=self.now()
            )
        return time.perf_counter() - begun

    def add_orders(self) -> None:
        """Orders of the past days, each seen in three phases."""
        values = {
            "at": self.now().replace(tzinfo=None), "orders": ORDERS, "items": self.vendor.items
        }  # fmt: skip
        with Database.at(self.workspace.data / "store.duckdb").write() as cursor:
            for statement in ORDERS_SQL.split(";"):
                cursor.execute(statement, {k: v for k, v in values.items() if f"${k}" in statement})


def main() -> int:
    """Run all cycles; 0 when the limits are kept."""
    skus = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    os.environ |= {"TOTSUGO_KEYRING": "off"}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOTSUGO_KEY_FOLDER"] = str(Path(folder) / "keys")
        bench = Bench(Path(folder) / "data", skus)
        items = bench.vendor.items
        bench.vendor.changes = {"i000000": bench.now() - timedelta(hours=1)}
        print(f"{skus:,} SKUs in {items:,} items")
        bench.cycle("first load", "auto", "catalogue", "stock")
        bench.shift += timedelta(minutes=61)
        quiet = bench.cycle("quiet cycle with feeds", "auto", "stock")
        bench.vendor.changes |= {
            f"i{n:06d}": bench.now() + timedelta(seconds=n % 50) for n in range(CHANGED)
        }
        bench.shift += timedelta(minutes=10)
        busy = bench.cycle(f"busy cycle with feeds, {CHANGED} items changed", "auto", "stock")
        bench.shift += timedelta(minutes=10)
        bench.cycle("without feeds, an hour after the first load", "off", "stock")
        bench.add_orders()
        planning_s = bench.planning_s()
        print(f"planning with {ORDERS:,} orders: {planning_s:.2f} s")
        share = -(-items * 10 // (24 * 60)) if items > 500 else 0
        wanted = (quiet <= 1 + share, busy <= 8 + CHANGED + share, planning_s <= PLAN_LIMIT_S)
        print("goals met" if all(wanted) else f"goals missed: {wanted}")
    return 0 if all(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
