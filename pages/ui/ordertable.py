"""The table of orders: its line of words and tools, the rows, the pager, and why it is empty when it is."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import charts, exports, inputs, states, tables
from pages.ui.frame import View
from reconcile import OrderBoard, OrderFilter, Paging

CHOSEN = "order"
CHOSEN_ACCOUNT = "of"
ROWS_BESIDE_CASE = 6


def show(view: View, board: OrderBoard, chosen: OrderFilter, paging: Paging, pager: str) -> None:
    """The orders of one filter; a selected row goes into the URL, where the case below reads it."""
    text = view.text
    with st.expander(text("orders.phases"), expanded=False):
        charts.phases(text, board.by_phase)
    tables.above(
        text,
        board.table,
        filter_words=filter_words(view, chosen, board),
        now=view.now,
        frame="orders",
        csv=lambda: exports.csv_button(view, "orders", account=view.account, order_filter=chosen),
    )
    if board.table.rows.empty:
        _empty(view, chosen)
        return
    key = f"rows-orders-{inputs.digest((chosen, paging))}"
    tables.show(
        text,
        board.table.rows,
        "orders",
        key=key,
        rule_title=view.workspace.rule_title,
        on_select=partial(_remember, board, key),
        visible=ROWS_BESIDE_CASE if st.query_params.get(CHOSEN) else tables.ROWS_VISIBLE,
    )
    tables.pager(board.table, size=paging.size, key=pager)


def filter_words(view: View, chosen: OrderFilter, board: OrderBoard) -> str:
    """The filter in words, as one sentence."""
    text = view.text
    shops = dict(board.shops)
    parts: list[str] = []
    for name, words in (
        ("state", [text(f"state.{code}") for code in chosen.states]),
        ("rule", list(chosen.rules)),
        ("phase", list(chosen.phases)),
        ("shop", [shops.get(code) or code for code in chosen.shops]),
        ("numbers", [text.value(len(chosen.numbers))] if chosen.numbers else []),
    ):
        if words:
            parts.append(text(f"orders.words.{name}", what=words))
    if chosen.ordered_from and chosen.ordered_to:
        parts.append(text("orders.words.period", start=chosen.ordered_from, end=chosen.ordered_to))
    if not parts:
        return text("orders.words.all")
    return text("orders.words.filter", parts=inputs.joined(text, parts))


def _remember(board: OrderBoard, key: str) -> None:
    """Writes the selected order into the URL (the table's callback)."""
    rows = board.table.rows
    place = tables.selected(st.session_state[key], len(rows))
    if place is None:
        st.query_params.pop(CHOSEN, None)
        st.query_params.pop(CHOSEN_ACCOUNT, None)
    else:
        st.query_params[CHOSEN] = str(rows.iloc[place]["order_number"])
        st.query_params[CHOSEN_ACCOUNT] = str(rows.iloc[place]["account"])


def _empty(view: View, chosen: OrderFilter) -> None:
    filtered = chosen != OrderFilter(account=view.account)
    if not filtered:
        states.empty(view.text, "orders.empty.missing")
        return
    states.empty(view.text, "orders.empty.filtered")
    st.button(
        view.text("orders.filter.clear"),
        key="clear-orders",
        on_click=inputs.clear_filters,
        args=(inputs.ORDER_FILTERS,),
    )
