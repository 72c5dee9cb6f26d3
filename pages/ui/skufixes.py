"""What is to be entered at Smartship or renamed in CROSS MALL, whether it has arrived, and a mapping list taken in."""

from __future__ import annotations

import streamlit as st

from pages.ui import exports, inputs, palette, skuimport, skukeys, skumoves, states, tables
from pages.ui.frame import View


def show(view: View) -> None:
    """The list of one side with its files, and the way in for a list that was filled elsewhere."""
    text = view.text
    side = inputs.one("side", skumoves.SIDES)
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="fixes_head",
    ):
        only = inputs.one("list", ("todo", "all")) == "todo"
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.segmented_control(
                text("mapping.fixes.side"),
                skumoves.SIDES,
                key="input.side",
                format_func=lambda code: text(f"mapping.fixes.side.{code}"),
                label_visibility="collapsed",
                required=True,
            )
            st.toggle(text("mapping.fixes.todo"), value=only, key="fixes-todo", on_change=_turn)
        exports.csv_button(
            view, f"mapping_fixes_{side}", account=view.one_account, changes_only=only
        )
    skukeys.bar(view)
    _table(view, side, only=only)
    skuimport.show(view)


def _table(view: View, side: str, *, only: bool) -> None:
    """What a side has to read, and how much of it has arrived."""
    text = view.text
    st.caption(text(f"mapping.fixes.what.{side}"))
    rows = view.workspace.mapping_fixes(view.one_account, side, changes_only=only)
    if rows.empty:
        states.empty(text, "mapping.fixes.none.todo" if only else "mapping.fixes.none")
    else:
        words = {
            str(code): palette.worded(text, str(code), family="mapping.arrival")
            for code in rows["arrival"].dropna().unique()
        }
        counts = rows["arrival"].value_counts()
        st.markdown(
            text.value(
                [text("desk.chip", word=words[str(code)], n=int(n)) for code, n in counts.items()]
            )
        )
        tables.show(
            text,
            rows,
            "mapping_fixes",
            key=f"rows-fixes-{side}-{only}",
            rule_title=view.workspace.rule_title,
        )


def _turn() -> None:
    chosen = "todo" if st.session_state["fixes-todo"] else "all"
    st.session_state["input.list"] = chosen
