"""The parts of the mapping screen: classes with their counts, the table, and one pair character by character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui import diffview, exports, inputs, palette, states, tables
from pages.ui.frame import View
from reconcile import MappingBoard, Paging

FILTERS = ("class", "search")
CLASSES = ("missing", "near_miss", "name_only", "duplicate", "stale", "linked")
PAIRS = (("item_name", "ss_product_name"), ("option_text", "ss_option_text"))


def filters(view: View, board: MappingBoard) -> None:
    """What the comparison rests on, the classes with their counts, and the search."""
    text = view.text
    st.caption(text(f"mapping.basis.{board.basis}"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="mapping_filters"):
        st.pills(
            text("mapping.filter.class"),
            CLASSES,
            selection_mode="multi",
            key="input.class",
            format_func=lambda code: text(
                "mapping.class.count",
                name=text.word("mapping_class", code),
                n=board.by_class.get(code, 0),
            ),
        )
        st.text_input(
            text("mapping.filter.search"),
            key="input.search",
            placeholder=text("mapping.filter.search.example"),
            width=260,
        )


def table(
    view: View,
    board: MappingBoard,
    *,
    classes: Sequence[str],
    search: str,
    paging: Paging,
    pager: str,
) -> None:
    """The SKUs of one filter; selecting a row opens its difference below."""
    text = view.text
    tables.above(
        text,
        board.table,
        filter_words=_filter_words(view, classes, search),
        now=view.now,
        frame="sku_mapping",
        csv=lambda: exports.csv_button(
            view, "mapping", account=view.one_account, classes=tuple(classes), search=search
        ),
    )
    if board.table.rows.empty:
        _empty(view, board, filtered=bool(classes or search))
        return
    place = tables.show(
        text,
        board.table.rows,
        "sku_mapping",
        key=f"rows-mapping-{inputs.digest((classes, search, paging))}",
        rule_title=view.workspace.rule_title,
        on_select="rerun",
    )
    tables.pager(board.table, size=paging.size, key=pager)
    if place is None:
        st.caption(text("mapping.case.none"))
    else:
        pair(view, tables.record(board.table.rows, place))


def pair(view: View, row: Mapping[str, Any]) -> None:
    """One CROSS MALL SKU against its Smartship row: both texts, their difference, causes, and the text to copy."""
    text = view.text
    with st.container(border=True, key="mapping_case"):
        st.markdown(
            f":{palette.name_of(str(row['mapping_class']))}"
            f"[{text.word('mapping_class', str(row['mapping_class']))}]"
        )
        diffview.causes(text, tables.codes(row["causes"]))
        for ours, theirs in PAIRS:
            left, right = _raw(row[ours]), _raw(row[theirs])
            if not left and not right:
                continue
            st.caption(text(f"column.{ours}"))
            diffview.show(
                text,
                view.workspace.difference(left, right),
                left=text("frame.crossmall"),
                right=text("frame.smartship"),
            )
            if left and left != right:
                st.caption(text("mapping.case.correct"))
                st.code(left, language=None, wrap_lines=True)
        st.caption(text(f"mapping.advice.{row['mapping_class']}"))


def _empty(view: View, board: MappingBoard, *, filtered: bool) -> None:
    if filtered:
        states.empty(view.text, "mapping.empty.filtered")
        st.button(
            view.text("orders.filter.clear"),
            key="clear-mapping",
            on_click=inputs.clear_filters,
            args=(FILTERS,),
        )
    elif board.basis == "none":
        states.import_first(view.text, "mapping.empty.missing", key="mapping")
    else:
        states.empty(view.text, "mapping.empty.catalogue")


def _filter_words(view: View, classes: Sequence[str], search: str) -> str:
    text = view.text
    parts = []
    if classes:
        names = [text.word("mapping_class", code) for code in classes]
        parts.append(text("mapping.words.class", what=names))
    if search:
        parts.append(text("mapping.words.search", what=search))
    if not parts:
        return text("mapping.words.all")
    return text("orders.words.filter", parts=inputs.joined(text, parts))


def _raw(value: Any) -> str:
    return value if isinstance(value, str) else ""
