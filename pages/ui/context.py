"""Who asks and in which words: the language, the workspace and the chosen account of this session."""

from __future__ import annotations

import os

import streamlit as st

from reconcile import LANGUAGES, Text, Workspace

ALL_ACCOUNTS = ""


def language() -> str:
    """The language of this session: the URL first, then what was chosen before, else Japanese."""
    return _kept("lang", LANGUAGES, LANGUAGES[0])


def chosen_account(names: tuple[str, ...], *, every: bool) -> str | None:
    """The account to show, None for all of them (only where `every` is allowed and there are several)."""
    if not names:
        return None
    options = (ALL_ACCOUNTS, *names) if every and len(names) > 1 else names
    return _kept("account", options, options[0]) or None


def choose(name: str, value: str) -> None:
    """Sets the session's `lang` or `account` from a widget and writes it into the URL."""
    st.session_state[f"session.{name}"] = value
    st.query_params[name] = value


def workspace() -> Workspace:
    """The workspace of this session's language and of the data folder that TOTSUGO_DATA names."""
    return _workspace(os.environ.get("TOTSUGO_DATA", ""), language())


def text() -> Text:
    """The words of this session's language."""
    return workspace().text


@st.cache_resource(show_spinner=False, max_entries=16)
def _workspace(folder: str, lang: str) -> Workspace:
    opened = Workspace.open(folder or None, lang=lang)
    opened.renews_beside = True
    return opened


def link(**parameters: str) -> dict[str, str]:
    """URL parameters for a link inside the desk: language and account go along where they are not the default."""
    kept = {name: st.query_params[name] for name in ("lang", "account") if name in st.query_params}
    return {**kept, **parameters}


def _kept(name: str, options: tuple[str, ...], default: str) -> str:
    """What the URL says, else what this session said before; a needless change of the URL would cost a step back."""
    asked = st.query_params.get(name, st.session_state.get(f"session.{name}", default))
    kept = asked if asked in options else default
    st.session_state[f"session.{name}"] = kept
    if st.query_params.get(name, default) != kept:
        st.query_params[name] = kept
    return kept
