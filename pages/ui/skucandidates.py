"""The Smartship SKUs that a product may be: up to five, each with a key, and in words why it is near or not."""

from __future__ import annotations

import streamlit as st

from pages.ui import palette, skumoves
from pages.ui.frame import View
from reconcile import Candidate, MappingCase, Told, candidate_told

KEYS = ("1", "2", "3", "4", "5")
_COLOURS = {"other": "red", "written": "orange", "same": "green"}


def show(view: View, case: MappingCase, chosen: str | None) -> None:
    """The candidates, best first; none is chosen by itself where several are equally right."""
    text = view.text
    st.markdown(f"**{text('mapping.candidates')}**")
    if not near(case):
        st.text(text("mapping.candidates.none"))
        return
    if chosen is None:
        none_fits = case.state == "missing"
        key = "mapping.candidates.choose.if_any" if none_fits else "mapping.candidates.choose"
        st.markdown(f":orange[{text(key)}]")
    for key, candidate in zip(KEYS, near(case), strict=False):
        _one(view, case, candidate, key=key, is_chosen=candidate.sku_no == chosen)
    if case.rejected:
        words = text("mapping.candidates.rejected", numbers=list(case.rejected))
        st.caption(palette.literal(words))


def near(case: MappingCase) -> tuple[Candidate, ...]:
    """The candidates without those that have nothing in common with the product."""
    return tuple(one for one in case.candidates if one.decision != "none" or round(one.score))


def _one(view: View, case: MappingCase, candidate: Candidate, *, key: str, is_chosen: bool) -> None:
    text = view.text
    with st.container(key=f"candidate_{key}_{'on' if is_chosen else 'off'}", gap=None):
        st.button(
            _label(view, candidate),
            key=f"pick-{case.case_key}-{case.version}-{candidate.sku_no}",
            type="tertiary",
            shortcut=key,
            width="stretch",
            wrap=True,
            on_click=skumoves.pick,
            args=(case, candidate.sku_no),
        )
        st.markdown(
            text.value(
                [
                    f":{_COLOURS[part.grade]}[{_part(view, part)}]"
                    for part in candidate_told(case, candidate)
                ]
            )
        )
        facts = [
            text("mapping.candidates.sku", sku_no=candidate.sku_no),
            text("mapping.candidates.score", score=round(candidate.score)),
        ]
        if candidate.is_linked_elsewhere:
            facts.append(text("mapping.candidates.taken"))
        st.caption(palette.literal(text.value(facts)))
        if candidate.wanted_by and (is_chosen or not skumoves.picked(case)):
            products = palette.literal(text.value(list(candidate.wanted_by)))
            st.markdown(f":orange[{text('mapping.candidates.wanted', products=products)}]")


def _label(view: View, candidate: Candidate) -> str:
    parts = (candidate.product_name, candidate.option_text)
    named = "\u2002".join(palette.literal(part) for part in parts if part)
    return named or view.text("frame.blank")


def _part(view: View, part: Told) -> str:
    return view.text(
        f"mapping.told.{part.code}",
        ours=palette.literal(part.ours),
        theirs=palette.literal(part.theirs),
        why=[view.text.word("causes", code) for code in part.classes],
    )
