"""The pulls of the last weeks: seen by the orders that arrived together, or planned and more or less likely."""

from __future__ import annotations

import streamlit as st

from pages.ui import patternhead, states, tables
from pages.ui.frame import View
from reconcile import TablePage

PAGE_SIZE = 50


def show(view: View, account: str) -> None:
    """What is known of the pulls in words, then every one of them, newest first."""
    text = view.text
    rows = view.workspace.pulls(account)
    st.header(text("pulls.title"), anchor=False)
    if rows.empty:
        states.empty(text, "pulls.none")
        return
    habit = view.workspace.pull_habit(account)
    if habit is None or habit.minute is None:
        st.text(text("pulls.habit.unknown", pulls=habit.pulls if habit else 0))
    else:
        st.text(
            text(
                "pulls.habit", pulls=habit.pulls, minute=f"{habit.minute:02}", run_pct=habit.run_pct
            )
        )
    st.caption(text("pulls.what"))
    patternhead.above(view, account, "pulls", total=len(rows), filter_words=text("pulls.filter"))
    key = f"pager.pulls.{account}"
    page = int(st.session_state.get(key, 1))
    newest = rows.iloc[::-1]
    some = newest.iloc[(page - 1) * PAGE_SIZE : page * PAGE_SIZE].reset_index(drop=True)
    tables.show(
        text,
        some,
        "pulls",
        key="rows-pulls",
        rule_title=view.workspace.rule_title,
        drawn=patternhead.times(view, some, "pull_from", "pull_by"),
    )
    shown = TablePage(frame="pulls", rows=some, total=len(rows), as_of={})
    tables.pager(shown, size=PAGE_SIZE, key=key)
