"""What screens and commands read from the mirror: pages of rows, counts and single cases, as results of the core."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from reconcile.frames import check
from reconcile.model import (
    ORDER_STATES,
    Account,
    AccountHealth,
    Finding,
    Paging,
    PhaseRow,
    TablePage,
)
from reconcile.settings import Settings
from reconcile.store.database import Cursor, aware
from reconcile.store.queries import counted, load, sorted_page

ALL = Paging(page=1, size=10_000_000)


def table_page(
    cursor: Cursor,
    block: str,
    frame: str,
    filters: Mapping[str, Any],
    paging: Paging,
    *,
    feed: str,
    kind: str,
    area: str = "board",
    total: int | None = None,
) -> TablePage:
    """One page of a filtered table with its total and the age of both sides.

    area: the SQL file of the block. total: the number of its rows where that is known already.
    """
    sql = load(area)[block]
    if total is None:
        (total,) = cursor.execute(counted(sql), dict(filters)).fetchone() or (0,)
    statement = sorted_page(sql, frame, paging.sort, descending=paging.descending)
    rows = cursor.execute(statement, dict(filters) | window(paging)).df()
    if "causes" in rows:
        rows["causes"] = [json.loads(value) for value in rows["causes"]]
    return TablePage(
        frame=frame,
        rows=check(in_utc(rows), frame),
        total=int(total),
        as_of=as_of(cursor, filters["account"], feed, kind),
    )


def window(paging: Paging) -> dict[str, int]:
    """The page as the parameters of a statement."""
    return {"size": paging.size, "offset": (paging.page - 1) * paging.size}


def as_of(cursor: Cursor, account: str | None, feed: str, kind: str) -> dict[str, datetime | None]:
    """How old each side is: CROSS MALL feed read in full at, newest Smartship file of that kind taken at."""
    row = cursor.execute(
        load("board")["as_of"], {"account": account, "feed": feed, "kind": kind}
    ).fetchone()
    crossmall, smartship = row or (None, None)
    return {"crossmall": aware(crossmall), "smartship": aware(smartship)}


def state_counts(cursor: Cursor, account: str | None) -> dict[str, int]:
    """Orders by state; every state is there, also with 0."""
    rows = cursor.execute(load("board")["count_by_state"], {"account": account}).fetchall()
    return dict.fromkeys(ORDER_STATES, 0) | {state: int(count) for state, count in rows}


def rule_counts(cursor: Cursor, account: str | None) -> tuple[dict[str, int], dict[str, int]]:
    """Open findings by rule, and open "cannot tell" by rule."""
    rows = cursor.execute(load("board")["count_by_rule"], {"account": account}).fetchall()
    return (
        {rule: int(count) for rule, kind, count in rows if kind == "finding"},
        {rule: int(count) for rule, kind, count in rows if kind == "cannot_tell"},
    )


def frame_of(cursor: Cursor, block: str, frame: str, **values: Any) -> pd.DataFrame:
    """All rows of a small named query, checked against the frame's contract; further columns are left out."""
    rows = in_utc(cursor.execute(load("board")[block], values).df())
    return check(rows.drop(columns=[c for c in rows if c == "position"]), frame)


def rows_of(cursor: Cursor, block: str, **values: Any) -> list[tuple[Any, ...]]:
    """All rows of a small named query."""
    return cursor.execute(load("board")[block], values).fetchall()


def findings(cursor: Cursor, block: str, **values: Any) -> tuple[Finding, ...]:
    """Findings of a named query, most severe first."""
    return tuple(_finding(row) for row in cursor.execute(load("board")[block], values).fetchall())


def records(
    cursor: Cursor, block: str, *, area: str = "board", **values: Any
) -> list[dict[str, Any]]:
    """The rows of a named query of an SQL file by column name, instants aware UTC."""
    result = cursor.execute(load(area)[block], values)
    names = [column[0] for column in result.description or ()]
    return [
        {name: _aware(value) for name, value in zip(names, row, strict=True)}
        for row in result.fetchall()
    ]


def record(cursor: Cursor, block: str, **values: Any) -> dict[str, Any]:
    """The only row of a named query by column name; empty if there is none."""
    return next(iter(records(cursor, block, **values)), {})


def phases(cursor: Cursor, account: Account) -> tuple[PhaseRow, ...]:
    """The account's phases in their order, and expected names that are not among them."""
    rows = cursor.execute(load("board")["phases"], {"account": account.name}).fetchall()
    expected = {account.collect_phase: "collect", account.shipped_phase: "shipped"}
    found = tuple(
        PhaseRow(
            name=row[0],
            position=row[1],
            role=row[2],
            role_origin=row[3],
            present=row[4],
            orders=row[5],
            expected_as=expected.get(row[0]),
            lookalike_of=row[6],
            difference=tuple(json.loads(row[7])) if row[7] else (),
            code_points=row[8],
            seen_at=aware(row[9]),
        )
        for row in rows
    )
    known = {row.name for row in found if row.present}
    absent = tuple(
        PhaseRow(
            name=name,
            position=None,
            role=role,
            role_origin="default",
            present=False,
            orders=0,
            expected_as=role,
            lookalike_of=None,
            difference=(),
            code_points="",
            seen_at=None,
        )
        for name, role in expected.items()
        if found and name not in known
    )
    return found + absent


def health(
    cursor: Cursor, accounts: Sequence[Account], now: datetime, settings: Settings
) -> tuple[AccountHealth, ...]:
    """How every account stands; never "ok" on data that the settings call stale or old."""
    stale_after = timedelta(hours=settings.stale_after_h)
    old_after = timedelta(hours=settings.smartship_old_after_h)
    board = load("board")
    rows = {row[0]: row[1:] for row in cursor.execute(board["account_health"]).fetchall()}
    warned = dict(cursor.execute(board["phase_warnings"]).fetchall())
    judged = dict(rows_of(cursor, "evaluated_at", account=None))
    counts: dict[str, dict[str, int]] = {}
    for account, state, count in cursor.execute(board["state_by_account"]).fetchall():
        counts.setdefault(account, dict.fromkeys(ORDER_STATES, 0))[state] = int(count)
    found = []
    for account in accounts:
        _, state, error_key, good_at, snapshot_at, covers_from, orders, waiting = rows[account.name]
        last_good = aware(good_at)
        if last_good is None:
            verdict = "failed" if state in ("failed", "cancelled") else "never"
        elif state == "failed":
            verdict = "failed"
        else:
            verdict = "stale" if now - last_good > stale_after else "ok"
        found.append(
            AccountHealth(
                account=account,
                state=verdict,
                last_sync_at=last_good,
                last_sync_state=state,
                last_error_key=error_key,
                smartship_state=_file_state(aware(snapshot_at), now, old_after),
                smartship_snapshot_at=aware(snapshot_at),
                smartship_coverage_from=aware(covers_from),
                orders=int(orders),
                waiting=int(waiting),
                by_state=counts.get(account.name, dict.fromkeys(ORDER_STATES, 0)),
                phase_warning=warned.get(account.name),
                judged_at=aware(judged.get(account.name)),
            )
        )
    return tuple(found)


def _file_state(snapshot_at: datetime | None, now: datetime, old_after: timedelta) -> str:
    if snapshot_at is None:
        return "never"
    return "old" if now - snapshot_at > old_after else "ok"


def _finding(row: Sequence[Any]) -> Finding:
    opened_at, refreshed_at = aware(row[13]), aware(row[14])
    assert opened_at is not None
    assert refreshed_at is not None
    return Finding(
        account=row[0],
        rule=row[1],
        kind=row[2],
        severity=row[3],
        subject_kind=row[4],
        subject=row[5],
        order_number=row[6],
        order_code=row[7],
        shop_code=row[8],
        since=aware(row[9]),
        because=json.loads(row[10]),
        missing=row[11],
        state=row[12],
        opened_at=opened_at,
        refreshed_at=refreshed_at,
    )


def _aware(value: Any) -> Any:
    return aware(value) if isinstance(value, datetime) else value


def in_utc(rows: pd.DataFrame) -> pd.DataFrame:
    """Instants as aware UTC, integers with gaps as nullable integers; text stays as it is."""
    for name in rows.columns:
        column = rows[name]
        if pd.api.types.is_datetime64_dtype(column):
            rows[name] = column.dt.tz_localize("UTC")
        elif pd.api.types.is_float_dtype(column):
            rows[name] = column.astype("Int64")
    return rows
