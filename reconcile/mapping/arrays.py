"""Small moves over arrays of numbers: items that lie one after the other, stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Weights = NDArray[np.float32]
Item = TypeVar("Item", np.uint64, np.float32)


def mixed(numbers: Numbers) -> Numbers:
    """Every number spread over all 64 bits; equal stays equal, and sums of mixed numbers tell multisets apart."""
    spread = numbers + np.uint64(0x9E3779B97F4A7C15)
    spread ^= spread >> np.uint64(30)
    spread *= np.uint64(0xBF58476D1CE4E5B9)
    spread ^= spread >> np.uint64(27)
    spread *= np.uint64(0x94D049BB133111EB)
    spread ^= spread >> np.uint64(31)
    return spread


def sums(values: NDArray[Item], starts: Places) -> NDArray[Item]:
    """The sum of each stretch starts[i] to starts[i + 1]; 0 for an empty one."""
    total = np.zeros(len(starts) - 1, dtype=values.dtype)
    filled = starts[:-1] < starts[1:]
    if filled.any():
        total[filled] = np.add.reduceat(values, starts[:-1][filled])
    return total


def starts_of(rows: Places, count: int) -> Places:
    """Where the stretch of each row begins, given the row of every item in order; one more for the end."""
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=count))))


def stretches(starts: Places, chosen: Places) -> tuple[Places, Places]:
    """The places of the chosen stretches one after the other, and for each place which of the chosen it belongs to."""
    lengths = starts[chosen + 1] - starts[chosen]
    owner = np.repeat(np.arange(len(chosen)), lengths)
    ends = np.cumsum(lengths)
    places = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(
        starts[chosen] - (ends - lengths), lengths
    )
    return places, owner


def batches(sizes: Places, limit: int) -> Iterator[slice]:
    """Neighbouring items together as long as their sizes sum up to at most the limit; a larger one alone."""
    start, total = 0, 0
    for index, size in enumerate(sizes.tolist()):
        if total and total + size > limit:
            yield slice(start, index)
            start, total = index, 0
        total += size
    if start < len(sizes):
        yield slice(start, len(sizes))


def heads(values: NDArray[Any]) -> Places:
    """Where a run of equal values begins."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))


def runs(values: NDArray[Any]) -> Places:
    """The number of the run of equal values that each item is in."""
    begins = np.zeros(len(values), dtype=np.int64)
    begins[heads(values)[1:]] = 1
    return np.cumsum(begins)


def places_in_runs(values: NDArray[Any]) -> Places:
    """How many equal values stand before each in its run."""
    first = heads(values)
    return np.arange(len(values)) - np.repeat(first, np.diff(np.append(first, len(values))))


def best_of(owner: Places, score: NDArray[Any], size: int) -> Places:
    """The places of the `size` highest scores of each owner, the highest first; owners in order, ties in the order given."""
    order = np.lexsort((-score, owner))
    return order[places_in_runs(owner[order]) < size]
