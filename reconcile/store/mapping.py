"""Reads and writes what people decided about product links: rows of the mirror, filled from the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from reconcile.store.chain import Entry
from reconcile.store.database import Cursor, aware, naive
from reconcile.store.mapping_fold import (
    ACTS,
    AREA,
    CLASS_SET,
    REDONE,
    TURNS,
    UNDONE,
    Step,
    Steps,
    fold,
    items_of,
    keys_of,
)
from reconcile.store.queries import load
from reconcile.store.rows import as_table, registered
from reconcile.store.turns import Key

LISTS_KEPT = timedelta(days=7)  # [D] how long a previewed list can be acted on
FEW = 20  # cases up to which a list of them is compared with each row, faster than a join [D]
_TURN = {UNDONE: "undo", REDONE: "redo"}


def project(cursor: Cursor, entries: Sequence[Entry]) -> None:
    """Apply entries of the ledger in their order: acts on links, classes that decide by themselves, accounts removed."""
    statements = load("mapping_desk")
    wanted = [
        entry
        for entry in entries
        if entry.event.startswith(AREA) or entry.event == "account.removed"
    ]
    steps = _steps(cursor, keys_of(wanted))
    made: list[Step] = []
    for entry in wanted:
        if entry.event == "account.removed":
            run(cursor, "forget_account", account=entry.account)
            made = [step for step in made if step.account != entry.account]
            steps = {key: known for key, known in steps.items() if key[0] != entry.account}
        elif entry.event == CLASS_SET:
            cursor.execute(statements["put_class"], _setting(entry))
        elif entry.event in ACTS:
            made += fold(steps, entry)
            cursor.execute(statements["write_act"], _act(entry))
    if made:
        _write(cursor, made)
        for account in {step.account for step in made}:
            _show(cursor, account, [step for step in made if step.account == account])


def forget(cursor: Cursor) -> None:
    """Empty everything that `project` fills."""
    run(cursor, "forget_all")


def run(cursor: Cursor, name: str, **values: Any) -> None:
    """Run the statements of the named block of mapping_desk.sql, each with the values that it names."""
    for statement in load("mapping_desk")[name].split(";\n"):
        cursor.execute(
            statement, {key: one for key, one in values.items() if f"${key}" in statement}
        )


def rows(cursor: Cursor, name: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of the named block by column name, instants aware UTC, JSON lists as lists."""
    result = cursor.execute(load("mapping_desk")[name], values)
    names = [column[0] for column in result.description or ()]
    return [
        {column: _plain(column, value) for column, value in zip(names, row, strict=True)}
        for row in result.fetchall()
    ]


def tuples(cursor: Cursor, name: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of the named block as they are, with those of the values that it names."""
    statement = load("mapping_desk")[name]
    used = {key: one for key, one in values.items() if f"${key}" in statement}
    return cursor.execute(statement, used).fetchall()


def cases(cursor: Cursor, account: str, keys: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Every row of the cases named, by key, the main one first; a key without a case is left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    block = "few_cases" if len(keys) <= FEW else "cases"
    for row in rows(cursor, block, account=account, keys=list(keys)):
        found.setdefault(row["case_key"], []).append(row)
    return found


def is_outdated(cursor: Cursor, account: str) -> bool:
    """Whether the last judging left out a pair that is rejected no more."""
    return bool(tuples(cursor, "is_outdated", account=account)[0][0])


def steps_of_act(cursor: Cursor, sequence: int) -> Steps:
    """Every step of the cases that one act touched; empty if it touched none."""
    found = cursor.execute(load("mapping_desk")["touched"], {"sequence": sequence}).fetchall()
    return _steps(cursor, [(row[0], row[1]) for row in found])


def freeze(
    cursor: Cursor,
    account: str,
    list_id: str,
    kind: str,
    listed: Sequence[tuple[str | None, str, Mapping[str, Any]]],
    *,
    now: datetime,
) -> None:
    """Keep a previewed list (kind preview) or import: per row its case, what it became, its content. Old lists go."""
    run(cursor, "forget_lists", before=naive(now - LISTS_KEPT))
    table = pa.table(
        {
            "row_no": pa.array(range(1, len(listed) + 1), pa.int32()),
            "case_key": pa.array([row[0] for row in listed], pa.string()),
            "became": pa.array([row[1] for row in listed], pa.string()),
            "content": pa.array(
                [json.dumps(row[2], ensure_ascii=False) for row in listed], pa.string()
            ),
        }
    )
    with registered(cursor, new_mapping_list=table):
        run(cursor, "freeze", account=account, list_id=list_id, kind=kind, now=naive(now))


def frozen(cursor: Cursor, list_id: str, kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    """A kept list: account, what the row became, its content; empty if it is not kept (any more)."""
    found = cursor.execute(load("mapping_desk")["frozen"], {"list_id": list_id, "kind": kind})
    return [(row[0], row[1], json.loads(row[2])) for row in found.fetchall()]


def _plain(column: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return aware(value)
    if column in ("causes", "waiting_shops", "rejected"):
        return json.loads(value) if value else []
    return value


def _steps(cursor: Cursor, keys: Sequence[Key]) -> Steps:
    steps: Steps = {}
    if keys:
        asked = {"accounts": [key[0] for key in keys], "keys": [key[1] for key in keys]}
        result = cursor.execute(load("mapping_desk")["steps"], asked)
        names = [column[0] for column in result.description or ()]
        for row in result.fetchall():
            step = Step(**dict(zip(names, row, strict=True)))
            steps.setdefault((step.account, step.case_key), []).append(step)
    return steps


def _show(cursor: Cursor, account: str, made: Sequence[Step]) -> None:
    """Show the cases of these steps as they are now. What became of a decision is known of the one that was turned back to."""
    turned = list({step.case_key for step in made if step.event in TURNS and step.is_decided})
    if turned:
        few = turned if len(turned) <= FEW else None
        run(cursor, "renew_fates", account=account, keys=few)
    keys = list({step.case_key for step in made})
    run(
        cursor,
        "show_again" if len(keys) <= FEW else "show_many",
        account=account,
        keys=keys,
    )


def _write(cursor: Cursor, made: Sequence[Step]) -> None:
    table = as_table(cursor, "mapping_step", [asdict(step) for step in made])
    last = {(step.account, step.case_key): place for place, step in enumerate(made)}
    with registered(cursor, new_mapping_step=table, last_mapping_step=table.take([*last.values()])):
        run(cursor, "write_steps")
        run(cursor, "write_last")


def _setting(entry: Entry) -> dict[str, Any]:
    return {
        "account": entry.account,
        "code": entry.values["code"],
        "is_automatic": entry.values["on"],
        "actor": entry.actor,
        "set_at": naive(entry.at),
    }


def _act(entry: Entry) -> dict[str, Any]:
    items = items_of(entry)
    first = items[0] if items else {}
    act = entry.values.get("decision") or _TURN.get(entry.event) or entry.event.removeprefix(AREA)
    return {
        "account": entry.account,
        "sequence": entry.sequence,
        "event": entry.event,
        "decision": act,
        "cases": len(items),
        "first_name": first.get("item_name") or first.get("ss_product_name"),
        "case_key": first.get("case_key"),
        "undoes": entry.values.get("of"),
        "actor": entry.actor,
        "acted_at": naive(entry.at),
    }
