"""The outbox: what has been noticed for each alert channel, the messages made of it, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconcile.store.database import Cursor, aware, naive
from reconcile.store.queries import load

KEPT = timedelta(days=30)  # [D] how long sent messages can be looked up


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message whose time has come."""

    account: str
    message_id: str
    channel: str
    topic: str
    facts: Mapping[str, Any]
    tries: int
    may_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A message of the outbox. state: waiting | sending | sent; reason: of the last failed try, with the server's status.

    found: how many findings it tells. Instants aware UTC.
    """

    account: str
    message_id: str
    channel: str
    topic: str
    state: str
    made_at: datetime
    tries: int
    next_try_at: datetime
    may_repeat: bool
    sent_at: datetime | None
    reason: str | None
    status: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a channel stands: messages that wait, the oldest of them, why the last try failed, when one was last sent."""

    waiting: int
    oldest_at: datetime | None
    reason: str | None
    status: int
    sent_at: datetime | None


def run(cursor: Cursor, block: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a block of alerts.sql."""
    given = {
        name: naive(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
    statement = load("alerts")[block]
    used = {name: value for name, value in given.items() if f"${name}" in statement}
    rows: list[tuple[Any, ...]] = cursor.execute(statement, used).fetchall()
    return rows


def untold_orders(cursor: Cursor, account: str, channel: str, *, most: int) -> dict[str, list[str]]:
    """Order numbers of untold findings by rule, at most so many each."""
    found: dict[str, list[str]] = {}
    rows = run(cursor, "untold_orders", account=account, channel=channel, most=most)
    for rule, number in rows:
        found.setdefault(rule, []).append(number)
    return found


def make(
    cursor: Cursor, account: str, channel: str, facts: Mapping[str, Any], *, now: datetime, id_: str
) -> None:
    """Put a message into the outbox; what it tells is told from then on. One transaction with the caller's."""
    values = {"account": account, "channel": channel, "message_id": id_, "now": now}
    run(cursor, "make", **values, topic=facts["topic"], facts=json.dumps(facts, ensure_ascii=False))
    run(cursor, "told", **values, is_finding=facts["topic"] == "findings")


def waiting(cursor: Cursor, now: datetime) -> tuple[Waiting, ...]:
    """The messages to try now, oldest first."""
    return tuple(
        Waiting(
            account=row[0],
            message_id=row[1],
            channel=row[2],
            topic=row[3],
            facts=json.loads(row[4]),
            tries=row[5],
            may_repeat=row[6],
        )
        for row in run(cursor, "waiting", now=now)
    )


def outbox(cursor: Cursor, most: int) -> tuple[OutboxRow, ...]:
    """The newest messages, newest first."""
    names = tuple(OutboxRow.__dataclass_fields__)[:-1]
    found = []
    for row in run(cursor, "outbox", most=most):
        values = {name: _plain(value) for name, value in zip(names, row[:-1], strict=True)}
        rules: Sequence[Mapping[str, Any]] = json.loads(row[-1]).get("rules", ())
        found.append(OutboxRow(**values, found=sum(int(one["count"]) for one in rules)))
    return tuple(found)


def standing(cursor: Cursor) -> dict[str, Standing]:
    """How each channel that has ever spoken stands, by name."""
    return {
        channel: Standing(
            waiting=int(count),
            oldest_at=aware(oldest),
            reason=reason,
            status=status or 0,
            sent_at=aware(sent_at),
        )
        for channel, count, oldest, reason, status, sent_at in run(cursor, "standing")
    }


def forget_channel(cursor: Cursor, channel: str) -> None:
    """Nothing of that channel is kept."""
    for statement in load("alerts")["forget_channel"].split(";"):
        cursor.execute(statement, {"channel": channel})


def _plain(value: Any) -> Any:
    return aware(value) if isinstance(value, datetime) else value
