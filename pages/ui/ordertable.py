"""The table of orders: its line of words and tools, the rows, the pager, and why it is empty when it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from pages.ui import (
    ageing,
    exports,
    inputs,
    orderfilter,
    savedviews,
    states,
    tables,
    triagebar,
    triagedone,
    triageperson,
)
from pages.ui.frame import View, opened_below
from reconcile import OrderBoard, OrderFilter, Paging

CHOSEN = "order"
CHOSEN_ACCOUNT = "of"
ROWS_BESIDE_CASE = 6
MARKED = "desk-marked"


def head(view: View, board: OrderBoard, asked: OrderFilter) -> None:
    """Whose orders are shown, who acts, and the saved views."""
    orderfilter.desks(view, board, asked)
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        triageperson.picker(view.text)
        savedviews.menu(view)


def show(view: View, board: OrderBoard, chosen: OrderFilter, paging: Paging, pager: str) -> None:
    """The orders of one filter; a clicked row goes into the URL, where the case below reads it, checked rows into the bar."""
    text, rows = view.text, board.table.rows
    triagedone.show(view)
    tables.above(
        text,
        board.table,
        filter_words=filter_words(view, chosen, board),
        now=view.now,
        frame="orders",
        csv=lambda: exports.csv_button(
            view, "orders", account=view.account, order_filter=chosen, paging=paging
        ),
    )
    if rows.empty:
        _empty(view, chosen)
        _unknown(view, board)
        return
    keys = orders_of(rows)
    turn = st.session_state.get("desk-acts", 0)
    key = f"rows-orders-{inputs.digest((chosen, paging, keys, turn))}"
    _table(view, rows, keys, key)
    tables.pager(board.table, size=paging.size, key=pager)
    _unknown(view, board)


def _table(view: View, rows: pd.DataFrame, keys: triagebar.Orders, key: str) -> None:
    """The bar of the checked rows and the rows."""
    checked = _checked(key)
    triagebar.show(view, checked)
    tables.show(
        view.text,
        rows,
        "orders",
        key=key,
        rule_title=view.workspace.rule_title,
        on_select=partial(_remember, keys, key),
        visible=ROWS_BESIDE_CASE if st.query_params.get(CHOSEN) else tables.ROWS_VISIBLE,
        choose=("multi-row", "single-cell"),
        marked=_marked(keys, key, checked),
        drawn={"waiting_h": ageing.cells(view.text, rows)},
    )


def orders_of(rows: pd.DataFrame) -> triagebar.Orders:
    """The orders of a page of rows, as account and order number, in their order."""
    pairs = zip(rows["account"], rows["order_number"], strict=True)
    return tuple((str(account), str(number)) for account, number in pairs)


def _unknown(view: View, board: OrderBoard) -> None:
    if board.unknown_numbers:
        st.text(view.text("desk.numbers.unknown", numbers=list(board.unknown_numbers)))


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
        ("desk", [text(f"desk.words.{chosen.desk}")] if chosen.desk != "all" else []),
        ("overdue", [text("desk.words.overdue")] if chosen.overdue else []),
        ("flow", [text(f"desk.words.{chosen.flow}")] if chosen.flow else []),
    ):
        if words:
            parts.append(text(f"orders.words.{name}", what=words))
    if chosen.ordered_from and chosen.ordered_to:
        parts.append(text("orders.words.period", start=chosen.ordered_from, end=chosen.ordered_to))
    return inputs.sentence(text, parts)


def _checked(key: str) -> triagebar.Orders:
    """The checked orders of this list; those of another list are not meant."""
    kept_for, checked = st.session_state.get(triagebar.CHECKED, ("", ()))
    return checked if kept_for == key else ()


def _marked(keys: triagebar.Orders, key: str, checked: triagebar.Orders) -> list[int]:
    """The rows that are marked when the table is drawn anew, as on the way back from another screen; the same until then."""
    if key not in st.session_state:
        st.session_state[MARKED] = [keys.index(one) for one in checked]
    marked: list[int] = st.session_state[MARKED]
    return marked


def _remember(keys: triagebar.Orders, key: str) -> None:
    """Keeps the checked orders, and writes the order of a clicked cell into the URL (the table's callback)."""
    selection = st.session_state[key]["selection"]
    checked = tuple(keys[place] for place in selection["rows"] if place < len(keys))
    st.session_state[triagebar.CHECKED] = (key, checked)
    cells = selection.get("cells") or []
    if cells and cells[0][0] < len(keys):
        account, number = keys[cells[0][0]]
        opened_below()  # the style of the page makes room at once
        st.query_params[CHOSEN] = number
        st.query_params[CHOSEN_ACCOUNT] = account


def _empty(view: View, chosen: OrderFilter) -> None:
    text = view.text
    nothing = OrderFilter(account=view.account, person=chosen.person)
    if chosen == nothing:
        states.empty(text, "orders.empty.missing")
        return
    if chosen.desk == "mine" and chosen.person is None:
        states.empty(text, "desk.mine.who")
        return
    calm = chosen == replace(nothing, desk="open")
    states.empty(text, "desk.empty.open" if calm else "orders.empty.filtered", good=calm)
    inputs.clear(text, orderfilter.PARAMETERS, "clear-orders")
