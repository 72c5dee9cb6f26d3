"""A mapping list from a file: what it would change, row by row, before anything is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.ui import access, skumoves, states, triageperson
from pages.ui.frame import View
from reconcile import DecisionReport, ImportRow, MappingImportDiff, ReconcileError, visible

TYPES = ("csv", "tsv", "txt", "xlsx")
KINDS = ("new", "changed", "conflicting", "refused", "same")
ROWS_SHOWN = 200
ROWS_VISIBLE, LONGEST_PX = 10, 460
_DIFF = "sku-import"


def show(view: View) -> None:
    """The upload, then the difference with its button."""
    text = view.text
    with st.expander(text("mapping.import"), expanded=_DIFF in st.session_state):
        st.caption(text("mapping.import.what"))
        file = st.file_uploader(text("mapping.import.file"), type=TYPES, key="mapping-import-file")
        if st.button(
            text("mapping.import.compare"),
            key="mapping-import-go",
            **access.locked(view.workspace, "mapping_import", disabled=file is None),
        ):
            assert file is not None
            _compare(view, file.name, file.getvalue())
        diff = st.session_state.get(_DIFF)
        if diff is not None:
            _diff(view, diff)


def _compare(view: View, name: str, data: bytes) -> None:
    try:
        st.session_state[_DIFF] = view.workspace.mapping_import(view.one_account, name, data)
    except ReconcileError as error:
        st.session_state.pop(_DIFF, None)
        states.failed(view.text, error)


def _diff(view: View, diff: MappingImportDiff) -> None:
    text = view.text
    counts = Counter(row.became for row in diff.rows)
    st.markdown(
        text.value(
            [
                text("desk.chip", word=text(f"mapping.import.{kind}"), n=counts[kind])
                for kind in KINDS
                if counts[kind]
            ]
        )
    )
    rows = [row for kind in KINDS[:-1] for row in diff.of(kind)]
    if rows:
        _table(view, rows[:ROWS_SHOWN])
    if len(rows) > ROWS_SHOWN:
        st.caption(text("mapping.import.more", n=len(rows) - ROWS_SHOWN))
    n = counts["new"] + counts["changed"]
    if not n:
        st.caption(text("mapping.import.nothing"))
    with st.container(horizontal=True):
        st.button(
            text("mapping.import.apply", n=n),
            key=f"mapping-import-apply-{diff.id}",
            type="primary",
            **access.locked(
                view.workspace,
                "mapping_import_apply",
                disabled=not n or triageperson.known() is None,
            ),
            on_click=_apply,
            args=(view, diff),
        )
        st.button(text("mapping.import.drop"), key="mapping-import-drop", on_click=_drop)


def _table(view: View, rows: Sequence[ImportRow]) -> None:
    """What becomes of every row, as a table that wraps: a reason has to be read to its end. Every cell is escaped."""
    cells = [_cells(view, row) for row in rows]
    head = "".join(f"<th>{escape(title)}</th>" for title in cells[0])
    body = "".join(
        f'<tr class="{row.became}">{"".join(f"<td><bdi>{escape(visible(one))}</bdi></td>" for one in said.values())}</tr>'
        for row, said in zip(rows, cells, strict=True)
    )
    with st.container(height=LONGEST_PX if len(rows) > ROWS_VISIBLE else "content", border=False):
        st.html(
            f'<table class="imported"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        )


def _cells(view: View, row: ImportRow) -> dict[str, str]:
    text = view.text
    reason = text(f"mapping.import.reason.{row.reason}", **row.values) if row.reason else ""
    act = f"mapping.act.{row.decision}"
    now = text(act) if text.has(act) else row.decision  # a refused row: the word as the file has it
    before = text(f"mapping.decision.{row.before}") if row.before else ""
    return {
        text("column.row_no"): text.value(row.row),
        text("mapping.import.became"): text(f"mapping.import.{row.became}"),
        text("column.item_code"): row.item_code,
        text("column.option_text"): ",".join(
            part for part in (row.attribute1_name, row.attribute2_name) if part
        ),
        text("mapping.import.before"): text.value(
            [part for part in (before, row.sku_before) if part]
        ),
        text("mapping.import.after"): text.value([part for part in (now, row.sku_no) if part]),
        text("column.reason"): reason,
    }


def _apply(view: View, diff: MappingImportDiff) -> None:
    def apply() -> DecisionReport:
        return view.workspace.mapping_import_apply(diff.id, by=triageperson.known())

    if skumoves.perform("imported", apply):
        _drop()


def _drop() -> None:
    st.session_state.pop(_DIFF, None)
