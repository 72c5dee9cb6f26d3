"""Alert channels on the Connections screen: each with its state, a test whose outcome is told plainly, and its settings."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import access, alertform, palette
from pages.ui.alertform import SAVED, TESTED
from pages.ui.frame import View
from reconcile import Text


def show(view: View) -> None:
    """The section of the alert channels."""
    text = view.text
    st.header(text("alerts.title"), anchor="alerts")
    st.caption(text("alerts.what"))
    channels = view.workspace.alert_channels()
    known = view.workspace.alert_standing() if channels else {}
    if not channels:
        st.text(text("alerts.none"))
    for channel in channels:
        with st.container(border=True, key=f"alert_{channel.name}"):
            _card(view, channel, known.get(channel.name))
    with st.expander(text("alerts.add")):
        alertform.add(view)


def _card(view: View, channel: Any, standing: Any) -> None:
    text = view.text
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.subheader(palette.literal(channel.name), anchor=False, width="content")
        with st.container(horizontal=True, width="content"):
            locked = access.locked(view.workspace, "test_alert_channel")
            tests = st.button(text("alerts.test.go"), key=f"alert-test-{channel.name}", **locked)
            with st.popover(text("alerts.remove"), key=f"alert-remove-{channel.name}"):
                _removal(view, channel.name)
    st.text(f"{text(f'alerts.kind.{channel.kind}')} · {channel.host} · {_words(text, channel)}")
    _state(text, standing)
    if tests:
        with st.spinner(text("alerts.test.working")):
            st.session_state[TESTED] = view.workspace.test_alert_channel(channel.name)
        st.session_state.pop(SAVED, None)
    _outcome(text, channel.name)
    with st.expander(text("alerts.change")):
        alertform.change(view, channel)


def _words(text: Text, channel: Any) -> str:
    """What a channel tells and when, in one line."""
    gathered = channel.digest_min
    parts = [
        text(f"alerts.least.{channel.least}"),
        text("alerts.gathered", n=gathered) if gathered else text("alerts.now"),
        *([text("alerts.quiet", hours=channel.quiet)] if channel.quiet else []),
        text("alerts.missed", n=channel.missed),
    ]
    return text("value.comma").join(parts)


def _state(text: Text, standing: Any) -> None:
    if standing is None:
        st.caption(text("alerts.standing.never"))
        return
    never = text("alerts.standing.never")
    at = text.time(standing.sent_at)
    told = text("alerts.standing.sent", at=at) if standing.sent_at else never
    if standing.waiting:
        waiting = text("alerts.standing.waiting", n=standing.waiting, at=standing.oldest_at)
        told = f"{told} · {waiting}"
    st.caption(told)
    if standing.waiting and standing.reason:
        words = text(f"alerts.reason.{standing.reason}", n=standing.status)
        st.markdown(f":orange[▲ {palette.literal(words)}]")


def _outcome(text: Text, name: str) -> None:
    if st.session_state.get(SAVED) == name:
        st.markdown(f":blue[{text('alerts.saved')}]")
    found = st.session_state.get(TESTED)
    if found is None or found.channel != name:
        return
    if not found.ok:
        st.markdown(f":red[● {text('alerts.test.failed')}]")
        st.text(text(f"alerts.reason.{found.reason}", n=found.status))
        return
    st.markdown(f":green[✓ {palette.literal(text('alerts.test.ok', host=found.host))}]")
    if found.refused:
        st.markdown(f":orange[▲ {text('alerts.test.refused', n=found.refused)}]")


def _removal(view: View, name: str) -> None:
    st.text(view.text("alerts.remove.sure", name=name))
    locked = access.locked(view.workspace, "remove_alert_channel")
    sure = f"alert-remove-sure-{name}"
    if st.button(view.text("alerts.remove"), key=sure, type="primary", **locked):
        view.workspace.remove_alert_channel(name)
        st.rerun()
