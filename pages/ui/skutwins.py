"""Texts inside one side that are nearly the same: they become ambiguous as soon as one of them is changed."""

from __future__ import annotations

import streamlit as st

from pages.ui import states, tables
from pages.ui.frame import View


def show(view: View) -> None:
    """The list, or that there is none."""
    text = view.text
    rows = view.workspace.mapping_twins(view.one_account)
    st.caption(text("mapping.twins.what"))
    if rows.empty:
        states.empty(text, "mapping.twins.none", good=True)
        return
    st.markdown(f"**{text('frame.total', n=len(rows))}**")
    tables.show(text, rows, "mapping_twins", key="rows-twins", rule_title=view.workspace.rule_title)
