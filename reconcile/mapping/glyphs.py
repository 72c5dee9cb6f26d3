"""What each character comes to by itself: its canonical form, its form in a skeleton, its kind.

Tables over all code points, filled as characters are met: of zeros only the pages written to take memory. A character that
depends on its neighbours (half-width kana, numerals, marks to be composed) is SLOW and goes through `canonical_key`.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping import characters as chars
from reconcile.mapping.normalize import canonical_key, skeleton_key

Points = NDArray[np.uint32]
Kinds = NDArray[np.uint8]

POINTS = 0x110000
UNKNOWN, DROPPED, SLOW = 0, 0xFFFFFFFE, 0xFFFFFFFD
BLANK, DASH, LONG = ord(" "), ord("-"), ord("ー")
V_NAME = "ヴ"
V = ord(V_NAME)
DIGIT, KANA, MARK, LATIN, KATAKANA, KANJI = (1 << bit for bit in range(6))
SCRIPT = DIGIT | KANA | LATIN | KANJI
_CONTEXT = re.compile(
    f"[ｦ-ﾟ;；{chars.NUMERALS}{chars.ROMAN}\u1100-\u11ff{''.join(chars.SPACING_MARKS)}]"
)
_DASHES = frozenset(chars.HYPHENS) | {"-", "ー"}
_KANA_BEFORE_DASH = re.compile(f"[{chars.KANA}]")

plain = np.zeros(POINTS, dtype=np.uint32)
folded = np.zeros(POINTS, dtype=np.uint32)
kinds = np.zeros(POINTS, dtype=np.uint8)


def composes(char: str) -> bool:
    """Whether a character may become one with the character before it."""
    return bool(char) and (unicodedata.category(char)[0] == "M" or "\u1100" <= char <= "\u11ff")


def learn(points: Points) -> None:
    """Fill the tables for characters not met before; a character counts as met when all about it is known."""
    unknown = points[plain[points] == UNKNOWN]
    for point in np.unique(unknown).tolist():
        char = chr(point)
        becomes, letter = _plain_point(char), _folded_point(char)
        others = {one for one in (becomes, letter) if one < POINTS} - {point}
        learn(np.array(sorted(others), dtype=np.uint32))
        kinds[point], folded[point], plain[point] = _kind_of(char), letter, becomes


def _plain_point(char: str) -> int:
    if char in chars.HYPHENS:
        return DASH
    if char in _DASHES:
        return ord(char)
    if chars.is_blank(char):
        return BLANK
    if _CONTEXT.match(char) or composes(char) or unicodedata.normalize("NFC", char) != char:
        return SLOW
    becomes = canonical_key(char)
    if len(becomes) > 1 or _CONTEXT.match(becomes) or composes(becomes):
        return SLOW
    return ord(becomes) if becomes else DROPPED


def _folded_point(char: str) -> int:
    """What a canonical character is in a skeleton; marks stay until their neighbours are known."""
    if chars.is_mark(char) or char == " " or _CONTEXT.match(char):
        return ord(char)  # a numeral that its neighbours left as it is stays in the skeleton too
    if chars.katakana(char) == V_NAME:
        return V  # its neighbour tells what becomes of it
    letter = skeleton_key(char)
    return ord(letter) if len(letter) == 1 else DROPPED


def _kind_of(char: str) -> int:
    if unicodedata.category(char) == "Nd":
        return DIGIT
    kind = KANA if _KANA_BEFORE_DASH.match(char) else 0
    if "ァ" <= char <= "ヺ":
        kind |= KATAKANA
    if chars.is_mark(char):
        kind |= MARK
    if char.isascii() and char.isalpha():
        kind |= LATIN
    if "\u2e80" <= char <= "\u2fdf" or "\u3005" <= char <= "\u3007" or "\u3400" <= char <= "\u9fff":
        kind |= KANJI
    return kind
