"""A class of difference as a step that removes it from a text, and which of many steps a pair of texts needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import NamedTuple

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


class Stretch(NamedTuple):
    """What stands in the left and in the right text at one place, where it begins in the left one, and whether it is equal."""

    left: str
    right: str
    start: int
    is_equal: bool


def stretches(left: str, right: str) -> list[Stretch]:
    """Both texts as alternating equal and differing stretches; neighbouring changes are one, so that ﾀﾞ stands against ダ."""
    found: list[Stretch] = []
    for code in Levenshtein.opcodes(left, right):
        here = Stretch(
            left[code.src_start : code.src_end],
            right[code.dest_start : code.dest_end],
            code.src_start,
            code.tag == "equal",
        )
        if found and not found[-1].is_equal and not here.is_equal:
            last = found.pop()
            here = Stretch(last.left + here.left, last.right + here.right, last.start, False)
        found.append(here)
    return found
