"""Who asks and in which words: the language, the workspace and the chosen account of this session."""

from __future__ import annotations

import os
from typing import NoReturn

import streamlit as st

from reconcile import LANGUAGES, Login, Logins, Text, Workspace

ALL_ACCOUNTS = ""


def language() -> str:
    """The language of this session: the URL first, then what was chosen before, then what the browser asks for."""
    return _kept("lang", LANGUAGES, _asked_by_browser())


def _asked_by_browser() -> str:
    """The one the browser asks for where it is one of ours; else, and where it asks for none, Japanese."""
    asked = (st.context.locale or "").lower().partition("-")[0]
    return asked if asked in LANGUAGES else LANGUAGES[0]


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
    """The workspace of this session: its language, its folder (TOTSUGO_DATA), and whoever is signed in."""
    mine = login()
    return server() if mine is None else server().for_login(mine)


def server() -> Workspace:
    """The workspace of this server itself, which may all: for its schedule and its door only."""
    return _workspace(os.environ.get("TOTSUGO_DATA", ""), language())


def text() -> Text:
    """The words of this session's language, in which what nobody sees in a value has a sign."""
    return Text(language(), signs=True)


def has_login() -> bool:
    """Whether a login is set up, or only half: then nobody gets in."""
    return getattr(st.user, "is_logged_in", None) is not None


def login() -> Login | None:
    """The sign-in of this session; None on a desk without login. Raises NotAllowed for whoever may not be here."""
    if not has_login():
        return None
    return _logins(os.environ.get("TOTSUGO_DATA", "")).of(st.user.to_dict())


@st.cache_resource(show_spinner=False)
def _logins(folder: str) -> Logins:
    return _workspace(folder, LANGUAGES[0]).logins()


def rerun_by_itself() -> NoReturn:
    """Runs the page again without anybody having done anything: it keeps no sign-in alive."""
    st.session_state["session.by_itself"] = True
    st.rerun()


def ran_by_itself() -> bool:
    """Whether this run was one of those; asked once per run."""
    return bool(st.session_state.pop("session.by_itself", False))


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
