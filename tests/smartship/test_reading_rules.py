"""The rules of the import contract, one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smartship import (
    Basis,
    CanonicalStatus,
    FileKind,
    ImportResult,
    Rejection,
    ServiceType,
    ShipmentLine,
    SyncEvent,
    WarehouseStock,
    read_file,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def read(text: str, name: str = "file.csv", **more: object) -> ImportResult:
    return read_file(text.encode("utf-8"), name, now=NOW, **more)  # type: ignore[arg-type]


def lines(text: str, **more: object) -> tuple[ShipmentLine, ...]:
    return read(text, **more).rows_of(ShipmentLine)


def reasons(result: ImportResult) -> list[tuple[int, str]]:
    return [(each.row, each.reason) for each in result.rejected]


def caution(result: ImportResult, code: str) -> dict[str, object]:
    (found,) = (each for each in result.warnings if each.code == code)
    return dict(found.values)


@pytest.mark.parametrize(
    "title",
    [
        "数量",
        " 数 量 ",
        "数量※",
        "*数量(必須)",
        "[required] QTY",
        "数量\n（必須）",
        "Ｑｔｙ",
        "Q'ty.",
    ],
)
def test_decoration_width_and_case_do_not_hide_a_title(title: str) -> None:
    (line,) = lines(f'QSP番号,注文番号,"{title}"\nQSP900000001,1,7\n')
    assert line.qty == 7


def test_a_code_beats_the_text_before_it_and_every_other_title() -> None:
    result = read("注文番号,販売サイト注文番号,受付番号(O34),数量,商品名\n1,2,3,4,a\n")
    assert result.rows_of(ShipmentLine)[0].site_order_no == "3"
    assert result.columns["site_order_no"] == "受付番号(O34)"


def test_the_better_synonym_wins_wherever_it_stands() -> None:
    (line,) = lines("QSP番号,商品コード,サイト商品番号,数量\nQSP900000001,a,b,1\n")
    assert line.site_product_no == "b"


def test_a_column_of_packing_numbers_needs_no_title_we_know() -> None:
    result = read("箱,数量,商品名,状態\nQSP 9000-00001,1,a,新規\nqsp900000002,1,b,新規\n")
    assert [line.packing_no for line in result.rows_of(ShipmentLine)] == [
        "QSP900000001",
        "QSP900000002",
    ]
    assert caution(result, "column_guessed_by_values") == {"field": "packing_no", "title": "箱"}


def test_a_title_the_user_assigned_is_read_as_told() -> None:
    text = "受付,個,品\n0001,2,a\n"
    chosen = {"受付": "site_order_no", "個": "qty", "品": "item_name"}
    result = read(text, kind=FileKind.ORDERS, chosen=chosen)
    assert result.rows_of(ShipmentLine)[0].site_order_no == "0001"
    assert (
        result.header_fingerprint
        == read(text + "3,4,b\n", kind=FileKind.ORDERS, chosen=chosen).header_fingerprint
    )
    with pytest.raises(ValueError, match="no_such_field"):
        read(text, kind=FileKind.ORDERS, chosen={"受付": "no_such_field"})


@pytest.mark.parametrize(
    "title",
    [
        "受取人電話番号",
        "お届け先住所2",
        "注文者メールアドレス",
        "Customer e-mail",
        "배송지 주소",
        "TEL 2",
        "備考欄",
        "Receiver's name",
    ],
)
def test_a_personal_column_is_dropped_by_its_title(title: str) -> None:
    result = read(f"QSP番号,注文番号,数量,{title}\nQSP900000001,1,1,秘密\n")
    assert result.dropped == (title,)
    assert "秘密" not in repr(result)


@pytest.mark.parametrize(
    "text",
    [
        "someone@example.com",
        "090-0000-0000",
        "〒000-0000",
        "東京都架空市1-2",
        "架空県見本市3",
        "000-0000",
    ],
)
def test_an_unknown_column_with_personal_values_is_dropped(text: str) -> None:
    result = read(f"QSP番号,注文番号,数量,欄A\nQSP900000001,1,1,\nQSP900000002,2,1,{text}\n")
    assert result.dropped == ("欄A",)
    assert text not in repr(result)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1.5", "qty_not_a_number"),
        ("", "qty_missing"),
        ("0", "qty_not_positive"),
        ("-3", "qty_not_positive"),
    ],
)
def test_an_order_line_needs_a_positive_quantity(cell: str, reason: str) -> None:
    assert reasons(read(f"QSP番号,注文番号,数量\nQSP900000001,1,{cell}\n")) == [(2, reason)]


def test_an_unreadable_date_costs_the_date_not_the_row() -> None:
    result = read("QSP番号,注文番号,数量,出荷日,登録日\nQSP900000001,1,1,昨日,0000-00-00\n")
    (line,) = result.rows_of(ShipmentLine)
    assert (line.shipped_at, line.registered_at, line.other) == (None, None, {"出荷日": "昨日"})
    found = caution(result, "value_not_understood")
    assert (found["field"], found["rows"]) == ("shipped_at", (2,))


def test_identifiers_keep_zeros_and_lose_only_what_spreadsheets_added() -> None:
    (line,) = lines(
        "QSP番号,注文番号,参照番号,SKU番号,販売者コード,数量\n"
        'QSP90 0000001,="0012",\'0034,56.0,\u3000Ａ-01 ,1\n'
    )
    assert (line.packing_no, line.site_order_no, line.reference_no) == (
        "QSP900000001",
        "0012",
        "0034",
    )
    assert (line.sku_no, line.seller_code) == ("56", "Ａ-01")


def test_a_rounded_number_never_stands_for_an_order() -> None:
    result = read("QSP番号,注文番号,数量\nQSP900000001,1.23E+11,1\n,4.5E+12,1\n")
    (line,) = result.rows_of(ShipmentLine)
    assert (line.site_order_no, line.other) == (None, {"注文番号": "1.23E+11"})
    assert reasons(result) == [(3, "identifier_damaged")]


def test_blank_cells_inherit_only_while_no_other_order_speaks() -> None:
    found = lines(
        "QSP番号,注文番号,商品名,数量,状態\n"
        "QSP900000001,1,a,1,新規\n"
        ",,b,2,\n"
        ",1,c,3,\n"
        ",2,d,4,\n"
        "QSP900000003,,e,5,\n"
    )
    assert [(line.packing_no, line.site_order_no, line.status_raw) for line in found] == [
        ("QSP900000001", "1", "新規"),
        ("QSP900000001", "1", "新規"),
        ("QSP900000001", "1", "新規"),
        (None, "2", None),
        ("QSP900000003", None, None),
    ]


def test_nothing_inherits_across_a_totals_row() -> None:
    result = read("QSP番号,注文番号,商品名,数量\nQSP900000001,1,a,1\n小計,,,1\n,,b,2\n")
    assert reasons(result) == [(3, "totals_row"), (4, "no_identifier")]


def test_a_repeated_title_line_is_set_aside() -> None:
    titles = "QSP番号,注文番号,数量\n"
    result = read(f"{titles}QSP900000001,1,1\n{titles}QSP900000002,2,1\n")
    assert reasons(result) == [(3, "titles_repeated")]
    assert result.rejected[0] == Rejection(3, "titles_repeated")


def test_an_unknown_word_is_kept_as_it_is() -> None:
    result = read(
        "QSP番号,注文番号,数量,状態,サービスタイプ,登録方式\nQSP900000001,1,1,謎,ドローン,念力\n"
    )
    (line,) = result.rows_of(ShipmentLine)
    assert (line.status_raw, line.status) == ("謎", CanonicalStatus.UNKNOWN)
    assert line.service_type is ServiceType.OTHER
    assert line.other == {"サービスタイプ": "ドローン", "登録方式": "念力"}
    assert caution(result, "unknown_status") == {"count": 1, "words": ("謎",)}


def test_a_single_quantity_column_is_on_hand_and_marked_weak() -> None:
    result = read("倉庫,SKU番号,販売可能\nA,1,5\n")
    (row,) = result.rows_of(WarehouseStock)
    assert (row.on_hand, row.available) == (5, None)
    assert caution(result, "only_one_quantity") == {"field": "available", "title": "販売可能"}
    assert [check.rules for check in result.checks_off] == [("F11",)]


def test_a_stock_row_with_an_unreadable_figure_is_refused() -> None:
    result = read("倉庫,SKU番号,在庫数,販売可能\nA,1,約5,3\nA,2,,\nA,3,,0\n")
    assert reasons(result) == [(2, "qty_not_a_number"), (3, "qty_missing")]
    assert result.rows_of(WarehouseStock)[0].available == 0


def test_a_sync_event_needs_its_time() -> None:
    result = read(
        "同期日時,SKU番号,送信数量,結果\n,1,5,OK\nいつか,2,5,OK\n2026-11-20 10:00,3,5,保留中\n"
    )
    assert reasons(result) == [(2, "date_missing"), (3, "date_not_understood")]
    (event,) = result.rows_of(SyncEvent)
    assert (event.result_raw, event.ok) == ("保留中", None)


@pytest.mark.parametrize(
    ("name", "snapshot", "span"),
    [
        ("orders.csv", None, None),
        ("orders_2026-11-20.csv", "2026-11-19T15:00", None),
        ("orders_20261120_0930.csv", "2026-11-20T00:30", None),
        ("20261120093000.csv", "2026-11-20T00:30", None),
        ("a/b\\20261101-20261120.csv", None, ("2026-10-31T15:00", "2026-11-20T15:00")),
        ("2026-11-01_2026-11-20.csv", None, ("2026-10-31T15:00", "2026-11-20T15:00")),
        ("20991231.csv", None, None),
        ("20261399.csv", None, None),
        ("/20261120/orders.csv", None, None),
    ],
)
def test_times_come_from_the_last_part_of_the_name(
    name: str, snapshot: str | None, span: tuple[str, str] | None
) -> None:
    def utc(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    coverage = read("QSP番号,注文番号,数量\nQSP900000001,1,1\n", name).coverage
    assert coverage.snapshot_at == (utc(snapshot) if snapshot else None)
    assert (coverage.from_, coverage.to) == (tuple(map(utc, span)) if span else (None, None))
    assert (coverage.basis is Basis.FILE_NAME) is (span is not None)


def test_moments_without_a_zone_are_a_mistake_of_the_caller() -> None:
    naive = datetime(2026, 11, 20)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        read("a", snapshot_at=naive)
    with pytest.raises(ValueError, match="zone"):
        read_file(b"a", "a", now=naive)
    with pytest.raises(ValueError, match="ends before"):
        read("a", covers_from=NOW, covers_to=datetime(2026, 1, 1, tzinfo=UTC))


def test_both_directions_of_the_silent_characters_are_named() -> None:
    text = "QSP番号,注文番号,数量,商品名\nQSP900000001,1,1,10〜20−5\n"
    assert caution(read(text), "cp932_would_change")["characters"] == ("U+2212", "U+301C")
    japanese = text.replace("〜", "～").replace("−", "－").encode("cp932")
    result = read_file(japanese, "a.csv", now=NOW)
    assert caution(result, "cp932_ambiguous_characters")["characters"] == ("U+FF0D", "U+FF5E")


@pytest.mark.parametrize(
    "titles",
    [
        "受取人名,郵便番号",
        "お届け先氏名,お届け先郵便番号",
        "Recipient,Zip code",
        "수취인,우편 번호",
        "고객이름 (O08),우편 번호 (O09)",
    ],
)
def test_the_recipient_reaches_the_function_that_hashes_and_nothing_else(titles: str) -> None:
    text = f"QSP番号,サイト注文番号,数量,{titles}\nQSP000000001,A-1,2,架空 花子,100-0001\n"
    result = read(text, hash_recipient=lambda name, zip_code: f"<{name}|{zip_code}>")
    (line,) = result.rows_of(ShipmentLine)
    assert line.recipient_hash == "<架空 花子|100-0001>"
    assert len(result.dropped) == 2
    assert "架空" not in repr(read(text))
    assert lines(text)[0].recipient_hash is None


@pytest.mark.parametrize(
    "titles", ["受取人名,依頼主郵便番号", "依頼主氏名,郵便番号", "備考,担当者"]
)
def test_without_name_and_postal_code_of_the_recipient_nothing_is_marked(titles: str) -> None:
    text = f"QSP番号,サイト注文番号,数量,{titles}\nQSP000000001,A-1,2,架空 花子,100-0001\n"
    assert lines(text, hash_recipient=lambda *_: "hashed")[0].recipient_hash is None
