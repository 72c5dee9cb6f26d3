"""Every way of writing a product differently is named right, and not by spraying names; the generator itself is what it says."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from statistics import mean
from typing import NamedTuple

import pytest

from benchmarks.noise import MECHANICAL, NOISE, TRAPS, Product, noisy_pair, shop
from reconcile.mapping import causes

PAIRS = 300
SEED = 20261126
# Where two names are true of one difference, or one of ours covers several ways of making it. All that is allowed.
ALSO: Mapping[str, frozenset[str]] = {
    "added": frozenset({"omission"}),  # the same difference from the other side
    "typo_twice": frozenset({"typo"}),
    "typo_attr": frozenset({"typo"}),
    "truncated": frozenset({"omission"}),  # cut between two words: the rest is missing
    "word_order": frozenset({"attr_order"}),  # two halves changed places
}


class Told(NamedTuple):
    """How one class was named over its pairs: shares of pairs, and names per pair beside the right ones."""

    right: float
    extra: float


def differ(left: Product, right: Product) -> tuple[str, ...]:
    return (*causes(left.name, right.name), *causes(left.option, right.option))


@cache
def products() -> list[Product]:
    return shop(random.Random(SEED), 20_000)


@cache
def told(noise: str) -> Told:
    dice = random.Random(f"{SEED} {noise}")
    pairs: list[tuple[Product, Product]] = []
    for product in dice.choices(products(), k=200_000):
        other = NOISE[noise](dice, product)
        if other is not None:
            pairs.append((product, other))
        if len(pairs) == PAIRS:
            break
    assert len(pairs) == PAIRS, f"{noise} applies to {len(pairs)} products only"
    right = {noise} | ALSO.get(noise, frozenset())
    found = [set(differ(*pair)) for pair in pairs]
    assert all(found), "different texts shown as equal"
    return Told(mean(bool(one & right) for one in found), mean(len(one - right) for one in found))


@pytest.mark.parametrize("noise", MECHANICAL)
def test_a_mechanical_difference_is_always_named_and_nothing_else(noise: str) -> None:
    assert told(noise).right >= 0.995
    assert told(noise).extra <= 0.02


@pytest.mark.parametrize("noise", NOISE)
def test_no_class_is_named_badly(noise: str) -> None:
    """Figures that are missing are always told, so texts that were cut off have two names."""
    assert told(noise).right >= 0.94
    assert told(noise).extra <= (1.2 if noise == "truncated" else 0.15)


def test_all_classes_together_are_named_right() -> None:
    assert len(NOISE) >= 36
    assert mean(told(noise).right for noise in NOISE) >= 0.985
    assert mean(told(noise).extra for noise in NOISE) <= 0.08


def test_several_differences_at_once_are_mostly_all_named() -> None:
    dice = random.Random(SEED)
    pairing = noisy_pair(dice, products()[:4000], exact_share=0.2)
    right = {product.id: product for product in pairing.right}
    found, wanted = 0, 0
    for product in pairing.left:
        classes = pairing.noise.get(product.id, ())
        if len(classes) > 1:
            names = set(differ(product, right[pairing.truth[product.id]]))
            wanted += len(classes)
            found += sum(bool(names & ({one} | ALSO.get(one, frozenset()))) for one in classes)
    assert wanted > 2000
    assert found / wanted >= 0.9


def test_two_sides_are_what_they_claim() -> None:
    sides = noisy_pair(random.Random(SEED), products()[:6000], exact_share=0.5)
    left, right = ({one.id: one for one in side} for side in (sides.left, sides.right))
    assert len(left) == len(sides.left) == 6000
    assert len(right) == len(sides.right)
    assert set(sides.truth) | set(sides.traps) == set(left)
    assert not set(sides.truth) & set(sides.traps)
    assert set(sides.traps.values()) == set(TRAPS)
    assert 0.05 < len(sides.traps) / len(left) < 0.15
    exact = [ours for ours, theirs in sides.truth.items() if left[ours][1:] == right[theirs][1:]]
    assert {ours for ours, classes in sides.noise.items() if not classes} == set(exact)
    assert 0.45 < len(exact) / len(sides.truth) < 0.55
    texts = {one[1:] for one in sides.right}
    assert len(texts) == len(sides.right)
    assert not texts & {left[ours][1:] for ours in sides.traps}, "a trap has no counterpart"


def test_the_same_seed_makes_the_same_shop() -> None:
    first, again = (shop(random.Random(7), 500) for _ in range(2))
    assert first == again
    assert len({one[1:] for one in first}) == 500
    assert shop(random.Random(8), 500) != first
