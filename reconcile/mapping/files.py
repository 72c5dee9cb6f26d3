"""Any two CSV files compared by their texts: what `match --left --right` prints."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

from reconcile.errors import ImportRejected
from reconcile.mapping.match import match_tables

ENCODINGS = ("utf-8-sig", "cp932")
ATTRIBUTES = ("attr1", "attr2")


def match_files(left: bytes, right: bytes) -> dict[str, Any]:
    """Pairs of two CSV files with columns id, text and optionally attr1, attr2; one best pair per left row first.

    Raises ImportRejected for a file that is no such table.
    """
    result = match_tables(_table(left, "left"), _table(right, "right"))
    return {
        "pairs": result.pairs.to_dict("records"),
        "unmatched_left": list(result.unmatched_left),
    }


def _table(data: bytes, side: str) -> pd.DataFrame:
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ImportRejected("error.match.encoding", side=side)
    try:
        table = pd.read_csv(
            io.StringIO(text), dtype=str, keep_default_na=False, skipinitialspace=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise ImportRejected("error.match.table", side=side) from None
    missing = [name for name in ("id", "text") if name not in table.columns]
    if missing:
        raise ImportRejected("error.match.columns", side=side, missing=missing)
    return table[["id", "text", *(name for name in ATTRIBUTES if name in table.columns)]]
