"""Which rows of a catalogue a product may be when no key settles it: found by rare pieces, weighed, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from reconcile.mapping.arrays import (
    Flags,
    Places,
    Weights,
    best_of,
    heads,
    runs,
    starts_of,
    stretches,
)
from reconcile.mapping.catalogue import Catalogue
from reconcile.mapping.grams import BITS, Buckets, Pieces
from reconcile.mapping.likeness import Corpus, Vocabulary, measured
from reconcile.mapping.rows import Rows
from reconcile.mapping.scoring import NAME, Features, logit, name_features, weighed
from reconcile.mapping.spelling import Spelling

BUDGET = 3_000  # places in the catalogue looked at for one text
FEWEST, MOST = 4, 24  # pieces looked up for one text
CONSIDERED = 12  # rows per left row that claims are settled among
ALIKE = 0.8  # what an option counts that is the same in other words (Lサイズ for L), an equal one being 1 [D]
TOGETHER = 4_096  # texts looked up at once
_COUNT_BITS = 24


class Breadth(NamedTuple):
    """How far one look-up goes: names weighed by all their pieces, the best of these by their rows, and the most rows of them."""

    shortlist: int
    names: int
    rows: int


JOINED = Breadth(32, 16, 48)
APART = Breadth(48, 24, 64)  # a name without its attributes tells less


@dataclass(frozen=True, slots=True)
class Pairs:
    """Left and right rows and what is known of them, the pairs of a left row together, the likeliest first."""

    left: Places
    right: Places
    features: Features

    def chosen(self, places: Places) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.left[places], self.right[places], _at(self.features, places))

    @classmethod
    def together(cls, parts: Sequence[Pairs]) -> Pairs:
        """All pairs of the parts, one after the other."""
        return cls(
            np.concatenate([part.left for part in parts]),
            np.concatenate([part.right for part in parts]),
            {
                name: np.concatenate([part.features[name] for part in parts])
                for name in parts[0].features
            },
        )


def propose(
    ours: Rows, rest: Places, catalogue: Catalogue, taken: Flags, *, limit: int = CONSIDERED
) -> Pairs:
    """Up to `limit` right rows for each left row of the rest."""
    order = rest[np.argsort(ours.name_of[rest], kind="stable")]
    first = np.append(heads(ours.name_of[order]), len(order))
    found: list[Pairs] = []
    for start in range(0, max(len(first) - 1, 1), TOGETHER):
        edges = first[start : start + TOGETHER + 1]
        rows, texts = order[edges[0] : edges[-1]], ours.name_of[order[edges[:-1]]]
        hints = ours.hints.chosen(texts) if ours.hints else None
        names = Corpus.of(ours.name_spelling.chosen(texts), hints)
        text, right, features = _alike(names, catalogue)
        where, owner = stretches(
            starts_of(text, len(texts)), np.repeat(np.arange(len(texts)), np.diff(edges))
        )
        pairs = Pairs(rows[owner], right[where], _at(features, where))
        pairs.features.update(row_features(pairs, ours, catalogue))
        pairs.features["taken"] = taken[pairs.right].astype(np.float32)
        likely = logit(pairs.features, by_field=catalogue.by_field)
        found.append(pairs.chosen(best_of(owner, likely, limit)))
    return Pairs.together(found)


def _alike(names: Corpus, catalogue: Catalogue) -> tuple[Places, Places, Features]:
    """Rows with names like the texts: the place of the text (in order), the row, and what the names say."""
    count, breadth = len(names.word_starts) - 1, APART if catalogue.by_field else JOINED
    probe, owner = probes(names.pieces, count, catalogue.vocabulary)
    weights = catalogue.vocabulary.weights[probe]
    lefts, rights, features = [], [], []
    for segment in catalogue.segments:
        left, right = segment.postings.shortlist(
            probe, owner, weights, count=count, size=breadth.shortlist
        )
        said = name_features(measured(names, segment.names, left, right, catalogue.vocabulary))
        best = best_of(left, weighed(said, NAME), breadth.names)
        left, right, said = left[best], right[best], _at(said, best)
        place, row = segment.named(right)
        few = np.arange(len(place)) - np.searchsorted(left[place], left[place]) < breadth.rows
        place, row = place[few], row[few]
        lefts.append(left[place])
        rights.append(row + catalogue.offset(segment))
        features.append(_at(said, place))
    text = np.concatenate(lefts)
    order = np.argsort(text, kind="stable")
    every = {name: np.concatenate([one[name] for one in features])[order] for name in features[0]}
    return text[order], np.concatenate(rights)[order], every


def probes(
    pieces: Pieces, texts: int, vocabulary: Vocabulary, budget: int = BUDGET
) -> tuple[Buckets, Places]:
    """The rarest pieces of each text that the vocabulary knows, within the budget, and the place of the text."""
    bucket, owner = pieces.of(np.arange(texts))
    count = vocabulary.counts[bucket].astype(np.int64)
    known = count > 0
    most = (1 << _COUNT_BITS) - 1
    packed = (
        owner[known] << BITS + _COUNT_BITS | np.minimum(count[known], most) << BITS | bucket[known]
    )
    packed.sort()
    owner, count = packed >> BITS + _COUNT_BITS, packed >> BITS & most
    starts = starts_of(owner, texts)
    rank = np.arange(len(owner)) - starts[owner]
    spent = np.append(0, np.cumsum(count))
    spent = spent[1:] - spent[starts[owner]]
    kept = (rank < MOST) & ((rank < FEWEST) | (spent <= budget))
    return (packed[kept] & (1 << BITS) - 1).astype(np.int32), owner[kept]


def row_features(pairs: Pairs, ours: Rows, catalogue: Catalogue) -> Features:
    """What the whole rows of pairs say: figures, condition, and their options where these stand apart."""
    left, right = pairs.left, pairs.right
    figures = catalogue.values(right, lambda rows: rows.figures)
    condition = catalogue.values(right, lambda rows: rows.condition)
    found = {
        "figures": (ours.figures[left] == figures).astype(np.float32),
        "condition": (ours.condition[left] != condition).astype(np.float32),
    }
    if catalogue.by_field:
        for segment, place in catalogue.by_segment(right):
            mine, row = ours.option_of[left[place]], right[place] - catalogue.offset(segment)
            pair, at = np.unique(mine << 32 | segment.rows.option_of[row], return_inverse=True)
            said = _option_features(
                ours.option_spelling, segment.rows.option_spelling, pair >> 32, pair & 0xFFFFFFFF
            )
            for name, values in said.items():
                found.setdefault(name, np.zeros(len(left), dtype=np.float32))[place] = values[at]
    return found


def _option_features(mine: Spelling, theirs: Spelling, left: Places, right: Places) -> Features:
    """Whether options are the same, and how many letters they share in order (Indel): they are short, and slips change pieces."""
    equal = mine.skeleton[left] == theirs.skeleton[right]
    alike = mine.core[left] == theirs.core[right]
    close = cpdist(
        _texts(mine, left),
        _texts(theirs, right),
        scorer=Indel.normalized_similarity,
        dtype=np.float32,
    )
    return {
        "option_same": np.where(equal, 1, np.where(alike, ALIKE, 0)).astype(np.float32),
        "option_close": np.where(equal | alike, 1, close).astype(np.float32),
    }


def _texts(spelling: Spelling, places: Places) -> list[str]:
    """The skeletons at the places; few are different ones."""
    chosen, at = np.unique(places, return_inverse=True)
    every = [spelling.text(one) for one in chosen.tolist()]
    return [every[one] for one in at.tolist()]


def _at(features: Features, places: Places) -> Features:
    return {name: values[places] for name, values in features.items()}


def claimed(pairs: Pairs, likely: Weights, taken: Flags) -> Flags:
    """Which pairs name a right row that another left row has the better claim to.

    Every left row asks for the rows it likes best, one after the other; a right row keeps the likeliest that asks,
    a linked one nobody. The outcome depends on the scores alone, not on who asks first.
    """
    first, owner = np.append(heads(pairs.left), len(likely)), runs(pairs.left)
    order = np.lexsort((-likely, owner))
    ask, last = (
        first[:-1].copy(),
        first[1:],
    )  # where each left row has got to in its list, and its end
    holder = np.full(
        len(taken), -1, dtype=np.int64
    )  # the left row, by its place, that each right row keeps
    bid = np.where(taken, np.inf, -np.inf)
    asking = np.arange(len(ask))
    while len(asking):
        pair = order[ask[asking]]
        right, offer = pairs.right[pair], likely[pair]
        best = np.lexsort((-offer, right))
        best = best[heads(right[best])]
        best = best[offer[best] > bid[right[best]]]
        turned_away = holder[right[best]]
        holder[right[best]], bid[right[best]] = asking[best], offer[best]
        loses = np.ones(len(asking), dtype=bool)
        loses[best] = False
        asking = np.concatenate((asking[loses], turned_away[turned_away >= 0]))
        ask[asking] += 1
        asking = asking[ask[asking] < last[asking]]
    kept_by = holder[pairs.right]
    return np.asarray((kept_by >= 0) & (kept_by != owner))
