"""Shapes of stay lengths fitted to censored data, with an interval that is honest about what the data say.

The interval is the range of an answer over all parameters whose likelihood is not worse than the best by the 95 %
point of chi-square: the profile likelihood, not the curvature at the optimum, which is too sure of itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from reconcile.orders.instants import Mask, Seconds
from reconcile.orders.stay_times import StayData

LOG_NORMAL, WEIBULL = SHAPES = ("log_normal", "weibull")
CHI_SQUARE_95 = 3.841458820694124  # one degree of freedom
DIRECTIONS = 32
AIC_DECIDES = 4.0  # a smaller lead does not rule the other shape out [D]
MIN_STAYS = 20  # fewer do not make a shape [D]
SHORTEST_S = 1.0  # 更新日時 has whole seconds: a stay of 0 s is one of less than that
_erfc = np.frompyfunc(math.erfc, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StayFit:
    """A fitted shape. location, scale: of the logarithm of the length in seconds; aic: smaller fits better.

    region: parameter pairs on the border of the 95 % likelihood region, shape (DIRECTIONS, 2): location and logarithm
    of the scale. rival: the other shape, if the data do not decide between the two.
    """

    shape: str
    location: float
    scale: float
    aic: float
    stays: int
    region: Seconds
    rival: StayFit | None = None

    def shorter(self, length: Seconds) -> Seconds:
        """The share of stays shorter than the given seconds."""
        return _cdf(self.shape, _standard(length, self.location, self.scale))

    def interval(self, answer: Callable[[StayFit], float]) -> tuple[float, float]:
        """The 95 % profile-likelihood interval of any answer that a fit gives, a rival's interval included."""
        found = [answer(self), *(self.rival.interval(answer) if self.rival else ())]
        for location, log_scale in self.region:
            found.append(
                answer(replace(self, location=float(location), scale=math.exp(float(log_scale))))
            )
        return min(found), max(found)


def fit_stays(data: StayData) -> StayFit | None:
    """The better of log-normal and Weibull by AIC, or None for fewer than MIN_STAYS stays that say anything.

    Stays with equal ends count by density, bracketed ones by the probability of the bracket, lasting ones by that of
    being longer.
    """
    low = np.maximum(data.low, 0.0)
    high = np.maximum(data.high, SHORTEST_S)
    said = (low > 0) | np.isfinite(high)
    low, high = low[said], high[said]
    if np.count_nonzero(np.isfinite(high)) < MIN_STAYS:
        return None
    fits = [_fit(shape, low, high) for shape in SHAPES]
    best, other = sorted(fits, key=lambda fit: fit.aic)
    return replace(best, rival=other) if other.aic - best.aic < AIC_DECIDES else best


def _fit(shape: str, low: Seconds, high: Seconds) -> StayFit:
    middle = np.log(
        np.where(
            np.isfinite(high), np.maximum((low + high) / 2, SHORTEST_S), np.maximum(low, SHORTEST_S)
        )
    )
    best = np.array([middle.mean(), math.log(max(float(middle.std()), 0.1))])
    step = np.array([0.5, 0.4])
    offsets = np.array([(a, b) for a in (-1.0, 0.0, 1.0) for b in (-1.0, 0.0, 1.0)])
    value = _log_likelihood(shape, best[None, :], low, high)[0]
    while step.max() > 5e-4:
        tried = best + offsets * step
        values = _log_likelihood(shape, tried, low, high)
        place = int(np.argmax(values))
        if values[place] > value + 1e-9:
            best, value = tried[place], float(values[place])
        else:
            step = step / 2
    return StayFit(
        shape=shape,
        location=float(best[0]),
        scale=math.exp(float(best[1])),
        aic=4.0 - 2.0 * float(value),
        stays=len(low),
        region=_region(shape, best, float(value), low, high),
    )


def _region(shape: str, best: Seconds, value: float, low: Seconds, high: Seconds) -> Seconds:
    """Border points of the likelihood region, found by bisection along rays from the best fit."""
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rays = circle @ _ellipse(shape, best, low, high).T
    inner, outer = np.zeros(DIRECTIONS), np.full(DIRECTIONS, 1.0)

    def is_inside(radius: Seconds) -> Mask:
        values = _log_likelihood(shape, best + rays * radius[:, None], low, high)
        return 2.0 * (value - values) <= CHI_SQUARE_95

    for _ in range(12):
        far = is_inside(outer)
        if not far.any():
            break
        inner, outer = np.where(far, outer, inner), np.where(far, outer * 2, outer)
    for _ in range(12):
        middle = (inner + outer) / 2
        within = is_inside(middle)
        inner, outer = np.where(within, middle, inner), np.where(within, outer, middle)
    return np.asarray(best + rays * inner[:, None])


def _ellipse(shape: str, best: Seconds, low: Seconds, high: Seconds) -> Seconds:
    """The rough form of the region, from the curvature: it only aims the rays, their length is the likelihood's."""
    step = 0.5 / math.sqrt(len(low))
    around = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)]) * step
    v = _log_likelihood(shape, best + around, low, high)
    both = (v[5] + v[6] - v[1] - v[2] - v[3] - v[4] + 2 * v[0]) / 2
    curve = -np.array([[v[1] + v[2] - 2 * v[0], both], [both, v[3] + v[4] - 2 * v[0]]]) / step**2
    values, vectors = np.linalg.eigh(curve)
    return np.asarray(vectors * np.sqrt(1.0 / np.maximum(values, 1e-6 * len(low))))


def _log_likelihood(shape: str, points: Seconds, low: Seconds, high: Seconds) -> Seconds:
    location, scale = points[:, :1], np.exp(points[:, 1:])
    exact = high - low <= SHORTEST_S
    total = np.zeros(len(points))
    if exact.any():
        z = _standard(np.maximum(low[exact], SHORTEST_S / 2)[None, :], location, scale)
        total += (_log_density(shape, z) - np.log(scale)).sum(axis=1)
    if not exact.all():
        upper = _cdf(shape, _standard(high[~exact][None, :], location, scale))
        lower = _cdf(shape, _standard(low[~exact][None, :], location, scale))
        total += np.log(np.maximum(upper - lower, 1e-300)).sum(axis=1)
    return total


def _standard(length: Seconds, location: Seconds | float, scale: Seconds | float) -> Seconds:
    with np.errstate(divide="ignore"):
        return (np.log(length) - location) / scale


def _cdf(shape: str, z: Seconds) -> Seconds:
    if shape == WEIBULL:
        return -np.expm1(-np.exp(np.minimum(z, 50.0)))
    return 0.5 * np.asarray(_erfc(-z / math.sqrt(2.0)), dtype=np.float64)


def _log_density(shape: str, z: Seconds) -> Seconds:
    if shape == WEIBULL:
        return z - np.exp(np.minimum(z, 50.0))
    return -0.5 * z * z - 0.5 * math.log(2.0 * math.pi)
