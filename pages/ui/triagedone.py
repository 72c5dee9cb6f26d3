"""What the last act did, what it left alone and why, and the way back; kept until the next act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from pages.ui import access, states, triageform, triageperson
from pages.ui.frame import View
from reconcile import BulkReport, ReconcileError

_LAST = "desk-last"
SKIPPED_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An act with its report. act: its number in the ledger, None if nothing was done; way: done | undone | redone.

    place: where it was done and is told: over the list, or at the finding of that name.
    """

    action: str
    act: int | None
    report: BulkReport
    way: str = "done"
    place: str = "list"


def perform(view: View, action: str, act: Callable[[], BulkReport], *, place: str = "list") -> bool:
    """Whether the act was done; then its report is kept for `show`. A refusal is told in words at this place."""
    try:
        report = act()
    except ReconcileError as error:
        states.failed(view.text, error)
        return False
    number = report.ledger[0] if report.ledger else None
    st.session_state[_LAST] = Done(action=action, act=number, report=report, place=place)
    return True


def show(view: View, place: str = "list") -> None:
    """The last act of this place in words, with the button that takes it back or does it again."""
    last = st.session_state.get(_LAST)
    if not isinstance(last, Done) or last.place != place:
        return
    text = view.text
    with st.container(border=True, key="desk_done"):
        with st.container(horizontal=True, vertical_alignment="center"):
            said = text(
                f"desk.done.{last.way}",
                what=triageform.word(text, last.action),
                n=last.report.done,
            )
            st.markdown(f":green[{text('states.well.mark')}] {said}", width="content")
            if last.act is not None:
                _turn(view, last, last.act)
            st.button(
                text("desk.done.close"),
                key="desk-done-close",
                type="tertiary",
                on_click=lambda: st.session_state.pop(_LAST, None),
            )
        for skipped in last.report.skipped[:SKIPPED_SHOWN]:
            by = skipped.by or text("frame.blank")
            st.text(
                text(
                    f"desk.skipped.{skipped.why}",
                    finding=skipped.finding_key,
                    by=by,
                    time=text.time(skipped.at),
                )
            )
        left = len(last.report.skipped) - SKIPPED_SHOWN
        if left > 0:
            st.text(text("desk.skipped.more", n=left))


def _turn(view: View, last: Done, act: int) -> None:
    back = last.way == "undone"
    if not st.button(
        view.text("desk.redo" if back else "desk.undo"),
        key="desk-turn",
        **access.locked(view.workspace, "triage_undo"),
    ):
        return
    turn = view.workspace.triage_redo if back else view.workspace.triage_undo
    try:
        report = turn(act, by=triageperson.known())
    except ReconcileError as error:
        states.failed(view.text, error)
        return
    way = "redone" if back else "undone"
    st.session_state[_LAST] = replace(last, report=report, way=way)
    st.rerun()
