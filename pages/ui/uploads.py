"""Smartship files: several at once, what they are and cover, and row by row what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from pages.ui import access, exports
from pages.ui.frame import View
from reconcile import JST, Account, FileReport, Text, visible

KINDS = ("auto", "orders", "skus", "mappings", "stock", "sync-log")
TYPES = ("csv", "tsv", "txt", "xlsx", "xls", "htm", "html")
REJECTED_SHOWN = 200


def show(view: View, account: Account) -> None:
    """The upload form and the report of the last import of this account."""
    text = view.text
    st.caption(text("connections.import.what"))
    if account.is_demo:
        _demo_files(view, account)
    with st.form(f"import-{account.name}", clear_on_submit=True, border=False):
        files = st.file_uploader(
            text("connections.import.files"),
            type=TYPES,
            accept_multiple_files=True,
            key=f"import-files-{account.name}",
            help=text("connections.import.files.help"),
        )
        kind = st.selectbox(
            text("connections.import.kind"),
            KINDS,
            key=f"import-kind-{account.name}",
            format_func=lambda code: text(f"connections.import.kind.{code.replace('-', '_')}"),
        )
        snapshot, covers = _coverage(text, account.name)
        filtered = st.checkbox(
            text("connections.import.filtered"),
            key=f"import-filtered-{account.name}",
            help=text("connections.import.filtered.help"),
        )
        may = access.locked(view.workspace, "import_files")
        if st.form_submit_button(text("connections.import.go"), type="primary", **may) and files:
            st.session_state[f"import-report-{account.name}"] = view.workspace.import_files(
                account.name,
                [(file.name, file.getvalue()) for file in files],
                kind=None if kind == "auto" else kind,
                snapshot_at=snapshot,
                covers_from=covers[0],
                covers_to=covers[1],
                filtered=filtered,
            )
            st.rerun()
    reports = st.session_state.get(f"import-report-{account.name}")
    if reports:
        _reports(view, account.name, reports)


def _demo_files(view: View, account: Account) -> None:
    if st.button(
        view.text("connections.import.demo"),
        key=f"import-demo-{account.name}",
        **access.locked(
            view.workspace,
            "import_demo_files",
            hint=view.text("connections.import.demo.help"),
        ),
    ):
        reports = view.workspace.import_demo_files(account.name)
        st.session_state[f"import-report-{account.name}"] = reports
        st.rerun()


def _coverage(
    text: Text, account: str
) -> tuple[datetime | None, tuple[datetime | None, datetime | None]]:
    with st.expander(text("connections.import.coverage")):
        st.caption(text("connections.import.coverage.what"))
        columns = st.columns(3)
        given = [
            column.datetime_input(
                text(f"connections.import.{name}"), None, key=f"import-{name}-{account}"
            )
            for column, name in zip(
                columns, ("snapshot_at", "covers_from", "covers_to"), strict=True
            )
        ]
    snapshot, first, last = (None if at is None else at.replace(tzinfo=JST) for at in given)
    return snapshot, (first, last)


def _reports(view: View, account: str, reports: Sequence[FileReport]) -> None:
    text = view.text
    st.markdown(f"**{text('connections.import.report')}**")
    for place, report in enumerate(reports):
        with st.container(border=True, key=f"import_report_{account}_{place}"):
            _report(text, report)
    if any(report.rejected for report in reports):
        st.download_button(
            text("connections.import.csv"),
            data=lambda: view.workspace.rejected_rows(reports).data,
            file_name=text("connections.import.csv.file"),
            mime=exports.MIME,
            key=f"import-csv-{account}",
            on_click="ignore",
        )


def _report(text: Text, report: FileReport) -> None:
    if report.rejected_file is not None:
        key, values = report.rejected_file
        st.markdown(f":red[{text('connections.import.refused')}]")
        st.text(visible(report.file))
        st.text(text(key, **values))
        if text.has(f"{key}.cure"):
            st.text(text(f"{key}.cure", **values))
        return
    good = not report.rejected
    st.markdown(
        f":{'green' if good else 'orange'}"
        f"[{text('connections.import.taken' if good else 'connections.import.partly')}]"
    )
    st.text(
        text(
            "connections.import.summary",
            file=report.file,
            kind=text(f"connections.import.kind.{str(report.kind).replace('-', '_')}"),
            encoding=report.encoding,
            rows=report.rows,
            accepted=report.accepted,
            rejected=len(report.rejected),
        )
    )
    if report.already_known:
        st.text(text("connections.import.known"))
    _coverage_words(text, report)
    for key, values in report.warnings:
        st.text(text("connections.import.warning", what=text(f"import_note.{key}", **values)))
    if report.checks_off:
        st.text(text("connections.import.checks_off", rules=list(report.checks_off)))
    _details(text, report)


def _coverage_words(text: Text, report: FileReport) -> None:
    basis = f"connections.import.basis.{report.coverage_basis}"
    st.caption(
        text(
            "connections.import.covers",
            snapshot=text.time(report.snapshot_at),
            start=text.time(report.covers_from),
            end=text.time(report.covers_to),
            basis=text(basis),
        )
    )


def _details(text: Text, report: FileReport) -> None:
    if report.rejected:
        st.dataframe(
            [
                {
                    text("column.row_no"): refused["row"],
                    text("column.reason"): reason(text, refused),
                }
                for refused in report.rejected[:REJECTED_SHOWN]
            ],
            hide_index=True,
        )
    with st.expander(text("connections.import.columns", n=len(report.columns))):
        st.dataframe(
            [
                {
                    text("connections.import.column.ours"): name,
                    text("connections.import.column.theirs"): visible(str(title)),
                }
                for name, title in report.columns.items()
            ],
            hide_index=True,
        )
        if report.unmatched:
            st.text(text("connections.import.unmatched", names=list(report.unmatched)))


def reason(text: Text, refused: Mapping[str, Any]) -> str:
    """Why one row was not taken, in words."""
    return text(f"reject.{refused['reason']}", **(refused.get("values") or {}))
