"""The phases of one account: whether the two expected names are there to the character, and what each phase means."""

from __future__ import annotations

import streamlit as st

from pages.ui import access, affixview, copytext, diffview, states
from pages.ui.frame import View
from reconcile import Account, PhaseRow, Text, visible

ROLES = ("before", "collect", "after", "shipped", "cancelled", "unknown")
WIDTHS = (3, 1, 2.2, 1.6, 3.4)


def show(view: View, account: Account) -> None:
    """The check of the expected names first, every phase with its role, and what stands around order numbers."""
    text = view.text
    rows = view.workspace.phases(account.name)
    if not any(row.seen_at for row in rows):
        states.empty(text, "connections.phases.unseen")
        return
    for row in rows:
        if row.expected_as is not None:
            _expected(text, row, account.name)
    for row in rows:
        if row.lookalike_of is not None:
            _lookalike(view, row)
    st.markdown(f"**{text('connections.roles')}**")
    st.caption(text("connections.roles.what"))
    with st.container(key=f"cause_head_roles_{account.name}"):
        for column, name in zip(
            st.columns(WIDTHS), ("phase", "orders", "role", "origin", "points"), strict=True
        ):
            column.markdown(text(f"connections.roles.{name}"))
    for place, row in enumerate(row for row in rows if row.present):
        _role(view, account, row, place)
    affixview.show(view, account)


def _expected(text: Text, row: PhaseRow, account: str) -> None:
    found = row.present
    st.markdown(
        f":{'green' if found else 'red'}"
        f"[{text('connections.phases.exact' if found else 'connections.phases.absent')}] "
        f"{text(f'connections.phases.{row.expected_as}')}"
    )
    key = f"phase-{account}-{row.expected_as}"
    copytext.show(text, row.name, label=text("connections.roles.phase"), key=key)
    if not found:
        st.text(text("connections.phases.absent.cure"))


def _lookalike(view: View, row: PhaseRow) -> None:
    text, expected = view.text, row.lookalike_of or ""
    st.markdown(f":orange[{text('connections.phases.lookalike')}]")
    diffview.show(
        text,
        view.workspace.difference(expected, row.name),
        left=text("connections.phases.expected"),
        right=text("connections.phases.found"),
    )
    st.text(text("connections.phases.lookalike.cure", expected=expected))


def _role(view: View, account: Account, row: PhaseRow, place: int) -> None:
    text = view.text
    with st.container(key=f"cause_role_{account.name}_{place}"):
        name, orders, role, origin, points = st.columns(WIDTHS, vertical_alignment="center")
        name.text(visible(row.name))
        orders.markdown(f"**{text.value(row.orders)}**")
        key = f"role.{account.name}.{row.name}"
        chosen = role.selectbox(
            text("connections.roles.role"),
            ROLES,
            index=ROLES.index(row.role) if row.role in ROLES else len(ROLES) - 1,
            key=key,
            format_func=lambda code: text(f"connections.role.{code}"),
            label_visibility="collapsed",
            **access.locked(view.workspace, "set_phase_role"),
        )
        if chosen != row.role:
            view.workspace.set_phase_role(account.name, row.name, chosen)
            st.rerun()
        origin.markdown(f":gray[{text(f'connections.roles.origin.{row.role_origin}')}]")
        points.caption(row.code_points)
