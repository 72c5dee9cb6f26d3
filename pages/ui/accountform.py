"""Forms around an account: add one (tested at once), change it, exchange its key, take it away."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from pages.ui import access, demo, ladders, schedule
from pages.ui.frame import View
from pages.ui.jobs import jobs, start_test
from reconcile import SMARTSHIP_OPTIONS, Account

CHOICES = ("unknown", "on", "off")
EVERY_MIN = 10
NEW = "new-account"
CHANGED = "changed-account"
_BETWEEN = re.compile(r"[\s,、，]+")


def add(view: View) -> None:
    """The form of a new account, and right after it the test that decides whether it stays."""
    text = view.text
    fresh = st.session_state.get(NEW)
    if fresh is not None and fresh in {account.name for account in view.accounts}:
        _decide(view, fresh)
        return
    place = st.expander(text("connections.add"), expanded=not view.accounts)
    with place, st.form("add-account", border=False, enter_to_submit=False):
        left, right = st.columns(2)
        with left:
            name, code = _field(view, "add", "name"), _field(view, "add", "company_code")
            secret = _field(view, "add", "key")
        with right:
            shops, url = _field(view, "add", "shops"), _field(view, "add", "base_url")
            every_min = schedule.interval(text, "add", EVERY_MIN)
        options = _options(view, "add", {})
        if st.form_submit_button(
            text("connections.add.go"),
            type="primary",
            **access.locked(view.workspace, "add_account"),
        ):
            view.workspace.add_account(
                name.strip(),
                company_code=code.strip(),
                key=secret,
                shop_ids=split(shops),
                base_url=url.strip(),
                options=options,
                sync_every_min=every_min,
            )
            st.session_state[NEW] = name.strip()
            start_test(view.workspace, name.strip())
            st.rerun()
    if not view.accounts:
        _demo_again(view)


def _demo_again(view: View) -> None:
    text = view.text
    hint = text("connections.demo.help")
    may = access.locked(view.workspace, "provision_demo", hint=hint)
    if st.button(text("connections.demo.go"), key="demo-again", **may):
        st.session_state[demo.ASKED] = True
        st.rerun()


def _field(view: View, place: str, name: str, value: str = "") -> str:
    """One text field with its example and help where the texts have them; the key is never shown."""
    text = view.text
    example, hint = f"connections.field.{name}.example", f"connections.field.{name}.help"
    secret = name.startswith("key")
    return st.text_input(
        text(f"connections.field.{name}"),
        value,
        key=f"{place}-{name}",
        type="password" if secret else "default",
        autocomplete="off" if secret else None,
        placeholder=text(example) if text.has(example) else None,
        help=text(hint) if text.has(hint) else None,
    )


def split(typed: str) -> tuple[str, ...]:
    """Shop numbers typed with commas, blanks or line breaks between them."""
    return tuple(part for part in _BETWEEN.split(typed) if part)


def _decide(view: View, name: str) -> None:
    text = view.text
    job = jobs().find(view.workspace, "test", name)
    with st.container(border=True, key="connections_new"):
        st.header(text("connections.new.title", name=name), anchor=False)
        if job is not None:
            ladders.show(view, job)
        if job is not None and job.running:
            return
        good = job is not None and job.error is None and job.future.result().ok
        st.text(text("connections.new.ok" if good else "connections.new.failed"))
        with st.container(horizontal=True):
            if st.button(
                text("connections.new.keep" if good else "connections.new.keep_anyway"),
                key="new-keep",
                type="primary" if good else "secondary",
            ):
                del st.session_state[NEW]
                st.rerun()
            if st.button(
                text("connections.new.undo"),
                key="new-undo",
                **access.locked(view.workspace, "remove_account"),
            ):
                _take_away(view, name)
                del st.session_state[NEW]
                st.rerun()


def change(view: View, account: Account) -> None:
    """Everything of an account that may change; every submit says at once whether it was taken."""
    text = view.text
    place = f"change-{account.name}"
    with st.form(place, border=False, enter_to_submit=False):
        left, right = st.columns(2)
        with left:
            code = _field(view, place, "company_code", account.company_code)
            shops = _field(view, place, "shops", " ".join(account.shop_ids))
        with right:
            collect = _field(view, place, "collect_phase", account.collect_phase)
            shipped = _field(view, place, "shipped_phase", account.shipped_phase)
        with left:
            every_min = schedule.interval(text, place, account.sync_every_min)
        with right:
            url = _field(view, place, "base_url", account.base_url)
        options = _options(view, place, account.options)
        if st.form_submit_button(
            text("connections.change.go"),
            type="primary",
            **access.locked(view.workspace, "change_account"),
        ):
            view.workspace.change_account(
                account.name,
                company_code=code.strip(),
                shop_ids=split(shops),
                base_url=url.strip(),
                options=options,
                collect_phase=collect,
                shipped_phase=shipped,
                sync_every_min=every_min,
            )
            _changed(view, account.name)
            st.rerun()
    if st.session_state.pop(CHANGED, None) == account.name:
        st.markdown(f":green[{text('states.done.mark')}] {text('connections.change.done')}")
    _rotate(view, account)
    _remove(view, account)


def _rotate(view: View, account: Account) -> None:
    text = view.text
    st.markdown(f"**{text('connections.rotate')}**")
    with st.form(f"rotate-{account.name}", clear_on_submit=True, border=False):
        secret = _field(view, f"rotate-{account.name}", "key_new")
        if st.form_submit_button(
            text("connections.rotate.go"), **access.locked(view.workspace, "change_account")
        ):
            view.workspace.change_account(account.name, key=secret)
            _changed(view, account.name)
            st.rerun()


def _changed(view: View, name: str) -> None:
    """Notes the change to be told, and drops the connection test: it speaks of the settings before."""
    jobs().forget(view.workspace, "test", name)
    st.session_state[CHANGED] = name


def _remove(view: View, account: Account) -> None:
    text = view.text
    with st.expander(text("connections.remove")):
        st.text(text("connections.remove.what"))
        typed = st.text_input(
            text("connections.remove.confirm", name=account.name), key=f"confirm-{account.name}"
        )
        if st.button(
            text("connections.remove.go"),
            key=f"remove-{account.name}",
            **access.locked(
                view.workspace, "remove_account", disabled=typed.strip() != account.name
            ),
        ):
            _take_away(view, account.name)
            st.rerun()


def _take_away(view: View, name: str) -> None:
    """Removes the account and what was found out about it; an account that gets its name later starts anew."""
    view.workspace.remove_account(name)
    for kind in ("test", "sync"):
        jobs().forget(view.workspace, kind, name)


def _options(view: View, place: str, held: Mapping[str, str]) -> dict[str, str]:
    """The four Smartship options as switches, each with what it implies beside it."""
    text = view.text
    st.markdown(f"**{text('connections.options')}**")
    st.caption(text("connections.options.what"))
    chosen: dict[str, str] = {}
    for option in SMARTSHIP_OPTIONS:
        switch, meaning = st.columns((2, 5), vertical_alignment="center")
        chosen[option] = str(
            switch.segmented_control(
                text(f"connections.option.{option}"),
                CHOICES,
                default=held.get(option, CHOICES[0]),
                key=f"{place}-{option}",
                format_func=lambda choice: text(f"connections.choice.{choice}"),
                required=True,
            )
            or CHOICES[0]
        )
        meaning.caption(text(f"connections.option.{option}.help"))
    return chosen
