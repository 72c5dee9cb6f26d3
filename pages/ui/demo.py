"""The first start: sets up the demo with its progress in sight, unless it is switched off."""

from __future__ import annotations

import os

import streamlit as st

from pages.ui import context, languages, states
from pages.ui.jobs import POLL_S, Job, jobs, start_demo
from reconcile import Progress, ReconcileError, Text, Workspace

SWITCH = "TOTSUGO_NO_DEMO"
ASKED = "demo-asked"


def offer(*, may_stand_aside: bool) -> None:
    """On a desk without any account: shows the demo being set up until it is there. Else returns at once.

    may_stand_aside: the screen is of use without a demo (Connections), so a failed set-up does not cover it.
    """
    text = context.text()
    try:
        job = _job(context.workspace(), may_stand_aside=may_stand_aside)
    except ReconcileError as error:
        states.failed(text, error)
        st.stop()
    if job is not None:
        _show(text, job)
        st.stop()


def _job(workspace: Workspace, *, may_stand_aside: bool) -> Job | None:
    """The set-up to show, started if it is time for it; None when the screen itself should show."""
    job = jobs().find(workspace, "demo", "")
    if job is not None and job.running:
        return job
    if not workspace.may("provision_demo"):
        return None
    if st.session_state.pop(ASKED, False):
        return start_demo(workspace)
    if job is not None:
        return None if job.error is None or may_stand_aside else job
    wanted = os.environ.get(SWITCH) != "1" and not workspace.accounts()
    return start_demo(workspace) if wanted and not _was_used(workspace) else None


def _was_used(workspace: Workspace) -> bool:
    return workspace.export("audit", profile="machine").rows > 0


def _show(text: Text, job: Job) -> None:
    with st.container(border=True, key="demo_setup", width=720):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f":violet-badge[{text('frame.demo')}]", width="content")
            languages.picker(text)
        if job.error is None:
            st.header(text("states.demo.title"), anchor=False)
            st.text(text("states.demo.body"))
            _progress(text, job)
        else:
            _not_there(text, job.error)


def _not_there(text: Text, error: BaseException) -> None:
    if not isinstance(error, ReconcileError):
        raise error
    st.header(text("states.demo.failed"), anchor=False)
    states.failed(text, error)
    if st.button(text("states.demo.again"), key="demo-retry", type="primary"):
        st.session_state[ASKED] = True
        st.rerun()


@st.fragment(run_every=POLL_S)
def _progress(text: Text, job: Job) -> None:
    if not job.running:
        context.rerun_by_itself()
    for line in stages(text, job):
        st.text(line)
    states.working(text, job)


def stages(text: Text, job: Job) -> list[str]:
    """The stages passed so far, each once, the current one last."""
    names = dict.fromkeys(step.stage for step in job.seen if isinstance(step, Progress))
    return [
        text("states.demo.done", stage=states.stage_words(text, name)) for name in list(names)[:-1]
    ]
