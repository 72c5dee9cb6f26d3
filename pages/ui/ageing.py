"""How long findings have waited for a person: a span in words, with mark and colour where it is beyond the limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import palette
from reconcile import Text


def words(text: Text, hours: float, *, overdue: bool) -> str:
    """A waiting time in words: `● 2日（期限超過）` or `3時間`."""
    span = text("desk.waiting.short") if hours < 1 else text.span(timedelta(hours=int(hours)))
    return text("desk.waiting.overdue", span=span) if overdue else span


def cells(text: Text, rows: pd.DataFrame) -> tuple[Any, Any]:
    """The column `waiting_h` as words with the colour of its ageing: the cells and their column_config."""
    made: list[list[str]] = []
    colours: dict[str, str] = {}
    for hours, ageing in zip(rows["waiting_h"], rows["ageing"], strict=True):
        if pd.isna(hours):
            made.append([])
            continue
        overdue = ageing == "overdue"
        word = words(text, float(hours), overdue=overdue)
        colours[word] = palette.tint_of("overdue" if overdue else "in_time")
        made.append([word])
    column = st.column_config.MultiselectColumn(
        text("desk.column.waiting"),
        options=list(colours),
        color=list(colours.values()) or None,
        help=text("desk.column.waiting.help"),
    )
    return made, column
