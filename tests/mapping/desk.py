"""A mapping desk over a mirror whose two sides the tests fill and change as syncs and files do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconcile import Workspace
from reconcile.mapping.decisions import MappingFilter
from reconcile.store.database import naive

START = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
LINK = """
    INSERT INTO ss_sku_mapping (account, mapping_key, sku_no, site_product_no, site_product_name, site_option_text,
        snapshot_at, import_id)
    VALUES ('shop', $key, $sku, $number, $name, $option, $now, 'f')
    ON CONFLICT (account, mapping_key) DO UPDATE SET site_product_no = excluded.site_product_no,
        site_product_name = excluded.site_product_name, site_option_text = excluded.site_option_text,
        snapshot_at = excluded.snapshot_at
"""
ITEM = """
    INSERT INTO cm_item (account, item_code, item_name, seen_at) VALUES ('shop', $code, $name, $now)
    ON CONFLICT (account, item_code) DO UPDATE SET item_name = excluded.item_name, seen_at = excluded.seen_at
"""
SKU = """
    INSERT INTO cm_sku (account, item_code, attribute1_name, attribute2_name, seen_at) VALUES ('shop', $code, '', '', $now)
    ON CONFLICT DO NOTHING
"""
FEED = "INSERT INTO sync_cursor (account, feed, complete_at) VALUES ('shop', 'catalogue', $now)"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


class Desk:
    """One account's desk. Products are tw-0, tw-1, ... with the SKU numbers S0, S1, ..."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.workspace = Workspace.open(folder, clock=self.clock)
        if not self.workspace.accounts():
            self.workspace.add_account(
                "shop", company_code="7301", key="secretkey1", base_url="http://127.0.0.1"
            )
            self.execute(FEED)

    def execute(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a statement on the mirror with the desk's time as $now."""
        given = values | {"now": naive(self.clock.at)}
        used = {name: value for name, value in given.items() if f"${name}" in statement}
        with self.workspace._db.write() as cursor:
            return cursor.execute(statement, used).fetchall()

    def later(self, hours: float = 1.0) -> None:
        """Let time pass: acts carry the machine's clock, so sides are seen after it."""
        self.clock.at = max(self.clock.at, datetime.now(UTC)) + timedelta(hours=hours)

    def ours(self, number: int, name: str) -> None:
        """A CROSS MALL product as it is seen now."""
        self.execute(ITEM, code=f"tw-{number}", name=name)
        self.execute(SKU, code=f"tw-{number}")

    def theirs(self, number: int, name: str, *, code: str | None = None, sku: str = "") -> None:
        """A Smartship row as a file of now has it."""
        values = {"sku": sku or f"S{number}", "number": code or f"tw-{number}", "name": name}
        self.execute(LINK, key=f"k{number}{sku}", option=None, **values)

    def pair(self, number: int, ours: str, theirs: str) -> str:
        """A product of both sides; gives the key of its case."""
        self.ours(number, ours)
        self.theirs(number, theirs)
        return key(number)

    def judge(self) -> None:
        """What a sync or an import does at its end."""
        self.workspace._judge(self.workspace.accounts()[0])

    def case(self, number: int) -> Any:
        """The case of a product."""
        return self.workspace.mapping_case("shop", key(number))

    def decide(self, number: int, decision: str, **values: Any) -> int:
        """One act on one product; gives its number."""
        done = self.workspace.mapping_decide("shop", [key(number)], decision, **values)
        return done.ledger[0]

    def queue(self) -> list[str]:
        """The keys of the queue in order."""
        return [row.case_key for row in self.workspace.mapping_queue("shop", MappingFilter())]

    def projection(self) -> tuple[Any, ...]:
        """Everything that the mirror says about decisions."""
        tables = ("mapping_step", "mapping_decision", "mapping_act", "mapping_class_setting")
        return tuple(self.execute(f"SELECT * FROM {table} ORDER BY ALL") for table in tables)

    def lose_mirror(self) -> None:
        """The database file is gone; the next use builds a new one from the ledger."""
        self.workspace._db.close()
        for file in self.folder.glob("store.duckdb*"):
            file.unlink()


def key(number: int) -> str:
    """The key of a product's case."""
    return f"cm|tw-{number}||"
