"""Which rows an export holds: the whole table behind a screen, by the same filter, from the same queries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from reconcile.errors import UsageError
from reconcile.export import write_csv
from reconcile.frames import check
from reconcile.model import Export, FileReport, Finding, OrderCase, Paging
from reconcile.rules.words import explain
from reconcile.store import boards, desk, stock
from reconcile.store.database import Database
from reconcile.store.ledger import Ledger
from reconcile.text import JST, Text

PAGED = {  # export -> (SQL file, block, frame, feed that tells its age)
    "mapping": ("mapping_desk", "filtered", "sku_mapping", "catalogue"),
    "stock": ("stock_desk", "filtered", "stock", "stock"),
}
FIXES = {"mapping_fixes_smartship": "smartship", "mapping_fixes_crossmall": "crossmall"}
CORRECTIONS = "stock_corrections"
WHAT = ("orders", "findings", "mapping", *FIXES, "stock", CORRECTIONS, "observations", "audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to export, for which account and filter."""

    what: str
    account: str | None
    orders: Mapping[str, Any]  # the order filter as `store.desk.parameters` gives it
    mapping: Mapping[str, Any]  # the mapping filter as `mapping_reading.filters` gives it
    causes: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    search: str = ""
    warehouse: str = ""
    least: int = 0
    paging: Paging = boards.ALL


def words(text: Text, profile: str, encoding: str) -> Text:
    """The words of a file: Japanese ones where its encoding lacks the letters of the language; for machines it is UTF-8."""
    return text if profile == "machine" else text.written_in(encoding)


def table(db: Database, ledger: Ledger, request: Request, text: Text) -> tuple[pd.DataFrame, str]:
    """Every row of the export, with these words, and the name of its frame contract.

    Raises UsageError for an unknown table.
    """
    if request.what == "audit":
        return _audit(ledger, request.account), "audit"
    with db.read() as cursor:
        if request.what == "orders":
            asked, _ = desk.searched(cursor, request.orders)
            total = desk.facets(cursor, asked)["total"]["orders"]
            return desk.page(cursor, asked, request.paging, total=total).rows, "orders"
        if request.what in PAGED:
            area, block, frame, feed = PAGED[request.what]
            page = boards.table_page(
                cursor,
                block,
                frame,
                _filters(request),
                request.paging,
                feed=feed,
                kind=feed,
                area=area,
            )
            return page.rows, frame
        if request.what == CORRECTIONS:
            rows = stock.table(cursor, "corrections", CORRECTIONS, account=request.account)
            return rows, CORRECTIONS
        if request.what == "observations":
            rows = boards.frame_of(cursor, "observations", "observations", account=request.account)
            return rows, "observations"
        if request.what == "findings":
            every = {"rule": None, "kind": None, "state": "open", "order_number": None}
            found = boards.findings(cursor, "findings", account=request.account, **every)
            return _findings(found, text), "findings"
    raise UsageError("error.export.what", what=request.what, known=list(WHAT))


def _filters(request: Request) -> dict[str, Any]:
    if request.what == "mapping":
        return {"account": request.account, **request.mapping}
    return {
        "account": request.account,
        "search": request.search,
        "causes": list(request.causes),
        "risks": list(request.risks),
        "shops": list(request.shops),
        "warehouse": request.warehouse,
        "least": request.least,
    }


def as_csv(
    rows: pd.DataFrame,
    frame: str,
    what: str,
    text: Text,
    *,
    profile: str,
    encoding: str,
    now: datetime,
) -> Export:
    """The rows as a CSV file whose name says what and when (JST)."""
    name = f"totsugo_{what}_{now.astimezone(JST):%Y%m%d_%H%M}.csv"
    said = words(text, profile, encoding)
    return write_csv(rows, frame, text=said, profile=profile, encoding=encoding, name=name)


def order_table(case: OrderCase, name: str, text: Text) -> pd.DataFrame:
    """One table of an order's case: order_lines, shipment_lines or timeline."""
    if name != "timeline":
        return {"order_lines": case.lines, "shipment_lines": case.shipment_lines}[name]
    frame = pd.DataFrame(
        [
            {
                "event_at": event["at"],
                "at_latest": event["at_latest"],
                "side": text(f"side.{event['side']}"),
                "event_words": text.event(event),
                "seen_at": event["seen_at"],
            }
            for event in case.timeline
        ],
        columns=["event_at", "at_latest", "side", "event_words", "seen_at"],
    )
    for column in ("event_at", "at_latest", "seen_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return check(frame, "timeline")


def rejected_rows(reports: Sequence[FileReport], text: Text) -> pd.DataFrame:
    """Every row that imports refused: file, row number and the reason in words."""
    rows = [
        {
            "file_name": report.file,
            "row_no": refused["row"],
            "reason": text(f"reject.{refused['reason']}", **refused["values"]),
        }
        for report in reports
        for refused in report.rejected
    ]
    return check(pd.DataFrame(rows, columns=["file_name", "row_no", "reason"]), "rejected_rows")


def _findings(found: Sequence[Finding], text: Text) -> pd.DataFrame:
    rows = []
    for one in found:
        words = explain(one.rule, one.because, text.lang, one.missing)
        row = {
            name: getattr(one, name) for name in Finding.__dataclass_fields__ if name != "because"
        }
        saw = words.missing if one.kind == "cannot_tell" else words.saw
        rows.append(row | {"title": words.title, "saw": saw})
    columns = [
        *(name for name in Finding.__dataclass_fields__ if name != "because"),
        "title",
        "saw",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return check(frame.drop(columns=["subject_kind", "refreshed_at"]), "findings")


def _audit(ledger: Ledger, account: str | None) -> pd.DataFrame:
    rows = [
        {
            "sequence": entry.sequence,
            "at": entry.at,
            "actor": entry.actor,
            "event": entry.event,
            "account": entry.account,
            "values": json.dumps(dict(entry.values), ensure_ascii=False),
        }
        for entry in ledger.entries()
        if account in (None, entry.account)
    ]
    columns = ["sequence", "at", "actor", "event", "account", "values"]
    return check(pd.DataFrame(rows, columns=columns), "audit")
