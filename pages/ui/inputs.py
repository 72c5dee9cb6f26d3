"""Widgets that become frozen filters, bound to the URL: a link, a reload and the back button show the same rows."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any

import streamlit as st

from reconcile import FRAMES, Paging, Text

PAGE_SIZES = (50, 100, 200)
# What a person looks for first: orders by urgency (the codes sort that way), SKUs by what they hold up, stock by gap.
FIRST_SORT = {
    "orders": ("state", "up"),
    "sku_mapping": ("waiting_orders", "down"),
    "stock": ("gap", "down"),
}
_ISO_DAY = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def held(name: str, read: Callable[[tuple[str, ...]], Any]) -> Any:
    """The value of the widget `input.<name>`: what the URL says whenever the URL moved, else what the user set."""
    key = f"input.{name}"
    said = tuple(st.query_params.get_all(name))
    if st.session_state.get(f"url.{name}") != said or key not in st.session_state:
        st.session_state[key] = read(said)
        st.session_state[f"url.{name}"] = said
    return st.session_state[key]


def publish(name: str, values: Sequence[str]) -> None:
    """Writes a widget's value into the URL as codes, never as translated words."""
    said = tuple(values)
    if said != tuple(st.query_params.get_all(name)):
        if said:
            st.query_params[name] = list(said)
        else:
            st.query_params.pop(name, None)
    st.session_state[f"url.{name}"] = said


def many(name: str, known: Collection[str] | None = None) -> tuple[str, ...]:
    """The codes chosen in a multiple choice named `name`; codes outside `known`, if given, are dropped."""
    chosen = tuple(
        held(name, lambda said: [code for code in said if known is None or code in known]) or ()
    )
    publish(name, chosen)
    return chosen


def words(name: str) -> str:
    """The text typed into a field named `name`, blanks at the ends removed."""
    typed = str(held(name, lambda said: said[0] if said else "") or "").strip()
    publish(name, (typed,) if typed else ())
    return typed


def one(name: str, options: Sequence[str]) -> str:
    """The single code chosen in `name`; the first option when the URL says none of them."""
    chosen = held(name, lambda said: said[0] if said and said[0] in options else options[0])
    chosen = chosen if chosen in options else options[0]
    publish(name, () if chosen == options[0] else (chosen,))
    return str(chosen)


def days(name: str) -> tuple[date, ...]:
    """The first and last day of a period named `name`, or nothing; a half-typed period counts as none."""
    chosen = tuple(held(name, _read_days) or ())
    publish(name, tuple(day.isoformat() for day in chosen) if len(chosen) == 2 else ())
    return chosen if len(chosen) == 2 else ()


def _read_days(said: tuple[str, ...]) -> tuple[date, ...]:
    if len(said) != 2 or not all(_ISO_DAY.fullmatch(day) for day in said):
        return ()
    return tuple(sorted(_day(day) for day in said))


def _day(iso: str) -> date:
    year, month, day = (int(part) for part in iso.split("-"))
    return date(year, month, min(day, monthrange(year, month)[1]))


def digest(value: object) -> str:
    """A short name for a filter, so that page and selection start anew when the filter changes."""
    return blake2b(repr(value).encode("utf-8"), digest_size=5).hexdigest()


def clear(text: Text, names: Sequence[str], key: str, *, quiet: bool = False) -> None:
    """The button that takes every named filter away."""
    st.button(
        text("orders.filter.clear"),
        key=key,
        type="tertiary" if quiet else "secondary",
        on_click=_clear,
        args=(names,),
    )


def _clear(names: Sequence[str]) -> None:
    """Takes every named filter out of the widgets and out of the URL."""
    for name in names:
        st.session_state.pop(f"input.{name}", None)
        st.query_params.pop(name, None)


def address(**changes: str | None) -> dict[str, list[str]]:
    """The parameters of the address as they stand, with these in the place of their own; None takes one out."""
    kept = {name: st.query_params.get_all(name) for name in st.query_params if name not in changes}
    return kept | {name: [value] for name, value in changes.items() if value is not None}


def go(query: Mapping[str, Sequence[str]]) -> None:
    """Moves to this address of the same page (a button's callback); the way back is the browser's."""
    st.query_params.from_dict({name: list(values) for name, values in query.items()})


def paging(frame: str, about: object) -> tuple[Paging, str]:
    """Page, size and order of a screen's table, and the key of its pager; page 1 whenever `about` (the filter) changes."""
    column, way = FIRST_SORT.get(frame, ("", "down"))
    sort = one("sort", _first(column, ("", *sortable(frame))))
    descending = one("dir", _first(way, ("down", "up"))) == "down"
    size = int(one("size", tuple(str(size) for size in PAGE_SIZES)))
    pager = f"pager.{frame}.{digest((about, sort, descending, size))}"
    page = int(st.session_state.get(pager, 1))
    return (
        Paging(page=page, size=size, sort=sort or None, descending=descending and bool(sort)),
        pager,
    )


def _first(default: str, options: Sequence[str]) -> tuple[str, ...]:
    return (default, *(option for option in options if option != default))


def sortable(frame: str) -> tuple[str, ...]:
    """The columns of a frame that a person may sort by."""
    return tuple(column.name for column in FRAMES[frame].columns if column.shown)


def table_widgets(text: Text, frame: str) -> None:
    """The sort column, the direction and the page size of a screen's table."""
    st.selectbox(
        text("frame.sort"),
        ("", *sortable(frame)),
        key="input.sort",
        format_func=lambda column: text(f"column.{column}") if column else text("frame.sort.none"),
        label_visibility="collapsed",
        width=190,
    )
    st.segmented_control(
        text("frame.sort.direction"),
        ("down", "up"),
        key="input.dir",
        format_func=lambda way: text(f"frame.sort.{way}"),
        label_visibility="collapsed",
        required=True,
    )
    st.selectbox(
        text("frame.size"),
        tuple(str(size) for size in PAGE_SIZES),
        key="input.size",
        format_func=lambda size: text("frame.size.rows", n=int(size)),
        label_visibility="collapsed",
        width=110,
    )


def sentence(text: Text, parts: Sequence[str]) -> str:
    """A filter in words: conditions that all hold, or none."""
    if not parts:
        return text("orders.words.all")
    words = parts[0]
    for part in parts[1:]:
        words = text("orders.words.and", first=words, second=part)
    return text("orders.words.filter", parts=words)


def section(text: Text, names: Sequence[str], word: Callable[[str], str]) -> str:
    """The section of a screen that the URL names, the first one otherwise; shown as a row of choices in words."""
    chosen = one("section", names)
    st.segmented_control(
        text("frame.section"),
        names,
        key="input.section",
        format_func=word,
        label_visibility="collapsed",
        required=True,
    )
    return chosen
