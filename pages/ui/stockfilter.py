"""The filter of the list of stock: cause, risk, shop, warehouse, least gap and a search, each in the URL."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from pages.ui import chips, inputs, palette
from pages.ui.frame import View
from reconcile import STOCK_CAUSES, STOCK_RISKS, StockBoard, visible

PARAMETERS = ("cause", "risk", "shop", "search", "warehouse", "least")
LEAST = ("0", "1", "2", "3", "5", "10", "20", "50", "100")  # [D] pieces a gap must have at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What Workspace.stock and Workspace.export take as a filter of stock."""

    causes: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    search: str = ""
    warehouse: str = ""
    least: int = 0

    def values(self) -> dict[str, Any]:
        """The filter by the names of the facade."""
        return asdict(self)


def chosen() -> Asked:
    """The filter as its widgets and the URL stand."""
    return Asked(
        causes=tuple(code for code in inputs.many("cause") if code in STOCK_CAUSES),
        risks=inputs.many("risk", STOCK_RISKS),
        shops=inputs.many("shop"),
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
            width=260,
        )
        st.multiselect(
            text("stock.filter.risk"),
            STOCK_RISKS,
            key="input.risk",
            format_func=lambda code: _risk(view, code),
            placeholder=text("orders.filter.all"),
            width=210,
        )
        _shops(view, board)
        _warehouse(view, board)
        st.selectbox(
            text("stock.filter.least"),
            LEAST,
            key="input.least",
            format_func=lambda n: (
                text("stock.filter.least.n", n=int(n)) if int(n) else text("orders.filter.all")
            ),
            width=150,
        )
        if asked != Asked():
            inputs.clear(text, PARAMETERS, "clear-stock-filter")
    _unknown(view)
    chips.row(
        text,
        "cause",
        text("stock.filter.cause"),
        picked=asked.causes,
        counts=dict(sorted(board.by_cause.items(), key=lambda one: (one[0] == "in_step", -one[1]))),
        word=lambda code: palette.shaped(code, text.word("cause", code)),
    )


def _risk(view: View, code: str) -> str:
    """A risk by its word, a rule by its number and title."""
    key = f"stock.risk.name.{code}"
    if view.text.has(key):
        return view.text(key)
    return view.text("stock.risk.rule", rule=code, title=view.workspace.rule_title(code))


def _unknown(view: View) -> None:
    """Causes that the address names and no version of today knows: an old link or saved view is told, not shown as empty."""
    gone = [code for code in st.query_params.get_all("cause") if code not in STOCK_CAUSES]
    if gone:
        words = view.text("stock.filter.unknown", names=gone)
        st.markdown(palette.shaped("at_risk", palette.literal(words)))


def _shops(view: View, board: StockBoard) -> None:
    """Only where there are several: one shop is no choice."""
    text, shops = view.text, dict(board.shops)
    picked = st.session_state.get("input.shop") or []
    if len(shops) < 2 and not picked:
        return
    st.multiselect(
        text("orders.filter.shop"),
        [*shops, *(code for code in picked if code not in shops)],
        key="input.shop",
        format_func=lambda code: visible(shops.get(code) or code),
        placeholder=text("orders.filter.all"),
        help=text("stock.filter.shop.help"),
        width=190,
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
        format_func=lambda name: visible(name) or text("orders.filter.all"),
        width=190,
    )


def words(view: View, board: StockBoard, asked: Asked) -> str:
    """The filter as a sentence."""
    text, parts, shops = view.text, [], dict(board.shops)
    if asked.causes:
        names = [text.word("cause", code, plain=True) for code in asked.causes]
        parts.append(text("stock.words.cause", what=names))
    if asked.risks:
        names = [_risk(view, code) for code in asked.risks]
        parts.append(text("stock.words.risk", what=names))
    if asked.shops:
        names = [shops.get(code) or code for code in asked.shops]
        parts.append(text("stock.words.shop", what=names))
    if asked.warehouse:
        parts.append(text("stock.words.warehouse", what=asked.warehouse))
    if asked.least:
        parts.append(text("stock.words.least", n=asked.least))
    if asked.search:
        parts.append(text("mapping.words.search", what=asked.search))
    return inputs.sentence(text, parts)
