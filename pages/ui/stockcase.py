"""One SKU: both figures with age and source, the equation in words, its gap as a waterfall, and what moved it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from pages.ui import inputs, palette, states, stockhistory, tables, waterfall
from pages.ui.charts import CONFIG
from pages.ui.frame import View, facts_first, folded
from pages.ui.waterfall import signed
from reconcile import JST, ReconcileError, StockCase, StockHistory, Text

KEY = ("item_code", "attribute1", "attribute2", "sku_no")  # what names a SKU and one of its links
FIGURES = ("smartship", "shown", "in_flight", "expected", "crossmall", "gap", "exposure")
SOURCES = ("smartship", "crossmall")
SIGNED = ("gap",)
FACTS = (  # what else is known of the SKU, said only where it is
    *("sync_type", "sync_value", "sync_state", "pushed_at", "pushed_qty", "failed_at"),
    *("failed_message", "damaged", "damaged_since", "inbound", "keep_stock"),
    *("set_of", "set_figure", "sold", "next_push_at", "runs_out_at", "exposure_soon"),
    "linked_sku_no",
)


def show(view: View, sku: Sequence[str], *, on_close: Callable[[], None]) -> None:
    """The case of the SKU that KEY names: its figures and parts, and its history; or that there is none such."""
    item_code, attribute1, attribute2, sku_no = (*sku, "", "", "", "")[: len(KEY)]
    try:
        case = view.workspace.stock_case(view.one_account, item_code, attribute1, attribute2)
    except ReconcileError as error:
        states.failed(view.text, error)
        return
    own = next((one for one in case.rows if (one["sku_no"] or "") == sku_no), case.rows[0])
    with st.container(border=True, key="stock_case"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f"**{_cause(view.text, own)}**", width="content")
            st.button(view.text("orders.case.close"), key="stock-case-close", on_click=on_close)
        _verdict(view, own)
        _figures(view, own)
        facts_first()
        _equation(view, own)
        if len(case.rows) > 1:
            numbers = [str(one["sku_no"]) for one in case.rows if one["sku_no"]]
            st.text(view.text("stock.case.several", numbers=numbers))
        _picture(view, own)
        _facts(view, own)
        _history(view, case)


def _cause(text: Text, row: Mapping[str, Any]) -> str:
    return palette.shaped(str(row["cause"]), text.word("cause", str(row["cause"])))


def _verdict(view: View, row: Mapping[str, Any]) -> None:
    text, cause = view.text, str(row["cause"])
    names = [
        str(row[name])
        for name in ("item_code", "item_name", "attribute1", "attribute2", "sku_no")
        if row[name]
    ]
    st.text(text.value(names))
    st.caption(text(f"stock_cause.{cause}.help"))
    if row["reason"]:
        st.markdown(
            palette.shaped(
                "cannot_tell",
                text("stock.case.reason", what=text.word("reason", str(row["reason"]))),
            )
        )
    if row["weak"]:
        st.markdown(palette.shaped("cannot_tell", text("stock.case.weak")))


def _figures(view: View, row: Mapping[str, Any]) -> None:
    text = view.text
    for column, name in zip(st.columns(len(FIGURES)), FIGURES, strict=True):
        with column:
            st.caption(text(f"column.{name}"))
            st.markdown(f"**{_figure(view, name, row[name])}**")
            if name in SOURCES:
                words = text(
                    f"stock.source.{name}",
                    age=text.age(row[f"{name}_seen_at"], view.now),
                    at=text.time(row[f"{name}_seen_at"]),
                    warehouses=str(row["warehouses"] or text("stock.warehouse.unnamed")),
                )
                st.caption(palette.literal(words))


def _figure(view: View, name: str, value: Any) -> str:
    if value is None:
        return view.text("stock.unknown")
    return signed(int(value)) if name in SIGNED else view.text.value(int(value))


def _equation(view: View, row: Mapping[str, Any]) -> None:
    """The gap with its parts in one line, and in a second what was expected."""
    text = view.text
    if row["gap"] is not None:
        parts = [f"{text.word('cause', cause)} {signed(n)}" for cause, n in row["parts"].items()]
        values = {name: row[name] for name in ("crossmall", "smartship")}
        gap = signed(row["gap"])
        st.text(
            text("stock.case.parts", gap=gap, parts=parts, **values)
            if parts
            else text("stock.case.no_parts", gap=gap, **values)
        )
    if row["expected"] is None:
        st.caption(text("stock.case.expected.none"))
        return
    if row["shown"] is None:  # of a set: from its components, no rule of its own
        st.caption(text("stock.case.expected.set", expected=row["expected"]))
        return
    waiting = int(row["in_flight"] or 0)
    st.caption(
        text(
            "stock.case.expected",
            expected=row["expected"],
            shown=row["shown"],
            in_flight=waiting,
            moved=signed(int(row["expected"]) - int(row["shown"]) + waiting),
        )
    )


def _picture(view: View, row: Mapping[str, Any]) -> None:
    if row["parts"]:
        st.markdown(f"**{view.text('stock.case.waterfall')}**")
        drawn = waterfall.drawn(view.text, row["parts"], int(row["gap"]))
        st.plotly_chart(drawn, key="stock_case_waterfall", config=CONFIG)


def _facts(view: View, row: Mapping[str, Any]) -> None:
    text = view.text
    told = []
    for name in FACTS:
        value = row[name]
        if value is None or (value == 0 and name != "pushed_qty"):
            continue
        told.append(
            text("stock.case.fact", name=text(f"column.{name}"), value=_fact(view, name, value))
        )
    if told:
        st.caption(palette.literal(" · ".join(told)))


def _fact(view: View, name: str, value: Any) -> Any:
    """What is written of a fact: the word of a code, and of an estimate beyond a day its day with the year, not its minute."""
    if name in ("sync_type", "sync_state"):
        return view.text.word(name, str(value))
    if name == "runs_out_at" and value - view.now > timedelta(days=1):
        return value.astimezone(JST).date()
    return value


def _history(view: View, case: StockCase) -> None:
    text = view.text
    st.markdown(f"**{text('stock.case.history')}**")
    past = view.workspace.stock_history(case)
    if past.moves.empty:
        st.caption(text("stock.case.history.none"))
        return
    drawn = stockhistory.drawn(text, past.moves, view.now)
    st.plotly_chart(drawn, key="stock_case_history", config=CONFIG)
    st.caption(text("stock.case.history.legend"))
    label = text("stock.case.history.rows", n=len(past.moves))
    name = inputs.digest((case.account, case.case_key))
    folded(view, label, f"stock-past-{name}", lambda: _rows(view, case, past))


def _rows(view: View, case: StockCase, past: StockHistory) -> None:
    text = view.text
    for name, frame, rows in (
        ("moves", "stock_history", past.moves),
        ("gaps", "stock_gaps", past.gaps),
    ):
        st.caption(text(f"stock.case.history.{name}"))
        tables.show(
            text,
            rows[::-1],
            frame,
            key=f"{frame}-{case.case_key}",
            rule_title=view.workspace.rule_title,
            visible=8,
        )
