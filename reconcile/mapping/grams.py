"""Texts that share rare pieces: pairs, triples and words of a skeleton, and which texts of a catalogue hold each.

A text is looked up by its rarest pieces only, as many as fit a budget of places, so that one look-up costs the same in
a catalogue of a million as in one of a thousand. What they bring up is then weighed by all its pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping.arrays import (
    Numbers,
    Places,
    Weights,
    batches,
    heads,
    mixed,
    places_in_runs,
    starts_of,
    stretches,
)
from reconcile.mapping.spelling import Spelling

Buckets = NDArray[np.int32]

BITS = 21
BUCKETS = 1 << BITS  # pieces are told apart by a number below this
_STEP = 1 << 20  # places worked on at once
_SHARES = 4095  # how finely a shared piece counts in a shortlist
_RANKED = 49  # bits below the text in a rank: 17 of what it shares (at most 32 pieces), 32 of the other text
_MOST = (1 << _RANKED - 32) - 1
_MAX_PIECE = 3


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of texts: those of text i from starts[i] to starts[i + 1], each once, in order of their numbers."""

    buckets: Buckets
    starts: Places

    def of(self, chosen: Places) -> tuple[Buckets, Places]:
        """The pieces of some texts one after the other, and for each its place among the chosen."""
        where, owner = stretches(self.starts, chosen)
        return self.buckets[where], owner


def pieces_of(spelling: Spelling) -> Pieces:
    """Pairs and triples of neighbouring letters and the words of every text."""
    letters, count = spelling.letters, len(spelling.starts) - 1
    row = np.repeat(np.arange(count), np.diff(spelling.starts))
    spread = mixed(letters.astype(np.uint64))
    packed = [_packed(spelling.words, np.repeat(np.arange(count), np.diff(spelling.word_starts)))]
    number = spread
    for size in range(2, _MAX_PIECE + 1):
        number = number[:-1] * np.uint64(0x100000001B3) + spread[size - 1 :]
        inside = row[: len(number)] == row[size - 1 :]
        packed.append(_packed(number[inside], row[: len(number)][inside]))
    every = np.concatenate(packed)
    every.sort()
    every = every[heads(every)]
    return Pieces((every & (BUCKETS - 1)).astype(np.int32), starts_of(every >> BITS, count))


def word_buckets(words: Numbers) -> Buckets:
    """The buckets of words, as among the pieces."""
    return (mixed(words) >> np.uint64(64 - BITS)).astype(np.int32)


def _packed(numbers: Numbers, rows: Places) -> Places:
    return rows << BITS | (mixed(numbers) >> np.uint64(64 - BITS)).astype(np.int64)


class Postings:
    """Which texts hold a piece."""

    def __init__(self, pieces: Pieces) -> None:
        rows = np.repeat(np.arange(len(pieces.starts) - 1), np.diff(pieces.starts))
        packed = pieces.buckets.astype(np.int64) << 32 | rows
        packed.sort()
        self._texts = (packed & 0xFFFFFFFF).astype(np.int32)
        held = (packed >> 32).astype(np.int32)
        first = heads(held)
        self._buckets = held[first]
        self._starts = np.concatenate((first, [len(held)]))

    def shortlist(
        self, probes: Buckets, owner: Places, weights: Weights, *, count: int, size: int
    ) -> tuple[Places, Places]:
        """For each of `count` texts up to `size` texts here that share most of its probes: two columns, by text.

        At most 16,384 texts with 32 probes each.
        """
        place = np.searchsorted(self._buckets, probes)
        place[place == len(self._buckets)] = 0
        known = (
            self._buckets[place] == probes if len(self._buckets) else np.zeros(len(probes), bool)
        )
        place, owner, weights = place[known], owner[known], weights[known]
        cost = np.bincount(owner, self._starts[place + 1] - self._starts[place], count)
        first = starts_of(owner, count)
        lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for batch in batches(cost.astype(np.int64), _STEP):
            chosen = slice(int(first[batch.start]), int(first[batch.stop]))
            left, right = self._most_shared(
                place[chosen], owner[chosen] - batch.start, weights[chosen], size
            )
            lefts.append(left + batch.start)
            rights.append(right)
        return np.concatenate(lefts), np.concatenate(rights)

    def _most_shared(
        self, place: Places, owner: Places, weights: Weights, size: int
    ) -> tuple[Places, Places]:
        where, probe = stretches(self._starts, place)
        share = np.clip(weights * 64, 1, _SHARES).astype(np.int64)
        packed = (owner << 44 | share)[probe] | self._texts[where].astype(np.int64) << 12
        packed.sort()
        pair = packed >> 12
        first = heads(pair)
        total = np.add.reduceat(packed & _SHARES, first) if len(first) else first
        pair = pair[first]
        ranked = pair >> 32 << _RANKED | (_MOST - total) << 32 | pair & 0xFFFFFFFF
        ranked.sort()
        owner = ranked >> _RANKED
        kept = ranked[places_in_runs(owner) < size]
        return kept >> _RANKED, kept & 0xFFFFFFFF
