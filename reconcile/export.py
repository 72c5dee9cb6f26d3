"""Tables as CSV bytes: for people (their language's headers, safe in a spreadsheet) or for machines (exact text).

People profile: UTF-8 with BOM or CP932; a cell that a spreadsheet would run as a formula gets a leading
apostrophe. Machine profile: the vendors' own field names, UTF-8, every cell exactly as it is stored. Both: CRLF.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from reconcile.errors import UsageError
from reconcile.frames import FRAMES, Col
from reconcile.model import Export
from reconcile.text import Text

PROFILES = ("people", "machine")
ENCODINGS = ("utf-8-sig", "cp932")
# Full-width signs start formulas in some Japanese spreadsheets [I].
FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")
UNHOLDABLE = "?"
MAX_LISTED = 200


def write_csv(
    rows: pd.DataFrame, frame: str, *, text: Text, profile: str, encoding: str, name: str
) -> Export:
    """The rows of a contract frame as a CSV file in memory.

    Characters that the encoding cannot hold, or would silently change, are listed with row (1 = first data row),
    column and code point; an unholdable one is written as `?`. Raises UsageError for an unknown profile or encoding.
    """
    if profile not in PROFILES or encoding not in ENCODINGS:
        raise UsageError("error.export.option", profile=profile, encoding=encoding)
    columns = FRAMES[frame].columns
    machine = profile == "machine"
    used = "utf-8" if machine else encoding
    header = [column.name if machine else text(f"column.{column.name}") for column in columns]
    cells = [
        [_machine(value) if machine else _people(value, column, text) for value, column in row]
        for row in _pairs(rows, columns)
    ]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(cells)
    data, changed = _encode(out.getvalue(), used), _changes(cells, header, used)
    return Export(file_name=name, data=data, rows=len(cells), changed_characters=changed)


def safe_cell(value: str) -> str:
    """The text as a spreadsheet shows it without running it; text that needs no guard is untouched."""
    return f"'{value}" if value.lstrip(" \u3000").startswith(FORMULA_STARTS) else value


def _pairs(rows: pd.DataFrame, columns: Sequence[Col]) -> list[list[tuple[Any, Col]]]:
    values = [rows[column.name].tolist() for column in columns]
    return [list(zip(row, columns, strict=True)) for row in zip(*values, strict=True)]


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or value != value


def _machine(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(str(item) for item in value)
    if _is_missing(value):
        return ""
    if isinstance(value, datetime):
        return _utc(value).isoformat()
    return _whole(value)


def _people(value: Any, column: Col, text: Text) -> str:
    if isinstance(value, (list, tuple)):
        return text.value([text.word(column.name, _whole(item), plain=True) for item in value])
    if _is_missing(value):
        return ""
    if isinstance(value, datetime):
        return text.time(_utc(value), full=True)
    if column.kind == "state":
        return safe_cell(text.word(column.name, str(value), plain=True))
    if column.kind in ("count", "number", "yen"):
        return _whole(value)
    return safe_cell(text.value(value) if isinstance(value, bool) else str(value))


def _whole(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _utc(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _encode(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode(encoding, "replace")


def _changes(
    cells: Sequence[Sequence[str]], header: Sequence[str], encoding: str
) -> tuple[Mapping[str, Any], ...]:
    """Every character that would not come back as it went, at most MAX_LISTED of them."""
    if encoding != "cp932":
        return ()
    changed: list[Mapping[str, Any]] = []
    verdicts: dict[str, str] = {}
    for number, row in enumerate(cells, start=1):
        for name, cell in zip(header, row, strict=True):
            if cell.isascii():
                continue
            for character in cell:
                becomes = verdicts.setdefault(character, _round_trip(character))
                if becomes != character and len(changed) < MAX_LISTED:
                    changed.append(
                        {
                            "row": number,
                            "column": name,
                            "character": character,
                            "code_point": f"U+{ord(character):04X}",
                            "becomes": becomes,
                        }
                    )
    return tuple(changed)


def _round_trip(character: str) -> str:
    return character.encode("cp932", "replace").decode("cp932")
