"""The frame of every screen: title, account, freshness, language, and the one place where errors become words."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec

import streamlit as st

from pages.ui import access, context, damage, freshness, languages, pagelang, schedule, states
from reconcile import Account, AccountHealth, ReconcileError, Text, Workspace

# [D] So old may the head of a screen be while only parts of it are drawn anew.
REDRAWN = timedelta(minutes=1)
PAINT_S = 0.3  # [D] longer than a browser on two cores needs
OPENED_S = 0.08  # [D] longer than it needs for a list of facts
_PAINTED = "session.painted"  # session: whether a chart was sent before
_WHOLE = "session.whole"  # session: whether the whole screen is being drawn
_BELOW = "session.below"  # session: whether something was opened below a list just now
_P = ParamSpec("_P")
STYLE = Path(__file__).resolve().parents[2] / "static" / "desk.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a screen gets from its frame. `account` is None for all accounts."""

    text: Text
    workspace: Workspace
    accounts: tuple[Account, ...]
    account: str | None
    health: tuple[AccountHealth, ...]
    now: datetime

    @property
    def one_account(self) -> str:
        """The chosen account, for screens that show one at a time."""
        return self.account or self.accounts[0].name

    @property
    def language(self) -> str:
        """The language of this session."""
        return self.text.lang


@contextmanager
def frame(screen: str, *, every_account: bool = True, bare: bool = False) -> Iterator[View]:
    """The framed screen named `screen`. Stops where there is nothing to show yet, unless `bare` (Connections)."""
    text = context.text()
    st.session_state[_WHOLE] = True
    try:
        view = _header(screen, every_account=every_account, bare=bare)
    except ReconcileError as error:
        st.title(text(f"{screen}.title"))
        states.failed(text, error)
        st.stop()
    try:
        yield view
    except ReconcileError as error:
        states.failed(text, error)
    finally:
        st.session_state[_WHOLE] = False


def part(draw: Callable[Concatenate[View, _P], None]) -> Callable[Concatenate[View, _P], None]:
    """A part of a screen: what is done inside it draws it alone, with the time as it is then and its errors in words.

    Once the head of the screen is a minute old the whole screen follows: its ages, and that somebody is here.
    """

    @st.fragment
    @functools.wraps(draw)
    def alone(view: View, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        now = view.workspace.now()
        try:
            draw(replace(view, now=now), *args, **kwargs)
        except ReconcileError as error:
            states.failed(view.text, error)
        if not st.session_state.get(_WHOLE) and now - view.now > REDRAWN:
            st.rerun()

    return alone


@st.fragment
def folded(view: View, label: str, key: str, draw: Callable[[], None]) -> None:
    """One line, and behind it what is read and drawn only once somebody opens it; that draws nothing else anew."""
    place = st.expander(label, key=key, on_change="rerun")
    if not place.open:
        return
    with place:
        try:
            draw()
        except ReconcileError as error:
            states.failed(view.text, error)


def above_below(above: Callable[[], None], below: Callable[[], None]) -> None:
    """A list and below it what is opened in it; after `opened_below` that is drawn first, for a person waits for it."""
    upper, lower = st.container(), st.container()
    turns = [(upper, above), (lower, below)]
    if just_opened():
        turns.reverse()
    try:
        for place, draw in turns:
            with place:
                draw()
    finally:
        st.session_state.pop(_BELOW, None)


def opened_below() -> None:
    """Says in a callback that it opened something below a list; what that moves is moved when it comes, not later."""
    st.session_state[_BELOW] = True


def just_opened() -> bool:
    """Whether something was opened below a list just now, and is drawn first."""
    return bool(st.session_state.get(_BELOW))


def facts_first() -> None:
    """Where something was just opened: lets a browser paint what stands there before the rest is sent."""
    if just_opened():
        time.sleep(OPENED_S)


def painted_first() -> None:
    """Once a visit, before the first chart, for which a browser reads half a second: lets it paint what stands there."""
    if not st.session_state.get(_PAINTED):
        st.session_state[_PAINTED] = True
        time.sleep(PAINT_S)


def _header(screen: str, *, every_account: bool, bare: bool) -> View:
    workspace = context.workspace()
    text = context.text()
    pagelang.say(text.lang)
    accounts = workspace.accounts()
    names = tuple(account.name for account in accounts)
    with st.container(
        horizontal=True,
        vertical_alignment="bottom",
        horizontal_alignment="distribute",
        key="frame_header",
    ):
        st.title(text(f"{screen}.title"), anchor=False, width="content")
        with st.container(
            horizontal=True, vertical_alignment="bottom", width="content", key="frame_choices"
        ):
            chosen = _account_picker(text, names, every=every_account)
            languages.picker(text)
            access.who(text, workspace)
    if accounts:
        schedule.keep_running(context.server())
    health = workspace.health(chosen) if accounts else ()
    view = View(
        text=text,
        workspace=workspace,
        accounts=accounts,
        account=chosen,
        health=health,
        now=workspace.now(),
    )
    if accounts:
        freshness.line(text, workspace, health, now=view.now)
    damage.notes(text, workspace)
    if not bare:
        _stop_where_nothing_is(view)
    return view


def _stop_where_nothing_is(view: View) -> None:
    if not view.accounts:
        states.no_account(view.text)
        st.stop()
    if all(health.last_sync_at is None for health in view.health) and view.health:
        states.never_synced(view.text, view.health[0].account.name)
        st.stop()


def _account_picker(text: Text, names: tuple[str, ...], *, every: bool) -> str | None:
    chosen = context.chosen_account(names, every=every)
    if not names:
        return None
    options = (context.ALL_ACCOUNTS, *names) if every and len(names) > 1 else names
    st.session_state["pick-account"] = chosen or context.ALL_ACCOUNTS
    st.selectbox(
        text("frame.account"),
        options,
        key="pick-account",
        format_func=lambda name: name or text("frame.account.all"),
        on_change=lambda: context.choose("account", st.session_state["pick-account"]),
        label_visibility="collapsed",
        width=220,
    )
    return chosen
