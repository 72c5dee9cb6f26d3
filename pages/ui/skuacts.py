"""The last acts on links: when, who, what, how many, and the way back or forth of each."""

from __future__ import annotations

import streamlit as st

from pages.ui import access, skukeys, skumoves, states, triageperson
from pages.ui.frame import View
from reconcile import MappingAct

WIDTHS = (1.1, 1.4, 5.5, 1.2)
TURNABLE = ("accept", "reject", "no_counterpart", "later", "reopen", "imported", "automatic")


def show(view: View) -> None:
    """Newest first."""
    acts = view.workspace.mapping_acts(view.one_account, limit=skumoves.ACTS_SEEN)
    skukeys.refused(view)
    if not acts:
        states.empty(view.text, "mapping.acts.none")
        return
    if triageperson.known() is None:
        with st.container(horizontal=True, vertical_alignment="center", key="mapping_bar"):
            skukeys.ask(view)
    with st.container(key="act_head"):
        for column, name in zip(st.columns(WIDTHS), ("at", "by", "what"), strict=False):
            column.markdown(view.text(f"mapping.acts.{name}"))
    for act in acts:
        _line(view, act)


def _line(view: View, act: MappingAct) -> None:
    text = view.text
    with st.container(key=f"act_{act.sequence}"):
        when, who, what, turn = st.columns(WIDTHS, vertical_alignment="center")
        when.text(text.time(act.at))
        who.text(act.actor)
        said = skukeys.act_words(view, act)
        what.markdown(text("mapping.acts.undone", what=said) if act.is_undone else said)
        way = "redone" if act.is_undone else "undone"
        if act.decision in TURNABLE:
            with turn.container(horizontal=True, horizontal_alignment="right"):
                st.button(
                    text(f"mapping.turn.{way}"),
                    key=f"acts-{way}-{act.sequence}",
                    **access.locked(
                        view.workspace,
                        "mapping_undo",
                        disabled=triageperson.known() is None,
                    ),
                    on_click=skumoves.turn,
                    args=(view, act, way),
                )
