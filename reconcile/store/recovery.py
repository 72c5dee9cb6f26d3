"""What the mirror knows about orders that a person may ship by hand, as rows by column name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from reconcile.store.database import Cursor, aware
from reconcile.store.queries import load

Rows = list[dict[str, Any]]
FACTS = ("subjects", "packings", "other_shops", "possible_pairs", "bundles", "twins")


def rows(cursor: Cursor, block: str, **values: Any) -> Rows:
    """The rows of a block of recovery.sql, instants aware UTC; values that the block does not name are left out."""
    statement = load("recovery")[block]
    used = {name: value for name, value in values.items() if f"${name}" in statement}
    result = cursor.execute(statement, used)
    names = [column[0] for column in result.description or ()]
    return [
        {name: _aware(value) for name, value in zip(names, row, strict=True)}
        for row in result.fetchall()
    ]


def facts(cursor: Cursor, account: str, numbers: Sequence[str], *, days: int) -> dict[str, Rows]:
    """Everything that bears on shipping these orders by hand: block name (FACTS) -> rows.

    days: how far apart the dates of a possible pair may lie.
    """
    return {
        block: rows(cursor, block, account=account, numbers=list(numbers), days=days)
        for block in FACTS
    }


def _aware(value: Any) -> Any:
    return aware(value) if isinstance(value, datetime) else value
