"""What screens read about habits and changes: what is new since yesterday, missed hours, additions to order numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reconcile.store.database import Cursor, aware, naive
from reconcile.store.queries import load

Pair = tuple[str, str]  # CROSS MALL's order number, Smartship's
AffixKey = tuple[str, str, str, str]  # shop code, longer side, prefix, suffix


def looked(
    cursor: Cursor, account: str | None
) -> list[tuple[str, datetime | None, datetime | None]]:
    """Of each account (None: of all) the first and the last complete sync."""
    rows = cursor.execute(load("patterns")["looked"], {"account": account}).fetchall()
    return [(str(name), aware(first), aware(last)) for name, first, last in rows]


def changed(
    cursor: Cursor, block: str, accounts: Sequence[str], since: datetime
) -> tuple[int, tuple[str, ...]]:
    """How many rows `opened`, `resolved` or `shipped` have since then, and the orders they name, each once."""
    values = {"accounts": list(accounts), "since": naive(since)}
    rows = cursor.execute(load("patterns")[block], values).fetchall()
    return len(rows), tuple(dict.fromkeys(str(row[0]) for row in rows if row[0] is not None))


def missed_in_hour(
    cursor: Cursor, account: str, since: datetime, weekday: int, hour: int
) -> tuple[str, ...]:
    """Missed orders of one hour of the week (Monday 0, JST) since then, the latest first."""
    values = {"account": account, "since": naive(since), "weekday": weekday, "hour": hour}
    rows = cursor.execute(load("patterns")["missed_in_hour"], values).fetchall()
    return tuple(str(row[0]) for row in rows)


def affix_pairs(
    cursor: Cursor, account: str, most: int
) -> dict[AffixKey, tuple[int, tuple[Pair, ...]]]:
    """Of each addition how many orders it alone joins (or would), and at most so many examples."""
    values = {"account": account, "most": most}
    found: dict[AffixKey, tuple[int, tuple[Pair, ...]]] = {}
    for shop, longer, prefix, suffix, ours, theirs, alone in cursor.execute(
        load("patterns")["affix_pairs"], values
    ).fetchall():
        key = (shop, longer, prefix, suffix)
        known = found.get(key, (0, ()))[1]
        found[key] = (int(alone), (*known, (str(ours), str(theirs))))
    return found
