"""How old both halves are, in one line; a stale half turns the line into the warning with its cure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from pages.ui import access, context, palette, schedule, states
from pages.ui.jobs import POLL_S, jobs, start_sync
from reconcile import AccountHealth, ReconcileError, Text, Workspace

JUDGED_LATE = timedelta(minutes=2)  # [D] verdicts older than this are said to be


def line(
    text: Text, workspace: Workspace, health: Sequence[AccountHealth], *, now: datetime
) -> None:
    """The freshness line of the chosen accounts, the demo label, running work, and the cure where one half is stale."""
    worst = _worst(health)
    parts = [_crossmall(text, worst, now), _smartship(text, health, now)]
    parts.append(judged_words(text, health, now))
    if any(item.account.is_demo for item in health):
        parts.insert(0, f":violet-badge[{text('frame.demo')}]")
    running = [
        item.account.name
        for item in health
        if (job := jobs().find(workspace, "sync", item.account.name)) and job.running
    ]
    with st.container(
        horizontal=True, vertical_alignment="center", key="frame_freshness", gap="medium"
    ):
        for part in filter(None, parts):
            st.markdown(part, width="content")
        if not running:
            schedule.watch(text, workspace, health, now)
        if not running and worst.state in ("stale", "failed", "never"):
            _sync_button(text, workspace, worst)
        if any(item.smartship_state != "ok" for item in health):
            st.page_link(
                states.CONNECTIONS,
                label=text("frame.smartship.import"),
                query_params=context.link(tab="import"),
            )
    if worst.state == "failed" and worst.last_error_key and text.has(worst.last_error_key):
        st.caption(text("frame.crossmall.failed.why", account=palette.literal(worst.account.name)))
    schedule.warnings(text, workspace, health)
    for account in running:
        _running(text, workspace, account)


def crossmall_words(text: Text, item: AccountHealth, now: datetime) -> str:
    """The CROSS MALL side of one account as coloured words: fresh, stale, failed or never read, and its next sync below."""
    return f"{_read_words(text, item, now)}  \n:small[{schedule.words(text, item, now)}]"


def _read_words(text: Text, item: AccountHealth, now: datetime) -> str:
    colour = {"ok": "green", "stale": "orange", "failed": "red"}.get(item.state, "gray")
    told = f":{colour}[{text(f'frame.health.{item.state}')}]"
    if item.last_sync_at is None:
        return told
    return f"{told} {text.age(item.last_sync_at, now)}{_clock(text, item.last_sync_at)}"


def judged_words(text: Text, health: Sequence[AccountHealth], now: datetime) -> str:
    """How old the verdicts are, where they are renewed beside what is shown; nothing where they are new."""
    judged_at = min((item.judged_at for item in health if item.judged_at), default=now)
    if now - judged_at <= JUDGED_LATE:
        return ""
    words = text("frame.judged.late", age=text.age(judged_at, now))
    return palette.shaped("cannot_tell", words)


def smartship_words(text: Text, item: AccountHealth, now: datetime) -> str:
    """The Smartship side of one account as coloured words; a missing or old file is never green."""
    at = item.smartship_snapshot_at
    if at is None:
        return f":gray[{text('frame.smartship.none')}]"
    mark = "old" if item.smartship_state == "old" else "held"
    colour = "orange" if mark == "old" else "green"
    return f":{colour}[{text(f'frame.smartship.{mark}')}] {text.age(at, now)}{_clock(text, at)}"


def _crossmall(text: Text, worst: AccountHealth, now: datetime) -> str:
    return f"{text('frame.crossmall')} {_read_words(text, worst, now)}"


def _smartship(text: Text, health: Sequence[AccountHealth], now: datetime) -> str:
    oldest = min(
        health, key=lambda item: item.smartship_snapshot_at or datetime.min.replace(tzinfo=UTC)
    )
    return f"{text('frame.smartship')} {smartship_words(text, oldest, now)}"


def _worst(health: Sequence[AccountHealth]) -> AccountHealth:
    order = ("never", "failed", "stale", "ok")
    earliest = datetime.min.replace(tzinfo=UTC)
    return min(
        health,
        key=lambda item: (
            order.index(item.state) if item.state in order else 0,
            item.last_sync_at or earliest,
        ),
    )


def _clock(text: Text, at: datetime | None) -> str:
    return "" if at is None else f" :small[({text.time(at)})]"


def _sync_button(text: Text, workspace: Workspace, item: AccountHealth) -> None:
    if st.button(text("frame.sync_now"), key="frame-sync", **access.locked(workspace, "sync")):
        start_sync(workspace, item.account.name)
        st.rerun()


@st.fragment(run_every=POLL_S)
def _running(text: Text, workspace: Workspace, account: str) -> None:
    job = jobs().find(workspace, "sync", account)
    if job is None or not job.running:
        context.rerun_by_itself()
    with st.container(horizontal=True, vertical_alignment="center", key=f"running_{account}"):
        st.caption(text("frame.syncing", account=palette.literal(account)))
        states.working(text, job)
        if st.button(
            text("connections.sync.cancel"),
            key=f"cancel-{account}",
            **access.locked(workspace, "sync"),
        ):
            job.stop.set()


def sync_outcome(text: Text, workspace: Workspace, account: str) -> None:
    """What the last sync started here did: its report in one sentence, or its error with the cure."""
    job = jobs().find(workspace, "sync", account)
    if job is None or job.running:
        return
    error = job.error
    if isinstance(error, ReconcileError):
        states.failed(text, error)
    elif error is not None:
        raise error
    else:
        report = job.future.result()
        st.markdown(
            f":green[{text('states.done.mark')}] "
            + text(
                "connections.sync.done",
                new=report.orders_new,
                changed=report.orders_changed,
                calls=report.calls,
                seconds=float(report.seconds),
            )
        )
