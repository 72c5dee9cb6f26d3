"""How long simulated orders stay collectable: one maker of stays per shape, seconds from the instants of entry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reconcile.orders.instants import Seconds

DAY_S, HOUR_S, JST_S = 86_400.0, 3600.0, 32_400.0
Dwell = Callable[[np.random.Generator, Seconds], Seconds]


def _next_batch(rng: np.random.Generator, enter: Seconds) -> Seconds:
    day = np.floor((enter + JST_S) / DAY_S) * DAY_S - JST_S
    slots = day[:, None] + np.array([10, 15, 34]) * HOUR_S + rng.uniform(0, 900, (len(enter), 1))
    following: Seconds = np.where(slots > enter[:, None], slots, np.inf).min(axis=1)
    return following - enter


def _bimodal(rng: np.random.Generator, enter: Seconds) -> Seconds:
    quick = rng.uniform(size=len(enter)) < 0.5
    fast, slow = (
        rng.lognormal(np.log(360.0), 0.4, len(enter)),
        rng.lognormal(np.log(18_000.0), 0.3, len(enter)),
    )
    return np.where(quick, fast, slow)


def _after_pull(rng: np.random.Generator, enter: Seconds) -> Seconds:
    early = rng.uniform(size=len(enter)) < 0.2
    return np.where(early, rng.exponential(1200.0, len(enter)), np.inf)


DWELLS: dict[str, Dwell] = {
    "exponential": lambda rng, enter: rng.exponential(3000.0, len(enter)),
    "log_normal": lambda rng, enter: rng.lognormal(np.log(2400.0), 1.0, len(enter)),
    "batch": _next_batch,
    "bimodal": _bimodal,
    "short": lambda rng, enter: rng.uniform(10.0, 240.0, len(enter)),
    "after_pull": _after_pull,
}


def _mixed(rng: np.random.Generator, enter: Seconds) -> Seconds:
    quick = rng.uniform(size=len(enter)) < 0.7
    slow = rng.lognormal(np.log(9000.0), 0.5, len(enter))
    return np.where(quick, rng.exponential(700.0, len(enter)), slow)


OTHER_DWELLS: dict[str, Dwell] = {
    "gamma": lambda rng, enter: rng.gamma(3.0, 1100.0, len(enter)),
    "weibull": lambda rng, enter: 2500.0 * rng.weibull(0.6, len(enter)),
    "uniform": lambda rng, enter: rng.uniform(0.0, 2 * HOUR_S, len(enter)),
    "mixed": _mixed,
    "routine": lambda rng, enter: np.maximum(rng.normal(1800.0, 240.0, len(enter)), 60.0),
    "slow": lambda rng, enter: rng.lognormal(np.log(4500.0), 0.6, len(enter)),
}
