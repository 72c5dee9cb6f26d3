"""How likely two rows are the same product, from measures of their texts: a weighted sum turned into a probability."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping.arrays import Weights
from reconcile.mapping.likeness import Measures

Features = dict[str, Weights]

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
CLAIMED = np.float32(8)  # what a better claim of another product to the same SKU takes away [D]


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
    """How likely each pair is, as a sum that `probability` turns into a chance."""
    return weighed(features, FIELDS if by_field else TEXT)


def probability(logit: Weights) -> NDArray[np.float64]:
    """Between 0 and 1."""
    return np.asarray(1 / (1 + np.exp(-logit.astype(np.float64))))


def _share(part: Weights, whole: Weights) -> Weights:
    return np.minimum(part / np.maximum(whole, np.float32(1e-6)), 1).astype(np.float32)
