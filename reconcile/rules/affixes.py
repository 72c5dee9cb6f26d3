"""Constant additions around order numbers (`#1001`, `R-1001`, `1001-1`): learned from strong pairs, used once confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reconcile.rules.session import Connection, Session

AFFIX_DECIDED = "order_affix.decided"  # the ledger's event; its values are those of `affix_values`
AFFIX_STATES = ("proposed", "confirmed", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Affix:
    """One addition of one shop. longer: the side whose number has it; support: orders that show it."""

    shop_code: str
    longer: str
    prefix: str
    suffix: str
    support: int
    state: str


def affixes(con: Connection, account: str) -> tuple[Affix, ...]:
    """Every addition learned or decided for an account, undecided ones first, then by support."""
    rows = Session(con, {"account": account}).rows("links", "affixes")
    return tuple(
        Affix(
            shop_code=row[0],
            longer=row[1],
            prefix=row[2],
            suffix=row[3],
            support=row[4],
            state=row[5],
        )
        for row in rows
    )


def propose_affixes(con: Connection, account: str, now: datetime) -> int:
    """Learn additions from the links of the last rules run; how many wait for a decision.

    now: aware. Pairs joined by reference, cart or tracking number teach; a proposal is never used before a person
    confirmed it. `evaluate` does this in each run.
    """
    session = Session(con, {"account": account, "now": now.astimezone(UTC).replace(tzinfo=None)})
    session.rows("links", "propose_affixes")
    return sum(1 for affix in affixes(con, account) if affix.state == "proposed")


def affix_values(affix: Affix, state: str) -> dict[str, str]:
    """What the ledger keeps of a person's decision. Raises ValueError for a state that does not exist."""
    if state not in AFFIX_STATES:
        raise ValueError(f"no state {state!r}; there are {', '.join(AFFIX_STATES)}")
    return {
        "shop_code": affix.shop_code,
        "longer": affix.longer,
        "prefix": affix.prefix,
        "suffix": affix.suffix,
        "state": state,
    }


def apply_affix_decision(
    con: Connection, account: str, values: Mapping[str, Any], at: datetime
) -> None:
    """Bring one `order_affix.decided` of the ledger into the store; the same when it is replayed."""
    decided = {name: values[name] for name in ("shop_code", "longer", "prefix", "suffix", "state")}
    session = Session(con, {"account": account, "now": at.astimezone(UTC).replace(tzinfo=None)})
    session.rows("links", "decide_affix", **decided)
