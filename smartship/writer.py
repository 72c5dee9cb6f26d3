"""Tables of text written as CSV without a silent change; used for samples and round trips."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from smartship.delimited import FORMULA_START
from smartship.types import FileKind, ShipmentLine
from smartship.values import ASSUMED_ZONE
from smartship.vocabulary import TITLES

_MAX_PLACES = 100


class TextWouldChange(ValueError):
    """The encoding cannot hold the text; `places` are (row, column, code point), from 1.

    At most 100 places are listed; `count` has them all. Nothing was written.
    """

    def __init__(self, encoding: str, places: Sequence[tuple[int, int, str]]) -> None:
        self.encoding = encoding
        self.places = tuple(places[:_MAX_PLACES])
        self.count = len(places)
        super().__init__(f"{self.count} characters would change in {encoding}")


def write_table(
    rows: Iterable[Sequence[str]],
    *,
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
    formula_safe: bool = True,
) -> bytes:
    """The rows as CSV bytes with CRLF, every character proven to come back as it was.

    `formula_safe` puts an apostrophe before cells a spreadsheet would run (reliability goal S5);
    `read_file` takes exactly that apostrophe away again. Off, cells stay exact: a text that itself
    looks quoted (`'=x`, `="x"`) then loses these marks when read.
    Raises TextWouldChange: CP932 holds neither emoji nor many others, and six characters
    (¢ £ ¬ ‖ − 〜) go in without an error and come back different (measured).
    """
    table = [[_safe(cell) if formula_safe else cell for cell in row] for row in rows]
    places = [
        (at, column, f"U+{ord(char):04X}")
        for at, row in enumerate(table, 1)
        for column, cell in enumerate(row, 1)
        if not cell.isascii() and not _comes_back(cell, encoding)
        for char in cell
        if not _comes_back(char, encoding)
    ]
    if places:
        raise TextWouldChange(encoding, places)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    return text.getvalue().encode(encoding)


def write_lines(
    lines: Iterable[ShipmentLine], *, encoding: str = "utf-8-sig", formula_safe: bool = True
) -> bytes:
    """Shipment lines as a CSV that `read_file` reads back: Japanese titles, instants in UTC+9.

    `status` is left out (it follows from `status_raw`); unmodelled columns follow at the end under
    their own titles. Raises TextWouldChange.
    """
    kept = list(lines)
    titles = {name: found[0] for name, found in TITLES[FileKind.ORDERS].items()}
    others = list(dict.fromkeys(title for line in kept for title in line.other))
    rows = [[*titles.values(), *others]]
    for line in kept:
        own = [_cell(getattr(line, name)) for name in titles]
        rows.append(own + [line.other.get(title, "") for title in others])
    return write_table(rows, encoding=encoding, formula_safe=formula_safe)


def _safe(cell: str) -> str:
    return f"'{cell}" if FORMULA_START.match(cell) else cell


def _comes_back(text: str, encoding: str) -> bool:
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeError:
        return False


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return value.astimezone(ASSUMED_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    return str(value)
