"""Orders: the filtered list with the case of one order below it, and the patterns behind the misses."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import case, flow, inputs, orderfilter, ordertable, patterns
from pages.ui.frame import View, above_below, frame, part


@part
def body(view: View) -> None:
    """The section that the address names."""
    case.read_ahead(view)
    top = st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="desk_head",
    )
    with top:
        section = inputs.section(
            view.text,
            ("list", "patterns"),
            lambda name: view.text(f"orders.section.{name}"),
        )
    if section == "patterns":
        patterns.show(view)
        return
    above_below(lambda: _list(view, top), lambda: case.show_chosen(view))


def _list(view: View, top: DeltaGenerator) -> None:
    chosen = orderfilter.chosen(view.account, view.workspace.rule_ids())
    paging, pager = inputs.paging("orders", chosen)
    result = view.workspace.orders(chosen, paging)
    with top:
        ordertable.head(view, result, chosen)
    flow.strip(view, result, chosen)
    orderfilter.widgets(view, result, chosen)
    ordertable.show(view, result, chosen, paging, pager)


with frame("orders") as view:
    body(view)
