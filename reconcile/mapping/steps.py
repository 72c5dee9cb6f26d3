"""A class of difference as a step that removes it from a text, and which of many steps a pair of texts needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, slots=True)
class Step:
    """One class of difference and the function that removes it from a text. Mild steps come first in every chain.

    idle: the characters known to be left alone by a step that looks at one character at a time.
    """

    code: str
    apply: Callable[[str], str]
    idle: Set[str] = frozenset()


def through(text: str, steps: Iterable[Step]) -> str:
    """The text after the steps, one after the other."""
    for step in steps:
        text = step.apply(text)
    return text


def needed(left: str, right: str, steps: Iterable[Step]) -> set[str]:
    """The codes of the fewest steps that bring two texts as near to each other as all of them do.

    Found by leaving steps out from the coarsest on; where all steps make the texts equal, so do those that are named.
    """
    active: list[tuple[Step, tuple[str, str]]] = []
    pair = (left, right)
    letters = set(left + right)
    for step in steps:
        if letters <= step.idle:
            continue
        after = (step.apply(pair[0]), step.apply(pair[1]))
        if after != pair:
            active.append((step, pair))
            pair = after
            letters = set(after[0] + after[1])
    nearest = Levenshtein.distance(*pair)
    kept: list[Step] = []
    for step, (ours, theirs) in reversed(active):
        if Levenshtein.distance(through(ours, kept), through(theirs, kept)) > nearest:
            kept.insert(0, step)
    return {step.code for step in kept}
