"""What the mirror knows about stock: rows for a filter, one SKU with its history, totals and corrections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from reconcile.frames import check
from reconcile.store import boards
from reconcile.store.database import Cursor
from reconcile.store.queries import load


def records(cursor: Cursor, block: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of a block of stock_desk.sql by column name."""
    return boards.records(cursor, block, area="stock_desk", **values)


def table(cursor: Cursor, block: str, frame: str, **values: Any) -> pd.DataFrame:
    """The rows of a block as the frame's contract says."""
    return check(boards.in_utc(cursor.execute(load("stock_desk")[block], values).df()), frame)


def counts(cursor: Cursor, account: str | None, *, block: str = "counts") -> Mapping[str, int]:
    """Rows by cause; block `untold`: of those without a gap only."""
    rows = cursor.execute(load("stock_desk")[block], {"account": account}).fetchall()
    return {cause: int(count) for cause, count in rows}


def warehouses(cursor: Cursor, account: str | None) -> tuple[str, ...]:
    """Every warehouse that Smartship's files name; '' for a file without such a column."""
    rows = cursor.execute(load("stock_desk")["warehouses"], {"account": account}).fetchall()
    return tuple(name for (name,) in rows)


def exposure_by_day(
    cursor: Cursor, account: str, today: date, days: int
) -> tuple[tuple[date, int | None], ...]:
    """(day, exposed pieces) of the last days, oldest first; None before anything was judged."""
    values = {"account": account, "today": today, "days": days}
    rows = cursor.execute(load("stock_desk")["exposure_by_day"], values).fetchall()
    return tuple((day, int(pieces) if known else None) for day, pieces, known in rows)
