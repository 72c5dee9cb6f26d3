"""Stock files of every awkward kind: each row taken or refused with a reason, several warehouses side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.store import imports
from smartship.intake import read_file
from smartship.types import FileKind, ImportResult
from tests.mapping.mirror import ACCOUNT, Mirror

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def read(*rows: str) -> ImportResult:
    return read_file("\n".join(rows).encode(), "stock.csv", now=NOW)


def figures(result: ImportResult) -> list[tuple[Any, ...]]:
    return [(row.warehouse, row.sku_no, row.on_hand, row.available) for row in result.accepted]


def reasons(result: ImportResult) -> dict[int, str]:
    return {refused.row: refused.reason for refused in result.rejected}


def test_quantities_as_people_and_spreadsheets_write_them() -> None:
    found = read(
        "SKU番号,在庫数,販売可能",
        'S1,"1,234","1,200"',
        "S2,12.0,△3",
        "S3,-5,-5",
        "S4,１２,12",
        "S5,1.5,1",
        "S6,12個,1",
        "S7,=1+2,1",
        'S8,"12,34",1',
        "S9,,",
        ",4,4",
    )
    assert figures(found) == [
        (None, "S1", 1234, 1200),
        (None, "S2", 12, -3),
        (None, "S3", -5, -5),
        (None, "S4", 12, 12),
    ]
    assert reasons(found) == {
        **dict.fromkeys((6, 7, 8, 9), "qty_not_a_number"),
        10: "single_cell",
        11: "no_identifier",
    }


def test_one_quantity_column_is_on_hand_and_weak() -> None:
    found = read("倉庫,SKU番号,販売可能", "TYO,S1,4")
    assert figures(found) == [("TYO", "S1", 4, None)]
    assert "only_one_quantity" in {caution.code for caution in found.warnings}
    assert any("F11" in off.rules for off in found.checks_off)


def test_of_a_sku_that_stands_twice_the_last_row_counts_and_the_first_is_refused() -> None:
    found = read("倉庫,SKU番号,在庫数", "TYO,S1,4", "OSA,S1,9", "TYO,S1,5")
    assert figures(found) == [("OSA", "S1", 9, None), ("TYO", "S1", 5, None)]
    assert [(one.row, one.reason, one.values) for one in found.rejected] == [
        (2, "sku_doubled", {"counts": 4})
    ]


def test_lots_of_a_sku_add_up() -> None:
    found = read(
        "倉庫,SKU番号,在庫数,販売可能,ロット番号", "TYO,S1,4,4,A", "TYO,S1,6,,B", "TYO,S2,1,1,A"
    )
    assert figures(found) == [("TYO", "S1", 10, None), ("TYO", "S2", 1, 1)]
    assert found.rejected == ()


def take(mirror: Mirror, hour: int, *rows: Sequence[Any]) -> None:
    """One file of that hour: (warehouse, SKU number, available, damaged if any)."""
    lines = [
        f"{warehouse},{sku},{pieces},{pieces},{''.join(map(str, damaged))}"
        for warehouse, sku, pieces, *damaged in rows
    ]
    head = "倉庫,SKU番号,在庫数,販売可能,破損"
    at = NOW + timedelta(hours=hour)
    data = "\n".join((head, *lines)).encode()
    result = read_file(data, "s.csv", kind=FileKind.STOCK, snapshot_at=at, now=at)
    naive = at.replace(tzinfo=None)
    imports.put_rows(
        mirror.con, FileKind.STOCK, result.accepted,
        account=ACCOUNT, import_id=f"f{hour}", snapshot_at=naive, replaces=True,
    )  # fmt: skip


def held(mirror: Mirror) -> list[tuple[Any, ...]]:
    return mirror.con.execute(
        "SELECT warehouse, sku_no, available FROM ss_stock ORDER BY ALL"
    ).fetchall()


def test_a_file_replaces_the_warehouses_it_names_and_no_others() -> None:
    mirror = Mirror()
    take(mirror, 0, ("TYO", "S1", 4), ("TYO", "S2", 1))
    take(mirror, 1, ("OSA", "S1", 9))
    take(mirror, 2, ("TYO", "S1", 3))
    assert held(mirror) == [("OSA", "S1", 9), ("TYO", "S1", 3)]


def test_a_file_without_warehouses_stands_for_all_of_them() -> None:
    mirror = Mirror()
    take(mirror, 0, ("", "S1", 13))
    take(mirror, 1, ("TYO", "S1", 4), ("OSA", "S1", 9))
    assert held(mirror) == [("OSA", "S1", 9), ("TYO", "S1", 4)]
    take(mirror, 2, ("", "S1", 12))
    assert held(mirror) == [("", "S1", 12)]


def test_what_files_said_before_is_kept_and_since_when_a_figure_stands() -> None:
    mirror = Mirror()
    for hour, pieces in enumerate((4, 4, 7, 7)):
        take(mirror, hour, ("TYO", "S1", pieces))
    rows = mirror.con.execute(
        "SELECT snapshot_at, available FROM ss_stock_history ORDER BY 1"
    ).fetchall()
    assert [(at.hour, pieces) for at, pieces in rows] == [(9, 4), (11, 7)]
    since, at = mirror.con.execute("SELECT available_since, snapshot_at FROM ss_stock").fetchall()[
        0
    ]
    assert (since.hour, at.hour) == (11, 12)


def test_since_which_file_pieces_are_damaged_is_kept_and_how_many_were_before() -> None:
    mirror = Mirror()
    kept = []
    for hour, damaged in enumerate((1, 1, 4, 4, 2)):
        take(mirror, hour, ("TYO", "S1", 9, damaged))
        kept += mirror.con.execute(
            "SELECT hour(damaged_since), damaged_before, damaged FROM ss_stock"
        ).fetchall()
    assert kept == [(9, None, 1), (9, None, 1), (11, 1, 4), (11, 1, 4), (13, 4, 2)]


def test_skus_that_neither_mapping_nor_catalogue_knows_are_counted(mirror: Mirror) -> None:
    for number, code in (
        ("S1", None),
        ("S2", "tw-2"),
        ("S3", "tw-3"),
        ("tw-4", None),
        ("S9", "zz-9"),
    ):
        mirror.put("ss_stock", warehouse="", sku_no=number, seller_code=code, import_id="stock-1")
    mirror.put("ss_stock", warehouse="", sku_no="S8", seller_code="zz-8", import_id="stock-0")
    assert imports.unknown_skus(mirror.con, ACCOUNT, "stock-1") == [], "nothing is known yet"
    mirror.item("tw-2", "タオル")
    mirror.item("tw-9", "タオル", item_sku_code="tw-3")
    mirror.item("tw-4", "タオル")
    mirror.link("S1", "tw-1", "タオル", "")
    assert imports.unknown_skus(mirror.con, ACCOUNT, "stock-1") == ["S9"]
