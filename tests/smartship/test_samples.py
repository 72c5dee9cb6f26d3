"""Every committed sample, read to exact expectations."""

from __future__ import annotations

import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smartship import (
    Basis,
    CanonicalStatus,
    FileKind,
    ImportResult,
    RegisteredBy,
    ServiceType,
    ShipmentLine,
    Sku,
    SkuMapping,
    SyncEvent,
    WarehouseStock,
    read_file,
)

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data" / "samples"
NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
PEOPLE = ("見本 太郎", "架空 花子", "例示 次郎", "홍길동", "Jane Sample", "090-0000", "010-0000")
PEOPLE += ("example.com", "not-a-key", "架空県", "玄関前", "문 앞", "ミホン", "1990-01-01")


def read(name: str, **stated: object) -> ImportResult:
    return read_file((SAMPLES / name).read_bytes(), name, now=NOW, **stated)  # type: ignore[arg-type]


def cautions(result: ImportResult) -> dict[str, dict[str, object]]:
    return {caution.code: dict(caution.values) for caution in result.warnings}


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("name", "kind", "form", "encoding", "header", "read_rows", "accepted"),
    [
        ("orders_ja_cp932_20261120_1530.csv", "orders", "csv", "cp932", 3, 27, 25),
        ("orders_ko_cp949.csv", "orders", "csv", "cp949", 1, 14, 14),
        ("orders_en.xlsx", "orders", "xlsx", None, 3, 12, 12),
        ("orders_template_codes.csv", "orders", "csv", "utf-8-sig", 1, 6, 6),
        ("orders_html.xls", "orders", "html", "utf-8", 1, 20, 20),
        ("orders_binary.xls", "orders", "xls", None, 1, 10, 10),
        ("shipping_20261101-20261120.tsv", "orders", "tsv", "utf-8", 1, 15, 15),
        ("skus.csv", "skus", "csv", "utf-8-sig", 1, 6, 6),
        ("mappings.csv", "mappings", "csv", "utf-8-sig", 1, 6, 6),
        ("stock_20261120_1800.csv", "stock", "csv", "cp932", 2, 13, 12),
        ("sync_log_20261120.csv", "sync-log", "csv", "utf-8-sig", 1, 12, 12),
    ],
)
def test_each_sample_is_recognised_by_its_content(
    name: str,
    kind: str,
    form: str,
    encoding: str | None,
    header: int,
    read_rows: int,
    accepted: int,
) -> None:
    result = read(name)
    assert (result.kind, result.file_format, result.encoding) == (kind, form, encoding)
    assert (result.header_row, result.rows_read, len(result.accepted)) == (
        header,
        read_rows,
        accepted,
    )
    assert len(result.rejected) == read_rows - accepted
    assert len(result.fingerprint) == 64


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("[!R]*.*")), ids=lambda path: path.name)
def test_nothing_personal_survives_the_reader(path: Path) -> None:
    text = repr(read(path.name))
    assert not [word for word in PEOPLE if word in text]


def test_a_japanese_order_line_is_read_in_full() -> None:
    line = read("orders_ja_cp932_20261120_1530.csv").rows_of(ShipmentLine)[11]
    assert line == ShipmentLine(
        packing_no="QSP900000012",
        site_order_no="00000012",
        reference_no="CM-000012",
        sales_site="CROSS MALL",
        shop_id="1",
        service_type=ServiceType.FULFILMENT,
        registered_by=RegisteredBy.API,
        site_product_no="towel-001",
        item_name="見本タオル　フェイス",
        option_text="ホワイト,Sサイズ",
        sku_no="0000120001",
        seller_code="TW-S-WH",
        qty=1,
        status_raw="出荷完了",
        status=CanonicalStatus.SHIPPED,
        courier="見本運輸",
        tracking_no="9000-0000-0012",
        warehouse="JP-TYO",
        ordered_at=utc(2026, 11, 20, 1, 24),
        registered_at=utc(2026, 11, 20, 2, 24),
        shipped_at=utc(2026, 11, 19, 15, 0),
        site_notified=True,
        row_no=15,
        other={"ギフト包装": "あり"},
    )


def test_the_japanese_file_reports_what_it_could_not_use() -> None:
    result = read("orders_ja_cp932_20261120_1530.csv")
    found = [(each.row, each.reason, dict(each.values)) for each in result.rejected]
    assert found == [
        (29, "qty_not_a_number", {"column": "数量※", "shape": "9.9"}),
        (31, "totals_row", {}),
    ]
    assert result.unmatched == ("ギフト包装",)
    assert result.dropped == ("受取人名", "郵便番号", "住所", "電話番号", "備考")
    assert cautions(result) == {
        "spreadsheet_quotes_removed": {"count": 25},
        "order_cells_inherited": {"rows": 1},
        "time_zone_assumed": {
            "zone": "UTC+09:00",
            "fields": ("ordered_at", "registered_at", "shipped_at"),
        },
        "unknown_status": {"count": 4, "words": ("審査中",)},
        "cp932_ambiguous_characters": {"count": 4, "characters": ("U+FF5E",)},
    }
    assert result.coverage.snapshot_at == utc(2026, 11, 20, 6, 30)
    assert result.coverage.snapshot_basis is Basis.FILE_NAME
    assert result.coverage.basis is Basis.DATA
    assert result.checks_off == ()


def test_names_keep_their_blanks_and_thousands_become_numbers() -> None:
    lines = read("orders_ja_cp932_20261120_1530.csv").rows_of(ShipmentLine)
    assert lines[1].item_name == "マグカップ㈱見本製 "
    assert lines[1].option_text == "赤，Lサイズ"
    assert lines[2].item_name == "髙原のお茶 100g～200g"
    assert (lines[2].option_text, lines[2].qty) == ("", 1200)


def test_a_second_item_inherits_the_order_above_it() -> None:
    lines = read("orders_ja_cp932_20261120_1530.csv").rows_of(ShipmentLine)
    first, second = lines[22], lines[23]
    assert (first.row_no, second.row_no) == (26, 27)
    assert second.packing_no == first.packing_no == "QSP900000023"
    assert second.status_raw == first.status_raw
    assert second.registered_at == first.registered_at


def test_the_korean_file_reads_korean_words() -> None:
    line = read("orders_ko_cp949.csv").rows_of(ShipmentLine)[9]
    assert (line.packing_no, line.site_order_no, line.qty) == ("QSP900000105", "00000005", 10)
    assert (line.status_raw, line.status) == ("출고완료", CanonicalStatus.SHIPPED)
    assert (line.item_name, line.option_text) == ("견본 수건 10", "화이트,S")
    assert line.ordered_at == utc(2026, 11, 19, 15, 0)
    assert read("orders_ko_cp949.csv").dropped == ("수취인", "연락처", "비고")


def test_the_workbook_reads_merged_cells_and_marks_a_damaged_number() -> None:
    result = read("orders_en.xlsx")
    assert result.sheet == "Orders"
    lines = result.rows_of(ShipmentLine)
    merged = [line for line in lines if line.packing_no == "QSP900000205"]
    assert [line.row_no for line in merged] == [8, 9, 10]
    assert {line.site_order_no for line in merged} == {"0000005"}
    assert [line.qty for line in merged] == [5, 6, 7]
    assert lines[3].site_order_no is None
    assert lines[3].other["Sales site order no."].startswith("12345678901234")
    assert cautions(result)["identifier_damaged"]["rows"] == (7,)
    assert (lines[0].shop_id, lines[2].tracking_no) == ("10012", "700000000003")
    assert lines[0].ordered_at == utc(2026, 11, 20, 0, 11)


def test_the_upload_template_is_read_by_its_codes_alone() -> None:
    result = read("orders_template_codes.csv")
    assert len(result.columns) == 15
    assert result.columns["site_order_no"] == "사이트 주문 번호(O34)"
    assert result.columns["reference_no"] == "참조 번호(O04)"
    assert len(result.dropped) == 14
    assert "화물 운송장 URL(O44)" in result.dropped
    line = result.rows_of(ShipmentLine)[3]
    assert line.item_name == "+αサプリ(30日分)"
    assert line.other["배송 등급(O18)"] == "RM"
    assert line.status is CanonicalStatus.UNKNOWN
    off = {rule for check in result.checks_off for rule in check.rules}
    assert off == {"F05", "F06", "F16", "F17", "F26", "F27", "F28"}


def test_the_html_table_spreads_its_spans() -> None:
    lines = read("orders_html.xls").rows_of(ShipmentLine)
    assert [line.packing_no for line in lines[:3]] == ["QSP900000301"] * 2 + ["QSP900000302"]
    assert [line.tracking_no for line in lines[:2]] == ["600000000001"] * 2
    assert [line.item_name for line in lines[1:3]] == ["マグカップ㈱見本製 "] * 2
    assert lines[1].status is CanonicalStatus.IN_TRANSIT


def test_the_binary_workbook_reads_dates_as_cells_and_as_serial_days() -> None:
    line = read("orders_binary.xls").rows_of(ShipmentLine)[1]
    assert (line.packing_no, line.site_order_no, line.qty) == ("QSP900000402", "000002", 2)
    assert line.registered_at == utc(2026, 11, 20, 0, 2)
    assert line.shipped_at == utc(2026, 11, 20, 3, 0)


def test_the_shipping_dump_has_no_quantity_and_says_so() -> None:
    result = read("shipping_20261101-20261120.tsv")
    line = result.rows_of(ShipmentLine)[2]
    assert line.qty is None
    assert line.delivered_at == utc(2026, 11, 21, 1, 3)
    assert result.coverage.from_ == utc(2026, 10, 31, 15, 0)
    assert result.coverage.to == utc(2026, 11, 20, 15, 0)
    assert result.coverage.basis is Basis.FILE_NAME
    (f22,) = (check for check in result.checks_off if "F22" in check.rules)
    assert f22.missing == ("sku_no", "qty")


def test_the_sku_list_is_read() -> None:
    rows = read("skus.csv").rows_of(Sku)
    assert rows[4].product_name == "+αサプリ(30日分)"
    assert (rows[4].is_set, rows[4].in_use, rows[5].in_use) == (True, True, False)
    assert (rows[0].sku_no, rows[0].group_no, rows[0].barcode) == (
        "0000120001",
        "G00000",
        "4900000000016",
    )


def test_the_mappings_are_read_with_their_sync_types() -> None:
    result = read("mappings.csv")
    rows = result.rows_of(SkuMapping)
    assert [row.sync_type for row in rows] == ["S", "P", "B", "Z", "L", None]
    assert (rows[1].ratio_pct, rows[2].safety_qty, rows[4].min_qty) == (80.0, 5, 3)
    assert rows[2].site_option_text == "赤,Lサイズ"
    assert rows[5].sync_enabled is False
    assert cautions(result)["unknown_sync_type"] == {"count": 1, "words": ("自動",)}


def test_the_stock_file_is_read_per_warehouse() -> None:
    result = read("stock_20261120_1800.csv")
    rows = result.rows_of(WarehouseStock)
    assert [(row.warehouse, row.on_hand, row.available) for row in rows[:2]] == [
        ("JP-TYO", 1200, 1197),
        ("JP-OSA", -1, -4),
    ]
    assert rows[0].snapshot_at == utc(2026, 11, 20, 9, 0)
    assert (rows[0].damaged, rows[0].inbound) == (None, 0)
    assert result.rejected[0].reason == "totals_row"


def test_the_sync_log_is_read() -> None:
    rows = read("sync_log_20261120.csv").rows_of(SyncEvent)
    assert (rows[4].ok, rows[4].message) == (False, "商品が見つかりません")
    assert (rows[0].ok, rows[0].sent_qty, rows[0].event_at) == (True, 100, utc(2026, 11, 20, 0, 0))


def test_the_committed_samples_are_what_the_script_writes(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    pytest.importorskip("xlwt")
    script = runpy.run_path(str(ROOT / "scripts" / "make_samples.py"))
    script["main"](tmp_path)
    for path in tmp_path.iterdir():
        committed = SAMPLES / path.name
        if path.suffix in (".csv", ".tsv"):
            assert path.read_bytes() == committed.read_bytes(), path.name
        again = read_file(path.read_bytes(), path.name, now=NOW)
        assert again.accepted == read(path.name).accepted, path.name
    assert {path.name for path in SAMPLES.iterdir()} == {
        *(path.name for path in tmp_path.iterdir()),
        "README.md",
    }


def test_stating_the_kind_and_the_coverage_overrules_what_the_file_suggests() -> None:
    result = read(
        "orders_ko_cp949.csv",
        kind=FileKind.ORDERS,
        snapshot_at=utc(2026, 11, 22, 1, 0),
        covers_from=utc(2026, 11, 1),
    )
    assert result.coverage.snapshot_at == utc(2026, 11, 22, 1, 0)
    assert result.coverage.snapshot_basis is Basis.STATED
    assert (result.coverage.from_, result.coverage.to) == (utc(2026, 11, 1), None)
    assert result.coverage.basis is Basis.STATED
