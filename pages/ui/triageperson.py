"""Who acts on this page: asked once, kept for the session, first proposed by TOTSUGO_USER."""

from __future__ import annotations

import os
from typing import Literal

import streamlit as st

from pages.ui import context, palette
from reconcile import Text

USER_VARIABLE = "TOTSUGO_USER"
NAME_MOST = 60
_KEPT = "session.person"


def known() -> str | None:
    """The name of the person at this page: who is signed in, else whoever has said it; None while nobody has."""
    if context.has_login():
        return context.workspace().person
    kept = st.session_state.get(_KEPT, os.environ.get(USER_VARIABLE, ""))
    return " ".join(str(kept).split()) or None


def ask(text: Text, key: str, *, shown: Literal["visible", "collapsed"] = "visible") -> None:
    """A field for the name; what is typed holds for the whole session. shown: its label."""
    st.session_state[key] = known() or ""
    st.text_input(
        text("desk.person"),
        key=key,
        max_chars=NAME_MOST,
        placeholder=text("desk.person.example"),
        help=text("desk.person.help"),
        label_visibility=shown,
        on_change=_keep,
        args=(key,),
        width=260,
    )


def picker(text: Text) -> None:
    """The name as a small button that opens its field."""
    name = known()
    label = text("desk.person.is", name=palette.literal(name)) if name else text("desk.person.none")
    if context.has_login():
        return  # the name stands in the frame, and is not to be chosen
    with st.popover(label, key="desk_person"):
        ask(text, "desk-person-field")


def _keep(key: str) -> None:
    st.session_state[_KEPT] = st.session_state[key]


def said(key: str) -> str | None:
    """The name typed into the field `key` of a form, kept for the session; else the one that is known."""
    typed = " ".join(str(st.session_state.get(key) or "").split())
    if typed:
        st.session_state[_KEPT] = typed
    return typed or known()
