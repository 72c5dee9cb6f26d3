"""Many texts as one array of characters: blanks, dashes, marks and words settled over whole arrays.

Says the same as `canonical_key` and `skeleton_key` text by text (tested), an order of magnitude faster: what depends on one
character alone is looked up in `glyphs`; only texts with other characters that depend on their neighbours go through the
functions. points: the characters of all texts one after the other; rows: the text each belongs to, ascending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from reconcile.mapping import characters as chars
from reconcile.mapping import glyphs
from reconcile.mapping.arrays import Flags, Numbers, Places, mixed, starts_of, sums
from reconcile.mapping.glyphs import Kinds, Points
from reconcile.mapping.normalize import canonical_key

_BLANKS = re.compile(f"[ {chars.IDEOGRAPHIC_BLANK}{re.escape(chars.EXOTIC_BLANKS)}]+")


def decoded(points: Points) -> str:
    """Code points as a text."""
    return points.tobytes().decode("utf-32-le", "surrogatepass")


def _encoded(texts: Sequence[str]) -> tuple[Points, Places]:
    """The code points of the texts one after the other, and the row each belongs to."""
    blob = "".join(texts).encode("utf-32-le", "surrogatepass")
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return np.frombuffer(blob, dtype=np.uint32), np.repeat(np.arange(len(texts)), lengths)


def points_of(texts: Sequence[str]) -> tuple[Points, Places]:
    """Every character that stands for itself replaced, blanks kept as one kind, the rest settled text by text."""
    points, rows = _encoded(texts)
    glyphs.learn(points)
    plain = glyphs.plain[points]
    slow = np.unique(rows[plain == glyphs.SLOW])
    if len(slow):
        texts = list(texts)
        for row in slow.tolist():
            texts[row] = _in_context(texts[row])
        points, rows = _encoded(texts)
        glyphs.learn(points)
        plain = np.where(glyphs.plain[points] == glyphs.SLOW, points, glyphs.plain[points])
    kept = plain != glyphs.DROPPED
    return plain[kept], rows[kept]


def _in_context(text: str) -> str:
    """The canonical key with blanks where the text has them, unless a mark would compose across one."""
    pieces = [canonical_key(piece) for piece in _BLANKS.split(text)]
    if ";" in text or "；" in text or any(glyphs.composes(piece[:1]) for piece in pieces):
        return canonical_key(text)
    return " ".join(pieces)


def without_blanks(points: Points, rows: Places) -> tuple[Points, Places, Flags]:
    """Blanks gone but for one between two digits; the flags say where a blank stood before a character."""
    blank = points == glyphs.BLANK
    begins = np.ones(len(points), dtype=bool)
    if not blank.any():
        begins[1:] = rows[1:] != rows[:-1]
        return points.copy(), rows, begins
    solid = np.flatnonzero(~blank)
    begins[solid[1:]] = (np.diff(solid) > 1) | (rows[solid[1:]] != rows[solid[:-1]])
    digit = (glyphs.kinds[points[solid]] & glyphs.DIGIT) != 0
    joins = digit[:-1] & digit[1:] & (np.diff(solid) > 1) & (rows[solid[1:]] == rows[solid[:-1]])
    kept = ~blank
    kept[solid[1:][joins] - 1] = True
    return points[kept], rows[kept], begins[kept]


def settle_dashes(points: Points, rows: Places, kind: Kinds) -> None:
    """After kana a run of dashes is long vowel marks, anywhere else hyphens."""
    dash = np.flatnonzero((points == glyphs.DASH) | (points == glyphs.LONG))
    if not len(dash):
        return
    first = np.ones(len(dash), dtype=bool)
    first[1:] = (np.diff(dash) > 1) | (rows[dash[1:]] != rows[dash[:-1]])
    heads = dash[first]
    before = np.maximum(heads - 1, 0)
    is_long = (heads > 0) & (rows[before] == rows[heads]) & ((kind[before] & glyphs.KANA) != 0)
    points[dash] = np.where(is_long[np.cumsum(first) - 1], glyphs.LONG, glyphs.DASH)


def skeleton_of(points: Points, rows: Places, begins: Flags) -> tuple[Points, Places, Flags, Kinds]:
    """Kana folded, long vowels and marks gone but for marks between digits."""
    one = np.flatnonzero(points == ord("一"))
    letters = glyphs.folded[points]
    if len(one):
        before = np.maximum(one - 1, 0)
        is_long = (one > 0) & (rows[before] == rows[one])
        letters[one[is_long & ((glyphs.kinds[points[before]] & glyphs.KATAKANA) != 0)]] = (
            glyphs.DROPPED
        )
    letters, rows, begins, _ = _kept(letters != glyphs.DROPPED, letters, rows, begins)
    letters, rows, begins = _plain_v(letters, rows, begins)
    kind = glyphs.kinds[letters]
    mark = (kind & glyphs.MARK) != 0
    if mark.any():
        solid = np.flatnonzero(~mark)
        place = np.cumsum(~mark)  # how many solid characters stand before each mark
        digit = (kind & glyphs.DIGIT) != 0
        inside = np.zeros(len(letters), dtype=bool)
        at = np.flatnonzero(mark)
        at = at[(place[at] > 0) & (place[at] < len(solid))]
        left, right = solid[place[at] - 1], solid[place[at]]
        inside[at] = (
            digit[left] & digit[right] & (rows[left] == rows[at]) & (rows[right] == rows[at])
        )
        kind = np.where(inside, kind | glyphs.DIGIT, kind).astype(np.uint8)
        begins = begins | mark & ~inside
        letters, rows, begins, kind = _kept(~mark | inside, letters, rows, begins, kind)
    return letters, rows, begins, kind


def _plain_v(letters: Points, rows: Places, begins: Flags) -> tuple[Points, Places, Flags]:
    """ヴァ -> バ, ヴ -> ブ."""
    v = np.flatnonzero(letters == glyphs.V)
    if not len(v):
        return letters, rows, begins
    letters, keep = letters.copy(), np.ones(len(letters), dtype=bool)
    for place in v.tolist():
        after = (
            chr(letters[place + 1]) if (rows[place : place + 2] == rows[place]).sum() == 2 else ""
        )
        is_vowel = bool(after) and glyphs.V_NAME + after in chars.V_SOUNDS
        letters[place] = ord(chars.V_SOUNDS[glyphs.V_NAME + after if is_vowel else glyphs.V_NAME])
        if is_vowel:
            keep[place + 1] = False
    letters, rows, begins, _ = _kept(keep, letters, rows, begins)
    glyphs.learn(letters)
    return letters, rows, begins


def _kept(
    keep: Flags,
    letters: Points,
    rows: Places,
    begins: Flags,
    kind: Kinds | None = None,
) -> tuple[Points, Places, Flags, Kinds]:
    """The kept characters; what began at a dropped one begins at the next."""
    if kind is None:
        kind = np.zeros(len(letters), dtype=np.uint8)
    places = np.flatnonzero(keep)
    gone = np.cumsum(begins & ~keep)
    begins = begins[places] | (np.diff(gone[places], prepend=0) > 0)
    return letters[places], rows[places], begins, kind[places]


def words_of(
    letters: Points, rows: Places, begins: Flags, kind: Kinds
) -> tuple[Numbers, Places, Flags, Flags]:
    """Number and row of every word, whether it is a figure, and whether it is one that the next word follows at once."""
    if not len(letters):
        return np.zeros(0, np.uint64), rows, np.zeros(0, bool), np.zeros(0, bool)
    apart = begins
    script = kind & glyphs.SCRIPT
    begins = begins.copy()
    begins[0] = True
    begins[1:] |= (script[1:] != script[:-1]) | (rows[1:] != rows[:-1])
    solid = letters != glyphs.BLANK
    begins[1:] |= ~solid[:-1]
    heads = np.flatnonzero(begins & solid)
    word = np.cumsum(begins & solid) - 1
    numbers = number_of(letters[solid], word[solid], len(heads))
    is_figure = (kind[heads] & glyphs.DIGIT) != 0
    has_unit = is_figure & np.append(~(apart[heads[1:]] | is_figure[1:]), False)
    has_unit[:-1] &= rows[heads[1:]] == rows[heads[:-1]]
    return mixed(numbers), rows[heads], is_figure, has_unit


def measures_of(words: Numbers, has_unit: Flags) -> Numbers:
    """A number more for each figure and its unit, so that 3人前 2個 is not 2人前 3個; 0 for every other word."""
    found = np.zeros(len(words), dtype=np.uint64)
    place = np.flatnonzero(has_unit)
    found[place] = mixed(words[place] * np.uint64(3) + words[place + 1])
    return found


_PLACES = mixed(np.arange(4096, dtype=np.uint64) * np.uint64(2) + np.uint64(1)) | np.uint64(1)


def number_of(points: Points, rows: Places, count: int) -> Numbers:
    """One number per row from its characters and their places: equal rows, equal numbers."""
    starts = starts_of(rows, count)
    place = np.arange(len(points)) - starts[rows]
    weights = _PLACES[place & 4095] + (place >> 12).astype(np.uint64)
    total = sums(mixed(points.astype(np.uint64)) * weights, starts)
    return mixed(total + np.diff(starts).astype(np.uint64))
