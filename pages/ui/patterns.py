"""When and why orders miss their pull: risk, hours, moves, and what another interval would change."""

from __future__ import annotations

import streamlit as st

from pages.ui import (
    context,
    heatmap,
    inputs,
    moves,
    palette,
    patternhead,
    pullview,
    riskview,
    states,
    stayview,
)
from pages.ui.frame import View

PARTS = {
    "risk": riskview.show,
    "hours": heatmap.show,
    "moves": moves.show,
    "what_if": stayview.show,
    "pulls": pullview.show,
}
_NEED_FILE = ("hours", "pulls")


def show(view: View) -> None:
    """The section 傾向 of the Orders screen: one part at a time, for one account."""
    text, account = view.text, view.account
    if account is None:
        _choose(view)
        return
    health = patternhead.health_of(view, account)
    if not health.orders:
        states.empty(text, "patterns.empty.orders")
        return
    part = _part(view)
    if part in _NEED_FILE and health.smartship_snapshot_at is None:
        states.import_first(text, "patterns.empty.file", key="patterns")
        return
    PARTS[part](view, account)


def _part(view: View) -> str:
    text, names = view.text, tuple(PARTS)
    chosen = inputs.one("part", names)
    st.segmented_control(
        text("patterns.part"),
        names,
        key="input.part",
        format_func=lambda name: text(f"patterns.part.{name}"),
        label_visibility="collapsed",
        required=True,
    )
    return chosen


def _choose(view: View) -> None:
    text = view.text
    with st.container(border=True, key="patterns_choose"):
        st.text(text("patterns.choose"))
        for account in view.accounts:
            st.page_link(
                patternhead.ORDERS,
                label=text("patterns.choose.one", name=palette.literal(account.name)),
                query_params=context.link(account=account.name, section="patterns"),
            )
