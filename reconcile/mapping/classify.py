"""Why two texts are not the same: the classes of difference that explain a pair, in a fixed order."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from reconcile.mapping.normalize import (
    CANONICAL_STEPS,
    LOOSE_STEPS,
    ORDER_STEPS,
    Step,
    canonical_key,
    order_key,
    skeleton_key,
)

NUMBER, TEXT = "number", "text"
CLASS_CODES: tuple[str, ...] = (
    *dict.fromkeys(step.code for step in (*CANONICAL_STEPS, *ORDER_STEPS)),
    NUMBER,
    TEXT,
)

_FIGURE = re.compile(r"\d*\.?\d+")


@lru_cache(maxsize=65536)
def causes(left: str, right: str) -> tuple[str, ...]:
    """The classes by which two texts differ, mild ones first; empty only for equal code points. Symmetric.

    Texts that differ in writing only get the smallest set of steps that makes them equal, found by leaving steps out
    from the coarsest on. Otherwise: the writing classes that bring them nearer, `number` when their figures differ,
    `text` when anything else does. The coarser classes (LOOSE_STEPS, ORDER_STEPS) are named only where they settle the pair.
    """
    if left == right:
        return ()
    if canonical_key(left) == canonical_key(right):
        return _codes(_needed(left, right, CANONICAL_STEPS))
    numbers_differ = numbers(left) != numbers(right)
    for key, loose in ((skeleton_key, LOOSE_STEPS), (order_key, ORDER_STEPS)):
        if key(left) == key(right):
            found = _codes(_needed(left, right, (*CANONICAL_STEPS, *loose)))
            return (*found, NUMBER) if numbers_differ else found
    nearer = _codes(_nearer(left, right))
    if not numbers_differ:
        return (*nearer, TEXT)
    return (*nearer, NUMBER) if _words(left) == _words(right) else (*nearer, NUMBER, TEXT)


def numbers(text: str) -> Counter[str]:
    """The figures in a text, decimals whole, after the canonical steps: `2.5mm x ３` has 2.5 and 3."""
    return Counter(_FIGURE.findall(canonical_key(text)))


def _words(text: str) -> str:
    """What is left of a skeleton without digits and the marks that were kept beside them."""
    return "".join(
        char
        for char in skeleton_key(text)
        if not char.isdigit() and unicodedata.category(char)[0] in "LMS"
    )


def _codes(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.code for step in steps))


def _needed(left: str, right: str, steps: Sequence[Step]) -> list[Step]:
    """The smallest subset of the steps that makes the two equal, given that all of them do."""
    kept = _active(left, right, steps)
    for step in reversed(kept.copy()):
        fewer = [one for one in kept if one is not step]
        if _through(left, fewer) == _through(right, fewer):
            kept = fewer
    return kept


def _active(left: str, right: str, steps: Sequence[Step]) -> list[Step]:
    active = []
    for step in steps:
        new_left, new_right = step.apply(left), step.apply(right)
        if (new_left, new_right) != (left, right):
            active.append(step)
            left, right = new_left, new_right
    return active


def _through(text: str, steps: Sequence[Step]) -> str:
    for step in steps:
        text = step.apply(text)
    return text


def _nearer(left: str, right: str) -> list[Step]:
    """The canonical steps after which fewer characters differ than before."""
    found = []
    distance = Levenshtein.distance(left, right)
    for step in _active(left, right, CANONICAL_STEPS):
        left, right = step.apply(left), step.apply(right)
        after = Levenshtein.distance(left, right)
        if after < distance:
            found.append(step)
        distance = after
    return found
