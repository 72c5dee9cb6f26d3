"""How alike two texts are, as measures that a score weighs: shared pieces, words missing or put in, what stands at the end."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping.arrays import Flags, Places, Weights, heads, stretches, sums
from reconcile.mapping.grams import BUCKETS, Buckets, Pieces, pieces_of, word_buckets
from reconcile.mapping.spelling import Spelling

TAIL = 3  # last words of a text: there the variant stands [D]
_TOGETHER = 64  # left texts worked on at once
_TABLE = 1 << 16  # columns of the table that says what these texts hold
_PIECE, _WORD, _HINT, _FIGURE = 1, 2, 4, 8
Columns = tuple[NDArray[Any], ...]
_KNOWN = 2  # rows that must hold a word for it to be a word of its own, not somebody's slip


class Vocabulary:
    """How many rows of a catalogue hold each piece, kept as rows come and go."""

    def __init__(self) -> None:
        self.counts = np.zeros(BUCKETS, dtype=np.int32)
        self.rows = 0
        self._weights: Weights | None = None

    def add(self, pieces: Pieces, times: Places) -> None:
        """Count the pieces of texts, each text as often as rows hold it (negative: rows that go)."""
        every = np.repeat(times, np.diff(pieces.starts)).astype(np.int32)
        np.add.at(self.counts, pieces.buckets, every)
        self._weights = None

    @property
    def weights(self) -> Weights:
        """What a piece says: much when few rows hold it."""
        if self._weights is None:
            rarity = max(self.rows, 1) / np.maximum(self.counts, np.float32(0.5))
            self._weights = np.log1p(rarity).astype(np.float32)
        return self._weights


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts of one side with their pieces and words, and for each text the words that tell it from its like."""

    pieces: Pieces
    words: Buckets
    word_starts: Places
    is_figure: Flags
    hints: Buckets
    hint_starts: Places

    @classmethod
    def of(cls, spelling: Spelling, hints: Spelling | None = None) -> Corpus:
        """The corpus of spelled texts. hints: the attributes among the words of each text; else its last words."""
        words, starts = word_buckets(spelling.words), spelling.word_starts
        if hints is None:
            first = np.maximum(starts[:-1], starts[1:] - TAIL)
            lengths = starts[1:] - first
            told_starts = np.concatenate(([0], np.cumsum(lengths)))
            told = words[np.arange(told_starts[-1]) + np.repeat(first - told_starts[:-1], lengths)]
        else:
            told, told_starts = word_buckets(hints.words), hints.word_starts
        return cls(pieces_of(spelling), words, starts, spelling.is_figure, told, told_starts)


@dataclass(frozen=True, slots=True)
class Measures:
    """One entry per pair of texts: sums of weights, and counts of figures.

    shared, left, right: pieces of both, of the left, of the right. left_words: words of the left; missing: its words
    known to the catalogue that the right lacks; extra: known words of the right that the left lacks; tail_extra: those
    among its last. hints: what tells the left from its like, hinted: what of it the right has. figures_missing, figures_extra:
    figures of the left that the right lacks, and the other way round.
    """

    shared: Weights
    left: Weights
    right: Weights
    left_words: Weights
    missing: Weights
    extra: Weights
    tail_extra: Weights
    hints: Weights
    hinted: Weights
    figures_missing: Weights
    figures_extra: Weights


def measured(
    ours: Corpus, theirs: Corpus, left: Places, right: Places, vocabulary: Vocabulary
) -> Measures:
    """The measures of the pairs left[i], right[i]; left must be in order."""
    texts = left[heads(left)]
    table = np.zeros((_TOGETHER, _TABLE), dtype=np.uint8)
    edges = [*np.searchsorted(left, texts[::_TOGETHER]).tolist(), len(left)]
    parts = [[np.zeros(0, dtype=np.float32)] * len(fields(Measures))]
    for start, stop, first in zip(edges, edges[1:], range(0, len(texts), _TOGETHER), strict=False):
        batch = texts[first : first + _TOGETHER]
        totals, marks = _marked(table, ours, batch, vocabulary)
        row = np.searchsorted(batch, left[start:stop])
        found = _compared(table, theirs, row, right[start:stop], vocabulary)
        whole, words, known, hints, figures = (total[row] for total in totals)
        shared, their_whole, held, extra, tail_extra, hinted, same, other = found
        parts.append(
            [shared, whole, their_whole, words, np.maximum(known - held, 0), extra, tail_extra, hints, hinted,
             figures - same, other]
        )  # fmt: skip
        for owner, column in marks:
            table[owner, column] = 0
    columns = (np.concatenate(column).astype(np.float32) for column in zip(*parts, strict=True))
    return Measures(*columns)


def _marked(
    table: NDArray[np.uint8], ours: Corpus, batch: Places, vocabulary: Vocabulary
) -> tuple[Columns, list[tuple[Places, Buckets]]]:
    """Note in the table what each text of the batch holds; gives totals per text and the places noted."""
    weights, count = vocabulary.weights, len(batch)
    piece, piece_owner = ours.pieces.of(batch)
    where, word_owner = stretches(ours.word_starts, batch)
    word, figure = ours.words[where], ours.is_figure[where]
    where, hint_owner = stretches(ours.hint_starts, batch)
    hint = ours.hints[where]
    marks = [(piece_owner, piece & (_TABLE - 1)), (word_owner, word & (_TABLE - 1))]
    marks.append((hint_owner, hint & (_TABLE - 1)))
    table[marks[0]] |= _PIECE
    table[marks[1]] |= np.where(figure, np.uint8(_WORD | _FIGURE), np.uint8(_WORD))
    table[marks[2]] |= _HINT
    weight = weights[word]
    totals = (
        np.bincount(piece_owner, weights[piece], count),
        np.bincount(word_owner, weight, count),
        np.bincount(word_owner, np.where(vocabulary.counts[word] > 0, weight, 0), count),
        np.bincount(hint_owner, weights[hint], count),
        np.bincount(word_owner, figure, count),
    )
    return totals, marks


def _compared(
    table: NDArray[np.uint8], theirs: Corpus, row: Places, right: Places, vocabulary: Vocabulary
) -> Columns:
    """Sums per pair over what the right text holds, by what the table says of the left one."""
    weights, count = vocabulary.weights, len(right)
    piece, owner = theirs.pieces.of(right)
    held = (table[row[owner], piece & (_TABLE - 1)] & _PIECE) != 0
    weight = weights[piece]
    sizes = np.concatenate(
        ([0], np.cumsum(theirs.pieces.starts[right + 1] - theirs.pieces.starts[right]))
    )
    shared, whole = sums(weight * held, sizes), sums(weight, sizes)
    where, owner = stretches(theirs.word_starts, right)
    word, figure = theirs.words[where], theirs.is_figure[where]
    mark = table[row[owner], word & (_TABLE - 1)]
    weight = weights[word]
    inside = (mark & _WORD) != 0
    put_in = np.where(~inside & (vocabulary.counts[word] >= _KNOWN), weight, 0)
    tail = theirs.word_starts[right + 1][owner] - where <= TAIL
    per_pair = (
        np.where(inside, weight, 0), put_in, put_in * tail, np.where((mark & _HINT) != 0, weight, 0),
        figure & inside, figure & ~inside,
    )  # fmt: skip
    return (shared, whole, *(np.bincount(owner, values, count) for values in per_pair))
