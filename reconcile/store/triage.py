"""Reads and writes what people decided about findings: rows of the mirror, filled from the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from reconcile.store import desk
from reconcile.store.chain import Entry
from reconcile.store.database import Cursor, aware, naive
from reconcile.store.queries import counted, load
from reconcile.store.triage_fold import AREA, Step, Steps, fold, keys_of
from reconcile.store.turns import Key

LISTS_KEPT = timedelta(days=7)  # [D] how long a previewed list can be acted on
EVERYTHING = 10_000_000
_NAMES = tuple(item.name for item in fields(Step))
_NUMBERS = ("sequence", "root", "undoes", "note_sequence", "reason_sequence", "seen_reopened")
_INSTANTS = ("snoozed_until", "asked_at", "confirmed_at", "seen_opened_at", "acted_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A finding as it stands: the occurrence, the last act on it and by whom. opened_at: aware UTC."""

    account: str
    finding_key: str
    acts: int
    opened_at: datetime
    reopened: int
    kind: str
    is_resolved: bool
    actor: str | None
    acted_at: datetime | None
    is_fresh: bool

    @property
    def version(self) -> str:
        """What a person saw of it: changes with every act, with its end and with its return."""
        return version(self.acts, self.opened_at, self.reopened, is_resolved=self.is_resolved)

    def seen(self) -> dict[str, Any]:
        """The item as an entry of the ledger names it."""
        return {
            "account": self.account,
            "finding_key": self.finding_key,
            "opened_at": self.opened_at.isoformat(),
            "reopened": self.reopened,
            "kind": self.kind,
            "fresh": self.is_fresh,
            "over": self.is_resolved,
        }


def version(acts: int, opened_at: datetime, reopened: int, *, is_resolved: bool) -> str:
    """The version of a finding as one word, for addresses, files and the command line."""
    ending = "r" if is_resolved else "o"
    return f"{acts}-{opened_at:%Y%m%d%H%M%S%f}-{reopened}{ending}"


def project(cursor: Cursor, entries: Sequence[Entry]) -> None:
    """Apply entries of the ledger in their order: acts on findings, saved views, accounts that were removed."""
    statements = load("triage")
    steps = _steps(cursor, keys_of(entries))
    made: list[Step] = []
    for entry in entries:
        if entry.event == "account.removed":
            for statement in statements["forget_account"].split(";"):
                cursor.execute(statement, {"account": entry.account})
            made = [step for step in made if step.account != entry.account]
            steps = {key: known for key, known in steps.items() if key[0] != entry.account}
        elif entry.event.startswith(AREA):
            made += fold(steps, entry)
        elif entry.event == "view.saved":
            cursor.execute(statements["put_view"], _view(entry))
        elif entry.event == "view.removed":
            cursor.execute(statements["remove_view"], {"name": entry.values["name"]})
    if made:
        _write(cursor, made)


def forget(cursor: Cursor) -> None:
    """Empty everything that `project` fills."""
    for statement in load("triage")["forget_all"].split(";"):
        cursor.execute(statement)
    desk.renew_every(cursor)


def items(cursor: Cursor, keys: Sequence[Key], now: datetime) -> dict[Key, Item]:
    """The findings of these keys as they stand; a key without a finding is left out."""
    if not keys:
        return {}
    found = cursor.execute(load("triage")["items"], {**_lists(keys), "now": naive(now)}).fetchall()
    return {(row[0], row[1]): _item(row) for row in found}


def changed_by_itself(cursor: Cursor, account: str) -> tuple[list[Item], list[Item]]:
    """Decided findings that have resolved since, and those that are there again."""
    over, returned = (
        [
            _item(row)
            for row in cursor.execute(load("triage")[name], {"account": account}).fetchall()
        ]
        for name in ("over", "returned")
    )
    return over, returned


def steps_of_act(cursor: Cursor, sequence: int) -> Steps:
    """Every step of the findings that one act touched; empty if it touched none."""
    found = cursor.execute(load("triage")["touched"], {"sequence": sequence}).fetchall()
    return _steps(cursor, [(row[0], row[1]) for row in found])


def rows(
    cursor: Cursor, asked: Mapping[str, Any], *, size: int, offset: int
) -> list[dict[str, Any]]:
    """Findings with what was decided about them, by column name, instants aware; overdue and severe first."""
    window = {"size": size, "offset": offset}
    result = cursor.execute(load("triage")["rows"], dict(asked) | window)
    names = [column[0] for column in result.description or ()]
    return [
        {
            name: aware(value) if isinstance(value, datetime) else value
            for name, value in zip(names, row, strict=True)
        }
        for row in result.fetchall()
    ]


def count(cursor: Cursor, asked: Mapping[str, Any]) -> int:
    """How many findings `rows` would give."""
    everything = {"size": EVERYTHING, "offset": 0}
    found = cursor.execute(counted(load("triage")["rows"]), dict(asked) | everything).fetchone()
    return int(found[0]) if found else 0


def counts(cursor: Cursor, asked: Mapping[str, Any]) -> list[tuple[str, int, int, int]]:
    """Per state: findings, overdue ones, and those of the person asked about."""
    return [
        (str(row[0]), int(row[1]), int(row[2]), int(row[3]))
        for row in cursor.execute(load("triage")["counts"], dict(asked)).fetchall()
    ]


def freeze(cursor: Cursor, list_id: str, seen: Mapping[Key, str], now: datetime) -> None:
    """Keep a previewed list: keys with the versions that were shown. Old lists go."""
    statements = load("triage")
    cursor.execute(statements["forget_lists"], {"before": naive(now - LISTS_KEPT)})
    given = {**_lists(list(seen)), "versions": list(seen.values())}
    if seen:
        cursor.execute(statements["freeze"], {**given, "list_id": list_id, "now": naive(now)})


def frozen(cursor: Cursor, list_id: str) -> dict[Key, str]:
    """A previewed list: keys with the versions that were shown; empty if it is not kept (any more)."""
    found = cursor.execute(load("triage")["frozen"], {"list_id": list_id}).fetchall()
    return {(row[0], row[1]): row[2] for row in found}


def views(cursor: Cursor) -> list[tuple[str, str, dict[str, list[str]], str, datetime]]:
    """Saved views by name: name, screen, parameters, who saved it, when (aware UTC)."""
    return [
        (row[0], row[1], json.loads(row[2]), row[3], row[4].replace(tzinfo=UTC))
        for row in cursor.execute(load("triage")["views"]).fetchall()
    ]


def _item(row: Sequence[Any]) -> Item:
    return Item(
        account=row[0],
        finding_key=row[1],
        acts=int(row[2]),
        opened_at=row[3].replace(tzinfo=UTC),
        reopened=int(row[4]),
        kind=row[5],
        is_resolved=row[6] == "resolved",
        actor=row[7],
        acted_at=aware(row[8]),
        is_fresh=bool(row[9]),
    )


def _lists(keys: Sequence[Key]) -> dict[str, list[str]]:
    return {"accounts": [key[0] for key in keys], "keys": [key[1] for key in keys]}


def _steps(cursor: Cursor, keys: Sequence[Key]) -> Steps:
    steps: Steps = {}
    if keys:
        result = cursor.execute(load("triage")["steps"], _lists(keys))
        names = [column[0] for column in result.description or ()]
        for row in result.fetchall():
            step = Step(**dict(zip(names, row, strict=True)))
            steps.setdefault((step.account, step.finding_key), []).append(step)
    return steps


def _write(cursor: Cursor, made: Sequence[Step]) -> None:
    columns = zip(*(astuple(step) for step in made), strict=True)
    frame = pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=_dtype(name))
            for name, values in zip(_NAMES, columns, strict=True)
        }
    )
    statements = load("triage")
    cursor.register("new_triage_step", frame)
    try:
        cursor.execute(statements["write_steps"])
        cursor.execute(statements["write_last"], {"now": naive(datetime.now(UTC))})
    finally:
        cursor.unregister("new_triage_step")
    desk.renew_touched(cursor, list({(step.account, step.finding_key) for step in made}))


def _dtype(name: str) -> str:
    if name in _NUMBERS:
        return "Int64"
    if name in _INSTANTS:
        return "datetime64[us]"
    return "bool" if name == "is_over" else "str"


def _view(entry: Entry) -> dict[str, Any]:
    query = entry.values["query"]
    account = query.get("account") or [None]
    return {
        "name": entry.values["name"],
        "screen": entry.values["screen"],
        "query": json.dumps(query, ensure_ascii=False),
        "account": account[0],
        "actor": entry.actor,
        "saved_at": naive(entry.at),
    }
