"""When a class of difference may decide by itself: how sure an account's own decisions make its proposals."""

from __future__ import annotations

import math

MIN_DECIDED = 200  # own decisions of a class before it may decide by itself [D]
MIN_LOWER = 0.985  # share that is right at least, with LEVEL [D]; 200 of 200 give 0.9851, with 1 wrong it takes 315
LEVEL = 0.95
_NEGLIGIBLE = 1e-18  # of a sum: what comes after is less than its rounding


def lower_bound(matching: int, decided: int, level: float = LEVEL) -> float | None:
    """The share that is right at least, at a confidence level (Clopper-Pearson, one-sided); None without decisions.

    The smallest share under which so many right ones, or more, would still come up in 1 - level of the cases.
    """
    if decided == 0:
        return None
    low, high = 0.0, matching / decided
    for _ in range(50):
        middle = (low + high) / 2
        if _at_least(matching, decided, middle) < 1 - level:
            low = middle
        else:
            high = middle
    return low


def can_decide(matching: int, decided: int) -> bool:
    """Whether a class has proven itself: at least MIN_DECIDED decisions, the bound at least MIN_LOWER."""
    bound = lower_bound(matching, decided)
    return decided >= MIN_DECIDED and bound is not None and bound >= MIN_LOWER


def _at_least(matching: int, decided: int, share: float) -> float:
    """The probability of so many right ones or more among the decided."""
    if share <= 0.0:
        return 0.0 if matching else 1.0
    if share >= 1.0:
        return 1.0
    term = math.exp(
        math.lgamma(decided + 1)
        - math.lgamma(matching + 1)
        - math.lgamma(decided - matching + 1)
        + matching * math.log(share)
        + (decided - matching) * math.log1p(-share)
    )
    total, count = term, matching
    while (
        count < decided and term > total * _NEGLIGIBLE
    ):  # they fall: the share is below what was seen
        term *= (decided - count) / (count + 1) * share / (1 - share)
        total, count = total + term, count + 1
    return total
