"""Who may be here: the door before every screen, the name of who is signed in, and what the role may not do."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import context, languages, palette
from reconcile import ROLES, NotAllowed, Text, Workspace, least_role

LOOK_S = 20.0


def gate() -> None:
    """Returns for whoever may see the desk; else shows what to do instead, and stops."""
    server, text = context.server(), context.text()
    if not context.has_login():
        if server.settings.access:
            _shut(text, "broken", text("access.broken.body"))
        return
    if not st.user.is_logged_in:
        _shut(text, "sign_in", text("access.body"), may_sign_in=True)
    try:
        login = context.login()
    except NotAllowed as error:
        _shut(text, "unlisted", text("access.unlisted.body", **error.values), may_leave=True)
    over = None if login is None else login.over(server.now())
    if over is not None:
        _shut(text, "sign_in", text(f"access.over.{over}"), may_sign_in=True)
    if login is not None and not context.ran_by_itself():
        login.seen(server.now())
    _watch()


@st.fragment(run_every=LOOK_S)
def _watch() -> None:
    """Clears the screen soon after a sign-in is over."""
    login = context.login()
    if login is not None and login.over(context.server().now()) is not None:
        context.rerun_by_itself()


def _shut(
    text: Text, why: str, body: str, *, may_sign_in: bool = False, may_leave: bool = False
) -> None:
    title = "access.title" if why == "sign_in" else f"access.{why}.title"
    with st.container(border=True, key=f"access_{why}", width=720):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.header(text(title), anchor=False, width="content")
            languages.picker(text)
        st.text(body)
        if may_sign_in:
            st.button(text("access.sign_in"), type="primary", key="sign-in", on_click=st.login)
        if may_leave:
            st.button(text("access.sign_out"), key="sign-out", on_click=st.logout)
    st.stop()


def who(text: Text, workspace: Workspace) -> None:
    """Who is signed in with which role, and the way out; nothing where there is no login."""
    if workspace.person is None:
        return
    person = palette.literal(workspace.person)
    label = text("access.who", person=person, role=text(f"access.role.{workspace.role}"))
    with st.popover(label, key="signed_in"):
        st.text(text("access.who.help"))
        st.button(text("access.sign_out"), key="sign-out", on_click=_leave, args=(workspace,))


def _leave(workspace: Workspace) -> None:
    workspace.sign_out()
    st.logout()


def locked(
    workspace: Workspace, action: str, *, disabled: bool = False, hint: str | None = None
) -> dict[str, Any]:
    """`disabled` and `help` of a control that does an action: where the role does not reach, it says why."""
    if workspace.may(action):
        return {"disabled": disabled, "help": hint}
    return {"disabled": True, "help": reason(workspace, action)}


def reason(workspace: Workspace, action: str) -> str:
    """Why the role of who is signed in may not do an action, in words."""
    text, least = context.text(), least_role(action)
    needed = least if least in ROLES else ROLES[-1]
    return text(
        "access.locked",
        role=text(f"access.role.{needed}"),
        person=palette.literal(workspace.person or ""),
        mine=text(f"access.role.{workspace.role}"),
    )
