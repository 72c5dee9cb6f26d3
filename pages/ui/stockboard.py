"""The parts of the stock screen: causes with their counts, the table, and one SKU's gap told step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import exports, inputs, listing, states, tables
from pages.ui.frame import View
from reconcile import Paging, StockBoard

FILTERS = ("cause", "search")
FIGURES = ("smartship", "in_flight", "expected", "crossmall", "gap")


def filters(view: View, board: StockBoard) -> None:
    """The causes with their counts, the search, and which warehouses the Smartship figure covers."""
    text = view.text
    chosen = [
        code for code in st.session_state.get("input.cause") or [] if code not in board.by_cause
    ]
    with st.container(horizontal=True, vertical_alignment="bottom", key="stock_filters"):
        st.pills(
            text("stock.filter.cause"),
            [*board.by_cause, *chosen],
            selection_mode="multi",
            key="input.cause",
            format_func=lambda code: text(
                "mapping.class.count",
                name=text.word("cause", code),
                n=board.by_cause.get(code, 0),
            ),
        )
        st.text_input(
            text("mapping.filter.search"),
            key="input.search",
            placeholder=text("mapping.filter.search.example"),
            width=260,
        )
    for ages in view.workspace.figure_ages(view.one_account):
        if ages.feed == "stock" and ages.items:
            st.caption(text("ages.stock", **ages.words()))
    if board.warehouses:
        names = [name or text("stock.warehouse.unnamed") for name in board.warehouses]
        st.text(text("stock.warehouses", names=names))


def table(
    view: View, board: StockBoard, *, causes: Sequence[str], search: str, paging: Paging, pager: str
) -> None:
    """The SKUs of one filter; selecting a row tells its gap step by step."""
    place = listing.show(
        view,
        board.table,
        "stock",
        filter_words=_filter_words(view, causes, search),
        about=(causes, search),
        paging=paging,
        pager=pager,
        csv=lambda: exports.csv_button(
            view, "stock", account=view.one_account, causes=tuple(causes), search=search
        ),
        empty=lambda: _empty(view, filtered=bool(causes or search)),
    )
    if place is not None:
        one(view, tables.record(board.table.rows, place))
    elif not board.table.rows.empty:
        st.caption(view.text("stock.case.none"))


def one(view: View, row: Mapping[str, Any]) -> None:
    """One SKU: the figures from Smartship's to the gap, each with its age, and the cause in words."""
    text = view.text
    with st.container(border=True, key="stock_case"):
        st.markdown(f"**{text.word('cause', str(row['cause']))}**")
        st.caption(text(f"stock_cause.{row['cause']}.help"))
        st.text(
            text.value(
                [
                    part
                    for part in (
                        row["item_code"],
                        row["item_name"],
                        row["attribute1"],
                        row["attribute2"],
                    )
                    if isinstance(part, str) and part
                ]
            )
        )
        for column, name in zip(st.columns(len(FIGURES)), FIGURES, strict=True):
            with column:
                st.caption(text(f"column.{name}"))
                st.markdown(f"**{_figure(view, row[name])}**")
                if name in ("smartship", "crossmall"):
                    st.caption(text.age(_instant(row[f"{name}_seen_at"]), view.now))
        if bool(row["weak"]):
            st.caption(text("stock.case.weak"))
        st.caption(text("stock.case.equation"))


def _figure(view: View, value: Any) -> str:
    if value is None or pd.isna(value):
        return view.text("stock.unknown")
    return view.text.value(int(value))


def _instant(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value


def _empty(view: View, *, filtered: bool) -> None:
    if filtered:
        states.empty(view.text, "stock.empty.filtered")
        inputs.clear(view.text, FILTERS, "clear-stock")
    else:
        states.import_first(view.text, "stock.empty.missing", key="stock")


def _filter_words(view: View, causes: Sequence[str], search: str) -> str:
    text = view.text
    parts = []
    if causes:
        names = [text.word("cause", code) for code in causes]
        parts.append(text("stock.words.cause", what=names))
    if search:
        parts.append(text("mapping.words.search", what=search))
    return inputs.sentence(text, parts)
