"""What the ledger says, as tables: accounts, roles of phases, and what people decided about findings and product links.

Each event is applied the same way whether it has just been written or is replayed into a fresh mirror.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reconcile.model import SMARTSHIP_OPTIONS, SYNC_EVERY_MIN, Account
from reconcile.rules.affixes import AFFIX_DECIDED, apply_affix_decision
from reconcile.store import mapping, triage
from reconcile.store.chain import Entry
from reconcile.store.database import Cursor, aware, naive
from reconcile.store.ledger import Ledger
from reconcile.store.queries import load


def catch_up(cursor: Cursor, ledger: Ledger) -> None:
    """Apply every ledger entry that the mirror does not hold yet. Runs inside the caller's transaction."""
    sql = load("accounts")
    row = cursor.execute(sql["position"]).fetchone()
    position = int(row[0]) if row else 0
    count, entries = ledger.after(position)
    if position > count:
        cursor.execute(sql["forget_projections"])
        triage.forget(cursor)
        mapping.forget(cursor)
        count, entries = ledger.after(0)
    if not entries:
        return
    for entry in entries:
        _apply(cursor, sql, entry)
    triage.project(cursor, entries)
    mapping.project(cursor, entries)
    cursor.execute(sql["set_position"], {"sequence": count})
    _remember(cursor, sql, ledger, entries[-1])


def _remember(cursor: Cursor, sql: Mapping[str, str], ledger: Ledger, last: Entry) -> None:
    """Keep the newest act's digest, by which an audit knows a ledger that was cut or rewritten as a whole.

    A mark that the ledger no longer meets stays: what was found must not be forgotten with the next act.
    """
    row = cursor.execute(sql["mark"]).fetchone()
    if row is not None:
        _, held = ledger.after(row[0] - 1, 1)
        if not held or held[0].digest != row[1]:
            return
    cursor.execute(sql["set_mark"], {"sequence": last.sequence, "digest": last.digest})


def accounts(cursor: Cursor) -> tuple[Account, ...]:
    """Every account by name."""
    return tuple(_account(row) for row in cursor.execute(load("accounts")["accounts"]).fetchall())


def _account(row: Sequence[Any]) -> Account:
    created_at = aware(row[11])
    assert created_at is not None
    return Account(
        name=row[0],
        company_code=row[1],
        base_url=row[2],
        shop_ids=tuple(json.loads(row[3])),
        options=dict(zip(SMARTSHIP_OPTIONS, row[4:8], strict=True)),
        collect_phase=row[8],
        shipped_phase=row[9],
        is_demo=row[10],
        created_at=created_at,
        sync_every_min=SYNC_EVERY_MIN if row[12] is None else row[12],
        stock_tolerance=row[13] or 0,
        stock_warehouses=tuple(json.loads(row[14] or "[]")),
    )


def _apply(cursor: Cursor, sql: Mapping[str, str], entry: Entry) -> None:
    values = dict(entry.values)
    if entry.event in ("account.added", "account.changed"):
        values = {
            "sync_every_min": SYNC_EVERY_MIN,
            "stock_tolerance": 0,
            "stock_warehouses": [],
        } | values
        values |= {"account": entry.account, "created_at": naive(entry.at)}
        values["changed_at"] = naive(entry.at)
        for several in ("shop_ids", "stock_warehouses"):
            values[several] = json.dumps(values[several], ensure_ascii=False)
        cursor.execute(sql["put_account"], values)
    elif entry.event == "key.rotated":
        touched = {"account": entry.account, "changed_at": naive(entry.at)}
        cursor.execute(load("schedule")["touch_account"], touched)
    elif entry.event == "account.removed":
        for statement in sql["remove_account"].split(";"):
            cursor.execute(statement, {"account": entry.account})
    elif entry.event == AFFIX_DECIDED:
        apply_affix_decision(cursor, entry.account or "", values, entry.at)
    elif entry.event == "phase_role.set":
        cursor.execute(
            sql["put_phase_role"],
            {"account": entry.account, "origin": "person"} | values,
        )
