"""The bar over checked orders: what can be done, exactly which findings it will touch, and the act itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import (
    access,
    ageing,
    inputs,
    recoveryview,
    tables,
    triagedone,
    triageform,
    triageperson,
)
from pages.ui.frame import View
from reconcile import FrozenList, TriageFilter, TriageRow

CHECKED = "desk-checked"
SHEET = "sheet"
_DRAFT = "desk-draft"
UNSOLVED = ("open", "acknowledged", "snoozed", "ignored")
LIST_ROWS = 8

Orders = tuple[tuple[str, str], ...]


def show(view: View, checked: Orders) -> None:
    """The bar for these orders (account, order number); a hint of the same height while none is checked."""
    text = view.text
    if not checked:
        st.session_state.pop(_DRAFT, None)
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", key="desk_bar"
        ):
            st.caption(text("desk.bar.none"))
        return
    name = inputs.digest(checked)
    with st.container(border=True, key="desk_bar"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{text('desk.bar.count', n=len(checked))}**", width="content")
            action = st.pills(
                text("desk.bar.actions"),
                (*triageform.ACTIONS, SHEET),
                key=f"desk-action-{name}",
                format_func=lambda code: (
                    text("case.next.sheet") if code == SHEET else triageform.word(text, code)
                ),
                label_visibility="collapsed",
                **access.locked(view.workspace, "triage_bulk", hint=text("desk.bar.hint")),
            )
        if action is None:
            st.session_state.pop(_DRAFT, None)
            return
        if action == SHEET:
            _sheet(view, checked)
        else:
            _draft(view, checked, str(action), name)


def _sheet(view: View, checked: Orders) -> None:
    """The manual shipment sheet of the checked orders; a file holds orders of one account."""
    account = checked[0][0]
    if any(of != account for of, _ in checked):
        st.text(view.text("desk.bar.one_account"))
        return
    recoveryview.sheet(view, account, [number for _, number in checked])


def _draft(view: View, checked: Orders, action: str, name: str) -> None:
    """The act before it is done: its fields, the frozen list, and the button that acts on exactly this list."""
    text = view.text
    frozen = _frozen(view, checked, f"{name}.{action}")
    shared = [row for row in frozen.rows if row.order_number is None]
    with_shared = False
    if shared:
        with_shared = st.checkbox(
            text("desk.bar.shared", n=len(shared)),
            key=f"desk-shared-{name}",
            help=text("desk.bar.shared.help"),
        )
    wanted = frozen if with_shared else _own(frozen)
    if not wanted.items:
        st.text(text("desk.bar.only_shared" if shared else "desk.bar.nothing"))
        return
    st.markdown(
        text("desk.bar.preview", n=wanted.count, what=triageform.word(text, action)),
    )
    _listed(view, wanted.rows, f"desk-list-{name}.{with_shared}")
    with st.form(f"desk-form-{name}.{action}", border=False):
        if triageperson.known() is None:
            st.text_input(
                text("desk.person"),
                key="desk-person-now",
                max_chars=triageperson.NAME_MOST,
                placeholder=text("desk.person.example"),
                width=330,
            )
        values = triageform.fields(view, action, f"desk-{name}")
        go = st.form_submit_button(
            text("desk.bar.go", n=wanted.count, what=triageform.word(text, action)),
            type="primary",
            **access.locked(view.workspace, "triage_bulk"),
        )
    if go:
        _apply(view, wanted, action, values)


def _apply(view: View, wanted: FrozenList, action: str, values: Any) -> None:
    who = triageperson.said("desk-person-now")
    if who is None:
        st.text(view.text("desk.person.needed"))
        return
    done = triagedone.perform(
        view, action, lambda: view.workspace.triage_bulk(wanted, action, by=who, **values)
    )
    if done:
        forget()
        st.rerun()


def forget() -> None:
    """Nothing is checked any more, and no act is being prepared."""
    for key in [key for key in st.session_state if str(key).startswith(("desk-draft", CHECKED))]:
        del st.session_state[key]
    st.session_state["desk-acts"] = st.session_state.get("desk-acts", 0) + 1


def _frozen(view: View, checked: Orders, name: str) -> FrozenList:
    """The findings of the checked orders as they were when the act was chosen."""
    kept = st.session_state.get(_DRAFT)
    if kept is None or kept[0] != name:
        asked = TriageFilter(states=UNSOLVED, orders=checked)
        kept = (name, view.workspace.triage_preview(asked))
        st.session_state[_DRAFT] = kept
    frozen: FrozenList = kept[1]
    return frozen


def _own(frozen: FrozenList) -> FrozenList:
    keys = {(row.account, row.finding_key) for row in frozen.rows if row.order_number is not None}
    return replace(
        frozen,
        items=tuple(one for one in frozen.items if (one.account, one.finding_key) in keys),
        rows=tuple(row for row in frozen.rows if row.order_number is not None),
    )


def _listed(view: View, rows: Sequence[TriageRow], key: str) -> None:
    frame = table(rows)
    tables.show(
        view.text,
        frame,
        "decisions",
        key=key,
        rule_title=view.workspace.rule_title,
        visible=LIST_ROWS,
        drawn={"waiting_h": ageing.cells(view.text, frame)},
    )


def table(rows: Sequence[TriageRow]) -> pd.DataFrame:
    """Findings with their decisions as the frame "decisions"."""
    return pd.DataFrame(
        [
            {
                "account": row.account,
                "order_number": row.order_number,
                "rule": row.rule,
                "subject": row.subject,
                "severity": row.severity,
                "triage": row.triage,
                "assignee": row.assignee,
                "waiting_h": int(row.waiting_h),
                "ageing": "overdue" if row.is_overdue else "in_time",
            }
            for row in rows
        ]
    )
