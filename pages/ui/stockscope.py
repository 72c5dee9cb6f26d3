"""What counts: how many pieces a gap may have and still be in step, and which Smartship warehouses are summed."""

from __future__ import annotations

import streamlit as st

from pages.ui import access, states
from pages.ui.frame import View
from reconcile import Paging, ReconcileError, visible

SAVED = "stock-scope-saved"


def show(view: View) -> None:
    """One form for the account; saving judges its stock anew."""
    text, name = view.text, view.one_account
    account = next(one for one in view.workspace.accounts() if one.name == name)
    known = view.workspace.stock(name, paging=Paging(size=1)).warehouses
    st.caption(text("stock.scope.what"))
    with st.form(f"stock-scope-{name}", border=True, enter_to_submit=False):
        tolerance = st.number_input(
            text("stock.scope.tolerance"),
            min_value=0,
            value=account.stock_tolerance,
            step=1,
            help=text("stock.scope.tolerance.help"),
            key=f"stock-tolerance-{name}",
            width=260,
        )
        warehouses = st.multiselect(
            text("stock.scope.warehouses"),
            known,
            default=[one for one in account.stock_warehouses if one in known],
            format_func=lambda one: visible(one) or text("stock.warehouse.unnamed"),
            placeholder=text("stock.scope.all"),
            help=text("stock.scope.warehouses.help"),
            key=f"stock-warehouses-{name}",
        )
        may = access.locked(view.workspace, "set_stock_scope")
        sent = st.form_submit_button(text("connections.change.go"), type="primary", **may)
    if sent:
        try:
            view.workspace.set_stock_scope(
                name, tolerance=int(tolerance), warehouses=tuple(warehouses)
            )
        except ReconcileError as error:
            states.failed(text, error)
            return
        st.session_state[SAVED] = name
        st.rerun()
    if st.session_state.pop(SAVED, None) == name:
        st.markdown(f":green[{text('states.done.mark')}] {text('stock.scope.done')}")
