"""The stock list: how many differ and how much is exposed, the table of one filter, and the case of the selected row."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import exports, inputs, listing, palette, states, stockcase, stockfilter, tables
from pages.ui.frame import View, above_below, opened_below
from pages.ui.stockfilter import Asked
from reconcile import Paging, StockBoard

CHOSEN = "sku"  # the parameter of the address that names the opened SKU by stockcase.KEY
COLUMNS = (  # which SKU, both figures, what was expected, what is wrong; the rest is in the case and in the CSV
    *("item_code", "attribute1", "attribute2", "crossmall", "smartship", "expected", "gap"),
    *("exposure", "cause", "item_name", "sku_no", "crossmall_seen_at", "smartship_seen_at"),
)


def show(view: View) -> None:
    """The list with its filter, and below it the case of the SKU that the address names."""
    above_below(lambda: _list(view), lambda: _case(view))


def _list(view: View) -> None:
    asked = stockfilter.chosen()
    paging, pager = inputs.paging("stock", asked)
    board = view.workspace.stock(view.one_account, paging=paging, **asked.values())
    if board.by_cause.get("no_smartship_file"):
        states.import_first(view.text, "stock.empty.missing", key="stock")
    else:
        head(view, board)
    stockfilter.widgets(view, board, asked)
    _table(view, board, asked, paging=paging, pager=pager)


def _case(view: View) -> None:
    if sku := st.query_params.get_all(CHOSEN):
        stockcase.show(view, sku, on_close=_close)


def head(view: View, board: StockBoard) -> None:
    """SKUs with a gap, SKUs that may be oversold, SKUs that cannot be compared; what counts, and how old it is."""
    text = view.text
    total = view.workspace.stock_total(view.one_account, days=0)
    parts = {"cannot_tell": text("stock.head.untold", n=total.skus - total.told)}
    if total.told:
        in_step, oversold = board.by_cause.get("in_step", 0), total.risks["oversold"]
        parts = {
            "act_now": text("stock.head.exposed", skus=oversold, pieces=total.exposure),
            "at_risk": text("stock.head.gap", n=total.told - in_step),
            **parts,
            "in_step": text("stock.head.in_step", n=in_step),
            "low": text("stock.head.weak", n=total.risks["weak"]),
        }
    with st.container(horizontal=True, vertical_alignment="center", key="stock_head"):
        for state, words in parts.items():
            st.markdown(palette.shaped(state, words), width="content")
    st.caption(scope(view, board))


def scope(view: View, board: StockBoard) -> str:
    """Which warehouses count, the tolerance, and how old CROSS MALL's figures are."""
    text = view.text
    account = next(one for one in view.accounts if one.name == view.one_account)
    names = [
        name or text("stock.warehouse.unnamed")
        for name in account.stock_warehouses or board.warehouses
    ]
    parts = [
        text("stock.warehouses", names=names),
        text("stock.tolerance", n=account.stock_tolerance),
    ]
    parts += [
        text("ages.stock", **ages.words())
        for ages in view.workspace.figure_ages(view.one_account)
        if ages.feed == "stock" and ages.items
    ]
    return palette.literal(text("stock.head.join", parts=" · ".join(parts)))


def _table(view: View, board: StockBoard, asked: Asked, *, paging: Paging, pager: str) -> None:
    rows = board.table.rows
    listing.show(
        view,
        board.table,
        "stock",
        filter_words=stockfilter.words(view, board, asked),
        about=asked,
        paging=paging,
        pager=pager,
        csv=lambda: exports.csv_button(
            view, "stock", account=view.one_account, paging=paging, **asked.values()
        ),
        empty=lambda: _empty(view, filtered=asked != Asked()),
        columns=COLUMNS,
        drawn=_drawn(view, board),
        remember=partial(_remember, rows),
    )
    if CHOSEN not in st.query_params and not rows.empty:
        st.caption(view.text("stock.case.none"))


def _remember(rows: pd.DataFrame, place: int | None) -> None:
    """Writes the selected row's SKU into the address, so that a link, a reload and the way back show its case."""
    if place is None:
        st.query_params.pop(CHOSEN, None)
        return
    values = (rows[name].iloc[place] for name in stockcase.KEY)
    opened_below()
    st.query_params[CHOSEN] = [value if isinstance(value, str) else "" for value in values]


def _close() -> None:
    st.query_params.pop(CHOSEN, None)
    # A selection lives under the key of its table; forgetting it lets the same row be opened again.
    for key in [key for key in st.session_state if str(key).startswith("rows-stock-")]:
        del st.session_state[key]


def _drawn(view: View, board: StockBoard) -> Mapping[str, tuple[Any, Any]]:
    """The gap with its sign, and the cause with what weakens it: why there is no gap, or that the check is weak."""
    text, rows = view.text, board.table.rows
    cells: list[list[str]] = []
    for cause, reason, weak in zip(rows["cause"], rows["reason"], rows["weak"], strict=True):
        cell = [text.word("cause", str(cause))]
        if isinstance(reason, str):
            cell.append(text.word("reason", reason))
        if weak:
            cell.append(text("stock.weak"))
        cells.append(cell)
    shown = {word: "cannot_tell" for cell in cells for word in cell[1:]}
    shown |= {text.word("cause", str(cause)): str(cause) for cause in rows["cause"].unique()}
    return {
        "gap": (
            rows["gap"],
            st.column_config.NumberColumn(text("column.gap"), format="%+d"),
        ),
        "cause": (cells, tables.states(text("column.cause"), shown, cells)),
    }


def _empty(view: View, *, filtered: bool) -> None:
    if filtered:
        states.empty(view.text, "stock.empty.filtered")
        inputs.clear(view.text, stockfilter.PARAMETERS, "clear-stock")
    else:
        states.import_first(view.text, "stock.empty.missing", key="stock-rows")
