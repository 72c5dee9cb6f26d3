"""The order upload file for orders that a person enters by hand: rows by O-code, as .xlsx or CSV.

Only what is known goes in; what a person must type is left empty, coloured in the workbook, and listed apart for CSV,
because an upload file may hold nothing but the template's columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smartship.delimited import FORMULA_START
from smartship.template import CODES, LANGUAGES, TITLES
from smartship.workbook import Sheet, write_workbook
from smartship.writer import write_table

FORMATS = ("xlsx", "csv")
SHEET_NAMES: Mapping[str, str] = {"ja": "注文登録", "en": "Orders", "ko": "주문등록"}  # [I]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """One item line of the template: O-code -> exact text, and the codes that are left for a person to type."""

    cells: Mapping[str, str]
    to_type: tuple[str, ...] = ()


def title_of(code: str, language: str) -> str:
    """The template's title of a code, e.g. `サイト注文番号(O34)`. Raises ValueError for an unknown code or language."""
    _check_language(language)
    return TITLES[language][CODES.index(code)]


def upload_rows(rows: Sequence[UploadRow], language: str) -> list[list[str]]:
    """The title line and one line per row, all 58 columns in template order.

    Raises ValueError for a code outside the template, or one that is both filled and left to type.
    """
    _check_language(language)
    for row in rows:
        unknown = (set(row.cells) | set(row.to_type)) - set(CODES)
        if unknown:
            raise ValueError(f"not in the template: {', '.join(sorted(unknown))}")
        both = [code for code in row.to_type if row.cells.get(code)]
        if both:
            raise ValueError(f"filled and left to type: {', '.join(both)}")
    return [list(TITLES[language]), *([row.cells.get(code, "") for code in CODES] for row in rows)]


def write_upload_workbook(
    rows: Sequence[UploadRow], language: str, *, legend: Sheet | None = None
) -> bytes:
    """The upload file as .xlsx: cells left to type have a yellow ground; `legend` follows as a second sheet.

    Every filled cell is text, never a formula or number, with exactly the characters given.
    """
    marked = frozenset(
        (at, CODES.index(code)) for at, row in enumerate(rows, 1) for code in row.to_type
    )
    sheet = Sheet(SHEET_NAMES[language], upload_rows(rows, language), marked)
    return write_workbook([sheet, legend] if legend else [sheet])


def write_upload_csv(
    rows: Sequence[UploadRow], language: str, *, encoding: str = "utf-8-sig"
) -> bytes:
    """The upload file as CSV with CRLF; a cell that a spreadsheet would run gets an apostrophe (see `guarded`).

    Raises smartship.writer.TextWouldChange where the encoding cannot hold a character: an item name is a link key and
    must not change by one.
    """
    return write_table(upload_rows(rows, language), encoding=encoding)


def guarded(rows: Sequence[UploadRow]) -> tuple[tuple[int, str], ...]:
    """(row from 1, code) of every cell that the CSV file carries with an apostrophe in front, the workbook without."""
    return tuple(
        (at, code)
        for at, row in enumerate(rows, 1)
        for code, text in row.cells.items()
        if FORMULA_START.match(text)
    )


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise ValueError(f"no titles in {language!r}; there are {', '.join(LANGUAGES)}")
