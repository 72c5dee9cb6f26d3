"""CSV of exactly what the filter shows: for people in two encodings, for machines with exact text, made on click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui.frame import View
from reconcile import Export, Text, visible

MIME = "text/csv"
CHANGES_SHOWN = 100


def csv_button(view: View, what: str, **selection: Any) -> None:
    """The CSV menu of a whole table; `selection` is passed to Workspace.export: account, order_filter, classes, ..."""

    def made(profile: str, encoding: str) -> Export:
        return view.workspace.export(what, profile=profile, encoding=encoding, **selection)

    csv_menu(view, what, made)


def csv_menu(view: View, what: str, made: Callable[[str, str], Export]) -> None:
    """Three downloads of one table, made on click, and which characters CP932 cannot hold."""
    text = view.text
    with st.popover(text("frame.csv"), key=f"csv_{what}"):
        st.caption(text("frame.csv.note"))
        for name, profile, encoding in (
            ("people", "people", "utf-8-sig"),
            ("people_cp932", "people", "cp932"),
            ("machine", "machine", "utf-8-sig"),
        ):
            st.download_button(
                text(f"frame.csv.{name}"),
                data=_bytes(made, profile, encoding),
                file_name=text(f"frame.csv.file.{name}", what=what),
                mime=MIME,
                key=f"csv.{what}.{name}",
                on_click="ignore",
                width="stretch",
                help=text(f"frame.csv.{name}.help"),
            )
        if st.button(text("frame.csv.check"), key=f"csv.{what}.check", width="stretch"):
            _changes(text, made("people", "cp932").changed_characters)


def _bytes(made: Callable[[str, str], Export], profile: str, encoding: str) -> Callable[[], bytes]:
    return lambda: made(profile, encoding).data


def _changes(text: Text, changes: Sequence[Mapping[str, Any]]) -> None:
    if not changes:
        st.markdown(f":green[{text('states.well.mark')}] {text('frame.csv.unchanged')}")
        return
    st.markdown(f":orange[{text('frame.csv.changed', n=len(changes))}]")
    st.dataframe(
        [
            {
                text("frame.csv.row"): change["row"],
                text("frame.csv.column"): str(change["column"]),
                text("frame.csv.character"): visible(str(change["character"])),
                text("frame.csv.code_point"): str(change["code_point"]),
                text("frame.csv.becomes"): str(change["becomes"] or ""),
            }
            for change in changes[:CHANGES_SHOWN]
        ],
        hide_index=True,
    )
