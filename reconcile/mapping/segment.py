"""A part of a catalogue made ready for look-ups; it does not change but for rows that go."""

from __future__ import annotations

import numpy as np

from reconcile.mapping.arrays import Flags, Numbers, Places, starts_of, stretches
from reconcile.mapping.grams import Postings
from reconcile.mapping.likeness import Corpus
from reconcile.mapping.rows import STEPS, Rows


class Segment:
    """Rows with their keys in order and the texts of their names searchable. alive: rows that are still there."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.alive: Flags = np.ones(len(rows.fields.ids), dtype=bool)
        self.names = Corpus.of(rows.name_spelling)
        self.postings = Postings(self.names.pieces)
        self._order: dict[str, Places] = {}
        self._sorted: dict[str, Numbers] = {}
        for step in STEPS:
            keyed = np.flatnonzero(rows.has_key(step))
            order = keyed[np.argsort(rows.keys[step][keyed], kind="stable")]
            self._order[step], self._sorted[step] = order, rows.keys[step][order]
        self._rows_by_name = np.argsort(rows.name_of, kind="stable")
        self._name_starts = starts_of(np.sort(rows.name_of), len(rows.names))

    def with_key(self, step: str, keys: Numbers) -> tuple[Places, Places]:
        """Rows that hold the keys: for each hit the place of the key and the row."""
        ordered = self._sorted[step]
        first = np.searchsorted(ordered, keys, "left")
        last = np.searchsorted(ordered, keys, "right")
        hit = np.flatnonzero(last > first)
        starts = np.concatenate((first[hit], last[hit]))
        lengths = last[hit] - first[hit]
        owner = np.repeat(hit, lengths)
        place = np.arange(lengths.sum()) + np.repeat(
            starts[: len(hit)] - (np.cumsum(lengths) - lengths), lengths
        )
        row = self._order[step][place]
        alive = self.alive[row]
        return owner[alive], row[alive]

    def named(self, names: Places) -> tuple[Places, Places]:
        """The rows that bear the names: for each its place among the names, and the row."""
        where, owner = stretches(self._name_starts, names)
        row = self._rows_by_name[where]
        alive = self.alive[row]
        return owner[alive], row[alive]
