"""What many texts come to at once: a number for each canonical form, skeleton, bag of words and core, to compare by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from reconcile.mapping import glyphs, passes
from reconcile.mapping.arrays import Flags, Numbers, Places, starts_of, stretches, sums
from reconcile.mapping.equivalents import AXES, CONDITIONS, PROMOTION, SYNONYMS
from reconcile.mapping.glyphs import Points

CHUNK = 16_384  # texts worked on together: what it needs then fits a processor's cache


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
        return passes.decoded(self.letters[self.starts[index] : self.starts[index + 1]])


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


def _chained(starts: Sequence[Places]) -> Places:
    shifted, shift = [starts[0]], int(starts[0][-1])
    for one in starts[1:]:
        shifted.append(one[1:] + shift)
        shift += int(one[-1])
    return np.concatenate(shifted)


def _spelled(texts: Sequence[str]) -> Spelling:
    points, rows = passes.points_of(texts)
    points, rows, begins = passes.without_blanks(points, rows)
    kind = glyphs.kinds[points]
    passes.settle_dashes(points, rows, kind)
    surface = passes.number_of(points, rows, len(texts))
    letters, rows_of, begins_of, kind = passes.skeleton_of(points, rows, begins)
    starts = starts_of(rows_of, len(texts))
    words, word_rows, is_figure, has_unit = passes.words_of(letters, rows_of, begins_of, kind)
    word_starts = starts_of(word_rows, len(texts))
    bag = sums(words + passes.measures_of(words, has_unit), word_starts)
    figures = sums(np.where(is_figure, words, np.uint64(0)), word_starts)
    words, counted, condition = _core(words)
    core = sums(_core_number(words, counted, has_unit), word_starts)
    told, untalked = _core_without_talk(points, rows, begins)
    core[told] = untalked
    conditions = sums(np.where(condition, words, np.uint64(0)), word_starts)
    return Spelling(
        surface=surface,
        skeleton=passes.number_of(letters, rows_of, len(texts)),
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


def _core_without_talk(points: Points, rows: Places, begins: Flags) -> tuple[Places, Numbers]:
    """The texts with shop talk, ascending, and the core of each without it."""
    talk = _promotions(points, rows)
    if not talk.any():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    kept = np.isin(rows, np.unique(rows[talk])) & ~talk
    words, of, _, has_unit = passes.words_of(
        *passes.skeleton_of(points[kept], rows[kept], begins[kept])
    )
    words, counted, _ = _core(words)
    told = np.unique(of)
    starts = np.append(np.searchsorted(of, told), len(of))
    return told, sums(_core_number(words, counted, has_unit), starts)


def _core_number(words: Numbers, counted: Flags, has_unit: Flags) -> Numbers:
    return np.where(counted, words, np.uint64(0)) + passes.measures_of(words, has_unit)


def _promotions(points: Points, rows: Places) -> Flags:
    """Which characters are shop talk in brackets; never a whole text."""
    talk = np.zeros(len(points), dtype=bool)
    for found in PROMOTION.finditer(passes.decoded(points)):
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
    points, rows = passes.points_of([word])
    numbers, *_ = passes.words_of(
        *passes.skeleton_of(points, rows, np.zeros(len(points), dtype=bool))
    )
    if len(numbers) != 1:
        raise ValueError(f"not one word: {word}")
    return int(numbers[0])
