"""Two texts character by character as safe HTML: what differs is marked by shape and colour, what is invisible gets a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from reconcile import Text

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs", "Mn"})
_SIDES = (("left", "delete"), ("right", "insert"))


def show(text: Text, parts: Sequence[Mapping[str, Any]], *, left: str, right: str) -> None:
    """Both texts under each other with their labels, then the differing code points in words."""
    rows = "".join(
        f"<tr><th>{escape(label)}</th><td>{line(text, parts, side)}</td></tr>"
        for label, side in ((left, "left"), (right, "right"))
    )
    st.html(f'<table class="diff">{rows}</table>')
    changes = [part for part in parts if part["op"] != "equal"]
    if changes:
        st.html(f'<ul class="points">{"".join(_points(text, part) for part in changes)}</ul>')


def line(text: Text, parts: Sequence[Mapping[str, Any]], side: str) -> str:
    """One side of a difference as HTML; every character of the data is escaped."""
    return "".join(
        f"<span>{glyphs(text, str(part[side]), boxed=False)}</span>"
        if part["op"] == "equal"
        else _marked(text, str(part[side]), side)
        for part in parts
    )


def glyphs(text: Text, raw: str, *, boxed: bool) -> str:
    """The characters of a raw text as HTML; invisible ones become boxes with their name or code point."""
    return "".join(_glyph(text, character, boxed=boxed) for character in raw)


def _marked(text: Text, raw: str, side: str) -> str:
    if not raw:
        return f'<span class="gap" title="{escape(text("frame.diff.gap"))}">{escape(text("frame.diff.gap.mark"))}</span>'
    return f'<span class="{side}">{glyphs(text, raw, boxed=True)}</span>'


def _glyph(text: Text, character: str, *, boxed: bool) -> str:
    point = f"U+{ord(character):04X}"
    unseen = unicodedata.category(character) in _UNSEEN
    if not unseen or (character == " " and not boxed):
        return escape(character)
    code = f"u{ord(character):04x}"
    name = text(f"frame.char.{code}") if text.has(f"frame.char.{code}") else point
    return f'<span class="unseen" title="{point}">{escape(name)}</span>'


def _points(text: Text, part: Mapping[str, Any]) -> str:
    left = _joined(part.get("left_code_points"))
    right = _joined(part.get("right_code_points"))
    return (
        f"<li><code>{escape(left or text('frame.diff.nothing'))}</code> "
        f"{escape(text('frame.diff.arrow'))} <code>{escape(right or text('frame.diff.nothing'))}</code></li>"
    )


def _joined(points: Any) -> str:
    return points if isinstance(points, str) else " ".join(str(point) for point in points or ())
