"""The four states of a screen that has nothing to show: never synced, at work, empty and why, and an error with its cure."""

from __future__ import annotations

import streamlit as st

from pages.ui import context
from pages.ui.jobs import Job
from reconcile import Progress, ReconcileError, Text

CONNECTIONS = "pages/screens/connections.py"


def failed(text: Text, error: ReconcileError) -> None:
    """What happened, what it means, what to do: in words, without the inner workings."""
    family = next(
        kind.__name__
        for kind in type(error).__mro__
        if text.has(f"states.error.{kind.__name__}.means")
    )
    with st.container(border=True, key=f"failed_{error.help_key.replace('.', '_')}"):
        st.markdown(f":red[{text('states.error.mark')}] **{text('states.error.title')}**")
        st.text(text(error.help_key, **error.values))
        st.caption(text(f"states.error.{family}.means"))
        cure = f"{error.help_key}.cure"
        st.text(
            text(cure, **error.values) if text.has(cure) else text(f"states.error.{family}.cure")
        )


def no_account(text: Text) -> None:
    """Nothing is connected yet: what to do first, as one button."""
    with st.container(border=True, key="never_connected"):
        st.header(text("states.never.title"))
        st.text(text("states.never.body"))
        if st.button(text("states.never.connect"), type="primary", key="never-connect"):
            st.switch_page(CONNECTIONS, query_params=context.link())


def never_synced(text: Text, account: str) -> None:
    """The account exists but was never read: what to do first, as one button."""
    with st.container(border=True, key="never_synced"):
        st.header(text("states.unsynced.title", account=account))
        st.text(text("states.unsynced.body"))
        if st.button(text("states.unsynced.go"), type="primary", key="never-sync"):
            st.switch_page(CONNECTIONS, query_params=context.link(account=account))


def empty(text: Text, reason: str, *, good: bool = False) -> None:
    """Why a table is empty and what would fill it. `reason`: a text key of well, filtered or missing kind."""
    with st.container(border=True, key=f"empty_{reason.replace('.', '_')}"):
        mark = f":green[{text('states.well.mark')}]" if good else text("states.empty.mark")
        st.markdown(mark)
        st.text(text(reason))


def import_first(text: Text, reason: str, *, key: str) -> None:
    """The table is empty because a Smartship file is missing: says which, and leads to the upload."""
    with st.container(border=True, key=f"missing_{key}"):
        st.markdown(f":gray[{text('states.missing.mark')}]")
        st.text(text(reason))
        st.page_link(
            CONNECTIONS, label=text("states.missing.go"), query_params=context.link(tab="import")
        )


def working(text: Text, job: Job) -> None:
    """How far a sync is: stage, count, rate and time left, as one bar and one line."""
    latest = job.seen[-1] if job.seen else None
    if not isinstance(latest, Progress):
        st.progress(0.0, text=text("states.working.starting"))
        return
    share = min(1.0, latest.done / latest.total) if latest.total else 0.0
    st.progress(share, text=progress_words(text, latest))


def progress_words(text: Text, latest: Progress) -> str:
    """One progress report as a sentence."""
    stage = stage_words(text, latest.stage)
    unit_key = f"states.unit.{latest.unit}"
    unit = text(unit_key) if text.has(unit_key) else ""
    if latest.stage == "rules" or latest.total == 0:
        words = stage  # no count yet, or none that says anything
    elif latest.total is None:
        words = text("states.working.open", stage=stage, done=latest.done, unit=unit)
    else:
        words = text(
            "states.working.of", stage=stage, done=latest.done, total=latest.total, unit=unit
        )
    more = []
    if latest.rate_per_s is not None:
        more.append(text("states.working.rate", rate=float(latest.rate_per_s), unit=unit))
    if latest.left_s is not None:
        more.append(text("states.working.left", seconds=round(latest.left_s)))
    for part in more:
        words = text("states.working.join", first=words, second=part)
    return words


def stage_words(text: Text, stage: str) -> str:
    """The name of a stage of a sync or of the demo."""
    key = f"progress.{stage}"
    return text(key) if text.has(key) else text("states.stage.other")
