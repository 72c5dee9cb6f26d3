"""Many texts at once as arrays of characters: canonical form, skeleton, words, and a number for each to compare by.

Says the same as `canonical_key` and `skeleton_key` text by text (tested), an order of magnitude faster: what depends on one
character alone is looked up in a table, blanks and dashes are settled over whole arrays, and only texts with other
characters that depend on their neighbours (half-width kana, numerals, marks to be composed) go through the functions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping import characters as chars
from reconcile.mapping.arrays import Flags, Numbers, Places, mixed, starts_of, stretches, sums
from reconcile.mapping.equivalents import AXES, CONDITIONS, PROMOTION, SYNONYMS
from reconcile.mapping.normalize import canonical_key, skeleton_key

Points = NDArray[np.uint32]
Kinds = NDArray[np.uint8]

CHUNK = 16_384  # texts worked on together: what it needs then fits a processor's cache
_UNKNOWN, _DROPPED, _SLOW = 0, 0xFFFFFFFE, 0xFFFFFFFD
_POINTS = 0x110000
_BLANK, _DASH, _LONG = ord(" "), ord("-"), ord("ー")
_V_NAME = "ヴ"
_V = ord(_V_NAME)
_DIGIT, _KANA, _MARK, _LATIN, _KATAKANA, _KANJI = (1 << bit for bit in range(6))
_SCRIPT = _DIGIT | _KANA | _LATIN | _KANJI
_CONTEXT = re.compile(
    f"[ｦ-ﾟ;；{chars.NUMERALS}{chars.ROMAN}\u1100-\u11ff{''.join(chars.SPACING_MARKS)}]"
)
_BLANKS = re.compile(f"[ {chars.IDEOGRAPHIC_BLANK}{re.escape(chars.EXOTIC_BLANKS)}]+")
_DASHES = frozenset(chars.HYPHENS) | {"-", "ー"}
_KANA_BEFORE_DASH = re.compile(f"[{chars.KANA}]")

# what a character becomes, filled as characters are met: of zeros only the pages written to take memory
_plain = np.zeros(_POINTS, dtype=np.uint32)
_folded = np.zeros(_POINTS, dtype=np.uint32)
_kind = np.zeros(_POINTS, dtype=np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """What a list of texts comes to, text by text in the order given.

    surface, skeleton: equal numbers mean equal canonical keys and skeletons (64 bits). figures: the same for
    the figures in a text whatever their order; bag: for its words; core: for its words without names of
    axes and shop talk, one word for all synonyms (these three add up over the fields of a row). letters: the skeletons one
    after the other, text i from starts[i] to starts[i + 1]; words: one number per word of a skeleton, synonyms
    as one and without names of axes, those of text i from word_starts[i] to word_starts[i + 1], is_figure beside
    them. A word ends at a blank, a mark or where the script changes. condition: equal where the same words say that it
    is an old version, used, or second choice.
    """

    surface: Numbers
    skeleton: Numbers
    figures: Numbers
    bag: Numbers
    core: Numbers
    letters: Points
    starts: Places
    words: Numbers
    word_starts: Places
    is_figure: Flags
    condition: Numbers

    def chosen(self, texts: Places) -> Spelling:
        """The spelling of some of the texts."""
        letter, word = stretches(self.starts, texts)[0], stretches(self.word_starts, texts)[0]
        return Spelling(
            surface=self.surface[texts],
            skeleton=self.skeleton[texts],
            figures=self.figures[texts],
            bag=self.bag[texts],
            core=self.core[texts],
            letters=self.letters[letter],
            starts=np.append(0, np.cumsum(np.diff(self.starts)[texts])),
            words=self.words[word],
            word_starts=np.append(0, np.cumsum(np.diff(self.word_starts)[texts])),
            is_figure=self.is_figure[word],
            condition=self.condition[texts],
        )

    def text(self, index: int) -> str:
        """The skeleton of one text."""
        return decoded(self.letters[self.starts[index] : self.starts[index + 1]])


def spelled(texts: Sequence[str]) -> Spelling:
    """The spelling of every text."""
    parts = [_spelled(texts[start : start + CHUNK]) for start in range(0, len(texts), CHUNK)]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _spelled([])
    return Spelling(
        surface=np.concatenate([part.surface for part in parts]),
        skeleton=np.concatenate([part.skeleton for part in parts]),
        figures=np.concatenate([part.figures for part in parts]),
        bag=np.concatenate([part.bag for part in parts]),
        core=np.concatenate([part.core for part in parts]),
        letters=np.concatenate([part.letters for part in parts]),
        starts=_chained([part.starts for part in parts]),
        words=np.concatenate([part.words for part in parts]),
        word_starts=_chained([part.word_starts for part in parts]),
        is_figure=np.concatenate([part.is_figure for part in parts]),
        condition=np.concatenate([part.condition for part in parts]),
    )


def decoded(points: Points) -> str:
    """Code points as a text."""
    return points.tobytes().decode("utf-32-le", "surrogatepass")


def _chained(starts: Sequence[Places]) -> Places:
    shifted, shift = [starts[0]], int(starts[0][-1])
    for one in starts[1:]:
        shifted.append(one[1:] + shift)
        shift += int(one[-1])
    return np.concatenate(shifted)


def _spelled(texts: Sequence[str]) -> Spelling:
    points, rows = _points_of(texts)
    points, rows, begins = _without_blanks(points, rows)
    kind = _kind[points]
    _settle_dashes(points, rows, kind)
    surface = _numbered(points, rows, len(texts))
    talk = _promotions(points, rows)
    letters, rows_of, begins_of, kind = _skeleton(points, rows, begins)
    starts = starts_of(rows_of, len(texts))
    words, word_rows, is_figure, has_unit = _words(letters, rows_of, begins_of, kind)
    word_starts = starts_of(word_rows, len(texts))
    bag = sums(words + _measures(words, has_unit), word_starts)
    figures = sums(np.where(is_figure, words, np.uint64(0)), word_starts)
    words, counted, condition = _core(words)
    core = sums(np.where(counted, words, np.uint64(0)) + _measures(words, has_unit), word_starts)
    conditions = sums(np.where(condition, words, np.uint64(0)), word_starts)
    if talk.any():
        kept = np.isin(rows, np.unique(rows[talk])) & ~talk
        said, of, _, has_unit = _words(*_skeleton(points[kept], rows[kept], begins[kept]))
        said, told_of, _ = _core(said)
        told = np.unique(of)
        core[told] = sums(
            np.where(told_of, said, np.uint64(0)) + _measures(said, has_unit),
            np.append(np.searchsorted(of, told), len(of)),
        )
    return Spelling(
        surface=surface,
        skeleton=_numbered(letters, rows_of, len(texts)),
        figures=figures,
        bag=bag,
        core=core,
        letters=letters,
        starts=starts,
        words=words[counted],
        word_starts=starts_of(word_rows[counted], len(texts)),
        is_figure=is_figure[counted],
        condition=conditions,
    )


def _promotions(points: Points, rows: Places) -> Flags:
    """Which characters are shop talk in brackets; never a whole text."""
    talk = np.zeros(len(points), dtype=bool)
    for found in PROMOTION.finditer(decoded(points)):
        first, last = found.start(), found.end() - 1
        if rows[first] == rows[last]:
            talk[first : last + 1] = True
    return talk


def _core(words: Numbers) -> tuple[Numbers, Flags, Flags]:
    """The words with one for all synonyms; whether each says more than the name of an axis; whether it tells a condition."""
    known, becomes, is_axis, is_condition = _known_words()
    place = np.searchsorted(known, words)
    place[place == len(known)] = 0
    is_known = known[place] == words
    return (
        np.where(is_known, becomes[place], words),
        ~(is_known & is_axis[place]),
        is_known & is_condition[place],
    )


@cache
def _known_words() -> tuple[Numbers, Numbers, Flags, Flags]:
    """Numbers of the words of `equivalents` in order, the number each stands for, whether it is an axis, a condition."""
    groups = [*((word,) for word in (*AXES, *CONDITIONS)), *SYNONYMS]
    number = {word: _word_number(word) for group in groups for word in group}
    stands_for = {number[word]: number[group[0]] for group in groups for word in group}
    known = sorted(stands_for)
    axes, conditions = ({number[word] for word in words} for words in (AXES, CONDITIONS))
    return (
        np.array(known, dtype=np.uint64),
        np.array([stands_for[one] for one in known], dtype=np.uint64),
        np.array([one in axes for one in known]),
        np.array([one in conditions for one in known]),
    )


def _word_number(word: str) -> int:
    points, rows = _points_of([word])
    numbers, *_ = _words(*_skeleton(points, rows, np.zeros(len(points), dtype=bool)))
    if len(numbers) != 1:
        raise ValueError(f"not one word: {word}")
    return int(numbers[0])


def _encoded(texts: Sequence[str]) -> tuple[Points, Places]:
    """The code points of the texts one after the other, and the row each belongs to."""
    blob = "".join(texts).encode("utf-32-le", "surrogatepass")
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return np.frombuffer(blob, dtype=np.uint32), np.repeat(np.arange(len(texts)), lengths)


def _points_of(texts: Sequence[str]) -> tuple[Points, Places]:
    """Every character that stands for itself replaced, blanks kept as one kind, the rest settled text by text."""
    points, rows = _encoded(texts)
    _learn(points)
    plain = _plain[points]
    slow = np.unique(rows[plain == _SLOW])
    if len(slow):
        texts = list(texts)
        for row in slow.tolist():
            texts[row] = _in_context(texts[row])
        points, rows = _encoded(texts)
        _learn(points)
        plain = np.where(_plain[points] == _SLOW, points, _plain[points])
    kept = plain != _DROPPED
    return plain[kept], rows[kept]


def _in_context(text: str) -> str:
    """The canonical key with blanks where the text has them, unless a mark would compose across one."""
    pieces = [canonical_key(piece) for piece in _BLANKS.split(text)]
    if ";" in text or "；" in text or any(_composes(piece[:1]) for piece in pieces):
        return canonical_key(text)
    return " ".join(pieces)


def _composes(char: str) -> bool:
    return bool(char) and (unicodedata.category(char)[0] == "M" or "\u1100" <= char <= "\u11ff")


def _learn(points: Points) -> None:
    """Fill the tables for characters not met before."""
    unknown = points[_plain[points] == _UNKNOWN]
    for point in np.unique(unknown).tolist():
        char = chr(point)
        _plain[point] = _plain_point(char)
        _folded[point] = _folded_point(char)
        _kind[point] = _kind_of(char)
        becomes = int(_plain[point])
        if becomes < _POINTS and _plain[becomes] == _UNKNOWN:
            _learn(np.array([becomes], dtype=np.uint32))
        folded = int(_folded[point])
        if folded < _POINTS and _plain[folded] == _UNKNOWN:
            _learn(np.array([folded], dtype=np.uint32))


def _plain_point(char: str) -> int:
    if char in chars.HYPHENS:
        return _DASH
    if char in _DASHES:
        return ord(char)
    if chars.is_blank(char):
        return _BLANK
    if _CONTEXT.match(char) or _composes(char) or unicodedata.normalize("NFC", char) != char:
        return _SLOW
    plain = canonical_key(char)
    if len(plain) > 1 or _CONTEXT.match(plain) or _composes(plain):
        return _SLOW
    return ord(plain) if plain else _DROPPED


def _folded_point(char: str) -> int:
    """What a canonical character is in a skeleton; marks stay until their neighbours are known."""
    if chars.is_mark(char) or char == " " or _CONTEXT.match(char):
        return ord(char)  # a numeral that its neighbours left as it is stays in the skeleton too
    if chars.katakana(char) == _V_NAME:
        return _V  # its neighbour tells what becomes of it
    folded = skeleton_key(char)
    return ord(folded) if len(folded) == 1 else _DROPPED


def _kind_of(char: str) -> int:
    if unicodedata.category(char) == "Nd":
        return _DIGIT
    kind = _KANA if _KANA_BEFORE_DASH.match(char) else 0
    if "ァ" <= char <= "ヺ":
        kind |= _KATAKANA
    if chars.is_mark(char):
        kind |= _MARK
    if char.isascii() and char.isalpha():
        kind |= _LATIN
    if "\u2e80" <= char <= "\u2fdf" or "\u3005" <= char <= "\u3007" or "\u3400" <= char <= "\u9fff":
        kind |= _KANJI
    return kind


def _without_blanks(points: Points, rows: Places) -> tuple[Points, Places, Flags]:
    """Blanks gone but for one between two digits; the flags say where a blank stood before a character."""
    blank = points == _BLANK
    begins = np.ones(len(points), dtype=bool)
    if not blank.any():
        begins[1:] = rows[1:] != rows[:-1]
        return points.copy(), rows, begins
    solid = np.flatnonzero(~blank)
    begins[solid[1:]] = (np.diff(solid) > 1) | (rows[solid[1:]] != rows[solid[:-1]])
    digit = (_kind[points[solid]] & _DIGIT) != 0
    joins = digit[:-1] & digit[1:] & (np.diff(solid) > 1) & (rows[solid[1:]] == rows[solid[:-1]])
    kept = ~blank
    kept[solid[1:][joins] - 1] = True
    return points[kept], rows[kept], begins[kept]


def _settle_dashes(points: Points, rows: Places, kind: Kinds) -> None:
    """After kana a run of dashes is long vowel marks, anywhere else hyphens."""
    dash = np.flatnonzero((points == _DASH) | (points == _LONG))
    if not len(dash):
        return
    first = np.ones(len(dash), dtype=bool)
    first[1:] = (np.diff(dash) > 1) | (rows[dash[1:]] != rows[dash[:-1]])
    heads = dash[first]
    before = np.maximum(heads - 1, 0)
    is_long = (heads > 0) & (rows[before] == rows[heads]) & ((kind[before] & _KANA) != 0)
    points[dash] = np.where(is_long[np.cumsum(first) - 1], _LONG, _DASH)


def _skeleton(points: Points, rows: Places, begins: Flags) -> tuple[Points, Places, Flags, Kinds]:
    """Kana folded, long vowels and marks gone but for marks between digits."""
    one = np.flatnonzero(points == ord("一"))
    letters = _folded[points]
    if len(one):
        before = np.maximum(one - 1, 0)
        is_long = (one > 0) & (rows[before] == rows[one])
        letters[one[is_long & ((_kind[points[before]] & _KATAKANA) != 0)]] = _DROPPED
    letters, rows, begins, _ = _kept(letters != _DROPPED, letters, rows, begins)
    letters, rows, begins = _plain_v(letters, rows, begins)
    kind = _kind[letters]
    mark = (kind & _MARK) != 0
    if mark.any():
        solid = np.flatnonzero(~mark)
        place = np.cumsum(~mark)  # how many solid characters stand before each mark
        digit = (kind & _DIGIT) != 0
        inside = np.zeros(len(letters), dtype=bool)
        at = np.flatnonzero(mark)
        at = at[(place[at] > 0) & (place[at] < len(solid))]
        left, right = solid[place[at] - 1], solid[place[at]]
        inside[at] = (
            digit[left] & digit[right] & (rows[left] == rows[at]) & (rows[right] == rows[at])
        )
        kind = np.where(inside, kind | _DIGIT, kind).astype(np.uint8)
        begins = begins | mark & ~inside
        letters, rows, begins, kind = _kept(~mark | inside, letters, rows, begins, kind)
    return letters, rows, begins, kind


def _plain_v(letters: Points, rows: Places, begins: Flags) -> tuple[Points, Places, Flags]:
    """ヴァ -> バ, ヴ -> ブ."""
    v = np.flatnonzero(letters == _V)
    if not len(v):
        return letters, rows, begins
    letters, keep = letters.copy(), np.ones(len(letters), dtype=bool)
    for place in v.tolist():
        after = (
            chr(letters[place + 1]) if (rows[place : place + 2] == rows[place]).sum() == 2 else ""
        )
        is_vowel = bool(after) and _V_NAME + after in chars.V_SOUNDS
        letters[place] = ord(chars.V_SOUNDS[_V_NAME + after if is_vowel else _V_NAME])
        if is_vowel:
            keep[place + 1] = False
    letters, rows, begins, _ = _kept(keep, letters, rows, begins)
    _learn(letters)
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


def _words(
    letters: Points, rows: Places, begins: Flags, kind: Kinds
) -> tuple[Numbers, Places, Flags, Flags]:
    """Number and row of every word, whether it is a figure, and whether it is one that the next word follows at once."""
    if not len(letters):
        return np.zeros(0, np.uint64), rows, np.zeros(0, bool), np.zeros(0, bool)
    apart = begins
    script = kind & _SCRIPT
    begins = begins.copy()
    begins[0] = True
    begins[1:] |= (script[1:] != script[:-1]) | (rows[1:] != rows[:-1])
    solid = letters != _BLANK
    begins[1:] |= ~solid[:-1]
    heads = np.flatnonzero(begins & solid)
    word = np.cumsum(begins & solid) - 1
    numbers = _numbered(letters[solid], word[solid], len(heads))
    is_figure = (kind[heads] & _DIGIT) != 0
    has_unit = is_figure & np.append(~(apart[heads[1:]] | is_figure[1:]), False)
    has_unit[:-1] &= rows[heads[1:]] == rows[heads[:-1]]
    return mixed(numbers), rows[heads], is_figure, has_unit


def _measures(words: Numbers, has_unit: Flags) -> Numbers:
    """A number more for each figure and its unit, so that 3人前 2個 is not 2人前 3個; 0 for every other word."""
    found = np.zeros(len(words), dtype=np.uint64)
    place = np.flatnonzero(has_unit)
    found[place] = mixed(words[place] * np.uint64(3) + words[place + 1])
    return found


_PLACES = mixed(np.arange(4096, dtype=np.uint64) * np.uint64(2) + np.uint64(1)) | np.uint64(1)


def _numbered(points: Points, rows: Places, count: int) -> Numbers:
    """One number per row from its characters and their places: equal rows, equal numbers."""
    starts = starts_of(rows, count)
    place = np.arange(len(points)) - starts[rows]
    weights = _PLACES[place & 4095] + (place >> 12).astype(np.uint64)
    total = sums(mixed(points.astype(np.uint64)) * weights, starts)
    return mixed(total + np.diff(starts).astype(np.uint64))
