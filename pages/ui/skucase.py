"""One product of the review: both texts with their difference, what it means, which side to correct, and the text to copy."""

from __future__ import annotations

import streamlit as st

from pages.ui import copytext, diffview, palette, skumoves
from pages.ui.frame import View
from reconcile import Candidate, MappingCase, SeenTexts, visible

Pair = tuple[str, str, str]  # field, CROSS MALL's text, Smartship's text


def show(view: View, case: MappingCase, chosen: str | None) -> None:
    """The case against its chosen candidate, or against the row it is paired with now."""
    candidate = next((one for one in case.candidates if one.sku_no == chosen), None)
    _head(view, case)
    if case.changed is not None:
        _changed(view, case, case.changed)
    against = pairs(case, candidate)
    _texts(view, against)
    differing = [pair for pair in against if pair[1] != pair[2]]
    if candidate is not None and differing:
        _correction(view, case, differing)
    causes = candidate.causes if candidate is not None else case.causes
    diffview.causes(view.text, causes)
    advice = "link_missing" if "link_missing" in causes else case.state
    st.caption(view.text(f"mapping.advice.{advice}"))


def pairs(case: MappingCase, candidate: Candidate | None) -> list[Pair]:
    """The fields of both sides to be compared; the product number only where it differs."""
    if candidate is not None:
        theirs = (candidate.product_no, candidate.product_name, candidate.option_text)
    else:
        theirs = (case.ss_product_no, case.ss_product_name, case.ss_option_text)
    ours = (case.item_code, case.item_name, case.option_text)
    found = [
        (field, left or "", right or "")
        for field, left, right in zip(
            ("item_code", "item_name", "option_text"), ours, theirs, strict=True
        )
    ]
    return [
        (field, left, right)
        for field, left, right in found
        if (left or right) and (field != "item_code" or (left and right and left != right))
    ]


def _head(view: View, case: MappingCase) -> None:
    text = view.text
    with st.container(horizontal=True, vertical_alignment="center", key="mapping_case_head"):
        st.markdown(palette.worded(text, case.state, family="mapping_class"), width="content")
        code = case.item_code or case.ss_product_no or text("frame.blank")
        st.text(visible(code), width="content")
        if case.waiting_orders:
            st.markdown(
                f":red[{text('mapping.case.waiting', n=case.waiting_orders)}]", width="content"
            )
        if case.decision != "open":
            st.markdown(standing(view, case), width="content")


def standing(view: View, case: MappingCase) -> str:
    """What was decided about the case, by whom and when, for Markdown."""
    text = view.text
    word = palette.worded(text, case.decision, family="mapping.decision")
    if case.decided_by is None:
        return word
    who, when = palette.literal(case.decided_by), text.time(case.decided_at)
    return text("mapping.case.decided", what=word, by=who, time=when)


def _changed(view: View, case: MappingCase, seen: SeenTexts) -> None:
    """A decision whose texts are no longer those decided on: both, side by side."""
    text = view.text
    with st.container(border=True, key="mapping_changed"):
        st.markdown(f":orange[{text('mapping.case.changed')}]")
        then_and_now = (
            ("item_name", seen.item_name, case.item_name),
            ("option_text", seen.option_text, case.option_text),
            ("ss_product_name", seen.ss_product_name, case.ss_product_name),
            ("ss_option_text", seen.ss_option_text, case.ss_option_text),
        )
        for field, then, now in then_and_now:
            if (then or "") != (now or ""):
                diffview.show(
                    text,
                    view.workspace.difference(then or "", now or ""),
                    left=text("mapping.case.then"),
                    right=text("mapping.case.now"),
                    title=text(f"column.{field}"),
                )


def _texts(view: View, against: list[Pair]) -> None:
    """Every field: its difference, or its text alone where both are equal or only one side has the product."""
    text = view.text
    crossmall, smartship = text("frame.crossmall"), text("frame.smartship")
    only = {
        crossmall: not any(right for _, _, right in against),
        smartship: not any(left for _, left, _ in against),
    }
    alone = next((side for side, holds in only.items() if holds), None)
    for field, left, right in against:
        name = text(f"column.{field}")
        if alone is not None:
            label = text("mapping.case.only", side=alone, field=name)
            diffview.plain(text, left or right, label=label)
        elif left == right:
            diffview.plain(text, left, label=text("mapping.case.same", field=name))
        else:
            parts = view.workspace.difference(left, right)
            diffview.show(text, parts, left=crossmall, right=smartship, title=name)


def _correction(view: View, case: MappingCase, differing: list[Pair]) -> None:
    """Which side is to be corrected, what it has to read, and whether a CP932 file could carry that."""
    text, side = view.text, skumoves.side(case)
    with st.container(horizontal=True, vertical_alignment="center", key="mapping_side"):
        st.markdown(text("mapping.side", side=text(f"frame.{side}")), width="content")
        st.button(
            text(
                "mapping.side.turn", side=text(f"frame.{skumoves.SIDES[side == skumoves.SIDES[0]]}")
            ),
            key=f"side-{case.case_key}-{case.version}-{side}",
            type="tertiary",
            shortcut="F",
            on_click=skumoves.turn_side,
            args=(case,),
        )
    for field, left, right in differing:
        raw = left if side == "smartship" else right
        if not raw:
            continue
        is_number = field == "item_code" and side == "smartship"
        name = text("mapping.side.number" if is_number else f"column.{field}")
        label = text("mapping.side.text", side=text(f"frame.{side}"), field=name)
        copytext.show(text, raw, label=label, key=f"copy-{case.case_key}-{field}-{side}")
        lost = view.workspace.correction(left, right, "right" if side == "smartship" else "left")
        if not lost.is_safe:
            diffview.refusal(text, lost.unholdable)
