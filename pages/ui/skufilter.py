"""The filter of the mapping screen: states with what they hold up as chips, the other choices behind one button."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import chips, inputs, palette
from pages.ui.frame import View
from reconcile import MappingBoard, MappingFilter

STATES = (
    "near_miss",
    "name_only",
    "missing",
    "ambiguous",
    "duplicate",
    "cannot_tell",
    "stale",
    "linked",
)
DECISIONS = ("open", "changed", "later", "accepted", "no_counterpart")
PARAMETERS = ("state", "cause", "shop", "decision", "search")


def chosen() -> MappingFilter:
    """The filter as its widgets and the URL stand."""
    return MappingFilter(
        states=inputs.many("state", STATES),
        classes=inputs.many("cause"),
        shops=inputs.many("shop"),
        decisions=inputs.many("decision", DECISIONS),
        search=inputs.words("search"),
    )


def search(view: View, board: MappingBoard, asked: MappingFilter) -> None:
    """The search, the other choices behind one button, and the way back to all."""
    text = view.text
    more = sum(map(bool, (asked.classes, asked.shops, asked.decisions)))
    st.text_input(
        text("mapping.filter.search"),
        key="input.search",
        placeholder=text("mapping.filter.search.example"),
        label_visibility="collapsed",
        width=250,
    )
    label = text("mapping.filter.more", n=more) if more else text("mapping.filter")
    with st.popover(label, key="mapping_more"):
        _more(view, board, asked)
    if asked != MappingFilter():
        inputs.clear(text, PARAMETERS, "clear-mapping", quiet=True)


def states(view: View, board: MappingBoard, asked: MappingFilter, *, with_linked: bool) -> None:
    """The states with their counts and what they hold up. with_linked: also those that need nobody."""
    text = view.text

    def state(code: str) -> str:
        word = palette.worded(text, code, family="mapping_class")
        waiting = board.waiting_by_class.get(code, 0)
        return text("mapping.chip.waiting", word=word, n=waiting) if waiting else word

    with st.container(key="mapping_filters"):
        chips.pills(
            text,
            "state",
            text("mapping.filter.state"),
            picked=asked.states,
            counts={
                code: board.by_class.get(code, 0)
                for code in STATES
                if with_linked or code != "linked"
            },
            word=state,
            shown="collapsed",
        )


def _more(view: View, board: MappingBoard, asked: MappingFilter) -> None:
    text = view.text
    shops = {code: name for code, name, _ in board.shops}
    decisions = {code: board.by_decision.get(code, 0) for code in DECISIONS}
    rows: dict[str, tuple[Any, Any, Any]] = {
        "cause": (
            asked.classes,
            _most_first(board.by_cause),
            lambda code: palette.literal(text.word("causes", code)),
        ),
        "shop": (
            asked.shops,
            {code: n for code, _, n in board.shops},
            lambda code: palette.literal(shops.get(code) or code),
        ),
        "decision": (
            asked.decisions,
            decisions,
            lambda code: palette.worded(text, code, family="mapping.decision"),
        ),
    }
    for name, (picked, counts, word) in rows.items():
        label = text(f"mapping.filter.{name}")
        chips.row(text, name, label, picked=picked, counts=counts, word=word)
    st.caption(text(f"mapping.basis.{board.basis}"))


def _most_first(counts: Any) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def words(view: View, board: MappingBoard, asked: MappingFilter) -> str:
    """The filter as a sentence."""
    text = view.text
    shops = {code: name for code, name, _ in board.shops}
    said = {
        "state": [text.word("mapping_class", code, plain=True) for code in asked.states],
        "cause": [text.word("causes", code) for code in asked.classes],
        "shop": [shops.get(code) or code for code in asked.shops],
        "decision": [text.word("decision", code, plain=True) for code in asked.decisions],
    }
    parts = [text(f"mapping.words.{name}", what=what) for name, what in said.items() if what]
    if asked.search:
        parts.append(text("mapping.words.search", what=asked.search))
    return inputs.sentence(text, parts)
