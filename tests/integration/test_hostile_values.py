"""S13: no value of a user, a vendor or a file becomes a part of a statement, and what is kept comes back as it was given.

Every statement is heard where it is sent. A calm round with plain words says which there are; hostile values may add none.
"""

from __future__ import annotations

import contextlib
import csv
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconcile import (
    MappingFilter,
    OrderFilter,
    Paging,
    StockCase,
    TriageFilter,
    Workspace,
)
from reconcile.cli import main
from reconcile.errors import ReconcileError
from reconcile.exporting import WHAT
from reconcile.stays import TABLES
from reconcile.store import sync_writes
from reconcile.store.database import Database
from smartship.writer import write_table
from tests.integration.conftest import KEY
from tests.rules.world import COLLECT, NOW, World, ago

PIECES = (
    "'; DROP TABLE finding; --", '"; DROP TABLE finding; --', "' OR '1'='1", "' OR 1=1 --", "') OR ('1'='1",
    "'", "''", '"', '""', "x' UNION SELECT company_code FROM account --", "'); DELETE FROM account; --",
    "; UPDATE cm_order SET phase_name = 'x'; --", "COPY account TO 'out.csv'", "ATTACH 'other.db' AS other",
    "INSTALL httpfs; LOAD httpfs", "PRAGMA database_list", "CHECKPOINT", "read_csv('/etc/passwd')",
    "read_text('settings.toml')", "getenv('HOME')", "$account", "$1", "$$", "?", ":name", "%s", "%", "_",
    "{order}", "{0}", "/*", "*/", "--", "#", ";", "\\", "\\'", "\\x27", "0x27", "CHAR(39)", "||", "NULL",
    "null", "true", "NaN", "-1", "1e309", "[]", "{}", '["a"]', "../../etc/passwd", "..\\..\\boot.ini",
    "file:///etc/passwd", "http://127.0.0.1:9/", "|", "&", "=", "\n", "\r\n", "\t", "\v", "\x1b[2J", "\x7f",
    "\u2028", "\u202e", "\ufeff", "\u200b", "\u00a0", "\u3000", " ", "が", "〜", "～", "①", "髙", "𠮟", "😀",
    "\U000e0041", "ﬀ", "İ", "ß", "0", "00000001", "A", "発送待機", "shop", "F07", "act_now", "ORDER BY 1",
    "SELECT 1",
)  # fmt: skip
STAYS = (
    "SELECT account, company_code, base_url, collect_phase FROM account ORDER BY ALL",
    "SELECT table_name, sql FROM duckdb_tables() ORDER BY ALL",
    "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
    "SELECT function_name, macro_definition FROM duckdb_functions() WHERE NOT internal ORDER BY ALL",
)
UNTOUCHED = ("cm_item", "cm_sku", "cm_stock", "ss_sku_mapping", "finding", "order_case")
ORDER = {
    "account": "shop", "shop_code": "1", "cancel_flag": 0, "check_mark1": "-", "check_marks": "---", "run_id": "r",
    "seen_at": NOW, "created_at": NOW, "updated_at": NOW, "is_bundle_child": False,
}  # fmt: skip


def hostile(dice: random.Random) -> str:
    """One to four pieces, with plain text between them."""
    parts = [dice.choice(PIECES) for _ in range(dice.choice((1, 1, 2, 4)))]
    return dice.choice(("", "タオル", "x ")) + dice.choice(("", " ", "白")).join(parts)


class Heard:
    """A cursor that notes each statement as it is sent."""

    def __init__(self, cursor: Any, told: set[str]) -> None:
        self._cursor, self._told = cursor, told

    def execute(self, statement: str, *given: Any) -> Any:
        self._told.add(statement)
        return self._cursor.execute(statement, *given)

    def sql(self, statement: str, **given: Any) -> Any:
        self._told.add(statement)
        return self._cursor.sql(statement, **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


class Unjudged(Workspace):
    """A workspace whose verdicts stay as they are: each would take longer than a thousand values."""

    def _judge(self, account: Any, *, is_new: bool = True) -> Any:
        return {}, {}

    def _refresh(self, account: str | None, *, wait: bool = False) -> None:
        return None


def filled(world: World) -> None:
    for n in range(1, 4):
        world.order(f"0000000{n}", order_code=f"1000-{n}")
    world.lines("00000001", 2)
    world.shipment(site_order_no="1000-1", reference_no="00000001")
    world.file()
    at = {"account": "shop", "seen_at": ago()}
    for n in range(3):
        world.put("cm_item", item_code=f"tw-{n}", item_name=f"タオル {n}", **at)
        sku = {"item_code": f"tw-{n}", "attribute1_name": "白", "attribute2_name": ""}
        world.put("cm_sku", **sku, **at)
        world.put("cm_stock", **sku, stock=5, **at)
        world.put(
            "ss_sku_mapping", account="shop", mapping_key=f"k{n}", sku_no=f"S{n}", sales_site="CROSS MALL",
            site_product_no=f"tw-{n}", site_product_name=f"タオル{n}", site_option_text="白", snapshot_at=ago(), import_id="f",
        )  # fmt: skip
    for feed in ("orders", "catalogue", "stock"):
        world.put("sync_cursor", account="shop", feed=feed, complete_at=ago())
    world.phases(COLLECT, "確認待ち")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every statement that is sent from now on."""
    found: set[str] = set()
    plain = Database._cursor

    @contextlib.contextmanager
    def heard(self: Database) -> Iterator[Any]:
        with plain(self) as cursor:
            yield Heard(cursor, found)

    monkeypatch.setattr(Database, "_cursor", heard)
    return found


@pytest.fixture
def desk(tmp_path: Path, told: set[str]) -> Workspace:
    folder = tmp_path / "data"
    made = Workspace.open(folder, clock=lambda: NOW)
    made.add_account("shop", company_code="7301", key=KEY, base_url="http://127.0.0.1:9/webapi2")
    with made._db.write() as cursor:
        world = World.__new__(World)
        world.con, world._count = cursor, 0
        filled(world)
    made._judge(made.accounts()[0])
    return Unjudged.open(folder, clock=lambda: NOW)


def table_of(*rows: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def orders_by(**given: Any) -> Callable[[Workspace, str], Any]:
    """The list of orders by a filter of which every `...` is the value."""
    return lambda desk, value: desk.orders(
        OrderFilter(**{name: value if one is ... else (value,) for name, one in given.items()})
    )


ASKED: dict[str, Callable[[Workspace, str], Any]] = {
    "orders: numbers": orders_by(numbers=()),
    "orders: choices": orders_by(states=(), rules=(), phases=(), shops=()),
    "orders: person": lambda desk, value: desk.orders(OrderFilter(desk="mine", person=value)),
    "orders: desk and flow": orders_by(desk=..., flow=...),
    "orders: account": orders_by(account=...),
    "order": lambda desk, value: desk.order(None, value),
    "order of account": lambda desk, value: desk.order(value, "00000001"),
    "findings": lambda desk, value: desk.findings(kind=value, state=value),
    "findings: rule": lambda desk, value: desk.findings(rule=value),
    "triage: keys": lambda desk, value: desk.triaged(TriageFilter(rules=(value,), kinds=(value,), keys=(value,))),
    "triage: person": lambda desk, value: desk.triaged(TriageFilter(account=value, assignee=value)),
    "triage: orders": lambda desk, value: desk.triaged(TriageFilter(orders=((value, value),))),
    "triage: states": lambda desk, value: desk.triaged(TriageFilter(states=(value,))),
    "triage: counts": lambda desk, value: desk.triage_counts(value, by=value),
    "triage: history": lambda desk, value: desk.triage_history("shop", value),
    "triage: list": lambda desk, value: desk.triage_list(value),
    "triage: act": lambda desk, value: desk.triage(value, [value], "ack", expected_version=value),
    "links: search": lambda desk, value: desk.mapping("shop", MappingFilter(search=value)),
    "links: choices": lambda desk, value: desk.mapping(value, MappingFilter(classes=(value,), shops=(value,))),
    "links: states": lambda desk, value: desk.mapping("shop", MappingFilter(states=(value,))),
    "links: queue": lambda desk, value: desk.mapping_queue("shop", MappingFilter(search=value), after=value),
    "links: queue back": lambda desk, value: desk.mapping_queue(value, before=value),
    "links: case": lambda desk, value: desk.mapping_case(value, value),
    "links: list": lambda desk, value: desk.mapping_list(value),
    "links: import": lambda desk, value: desk.mapping_import_diff(value),
    "links: act": lambda desk, value: desk.mapping_decide("shop", [value], "accept", sku_no=value),
    "links: record": lambda desk, value: (desk.mapping_class_record(value), desk.mapping_acts(value), desk.mapping_twins(value)),
    "links: fixes": lambda desk, value: desk.mapping_fixes(value, "smartship"),
    "links: class": lambda desk, value: desk.mapping_class_automatic("shop", value, on=True),
    "stock": lambda desk, value: desk.stock("shop", causes=(value,), shops=(value,), search=value, warehouse=value),
    "stock: account": lambda desk, value: (desk.stock(value), desk.stock_total(value), desk.stock_corrections(value)),
    "stock: case": lambda desk, value: desk.stock_case("shop", value, value, value),
    "stock: history": lambda desk, value: desk.stock_history(
        StockCase(account=value, case_key=value, rows=({"item_code": value, "attribute1": value, "attribute2": value},))
    ),
    "stock: scope": lambda desk, value: desk.set_stock_scope("shop", warehouses=[value]),
    "stays": lambda desk, value: desk.pattern_csv("shop", value, profile="machine", encoding="utf-8-sig"),
    "stays: account": lambda desk, value: desk.missed_in_hour(value, 1, 1),
    "changes": lambda desk, value: desk.changes(value),
    "ages": lambda desk, value: desk.figure_ages(value),
    "overview": lambda desk, value: desk.overview(value),
    "additions": lambda desk, value: desk.decide_affix("shop", value, "confirmed"),
    "view": lambda desk, value: desk.saved_view(value),
    "view: removed": lambda desk, value: desk.remove_view(value),
    "shipping by hand": lambda desk, value: desk.shipment_check(None, [value]),
    "upload file": lambda desk, value: desk.recovery_sheet("shop", ["00000002"], including_blocked={value: value}),
    "export": lambda desk, value: desk.export(value),
    "export: filters": lambda desk, value: desk.export("stock", account="shop", search=value, causes=(value,), shops=(value,)),
    "audit": lambda desk, value: desk.audit(value),
    "account": lambda desk, value: desk.add_account(value, company_code=value, key=KEY, base_url=value),
    "account: changed": lambda desk, value: desk.change_account("shop", base_url=value, options={value: value}),
    "account: removed": lambda desk, value: desk.remove_account(f"{value}'"),
    "channel": lambda desk, value: desk.set_alert_channel(value, kind="mail", host=value, sender=value, to=(value,)),
    "channel: removed": lambda desk, value: desk.remove_alert_channel(value),
    "file": lambda desk, value: desk.import_files("shop", [(value, value.encode())]),
    "list of links": lambda desk, value: desk.mapping_import("shop", value, table_of([value], [value])),
}  # fmt: skip


def note(desk: Workspace, value: str) -> str | None:
    key = desk.triaged().rows[0].finding_key
    desk.triage("shop", [key], "note", text=value)
    return desk.triaged(TriageFilter(keys=(key,))).rows[0].note


def reason(desk: Workspace, value: str) -> str | None:
    key = desk.triaged().rows[0].finding_key
    desk.triage("shop", [key], "ignore", reason=value)
    return desk.triaged(TriageFilter(keys=(key,))).rows[0].reason


def why(desk: Workspace, value: str) -> str | None:
    key = desk.mapping("shop").table.rows["case_key"].iloc[0]
    desk.mapping_decide("shop", [key], "later", why=value)
    return desk.mapping_case("shop", key).why


def cell_of_a_list(desk: Workspace, value: str) -> str | None:
    heads = ["item_code", "attribute1_name", "attribute2_name", "sku_no", "decision", "why"]
    made = desk.mapping_import(
        "shop", "links.csv", table_of(heads, [value, value, "", value, "later", value])
    )
    _, kept = desk.mapping_import_diff(made.id)
    return kept.rows[0].item_code


def role_of_a_phase(desk: Workspace, value: str) -> str | None:
    desk.set_phase_role("shop", value, "before")
    (found,) = rows(desk, "SELECT phase_name FROM phase_role WHERE phase_name = $v", v=value)
    return found[0]


def phase_of_an_account(desk: Workspace, value: str) -> str | None:
    made = desk.change_account("shop", collect_phase=value).collect_phase
    desk.change_account("shop", collect_phase=COLLECT)
    return made


def order_of_the_vendor(desk: Workspace, value: str) -> str | None:
    """A row as a sync stores it; found again by that number."""
    with desk._db.write() as cursor:
        named = dict.fromkeys(
            ("order_number", "order_code", "shop_name", "phase_name", "delivery_number"), value
        )
        sync_writes.put_orders(cursor, [ORDER | named])
    (found,) = rows(desk, "SELECT order_code FROM cm_order WHERE order_number = $v", v=value)
    return found[0]


def name_of_a_product(desk: Workspace, value: str) -> str | None:
    """A cell of a Smartship file as a spreadsheet may hold it without running it, kept to the character."""
    heads = ["パッキング番号", "サイト注文番号", "商品名", "オプション", "数量", "状態"]
    cells = ["QSP900000001", f"H-{len(value)}", value, value, "1", "新規"]
    (report,) = desk.import_files(
        "shop", [("orders.csv", write_table((heads, cells)))], kind="orders"
    )
    assert report.accepted == 1, report
    found = rows(
        desk,
        "SELECT item_name FROM ss_shipment_line WHERE item_name = $v AND option_text = $v",
        v=value,
    )
    return found[0][0] if found else None


def view(desk: Workspace, value: str) -> str | None:
    desk.save_view("朝の確認", {"rule": value}, replace=True)
    return desk.saved_view("朝の確認").query["rule"][0]


KEPT = (
    note,
    reason,
    why,
    cell_of_a_list,
    role_of_a_phase,
    phase_of_an_account,
    order_of_the_vendor,
    name_of_a_product,
    view,
)
TRIMMED = (note, reason, why)  # what people write begins and ends with a visible character


def rows(desk: Workspace, statement: str, **values: str) -> list[Any]:
    with desk._db.read() as cursor:
        return cursor.execute(statement, values).fetchall()  # type: ignore[no-any-return]


def state(desk: Workspace) -> list[Any]:
    """The schema, and the rows of tables that nothing here may touch."""
    return [
        *(rows(desk, statement) for statement in STAYS),
        *(rows(desk, f"SELECT * FROM {name} ORDER BY ALL") for name in UNTOUCHED),
    ]


def played(
    desk: Workspace, value: str, asked: list[str], kept: list[Callable[..., Any]]
) -> list[str]:
    """What went wrong with one value."""
    said = []
    for name in asked:
        with contextlib.suppress(ReconcileError):
            ASKED[name](desk, value)
    for one in kept:
        wanted: str | None = value
        if one in TRIMMED:
            wanted = value.replace("\r\n", "\n").replace("\r", "\n").strip() or None
        try:
            found = one(desk, value)
        except ReconcileError:
            continue
        if found != wanted:
            said.append(f"{one.__name__}: {value!r} came back as {found!r}")
    return said


@pytest.mark.desk
def test_no_value_becomes_a_part_of_a_statement(
    desk: Workspace, told: set[str], sized: Any, tally: Any
) -> None:
    for word in ("plain", "shop", "S1", "F07", "00000001", "3"):
        assert played(desk, word, list(ASKED), list(KEPT)) == []
    for word in (*WHAT, *TABLES):
        assert played(desk, word, ["export", "stays"], []) == []
    before, known, files = state(desk), set(told), listed(desk)
    told.clear()
    dice, names, calls, wrong = random.Random(13), sorted(ASKED), 0, []
    values = sized(20, 10_000)
    for number in range(values):
        asked = [names[(number * 5 + place) % len(names)] for place in range(5)]
        wrong += played(desk, hostile(dice), asked, [KEPT[number % len(KEPT)]])
        calls += 6
    assert wrong == []
    assert sorted(told - known) == []
    assert state(desk) == before
    assert listed(desk) == files
    tally("S13", values=values, calls=calls, statements=len(known), new_statements=0, lost=0)


def listed(desk: Workspace) -> list[str]:
    """The files in and beside the data folder."""
    return sorted(
        str(path.relative_to(desk.data.parent))
        for path in desk.data.parent.rglob("*")
        if path.suffix not in (".wal", ".wanted", ".lock")
    )


def test_verdicts_over_hostile_rows_change_no_statement(desk: Workspace, told: set[str]) -> None:
    """Rows of vendors and files with hostile values, judged, shown and exported."""
    plain = Workspace.open(desk.data, clock=lambda: NOW)
    account = plain.accounts()[0]
    dice = random.Random(14)
    for values in (["plain"], [hostile(dice) for _ in range(20)]):
        known = set(told)
        for value in values:
            assert (
                played(desk, value, [], [order_of_the_vendor, name_of_a_product, role_of_a_phase])
                == []
            )
        plain._judge(account)
        shown = plain.orders(paging=Paging(size=1000)).table.rows
        for what in WHAT:
            plain.export(what, account="shop")
    assert sorted(told - known) == []
    assert set(values) <= set(shown["order_code"])
    for value in {one for one in values if one == one.strip()}:
        assert plain.order("shop", value).row["order_code"] == value


@pytest.mark.parametrize(
    "name", ["it's", 'say "x"', "a;b", "$a {b} %s", "x' --", "日本 語", "..", "-x", "a\nb"]
)
def test_a_folder_of_any_name_is_only_a_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in" / name
    made = Workspace.open(folder)
    made.add_account("shop", company_code="7301", key=KEY, base_url="http://127.0.0.1:9")
    made.backup(tmp_path / f"b {name.replace('..', 'dots')}.zip")
    again = Workspace.open(tmp_path / "again")
    again.restore(tmp_path / f"b {name.replace('..', 'dots')}.zip")
    assert [one.name for one in again.accounts()] == ["shop"]


def test_a_column_to_sort_by_is_one_of_the_table(desk: Workspace, told: set[str]) -> None:
    tables = (desk.orders, desk.mapping, desk.stock)
    for table in tables:
        table(paging=Paging(size=1))
    dice, known = random.Random(15), set(told)
    for _ in range(30):
        paging = Paging(sort=hostile(dice))
        for table in tables:
            with pytest.raises(KeyError):
                table(paging=paging)
    assert told == known


@pytest.mark.parametrize(
    "words",
    [
        ("order", "\udc83^\udc83I\udc8b"),
        ("recovery", "check", "\udcff"),
        ("mapping", "list", "--search=\udcff"),
        ("stock-sku", "\udcff"),
        ("import", "\udcff.csv"),
        ("import", "a\0.csv"),
    ],
)
def test_an_argument_in_another_encoding_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """As a terminal hands over bytes of CP932."""
    Workspace.open(tmp_path).add_account(
        "shop", company_code="7301", key=KEY, base_url="http://127.0.0.1:9"
    )
    assert main(["--data", str(tmp_path), "--lang", "en", *words]) == 2
    assert "not UTF-8" in capsys.readouterr().err
