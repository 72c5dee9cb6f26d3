"""The connection test: what needs attention first, with its cure; then every rung by group, calm where all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import context, diffview, palette, states
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
BLOCKED = "ladder.skipped"  # the rung was not tried, because one before it failed
OPTIONAL = "get_"  # calls that nothing needs
STANDS_ON: Mapping[str, str] = {
    "lines": "orders",
    "components": "lines",
    "skus": "catalogue",
    "stock": "catalogue",
    "page_size": "orders",
    "volume": "orders",
}
ORDER = tuple(step for steps in GROUPS.values() for step in steps)
DOORS = (*GROUPS["setup"], *GROUPS["network"], *GROUPS["access"])
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
        steps = job.future.result().steps
        verdict(view.text, steps, job)
        attention(view.text, steps)
        st.markdown(f"**{view.text('ladder.every')}**")
        groups(view.text, steps, is_over=True)


@st.fragment(run_every=POLL_S)
def _live_ladder(view: View, job: Job) -> None:
    if not job.running:
        context.rerun_by_itself()
    done = [step for step in job.seen if isinstance(step, Step) and step.id != SUMMARY]
    known = {step.id for step in done}
    now = next((step_id for step_id in ORDER if step_id not in known), ORDER[-1])
    told = view.text(
        "connections.test.running",
        done=len(known),
        total=len(ORDER),
        name=view.text(f"ladder.step.{now}"),
    )
    st.progress(min(1.0, len(known) / len(ORDER)), text=told)
    groups(view.text, done, is_over=False)


def verdict(text: Text, done: Sequence[Step], job: Job) -> None:
    """What the whole ladder is worth, in one line, with the counts behind it and when it was climbed."""
    last = next((step for step in done if step.id == SUMMARY), None)
    if last is None:
        return
    counts = text("connections.test.counts", **last.detail[1])
    at = "" if job.ended_at is None else text("connections.test.at", at=text.time(job.ended_at))
    with st.container(key="ladder_verdict", gap="xxsmall"):
        st.markdown(f":{palette.name_of(last.state)}[**{text(f'connections.test.{last.state}')}**]")
        st.caption(f"{counts}　{at}")


def attention(text: Text, done: Sequence[Step]) -> None:
    """Every failed rung, then every one to look at, with what was seen, the differing characters and the cure."""
    rungs = [step for step in done if step.id != SUMMARY]
    wanted = [step for state in HARDEST_FIRST for step in rungs if step.state == state]
    wanted += [step for step in rungs if step.state == "skipped" and step.cure is not None]
    if not wanted:
        return
    st.markdown(f"**{text('ladder.todo')}**")
    for step in wanted:
        _to_do(text, step, rungs)
    blocked = [
        step for step in rungs if step.detail[0] == BLOCKED and not step.id.startswith(OPTIONAL)
    ]
    if blocked:
        st.caption(text("connections.test.blocked", n=len(blocked)))


def _to_do(text: Text, step: Step, rungs: Sequence[Step]) -> None:
    with st.container(border=True, key=f"ladder_todo_{step.id}", gap="xsmall"):
        st.markdown(
            f":{palette.name_of(step.state)}[{text(f'connections.step.state.{step.state}')}] "
            f"**{text(f'ladder.step.{step.id}')}**"
        )
        st.text(seen(text, step, rungs))
        for alike in step.detail[1].get("unlike", ()):
            diffview.show(
                text,
                alike["parts"],
                left=text("ladder.diff.expected"),
                right=text("ladder.diff.found"),
            )
        if step.cure is not None:
            key, values = step.cure
            st.text(text("connections.step.cure", cure=text(key, **values)))


def seen(text: Text, step: Step, rungs: Sequence[Step]) -> str:
    """What a rung found, in words for this screen: options by name, no code points where the diff shows them."""
    key, values = step.detail
    if key == BLOCKED:
        cause = blocker(step, rungs)
        if cause is not None:
            return text("connections.step.blocked", name=text(f"ladder.step.{cause.id}"))
    told = dict(values)
    if told.get("unlike"):
        told["points"] = text("ladder.diff.below")
    if step.id == "options" and "options" in told:
        told["options"] = [text(f"connections.option.{option}") for option in told["options"]]
    return text(key, **told)


def blocker(step: Step, rungs: Sequence[Step]) -> Step | None:
    """The failed rung for which this one was not tried; None where none before it failed."""
    failed = {one.id: one for one in rungs if one.state == "failed"}
    needed = STANDS_ON.get(step.id)
    below = (needed, STANDS_ON.get(needed or ""))
    before = ORDER[: ORDER.index(step.id)]
    first = next((one for one in (*DOORS, *below, *before) if one in failed), None)
    return None if first is None else failed[first]


def groups(text: Text, done: Sequence[Step], *, is_over: bool) -> None:
    """Every rung under its group's heading, from the first moment on, so that nothing jumps when one is added.

    While the test runs, a group with trouble is open; once it is over, what is to do stands above and all are closed.
    """
    by_id = {step.id: step for step in done}
    for group, ids in GROUPS.items():
        members = [by_id[step_id] for step_id in ids if step_id in by_id]
        troubled = any(step.state in HARDEST_FIRST for step in members)
        with st.expander(_heading(text, group, members), expanded=troubled and not is_over):
            for step in members:
                _line(text, step, done)
            if not members:
                st.caption(text("ladder.group.later"))


def _heading(text: Text, group: str, members: Sequence[Step]) -> str:
    counts = Counter(step.state for step in members)
    told = [
        f":{palette.name_of(state)}[{text(f'ladder.group.{state}', n=counts[state])}]"
        for state in STATES
        if counts[state]
    ]
    return "　".join((f"**{text(f'ladder.group.{group}')}**", *told))


def _line(text: Text, step: Step, done: Sequence[Step]) -> None:
    number = ORDER.index(step.id) + 1
    with st.container(key=f"cause_step_{number}"):
        name, state, detail = st.columns(WIDTHS, vertical_alignment="top")
        name.text(text("connections.step.name", n=number, name=text(f"ladder.step.{step.id}")))
        state.markdown(
            f":{palette.name_of(step.state)}[{text(f'connections.step.state.{step.state}')}]"
        )
        detail.text(seen(text, step, done))
