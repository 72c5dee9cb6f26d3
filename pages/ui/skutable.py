"""The mapping table: every product of the filter, its CSV, and the way into the review of one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.ui import exports, listing, skufilter, skumoves, states
from pages.ui.frame import View
from reconcile import MappingBoard, MappingFilter, Paging

COLUMNS = (  # what is to be done and how many orders wait for it first, then both sides beside each other
    *("item_code", "mapping_class", "waiting_orders", "decision", "item_name", "ss_product_name"),
    *("option_text", "ss_option_text", "causes", "sku_no", "ss_product_no"),
)


def show(
    view: View, board: MappingBoard, asked: MappingFilter, *, paging: Paging, pager: str
) -> None:
    """The products of one filter; a selected row offers its review."""
    place = listing.show(
        view,
        replace(board.table, rows=needed(board.table.rows)),
        "sku_mapping",
        filter_words=skufilter.words(view, board, asked),
        about=asked,
        paging=paging,
        pager=pager,
        csv=lambda: exports.csv_button(
            view, "mapping", account=view.one_account, mapping_filter=asked, paging=paging
        ),
        empty=lambda: empty(view, board, asked),
        columns=COLUMNS,
    )
    if place is not None:
        skumoves.case_button(view, str(board.table.rows.iloc[place]["case_key"]), asked)
    elif not board.table.rows.empty:
        st.caption(view.text("mapping.table.hint"))


def needed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without the word "undecided" where there is nothing to decide: linked to the character."""
    is_calm = (rows["mapping_class"] == "linked") & (rows["decision"] == "open")
    return rows.assign(decision=rows["decision"].mask(is_calm, None))


def empty(view: View, board: MappingBoard, asked: MappingFilter) -> None:
    """Why there is no product: the filter, a missing Smartship file, or a catalogue never read."""
    if asked != MappingFilter():
        states.empty(view.text, "mapping.empty.filtered")
    elif board.basis == "none":
        states.import_first(view.text, "mapping.empty.missing", key="mapping")
    else:
        states.empty(view.text, "mapping.empty.catalogue")
