"""Rows in bulk: Python mappings to one Arrow table that a statement reads as `incoming`.

Bulk rows never go in one by one (`executemany` manages 360 rows a second, an Arrow table a few 100,000).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from reconcile.store.database import Cursor

pa.set_memory_pool(
    pa.system_memory_pool()
)  # Arrow's own pool keeps what was freed: 24 MB of a sync

_TYPES: Mapping[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
}


@contextlib.contextmanager
def registered(cursor: Cursor, **tables: pa.Table) -> Iterator[None]:
    """The tables under their names for the statements inside the block."""
    for name, table in tables.items():
        cursor.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            cursor.unregister(name)


def as_table(
    cursor: Cursor, like: str, rows: Sequence[Mapping[str, Any]], *, extra: Sequence[str] = ()
) -> pa.Table:
    """The rows with the columns and types of the stored table `like`; a column no row has is NULL.

    Aware instants become naive UTC, as Arrow has it for a column without time zone. `extra` names further text columns.
    Raises KeyError for a value without a column.
    """
    stored = cursor.table(like)
    types = {
        name: _TYPES[str(kind)] for name, kind in zip(stored.columns, stored.types, strict=True)
    }
    types |= {name: pa.string() for name in extra}
    unknown = set().union(*rows) - types.keys()
    if unknown:
        raise KeyError(f"{like} has no column {sorted(unknown)}")
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], kind) for name, kind in types.items()}
    )
