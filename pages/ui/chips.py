"""Choices with their counts as chips that filter, drawn the same on every screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import streamlit as st

from reconcile import Text


def row(
    text: Text,
    name: str,
    label: str,
    *,
    picked: Sequence[str],
    counts: Mapping[str, int],
    word: Callable[[str], str],
) -> None:
    """One row of choices with their name before it; nothing where there is nothing to choose."""
    if not picked and not any(counts.values()):
        st.session_state[f"input.{name}"] = []
        return
    with st.container(horizontal=True, key=f"chips_{name}"):
        st.caption(label, width=88)
        pills(text, name, label, picked=picked, counts=counts, word=word, shown="collapsed")


def pills(
    text: Text,
    name: str,
    label: str,
    *,
    picked: Sequence[str],
    counts: Mapping[str, int],
    word: Callable[[str], str],
    shown: Literal["visible", "collapsed"] = "visible",
) -> None:
    """Choices with their counts. What is picked is said anew: with other counts in its labels the widget is a new one."""
    known = [code for code in counts if counts[code] or code in picked]
    st.session_state[f"input.{name}"] = list(picked)
    st.pills(
        label,
        [*known, *(code for code in picked if code not in counts)],
        selection_mode="multi",
        key=f"input.{name}",
        format_func=lambda code: text("desk.chip", word=word(code), n=counts.get(code, 0)),
        label_visibility=shown,
        wrap=True,
    )
