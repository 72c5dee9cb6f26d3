"""What links by itself: rows that one key of a mechanical step joins, and nothing else on either side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconcile.mapping.arrays import Flags, Numbers, Places, heads
from reconcile.mapping.catalogue import Catalogue
from reconcile.mapping.rows import STEPS, Rows


@dataclass(frozen=True, slots=True)
class Links:
    """For every left row the right row it links to, else -1, and the place in STEPS of the step that linked it."""

    right: Places
    step: Places
    taken: Flags  # per right row: whether it is linked


def link(ours: Rows, catalogue: Catalogue) -> Links:
    """Rows linked by the strictest key that any other row holds, where one on each side does, and figures are equal.

    What a stricter step leaves open, because a key is shared or its row taken, no looser step decides.
    """
    right = np.full(len(ours.fields.ids), -1, dtype=np.int64)
    by, taken = np.zeros(len(right), dtype=np.int64), np.zeros(len(catalogue), dtype=bool)
    is_open, is_asked = np.ones(len(right), dtype=bool), np.zeros(len(catalogue), dtype=bool)
    for number, step in enumerate(STEPS):
        rest = np.flatnonzero(ours.has_key(step) & is_open)
        if not len(rest):
            break
        keys = ours.keys[step]
        place, found = catalogue.with_key(step, keys[rest])
        left = rest[place]
        alone = np.bincount(place, minlength=len(rest))[place] == 1
        alone &= _is_single(keys, ours.has_key(step))[left] & ~is_asked[found]
        if step == "exact":
            alone[alone] = catalogue.equal(found[alone], ours.fields, left[alone])
        is_open[left], is_asked[found] = False, True
        left, found = left[alone], found[alone]
        same = catalogue.values(found, lambda rows: rows.figures) == ours.figures[left]
        right[left[same]], by[left[same]] = found[same], number
        taken[found[same]] = True
    return Links(right, by, taken)


def _is_single(keys: Numbers, has_key: Flags) -> Flags:
    """Whether a row is the only one that holds its key."""
    keyed = np.flatnonzero(has_key)
    order = keyed[np.argsort(keys[keyed])]
    first = heads(keys[order])
    lengths = np.diff(np.append(first, len(order)))
    single = np.zeros(len(keys), dtype=bool)
    single[order] = np.repeat(lengths == 1, lengths)
    return single
