"""Bytes of a file turned into rows of text; the only module that knows spreadsheet libraries.

What the file is, is decided by its content, never by its name. Knows no columns: which of several
sheets, encodings or delimiters to take is left to a `score` function over the first rows.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from types import TracebackType

import lxml.etree
import lxml.html
import python_calamine

from smartship import ole
from smartship.archive import MAX_CELLS, MAX_FILE_BYTES, checked_workbook, too_large
from smartship.decoding import (
    Decoded,
    check_is_not_binary,
    check_is_text,
    decodings,
    other_readings,
)
from smartship.delimited import DELIMITERS, head_rows, read_delimited
from smartship.table import HEAD_ROWS, Score, Table
from smartship.types import FileRejected

_EXACT_INTEGERS = 10**15  # a spreadsheet keeps 15 digits: longer numbers have lost their end
_LAYOUT = re.compile(r"\r?\n[ \t\r\n]*")
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|table|meta|style|\?xml|!--)", re.IGNORECASE)
_MAX_SPAN = 1_000


def read_table(data: bytes, score: Score) -> Table:
    """The file's table: of several candidates the one whose first rows score highest.

    `score` gets up to 15 rows and answers 0 for "no table of ours". Raises FileRejected for
    anything that is not a readable table within the limits, and nothing else.
    """
    if not data.strip(b" \t\r\n\0\x1a\xef\xbb\xbf\xff\xfe"):
        raise FileRejected("empty_file")
    if len(data) > MAX_FILE_BYTES:
        raise too_large("file", MAX_FILE_BYTES, len(data))
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _best(_sheets(checked_workbook(data), "xlsx"), score)
    if data.startswith(ole.MAGIC):
        ole.check_workbook(data)
        return _best(_sheets(data, "xls"), score)
    check_is_text(data)
    return _read_text(data, score)


def _best(tables: Iterable[Table], score: Score) -> Table:
    best: Table | None = None
    best_score = -1
    for table in tables:
        points = score(table.rows[:HEAD_ROWS])
        if points > best_score:
            best, best_score = table, points
    if best is None:
        raise FileRejected("empty_file")
    return best


class _CalamineErrors:
    """Turns calamine's failures, a panic of its core included, into FileRejected."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None or kind is FileRejected:
            return
        if issubclass(kind, python_calamine.PasswordError):
            raise FileRejected("encrypted_workbook") from None
        known = (python_calamine.CalamineError, OSError, ValueError, OverflowError)
        if issubclass(kind, known) or kind.__name__ == "PanicException":
            raise FileRejected("unreadable_archive", {"error": kind.__name__}) from None


def _sheets(data: bytes, file_format: str) -> Iterator[Table]:
    with _CalamineErrors():
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            meta.name
            for meta in workbook.sheets_metadata
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    for name in sheets:
        with _CalamineErrors():
            sheet = workbook.get_sheet_by_name(name)
            cells = sheet.to_python(skip_empty_area=False)
            merges = sheet.merged_cell_ranges or []
        rows = [[_cell_text(cell) for cell in row] for row in cells]
        damaged = frozenset(
            (at, column)
            for at, row in enumerate(cells)
            for column, cell in enumerate(row)
            if isinstance(cell, (int, float)) and abs(cell) >= _EXACT_INTEGERS
        )
        yield Table(
            rows=rows,
            file_format=file_format,
            sheet=name,
            damaged=damaged,
            covered=_covered(merges, rows),
        )


def _covered(
    merges: Iterable[tuple[tuple[int, int], tuple[int, int]]], rows: list[list[str]]
) -> dict[tuple[int, int], int]:
    height = len(rows)
    width = max((len(row) for row in rows), default=0)
    return {
        (row, column): top
        for (top, left), (bottom, right) in merges
        for column in range(left, min(right, width - 1, left + _MAX_SPAN) + 1)
        for row in range(top + 1, min(bottom, height - 1, top + _MAX_SPAN) + 1)
    }


def _cell_text(cell: object) -> str:
    """A typed cell as text: whole numbers without `.0`, 15 significant digits, ISO dates."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return _number_text(cell)
    if isinstance(cell, datetime):
        text = cell.isoformat(sep=" ", timespec="seconds")
        return text.removesuffix(" 00:00:00")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return f"{cell.total_seconds() / 3600:.15g}h"
    return ""


def _number_text(cell: float) -> str:
    if cell != cell or cell in (float("inf"), float("-inf")):
        return ""
    if cell == int(cell):
        return str(int(cell))
    text = f"{cell:.15g}"
    return f"{cell:.15f}".rstrip("0") if "e" in text and abs(cell) < 1 else text


def _read_text(data: bytes, score: Score) -> Table:
    readings = decodings(data)
    best: tuple[int, Decoded, str | None] = (-1, readings[0], ",")
    for reading in readings:
        if _MARKUP.match(reading.text):
            points = max((score(table.rows[:HEAD_ROWS]) for table in _html(reading)), default=0)
            best = max(best, (points, reading, None), key=lambda found: found[0])
            continue
        for delimiter in DELIMITERS:
            points = score(head_rows(reading.text, delimiter))
            best = max(best, (points, reading, delimiter), key=lambda found: found[0])
    points, reading, chosen = best
    if points == 0:
        check_is_not_binary(data)
    if points == 0 and reading.encoding in ("cp932", "cp949"):
        _name_likely_encoding(data, score)
    if chosen is None:
        return _best(_html(reading), score)
    return read_delimited(reading, chosen)


def _name_likely_encoding(data: bytes, score: Score) -> None:
    for reading in other_readings(data):
        for delimiter in DELIMITERS:
            if score(head_rows(reading.text, delimiter)):
                raise FileRejected("unknown_encoding", {"looks_like": reading.encoding})


def _html(reading: Decoded) -> Iterator[Table]:
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = lxml.html.document_fromstring(reading.text.encode("utf-8", "replace"), parser)
    except (lxml.etree.LxmlError, ValueError):
        raise FileRejected("not_a_table", {"found": "markup"}) from None
    tables = [table for table in root.iter("table") if isinstance(table, lxml.html.HtmlElement)]
    if not tables:
        raise FileRejected("not_a_table", {"found": "markup"})
    for table in tables:
        rows, covered = _html_rows(table)
        yield Table(
            rows=rows,
            file_format="html",
            encoding=reading.encoding,
            covered=covered,
            nuls=reading.nuls,
        )


def _html_rows(
    table: lxml.html.HtmlElement,
) -> tuple[list[list[str]], dict[tuple[int, int], int]]:
    rows: list[list[str]] = []
    covered: dict[tuple[int, int], int] = {}
    cells = 0
    for at, line in enumerate(table.xpath("./tr|./thead/tr|./tbody/tr|./tfoot/tr")):
        row: list[str] = []
        for cell in line.xpath("./td|./th"):
            while (at, len(row)) in covered:
                row.append("")
            wide, deep = _span(cell, "colspan"), _span(cell, "rowspan")
            cells += wide * deep
            if cells > MAX_CELLS:
                raise too_large("cells", MAX_CELLS, cells)
            left = len(row)
            row += [_html_text(cell)] + [""] * (wide - 1)
            for below in range(at + 1, at + deep):
                covered.update({(below, column): at for column in range(left, left + wide)})
        rows.append(row)
    return rows, covered


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    text = (cell.get(name) or "1").strip()
    return min(max(int(text), 1), _MAX_SPAN) if text.isdecimal() and len(text) < 9 else 1


def _html_text(cell: lxml.html.HtmlElement) -> str:
    """The cell's text; line breaks and indents of the source are layout, other blanks are text."""
    for line_break in cell.iter("br"):
        line_break.tail = "\u2028" + (line_break.tail or "")
    text = _LAYOUT.sub("\n", str(cell.text_content())).strip("\n").replace("\n", " ")
    return text.replace("\u2028", "\n")
