"""The colours and glyphs of states, the same in tables, charts and words, in both themes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import streamlit as st

from reconcile import Text, visible

# name of Streamlit's palette (config.toml gives it our colour) -> (light, dark), for canvases that take no names
_COLOURS: Mapping[str, tuple[str, str]] = {
    "red": ("#C0392B", "#FF8A7A"),
    "orange": ("#B7791F", "#F0B84C"),
    "gray": ("#64748B", "#9AA7B8"),
    "green": ("#2F7D4F", "#6CC492"),
    "violet": ("#6B5CA5", "#B3A6E8"),
    "blue": ("#2B4C7E", "#8FB4E8"),
}

TINT = "33"  # alpha
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")
# The last letter of http and www, the first one behind an @, in escaped text.
_LINKED = re.compile(
    r"(?<=htt)p(?=s?\\:\\/\\/)|(?<=ww)w(?=\\\.)|(?<=@)(?:\\[-_.])*[^\W_]", re.IGNORECASE
)

_OF_STATE: Mapping[str, str] = {
    "act_now": "red",
    "at_risk": "orange",
    "cannot_tell": "gray",
    "in_step": "green",
    "high": "red",
    "medium": "orange",
    "low": "gray",
    "finding": "red",
    "open": "orange",
    "resolved": "green",
    "acknowledged": "blue",
    "snoozed": "violet",
    "ignored": "violet",
    "overdue": "red",
    "in_time": "gray",
    "ok": "green",
    "warning": "orange",
    "failed": "red",
    "skipped": "gray",
    "linked": "green",
    "near_miss": "orange",
    "name_only": "orange",
    "missing": "red",
    "duplicate": "red",
    "ambiguous": "red",
    "stale": "gray",
    "changed": "orange",
    "later": "violet",
    "accepted": "green",
    "no_counterpart": "green",
    "arrived": "green",
    "waiting": "gray",
    "not_arrived": "red",
    "differs": "orange",
    # causes of a stock gap: somebody has to act, somebody should look, as meant (blue), cannot tell
    "mapping_none": "orange",
    "mapping_wrong": "red",
    "mapping_duplicate": "red",
    "sync_off": "orange",
    "sync_failing": "red",
    "overwritten": "red",
    "negative": "red",
    "held": "orange",
    "damaged": "orange",
    "inbound": "orange",
    "set_product": "orange",
    "unexplained": "orange",
    "not_comparable": "gray",
    "not_evaluated": "gray",
    "no_smartship_stock": "gray",
    "no_crossmall_stock": "gray",
    "no_smartship_file": "gray",
    "unlimited": "gray",
    "ERROR": "red",
    "HOLD": "orange",
    "SHIPPED": "green",
    "IN_TRANSIT": "green",
    "DELIVERED": "green",
    "DELIVERY_FAILED": "red",
    "CANCELLED": "violet",
    "DELETED": "violet",
    "CLAIMED": "red",
    "RETURNED": "orange",
}


def is_dark() -> bool:
    """Whether this browser shows the dark theme."""
    return st.context.theme.type == "dark"


def name_of(state: str) -> str:
    """The palette name of a state; blue, the neutral accent, for one that carries no judgement."""
    return _OF_STATE.get(state, "blue")


def hex_of(state: str) -> str:
    """The colour of a state as hex for the theme that is shown."""
    return _COLOURS[name_of(state)][is_dark()]


def tint_of(state: str) -> str:
    """The colour of a state as a light ground, for words in a table."""
    return hex_of(state) + TINT


def literal(text: str) -> str:
    """Text of a vendor as a label shows it letter by letter: every sign that Markdown could read is taken for itself.

    An address would still become a link, escaped or not; one letter of it in italics keeps it from being found.
    """
    escaped = _MARKS.sub(r"\\\g<0>", visible(text))
    return _LINKED.sub(lambda found: f"{found[0][:-1]}*{found[0][-1]}*", escaped)


def charted(text: str) -> str:
    """Text of a vendor as a chart shows it letter by letter."""
    return escape(visible(text))


_SHAPES = {"red": "●", "orange": "▲", "gray": "?", "green": "✓", "violet": "◇", "blue": "·"}


def shaped(state: str, words: str) -> str:
    """Words of ours in the colour of a state behind the shape that says the same, ready for Markdown."""
    name = name_of(state)
    return f":{name}[{_SHAPES[name]} {words}]"


def worded(text: Text, state: str, *, family: str = "state") -> str:
    """A state as glyph, word and colour, ready for Markdown. The word comes from our texts only."""
    return f":{name_of(state)}[{text(f'{family}.{state}')}]"
