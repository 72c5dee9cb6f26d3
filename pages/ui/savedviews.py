"""Saved views: the present filter under a name, shared by all who use this data folder, opened by a link."""

from __future__ import annotations

import streamlit as st

from pages.ui import access, inputs, orderfilter, palette, states, triageperson
from pages.ui.frame import View
from reconcile import ReconcileError, SavedView

SCREEN = "orders"
NOT_SHARED = ("numbers",)


def menu(view: View) -> None:
    """The views of this screen as links, each with its removal, and a form that saves the present one."""
    text = view.text
    views = [one for one in view.workspace.saved_views() if one.screen == SCREEN]
    with st.popover(text("desk.views", n=len(views)), key="desk_views"):
        if not views:
            st.caption(text("desk.views.none"))
        for place, one in enumerate(views):
            _line(view, one, place)
        _save(view)


def _line(view: View, one: SavedView, place: int) -> None:
    text = view.text
    with st.container(horizontal=True, vertical_alignment="center", key=f"desk_view_{place}"):
        kept = {"lang": st.query_params.get_all("lang")} if "lang" in st.query_params else {}
        st.button(
            palette.literal(one.name),
            key=f"desk-view-open-{one.name}",
            on_click=inputs.go,
            args=({**kept, **one.query},),
            help=text("desk.views.by", by=palette.literal(one.actor), time=text.time(one.saved_at)),
            width="stretch",
        )
        if st.button(
            text("desk.views.remove"),
            key=f"desk-view-remove-{one.name}",
            type="tertiary",
            **access.locked(view.workspace, "remove_view"),
        ):
            try:
                view.workspace.remove_view(one.name, by=triageperson.known())
            except ReconcileError as error:
                states.failed(text, error)
            else:
                st.rerun()


def _save(view: View) -> None:
    text = view.text
    with st.form("desk-view-form", border=False, clear_on_submit=False):
        name = st.text_input(
            text("desk.views.name"), max_chars=60, placeholder=text("desk.views.name.example")
        )
        replace = st.checkbox(text("desk.views.replace"))
        go = st.form_submit_button(
            text("desk.views.save"), **access.locked(view.workspace, "save_view")
        )
    if any(name in st.query_params for name in NOT_SHARED):
        st.caption(text("desk.views.not_shared"))
    if not go:
        return
    try:
        view.workspace.save_view(
            name, present(), screen=SCREEN, replace=replace, by=triageperson.known()
        )
    except ReconcileError as error:
        states.failed(text, error)
    else:
        st.rerun()


def present() -> dict[str, list[str]]:
    """The filter as it stands in the address, without what is one's own: language, opened order and numbers."""
    shared = ("account", "sort", "dir", "size", *orderfilter.PARAMETERS)
    return {
        name: st.query_params.get_all(name)
        for name in shared
        if name in st.query_params and name not in NOT_SHARED
    }
