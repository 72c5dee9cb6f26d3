"""A fictional shop: products as people name them, for tests and benchmarks. Pure and seeded; knows nothing of the product."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

_WORDS: dict[str, Any] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
CATEGORIES: tuple[dict[str, Any], ...] = tuple(_WORDS["category"])
MAX_VARIANTS = 12  # of one item
# How names are built, the frequent ways more than once. Uppercase words are filled in, a blank part falls away.
_SHAPES = (
    "BRAND QUALITY NOUN MODEL",
    "BRAND QUALITY NOUN MEASURE",
    "BRAND NOUN MODEL MEASURE",
    "【PROMO】BRAND QUALITY NOUN MEASURE",
    "QUALITY NOUN (BRAND) MEASURE MODEL",
    "BRAND/NOUN TYPE MODEL",
    "「BRAND」QUALITYNOUN PEOPLE MEASURE",
    "NOUN・QUALITY MEASURE MODEL BRAND",
    "BRAND QUALITY・QUALITY NOUN PEOPLE MODEL",
    "NOUN [QUALITY] BRAND TYPE MEASURE",
    "BRAND NOUN -QUALITY- MEASURE MODEL",
)
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class Product(NamedTuple):
    """One SKU of a shop: its number, and the three texts that a link rests on ("" for an attribute it has not)."""

    id: str
    name: str
    attr1: str
    attr2: str

    @property
    def option(self) -> str:
        """The attributes as the option text holds them."""
        return ",".join(filter(None, (self.attr1, self.attr2)))


def shop(dice: random.Random, n: int) -> list[Product]:
    """That many products of distinct texts: items of 30 categories, each with its variants one after the other."""
    products: list[Product] = []
    used: set[str] = set()
    while len(products) < n:
        category = dice.choice(CATEGORIES)
        name = _name(dice, category)
        if name in used:
            continue
        used.add(name)
        for attr1, attr2 in _variants(dice, category)[: n - len(products)]:
            products.append(Product(f"P{len(products):07d}", name, attr1, attr2))
    return products


def _name(dice: random.Random, category: dict[str, Any]) -> str:
    name = dice.choice(_SHAPES)
    for place, words in (
        ("PROMO", _WORDS["promos"]),
        ("BRAND", _WORDS["brands"]),
        ("PEOPLE", _WORDS["people"]),
        ("TYPE", _WORDS["types"]),
        ("NOUN", category["nouns"]),
        ("MEASURE", category["measures"]),
    ):
        if place in name:
            name = name.replace(place, dice.choice(words))
    while "QUALITY" in name:
        name = name.replace("QUALITY", dice.choice(_WORDS["qualities"]), 1)
    return name.replace("MODEL", _model(dice)) if "MODEL" in name else name


def _model(dice: random.Random) -> str:
    letters = "".join(dice.choices(_LETTERS, k=dice.randint(1, 3)))
    ending = dice.choice(("", "", "", dice.choice(_LETTERS), f"/{dice.randint(1, 9)}"))
    return f"{letters}{dice.choice('--- ')}{dice.randint(100, 99999)}{ending}".replace(" ", "")


def _variants(dice: random.Random, category: dict[str, Any]) -> list[tuple[str, str]]:
    first, second = (_WORDS[axis] for axis in category["axes"])
    ours = dice.sample(first, k=min(len(first), dice.randint(1, 4)))
    theirs = dice.sample(second, k=min(len(second), dice.randint(1, 3)))
    return [(one, other) for one in ours for other in theirs][:MAX_VARIANTS]
