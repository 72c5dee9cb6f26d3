"""The way of the orders from the collect phase to Smartship and back: how many came to each stage, and where they stopped."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui import charts, context, inputs, palette, states, tables
from pages.ui.frame import View
from reconcile import FLOW_STAGES, OrderBoard, OrderFilter

ORDERS = "pages/screens/orders.py"
_STAGES = FLOW_STAGES[1:]  # orders before the collect phase are not on their way yet


def strip(view: View, board: OrderBoard, asked: OrderFilter) -> None:
    """One line of stages; every number leads to its orders, under the filter that is set."""
    text, counts = view.text, board.facets["flow"]
    with st.container(horizontal=True, vertical_alignment="center", key="desk_flow", gap="small"):
        st.caption(text("desk.flow"), help=text("desk.flow.help"), width="content")
        for stage in _STAGES:
            _stage(view, stage, counts, asked)
        if asked.flow:
            st.button(
                text("desk.flow.clear"),
                key="flow-clear",
                type="tertiary",
                on_click=inputs.go,
                args=(inputs.address(flow=None, order=None, of=None),),
            )
        _more(view, board)


def _stage(view: View, stage: str, counts: Mapping[str, int], asked: OrderFilter) -> None:
    text = view.text
    _link(text(f"desk.flow.{stage}", n=counts[stage]), stage, asked)
    stopped = counts[f"only_{stage}"]
    if stopped and stage != _STAGES[-1]:
        words = text(f"desk.flow.only_{stage}", n=stopped)
        _link(f":orange[{words}]", f"only_{stage}", asked)


def _link(label: str, flow: str, asked: OrderFilter) -> None:
    """A number that leads to its orders. A link to the page it stands on would leave the browser's address as it was."""
    st.button(
        f"**{label}**" if asked.flow == flow else label,
        key=f"flow-{flow}",
        type="tertiary",
        on_click=inputs.go,
        args=(inputs.address(flow=flow, order=None, of=None),),
    )


def _more(view: View, board: OrderBoard) -> None:
    """Orders per phase and the moves between phases, read only once they are opened."""
    text = view.text
    opened = st.popover(
        text("desk.flow.more"), type="tertiary", key="desk_flow_more", on_change="rerun"
    )
    if not opened.open:
        return
    with opened:
        st.markdown(f"**{text('orders.phases')}**")
        charts.phases(text, board.by_phase)
        st.markdown(f"**{text('desk.flow.moves')}**")
        if view.account is None and len(view.accounts) > 1:
            _choose(view)
            return
        moves = view.workspace.phase_flow(view.one_account).moves
        if moves.empty:
            states.empty(text, "desk.flow.moves.none")
            return
        tables.show(
            text,
            moves,
            "phase_moves",
            key="desk-moves",
            rule_title=view.workspace.rule_title,
        )


def _choose(view: View) -> None:
    st.text(view.text("desk.flow.account"))
    with st.container(horizontal=True):
        for account in view.accounts:
            st.page_link(
                ORDERS,
                label=palette.literal(account.name),
                query_params=context.link(account=account.name),
            )
