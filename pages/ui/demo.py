"""The first start: sets up the demo with its progress in sight, unless it is switched off."""

from __future__ import annotations

import os

import streamlit as st

from pages.ui import context, states
from pages.ui.jobs import POLL_S, Job, jobs, start_demo
from reconcile import Progress, ReconcileError, Text, Workspace

SWITCH = "TOTSUGO_NO_DEMO"


def offer() -> None:
    """On a desk without any account: shows the demo being set up until it is there. Else returns at once."""
    text = context.text()
    try:
        workspace = context.workspace()
        if workspace.accounts():
            return
        job = jobs().find(workspace, "demo", "")
        asked = st.session_state.get("demo.asked", False)
        if job is None and not asked and (os.environ.get(SWITCH) == "1" or _was_used(workspace)):
            return
        if job is None or (asked and not job.running):
            st.session_state.pop("demo.asked", None)
            job = start_demo(workspace)
    except ReconcileError as error:
        states.failed(text, error)
        st.stop()
    _show(text, job)
    st.stop()


def _was_used(workspace: Workspace) -> bool:
    return workspace.export("audit", profile="machine").rows > 0


def _show(text: Text, job: Job) -> None:
    with st.container(border=True, key="demo_setup", width=720):
        st.markdown(f":violet-badge[{text('frame.demo')}]")
        st.subheader(text("states.demo.title"), anchor=False)
        st.text(text("states.demo.body"))
        _progress(text, job)


@st.fragment(run_every=POLL_S)
def _progress(text: Text, job: Job) -> None:
    if job.running:
        for line in stages(text, job):
            st.text(line)
        states.working(text, job)
        return
    error = job.error
    if error is None:
        st.rerun()
    if not isinstance(error, ReconcileError):
        raise error
    states.failed(text, error)
    if st.button(text("states.demo.again"), key="demo.again", type="primary"):
        st.session_state["demo.asked"] = True
        st.rerun()


def stages(text: Text, job: Job) -> list[str]:
    """The stages passed so far, each once, the current one last."""
    names = dict.fromkeys(step.stage for step in job.seen if isinstance(step, Progress))
    return [
        text("states.demo.done", stage=states.stage_words(text, name)) for name in list(names)[:-1]
    ]
