"""Forms around an account: add one (tested at once), change it, exchange its key, take it away."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from pages.ui import accountcard
from pages.ui.frame import View
from pages.ui.jobs import jobs, start_test
from reconcile import SMARTSHIP_OPTIONS, Account

CHOICES = ("unknown", "on", "off")
NEW = "new-account"
_BETWEEN = re.compile(r"[\s,、，]+")


def add(view: View) -> None:
    """The form of a new account, and right after it the test that decides whether it stays."""
    text = view.text
    fresh = st.session_state.get(NEW)
    if fresh is not None and fresh in {account.name for account in view.accounts}:
        _decide(view, fresh)
        return
    with st.expander(text("connections.add"), expanded=not view.accounts):
        with st.form("add-account", border=False, enter_to_submit=False):
            name = st.text_input(
                text("connections.field.name"),
                key="add.name",
                placeholder=text("connections.field.name.example"),
            )
            code = st.text_input(
                text("connections.field.company_code"),
                key="add.code",
                placeholder=text("connections.field.company_code.example"),
                help=text("connections.field.company_code.help"),
            )
            secret = st.text_input(
                text("connections.field.key"),
                key="add.key",
                type="password",
                autocomplete="off",
                help=text("connections.field.key.help"),
            )
            shops = st.text_input(
                text("connections.field.shops"),
                key="add.shops",
                placeholder=text("connections.field.shops.example"),
                help=text("connections.field.shops.help"),
            )
            url = st.text_input(
                text("connections.field.base_url"),
                key="add.url",
                placeholder=text("connections.field.base_url.example"),
                help=text("connections.field.base_url.help"),
            )
            options = _options(view, "add", {})
            if st.form_submit_button(text("connections.add.go"), type="primary"):
                view.workspace.add_account(
                    name.strip(),
                    company_code=code.strip(),
                    key=secret,
                    shop_ids=split(shops),
                    options=options,
                    **({"base_url": url.strip()} if url.strip() else {}),
                )
                st.session_state[NEW] = name.strip()
                start_test(view.workspace, name.strip())
                st.rerun()
    if not view.accounts and st.button(
        text("connections.demo.go"), key="demo-again", help=text("connections.demo.help")
    ):
        st.session_state["demo.asked"] = True
        st.rerun()


def split(typed: str) -> tuple[str, ...]:
    """Shop numbers typed with commas, blanks or line breaks between them."""
    return tuple(part for part in _BETWEEN.split(typed) if part)


def _decide(view: View, name: str) -> None:
    text = view.text
    job = jobs().find(view.workspace, "test", name)
    with st.container(border=True, key="connections_new"):
        st.subheader(text("connections.new.title", name=name), anchor=False)
        if job is not None:
            accountcard.ladder(view, job)
        if job is not None and job.running:
            return
        good = job is not None and job.error is None and job.future.result().ok
        st.text(text("connections.new.ok" if good else "connections.new.failed"))
        with st.container(horizontal=True):
            if st.button(
                text("connections.new.keep" if good else "connections.new.keep_anyway"),
                key="new.keep",
                type="primary" if good else "secondary",
            ):
                del st.session_state[NEW]
                st.rerun()
            if st.button(text("connections.new.undo"), key="new.undo"):
                view.workspace.remove_account(name)
                del st.session_state[NEW]
                st.rerun()


def change(view: View, account: Account) -> None:
    """Everything of an account that may change; every submit says at once whether it was taken."""
    text = view.text
    place = account.name
    with st.form(f"change.{place}", border=False, enter_to_submit=False):
        code = st.text_input(
            text("connections.field.company_code"), account.company_code, key=f"{place}.code"
        )
        shops = st.text_input(
            text("connections.field.shops"),
            " ".join(account.shop_ids),
            key=f"{place}.shops",
            help=text("connections.field.shops.help"),
        )
        url = st.text_input(
            text("connections.field.base_url"),
            account.base_url,
            key=f"{place}.url",
            help=text("connections.field.base_url.help"),
        )
        collect = st.text_input(
            text("connections.field.collect_phase"),
            account.collect_phase,
            key=f"{place}.collect",
            help=text("connections.field.phase.help"),
        )
        shipped = st.text_input(
            text("connections.field.shipped_phase"),
            account.shipped_phase,
            key=f"{place}.shipped",
            help=text("connections.field.phase.help"),
        )
        options = _options(view, place, account.options)
        if st.form_submit_button(text("connections.change.go"), type="primary"):
            view.workspace.change_account(
                place,
                company_code=code.strip(),
                shop_ids=split(shops),
                base_url=url.strip(),
                options=options,
                collect_phase=collect,
                shipped_phase=shipped,
            )
            st.session_state["changed-account"] = place
            st.rerun()
    if st.session_state.pop("changed-account", None) == place:
        st.markdown(f":green[{text('states.done.mark')}] {text('connections.change.done')}")
    _rotate(view, account)
    _remove(view, account)


def _rotate(view: View, account: Account) -> None:
    text = view.text
    st.markdown(f"**{text('connections.rotate')}**")
    with st.form(f"rotate.{account.name}", clear_on_submit=True, border=False):
        secret = st.text_input(
            text("connections.field.key.new"),
            key=f"{account.name}.key",
            type="password",
            autocomplete="off",
            help=text("connections.field.key.help"),
        )
        if st.form_submit_button(text("connections.rotate.go")) and secret:
            view.workspace.change_account(account.name, key=secret)
            st.session_state["changed-account"] = account.name
            st.rerun()


def _remove(view: View, account: Account) -> None:
    text = view.text
    with st.expander(text("connections.remove")):
        st.text(text("connections.remove.what"))
        typed = st.text_input(
            text("connections.remove.confirm", name=account.name), key=f"{account.name}.remove"
        )
        if st.button(
            text("connections.remove.go"),
            key=f"remove.{account.name}",
            disabled=typed.strip() != account.name,
        ):
            view.workspace.remove_account(account.name)
            st.rerun()


def _options(view: View, place: str, held: Mapping[str, str]) -> dict[str, str]:
    """The four Smartship options as switches, each with what it implies below it."""
    text = view.text
    st.markdown(f"**{text('connections.options')}**")
    st.caption(text("connections.options.what"))
    chosen: dict[str, str] = {}
    for option in SMARTSHIP_OPTIONS:
        chosen[option] = str(
            st.segmented_control(
                text(f"connections.option.{option}"),
                CHOICES,
                default=held.get(option, CHOICES[0]),
                key=f"{place}.option.{option}",
                format_func=lambda choice: text(f"connections.choice.{choice}"),
                help=text(f"connections.option.{option}.help"),
                required=True,
            )
            or CHOICES[0]
        )
    return chosen
