"""The form of an alert channel: its kind decides the fields; what is secret is asked for, kept and never shown."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from pages.ui import access
from pages.ui.frame import View
from reconcile import (
    ALERT_DIGESTS_MIN,
    ALERT_KINDS,
    ALERT_SEVERITIES,
    LANGUAGES,
    MAIL_SECURITY,
    Channel,
)

TESTED = "alert-tested"  # the outcome of the last test of this session
SAVED = "alert-saved"  # the channel that was saved last
_BETWEEN = re.compile(r"[\s,、，]+")


def add(view: View) -> None:
    """The form of a new channel."""
    kind = st.segmented_control(
        view.text("alerts.field.kind"),
        ALERT_KINDS,
        default=ALERT_KINDS[0],
        key="alert-new-kind",
        format_func=lambda one: view.text(f"alerts.kind.{one}"),
        required=True,
    )
    fresh = Channel(name="", kind=str(kind), lang=view.language)
    with st.form("alert-new", border=False, enter_to_submit=False, clear_on_submit=False):
        name = _text(view, "new", "name")
        given, secret = _fields(view, "new", fresh)
        if _save_button(view):
            _save(view, name.strip(), str(kind), secret, given)


def change(view: View, channel: Channel) -> None:
    """The form of a channel that exists."""
    with st.form(f"alert-{channel.name}", border=False, enter_to_submit=False):
        given, secret = _fields(view, channel.name, channel)
        if _save_button(view):
            _save(view, channel.name, channel.kind, secret, given)


def _save_button(view: View) -> bool:
    locked = access.locked(view.workspace, "set_alert_channel")
    return st.form_submit_button(view.text("alerts.save"), type="primary", **locked)


def _save(view: View, name: str, kind: str, secret: str, given: dict[str, Any]) -> None:
    view.workspace.set_alert_channel(name, kind=kind, secret=secret.strip() or None, **given)
    st.session_state[SAVED] = name
    st.session_state.pop(TESTED, None)
    st.rerun()


def _fields(view: View, place: str, held: Channel) -> tuple[dict[str, Any], str]:
    """What was typed, and the secret."""
    left, right = st.columns(2)
    with left:
        given, secret = _where(view, place, held)
    with right:
        given |= {
            "least": _choice(view, place, "least", ALERT_SEVERITIES[::-1], held.least),
            "digest_min": _digest(view, place, held.digest_min),
            "quiet": _text(view, place, "quiet", held.quiet).strip(),
            "quiet_stops_all": _tick(view, place, "quiet_stops_all", held.quiet_stops_all),
            "missed": int(
                st.number_input(
                    view.text("alerts.field.missed"),
                    1,
                    100,
                    held.missed,
                    key=f"alert-missed-{place}",
                )
            ),
            "lang": _choice(view, place, "lang", LANGUAGES, held.lang),
        }
    return given, secret


def _where(view: View, place: str, held: Channel) -> tuple[dict[str, Any], str]:
    common = {"desk_url": "", "allow_private": False}
    if held.kind != "mail":
        secret = _text(view, place, "address", secret=True)
        given: dict[str, Any] = {}
    else:
        given = {
            "host": _text(view, place, "host", held.host).strip(),
            "port": int(
                st.number_input(
                    view.text("alerts.field.port"), 1, 65535, held.port, key=f"alert-port-{place}"
                )
            ),
            "security": _choice(view, place, "security", MAIL_SECURITY, held.security),
            "user": _text(view, place, "user", held.user).strip(),
        }
        secret = _text(view, place, "password", secret=True)
        given["sender"] = _text(view, place, "sender", held.sender).strip()
        typed = _text(view, place, "to", ", ".join(held.to))
        given["to"] = tuple(one for one in _BETWEEN.split(typed) if one)
    common["desk_url"] = _text(view, place, "desk_url", held.desk_url).strip()
    common["allow_private"] = _tick(view, place, "allow_private", held.allow_private)
    return given | common, secret


def _text(view: View, place: str, name: str, value: str = "", *, secret: bool = False) -> str:
    hint = f"alerts.field.{name}.help"
    return st.text_input(
        view.text(f"alerts.field.{name}"),
        value,
        key=f"alert-{name}-{place}",
        type="password" if secret else "default",
        autocomplete="off" if secret else None,
        help=view.text(hint) if view.text.has(hint) else None,
    )


def _tick(view: View, place: str, name: str, held: bool) -> bool:
    hint = f"alerts.field.{name}.help"
    return st.checkbox(
        view.text(f"alerts.field.{name}"),
        held,
        key=f"alert-{name}-{place}",
        help=view.text(hint) if view.text.has(hint) else None,
    )


def _choice(view: View, place: str, name: str, options: tuple[str, ...], held: str) -> str:
    words = "frame.language" if name == "lang" else f"alerts.{name}"
    return str(
        st.selectbox(
            view.text(f"alerts.field.{name}"),
            options,
            index=options.index(held),
            key=f"alert-{name}-{place}",
            format_func=lambda one: view.text(f"{words}.{one}"),
        )
    )


def _digest(view: View, place: str, held: int) -> int:
    options = sorted({*ALERT_DIGESTS_MIN, held})
    return int(
        st.selectbox(
            view.text("alerts.field.digest"),
            options,
            index=options.index(held),
            key=f"alert-digest-{place}",
            format_func=lambda minutes: (
                view.text("alerts.gathered", n=minutes) if minutes else view.text("alerts.now")
            ),
        )
    )
