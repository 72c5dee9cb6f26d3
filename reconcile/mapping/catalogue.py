"""The rows of a catalogue in segments: new rows make a new one, small ones are put together, gone rows are marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping.arrays import Flags, Numbers, Places
from reconcile.mapping.likeness import Vocabulary
from reconcile.mapping.rows import Fields, Rows, rows_of
from reconcile.mapping.segment import Segment

_MERGED = 4  # a segment this many times larger than the next stays as it is
Kind = TypeVar("Kind", bound=np.generic)


class Catalogue:
    """Rows by number, the keys and names of all of them searchable. by_field: attributes stand apart from the name."""

    def __init__(self, *, by_field: bool) -> None:
        self.by_field = by_field
        self.vocabulary = Vocabulary()
        self.segments: list[Segment] = []
        self.offsets: Places = np.zeros(1, dtype=np.int64)

    def __len__(self) -> int:
        """Rows ever taken in, those that are gone too."""
        return int(self.offsets[-1])

    def add(self, rows: Rows) -> None:
        """Take in new rows; they get the numbers that follow."""
        segment = Segment(rows)
        self.segments.append(segment)
        self.offsets = np.append(self.offsets, self.offsets[-1] + len(rows.fields.ids))
        self.vocabulary.add(
            segment.names.pieces, np.bincount(rows.name_of, minlength=len(rows.names))
        )
        self.vocabulary.rows += len(rows.fields.ids)

    def drop(self, rows: Iterable[int]) -> None:
        """Forget rows by their numbers, which stay unused."""
        numbers = np.array(sorted(rows), dtype=np.int64)
        for segment, place in self.by_segment(numbers):
            row = numbers[place] - self.offset(segment)
            segment.alive[row] = False
            times = np.bincount(segment.rows.name_of[row], minlength=len(segment.rows.names))
            self.vocabulary.add(segment.names.pieces, -times)
        self.vocabulary.rows -= len(numbers)

    def with_key(self, step: str, keys: Numbers) -> tuple[Places, Places]:
        """The rows that hold one of the keys: for each hit the place of the key, and the row."""
        found = [segment.with_key(step, keys) for segment in self.segments]
        owner = np.concatenate([np.zeros(0, np.int64), *(owner for owner, _ in found)])
        shifted = (row + shift for (_, row), shift in zip(found, self.offsets, strict=False))
        return owner, np.concatenate([np.zeros(0, np.int64), *shifted])

    def by_segment(self, rows: Places) -> Iterable[tuple[Segment, Places]]:
        """For each segment that holds some of the rows, the places in `rows` of those."""
        if len(self.segments) == 1:
            yield self.segments[0], np.arange(len(rows))
            return
        number = np.searchsorted(self.offsets, rows, "right") - 1
        for one, segment in enumerate(self.segments):
            place = np.flatnonzero(number == one)
            if len(place):
                yield segment, place

    def values(self, rows: Places, what: Callable[[Rows], NDArray[Kind]]) -> NDArray[Kind]:
        """A value of each of the rows."""
        if len(self.segments) == 1:
            return what(self.segments[0].rows)[rows]
        found = np.zeros(
            len(rows), dtype=what(self.segments[0].rows).dtype if self.segments else np.uint64
        )
        for segment, place in self.by_segment(rows):
            found[place] = what(segment.rows)[rows[place] - self.offset(segment)]
        return found

    def keys(self, rows: Places, step: str) -> Numbers:
        """The key of each of the rows for a step."""
        return self.values(rows, lambda one: one.keys[step])

    def ids(self, rows: Places) -> list[str]:
        """The id of each of the rows."""
        found = [""] * len(rows)
        for segment, place in self.by_segment(rows):
            inside = rows[place] - self.offset(segment)
            for one, row in zip(place.tolist(), inside.tolist(), strict=True):
                found[one] = segment.rows.fields.ids[row]
        return found

    def fields_at(self, rows: Places) -> Fields:
        """The fields of the rows, ascending by number."""
        found = Fields([], [], [], [])
        for segment, place in self.by_segment(rows):
            found += segment.rows.fields.chosen((rows[place] - self.offset(segment)).tolist())
        return found

    def alive(self) -> Flags:
        """Which numbers are of rows still there."""
        return np.concatenate([segment.alive for segment in self.segments])

    def equal(self, rows: Places, other: Fields, others: Places) -> Flags:
        """Whether the fields of each row are those of its counterpart, code point by code point."""
        same = np.zeros(len(rows), dtype=bool)
        for segment, place in self.by_segment(rows):
            ours, inside = segment.rows.fields, (rows[place] - self.offset(segment)).tolist()
            theirs = others[place].tolist()
            if self.by_field:
                columns = zip(ours[1:], other[1:], strict=True)
                equal = [
                    [mine[one] == its[two] for one, two in zip(inside, theirs, strict=True)]
                    for mine, its in columns
                ]
                same[place] = np.all(equal, axis=0)
            else:
                same[place] = [
                    ours.texts(one, by_field=False) == other.texts(two, by_field=False)
                    for one, two in zip(inside, theirs, strict=True)
                ]
        return same

    def offset(self, segment: Segment) -> int:
        """The number of the first row of a segment."""
        return int(self.offsets[self.segments.index(segment)])

    def fields(self, start: int = 0) -> Fields:
        """The rows still there, from a segment on."""
        every = Fields([], [], [], [])
        for segment in self.segments[start:]:
            every += segment.rows.fields.chosen(np.flatnonzero(segment.alive).tolist())
        return every

    def merge_last(self) -> bool:
        """Put the last two segments together if the last has grown to a good part of the other; whether that was done."""
        sizes = np.diff(self.offsets)
        if len(sizes) < 2 or sizes[-1] * _MERGED < sizes[-2]:
            return False
        fields = self.fields(len(sizes) - 2)
        for _ in range(2):
            self.drop(np.flatnonzero(self.segments[-1].alive) + self.offsets[-2])
            self.segments.pop()
            self.offsets = self.offsets[:-1]
        self.add(rows_of(fields, by_field=self.by_field))
        return True
