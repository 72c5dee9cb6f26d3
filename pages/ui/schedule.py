"""The schedule as people see it: kept running in this server, the next sync in words, and what is wrong with it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from pages.ui import context, palette
from pages.ui.jobs import jobs
from reconcile import JST, AccountHealth, Text, Workspace

SWITCH = "TOTSUGO_SCHEDULE"
LOOK_S = 10.0
ELSEWHERE = timedelta(minutes=1)  # by then another process has done what was due: look again
STARTED = timedelta(seconds=5)  # by then a schedule that begins has left its sign of life
CATCH_UP_S = 60.0  # after the start of this server: what is overdue is synced first
INTERVALS_MIN = (0, 5, 10, 15, 20, 30, 60, 120, 240, 480, 720, 1440)
_COLOURS = {"off": "gray", "due": "blue", "running": "blue", "retrying": "orange", "refused": "red"}
_FIRST = ("running", "due")


def keep_running(workspace: Workspace) -> None:
    """Has this server run the schedule of the folder, or stand by for it, unless TOTSUGO_SCHEDULE=off says not to."""
    if _is_on():
        _begun_s(str(workspace.data))
        _scheduler(str(workspace.data), workspace).start()


def _is_on() -> bool:
    return os.environ.get(SWITCH) != "off"


@st.cache_resource(show_spinner=False)
def _begun_s(folder: str) -> float:  # noqa: ARG001 (the key of the cache)
    """When this server took up the schedule of that folder, by a clock that nobody can set."""
    return time.monotonic()


@st.cache_resource(show_spinner=False)
def _scheduler(folder: str, _workspace: Workspace) -> Any:  # noqa: ARG001 (the folder is the key of the cache)
    board = jobs()
    return _workspace.scheduler("dashboard", lambda account: board.sync(_workspace, account))


def words(text: Text, item: AccountHealth, now: datetime) -> str:
    """When an account is synced next and who does it, as coloured words."""
    at = "–" if item.next_sync_at is None else clock(text, item.next_sync_at, now)
    told = text(f"schedule.next.{item.schedule}", at=at, n=item.failures)
    if item.schedule not in ("off", "running") and item.schedule_by != "here":
        by = item.schedule_by or ("starting" if _is_on() else "nobody")
        told = text("schedule.next.by", next=told, by=text(f"schedule.by.{by}"))
    colour = _COLOURS.get(item.schedule)
    return told if colour is None else f":{colour}[{told}]"


def clock(text: Text, at: datetime, now: datetime) -> str:
    """The time of day in JST, with the date where it is not today's."""
    local = at.astimezone(JST)
    today = local.date() == now.astimezone(JST).date()
    return text("schedule.next.at", time=local.strftime("%H:%M") if today else text.time(at))


@st.fragment(run_every=LOOK_S)
def watch(
    text: Text, workspace: Workspace, health: Sequence[AccountHealth], shown_at: datetime
) -> None:
    """The next sync of the accounts shown; the page follows by itself when the schedule starts one."""
    now = workspace.now()
    first = _first(health)
    st.markdown(words(text, first, now), width="content")
    begun = any(
        (job := jobs().find(workspace, "sync", item.account.name)) and job.running
        for item in health
    )
    waited = now - max(first.next_sync_at or now, shown_at)
    starting = first.schedule_by is None and _is_on() and now - shown_at > STARTED
    if begun or (first.schedule != "off" and (starting or waited > ELSEWHERE)):
        context.rerun_by_itself()


def _first(health: Sequence[AccountHealth]) -> AccountHealth:
    """The account whose sync runs or comes first; one that is off only where all are."""
    return min(
        health,
        key=lambda item: (
            item.schedule == "off",
            item.schedule not in _FIRST,
            item.next_sync_at.timestamp() if item.next_sync_at else 0.0,
        ),
    )


def _catches_up(workspace: Workspace, item: AccountHealth) -> bool:
    """Whether an account is late only because nothing ran before this server started, and is about to be synced."""
    if item.schedule == "running":
        return True
    begins = _is_on() and time.monotonic() - _begun_s(str(workspace.data)) < CATCH_UP_S
    return begins and item.schedule == "due" and item.schedule_by in ("here", None)


def warnings(text: Text, workspace: Workspace, health: Sequence[AccountHealth]) -> None:
    """What is wrong with the schedule of these accounts, each with its cure; not what is being cured right now."""
    told = [
        item
        for item in health
        if item.schedule_warning is not None
        and not (item.schedule_warning in ("late", "nobody") and _catches_up(workspace, item))
    ]
    for place, item in enumerate(told):
        with st.container(key=f"schedule_warning_{place}", gap=None):
            key = f"schedule.warning.{item.schedule_warning}"
            st.markdown(f":orange[▲ {text(key, account=palette.literal(item.account.name))}]")
            st.caption(text(f"{key}.cure", account=palette.literal(item.account.name)))


def interval(text: Text, place: str, held: int) -> int:
    """The choice of an interval in minutes, 0 for off; one that stands outside the usual ones stays a choice."""
    return int(
        st.selectbox(
            text("schedule.field"),
            sorted({*INTERVALS_MIN, held}),
            index=sorted({*INTERVALS_MIN, held}).index(held),
            key=f"{place}-every",
            format_func=lambda minutes: interval_words(text, minutes),
            help=text("schedule.field.help"),
        )
    )


def interval_words(text: Text, minutes: int) -> str:
    """An interval in words: off, minutes, or whole hours."""
    if minutes == 0:
        return text("schedule.every.off")
    if minutes % 60:
        return text("schedule.every.minutes", n=minutes)
    return text("schedule.every.hours", n=minutes // 60)
