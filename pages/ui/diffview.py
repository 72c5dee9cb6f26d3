"""Two texts character by character as safe HTML: differences by shape and colour, what is invisible as a labelled box.

Both texts stand above each other in columns and wrap together, so that the eye compares vertically. Every character is escaped
and isolated: no text can bring in markup or turn the direction of the row.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from reconcile import Text, cures_of, visible

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs", "Mn", "Me"})
_CHUNK = 6  # equal characters in one column: a row may break behind them


def show(
    text: Text, parts: Sequence[Mapping[str, Any]], *, left: str, right: str, title: str = ""
) -> None:
    """Both texts in columns under their labels; code points and names on hover, and all of them in a list to unfold.

    title: what is compared, drawn above.
    """
    head = f'<p class="field">{escape(title)}</p>' if title else ""
    labels = f'<span class="side">{escape(left)}</span><span class="side">{escape(right)}</span>'
    columns = "".join(_columns(text, parts))
    spoken = "".join(
        f"<p>{escape(label)}: <bdi>{escape(visible(''.join(str(part[side]) for part in parts)))}</bdi></p>"
        for label, side in ((left, "left"), (right, "right"))
    )
    st.html(
        f'{head}<div class="diff" dir="ltr"><div class="sides" aria-hidden="true">{labels}</div>'
        f'<div class="flow" aria-hidden="true">{columns}</div></div>'
        f'<div class="spoken">{spoken}</div>{_code_points(text, parts, left, right)}'
    )


def plain(text: Text, raw: str, *, label: str) -> None:
    """One text alone under its label, blanks and what is invisible marked as in a difference."""
    shown = f"<bdi>{_glyphs(text, raw, boxed=False)}</bdi>"
    spoken = f"<p>{escape(label)}: <bdi>{escape(visible(raw))}</bdi></p>"
    st.html(
        f'<p class="field" aria-hidden="true">{escape(label)}</p>'
        f'<div class="diff" dir="ltr" aria-hidden="true"><div class="flow alone">{shown}</div></div>'
        f'<div class="spoken">{spoken}</div>'
    )


def causes(text: Text, codes: Sequence[str]) -> None:
    """Every cause by name with its meaning, then what to do, each cure once however many causes share it."""
    if not codes:
        return
    named = "".join(
        f"<dt>{escape(text.word('causes', code))}</dt><dd>{escape(text(f'cause.{code}.help'))}</dd>"
        for code in codes
    )
    todo = "".join(f"<li>{escape(text(key))}</li>" for key in cures_of(codes))
    st.html(
        f'<dl class="causes">{named}</dl><p class="todo">{escape(text("frame.diff.todo"))}</p><ul class="todo">{todo}</ul>'
    )


def refusal(text: Text, lost: Sequence[Any]) -> None:
    """Why a CP932 file cannot carry a text: each such character once, by name, and what would become of it.

    lost: the `unholdable` of a correction; nothing is drawn where it is empty.
    """
    if not lost:
        return
    rows = ""
    for one in {one.character: one for one in lost}.values():
        key = "frame.diff.refused" if one.becomes is None else "frame.diff.becomes"
        fate = escape(text(key, sign=one.becomes))
        rows += f"<li>{_listed(text, one.character)} <span>{fate}</span></li>"
    st.html(f'<div class="refusal"><p>{escape(text("frame.diff.unsafe"))}</p><ul>{rows}</ul></div>')


def _columns(text: Text, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for part in parts:
        if part["op"] == "equal":
            for chunk in _chunks(str(part["left"])):
                row = f"<bdi>{_glyphs(text, chunk, boxed=False)}</bdi>"
                yield f'<span class="column">{row}{row}</span>'
            continue
        for ours, theirs, _ in part["columns"]:
            tip = "".join(f"<i>{_named(text, char)}</i>" for char in ours + theirs)
            yield (
                f'<span class="column differs"><bdi class="left">{_side(text, ours)}</bdi>'
                f'<bdi class="right">{_side(text, theirs)}</bdi><span class="tip">{tip}</span></span>'
            )


def _chunks(equal: str) -> Iterator[str]:
    """Equal characters in small groups, marks with the letter they stand on."""
    chunk = ""
    for char in equal:
        if len(chunk) >= _CHUNK and not unicodedata.combining(char):
            yield chunk
            chunk = ""
        chunk += char
    if chunk:
        yield chunk


def _side(text: Text, raw: str) -> str:
    if raw:
        return _glyphs(text, raw, boxed=True)
    return f'<span class="gap" title="{escape(text("frame.diff.gap"))}">{escape(text("frame.diff.gap.mark"))}</span>'


def _glyphs(text: Text, raw: str, *, boxed: bool) -> str:
    shown = ""
    for place, char in enumerate(raw):
        stands = place > 0 and unicodedata.category(raw[place - 1])[0] in "LN"
        if unicodedata.combining(char) and stands and not boxed:
            shown += escape(char)  # a mark on its letter, equal on both sides
        else:
            shown += _glyph(text, char, boxed=boxed)
    return shown


def _glyph(text: Text, char: str, *, boxed: bool) -> str:
    """One character; a box with its name or code point where it cannot be seen. Equal blanks are only hinted at."""
    if unicodedata.category(char) not in _UNSEEN and visible(char) == char:
        return escape(char)
    if char == " " and not boxed:
        return char
    if char == "\u3000" and not boxed:
        return f'<span class="blank">{char}</span>'
    return f'<span class="unseen">{escape(_label(text, char))}</span>'


def _label(text: Text, char: str) -> str:
    key = f"frame.char.u{ord(char):04x}"
    return text(key) if text.has(key) else f"U+{ord(char):04X}"


def _named(text: Text, char: str) -> str:
    """`U+3000 IDEOGRAPHIC SPACE`; our own word where Unicode has no name."""
    name = unicodedata.name(char, "") or _label(text, char)
    return f"<code>U+{ord(char):04X}</code> {escape(name)}"


def _code_points(text: Text, parts: Sequence[Mapping[str, Any]], left: str, right: str) -> str:
    """Every difference once, with code points, names and cause; unfolded by hand or by key."""
    rows: dict[tuple[str, str], list[str]] = {}
    for part in parts:
        for ours, theirs, codes in part["columns"]:
            rows.setdefault((ours, theirs), [text.word("causes", code) for code in codes])
    if not rows:
        return ""
    head = "".join(f"<th>{escape(one)}</th>" for one in (left, right, text("frame.diff.cause")))
    body = "".join(
        f"<tr><td>{_listed(text, ours)}</td><td>{_listed(text, theirs)}</td><td>{escape(text.value(names))}</td></tr>"
        for (ours, theirs), names in rows.items()
    )
    return (
        f'<details class="codes"><summary>{escape(text("frame.diff.codes", n=len(rows)))}</summary>'
        f"<table><tr>{head}</tr>{body}</table></details>"
    )


def _listed(text: Text, raw: str) -> str:
    if not raw:
        return escape(text("frame.diff.nothing"))
    return "<br>".join(
        f"<bdi>{_glyph(text, char, boxed=True)}</bdi> {_named(text, char)}" for char in raw
    )
