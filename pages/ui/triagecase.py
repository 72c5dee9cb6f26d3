"""What a person can do about one finding, below its words in the case of an order."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import access, ageing, inputs, palette, triagedone, triageform, triageperson
from pages.ui.frame import View, folded
from reconcile import Finding, TriageFilter, TriageRow, finding_key

_DRAFT = "desk-one-draft-"  # session: what is being written on a finding


def actions(view: View, finding: Finding) -> None:
    """Acknowledge, assign, note, snooze, ignore, reopen, undo: who has it now, and the acts."""
    key = finding_key(finding)
    row = _row(view, finding.account, key)
    if row is None:
        return
    name = inputs.digest((finding.account, key))
    # What is being written stays on the page, and knows the version it was begun on, if somebody else acts meanwhile.
    begun, seen = st.session_state.get(_DRAFT + name, (row.version, row.version))
    with st.container(key=f"desk_finding_{name}", gap="small"):
        place = st.empty()
        _standing(view, row, place)
        with st.container(horizontal=True, vertical_alignment="center"):
            action = st.pills(
                view.text("desk.bar.actions"),
                triageform.ACTIONS,
                key=f"desk-one-{name}.{begun}",
                format_func=lambda code: triageform.word(view.text, code),
                label_visibility="collapsed",
            )
        if action is None:
            st.session_state.pop(_DRAFT + name, None)
        else:
            st.session_state[_DRAFT + name] = (begun, seen)
            if _is_refused(view, row, str(action), name, seen):
                row = _row(view, finding.account, key) or row
                _standing(view, row, place)  # as the other one left it
                st.session_state[_DRAFT + name] = (begun, row.version)  # told; once more is meant
        triagedone.show(view, name)
        _history(view, row, name)


def _row(view: View, account: str, key: str) -> TriageRow | None:
    """The finding as it stands now."""
    found = view.workspace.triaged(TriageFilter(account=account, keys=(key,)))
    return next((row for row in found.rows if row.account == account), None)


def _standing(view: View, row: TriageRow, place: Any) -> None:
    """How the finding stands, at this place: decision, person, waiting time, and what was written about it."""
    with place.container(gap="small"):
        _facts(view, row)


def _facts(view: View, row: TriageRow) -> None:
    text = view.text
    parts = [palette.worded(text, row.triage, family="desk.triage")]
    if row.triage == "open":
        waited = ageing.words(text, row.waiting_h, overdue=row.is_overdue)
        parts.append(f":red[{waited}]" if row.is_overdue else waited)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("\u2002".join(parts), width="content")
        facts = [text("desk.case.assignee", name=row.assignee)] if row.assignee else []
        if row.snoozed_until:
            facts.append(text("desk.case.until", time=text.time(row.snoozed_until)))
        if row.is_returned:
            facts.append(text("decision.returned"))
        for fact in facts:
            st.text(fact, width="content")
    for name, said in (("note", row.note), ("reason", row.reason)):
        if said:
            st.text(text(f"desk.case.{name}", what=said))


def _is_refused(view: View, row: TriageRow, action: str, name: str, seen: str) -> bool:
    """The form of an act; whether it was sent and refused. Once it is done, the page is drawn anew."""
    text = view.text
    with st.form(f"desk-one-form-{name}.{action}", border=False):
        if triageperson.known() is None:
            st.text_input(
                text("desk.person"),
                key=f"desk-one-person-{name}",
                max_chars=triageperson.NAME_MOST,
                width=260,
            )
        values = triageform.fields(view, action, f"desk-one-{name}")
        go = st.form_submit_button(
            text("desk.case.go", what=triageform.word(text, action)),
            type="primary",
            **access.locked(view.workspace, "triage"),
        )
    if not go:
        return False
    who = triageperson.said(f"desk-one-person-{name}")
    if who is None:
        st.text(text("desk.person.needed"))
        return False
    work, on = view.workspace, (row.account, [row.finding_key])
    if triagedone.perform(
        view,
        action,
        lambda: work.triage(*on, action, by=who, expected_version=seen, **values),
        place=name,
    ):
        del st.session_state[_DRAFT + name]
        st.rerun()
    return True


def _history(view: View, row: TriageRow, name: str) -> None:
    """Every act on the finding, read from the ledger only once it is opened."""
    text = view.text
    if row.actor is None:
        return
    folded(view, text("desk.case.history"), f"desk-past-{name}", lambda: _acts(view, row))


def _acts(view: View, row: TriageRow) -> None:
    text = view.text
    for event in view.workspace.triage_history(row.account, row.finding_key):
        what = text(f"decision.event.{event.event}")
        st.text(text("desk.case.event", time=text.time(event.at), by=event.actor, what=what))
