"""Shipping by hand what was not collected: could it ship twice, then the order upload file and what is left to type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.ui import access, inputs, palette, states
from pages.ui.frame import View
from reconcile import ReconcileError, visible

FORMATS = ("xlsx", "csv")
TITLES = ("ja", "en", "ko")
MIMES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
WAITING = ("waiting_for_pull", "before_pull")
STATE_OF = {
    "blocked": "act_now",
    "warn": "at_risk",
    "cannot_tell": "cannot_tell",
    "clear": "in_step",
}
OPEN_AT_MOST = (
    3  # so many orders show their risks at once; of more, the ones with risks open on click [D]
)


def sheet(view: View, account: str, order_numbers: Sequence[str]) -> bool:
    """The double-shipment check of these orders of one account, then the upload file for them; whether it was made just now.

    Nothing is made, and nothing noted in the ledger, before the button is pressed. An error is told in place.
    """
    name, made = inputs.digest((account, tuple(order_numbers))), False
    with st.container(key=f"recovery_{name}"):
        try:
            checks = view.workspace.shipment_check(account, order_numbers)
            _checked(view, checks)
            chosen = _options(view, checks, name)
            if chosen is not None:
                st.session_state[f"recovery.made.{name}"] = view.workspace.recovery_sheet(
                    account, order_numbers, **chosen
                )
                made = True
            _made(view, name)
        except ReconcileError as error:
            states.failed(view.text, error)
    return made


def _checked(view: View, checks: Sequence[Any]) -> None:
    text = view.text
    st.markdown(f"**{text('case.sheet.check')}**")
    if len(checks) > 1:
        st.text(text("case.sheet.count", count=len(checks)))
    waiting = [one for one in checks if any(risk.code in WAITING for risk in one.risks)]
    if waiting:
        with st.container(border=True):
            st.markdown(f":orange[{text('state.at_risk')}]")
            st.text(text("case.sheet.waiting", count=len(waiting)))
    for one in checks:
        words = (
            f":{palette.name_of(STATE_OF[one.verdict])}[{text(f'recovery.verdict.{one.verdict}')}]"
        )
        head = f"{palette.literal(one.order_number)}\u2002{words}"
        if len(checks) <= OPEN_AT_MOST or not one.risks:
            st.markdown(head)
            _risks(view, one)
        else:
            with st.expander(head):
                _risks(view, one)


def _risks(view: View, check: Any) -> None:
    text = view.text
    for risk in check.risks:
        glyph = text(f"recovery.verdict.{risk.level}").partition(" ")[0]
        mark = f":{palette.name_of(STATE_OF[risk.level])}[{glyph}]"
        words = palette.literal(view.workspace.risk_words(risk.code, risk.because))
        st.markdown(f"{mark}\u2002{words}")
    if check.clear_as_of is not None:
        st.caption(text("recovery.clear_as_of", at=text.time(check.clear_as_of, full=True)))


def _options(view: View, checks: Sequence[Any], name: str) -> dict[str, Any] | None:
    """What a person chose, once the button was pressed; None before."""
    text = view.text
    blocked = [one.order_number for one in checks if one.verdict == "blocked"]
    with st.form(f"recovery-form-{name}", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            file_format = st.selectbox(
                text("case.sheet.format"),
                FORMATS,
                format_func=lambda code: text(f"case.sheet.format.{code}"),
                width=170,
            )
            titles = st.selectbox(
                text("case.sheet.titles"),
                TITLES,
                index=TITLES.index(view.language),
                format_func=lambda code: text(f"case.sheet.titles.{code}"),
                width=170,
            )
            warehouse = st.text_input(text("case.sheet.warehouse"), width=220, max_chars=40)
        included, reason = False, ""
        if blocked:
            included = st.checkbox(text("case.sheet.include", count=len(blocked)))
            reason = st.text_input(text("case.sheet.reason"), max_chars=200)
        go = st.form_submit_button(
            text("case.sheet.make"),
            type="primary",
            **access.locked(view.workspace, "recovery_sheet"),
        )
        st.caption(text("case.sheet.note"))
    if not go:
        return None
    if included and not reason.strip():
        st.markdown(f":red[{text('case.sheet.reason.needed')}]")
        return None
    return {
        "format": file_format,
        "title_language": titles,
        "warehouse": warehouse,
        "including_blocked": dict.fromkeys(blocked, reason) if included else None,
    }


def _made(view: View, name: str) -> None:
    """The file that was made last for these orders, who is not in it, and what a person must still type."""
    text, made = view.text, st.session_state.get(f"recovery.made.{name}")
    if made is None:
        return
    with st.container(border=True, key=f"recovery_made_{name}"):
        if made.left_out:
            st.text(text("case.sheet.left_out", orders=list(made.left_out)))
        if not made.rows:
            st.text(text("case.sheet.none"))
            return
        st.text(text("case.sheet.done", orders=len(made.orders), rows=made.rows))
        with st.container(horizontal=True):
            st.download_button(
                text("case.sheet.download"),
                data=made.data,
                file_name=made.file_name,
                mime=MIMES[made.format],
                key=f"recovery-file-{name}",
                on_click="ignore",
                type="primary",
            )
            if made.companion is not None:
                st.download_button(
                    text("case.sheet.companion"),
                    data=made.companion.data,
                    file_name=made.companion.file_name,
                    mime=MIMES["csv"],
                    key=f"recovery-companion-{name}",
                    on_click="ignore",
                )
        _to_type(view, made)


def _to_type(view: View, made: Any) -> None:
    text = view.text
    if not made.to_type:
        return
    st.markdown(f"**{text('case.sheet.to_type')}**")
    st.dataframe(
        [
            {
                text("case.sheet.order"): visible(one.order_number),
                text("case.sheet.rows"): _rows(one.rows),
                text("case.sheet.columns"): text.value(
                    [view.workspace.sheet_column(code, view.language) for code in one.codes]
                ),
                text("case.sheet.why"): text(f"recovery.reason.{one.reason}"),
            }
            for one in made.to_type
        ],
        hide_index=True,
    )


def _rows(rows: Sequence[int]) -> str:
    return str(rows[0]) if len(rows) == 1 else f"{rows[0]}-{rows[-1]}"
