"""A board's rows as a list: the line above, why it is empty, the table with one row to select, and the pager."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from pages.ui import inputs, tables
from pages.ui.frame import View
from reconcile import Paging, TablePage


def show(
    view: View,
    page: TablePage,
    frame: str,
    *,
    filter_words: str,
    about: object,
    paging: Paging,
    pager: str,
    csv: Callable[[], None],
    empty: Callable[[], None],
    columns: Sequence[str] = (),
    drawn: Mapping[str, tuple[Any, Any]] | None = None,
    remember: Callable[[int | None], None] | None = None,
) -> int | None:
    """The position of the selected row, None where there is none. about: the filter, with which a selection ends.

    csv, empty: draw the CSV menu and the words for an empty list. columns, drawn: as in tables.show.
    remember: called with the position a person selects, before the screen is drawn anew.
    """
    text = view.text
    tables.above(text, page, filter_words=filter_words, now=view.now, frame=frame, csv=csv)
    if page.rows.empty:
        empty()
        return None
    key = f"rows-{frame}-{inputs.digest((about, paging))}"
    place = tables.show(
        text,
        page.rows,
        frame,
        key=key,
        rule_title=view.workspace.rule_title,
        on_select=partial(_selected, key, len(page.rows), remember) if remember else "rerun",
        columns=columns,
        drawn=drawn,
    )
    tables.pager(page, size=paging.size, key=pager)
    return place


def _selected(key: str, rows: int, remember: Callable[[int | None], None]) -> None:
    remember(tables.selected(st.session_state[key], rows))
