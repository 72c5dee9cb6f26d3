"""The connection test as a list that fills in while it runs: each rung's state, what was seen, and its cure."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import palette, states
from pages.ui.frame import View
from pages.ui.jobs import POLL_S, Job
from reconcile import ReconcileError, Step, Text


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
        steps(view.text, outcome.steps)
        noted = any(step.state != "ok" for step in outcome.steps)
        done = "failed" if not outcome.ok else "warning" if noted else "ok"
        st.markdown(f":{palette.name_of(done)}[**{view.text(f'connections.test.{done}')}**]")


@st.fragment(run_every=POLL_S)
def _live_ladder(view: View, job: Job) -> None:
    if not job.running:
        st.rerun()
    steps(view.text, [step for step in job.seen if isinstance(step, Step)])
    st.caption(view.text("connections.test.running"))


def steps(text: Text, done: Sequence[Step]) -> None:
    """The rungs of a ladder: state in words, what was seen, and the cure of a failed one right below it."""
    for number, step in enumerate(done, start=1):
        with st.container(key=f"cause_step_{number}"):
            name, state, detail = st.columns((2.4, 1.4, 6), vertical_alignment="top")
            name.text(text("connections.step.name", n=number, name=text(f"ladder.step.{step.id}")))
            state.markdown(
                f":{palette.name_of(step.state)}[{text(f'connections.step.state.{step.state}')}]"
            )
            key, values = step.detail
            detail.text(text(key, **values))
            if step.cure is not None:
                cure, cure_values = step.cure
                detail.text(text("connections.step.cure", cure=text(cure, **cure_values)))
