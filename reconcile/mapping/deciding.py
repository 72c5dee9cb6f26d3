"""What becomes of every product: linked by a mechanical step, proposed to a person, or without a counterpart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping.arrays import Flags, Places, Weights, best_of, heads, runs
from reconcile.mapping.catalogue import Catalogue
from reconcile.mapping.leftovers import propose_leftovers
from reconcile.mapping.linking import link
from reconcile.mapping.proposing import Pairs, claimed, propose
from reconcile.mapping.rows import STEPS, Rows
from reconcile.mapping.scoring import CLAIMED, Chances, chance, logit

LIMIT = 5  # rows proposed for one product [D]
LIKELY = 0.5  # a pair whose figures differ is proposed from this probability on [D]
POSSIBLE = 0.3  # any other from this one on [D]
LINK_SCORES = (100.0, 99.0, 98.0, 97.0, 96.0)  # of the steps: their order, not a probability
_MOST = 95.0  # the highest score of what no step links
EXACT, AUTO, REVIEW, NONE = "exact", "auto", "review", "none"
LIKENESS = "likeness"
LEFTOVERS = 0.5  # rows left over per product, up to which they are looked through again [D]
T = TypeVar("T")
Weighed = tuple[Pairs, Weights, Flags]
Parts = dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs of rows, those of a left row together, the likeliest first. score: 0-100; see SkuIndex for the rest."""

    left: Places
    right: Places
    score: NDArray[np.float64]
    step: list[str]
    decision: list[str]
    parts: list[Parts]


def decide(
    ours: Rows, catalogue: Catalogue, *, limit: int = LIMIT, others: bool = False
) -> Matches:
    """The pairs of all left rows that have any. others: for linked rows too, what else they might be."""
    links = link(ours, catalogue)
    linked = np.flatnonzero(links.right >= 0)
    rest = np.flatnonzero(ours.has_text if others else ours.has_text & (links.right < 0))
    pairs = propose(ours, rest, catalogue, links.taken)
    pairs = pairs.chosen(np.flatnonzero(links.right[pairs.left] != pairs.right))
    likely = logit(pairs.features, by_field=catalogue.by_field)
    lost = claimed(pairs, likely, links.taken)
    if not others:
        pairs, likely, lost = _with_leftovers(
            ours, rest, catalogue, links.taken, (pairs, likely, lost)
        )
    best = best_of(runs(pairs.left), likely - CLAIMED * lost, limit)
    pairs, lost = pairs.chosen(best), lost[best]
    chances = chance(likely[best], pairs.features, lost, by_field=catalogue.by_field)
    proposed = _proposed(ours, catalogue, pairs, _falling(chances, pairs.left), lost)
    certain = _linked(linked, links.right[linked], links.step[linked], catalogue)
    return _merged(certain, proposed)


def _falling(chances: Chances, left: Places) -> Chances:
    """Of each product the chance of a pair is at most that of the one before it."""
    starts = heads(left)
    for place in range(1, int(np.diff(np.append(starts, len(left))).max(initial=1))):
        at = starts[starts + place < len(left)] + place
        at = at[left[at] == left[at - place]]
        chances[at] = np.minimum(chances[at], chances[at - 1])
    return chances


def _with_leftovers(
    ours: Rows, rest: Places, catalogue: Catalogue, taken: Flags, weighed: Weighed
) -> Weighed:
    """The pairs again, with a second look at what is left over where that is little."""
    pairs, likely, lost = weighed
    sure = ~lost & (likely >= 0)
    held = taken.copy()
    held[pairs.right[sure]] = True
    free = np.flatnonzero(catalogue.alive() & ~held)
    is_open = np.zeros(len(ours.fields.ids), dtype=bool)
    is_open[rest] = True
    is_open[pairs.left[sure]] = False
    again = np.flatnonzero(is_open)
    if not len(again) or not 0 < len(free) <= LEFTOVERS * len(ours.fields.ids):
        return weighed
    more = propose_leftovers(ours, again, catalogue, free)
    both = Pairs.together([pairs.chosen(np.flatnonzero(is_open[pairs.left])), more])
    both = both.chosen(np.unique(both.left << 32 | both.right, return_index=True)[1])
    offers = logit(both.features, by_field=catalogue.by_field)
    outbid = claimed(both, offers, held) | (held & ~taken)[both.right]
    settled = np.flatnonzero(~is_open[pairs.left])
    every = Pairs.together([pairs.chosen(settled), both])
    order = np.argsort(every.left, kind="stable")
    return (
        every.chosen(order),
        np.concatenate((likely[settled], offers))[order],
        np.concatenate((lost[settled], outbid))[order],
    )


def _linked(left: Places, right: Places, step: Places, catalogue: Catalogue) -> Matches:
    names = [STEPS[one] for one in step.tolist()]
    every: dict[str, Parts] = {}
    for name in STEPS:
        parts: Parts = {"step": name, "name": 100.0, "number": 100.0}
        every[name] = parts | ({"option": 100.0} if catalogue.by_field else {})
    return Matches(
        left,
        right,
        np.array(LINK_SCORES)[step],
        names,
        [EXACT if name == EXACT else AUTO for name in names],
        [every[name] for name in names],
    )


def _proposed(
    ours: Rows, catalogue: Catalogue, pairs: Pairs, chances: Chances, lost: Flags
) -> Matches:
    features = pairs.features
    same = features["figures"] > 0
    steps = _steps(ours, catalogue, pairs.left, pairs.right)
    is_near = np.array([step != LIKENESS for step in steps], dtype=bool)
    review = np.where(same, is_near | (chances >= POSSIBLE), chances >= LIKELY)
    columns: dict[str, NDArray[Any]] = {
        "name": np.sqrt(features["cov_l"] * features["cov_r"]) * 100,
        "number": np.where(same, 100, 0),
        "taken": np.where((features["taken"] > 0) | lost, 100, 0),
    }
    if catalogue.by_field:
        columns["option"] = features["option_close"] * 100
    values = np.round(np.stack(list(columns.values())).astype(np.float64), 1).T.tolist()
    return Matches(
        pairs.left,
        pairs.right,
        np.minimum(np.round(chances * 100, 1), _MOST),
        steps,
        np.where(review, REVIEW, NONE).tolist(),
        [
            dict(zip(columns, row, strict=True)) | {"step": step}
            for row, step in zip(values, steps, strict=True)
        ],
    )


def _steps(ours: Rows, catalogue: Catalogue, left: Places, right: Places) -> list[str]:
    """The strictest step whose key both rows have; likeness for none."""
    found = np.full(len(left), len(STEPS))
    for number in reversed(range(len(STEPS))):
        step = STEPS[number]
        keys = catalogue.keys(right, step)
        found[(ours.keys[step][left] == keys) & ours.has_key(step)[left]] = number
    return [(*STEPS, LIKENESS)[one] for one in found.tolist()]


def _merged(certain: Matches, proposed: Matches) -> Matches:
    order = np.argsort(np.concatenate((certain.left, proposed.left)), kind="stable")
    picks = order.tolist()

    def listed(first: list[T], second: list[T]) -> list[T]:
        every = first + second
        return [every[one] for one in picks]

    return Matches(
        np.concatenate((certain.left, proposed.left))[order],
        np.concatenate((certain.right, proposed.right))[order],
        np.concatenate((certain.score, proposed.score))[order],
        listed(certain.step, proposed.step),
        listed(certain.decision, proposed.decision),
        listed(certain.parts, proposed.parts),
    )
