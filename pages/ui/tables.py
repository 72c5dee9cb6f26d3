"""Tables as their frame contract says: labels, units and formats, with total, filter, age and CSV on one line above."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st

from pages.ui import inputs, palette
from reconcile import FRAMES, Col, TablePage, Text, visible

ROW_PX = 33  # with the font size of config.toml
ROWS_VISIBLE = 14
WIDE_PX = 250
INSTANT_PX = 110
STATE_PX, HEADER_PX = 36, 24  # the edges of a state and of a title in their cells
Selection = Literal["single-row", "multi-row", "single-cell"]


def show(
    text: Text,
    rows: pd.DataFrame,
    frame: str,
    *,
    key: str,
    rule_title: Callable[[str], str],
    on_select: Callable[[], None] | Literal["rerun"] | None = None,
    visible: int = ROWS_VISIBLE,
    choose: Sequence[Selection] = ("single-row",),
    columns: Sequence[str] = (),
    drawn: Mapping[str, tuple[Any, Any]] | None = None,
    marked: Sequence[int] = (),
) -> int | None:
    """The rows of a frame as a table; the position of the row a person selected, or None.

    on_select: None for a table without selection, "rerun", or a callback that runs before the next script run.
    choose: what can be selected, in Streamlit's words. columns, drawn: which ones in which order, and the cells and
    column_config of some, where not as the contract says. marked: rows selected to begin with.
    """
    ordered, pinned = _columns(frame, columns)
    special = drawn or {}
    cells = {
        column.name: special[column.name][0]
        if column.name in special
        else _values(text, column, rows[column.name], rule_title)
        for column in ordered
    }
    shown = pd.DataFrame({name: _seen(values) for name, values in cells.items()})
    look: dict[str, Any] = {
        "key": key,
        "hide_index": True,
        "height": ROW_PX * (min(len(shown), visible) + 1) + 3,
        "placeholder": text("frame.blank"),
        "column_config": {
            column.name: special[column.name][1]
            if column.name in special
            else _config(text, column, rows, cells, pinned=column.name == pinned)
            for column in ordered
        },
    }
    if on_select is None:
        st.dataframe(shown, **look)
        return None
    look |= {"selection_mode": choose, "selection_default": {"selection": {"rows": list(marked)}}}
    return selected(st.dataframe(shown, on_select=on_select, **look), len(shown))


def _columns(frame: str, names: Sequence[str]) -> tuple[list[Col], str]:
    """The columns to draw, and the one that stays in sight."""
    known = {column.name: column for column in FRAMES[frame].columns if column.shown}
    pinned = next((name for name in FRAMES[frame].key if name in known), "")
    return [known[name] for name in names or known], pinned


def record(rows: pd.DataFrame, place: int) -> dict[str, Any]:
    """One row by column name."""
    return {str(name): value for name, value in rows.iloc[place].items()}


def selected(state: Any, rows: int) -> int | None:
    """The position of the selected row in a table's state, None if there is none (any more)."""
    chosen = state["selection"]["rows"]
    return int(chosen[0]) if chosen and chosen[0] < rows else None


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
            st.text(f"{filter_words} {ages}")
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
        return [[text.word(column.name, str(code))] if _is(code) else [] for code in values]
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


def _seen(values: Any) -> Any:
    """A column with a sign for every character that nobody sees; as it is where there is none, which is asked once for all."""
    together = "".join(value for value in values if isinstance(value, str))
    if visible(together) == together:
        return values
    return [visible(value) if isinstance(value, str) else value for value in values]


def _code_word(text: Text, column: str, code: str, rule_title: Callable[[str], str]) -> str:
    if column in ("primary_rule", "rule"):
        return text("frame.rule", rule=code, title=rule_title(code))
    return text.word(column, code)


def _is(value: Any) -> bool:
    return value is not None and not (pd.api.types.is_scalar(value) and pd.isna(value))


def _config(
    text: Text, column: Col, rows: pd.DataFrame, cells: Mapping[str, Any], *, pinned: bool
) -> Any:
    label = text(f"column.{column.name}")
    width = WIDE_PX if column.wide else None
    if column.wide and column.kind == "codes":  # our own words, which are to be read whole
        width = max(_px(word) for word in (label, *cells[column.name])) + HEADER_PX
    kinds = st.column_config
    if column.kind == "state":
        return _state_column(text, column, label, rows[column.name])
    if column.kind == "instant":
        return kinds.DatetimeColumn(
            label,
            format="MM/DD HH:mm",
            timezone="Asia/Tokyo",
            pinned=pinned,
            width=max(INSTANT_PX, _px(label) + HEADER_PX),
        )
    if column.kind in ("count", "number"):
        return kinds.NumberColumn(label, format="localized", pinned=pinned)
    if column.kind == "yen":
        return kinds.NumberColumn(label, format="yen", pinned=pinned)
    if column.kind == "flag":
        return kinds.CheckboxColumn(label, pinned=pinned)
    return kinds.TextColumn(label, pinned=pinned, width=width)


def _px(word: str) -> int:
    """About how wide a word is drawn in a table."""
    return sum(14 if unicodedata.east_asian_width(char) in "WFA" else 7 for char in word)


def _state_column(text: Text, column: Col, label: str, values: pd.Series[Any]) -> Any:
    present = sorted({str(code) for code in values if _is(code)})
    return states(label, {text.word(column.name, code): code for code in present})


def states(label: str, shown: Mapping[str, str], cells: Sequence[Sequence[str]] = ()) -> Any:
    """A column of words as coloured chips. shown: word -> the state whose colour it has; cells: those of several chips."""
    wide = [
        sum(_px(word) + STATE_PX for word in cell) for cell in (*cells, *([one] for one in shown))
    ]
    return st.column_config.MultiselectColumn(
        label,
        width=max(_px(label) + HEADER_PX, STATE_PX, *wide),
        options=list(shown),
        color=[palette.tint_of(code) for code in shown.values()] or None,
    )
