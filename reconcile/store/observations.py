"""Observations as one Arrow table, out of the mirror and back into it."""

from __future__ import annotations

import pyarrow as pa

from reconcile.store.database import Cursor
from reconcile.store.queries import load
from reconcile.store.rows import registered


def read(cursor: Cursor) -> pa.Table:
    """Every observation of every account, ordered by account, order and time."""
    return cursor.sql(load("apply")["observations"]).to_arrow_table()


def restore(cursor: Cursor, table: pa.Table) -> None:
    """Add the observations that the mirror does not hold; those it holds stay as they are.

    Raises ArrowInvalid for a table of another shape.
    """
    columns = read(cursor).schema
    if not table.schema.equals(columns):
        raise pa.ArrowInvalid("not a table of observations")
    with registered(cursor, incoming=table):
        cursor.execute(load("apply")["restore_observations"])


def count(cursor: Cursor) -> int:
    """How many observations the mirror holds."""
    ((rows,),) = cursor.execute(load("apply")["count_observations"]).fetchall()
    return int(rows)
