"""Text around order numbers, as learned: what it joins, examples of both sides, and a person's decision."""

from __future__ import annotations

import streamlit as st

from pages.ui import access, palette, triageperson
from pages.ui.frame import View
from reconcile import Account, LearnedAffix, visible

WIDTHS = (2.4, 2.4, 3.6, 1.8, 2.4)
HEADS = ("pattern", "orders", "examples", "state", "decision")
COLOURS = {"proposed": "orange", "confirmed": "green", "rejected": "gray"}
# What a person may decide next, by what holds now.
CHOICES = {
    "proposed": (("confirmed", "affix.confirm"), ("rejected", "affix.reject")),
    "confirmed": (("rejected", "affix.reject"), ("proposed", "affix.again")),
    "rejected": (("confirmed", "affix.confirm"), ("proposed", "affix.again")),
}


def show(view: View, account: Account) -> None:
    """Everything learned for one account, undecided first."""
    text, known = view.text, view.workspace.affixes(account.name)
    st.markdown(f"**{text('affix.title')}**")
    st.caption(text("affix.what"))
    if not known:
        st.text(text("affix.none"))
        return
    triageperson.ask(text, f"affix.person.{account.name}")
    with st.container(key=f"cause_head_affix_{account.name}"):
        for column, name in zip(st.columns(WIDTHS), HEADS, strict=True):
            column.markdown(text(f"affix.head.{name}"))
    for place, one in enumerate(known):
        with st.container(key=f"cause_affix_{account.name}_{place}"):
            _row(view, account, one)


def _row(view: View, account: Account, one: LearnedAffix) -> None:
    text = view.text
    pattern, orders, examples, state, decision = st.columns(WIDTHS, vertical_alignment="center")
    pattern.code(visible(one.pattern), language=None)
    pattern.caption(palette.literal(text(f"affix.at.{one.longer}")))
    if one.shop_code:
        pattern.caption(palette.literal(text("affix.shop", shop=one.shop_code)))
    orders.text(text("affix.support", n=one.support))
    orders.text(text(f"affix.alone.{one.state}", n=one.alone))
    for ours, theirs in one.examples:
        examples.text(text("affix.example", ours=ours, theirs=theirs))
    state.markdown(f":{COLOURS[one.state]}[{text(f'affix.state.{one.state}')}]")
    if one.decided_by and one.decided_at:
        words = text("affix.by", name=one.decided_by, at=one.decided_at)
        state.caption(palette.literal(words))
    with decision.container(horizontal=True, gap="small"):
        for wanted, label in CHOICES[one.state]:
            key = f"affix.{account.name}.{one.id}.{wanted}"
            may = access.locked(view.workspace, "decide_affix")
            if st.button(text(label), key=key, **may):
                by = triageperson.known()
                view.workspace.decide_affix(account.name, one.id, wanted, by=by)
                st.rerun()
