"""Whether a phase that must be spelled exactly is there, or only a look-alike, and by which characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from reconcile.orders.keys import code_points, is_blank

MAX_DISTANCE = 2  # characters that may differ [D]
MIN_LENGTH = 4  # shorter names are never compared by distance [D]
LENGTH_PER_EDIT = 3  # characters of the longer name per differing one: 発送準備 is not 発送待機 [D]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """A name that nearly is the expected one.

    `difference`: [{"op", "expected", "found", "expected_code_points", "found_code_points"}], op = what turns
    the expected text into the found one: replace | delete | insert.
    """

    name: str
    difference: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseCheck:
    """How an expected name stands in a list: there exactly or not, and its look-alikes, nearest first."""

    expected: str
    is_exact: bool
    lookalikes: tuple[Lookalike, ...]


def check_phase(
    expected: str, found: Iterable[str], other_roles: Collection[str] = ()
) -> PhaseCheck:
    """Whether `expected` is among the `found` names exactly, and which of them only look like it.

    A look-alike is equal after NFKC, case folding and removal of blanks and invisible characters, or at most
    MAX_DISTANCE characters away on that form. other_roles: names that rightly mean something else (発送待ち
    beside 発送待機); one of them counts only while the expected name is absent, and one character away.
    """
    names = list(dict.fromkeys(found))
    is_exact = expected in names
    near: list[tuple[int, str]] = []
    for name in names:
        distance = look_distance(expected, name)
        if name == expected or distance is None:
            continue
        if name in other_roles and (is_exact or distance > 1):
            continue
        near.append((distance, name))
    near.sort(key=lambda pair: pair[0])
    return PhaseCheck(
        expected=expected,
        is_exact=is_exact,
        lookalikes=tuple(
            Lookalike(name=name, difference=tuple(difference(expected, name))) for _, name in near
        ),
    )


def look_distance(expected: str, found: str) -> int | None:
    """How many characters the two differ by, 0 for texts that look the same; None when too far apart."""
    left, right = _visible(expected), _visible(found)
    if left == right:
        return 0
    if min(len(left), len(right)) < MIN_LENGTH - 1 or len(left) < MIN_LENGTH:
        return None
    distance = sum(
        max(i2 - i1, j2 - j1)
        for op, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
        if op != "equal"
    )
    allowed = min(MAX_DISTANCE, max(len(left), len(right)) // LENGTH_PER_EDIT)
    return distance if distance <= allowed else None


def difference(expected: str, found: str) -> list[dict[str, str]]:
    """The differing stretches of the raw texts with their code points, in reading order; empty when equal."""
    return [
        {
            "op": op,
            "expected": expected[i1:i2],
            "found": found[j1:j2],
            "expected_code_points": code_points(expected[i1:i2]),
            "found_code_points": code_points(found[j1:j2]),
        }
        for op, i1, i2, j1, j2 in SequenceMatcher(
            None, expected, found, autojunk=False
        ).get_opcodes()
        if op != "equal"
    ]


def _visible(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in unicodedata.normalize("NFKC", folded) if not is_blank(c))
