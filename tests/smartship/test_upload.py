"""The order upload file: 58 columns, exact text, no formula, marks only where they may be."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartship import FileKind, ShipmentLine, read_file
from smartship.template import CODES, LANGUAGES, TITLES
from smartship.titles import Role, book_for, title_key
from smartship.upload import (
    UploadRow,
    guarded,
    title_of,
    upload_rows,
    write_upload_csv,
    write_upload_workbook,
)
from smartship.workbook import Sheet, column_letters, write_workbook
from smartship.writer import TextWouldChange

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CELLS = {
    "O04": "00123-4",
    "O05": "タオル　ホワイト〈限定〉 ",
    "O06": "2",
    "O25": "TW-01",
    "O29": "JP01",
    "O30": "000900123456789012",
    "O32": "0001",
    "O34": "00123-4",
    "O35": "tee-1",
    "O39": "ホワイト,Sサイズ",
    "O41": "2026-11-20 09:05:00",
}
ROW = UploadRow(cells=CELLS, to_type=("O08", "O09", "O10"))


def accepted(data: bytes, name: str) -> list[ShipmentLine]:
    result = read_file(data, name, kind=FileKind.ORDERS, now=NOW)
    assert not result.rejected
    return list(result.rows_of(ShipmentLine))


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_the_template_has_58_columns_each_with_its_code() -> None:
    assert [f"O{number:02d}" for number in range(58)] == list(CODES)
    for language in LANGUAGES:
        assert len(set(TITLES[language])) == 58
        for code, title in zip(CODES, TITLES[language], strict=True):
            assert title.endswith(f"({code})")
            key = title_key(title)
            assert key is not None
            assert key.code == int(code[1:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_without_their_code_would_still_be_understood(language: str) -> None:
    """A person may delete the codes: a join column must not turn into another one, nor a name into a field."""
    book = book_for(FileKind.ORDERS)
    fields = {"O04": "reference_no", "O06": "qty", "O30": "sku_no", "O34": "site_order_no"}
    for code, name in fields.items():
        key = title_key(title_of(code, language).removesuffix(f"({code})"))
        assert key is not None
        meaning = book.meaning(key)
        assert meaning is not None
        assert (meaning.role, meaning.field) == (Role.FIELD, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_forms_come_back_through_our_own_reader_as_they_went(language: str) -> None:
    files = {
        "a.xlsx": write_upload_workbook([ROW, ROW], language),
        "a.csv": write_upload_csv([ROW, ROW], language, encoding="cp932")
        if language != "ko"
        else write_upload_csv([ROW, ROW], language),
    }
    for name, data in files.items():
        lines = accepted(data, name)
        assert len(lines) == 2
        for line in lines:
            assert line.site_order_no == line.reference_no == "00123-4"
            assert (line.item_name, line.option_text) == (CELLS["O05"], CELLS["O39"])
            assert (line.sku_no, line.seller_code) == (CELLS["O30"], CELLS["O25"])
            assert (line.shop_id, line.warehouse, line.qty) == ("0001", "JP01", 2)
            assert line.ordered_at == datetime(2026, 11, 20, 0, 5, tzinfo=UTC)


def test_a_blank_cell_does_not_take_the_value_of_the_row_above() -> None:
    other = UploadRow(cells=CELLS | {"O34": "00999-9", "O04": "00999-9", "O30": "", "O29": ""})
    first, second = accepted(write_upload_workbook([ROW, other], "ja"), "a.xlsx")
    assert (first.sku_no, second.sku_no) == (CELLS["O30"], None)
    assert (first.warehouse, second.warehouse) == ("JP01", None)


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_every_text_stands_in_the_workbook_as_a_string_with_its_own_characters(text: str) -> None:
    text = "".join(one for one in text if not 0xD800 <= ord(one) <= 0xDFFF)
    row = UploadRow(cells=CELLS | {"O05": text})
    cell = opened(write_upload_workbook([row], "ja")).worksheets[0]["F2"]
    assert (cell.value or "") == text or any(one < " " or one in "\ufffe\uffff" for one in text)
    assert cell.data_type in ("s", "n")
    assert cell.data_type == "s" or not text


@pytest.mark.parametrize(
    "text", ["=1+1", "+α", "-10℃", "@x", "＝SUM(A1)", "00012", "1E5", "_x0041_", " =x"]
)
def test_the_workbook_neither_runs_nor_changes_a_cell(text: str) -> None:
    row = UploadRow(cells=CELLS | {"O05": text})
    data = write_upload_workbook([row], "ja")
    cell = opened(data).worksheets[0]["F2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert accepted(data, "a.xlsx")[0].item_name == text


def test_csv_guards_formulas_and_says_which_cells() -> None:
    row = UploadRow(cells=CELLS | {"O05": "=HYPERLINK(1)"})
    data = write_upload_csv([ROW, row], "ja", encoding="cp932")
    assert "'=HYPERLINK(1)" in data.decode("cp932")
    assert guarded([ROW, row]) == ((2, "O05"),)
    assert accepted(data, "a.csv")[1].item_name == "=HYPERLINK(1)"


def test_csv_refuses_what_cp932_would_change_and_utf_8_holds_it() -> None:
    row = UploadRow(cells=CELLS | {"O05": "タオル〜🎁"})
    with pytest.raises(TextWouldChange) as refused:
        write_upload_csv([row], "ja", encoding="cp932")
    assert {point for _, _, point in refused.value.places} == {"U+301C", "U+1F381"}
    assert accepted(write_upload_csv([row], "ja"), "a.csv")[0].item_name == "タオル〜🎁"


def test_cells_left_to_type_are_coloured_and_the_legend_is_a_second_sheet() -> None:
    legend = Sheet("入力が必要な項目", [["注文番号", "項目"], ["00123-4", "顧客名(O08)"]])
    data = write_upload_workbook([ROW], "ja", legend=legend)
    book = opened(data)
    assert book.sheetnames == ["注文登録", "入力が必要な項目"]
    sheet = book.worksheets[0]
    yellow = {
        column for column in range(1, 59) if sheet.cell(2, column).fill.fgColor.rgb == "FFFFE699"
    }
    assert yellow == {9, 10, 11}
    assert sheet.max_row == 2
    assert [cell.value for cell in book.worksheets[1][2]] == ["00123-4", "顧客名(O08)"]
    assert len(accepted(data, "a.xlsx")) == 1


def test_a_row_may_not_name_what_the_template_lacks_or_fill_what_is_left_to_type() -> None:
    for wrong in (UploadRow(cells={"O58": "x"}), UploadRow(cells={"O08": "x"}, to_type=("O08",))):
        with pytest.raises(ValueError, match=r"template|left to type"):
            upload_rows([wrong], "ja")
    with pytest.raises(ValueError, match="no titles"):
        upload_rows([ROW], "fr")


def test_the_same_rows_give_the_same_bytes() -> None:
    assert write_upload_workbook([ROW], "ko") == write_upload_workbook([ROW], "ko")


def test_a_cell_too_long_for_the_format_is_refused_not_cut() -> None:
    with pytest.raises(ValueError, match="characters"):
        write_workbook([Sheet("a", [["t"], ["x" * 32_768]])])


def test_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [column_letters(at) for at in (0, 25, 26, 57)] == ["A", "Z", "AA", "BF"]
