"""Puts together what a screen or command asked for: boards, counts and one order in depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from reconcile.errors import UsageError
from reconcile.frames import check, table
from reconcile.model import (
    AccountHealth,
    OrderBoard,
    OrderCase,
    OrderFilter,
    Overview,
    Paging,
)
from reconcile.orders.relations import relations
from reconcile.orders.seen import seen
from reconcile.orders.timeline import SHIPMENT_EVENTS, stretch, timeline
from reconcile.orders.why import verdict_of
from reconcile.rules.words import missing_title, title
from reconcile.store import boards, desk, forensics, recovery
from reconcile.store.chain import Entry
from reconcile.store.database import Cursor, Database, aware, naive
from reconcile.store.ledger import Ledger
from reconcile.text import JST, Text

TREND_DAYS = 14
SHEET_MADE = "recovery_sheet.made"
CAUSED_BY = ("shop_code", "primary_rule", "phase_name")
TOLD = ("packing_no", *SHIPMENT_EVENTS, "snapshot_at")  # of a packing, by its events
KIN = ("packings", "bundles", "twins", "possible_links")


def overview(
    db: Database,
    health: Sequence[AccountHealth],
    account: str | None,
    *,
    now: datetime,
    text: Text,
) -> Overview:
    """Health per account as given, orders by state, open findings by cause, and what is missing for a verdict."""
    with db.read() as cursor:
        by_state = boards.state_counts(cursor, account)
        causes = boards.rows_of(cursor, "causes", account=account)
        since = naive(now - timedelta(days=TREND_DAYS))
        opened = boards.rows_of(cursor, "opened_per_day", account=account, since=since)
        missing = boards.rows_of(cursor, "missing_counts", account=account)
        evaluated = boards.rows_of(cursor, "evaluated_at", account=account)
    return Overview(
        health=tuple(health),
        by_state=by_state,
        causes=_causes(causes, opened, now, text),
        cannot_tell=_missing(missing, text),
        evaluated_at=aware(min((at for _, at in evaluated), default=None)),
    )


def order_board(
    db: Database, chosen: OrderFilter, paging: Paging, asked: Mapping[str, Any]
) -> OrderBoard:
    """One page of orders with the counts of the whole account. asked: the filter as `store.desk.parameters` gives it."""
    with db.read() as cursor:
        by_rule, cannot_tell = boards.rule_counts(cursor, chosen.account)
        asked, unknown = desk.searched(cursor, asked)
        facets = desk.facets(cursor, asked)
        return OrderBoard(
            table=desk.page(cursor, asked, paging, total=facets["total"]["orders"]),
            by_state=boards.state_counts(cursor, chosen.account),
            by_rule=by_rule,
            cannot_tell_by_rule=cannot_tell,
            by_phase=boards.frame_of(
                cursor, "phase_counts", "phase_counts", account=chosen.account
            ),
            shops=tuple(boards.rows_of(cursor, "shops", account=chosen.account)),
            facets=facets,
            unknown_numbers=unknown,
        )


def order_row(db: Database, account: str | None, number: str) -> Mapping[str, Any]:
    """The row of one order. Raises UsageError if no order, or more than one, has that number."""
    with db.read() as cursor:
        return _one_order(cursor, account, number)


def order_case(db: Database, ledger: Ledger, account: str | None, number: str) -> OrderCase:
    """One order in depth. Raises UsageError if no order, or more than one, has that number."""
    with db.read() as cursor:
        row = _one_order(cursor, account, number)
        owner, order_number = row["account"], row["order_number"]
        key = {"account": owner, "order_number": order_number}
        stay = forensics.stay(cursor, **key)
        spans, states = seen(
            row,
            forensics.order_history(cursor, **key),
            forensics.looks(cursor, owner, row["seen_at"]),
        )
        shipments = boards.records(cursor, "shipment_lines", **key)
        acts = recovery.rows(cursor, "order_acts", **key)
        return OrderCase(
            account=owner,
            order_number=order_number,
            row=row,
            lines=boards.frame_of(cursor, "order_lines", "order_lines", **key),
            shipment_lines=table(shipments, "shipment_lines"),
            timeline=timeline(
                row,
                boards.records(cursor, "order_observations", **key),
                _packings(shipments),
                pulls=forensics.pulls_between(cursor, owner, *stretch(row, stay)),
                looks=states,
                stay=stay,
                acts=[*acts, *sheet_acts(ledger, owner, order_number)],
            ),
            findings=boards.findings(
                cursor, "order_findings", **key, **{name: row[name] for name in CAUSED_BY}
            ),
            verdict=verdict_of(row, stay),
            spans=spans,
        )


def related(db: Database, case: OrderCase) -> tuple[Mapping[str, Any], ...]:
    """How an order hangs together with others (orders.relations)."""
    with db.read() as cursor:
        kin = {
            block: recovery.rows(cursor, block, account=case.account, numbers=[case.order_number])
            for block in KIN
        }
    return relations(kin, case.row["ordered_qty"])


def _packings(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One line for each packing, or more where its lines tell other times."""
    return list({tuple(line[name] for name in TOLD): line for line in lines}.values())


def sheet_acts(ledger: Ledger, account: str, order_number: str) -> list[dict[str, Any]]:
    """Every recovery sheet that holds the order, oldest first: acted_at, event, actor, rule (None)."""
    return [
        {"acted_at": entry.at, "event": "sheet_made", "actor": entry.actor, "rule": None}
        for entry in sheets_made(ledger, account)
        if order_number in entry.values["orders"]
    ]


def sheets_made(ledger: Ledger, account: str) -> tuple[Entry, ...]:
    """The ledger's lines about recovery sheets of an account; read anew when the ledger has grown."""
    if not ledger.path.exists():
        return ()
    state = ledger.path.stat()
    found = _sheet_entries(ledger.path, state.st_size, state.st_mtime_ns)
    return tuple(entry for entry in found if entry.account == account)


@lru_cache(maxsize=4)
def _sheet_entries(path: Path, _size: int, _mtime_ns: int) -> tuple[Entry, ...]:
    return tuple(entry for entry in Ledger(path).entries() if entry.event == SHEET_MADE)


def _one_order(cursor: Cursor, account: str | None, number: str) -> Mapping[str, Any]:
    """Its row: of the order with this number, or of the only one that is known by it."""
    wanted = number.strip()
    found = boards.records(cursor, "order_row", account=account, order_number=wanted)
    if not found:
        known = boards.rows_of(cursor, "known_by", account=account, number=wanted)
        if not known:
            raise UsageError("error.order.unknown", number=number)
        found = [
            boards.record(cursor, "order_row", account=owner, order_number=order)
            for owner, order in known
        ]
    if len(found) > 1:
        orders = [f"{row['account']}:{row['order_number']}" for row in found]
        raise UsageError("error.order.ambiguous", number=number, orders=orders)
    return found[0]


def _causes(
    rows: Sequence[tuple[Any, ...]],
    opened: Sequence[tuple[Any, ...]],
    now: datetime,
    text: Text,
) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["rule", "severity", "findings", "oldest"])
    frame["oldest"] = pd.to_datetime(frame["oldest"], utc=True)
    frame["title"] = [title(rule, text.lang) for rule in frame["rule"]]
    per_day = {(rule, day): int(count) for rule, day, count in opened}
    today = now.astimezone(JST).date()
    days = [today - timedelta(days=back) for back in reversed(range(TREND_DAYS))]
    frame["trend"] = [[per_day.get((rule, day), 0) for day in days] for rule in frame["rule"]]
    return check(frame, "cause_counts")


def _missing(rows: Sequence[tuple[Any, ...]], text: Text) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["missing", "findings", "orders"])
    frame["title"] = [missing_title(code, text.lang) for code in frame["missing"]]
    return check(frame, "missing_counts")
