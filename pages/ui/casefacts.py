"""Why an order was not collected, test by test, and how it hangs together with other orders and packings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import streamlit as st

from pages.ui import inputs, palette
from pages.ui.frame import View, folded
from reconcile import OrderCase, visible

MARKS = {"taken": "act_now", "holds": "at_risk", "open": "cannot_tell"}
UNPROVEN = ("weak", "possible")


def why(view: View, case: OrderCase) -> None:
    """The cause with its probability and proof, open; every other test behind one line."""
    text = view.text
    told = view.workspace.why(case)
    verdict = case.verdict
    collected = verdict["cause"] == "collected"
    taken = [one for one in told.tree if one.taken]
    with st.container(border=True, key="case_pull"):
        st.markdown(f"**{text('case.why.collected' if collected else 'case.why')}**")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.markdown(f"**{told.title}**", width="content")
            if told.chance:
                st.text(told.chance, width="content")
        st.text(visible(told.saw, lines=True))
        _branches(view, taken)
        if not collected:
            for number, step in enumerate(told.cure, start=1):
                st.text(text("orders.case.step", n=number, step=step))
        if told.missing:
            st.markdown(f":gray[{text('orders.case.missing', what=palette.literal(told.missing))}]")
        elif not collected:
            st.caption(text("case.why.settled_by", what=told.settled_by))
        others = [one for one in told.tree if not one.taken]
        if others:
            folded(
                view,
                text("case.why.others", count=len(others)),
                f"case-others-{inputs.digest((case.account, case.order_number))}",
                lambda: _branches(view, sorted(others, key=lambda one: not one.holds)),
            )


def _branches(view: View, branches: Sequence[Any]) -> None:
    for branch in branches:
        _branch(view, branch)


def _branch(view: View, branch: Any) -> None:
    """One test: what it asks, whether it applies, and the values it looked at with their times."""
    text = view.text
    state = "taken" if branch.taken else "holds" if branch.holds else "open"
    with st.container(key=f"branch_{branch.cause}", gap=None):
        told, mark = st.columns((8, 2))
        words = text("orders.case.pull.test", title=branch.title, test=branch.test)
        told.text(text("case.why.test", test=branch.test) if branch.taken else words)
        mark.markdown(f":{palette.name_of(MARKS[state])}[{text(f'case.mark.{state}')}]")
        if branch.taken or branch.holds:
            _proof(view, branch.proof)
        elif branch.proof:
            pairs = [
                text("case.why.pair", label=label, value=value) for label, value in branch.proof
            ]
            st.caption(palette.literal(text.value(pairs)))


def _proof(view: View, proof: Sequence[tuple[str, str]]) -> None:
    if not proof:
        st.caption(view.text("case.why.no_proof"))
        return
    facts(proof)


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Labels with their values beside each other, as one list; values letter by letter."""
    rows = "".join(
        f"<div><dt>{escape(label)}</dt><dd><bdi>{escape(visible(value))}</bdi></dd></div>"
        for label, value in pairs
    )
    st.html(f'<dl class="facts">{rows}</dl>')


def kin(view: View, case: OrderCase) -> None:
    """Splits, combined packings and bundles in words; what is only possible stands apart and says why it is weak."""
    related = view.workspace.relations(case)
    for key, unproven in (("case.kin", False), ("case.unproven", True)):
        mine = [one for one in related if (one["kind"] in UNPROVEN) == unproven]
        if not mine:
            continue
        with st.container(border=True, key=key.replace(".", "_")):
            st.markdown(f"**{view.text(key)}**")
            for relation in mine:
                st.text(visible(view.workspace.relation_words(relation), lines=True))
