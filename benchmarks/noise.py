"""Ways in which the same product is written differently, one function per class, with ground truth and traps.

Pure and seeded. Knows nothing of the product: its tables are its own, so that what the product finds can be judged.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from benchmarks import rewriting as way
from benchmarks.rewriting import Noise
from benchmarks.shop import Product, shop

__all__ = ["MECHANICAL", "NOISE", "TRAPS", "Pairing", "Product", "noisy_pair", "shop"]

TRAPS = ("unlisted_item", "unlisted_variant", "other_number")
_KATAKANA = "[ァ-ヴー]*[ァ-ヴ][ァ-ヴー]*"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\ufe0f\u202a\U000e0100\u3164"
_CHARACTERS = way.WORDS["characters"]
_VOICED = "[が-ぢづ-どば-ぽゔガ-ヂヅ-ドバ-ポヴéè]"
_ENTITIES = {"&": "&amp;", '"': "&quot;", "'": "&#39;"}

MECHANICAL: Mapping[
    str, Noise
] = {  # other characters for the same thing: nothing has to be understood
    "width_alnum": way.replaced("[A-Za-z0-9]+", way.wide),
    "width_kana": way.replaced(
        _KATAKANA, lambda _, run: "".join(way.HALF_KANA.get(one, one) for one in run)
    ),
    "width_symbol": way.replaced(r"[()\[\]/+%!:#&?.]|(?<=[A-Z0-9])-", way.wide),
    "space_ideographic": way.swapped({" ": "\u3000"}),
    "space_count": way.somewhere(way.space_count),
    "space_exotic": way.swapped({" ": "\u00a0\u2002\u2003\u2009\u202f\u205f\t"}),
    "invisible": way.somewhere(way.inserted(_INVISIBLE)),
    "case": way.replaced("[A-Za-z]+", lambda _, run: run.swapcase()),
    "choon_symbol": way.swapped({"ー": "-‐−―–—－─"}, before="(?<=[ァ-ヴ])"),
    "hyphen_variant": way.swapped({"-": "‐–−—‑"}, before="(?<![ァ-ヴーぁ-ん])"),
    "wave_dash": way.swapped(way.among("〜～~∼")),
    "nfd": way.replaced(_VOICED, lambda _, char: unicodedata.normalize("NFD", char)),
    "bracket_style": way.somewhere(way.brackets),
    "quote": way.swapped({"'": "’‘′", '"': "”“″", "“": '"〝', "”": '"〞'}),
}
OTHER: Mapping[str, Noise] = {
    "middle_dot": way.swapped({"・": "･·•‧"}),
    "times_sign": way.swapped({"×": "xx✕✖"}),
    "comma": way.comma,
    "entity": way.swapped({one: [word] for one, word in _ENTITIES.items()}),
    "cp932_change": way.swapped({one: [other] for one, other in way.CP932.items()}),
    "compat": way.paired(way.WORDS["compat"]),
    "kanji_variant": way.swapped(way.columns(_CHARACTERS["kanji"])),
    "numeral": way.replaced(
        r"[Ⅱ-Ⅳ①②]|(?<=\d)\.0(?=cm)|(?<=\d),(?=000|200)|(?<![\d.-])[2-9](?=[枚本個人足冊])",
        way.figures,
    ),
    "unit": way.paired(way.WORDS["units"], before=r"(?<=\d)"),
    "one_attr": way.one_attr,
    "homoglyph": way.swapped(way.columns(_CHARACTERS["look_alikes"])),
    "kana_small": way.swapped(way.columns(_CHARACTERS["small_kana"])),
    "kana_variant": way.paired(way.WORDS["kana_variants"]),
    "kana_script": way.replaced("[ァ-ヴ][ァ-ヴー]+", way.hiragana),
    "choon_drop": way.replaced("(?<=[ァ-ヴ])ー", lambda *_: ""),
    "separator": way.somewhere(way.separator),
    "bracket_add": way.somewhere(way.bracket_add),
    "attr_order": way.attr_order,
    "axis_label": way.axis_label,
    "promo": way.on_name(way.promo),
    "word_order": way.in_words(way.reordered),
    "synonym": way.paired(way.WORDS["synonyms"]),
    "orthography": way.paired(way.WORDS["orthography"]),
    "added": way.on_name(way.added),
    "omission": way.in_words(way.omitted),
    "truncated": way.on_name(way.truncated),
    "cp932_lost": way.swapped(dict.fromkeys("é髙﨑①Ⅱ™", "?〓")),
    "typo": way.on_name(way.typo),
    "typo_twice": way.on_name(way.twice),
    "typo_attr": way.typo_attr,
}
NOISE: Mapping[str, Noise] = {**MECHANICAL, **OTHER}
_DRAWN = (*MECHANICAL, *MECHANICAL, *OTHER)  # mechanical differences are the more frequent ones [D]
_MORE = (1, 1, 1, 1, 2, 2, 3)  # classes in one noisy pair [D]
_OLD = ("旧", "(旧型)", "旧パッケージ", "B品", "アウトレット")


class Pairing(NamedTuple):
    """Two sides of one shop in random order, and what is true about them.

    truth: left id -> right id of the same product. traps: left id -> why there is none (one of TRAPS).
    noise: left id -> the classes by which its counterpart differs, () where the texts are equal.
    """

    left: list[Product]
    right: list[Product]
    truth: dict[str, str]
    traps: dict[str, str]
    noise: dict[str, tuple[str, ...]]


def noisy_pair(dice: random.Random, products: Sequence[Product], *, exact_share: float) -> Pairing:
    """The products on the left, and what a careless warehouse made of them on the right.

    exact_share of those that have a counterpart are equal to it. About a tenth of the left is a trap: the item, its
    variant, or its figures are not on the right. About one in thirty has a legacy twin there (`旧`, `B品`) that is another SKU.
    """
    pairing = Pairing([], [], {}, {}, {})
    taken = {_plain(product) for product in products}
    for _, variants in groupby(products, key=lambda product: product.name):
        item = list(variants)
        unlisted = dice.random() < 0.04
        for product in item:
            pairing.left.append(product)
            trap = "unlisted_item" if unlisted else _trap(dice, len(item))
            if trap == "other_number":
                other = _other_number(dice, product)
                trap = trap if other and _plain(other) not in taken else ""
            if trap == "":
                other, classes = _written(dice, product, taken, exact=dice.random() < exact_share)
                pairing.noise[product.id] = classes
            if trap in ("", "other_number"):
                assert other is not None
                _list(pairing, product.id, other, is_same=trap == "")
            if trap:
                pairing.traps[product.id] = trap
            elif dice.random() < 0.03:
                _list(pairing, product.id, _twin(dice, product), is_same=False)
    dice.shuffle(pairing.left)
    dice.shuffle(pairing.right)
    return pairing


def _list(pairing: Pairing, ours: str, other: Product, *, is_same: bool) -> None:
    number = f"S{len(pairing.right):07d}"
    pairing.right.append(other._replace(id=number))
    if is_same:
        pairing.truth[ours] = number


def _trap(dice: random.Random, variants: int) -> str:
    chance = dice.random()
    if chance < 0.04:
        return "unlisted_variant" if variants > 1 else "unlisted_item"
    return "other_number" if chance < 0.07 else ""


def _written(
    dice: random.Random, product: Product, taken: set[str], *, exact: bool
) -> tuple[Product, tuple[str, ...]]:
    """The product in other writing that is nobody else's text, and the classes of it."""
    classes: list[str] = []
    other = product
    wanted = 0 if exact else dice.choice(_MORE)
    while len(classes) < wanted:
        name = dice.choice(_DRAWN)
        changed = NOISE[name](dice, other) if name not in classes else None
        if changed is None or changed == product:
            continue  # not for this product, or it undoes what was done before
        if _plain(changed) == _plain(product) or _plain(changed) not in taken:
            other = changed
            classes.append(name)
    return other, tuple(classes)


def _plain(product: Product) -> str:
    """The texts without width, case, blanks and marks: what must not become another product's."""
    text = unicodedata.normalize("NFKC", " ".join(product[1:])).lower()
    return "".join(char for char in text if char.isalnum())


def _other_number(dice: random.Random, product: Product) -> Product | None:
    """The same name with another figure in it: another size, content or model."""
    places = [one.start() for one in re.finditer(r"\d", product.name)]
    if not places:
        return None
    place = dice.choice(places)
    figure = dice.choice("123456789".replace(product.name[place], ""))
    return product._replace(name=product.name[:place] + figure + product.name[place + 1 :])


def _twin(dice: random.Random, product: Product) -> Product:
    mark = dice.choice(_OLD)
    return product._replace(name=dice.choice((f"{mark} {product.name}", f"{product.name} {mark}")))
