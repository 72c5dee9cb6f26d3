"""How old both halves are, in one line; a stale half turns the line into the warning with its cure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import streamlit as st

from pages.ui import context, states
from pages.ui.jobs import POLL_S, jobs, start_sync
from reconcile import Account, ReconcileError, Text, Workspace

SMARTSHIP_OLD_AFTER = timedelta(hours=24)  # [D] a file older than a day no longer speaks of today


class Health(Protocol):
    """What the freshness of one account is read from (an item of Overview.health)."""

    @property
    def account(self) -> Account:
        """The connection itself."""

    @property
    def state(self) -> str:
        """Ok | stale | failed | never."""

    @property
    def last_sync_at(self) -> datetime | None:
        """Start of the last good sync."""

    @property
    def last_error_key(self) -> str | None:
        """Text key of what stopped the last one."""

    @property
    def smartship_snapshot_at(self) -> datetime | None:
        """When Smartship wrote the newest order file."""

    @property
    def waiting(self) -> int:
        """Orders that wait for collection."""

    @property
    def phase_warning(self) -> str | None:
        """Text key of the phase check, None if all is as expected."""


def line(text: Text, workspace: Workspace, health: Sequence[Health], *, now: datetime) -> None:
    """The freshness line of the chosen accounts, the demo label, running work, and the cure where one half is stale."""
    worst = _worst(health)
    parts = [_crossmall(text, worst, now), _smartship(text, health, now)]
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
        for part in parts:
            st.markdown(part, width="content")
        if not running and worst.state in ("stale", "failed", "never"):
            _sync_button(text, workspace, worst)
        if _smartship_is_old(health, now):
            st.page_link(
                states.CONNECTIONS,
                label=text("frame.smartship.import"),
                query_params=context.link(tab="import"),
            )
    if worst.state == "failed" and worst.last_error_key and text.has(worst.last_error_key):
        st.caption(text("frame.crossmall.failed.why", account=worst.account.name))
    for account in running:
        _running(text, workspace, account)


def crossmall_words(text: Text, item: Health, now: datetime) -> str:
    """The CROSS MALL side of one account as coloured words: fresh, stale, failed or never read."""
    colour = {"ok": "green", "stale": "orange", "failed": "red"}.get(item.state, "gray")
    return (
        f":{colour}[{text(f'frame.health.{item.state}')}] "
        f"{text.age(item.last_sync_at, now)}{_clock(text, item.last_sync_at)}"
    )


def smartship_words(text: Text, item: Health, now: datetime) -> str:
    """The Smartship side of one account as coloured words; a missing or old file is never green."""
    at = item.smartship_snapshot_at
    if at is None:
        return f":gray[{text('frame.smartship.none')}]"
    mark = "old" if _is_old(at, now) else "held"
    colour = "orange" if mark == "old" else "green"
    return f":{colour}[{text(f'frame.smartship.{mark}')}] {text.age(at, now)}{_clock(text, at)}"


def _crossmall(text: Text, worst: Health, now: datetime) -> str:
    return f"{text('frame.crossmall')} {crossmall_words(text, worst, now)}"


def _smartship(text: Text, health: Sequence[Health], now: datetime) -> str:
    oldest = min(
        health, key=lambda item: item.smartship_snapshot_at or datetime.min.replace(tzinfo=UTC)
    )
    return f"{text('frame.smartship')} {smartship_words(text, oldest, now)}"


def _worst(health: Sequence[Health]) -> Health:
    order = ("never", "failed", "stale", "ok")
    earliest = datetime.min.replace(tzinfo=UTC)
    return min(
        health,
        key=lambda item: (
            order.index(item.state) if item.state in order else 0,
            item.last_sync_at or earliest,
        ),
    )


def _is_old(at: datetime, now: datetime) -> bool:
    return now - at > SMARTSHIP_OLD_AFTER


def _smartship_is_old(health: Sequence[Health], now: datetime) -> bool:
    return any(
        item.smartship_snapshot_at is None or _is_old(item.smartship_snapshot_at, now)
        for item in health
    )


def _clock(text: Text, at: datetime | None) -> str:
    return "" if at is None else f" :small[({text.time(at)})]"


def _sync_button(text: Text, workspace: Workspace, item: Health) -> None:
    if st.button(text("frame.sync_now"), key="frame-sync", type="secondary"):
        start_sync(workspace, item.account.name)
        st.rerun()


@st.fragment(run_every=POLL_S)
def _running(text: Text, workspace: Workspace, account: str) -> None:
    job = jobs().find(workspace, "sync", account)
    if job is None or not job.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key=f"running_{account}"):
        st.caption(text("frame.syncing", account=account))
        states.working(text, job)
        if st.button(text("connections.sync.cancel"), key=f"cancel-{account}"):
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
