"""Where two texts differ, character by character, as data that a screen can draw and a person can check."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from reconcile.mapping.alignment import Stretch, columns, stretches
from reconcile.mapping.characters import is_blank, is_invisible
from reconcile.mapping.classify import causes

EQUAL = "equal"
CARRYING_ENCODING = "cp932"  # CROSS MALL's CSV files are CP932 [S]


class Column(NamedTuple):
    """What stands opposite each other within a stretch, "" for nothing, and why it differs."""

    left: str
    right: str
    classes: tuple[str, ...]


class Change(NamedTuple):
    """One stretch of the comparison. op: equal | replace | insert | delete, seen from left to right.

    left, right: the raw characters (joined over all changes they are the two texts). Code points as
    `U+30BF`, with the Unicode name after a blank where the character cannot be seen. classes: why this stretch
    differs, always among the causes of the whole pair; () when equal. columns: what stands opposite within the stretch,
    () when equal.
    """

    op: str
    left: str
    right: str
    left_code_points: tuple[str, ...]
    right_code_points: tuple[str, ...]
    classes: tuple[str, ...]
    columns: tuple[Column, ...] = ()


class Unholdable(NamedTuple):
    """A character that an encoding refuses or changes. becomes: what it would read back as, None if refused."""

    position: int
    character: str
    code_point: str
    becomes: str | None


class Correction(NamedTuple):
    """The text that makes both sides equal, and whether the encoding carries it unchanged."""

    text: str
    encoding: str
    is_safe: bool
    unholdable: tuple[Unholdable, ...]


def difference(left: str, right: str) -> tuple[Change, ...]:
    """The stretches of two texts in reading order, with what differs and why; () for two empty texts."""
    whole = causes(left, right)
    return tuple(_change(left, here, whole) for here in stretches(left, right))


def corrected_text(
    left: str, right: str, fix: str, *, encoding: str = CARRYING_ENCODING
) -> Correction:
    """What the side named by `fix` (left | right) has to read for an exact link: the other side's raw text.

    Check `is_safe` before writing it through a file: CP932 changes six characters without a word and refuses many.
    Raises ValueError for another `fix`.
    """
    if fix not in ("left", "right"):
        raise ValueError("fix must be left or right")
    text = right if fix == "left" else left
    lost = unholdable(text, encoding)
    return Correction(text, encoding, not lost, lost)


def unholdable(text: str, encoding: str = CARRYING_ENCODING) -> tuple[Unholdable, ...]:
    """The characters of the text that do not come back from the encoding as they went in, with their positions from 0."""
    found = []
    for position, char in enumerate(text):
        back = _there_and_back(char, encoding)
        if back != char:
            found.append(Unholdable(position, char, code_point(char), back))
    return tuple(found)


def code_point(char: str) -> str:
    """`U+30BF`, and for a character that cannot be seen its name too: `U+3000 IDEOGRAPHIC SPACE`."""
    number = f"U+{ord(char):04X}"
    unseen = is_blank(char) or is_invisible(char) or unicodedata.category(char)[0] == "C"
    return f"{number} {invisible_name(char)}" if unseen or unicodedata.combining(char) else number


def invisible_name(char: str) -> str:
    """The Unicode name of a character, or what kind of nameless character it is."""
    kind = {"Cc": "CONTROL", "Cs": "LONE SURROGATE", "Co": "PRIVATE USE"}
    return unicodedata.name(char, kind.get(unicodedata.category(char), "UNASSIGNED"))


def _there_and_back(char: str, encoding: str) -> str | None:
    try:
        return char.encode(encoding).decode(encoding)
    except UnicodeError:
        return None


def _change(text: str, here: Stretch, whole: tuple[str, ...]) -> Change:
    points = tuple(map(code_point, here.left)), tuple(map(code_point, here.right))
    if here.is_equal:
        return Change(EQUAL, here.left, here.right, *points, ())
    before, after = text[: here.start][-1:], text[here.start + len(here.left) :][:1]

    def why(ours: str, theirs: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
        alone = causes(before + ours + after, before + theirs + after)
        return tuple(code for code in alone if code in otherwise) or otherwise

    op = "insert" if not here.left else "delete" if not here.right else "replace"
    found = why(here.left, here.right, whole)
    opposite = columns(here.left, here.right)
    alone = tuple(Column(*pair, why(*pair, found)) for pair in opposite)
    return Change(op, here.left, here.right, *points, found, alone)
