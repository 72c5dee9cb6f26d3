"""The card of one account: who it is, and on tabs its connection test, sync, Smartship files, phases and settings."""

from __future__ import annotations

import streamlit as st

from pages.ui import access, accountform, freshness, ladders, palette, phaseroles, uploads
from pages.ui.frame import View
from pages.ui.jobs import jobs, start_sync, start_test
from reconcile import Account, Text

TABS = ("sync", "test", "import", "phases", "settings")


def show(view: View, account: Account) -> None:
    """The card of one account; the tab stands in the URL, so that a cure elsewhere can lead to it."""
    text = view.text
    with st.container(border=True, key=f"account_{account.name}"):
        _head(text, account)
        tab = _tab(text, account.name)
        if tab == "test":
            _test(view, account)
        elif tab == "sync":
            _sync(view, account)
        elif tab == "import":
            uploads.show(view, account)
        elif tab == "phases":
            phaseroles.show(view, account)
        else:
            accountform.change(view, account)


def _head(text: Text, account: Account) -> None:
    shops = list(account.shop_ids) or [text("connections.shops.all")]
    demo = f" :violet-badge[{text('frame.demo')}]" if account.is_demo else ""
    with st.container(horizontal=True, vertical_alignment="center", key=f"head_{account.name}"):
        st.header(palette.literal(account.name), anchor=False, width="content")
        if demo:
            st.markdown(demo, width="content")
    st.text(
        text(
            "connections.head",
            code=account.company_code,
            shops=shops,
            key_hint=text("connections.key.hint", hint=account.key_hint)
            if account.key_state == "stored"
            else text(f"connections.key.{account.key_state}"),
        )
    )


def _tab(text: Text, account: str) -> str:
    key = f"tab-{account}"
    asked = st.query_params.get("tab")
    if asked in TABS and st.session_state.get(f"{key}-asked") != asked:
        st.session_state[key] = asked
        st.session_state[f"{key}-asked"] = asked
    chosen = st.segmented_control(
        text("connections.tabs"),
        TABS,
        key=key,
        format_func=lambda name: text(f"connections.tab.{name}"),
        default=None if key in st.session_state else TABS[0],
        label_visibility="collapsed",
        required=True,
    )
    return str(chosen or TABS[0])


def _test(view: View, account: Account) -> None:
    text = view.text
    st.caption(text("connections.test.what"))
    job = jobs().find(view.workspace, "test", account.name)
    if st.button(
        text("connections.test.go"),
        key=f"test-{account.name}",
        **access.locked(view.workspace, "test_account", disabled=job is not None and job.running),
    ):
        start_test(view.workspace, account.name)
        st.rerun()
    if job is not None:
        ladders.show(view, job)


def _sync(view: View, account: Account) -> None:
    text = view.text
    item = next(item for item in view.health if item.account.name == account.name)
    st.markdown(f"{text('frame.crossmall')} {freshness.crossmall_words(text, item, view.now)}")
    job = jobs().find(view.workspace, "sync", account.name)
    running = job is not None and job.running
    with st.container(horizontal=True):
        if st.button(
            text("frame.sync_now"),
            key=f"sync-{account.name}",
            type="secondary" if running else "primary",  # a primary one is unreadable when disabled
            **access.locked(view.workspace, "sync", disabled=running),
        ):
            start_sync(view.workspace, account.name)
            st.rerun()
        if st.button(
            text("connections.sync.full"),
            key=f"sync-full-{account.name}",
            **access.locked(
                view.workspace,
                "sync",
                disabled=running,
                hint=text("connections.sync.full.help"),
            ),
        ):
            start_sync(view.workspace, account.name, full=True)
            st.rerun()
    st.caption(text("connections.sync.running" if running else "connections.sync.what"))
    freshness.sync_outcome(text, view.workspace, account.name)
