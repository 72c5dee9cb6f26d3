"""The filter of the list of stock: cause, warehouse, least gap and a search, each in the URL."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from pages.ui import chips, inputs, palette
from pages.ui.frame import View
from reconcile import StockBoard

PARAMETERS = ("cause", "search", "warehouse", "least")
LEAST = ("0", "1", "2", "3", "5", "10", "20", "50", "100")  # [D] pieces a gap must have at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What Workspace.stock and Workspace.export take as a filter of stock."""

    causes: tuple[str, ...] = ()
    search: str = ""
    warehouse: str = ""
    least: int = 0

    def values(self) -> dict[str, Any]:
        """The filter by the names of the facade."""
        return asdict(self)


def chosen() -> Asked:
    """The filter as its widgets and the URL stand."""
    return Asked(
        causes=inputs.many("cause"),
        search=inputs.words("search"),
        warehouse=inputs.words("warehouse"),
        least=int(inputs.one("least", LEAST)),
    )


def widgets(view: View, board: StockBoard, asked: Asked) -> None:
    """The search, warehouse and size of the gap in one line, and below it the causes with their counts."""
    text = view.text
    with st.container(horizontal=True, vertical_alignment="bottom", key="stock_filters"):
        st.text_input(
            text("mapping.filter.search"),
            key="input.search",
            placeholder=text("mapping.filter.search.example"),
            width=300,
        )
        _warehouse(view, board)
        st.selectbox(
            text("stock.filter.least"),
            LEAST,
            key="input.least",
            format_func=lambda n: (
                text("stock.filter.least.n", n=int(n)) if int(n) else text("orders.filter.all")
            ),
            width=170,
        )
        if asked != Asked():
            inputs.clear(text, PARAMETERS, "clear-stock-filter")
    chips.row(
        text,
        "cause",
        text("stock.filter.cause"),
        picked=asked.causes,
        counts=dict(sorted(board.by_cause.items(), key=lambda one: (one[0] == "in_step", -one[1]))),
        word=lambda code: palette.shaped(code, text.word("cause", code)),
    )


def _warehouse(view: View, board: StockBoard) -> None:
    """Only where files name several: one warehouse is no choice."""
    text = view.text
    picked = str(st.session_state["input.warehouse"])
    named = [name for name in board.warehouses if name]
    if len(named) < 2 and not picked:
        return
    options = ["", *named]
    st.selectbox(
        text("stock.filter.warehouse"),
        options if picked in options else [*options, picked],
        key="input.warehouse",
        format_func=lambda name: name or text("orders.filter.all"),
        width=220,
    )


def words(view: View, asked: Asked) -> str:
    """The filter as a sentence."""
    text, parts = view.text, []
    if asked.causes:
        names = [text.word("cause", code, plain=True) for code in asked.causes]
        parts.append(text("stock.words.cause", what=names))
    if asked.warehouse:
        parts.append(text("stock.words.warehouse", what=asked.warehouse))
    if asked.least:
        parts.append(text("stock.words.least", n=asked.least))
    if asked.search:
        parts.append(text("mapping.words.search", what=asked.search))
    return inputs.sentence(text, parts)
