"""Tables as their frame contract says: labels, units and formats, with total, filter, age and CSV on one line above."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import inputs, palette
from reconcile import FRAMES, Col, TablePage, Text

ROW_PX = 35
ROWS_VISIBLE = 14
_FAMILIES: Mapping[str, tuple[str, ...]] = {  # column -> text families of its codes
    "ss_status": ("ss_status",),
    "status": ("ss_status",),
    "mapping_class": ("mapping_class",),
    "cause": ("stock_cause",),
    "causes": ("cause",),
    "phase_role": ("connections.role",),
    "matched_by": ("orders.matched_by",),
}


def word(text: Text, column: str, code: str) -> str:
    """The word of a code in a column; the raw code where the vendor's value is not one of ours."""
    for family in _FAMILIES.get(column, ("state",)):
        if text.has(f"{family}.{code}"):
            return text(f"{family}.{code}")
    return code


def show(
    text: Text,
    rows: pd.DataFrame,
    frame: str,
    *,
    key: str,
    rule_title: Callable[[str], str],
    selectable: bool = False,
) -> int | None:
    """The rows of a frame as a table; the position of the row a person selected, or None."""
    columns = [column for column in FRAMES[frame].columns if column.shown]
    pinned = next((name for name in FRAMES[frame].key if name in {c.name for c in columns}), "")
    shown = pd.DataFrame(
        {column.name: _values(text, column, rows[column.name], rule_title) for column in columns}
    )
    state = st.dataframe(
        shown,
        key=key,
        hide_index=True,
        height=ROW_PX * (min(len(shown), ROWS_VISIBLE) + 1) + 3,
        placeholder=text("frame.blank"),
        column_config={
            column.name: _config(text, column, rows[column.name], pinned=column.name == pinned)
            for column in columns
        },
        **({"on_select": "rerun", "selection_mode": "single-row"} if selectable else {}),
    )
    chosen = state["selection"]["rows"] if selectable else []
    return int(chosen[0]) if chosen and chosen[0] < len(shown) else None


def above(
    text: Text, page: TablePage, *, filter_words: str, now: Any, frame: str, csv: Callable[[], None]
) -> None:
    """One line over a table: how many rows, under which filter, how old both sides are, order, size and CSV."""
    ages = text(
        "frame.ages",
        crossmall=text.age(page.as_of.get("crossmall"), now),
        smartship=text.age(page.as_of.get("smartship"), now),
    )
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key=f"above_{frame}",
    ):
        with st.container(width="content", gap=None):
            st.markdown(f"**{text('frame.total', n=page.total)}**", width="content")
            st.caption(f"{filter_words} {ages}", width="content")
        with st.container(
            horizontal=True, vertical_alignment="center", width="content", key=f"tools_{frame}"
        ):
            inputs.table_widgets(text, frame)
            csv()


def pager(page: TablePage, *, size: int, key: str) -> None:
    """The page numbers below a table, when there is more than one page."""
    pages = -(-page.total // size)
    if pages > 1:
        st.pagination(pages, key=key)


def codes(value: Any) -> tuple[str, ...]:
    """The codes in a cell: a JSON list, a list, or a single code; empty for nothing."""
    if isinstance(value, str):
        held = json.loads(value) if value.startswith("[") else [value] if value else []
    elif isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
        held = list(value)
    else:
        held = []
    return tuple(str(code) for code in held)


def _values(
    text: Text, column: Col, values: pd.Series[Any], rule_title: Callable[[str], str]
) -> Any:
    if column.kind == "state":
        return [[word(text, column.name, str(code))] if _is(code) else [] for code in values]
    if column.kind == "codes":
        return [
            text.value([_code_word(text, column.name, code, rule_title) for code in codes(cell)])
            for cell in values
        ]
    if column.kind == "instant":
        return pd.to_datetime(values, utc=True).dt.tz_convert("Asia/Tokyo")
    if column.kind in ("id", "text"):
        return [str(value) if _is(value) else None for value in values]
    return values


def _code_word(text: Text, column: str, code: str, rule_title: Callable[[str], str]) -> str:
    if column in ("primary_rule", "rule"):
        return text("frame.rule", rule=code, title=rule_title(code))
    return word(text, column, code)


def _is(value: Any) -> bool:
    return value is not None and not (pd.api.types.is_scalar(value) and pd.isna(value))


def _config(text: Text, column: Col, values: pd.Series[Any], *, pinned: bool) -> Any:
    label = text(f"column.{column.name}")
    width = "large" if column.wide else None
    kinds = st.column_config
    if column.kind == "state":
        return _state_column(text, column, label, values)
    if column.kind == "instant":
        return kinds.DatetimeColumn(
            label, format="MM/DD HH:mm", timezone="Asia/Tokyo", pinned=pinned, width=110
        )
    if column.kind in ("count", "number"):
        return kinds.NumberColumn(label, format="localized", pinned=pinned)
    if column.kind == "yen":
        return kinds.NumberColumn(label, format="yen", pinned=pinned)
    if column.kind == "flag":
        return kinds.CheckboxColumn(label, pinned=pinned)
    return kinds.TextColumn(label, pinned=pinned, width=width)


def _state_column(text: Text, column: Col, label: str, values: pd.Series[Any]) -> Any:
    present = sorted({str(code) for code in values if _is(code)})
    return st.column_config.MultiselectColumn(
        label,
        options=[word(text, column.name, code) for code in present],
        color=[palette.hex_of(code) for code in present] or None,
    )
