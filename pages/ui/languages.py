"""The choice of language, in the frame and before the door."""

from __future__ import annotations

import streamlit as st

from pages.ui import context
from reconcile import LANGUAGES, Text


def picker(text: Text) -> None:
    """The languages by their own names; the choice holds for the session and stands in the URL."""
    st.session_state["pick-lang"] = text.lang
    st.segmented_control(
        text("frame.language"),
        LANGUAGES,
        key="pick-lang",
        format_func=lambda lang: text(f"frame.language.{lang}"),
        on_change=lambda: context.choose("lang", st.session_state["pick-lang"] or text.lang),
        label_visibility="collapsed",
        required=True,
    )
