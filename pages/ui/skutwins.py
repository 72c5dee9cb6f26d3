"""Texts inside one side that are nearly the same: they become ambiguous as soon as one of them is changed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui import palette, skumoves, states, tables
from pages.ui.frame import View


def show(view: View) -> None:
    """The list, or that there is none."""
    text = view.text
    rows = view.workspace.mapping_twins(view.one_account)
    st.caption(text("mapping.twins.what"))
    if rows.empty:
        states.empty(text, "mapping.twins.none", good=True)
        return
    groups = rows["twin_group"].nunique()
    st.markdown(f"**{text('mapping.twins.total', groups=groups, n=len(rows))}**")
    place = tables.show(
        text,
        rows,
        "mapping_twins",
        key="rows-twins",
        rule_title=view.workspace.rule_title,
        on_select="rerun",
    )
    if place is None:
        st.caption(text("mapping.twins.hint"))
        return
    case_key = rows.iloc[place]["case_key"]
    if pd.isna(case_key):
        words = text("mapping.twins.smartship", sku_no=rows.iloc[place]["code"])
        st.caption(palette.literal(words))
    else:
        skumoves.case_button(view, str(case_key))
