"""The case of one order: what is wrong and what to do, when what happened on both sides, and the lines of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import pandas as pd
import streamlit as st

from pages.ui import (
    casefacts,
    exports,
    inputs,
    ordertable,
    packetview,
    palette,
    recipientview,
    recoveryview,
    states,
    tables,
    timeline,
    triagecase,
)
from pages.ui.frame import View, facts_first, just_opened, part
from reconcile import Finding, OrderCase, visible

NEXT = ("sheet", "packet")
_AHEAD = "session.ahead"  # session: the row of an order that was opened just now


def read_ahead(view: View) -> None:
    """Reads the row of an order just opened before anything is sent, so that a browser draws it in one turn, not in two."""
    if just_opened():
        st.session_state[_AHEAD] = _chosen(view)


@part
def show_chosen(view: View) -> None:
    """The case of the order that the URL names, or one line saying how to open one."""
    row = _chosen(view)
    if row is None:
        st.caption(view.text("orders.case.none"))
        return
    show(view, row)


def _chosen(view: View) -> Mapping[str, Any] | None:
    number = st.query_params.get(ordertable.CHOSEN)
    if not number:
        return None
    account = st.query_params.get(ordertable.CHOSEN_ACCOUNT, view.one_account)
    row: Mapping[str, Any] | None = st.session_state.pop(_AHEAD, None)
    if row and (row["account"], row["order_number"]) == (account, number):
        return row
    return view.workspace.order_row(account, number)


def show(view: View, row: Mapping[str, Any]) -> None:
    """One order in depth; its facts stand there before the rest of it is read."""
    text = view.text
    with st.container(border=True, key="case"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.header(text("orders.case.title"), anchor=False)
            st.markdown(palette.worded(text, str(row["state"])), width="content")
            if st.button(text("orders.case.close"), key="case-close"):
                _close()
        _facts(view, row)
        facts_first()
        case = view.workspace.order(row["account"], row["order_number"])
        _verdict(view, case)
        timeline.show(view, case)
        casefacts.why(view, case)
        recipientview.show(view, case)
        _next(view, case.account, case.order_number)
        casefacts.kin(view, case)
        _lines(view, case)


def _close() -> NoReturn:
    st.query_params.pop(ordertable.CHOSEN, None)
    st.query_params.pop(ordertable.CHOSEN_ACCOUNT, None)
    # A selection lives under the key of its table; forgetting it lets the same row be opened again.
    for key in [key for key in st.session_state if str(key).startswith("rows-orders-")]:
        del st.session_state[key]
    st.rerun()  # the list above grows again


def _facts(view: View, row: Mapping[str, Any]) -> None:
    text = view.text
    names = (
        "order_number",
        "order_code",
        "shop_name",
        "phase_name",
        "ss_status",
        "delivery_number",
        "ss_tracking",
        "ss_packings",
    )
    known = {name: row.get(name) for name in names}
    with st.container(key="case_facts"):
        casefacts.facts(
            (
                text(f"column.{name}"),
                text("frame.blank") if _is_blank(value) else text.word(name, str(value)),
            )
            for name, value in known.items()
        )


def _verdict(view: View, case: OrderCase) -> None:
    text = view.text
    if not case.findings:
        known = case.row["state"] == "in_step"
        states.empty(text, "orders.case.in_step" if known else "orders.case.no_finding", good=known)
        return
    for place, finding in enumerate(case.findings):
        _finding(view, finding, opened=place == 0)


def _finding(view: View, finding: Finding, *, opened: bool) -> None:
    text = view.text
    told = view.workspace.explain(finding)
    mark = palette.worded(
        text, "cannot_tell" if finding.kind == "cannot_tell" else finding.severity
    )
    with st.container(border=True, key=f"finding_{finding.rule}_{finding.kind}"):
        st.markdown(f"{mark}\u2002`{finding.rule}`\u2002**{told.title}**")
        st.text(visible(told.saw, lines=True))
        if told.missing:
            st.text(text("orders.case.missing", what=told.missing))
        if told.cure:
            st.markdown(f"**{text('orders.case.cure')}**")
            for number, step in enumerate(told.cure, start=1):
                st.text(text("orders.case.step", n=number, step=step))
        with st.expander(text("orders.case.why"), expanded=opened and not told.cure):
            st.text(told.why)
            st.caption(
                text(
                    "orders.case.since",
                    since=text.time(finding.since, full=True),
                    age=text.age(finding.since, view.now),
                )
            )
        triagecase.actions(view, finding)


@part
def _next(view: View, account: str, order_number: str) -> None:
    """Shipping by hand and asking the vendors, opened by a choice that the URL keeps."""
    text = view.text
    with st.container(border=True, key="case_next"):
        st.markdown(f"**{text('case.next')}**")
        chosen = inputs.one("next", ("", *NEXT))
        st.pills(
            text("case.next"),
            NEXT,
            key="input.next",
            format_func=lambda name: text(f"case.next.{name}"),
            label_visibility="collapsed",
        )
        if chosen == "sheet":
            if recoveryview.sheet(view, account, (order_number,)):
                st.rerun()  # the sheet stands in the life of the order, too
        elif chosen == "packet":
            packetview.show(view, account, order_number)


def _csv(view: View, case: OrderCase, name: str) -> None:
    exports.csv_menu(
        view,
        name,
        lambda profile, encoding: view.workspace.order_csv(
            case, name, profile=profile, encoding=encoding
        ),
    )


def _lines(view: View, case: OrderCase) -> None:
    text = view.text
    for name, rows, missing in (
        ("order_lines", case.lines, "orders.case.lines.none"),
        ("shipment_lines", case.shipment_lines, "orders.case.shipment.none"),
    ):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
        ):
            st.markdown(f"**{text(f'orders.case.{name}')}**", width="content")
            if not rows.empty:
                _csv(view, case, name)
        if rows.empty:
            st.caption(text(missing))
            continue
        tables.show(text, rows, name, key=f"case.{name}", rule_title=view.workspace.rule_title)


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
