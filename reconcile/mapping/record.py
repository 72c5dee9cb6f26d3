"""When a class of difference may decide by itself: how sure an account's own decisions make its proposals."""

from __future__ import annotations

import math

MIN_DECIDED = 200  # own decisions of a class before it may decide by itself [D]
MIN_LOWER = 0.985  # share that is right at least, with LEVEL [D]; 200 of 200 give 0.9851, with 1 wrong it takes 315
LEVEL = 0.95


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
    head = math.lgamma(decided + 1)
    return math.fsum(
        math.exp(
            head
            - math.lgamma(count + 1)
            - math.lgamma(decided - count + 1)
            + count * math.log(share)
            + (decided - count) * math.log1p(-share)
        )
        for count in range(matching, decided + 1)
    )
