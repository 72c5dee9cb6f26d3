"""Why two texts are not the same: the classes of difference that explain a pair, in a fixed order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from reconcile.mapping.normalize import (
    BORDER_STEPS,
    CANONICAL_STEPS,
    LOOSE_STEPS,
    ORDER_STEPS,
    canonical_key,
    order_key,
    skeleton_key,
)
from reconcile.mapping.phrases import PHRASE_STEPS
from reconcile.mapping.steps import Step, needed
from reconcile.mapping.wording import restored, wording

NUMBER, TEXT, LOST, CP932 = "number", "text", "cp932_lost", "cp932_change"
WORDING = ("axis_label", "promo", "word_order", "omission", "truncated", LOST, "typo")
CLASS_CODES: tuple[str, ...] = (
    *dict.fromkeys(step.code for step in (*CANONICAL_STEPS, *ORDER_STEPS, *PHRASE_STEPS)),
    *WORDING,
    NUMBER,
    TEXT,
)
_PLACES = {code: place for place, code in enumerate(CLASS_CODES)}
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_CHARACTER_STEPS = tuple(step for step in CANONICAL_STEPS if step.code != "space_count")


@lru_cache(maxsize=65536)
def causes(left: str, right: str) -> tuple[str, ...]:
    """The classes by which two texts differ, mild ones first; empty only for equal code points. Symmetric.

    Texts that differ in writing only get the smallest set of steps that makes them equal, found by leaving steps out
    from the coarsest on; so do those whose words mean the same. Otherwise: the writing classes that bring them
    nearer and what is to be said of their words, `number` wherever their figures differ, `text` for other words.
    """
    if left == right:
        return ()
    left, right = sorted((left, right))
    found = _same_writing(left, right) or _other_words(left, right)
    return tuple(sorted(found, key=_PLACES.__getitem__))


def numbers(text: str) -> Counter[str]:
    """The figures in a text, decimals whole, after the canonical steps: `2.5mm x ３` has 2.5 and 3."""
    return Counter(_FIGURE.findall(canonical_key(text)))


def _same_writing(left: str, right: str) -> set[str]:
    if canonical_key(left) == canonical_key(right):
        return _named(left, right, CANONICAL_STEPS)
    for key, loose in ((skeleton_key, LOOSE_STEPS), (order_key, ORDER_STEPS)):
        if key(left) == key(right):
            found = _named(left, right, (*CANONICAL_STEPS, *loose))
            return found if numbers(left) == numbers(right) else found | {NUMBER}
    return set()


def _other_words(left: str, right: str) -> set[str]:
    found: set[str] = set()
    ours, theirs = restored(left, right)
    if (ours, theirs) != (left, right):
        if ours == theirs:
            return {LOST}
        return {LOST, *causes(ours, theirs)}
    found = _named(left, right, _CHARACTER_STEPS) | wording(left, right)
    return found or _named(left, right, (*CANONICAL_STEPS, *BORDER_STEPS)) or {TEXT}


def _named(left: str, right: str, steps: Sequence[Step]) -> set[str]:
    """The codes of the fewest steps; a change by CP932 only where it is not merely half of the way to another sign."""
    found = needed(left, right, steps)
    if CP932 not in found or len(found) == 1:
        return found
    return min(found, needed(left, right, [s for s in steps if s.code != CP932]), key=len)
