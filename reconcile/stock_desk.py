"""Everything that can be asked about stock: rows by filter, one SKU in depth, totals, and what to set where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from reconcile.errors import UsageError
from reconcile.model import STOCK_PARTS, Account, Paging, StockBoard, StockCase, StockHistory
from reconcile.stock.causes import RISKS
from reconcile.store import boards
from reconcile.store import stock as store
from reconcile.text import JST
from reconcile.wiring import Wiring

TREND_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTotal:
    """The whole account: pieces of the rows that have a gap (None where none has), and the parts that add up to it.

    parts: cause -> pieces, in the order of a waterfall from smartship to crossmall; untold: cause -> SKUs without a gap.
    risks: RISKS -> SKUs. trend: (day, pieces exposed at its end) of the last days, None before anything was judged.
    """

    skus: int
    told: int
    crossmall: int | None
    smartship: int | None
    gap: int | None
    parts: Mapping[str, int]
    exposure: int | None
    exposure_soon: int | None
    risks: Mapping[str, int]
    untold: Mapping[str, int]
    trend: tuple[tuple[date, int | None], ...]


class StockDesk(Wiring):
    """What a screen, a command or a notebook asks about stock."""

    def stock(
        self,
        account: str | None = None,
        *,
        causes: Sequence[str] = (),
        risks: Sequence[str] = (),
        shops: Sequence[str] = (),
        search: str = "",
        warehouse: str = "",
        least: int = 0,
        paging: Paging | None = None,
    ) -> StockBoard:
        """Stock of both sides with ages, expected quantity, gap and its parts.

        risks: SKUs with one of these risks, or with an open finding of these rules (STOCK_RISKS). shops: SKUs that one of
        these shops (by code) has sold. warehouse: rows whose Smartship figure contains it. least: pieces a gap must have.
        """
        self._refresh(account)
        with self._db.read() as cursor:
            asked: dict[str, Any] = {"account": account, "causes": list(causes)}
            asked |= {
                "risks": list(risks),
                "shops": list(shops),
                "search": search,
                "warehouse": warehouse,
                "least": least,
            }
            by_cause = store.counts(cursor, account)
            filtered = any((causes, risks, shops, search, warehouse, least))
            return StockBoard(
                table=boards.table_page(
                    cursor,
                    "filtered",
                    "stock",
                    asked,
                    paging or Paging(),
                    feed="stock",
                    kind="stock",
                    area="stock_desk",
                    total=None if filtered else sum(by_cause.values()),
                ),
                by_cause=by_cause,
                warehouses=store.warehouses(cursor, account),
                shops=tuple(boards.rows_of(cursor, "shops", account=account)),
            )

    def stock_total(self, account: str, *, days: int = TREND_DAYS) -> StockTotal:
        """The account's gap and its parts, what is exposed now and soon, and what could not be compared.

        days: how many days of the trend, which takes as long as all the rest; 0 for none.
        """
        self._refresh(account)
        today = self.now().astimezone(JST).date()
        with self._db.read() as cursor:
            (row,) = store.records(cursor, "total", account=account)
            untold = store.counts(cursor, account, block="untold")
            trend = store.exposure_by_day(cursor, account, today, days) if days else ()
        pieces = ("crossmall", "smartship", "gap", "exposure", "exposure_soon")
        return StockTotal(
            skus=int(row["skus"]),
            told=int(row["told"]),
            **{name: None if row[name] is None else int(row[name]) for name in pieces},
            parts=parts(row),
            risks={name: int(row[name]) for name in RISKS},
            untold=untold,
            trend=trend,
        )

    def stock_case(
        self, account: str, item_code: str, attribute1: str = "", attribute2: str = ""
    ) -> StockCase:
        """One SKU: figures and parts. Raises UsageError for one that there is not."""
        self._refresh(account)
        with self._db.read() as cursor:
            rows = store.records(
                cursor,
                "one",
                account=account,
                item_code=item_code,
                attribute1=attribute1,
                attribute2=attribute2,
            )
            if not rows:
                named = store.records(cursor, "variants", account=account, item_code=item_code)
                options = [f"{one['attribute1']},{one['attribute2']}".strip(",") for one in named]
                raise UsageError("error.stock.unknown", item=item_code, options=options)
            return StockCase(
                account=account,
                case_key=str(rows[0]["case_key"]),
                rows=tuple(_told(row) for row in rows),
            )

    def stock_history(self, case: StockCase) -> StockHistory:
        """What moved a SKU on both sides, and what was said of its gap: read apart, for it is the slower part of a case."""
        own = {name: case.rows[0][name] for name in ("item_code", "attribute1", "attribute2")}
        with self._db.read() as cursor:
            return StockHistory(
                moves=store.table(cursor, "history", "stock_history", account=case.account, **own),
                gaps=store.table(
                    cursor, "gaps", "stock_gaps", account=case.account, case_key=case.case_key
                ),
            )

    def stock_corrections(self, account: str | None = None) -> pd.DataFrame:
        """What each side should be set to, and on which side: a proposal (frame stock_corrections), nothing is written."""
        self._refresh(account, wait=True)
        with self._db.read() as cursor:
            return store.table(cursor, "corrections", "stock_corrections", account=account)

    def set_stock_scope(
        self,
        account: str,
        *,
        tolerance: int | None = None,
        warehouses: Sequence[str] | None = None,
    ) -> Account:
        """How many pieces a gap may have and still count as in step, and which warehouses count; () = all.

        What is None stays. Raises UsageError for a warehouse that no file named, or a tolerance out of range.
        """
        with self._db.read() as cursor:
            known = store.warehouses(cursor, account)
        unknown = sorted(set(warehouses or ()) - set(known))
        if unknown:
            raise UsageError("error.stock.warehouse", names=unknown, known=list(known))
        changed = self._accounts.change(
            account, stock_tolerance=tolerance, stock_warehouses=warehouses
        )
        self._judge(changed)
        return changed


def parts(row: Mapping[str, Any]) -> dict[str, int]:
    """The parts of a gap that are not zero, in the order of a waterfall; they add up to it."""
    found = {cause: row[f"p_{cause}"] for cause in STOCK_PARTS}
    return {cause: int(pieces) for cause, pieces in found.items() if pieces}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in row.items() if not name.startswith("p_")}
    times = {n: v.to_pydatetime() for n, v in known.items() if isinstance(v, pd.Timestamp)}
    return known | times | {"parts": parts(row) if row["gap"] is not None else None}


def row_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as the command prints it: the contract's columns, and everything else under `because`."""
    head = (
        *("item_code", "item_name", "attribute1", "attribute2", "sku_no", "crossmall", "smartship"),
        *("expected", "gap", "cause"),
    )
    ages = ("crossmall_seen_at", "smartship_seen_at")
    told = row if "parts" in row else _told(row)
    left_out = {*head, *ages, "account", "row_no", "case_key", "parts"}
    because = {name: value for name, value in told.items() if name not in left_out}
    return (
        {name: told[name] for name in head}
        | {"because": {"parts": told["parts"], **because}}
        | {name: told[name] for name in ages}
    )
