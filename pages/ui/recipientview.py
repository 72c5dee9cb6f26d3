"""Who an order goes to, where that is kept: masked until somebody asks, and gone with the next act on the page."""

from __future__ import annotations

import streamlit as st

from pages.ui import access, states, triageperson
from pages.ui.casefacts import facts
from pages.ui.frame import View
from reconcile import OrderCase, ReconcileError

MASK = "••••••"


def show(view: View, case: OrderCase) -> None:
    """Nothing where it is not kept."""
    text = view.text
    until = view.workspace.recipient_kept_until(case.account, case.order_number)
    if until is None:
        return
    with st.container(border=True, key="case_recipient"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{text('recipient.title')}**", width="content")
            asked = st.button(
                text("recipient.show"),
                key="recipient-show",
                **access.locked(view.workspace, "show_recipient", hint=text("recipient.recorded")),
            )
        st.caption(text("recipient.until", until=text.value(until)))
        _facts(view, _asked(view, case) if asked else {"ship_name": MASK, "ship_address1": MASK})


def _asked(view: View, case: OrderCase) -> dict[str, str]:
    who = triageperson.known()
    try:
        return dict(view.workspace.show_recipient(case.account, case.order_number, by=who))
    except ReconcileError as error:
        states.failed(view.text, error)
        return {}


def _facts(view: View, who: dict[str, str]) -> None:
    facts((view.text(f"recipient.{name}"), value) for name, value in who.items())
