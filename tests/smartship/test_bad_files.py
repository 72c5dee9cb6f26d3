"""Files that must be refused with a clear code, or read in spite of their faults."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import UTC, datetime

import pytest

from smartship import FileKind, FileRejected, ImportResult, ShipmentLine, read_file
from smartship.archive import MAX_FILE_BYTES

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TITLES = "QSP番号,注文番号,商品名,数量,状態\r\n"
ROW = "QSP900000001,0001,見本タオル,1,出荷完了\r\n"
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")


def read(data: bytes | str, name: str = "file.csv", kind: FileKind | None = None) -> ImportResult:
    raw = data.encode("utf-8") if isinstance(data, str) else data
    return read_file(raw, name, kind=kind, now=NOW)


def refusal(
    data: bytes | str, name: str = "file.csv", kind: FileKind | None = None
) -> FileRejected:
    with pytest.raises(FileRejected) as caught:
        read(data, name, kind)
    return caught.value


def codes(result: ImportResult) -> set[str]:
    return {caution.code for caution in result.warnings}


def zipped(parts: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return raw.getvalue()


def workbook(far_row: int | None = None, far_column: int = 1) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["QSP No.", "Order No.", "Qty"], ["QSP900000001", "0001", 1]):
        book.active.append(row)
    if far_row:
        book.active.cell(row=far_row, column=far_column, value="x")
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def with_part(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new)
    return zipped(parts)


def ole(stream_name: str) -> bytes:
    """The smallest container: header, FAT, directory with a root and one stream."""
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    header = OLE_MAGIC + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    fat = struct.pack("<128I", fat_mark, end, *[free] * 126)

    def entry(name: str, kind: int) -> bytes:
        text = name.encode("utf-16-le").ljust(64, b"\0")
        body = struct.pack("<HBB3I", len(name) * 2 + 2, kind, 1, free, free, free) + bytes(36)
        return text + body + struct.pack("<IQ", end, 0)

    directory = entry("Root Entry", 5) + entry(stream_name, 2) + bytes(256)
    return header + fat + directory


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \r\n\t\r\n", b"\0" * 5000, b"\x1a"]
)
def test_a_file_without_content_is_empty(data: bytes) -> None:
    assert refusal(data).code == "empty_file"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "png"),
        (b"%PDF-1.7\n" + b"x" * 500, "pdf"),
        (bytes(range(256)) * 40, "binary"),
        (b"<html><body>maintenance</body></html>", "markup"),
        (b'<?xml version="1.0"?><Workbook/>', "markup"),
    ],
)
def test_what_is_no_table_is_named(data: bytes, found: str) -> None:
    error = refusal(data)
    assert (error.code, error.values["found"]) == ("not_a_table", found)


def test_a_word_document_is_no_table() -> None:
    error = refusal(zipped({"word/document.xml": b"<w/>"}), "orders.xlsx")
    assert (error.code, error.values) == ("not_a_table", {"found": "docx"})
    error = refusal(ole("WordDocument"), "orders.xls")
    assert (error.code, error.values) == ("not_a_table", {"found": "ole"})


@pytest.mark.parametrize("stream", ["EncryptedPackage", "EncryptionInfo"])
def test_a_workbook_with_a_password_says_so(stream: str) -> None:
    assert refusal(ole(stream), "orders.xlsx").code == "encrypted_workbook"


def test_too_many_bytes_are_refused_before_anything_is_read() -> None:
    error = refusal(b"a" * (MAX_FILE_BYTES + 1))
    assert (error.code, error.values["limit"]) == ("too_large", "file")


@pytest.mark.parametrize(
    ("parts", "limit"),
    [
        ({"[Content_Types].xml": b"x", "xl/workbook.xml": b"a" * 60_000_000}, "growth"),
        ({f"xl/{number}.xml": b"a" for number in range(1001)}, "parts"),
        ({f"xl/{number}.xml": b"a" * 60_000_000 for number in range(2)}, "unpacked"),
    ],
)
def test_a_zip_bomb_is_refused_before_unpacking(parts: dict[str, bytes], limit: str) -> None:
    error = refusal(zipped(parts), "orders.xlsx")
    assert (error.code, error.values["limit"]) == ("too_large", limit)


def test_a_zip_that_understates_its_sizes_is_refused() -> None:
    content = b"a" * 30_000_000
    data = bytearray(zipped({"[Content_Types].xml": b"x", "xl/workbook.xml": content}))
    told = struct.pack("<I", len(content))
    assert data.count(told) >= 1
    lie = bytes(data).replace(told, struct.pack("<I", 100))
    assert refusal(lie, "orders.xlsx").code == "unreadable_archive"


def test_two_far_cells_do_not_cost_gigabytes() -> None:
    error = refusal(workbook(1_048_576, 16_384), "orders.xlsx")
    assert (error.code, error.values["limit"]) == ("too_large", "cells")


def test_a_row_number_without_cell_references_is_bounded_too() -> None:
    cells = b"<c><v>1</v></c>" * 5000
    far = b'<row r="1048576">' + cells + b"</row></sheetData>"
    data = with_part(workbook(), "xl/worksheets/sheet1.xml", b"</sheetData>", far)
    assert refusal(data, "orders.xlsx").code == "too_large"


def test_an_announced_dimension_is_not_believed() -> None:
    data = with_part(workbook(), "xl/worksheets/sheet1.xml", b'ref="A1:C2"', b'ref="A1:XFD1048576"')
    assert len(read(data, "orders.xlsx").accepted) == 1


def test_a_far_cell_in_a_binary_workbook_is_refused() -> None:
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(65_535, 255, "x")
    raw = io.BytesIO()
    book.save(raw)
    error = refusal(raw.getvalue(), "orders.xls")
    assert (error.code, error.values["limit"]) == ("too_large", "cells")


@pytest.mark.parametrize("cut", [9, 200, 513, 700, 3000])
def test_a_cut_workbook_is_unreadable(cut: int) -> None:
    assert refusal(workbook()[:cut], "orders.xlsx").code == "unreadable_archive"
    assert refusal((OLE_MAGIC + b"\xff" * 4000)[:cut], "orders.xls").code == "unreadable_archive"


def test_nec_and_ibm_characters_are_read_from_a_japanese_file() -> None:
    result = read((TITLES + ROW.replace("見本", "①㈱髙﨑Ⅳ")).encode("cp932"))
    assert result.encoding == "cp932"
    assert result.rows_of(ShipmentLine)[0].item_name == "①㈱髙﨑Ⅳタオル"


@pytest.mark.parametrize(
    ("encoding", "looks_like"),
    [("euc_jp", "euc_jp"), ("iso2022_jp", "iso-2022-jp"), ("utf-16-le", "utf-16-le")],
)
def test_an_encoding_we_do_not_read_is_named(encoding: str, looks_like: str) -> None:
    error = refusal((TITLES + ROW).encode(encoding))
    assert (error.code, error.values["looks_like"]) == ("unknown_encoding", looks_like)


def test_euc_jp_names_under_english_titles_do_not_pass_as_half_width_kana() -> None:
    text = "QSP No.,Order No.,Item name,Qty\r\nQSP900000001,1,見本のタオルです,1\r\n"
    assert refusal(text.encode("euc_jp")).values["looks_like"] == "euc_jp"


def test_half_width_kana_in_a_japanese_file_are_fine() -> None:
    result = read((TITLES + ROW.replace("見本タオル", "ﾀｵﾙ")).encode("cp932"))
    assert result.rows_of(ShipmentLine)[0].item_name == "ﾀｵﾙ"


def test_utf16_with_a_mark_is_read() -> None:
    assert read((TITLES + ROW).encode("utf-16")).encoding == "utf-16"


def test_damaged_utf8_is_refused_not_guessed() -> None:
    data = (TITLES + ROW * 3).encode("utf-8")[:-3] + b"\xff\r\n"
    assert refusal(data).code == "unknown_encoding"


def test_titles_without_rows_are_an_empty_export() -> None:
    result = read(TITLES)
    assert (result.rows_read, result.accepted) == (0, ())
    assert "no_rows" in codes(result)


def test_rows_without_titles_are_refused_without_showing_them() -> None:
    error = refusal(ROW * 4)
    assert (error.code, error.values) == ("header_not_found", {"rows": 15, "titles": 3})
    assert "見本" not in repr(error) + str(error)


def test_titles_below_row_fifteen_are_not_looked_for() -> None:
    assert read("\r\n" * 14 + TITLES + ROW).header_row == 15
    assert refusal("\r\n" * 15 + TITLES + ROW).code == "header_not_found"


def test_a_kind_that_the_columns_do_not_serve_is_refused_by_name() -> None:
    error = refusal("SKU番号,商品名,オプション名,倉庫\r\n1,a,b,c\r\n", kind=FileKind.STOCK)
    assert (error.code, error.values["missing"]) == ("columns_missing", ("on_hand",))


def test_titles_of_no_kind_are_unknown() -> None:
    assert refusal("商品名,数量,状態\r\na,1,新規\r\n").code == "kind_unknown"


def test_a_doubled_title_keeps_the_first_and_says_so() -> None:
    result = read("QSP番号,注文番号,注文番号,数量\r\nQSP900000001,0001,0002,3\r\n")
    line = result.rows_of(ShipmentLine)[0]
    assert (line.site_order_no, line.other) == ("0001", {"注文番号": "0002"})
    assert "title_doubled" in codes(result)


def test_rows_of_uneven_length_are_padded_or_refused() -> None:
    rows = "QSP900000001,1,a,2\r\nQSP900000002\r\nQSP900000003,3,a,1,新規,山田\r\n"
    result = read(TITLES + rows + "QSP900000004,4,a,1,新規,,\r\n")
    assert [line.row_no for line in result.rows_of(ShipmentLine)] == [2, 5]
    assert [(each.row, each.reason) for each in result.rejected] == [
        (3, "single_cell"),
        (4, "more_cells_than_titles"),
    ]
    assert "山田" not in repr(result)


def test_nul_bytes_are_removed_and_counted() -> None:
    result = read(TITLES + ROW.replace("タ", "\0タ"))
    assert result.rows_of(ShipmentLine)[0].item_name == "見本タオル"
    assert "nul_characters_removed" in codes(result)


def test_a_quote_that_never_ends_is_unreadable() -> None:
    error = refusal(TITLES + '"' + "x" * 200_000)
    assert (error.code, error.values) == ("unreadable_table", {"line": 2})


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\con\\nul.csv", "a\0b.csv", "x" * 5000, "", "20269999.csv"]
)
def test_a_hostile_name_is_only_a_word(name: str) -> None:
    assert len(read(TITLES + ROW, name).accepted) == 1


def test_macros_and_links_are_left_behind() -> None:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts |= {"xl/vbaProject.bin": b"macro", "../../outside.txt": b"no", "/root.bin": b"no"}
    assert len(read(zipped(parts), "orders.xlsm").accepted) == 1


def test_a_shifted_row_never_shows_its_text() -> None:
    result = read(TITLES + "QSP900000001,1,a,見本 太郎090,新規\r\n")
    assert result.rejected[0].values == {"column": "数量", "shape": "xx xx999"}
    assert "太郎" not in repr(result)
