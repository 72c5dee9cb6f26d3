"""How alike two texts are, as measures that a score weighs: shared pieces, words missing or put in, the last word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping.arrays import Places, Weights, heads, stretches, sums
from reconcile.mapping.grams import BUCKETS, Buckets, Pieces, pieces_of, word_buckets
from reconcile.mapping.spelling import Spelling

_TOGETHER = 64  # left texts worked on at once
_TABLE = 1 << 16  # columns of the table that says what these texts hold
_PIECE, _WORD, _HINT = 1, 2, 4
_KNOWN = 2  # texts that must hold a word for it to be a word of its own, not somebody's slip


class Vocabulary:
    """How many rows of a catalogue hold each piece, kept as rows come and go."""

    def __init__(self) -> None:
        self.counts = np.zeros(BUCKETS, dtype=np.int32)
        self.rows = 0
        self._weights: Weights | None = None

    def add(self, pieces: Pieces, times: Places, sign: int = 1) -> None:
        """Count the pieces of texts, each text as often as rows hold it; sign -1 takes them away."""
        every = np.repeat(times, np.diff(pieces.starts))
        if len(every) < BUCKETS // 8:
            np.add.at(self.counts, pieces.buckets, (every * sign).astype(np.int32))
        else:
            self.counts += sign * np.bincount(pieces.buckets, every, BUCKETS).astype(np.int32)
        self._weights = None

    def take(self, buckets: Buckets) -> None:
        """Forget one row that held these pieces."""
        self.counts[buckets] -= 1
        self._weights = None

    @property
    def weights(self) -> Weights:
        """What a piece says: much when few rows hold it."""
        if self._weights is None:
            rows = max(self.rows, 1)
            self._weights = np.log1p(rows / np.maximum(self.counts, 0.5)).astype(np.float32)
        return self._weights


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts of one side with their pieces and words."""

    pieces: Pieces
    words: Buckets
    word_starts: Places

    @classmethod
    def of(cls, spelling: Spelling) -> Corpus:
        """The corpus of spelled texts."""
        return cls(pieces_of(spelling), word_buckets(spelling.words), spelling.word_starts)


@dataclass(frozen=True, slots=True)
class Measures:
    """One entry per pair of texts. Sums of weights: of the pieces both hold, of the left's, of the right's; of the words
    both hold, of the left's, of the left's known words that the right lacks, of the right's known words that the left
    lacks; of the hinted words the right holds. same_end: whether the last words are the same.
    """

    shared: Weights
    left: Weights
    right: Weights
    shared_words: Weights
    left_words: Weights
    missing: Weights
    extra: Weights
    hinted: Weights
    same_end: NDArray[np.bool_]


def measured(
    ours: Corpus,
    theirs: Corpus,
    left: Places,
    right: Places,
    *,
    vocabulary: Vocabulary,
    hints: tuple[Buckets, Places] | None = None,
) -> Measures:
    """The measures of the pairs left[i], right[i]; left must be in order. hints: words and their starts per left text."""
    weights, counts = vocabulary.weights, vocabulary.counts
    texts = left[heads(left)]
    table = np.zeros((_TOGETHER, _TABLE), dtype=np.uint8)
    parts: list[tuple[Weights, ...]] = []
    edges = np.searchsorted(left, texts[::_TOGETHER]).tolist() + [len(left)]
    for start, stop, first in zip(edges, edges[1:], range(0, len(texts), _TOGETHER), strict=False):
        batch = texts[first : first + _TOGETHER]
        marks = _marked(table, ours, batch, hints)
        row = np.searchsorted(batch, left[start:stop])
        parts.append(_shared(table, theirs, row, right[start:stop], weights=weights, counts=counts))
        for owner, column in marks:
            table[owner, column] = 0
    columns = (
        [np.concatenate(column) for column in zip(*parts, strict=True)]
        if parts
        else [np.zeros(0, np.float32)] * 4
    )
    shared, words, extra, hinted = columns
    place = np.searchsorted(texts, left)
    word, owner = _words(ours, texts)
    starts = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(texts)))))
    left_words = sums(weights[word], starts)
    known = sums(np.where(counts[word] > 0, weights[word], np.float32(0)), starts)
    piece, owner = ours.pieces.of(texts)
    piece_starts = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(texts)))))
    theirs_weight = _sums_at(weights, theirs.pieces.buckets, theirs.pieces.starts, right)
    return Measures(
        shared,
        sums(weights[piece], piece_starts)[place],
        theirs_weight,
        words,
        left_words[place],
        np.maximum(known[place] - words, 0),
        extra,
        hinted,
        _last(ours, left) == _last(theirs, right),
    )


def _sums_at(weights: Weights, buckets: Buckets, starts: Places, chosen: Places) -> Weights:
    distinct, place = np.unique(chosen, return_inverse=True)
    where, owner = stretches(starts, distinct)
    return np.bincount(owner, weights[buckets[where]], len(distinct)).astype(np.float32)[place]


def _words(corpus: Corpus, texts: Places) -> tuple[Buckets, Places]:
    where, owner = stretches(corpus.word_starts, texts)
    return corpus.words[where], owner


def _last(corpus: Corpus, texts: Places) -> Buckets:
    """The last word of each text; -1 for a text without words."""
    ends = corpus.word_starts[texts + 1]
    if not len(corpus.words):
        return np.full(len(texts), -1, dtype=np.int32)
    return np.where(corpus.word_starts[texts] < ends, corpus.words[ends - 1], -1)


def _marked(
    table: NDArray[np.uint8],
    ours: Corpus,
    batch: Places,
    hints: tuple[Buckets, Places] | None,
) -> list[tuple[Places, Buckets]]:
    piece, owner = ours.pieces.of(batch)
    marks = [(owner, piece & (_TABLE - 1))]
    table[marks[0]] |= _PIECE
    word, owner = _words(ours, batch)
    marks.append((owner, word & (_TABLE - 1)))
    table[marks[1]] |= _WORD
    if hints is not None:
        where, owner = stretches(hints[1], batch)
        marks.append((owner, hints[0][where] & (_TABLE - 1)))
        table[marks[2]] |= _HINT
    return marks


def _shared(
    table: NDArray[np.uint8],
    theirs: Corpus,
    row: Places,
    right: Places,
    *,
    weights: Weights,
    counts: NDArray[np.int32],
) -> tuple[Weights, ...]:
    piece, owner = theirs.pieces.of(right)
    held = (table[row[owner], piece & (_TABLE - 1)] & _PIECE) != 0
    shared = np.bincount(owner, np.where(held, weights[piece], 0), len(right))
    word, owner = _words(theirs, right)
    mark = table[row[owner], word & (_TABLE - 1)]
    weight = weights[word]
    inside = (mark & _WORD) != 0
    put_in = ~inside & (counts[word] >= _KNOWN)
    parts = (
        shared,
        *(
            np.bincount(owner, np.where(chosen, weight, 0), len(right))
            for chosen in (inside, put_in, (mark & _HINT) != 0)
        ),
    )
    return tuple(part.astype(np.float32) for part in parts)
