"""What the examination of orders reads from the mirror, and the stays and pulls it leaves there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

import pandas as pd

from reconcile.orders.recorded import Frames
from reconcile.store.database import Cursor, aware, naive
from reconcile.store.queries import load
from reconcile.store.rows import as_table, registered

CONNECTION_ORDERS = 20  # so many orders that passed unseen before the first arrival tell the day of the connection [D]
BATCH = 500  # stays made and written together: their evidence is long


def fingerprint(cursor: Cursor, account: str, *known: object) -> str:
    """A short text that changes when anything does that the examination rests on; `known` is mixed in."""
    row = cursor.execute(load("forensics")["fingerprint"], {"account": account}).fetchone()
    return sha256(repr((row, known)).encode()).hexdigest()


def last_examination(cursor: Cursor, account: str) -> tuple[str, datetime] | None:
    """Fingerprint and time of the last examination; None if there was none."""
    row = cursor.execute(load("forensics")["last_examination"], {"account": account}).fetchone()
    return None if row is None else (str(row[0]), _known(aware(row[1])))


def read(
    cursor: Cursor,
    account: str,
    *,
    now: datetime,
    days: int,
    most: int,
    sample: int,
    coverage_grace_min: int,
) -> Frames:
    """Orders that are a question or changed within `days`, at most `most`, beside the newest `sample` of all."""
    sql = load("forensics")
    one = {"account": account}
    cursor.execute(sql["drop_selection"])
    since = naive(now - timedelta(days=days))
    cursor.execute(sql["select_orders"], one | {"since": since, "most": most, "sample": sample})
    orders = _frame(cursor, "orders", **one)
    oldest = orders["created_at"].min()
    started = naive(now) if pd.isna(oldest) else oldest.to_pydatetime().replace(tzinfo=None)
    frames = Frames(
        orders=orders,
        observations=_frame(cursor, "observations", **one),
        looks=_frame(cursor, "looks", now=naive(now), **one),
        arrivals=_frame(cursor, "arrivals", oldest=started, **one),
        files=_frame(cursor, "files", coverage_grace_min=coverage_grace_min, **one),
        roles=dict(cursor.execute(sql["roles"], one).fetchall()),
        lookalikes=frozenset(name for (name,) in cursor.execute(sql["lookalikes"], one).fetchall()),
        connected_at=_connected_at(cursor, account),
    )
    cursor.execute(sql["drop_selection"])
    return frames


def write(
    cursor: Cursor,
    account: str,
    *,
    stays: Iterable[dict[str, Any]],
    pulls: Sequence[dict[str, Any]],
    print_of_inputs: str,
    now: datetime,
) -> None:
    """Store stays and pulls; rows that say the same as before are left alone, those no longer given are dropped."""
    sql = load("forensics")
    one = {"account": account}
    rest, kept = iter(stays), []
    while rows := list(islice(rest, BATCH)):
        with registered(cursor, incoming=as_table(cursor, "order_stay", rows)):
            cursor.execute(sql["put_stays"], one | {"now": naive(now)})
        kept += [{"order_number": row["order_number"]} for row in rows]
    with registered(cursor, incoming=as_table(cursor, "order_stay", kept)):
        cursor.execute(sql["forget_stays"], one)
    with registered(cursor, incoming=as_table(cursor, "pull_time", pulls)):
        cursor.execute(sql["forget_pulls"], one)
        cursor.execute(sql["put_pulls"], one)
    note = {"fingerprint": print_of_inputs, "orders": len(kept), "now": naive(now)}
    cursor.execute(sql["note_examination"], one | note)


def stay(cursor: Cursor, account: str, order_number: str) -> dict[str, Any] | None:
    """The examined stay of one order with its evidence unpacked; None for an order that was no question."""
    found = _records(cursor, "stay", account=account, order_number=order_number)
    return found[0] | {"evidence": json.loads(found[0]["evidence"])} if found else None


def pulls_between(
    cursor: Cursor, account: str, earliest: datetime, latest: datetime
) -> list[dict[str, Any]]:
    """Pulls that can have fallen into the stretch, oldest first: at_from, at_by, basis, arrivals, runs."""
    limits = {"earliest": naive(earliest), "latest": naive(latest)}
    return _records(cursor, "pulls_between", account=account, **limits)


def order_history(cursor: Cursor, account: str, order_number: str) -> pd.DataFrame:
    """The observations of one order, oldest first."""
    return _frame(cursor, "order_history", account=account, order_number=order_number)


def looks(cursor: Cursor, account: str, now: datetime) -> pd.DataFrame:
    """Runs that read the orders to their end: started_at, finished_at."""
    return _frame(cursor, "looks", account=account, now=naive(now))


def table(cursor: Cursor, block: str, account: str, since: datetime | None = None) -> pd.DataFrame:
    """The rows of a named query about one account, from `since` on where the query asks for it."""
    limit = {} if since is None else {"since": naive(since)}
    return _frame(cursor, block, account=account, **limit)


def _connected_at(cursor: Cursor, account: str) -> datetime | None:
    row = cursor.execute(load("forensics")["connection"], {"account": account}).fetchone()
    first_at, earlier = row or (None, 0)
    return aware(first_at) if earlier >= CONNECTION_ORDERS else None


def _frame(cursor: Cursor, block: str, **values: Any) -> pd.DataFrame:
    rows = cursor.execute(load("forensics")[block], values).df()
    for name in rows.columns:
        if pd.api.types.is_datetime64_dtype(rows[name]):
            rows[name] = rows[name].dt.tz_localize("UTC")
    return rows


def _records(cursor: Cursor, block: str, **values: Any) -> list[dict[str, Any]]:
    result = cursor.execute(load("forensics")[block], values)
    names = [column[0] for column in result.description or ()]
    return [
        {
            name: aware(value) if isinstance(value, datetime) else value
            for name, value in zip(names, row, strict=True)
        }
        for row in result.fetchall()
    ]


def _known(at: datetime | None) -> datetime:
    assert at is not None
    return at
