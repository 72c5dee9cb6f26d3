"""A second look for products that found nothing likely, among the rows of a catalogue that nothing else asks for.

The first look goes through everything by the rarest pieces of a name. A name that lost its telling word (an omission, a cut)
has none left; but few rows are left over too, and among these name and attributes together are telling enough.
"""

from __future__ import annotations

import numpy as np

from reconcile.mapping.arrays import Places, best_of
from reconcile.mapping.catalogue import Catalogue
from reconcile.mapping.grams import Postings, pieces_of
from reconcile.mapping.likeness import Corpus, Vocabulary, measured
from reconcile.mapping.proposing import CONSIDERED, TOGETHER, Pairs, probes, row_features
from reconcile.mapping.rows import Fields, Rows
from reconcile.mapping.scoring import Features, logit, name_features
from reconcile.mapping.spelling import Spelling, spelled

BUDGET = 1_000  # places looked at for one product
SHORTLIST = 16  # rows weighed for one product


def propose_leftovers(ours: Rows, rest: Places, catalogue: Catalogue, free: Places) -> Pairs:
    """Up to `CONSIDERED` of the free right rows for each left row of the rest, both ascending."""
    there = pieces_of(_spelled(catalogue.fields_at(free)))
    vocabulary, postings = Vocabulary(), Postings(there)
    vocabulary.add(there, np.ones(len(free), dtype=np.int64))
    vocabulary.rows = len(free)
    found = []
    for start in range(0, len(rest), TOGETHER):
        rows = rest[start : start + TOGETHER]
        here = pieces_of(_spelled(ours.fields.chosen(rows.tolist())))
        probe, owner = probes(here, len(rows), vocabulary, BUDGET)
        left, right = postings.shortlist(
            probe, owner, vocabulary.weights[probe], count=len(rows), size=SHORTLIST
        )
        right = free[right]
        pairs = Pairs(rows[left], right, _named(ours, rows, catalogue, left, right))
        pairs.features.update(row_features(pairs, ours, catalogue))
        pairs.features["taken"] = np.zeros(len(left), dtype=np.float32)
        likely = logit(pairs.features, by_field=catalogue.by_field)
        found.append(pairs.chosen(best_of(left, likely, CONSIDERED)))
    return Pairs.together(found)


def _spelled(fields: Fields) -> Spelling:
    return spelled([fields.texts(row, by_field=False)[0] for row in range(len(fields.ids))])


def _named(ours: Rows, rows: Places, catalogue: Catalogue, left: Places, right: Places) -> Features:
    """What the names of the pairs say; left: places among the rows."""
    texts = ours.name_of[rows]
    hints = ours.hints.chosen(texts) if ours.hints else None
    names = Corpus.of(ours.name_spelling.chosen(texts), hints)
    features: Features = {}
    for segment, place in catalogue.by_segment(right):
        theirs = segment.rows.name_of[right[place] - catalogue.offset(segment)]
        said = measured(names, segment.names, left[place], theirs, catalogue.vocabulary)
        for name, values in name_features(said).items():
            features.setdefault(name, np.zeros(len(left), dtype=np.float32))[place] = values
    return features
