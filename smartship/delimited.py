"""Text with delimiters turned into rows; standard library only, knows no columns."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice

from smartship.archive import MAX_CELLS, too_large
from smartship.decoding import Decoded
from smartship.table import HEAD_ROWS, Table
from smartship.types import FileRejected

DELIMITERS = (",", "\t", ";")
# What a spreadsheet may run as a formula, after blanks too (reliability goal S5); with any number
# of apostrophes before it, so that quoting and unquoting are exact opposites.
FORMULA_START = re.compile(r"'*[\s\u3000]*[=+\-@\t\r\n\0＝＋－＠]")
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')


def head_rows(text: str, delimiter: str) -> list[list[str]]:
    """The first 15 rows, none where this delimiter cannot split them."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return list(islice(lines, HEAD_ROWS))
    except csv.Error:
        return []


def read_delimited(reading: Decoded, delimiter: str) -> Table:
    """All rows, blank lines included so that positions stay row numbers.

    Raises FileRejected: unreadable_table with the line where quoting runs away; too_large (cells).
    """
    lines = csv.reader(io.StringIO(reading.text.rstrip("\x1a"), newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    cells = unwrapped = 0
    try:
        for row in lines:
            cells += len(row)
            if cells > MAX_CELLS:
                raise too_large("cells", MAX_CELLS, cells)
            for at, text in enumerate(row):
                if text[:1] in ("'", "=") and (plain := _unwrapped(text)) != text:
                    row[at] = plain
                    unwrapped += 1
            rows.append(row)
    except csv.Error:
        raise FileRejected("unreadable_table", {"line": lines.line_num}) from None
    return Table(
        rows=rows,
        file_format="csv" if delimiter != "\t" else "tsv",
        encoding=reading.encoding,
        delimiter=delimiter,
        nuls=reading.nuls,
        unwrapped=unwrapped,
    )


def _unwrapped(text: str) -> str:
    """The text without what exporters add against spreadsheets: `'` before a formula, `="..."`."""
    if text.startswith("'") and FORMULA_START.match(text):
        return text[1:]
    if found := _TEXT_FORMULA.fullmatch(text):
        return found.group(1).replace('""', '"')
    return text
