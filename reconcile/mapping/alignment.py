"""Which characters of two texts stand opposite each other: ﾀﾞ and ダ, ㎝ and cm, ) and ）, and what has no counterpart."""

from __future__ import annotations

from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from reconcile.mapping.characters import is_blank
from reconcile.mapping.normalize import canonical_key

_SAME, _OTHER, _ALONE = (
    1,
    16,
    10,
)  # what a pair in other writing, of other characters, or without counterpart costs [D]
_LONGEST = 4  # characters that one sign may stand for: ㍉ is two, ㈱ three, ㍍ four
_SIZES = (
    *((1, size) for size in range(1, _LONGEST + 1)),
    *((size, 1) for size in range(2, _LONGEST + 1)),
)
_WIDEST = 12  # characters of other words that stand together in one column
_LARGEST = 4096  # pairs of places up to which all ways are weighed


class Stretch(NamedTuple):
    """What stands in the left and in the right text at one place, where it begins in the left one, and whether it is equal."""

    left: str
    right: str
    start: int
    is_equal: bool


def stretches(left: str, right: str) -> list[Stretch]:
    """Both texts as alternating equal and differing stretches; neighbouring changes are one."""
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


def columns(left: str, right: str) -> tuple[tuple[str, str], ...]:
    """Two differing stretches as pairs of what stands opposite; "" where there is nothing. Joined they are the stretches.

    Characters that are the same in other writing stand opposite each other, other words as a whole; a stretch too long to weigh
    all ways is one pair.
    """
    if len(left) * len(right) > _LARGEST:
        return ((left, right),)
    ours, theirs = _keys(left), _keys(right)
    # cheapest[i, j]: what the first i and j characters cost together, and how many of each the last pair takes
    cheapest: dict[tuple[int, int], tuple[int, int, int]] = {(0, 0): (0, 0, 0)}
    for i in range(len(left) + 1):
        for j in range(len(right) + 1):
            ways = [
                (cheapest[i - m, j - n][0] + cost, m, n) for m, n, cost in _ways(i, j, ours, theirs)
            ]
            if ways:
                cheapest[i, j] = min(ways)
    pairs: list[tuple[str, str]] = []
    i, j, is_open = len(left), len(right), False
    while i or j:
        cost, m, n = cheapest[i, j]
        one, other = left[i - m : i], right[j - n : j]
        is_same = cost - cheapest[i - m, j - n][0] == _SAME
        if is_open and not is_same and len(pairs[-1][0] + pairs[-1][1]) < _WIDEST:
            after = pairs.pop()
            one, other = one + after[0], other + after[1]
        pairs.append((one, other))
        i, j, is_open = i - m, j - n, not is_same
    return tuple(reversed(pairs))


def _keys(text: str) -> dict[tuple[int, int], str]:
    """The key of every short piece by its end and length; blanks and what cannot be seen are pieces of their own."""
    found = {}
    for end in range(1, len(text) + 1):
        for size in range(1, min(end, _LONGEST) + 1):
            piece = text[end - size : end]
            if size == 1:
                found[end, 1] = " " if is_blank(piece) else canonical_key(piece)
            elif all(found[place, 1].strip() for place in range(end - size + 1, end + 1)):
                found[end, size] = canonical_key(piece)
    return found


def _ways(
    i: int, j: int, ours: dict[tuple[int, int], str], theirs: dict[tuple[int, int], str]
) -> list[tuple[int, int, int]]:
    """How the last pair before (i, j) may look: characters taken on the left, on the right, and the cost."""
    ways = [(1, 0, _ALONE)] if i else []
    if j:
        ways.append((0, 1, _ALONE))
    if i and j:
        ways.append((1, 1, _OTHER))
    for m, n in _SIZES:
        key = ours.get((i, m))
        if key and key == theirs.get((j, n)):
            ways.append((m, n, _SAME))
    return ways
