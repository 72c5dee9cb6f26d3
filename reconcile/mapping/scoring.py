"""How likely two rows are the same product, from measures of their texts: a weighted sum turned into a probability."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from reconcile.mapping.arrays import Weights
from reconcile.mapping.likeness import Measures

Features = dict[str, Weights]

FIELDS: Mapping[str, float] = {
    "bias": -9.0, "cov_l": 4.0, "cov_r": 4.0, "missing": -2.0, "extra": -4.0, "same_end": 0.5, "figures": 2.5, "taken": -3.0,
    "option_same": 3.0, "option_cov": 2.0, "option_missing": -1.0, "option_extra": -2.0, "option_alone": -1.0, "hinted": 0.0,
}  # fmt: skip
TEXT: Mapping[str, float] = {
    "bias": -9.0, "cov_l": 4.0, "cov_r": 4.0, "missing": -2.0, "extra": -4.0, "same_end": 1.5, "figures": 2.5, "taken": -3.0,
    "option_same": 0.0, "option_cov": 0.0, "option_missing": 0.0, "option_extra": 0.0, "option_alone": 0.0, "hinted": 3.0,
}  # fmt: skip


def name_features(measures: Measures, hint_weight: Weights | None = None) -> Features:
    """What the names of pairs say, each about 0 to 1."""
    return {
        "cov_l": _share(measures.shared, measures.left),
        "cov_r": _share(measures.shared, measures.right),
        "missing": _share(measures.missing, measures.left_words),
        "extra": _share(measures.extra, measures.left_words),
        "same_end": measures.same_end.astype(np.float32),
        "hinted": np.ones(len(measures.shared), np.float32)
        if hint_weight is None
        else _share(measures.hinted, hint_weight),
    }


def weighed(features: Features, weights: Mapping[str, float]) -> Weights:
    """The sum of the features by their weights; features that are not there count nothing."""
    some = next(iter(features.values()))
    total = np.full(len(some), weights["bias"], dtype=np.float32)
    for name, values in features.items():
        total += np.float32(weights[name]) * values
    return total


def probability(logit: Weights) -> NDArray[np.float64]:
    """Between 0 and 1."""
    return 1 / (1 + np.exp(-logit.astype(np.float64)))


def _share(part: Weights, whole: Weights) -> Weights:
    return np.minimum(part / np.maximum(whole, 1e-6), 1).astype(np.float32)
