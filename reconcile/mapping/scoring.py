"""How likely two rows are the same product, from measures of their texts: a weighted sum turned into a probability."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping.arrays import Flags, Weights
from reconcile.mapping.likeness import Measures

Features = dict[str, Weights]
Chances = NDArray[np.float64]

# Logistic regressions over candidates of seeds 101-104 of benchmarks/noise.py, half and nearly all noisy, 20,000 products
# each; judged on other seeds and on real names (docs/matching.md). Positive speaks for the same product.
NAME: Mapping[str, float] = {  # which names are worth a look, before rows are
    "bias": -9.0, "cov_l": 4.0, "cov_r": 6.0, "extra": -1.0, "tail_extra": -1.0, "hinted": 2.0, "figures_both": -1.5,
}  # fmt: skip
TEXT: Mapping[str, float] = {
    "bias": -16.65, "cov_l": 4.5, "cov_r": 11.2, "missing": 2.3, "extra": -0.6, "tail_extra": -0.35, "hinted": 4.9,
    "figures_missing": 1.2, "figures_extra": 0.7, "figures_both": -4.8, "figures": 0.65, "condition": -5.3, "taken": -11.0,
}  # fmt: skip
FIELDS: Mapping[str, float] = {
    "bias": -22.5, "cov_l": 0.9, "cov_r": 13.1, "missing": -0.9, "extra": 2.7, "hinted": -1.1, "figures_missing": -0.9,
    "figures_both": -4.6, "figures": 1.8, "condition": -9.6, "taken": -11.3, "option_same": 4.0, "option_close": 11.5,
}  # fmt: skip
# What a sum was worth on seeds 101 and 102 (isotonic, 100,000 products each; all figures as logits, further out with slope 1).
# Apart for pairs of which each has a figure that the other lacks: there the sum says little, most are another size or strength.
Curve = tuple[tuple[float, float], ...]
TEXT_WORTH: Curve = (
    (-11, -8.8),
    (-6.5, -4),
    (-4.5, -1.5),
    (-2.7, 0.2),
    (-0.75, 4.5),
    (1, 5.4),
    (3.4, 6.2),
)
TEXT_OTHER: Curve = ((-11, -5.1), (-7.5, -0.9), (0.15, -0.7), (0.7, 2.2))
FIELDS_WORTH: Curve = (
    (-11, -6.9),
    (-9.2, -3.9),
    (-5.4, -0.7),
    (-2.7, -0.5),
    (-2.2, 1.7),
    (0.3, 4.4),
    (0.8, 5.9),
    (8.2, 7.1),
)
FIELDS_OTHER: Curve = ((-4.5, -2), (-0.7, -1.9), (-0.3, -1), (0.2, 1), (0.7, 3.8))
CLAIMED = np.float32(
    8
)  # what a better claim of another product to the same SKU takes away from the sum [D]
CLAIMED_WORTH = 11  # and from what it is worth: about 2 in 1,000 of them were right


def name_features(measures: Measures) -> Features:
    """What the names of pairs say, each from 0 to 1."""
    lacks, has_more = measures.figures_missing > 0, measures.figures_extra > 0
    return {
        "cov_l": _share(measures.shared, measures.left),
        "cov_r": _share(measures.shared, measures.right),
        "missing": _share(measures.missing, measures.left_words),
        "extra": _share(measures.extra, measures.left_words),
        "tail_extra": _share(measures.tail_extra, measures.hints),
        "hinted": _share(measures.hinted, measures.hints),
        "figures_missing": lacks.astype(np.float32),
        "figures_extra": has_more.astype(np.float32),
        "figures_both": (lacks & has_more).astype(np.float32),
    }


def weighed(features: Features, weights: Mapping[str, float]) -> Weights:
    """The sum of the features by their weights; features that are not there count nothing."""
    total = np.full(len(features["cov_l"]), weights["bias"], dtype=np.float32)
    for name, values in features.items():
        if weights.get(name):
            total += np.float32(weights[name]) * values
    return total


def logit(features: Features, *, by_field: bool) -> Weights:
    """How likely each pair is, as a sum that orders them; `chance` says what it is worth."""
    return weighed(features, FIELDS if by_field else TEXT)


def chance(total: Weights, features: Features, lost: Flags, *, by_field: bool) -> Chances:
    """The probability of pairs with these sums, between 0 and 1. lost: pairs that another product has the better claim to."""
    other = features["figures_both"] > 0
    curves = (FIELDS_WORTH, FIELDS_OTHER) if by_field else (TEXT_WORTH, TEXT_OTHER)
    worth = (
        np.where(other, _worth(total, curves[1]), _worth(total, curves[0])) - CLAIMED_WORTH * lost
    )
    return np.asarray(1 / (1 + np.exp(-worth.astype(np.float64))))


def _worth(total: Weights, curve: Curve) -> NDArray[np.float64]:
    at, worth = np.array(curve).T
    beyond = np.minimum(total - at[0], 0) + np.maximum(total - at[-1], 0)
    return np.asarray(np.interp(total, at, worth) + beyond)


def _share(part: Weights, whole: Weights) -> Weights:
    return np.minimum(part / np.maximum(whole, np.float32(1e-6)), 1).astype(np.float32)
