"""The review: one product at a time, hands on the keyboard. Every key redraws this part of the screen only."""

from __future__ import annotations

import streamlit as st

from pages.ui import (
    skucandidates,
    skucase,
    skukeys,
    skumoves,
    states,
    triageperson,
)
from pages.ui.frame import View
from reconcile import MappingAct, MappingCase, MappingFilter, ReconcileError


@st.fragment
def show(view: View, asked: MappingFilter) -> None:
    """The case that the address names, else the first of the queue."""
    skumoves.follow(asked)
    try:
        _review(view, asked)
    except ReconcileError as error:  # a fragment runs outside the frame's boundary
        states.failed(view.text, error)
        st.button(
            view.text("mapping.review.first"),
            key="review-first",
            on_click=skumoves.go,
            args=(None,),
        )


def _review(view: View, asked: MappingFilter) -> None:
    account = view.one_account
    acts = view.workspace.mapping_acts(account, limit=skumoves.ACTS_SEEN)
    key = skumoves.at()
    if key is None:
        first = view.workspace.mapping_queue(account, asked, size=1)
        key = first[0].case_key if first else None
    case = None if key is None else view.workspace.mapping_case(account, key)
    _bar(view, asked, case, acts)
    skukeys.help_box(view)
    if triageperson.known() is not None:
        skukeys.last(view, acts)
    skukeys.refused(view)
    if case is None:
        _nothing_left(view, asked)
        return
    chosen = skumoves.picked(case)
    with st.container(border=True, key="mapping_case"):
        left, right = st.columns((7, 5), gap="medium")
        with left.container(key="mapping_text"):
            skucase.show(view, case, chosen)
        with right.container(key="mapping_candidates"):
            skucandidates.show(view, case, chosen)


def _bar(
    view: View, asked: MappingFilter, case: MappingCase | None, acts: tuple[MappingAct, ...]
) -> None:
    """The keys as buttons, always at the same place, and how far the day's work is."""
    text = view.text
    progress = view.workspace.mapping_progress(view.one_account)
    with st.container(horizontal=True, vertical_alignment="center", key="mapping_bar"):
        if triageperson.known() is None:
            skukeys.ask(view)
        else:
            if case is not None:
                _decisions(view, asked, case)
            skukeys.turns(view, acts)
        if case is not None:
            _steps(view, asked, case)
        skukeys.help_button(view)
        st.markdown(
            text("mapping.review.progress", done=progress.done_today, left=progress.left),
            text_alignment="right",
            width="stretch",
        )


def _decisions(view: View, asked: MappingFilter, case: MappingCase) -> None:
    chosen = skumoves.picked(case)
    takes = chosen is not None and case.state != "linked"
    for act, key, is_possible in (
        ("accept", "A", takes),
        ("reject", "D", chosen is not None),
        ("later", "S", case.decision != "later"),
        ("no_counterpart", "X", case.decision != "no_counterpart"),
    ):
        skukeys.button(
            view.text(f"mapping.act.{act}"),
            key,
            skumoves.decide,
            (view, asked, case, act, chosen),
            name=f"act-{act}-{case.case_key}-{case.version}",
            disabled=not is_possible,
            needs="mapping_decide",
            primary=act == "accept",
        )


def _steps(view: View, asked: MappingFilter, case: MappingCase) -> None:
    for way, key in (("before", "Up"), ("after", "Down")):
        skukeys.button(
            view.text(f"mapping.step.{way}"),
            key,
            skumoves.step,
            (view, asked, case.case_key, way),
            name=f"step-{way}-{case.case_key}",
        )


def _nothing_left(view: View, asked: MappingFilter) -> None:
    if asked == MappingFilter():
        states.empty(view.text, "mapping.review.done", good=True)
    else:
        states.empty(view.text, "mapping.review.filtered")
