"""The connection test: what needs attention first, with its cure; then every rung by group, calm where all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import diffview, palette, states
from pages.ui.frame import View
from pages.ui.jobs import POLL_S, Job
from reconcile import ReconcileError, Step, Text

GROUPS: Mapping[str, tuple[str, ...]] = {
    "setup": ("settings", "shops", "options"),
    "network": ("dns", "reach", "tls", "http", "clock"),
    "access": ("access", "ip_list", "egress", "contract"),
    "reading": (
        *("phases", "orders", "lines", "components", "catalogue", "skus", "stock"),
        *("get_diff_stock", "get_diff_item_sku", "get_service_status", "get_item_attribute"),
    ),
    "phases": ("collect_phase", "shipped_phase"),
    "volume": ("page_size", "volume"),
}
SUMMARY = "summary"
WIDTHS = (2.6, 1.2, 6.2)
STATES = ("failed", "warning", "ok", "skipped")
HARDEST_FIRST = ("failed", "warning")


def show(view: View, job: Job) -> None:
    """The steps of a connection test, filling in while it runs."""
    if job.running:
        _live_ladder(view, job)
        return
    error = job.error
    if isinstance(error, ReconcileError):
        states.failed(view.text, error)
    elif error is not None:
        raise error
    else:
        outcome = job.future.result()
        verdict(view.text, outcome.steps)
        attention(view.text, outcome.steps)
        groups(view.text, outcome.steps)


@st.fragment(run_every=POLL_S)
def _live_ladder(view: View, job: Job) -> None:
    if not job.running:
        st.rerun()
    st.caption(view.text("connections.test.running"))
    groups(view.text, [step for step in job.seen if isinstance(step, Step)])


def verdict(text: Text, done: Sequence[Step]) -> None:
    """What the whole ladder is worth, in one line, and why."""
    last = next((step for step in done if step.id == SUMMARY), None)
    if last is None:
        return
    with st.container(key="ladder_verdict"):
        st.markdown(f":{palette.name_of(last.state)}[**{text(f'connections.test.{last.state}')}**]")
        key, values = last.detail
        st.caption(text(key, **values))


def attention(text: Text, done: Sequence[Step]) -> None:
    """Every failed rung, then every one to look at, with what was seen, the differing characters and the cure."""
    rungs = [step for step in done if step.id != SUMMARY]
    wanted = [step for state in HARDEST_FIRST for step in rungs if step.state == state]
    wanted += [step for step in rungs if step.state == "skipped" and step.cure is not None]
    if not wanted:
        return
    st.markdown(f"**{text('ladder.todo')}**")
    for step in wanted:
        with st.container(border=True, key=f"ladder_todo_{step.id}"):
            _head(text, step)
            key, values = step.detail
            st.text(text(key, **values))
            for alike in values.get("unlike", ()):
                diffview.show(
                    text,
                    alike["parts"],
                    left=text("ladder.diff.expected"),
                    right=text("ladder.diff.found"),
                )
            if step.cure is not None:
                cure, cure_values = step.cure
                st.text(text("connections.step.cure", cure=text(cure, **cure_values)))


def _head(text: Text, step: Step) -> None:
    st.markdown(
        f":{palette.name_of(step.state)}[{text(f'connections.step.state.{step.state}')}] "
        f"**{text(f'ladder.step.{step.id}')}**"
    )


def groups(text: Text, done: Sequence[Step]) -> None:
    """Every rung under its group's heading; a group in which all is well is closed."""
    by_id = {step.id: step for step in done}
    number = 0
    for group, ids in GROUPS.items():
        members = [by_id[step_id] for step_id in ids if step_id in by_id]
        if not members:
            continue
        troubled = any(step.state in HARDEST_FIRST for step in members)
        with st.expander(_heading(text, group, members), expanded=troubled):
            for step in members:
                number += 1
                _line(text, step, number)


def _heading(text: Text, group: str, members: Sequence[Step]) -> str:
    counts = Counter(step.state for step in members)
    told = [
        f":{palette.name_of(state)}[{text(f'ladder.group.{state}', n=counts[state])}]"
        for state in STATES
        if counts[state]
    ]
    return "　".join((f"**{text(f'ladder.group.{group}')}**", *told))


def _line(text: Text, step: Step, number: int) -> None:
    with st.container(key=f"cause_step_{number}"):
        name, state, detail = st.columns(WIDTHS, vertical_alignment="top")
        name.text(text("connections.step.name", n=number, name=text(f"ladder.step.{step.id}")))
        state.markdown(
            f":{palette.name_of(step.state)}[{text(f'connections.step.state.{step.state}')}]"
        )
        key, values = step.detail
        detail.text(text(key, **values))
