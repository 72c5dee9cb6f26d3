"""The correction sheet: what each side should be set to, and on which side to set it. A proposal; nothing is written."""

from __future__ import annotations

import streamlit as st

from pages.ui import exports, palette, states, tables
from pages.ui.frame import View

COLUMNS = (  # what to do comes before what is known, so that it is in sight on a narrow screen too
    *("item_code", "attribute1", "attribute2", "side", "stock_act", "now_at", "set_to", "change"),
    *(
        "cause",
        "weak",
        "gap",
        "exposure",
        "item_name",
        "sku_no",
        "crossmall_seen_at",
        "smartship_seen_at",
    ),
)


def show(view: View) -> None:
    """The sheet with its CSV, the number of rows per side, and plainly that it is a proposal."""
    text = view.text
    rows = view.workspace.stock_corrections(view.one_account)
    st.markdown(palette.shaped("at_risk", text("stock.sheet.proposal")))
    st.caption(text("stock.sheet.why"))
    if rows.empty:
        if view.workspace.stock_total(view.one_account, days=0).told:
            states.empty(text, "stock.sheet.none", good=True)
        else:
            states.import_first(text, "stock.total.none", key="stock-sheet")
        return
    counts = rows["side"].value_counts()
    words = [text("desk.chip", word=text.word("side", str(s)), n=int(n)) for s, n in counts.items()]
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="above_stock_sheet",
    ):
        st.markdown(f"**{text('frame.total', n=len(rows))}** {text.value(words)}", width="content")
        exports.csv_button(view, "stock_corrections", account=view.one_account)
    tables.show(
        text,
        rows,
        "stock_corrections",
        key="rows-stock-sheet",
        rule_title=view.workspace.rule_title,
        columns=COLUMNS,
    )
