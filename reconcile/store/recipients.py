"""Sealed recipients of orders: whose days are over, and that of one order."""

from __future__ import annotations

from datetime import date

from reconcile.store.database import Cursor
from reconcile.store.queries import load


def has_past(cursor: Cursor, oldest: date | None) -> bool:
    """Whether there is one from before the oldest day that is kept; None: nothing is to be kept."""
    statement = load("recipients")["has_past"]
    return cursor.execute(statement, {"oldest": oldest}).fetchone() is not None


def forget(cursor: Cursor, oldest: date | None) -> None:
    """Remove those from before the oldest day that is kept; None: all."""
    cursor.execute(load("recipients")["forget"], {"oldest": oldest})


def sealed(cursor: Cursor, account: str, order_number: str) -> tuple[date, str] | None:
    """Day and sealed text of one order's recipient, by 管理番号."""
    values = {"account": account, "order_number": order_number}
    row = cursor.execute(load("recipients")["sealed"], values).fetchone()
    return (row[0], str(row[1])) if row else None
