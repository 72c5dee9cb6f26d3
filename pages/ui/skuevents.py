"""Products that were new, renamed or gone when they were judged, each with the way to its case."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui import skumoves, skutable, states, tables
from pages.ui.frame import View

SHOWN = 200


def show(view: View) -> None:
    """The newest changes, or that there is none; a selected row offers its case."""
    text = view.text
    rows = view.workspace.mapping_events(view.one_account, SHOWN)
    st.caption(text("mapping.events.what", n=SHOWN))
    if rows.empty:
        states.empty(text, "mapping.events.none", good=True)
        return
    st.markdown(f"**{text('frame.total', n=len(rows))}**")
    place = tables.show(
        text,
        skutable.needed(rows),
        "mapping_events",
        key="rows-events",
        rule_title=view.workspace.rule_title,
        on_select="rerun",
    )
    if place is None or place >= len(rows):
        st.caption(text("mapping.table.hint"))
        return
    _case(view, rows.iloc[place])


def _case(view: View, row: pd.Series) -> None:
    """The way to the case; a product that is gone has none any more."""
    if pd.isna(row["mapping_class"]):
        st.caption(view.text("mapping.events.gone"))
        return
    skumoves.case_button(view, str(row["case_key"]))
