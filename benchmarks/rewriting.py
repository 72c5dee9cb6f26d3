"""How one text is written in another way: the pieces from which `noise` makes its classes. Pure and seeded."""

from __future__ import annotations

import random
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.shop import Product

Noise = Callable[[random.Random, Product], Product | None]
Change = Callable[[random.Random, str], str]

WORDS: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("noise.toml").read_text(encoding="utf-8")
)
HALF_KANA = {
    unicodedata.normalize("NFKC", half + mark): half + mark
    for half in map(chr, range(0xFF66, 0xFF9E))
    for mark in ("", "ﾞ", "ﾟ")
    if len(unicodedata.normalize("NFKC", half + mark)) == 1
}
_BRACKETS = ("()", "（）", "[]", "［］", "「」", "『』", "【】", "〔〕", "《》", "〈〉", "{}")
_SAME_BRACKETS = ({"()", "（）"}, {"[]", "［］"})  # differ in width only
CP932 = {before: before.encode("cp932").decode("cp932") for before in "〜−‖¢£¬"}


def somewhere(change: Change) -> Noise:
    """The change on one field that it can alter, the name more often than an attribute."""

    def noise(dice: random.Random, product: Product) -> Product | None:
        fields = ["name", "attr1", "attr2"]
        if dice.random() < 0.4:
            dice.shuffle(fields)
        for field in fields:
            before = getattr(product, field)
            after = change(dice, before) if before else ""
            if after not in ("", before):
                return product._replace(**{field: after})
        return None

    return noise


def replaced(pattern: str, other: Change) -> Noise:
    """What the pattern finds in other words, everywhere alike or in one place."""
    finder = re.compile(pattern)

    def change(dice: random.Random, text: str) -> str:
        found = list(finder.finditer(text))
        if found and dice.random() < 0.5:
            found = [dice.choice(found)]
        seed = dice.random()
        for one in reversed(found):
            text = text[: one.start()] + other(random.Random(seed), one[0]) + text[one.end() :]
        return text

    return somewhere(change)


def swapped(table: Mapping[str, str | Sequence[str]], *, before: str = "") -> Noise:
    """Signs for one of those that the table holds for them; `before`: what a look-behind demands."""
    signs = "|".join(map(re.escape, sorted(table, key=len, reverse=True)))
    return replaced(f"{before}(?:{signs})", lambda dice, found: dice.choice(table[found]))


def among(signs: str) -> dict[str, str]:
    """Each sign for any other of them, but not what CP932 makes of it: that is a class of its own."""
    return {
        one: "".join(other for other in signs if other not in (one, CP932.get(one)))
        for one in signs
        if one not in CP932.values()
    }


def paired(pairs: Iterable[Sequence[str]], *, before: str = "", back: float = 0.3) -> Noise:
    """One word for its partner, now and then the other way round; Latin words only where no letter is beside them.

    before: what a look-behind demands. A single sign without such a demand must be the whole text.
    """
    pairs = list(pairs)

    def pattern(word: str) -> str:
        edge = ("(?<![A-Za-z])", "(?![A-Za-z])") if word.isascii() else ("", "")
        edge = ("^", "$") if len(word) == 1 and not before else edge
        return f"{before}{edge[0]}{re.escape(word)}{edge[1]}"

    def change(dice: random.Random, text: str) -> str:
        for ours, theirs in dice.sample(pairs, k=len(pairs)):
            old, new = (theirs, ours) if dice.random() < back else (ours, theirs)
            found = re.search(pattern(old), text)
            if found:
                return text[: found.start()] + new + text[found.end() :]
        return text

    return somewhere(change)


def columns(rows: Sequence[str]) -> dict[str, str]:
    """Two rows of equal length as a table from the first to the second."""
    return dict(zip(*rows, strict=True))


def wide(_: random.Random, text: str) -> str:
    """ASCII signs in full width."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def space_count(dice: random.Random, text: str) -> str:
    """A blank more, twice, at an edge, or gone, but never one that keeps two figures apart."""
    way = dice.choice(("double", "drop", "edge", "insert"))
    places = [place for place, char in enumerate(text) if char == " "]
    if way == "insert" or not places:
        places = range(len(text) + 1)  # type: ignore[assignment]
    place = len(text) if way == "edge" else dice.choice(places)
    if way == "drop" and text[place : place + 1] == " ":
        after = text[:place] + text[place + 1 :]
    else:
        after = text[:place] + " " * dice.randint(1, 2) + text[place:]
    around = after[max(place - 1, 0) : place + 3]
    return text if re.search(r"\d *\d", around) else after  # figures that melt are other figures


def inserted(signs: str) -> Change:
    """One or two of the signs somewhere in the text."""

    def change(dice: random.Random, text: str) -> str:
        for _ in range(dice.choice((1, 1, 2))):
            place = dice.randint(0, len(text))
            text = text[:place] + dice.choice(signs) + text[place:]
        return text

    return change


def brackets(dice: random.Random, text: str) -> str:
    """One pair of brackets in another style; a pair that differs in width only is not another style."""
    for ours in dice.sample(_BRACKETS, k=len(_BRACKETS)):
        if ours[0] in text and ours[1] in text:
            same = next((both for both in _SAME_BRACKETS if ours in both), {ours})
            theirs = dice.choice([one for one in _BRACKETS if one not in same])
            return text.replace(ours[0], theirs[0]).replace(ours[1], theirs[1])
    return text


def bracket_add(dice: random.Random, text: str) -> str:
    """A word with brackets around it, or without those it had."""
    found = re.search(r"[【「\[(]([^】」\])]+)[】」\])]", text)
    if found and dice.random() < 0.5:
        return f"{text[: found.start()]}{found[1]}{text[found.end() :]}"
    words = text.split(" ")
    place = dice.randrange(len(words))
    if words[place] and not set(words[place]) & set("【】「」[]()-"):
        left, right = dice.choice((("(", ")"), ("（", "）"), ("【", "】"), ("「", "」")))
        words[place] = left + words[place] + right
    return " ".join(words)


def separator(dice: random.Random, text: str) -> str:
    """Another separator between two words, not beside figures."""
    places = [one.start() for one in re.finditer(r"(?<=[^\d\W])[ /・](?=[^\d\W])", text)]
    if not places:
        return text
    place = dice.choice(places)
    return text[:place] + dice.choice("/・|:_".replace(text[place], "")) + text[place + 1 :]


def in_words(change: Callable[[random.Random, list[str]], list[str]]) -> Noise:
    """The change on the words of one field, where it has several."""

    def of_text(dice: random.Random, text: str) -> str:
        words = text.split(" ")
        return " ".join(change(dice, words)) if len(words) > 1 else text

    return somewhere(of_text)


def reordered(dice: random.Random, words: list[str]) -> list[str]:
    """One word in another place."""
    moved, place = dice.sample(range(len(words)), k=2)
    rest = words[:moved] + words[moved + 1 :]
    return [*rest[:place], words[moved], *rest[place:]]


def omitted(dice: random.Random, words: list[str]) -> list[str]:
    """Without one word; words with figures stay."""
    places = [place for place, word in enumerate(words) if not re.search(r"\d", word)]
    place = dice.choice(places) if places else len(words)
    return words[:place] + words[place + 1 :]


def added(dice: random.Random, text: str) -> str:
    """With one word more, in front or at the end."""
    word = dice.choice(WORDS["added"])
    return dice.choice((f"{text} {word}", f"{word} {text}"))


def promo(dice: random.Random, text: str) -> str:
    """With an advertisement more, or without the one it begins with."""
    found = re.match("【[^】]*】", text)
    if found and dice.random() < 0.5:
        return text[found.end() :]
    sign = dice.choice(WORDS["promos"])
    return sign + text if dice.random() < 0.7 else text + sign


def truncated(dice: random.Random, text: str) -> str:
    """Cut off somewhere in its last 40 %."""
    return text[: dice.randint(len(text) * 6 // 10, len(text) - 2)] if len(text) > 12 else text


def typo(dice: random.Random, text: str) -> str:
    """One slip of the fingers inside a katakana word: another sign, one missing, one too many, two turned round."""
    places = [one.start() for one in re.finditer("(?<=[ァ-ヴー])[ァ-ヴ]", text)]
    if not places:
        return text
    place = dice.choice(places)
    char, rest = text[place], text[place + 1 :]
    other = dice.choice("アイカキサシスタテトナニノヒマミムモラリルレン".replace(char, ""))
    way = dice.choice(("other", "missing", "extra", "turned"))
    if way == "turned" and re.match("[ァ-ヴ]", rest):
        return text[:place] + rest[0] + char + rest[1:]
    return text[:place] + {"missing": "", "extra": char + other}.get(way, other) + rest


def twice(dice: random.Random, text: str) -> str:
    """Two slips."""
    return typo(dice, typo(dice, text))


def typo_attr(dice: random.Random, product: Product) -> Product | None:
    """A slip in an attribute."""
    for field in ("attr1", "attr2"):
        before = getattr(product, field)
        after = typo(dice, before)
        if after != before:
            return product._replace(**{field: after})
    return None


def attr_order(_: random.Random, product: Product) -> Product | None:
    """Attributes the other way round."""
    swapped = product._replace(attr1=product.attr2, attr2=product.attr1)
    return swapped if product.attr2 and product.attr1 != product.attr2 else None


def axis_label(dice: random.Random, product: Product) -> Product | None:
    """An attribute with its axis in front: `サイズ:M`."""
    if not product.attr1:
        return None
    field, label = "attr1", dice.choice(WORDS["labels"][0])
    if product.attr2 and dice.random() < 0.5:
        field, label = "attr2", dice.choice(WORDS["labels"][1])
    return product._replace(**{field: f"{label}{dice.choice(':：=')}{getattr(product, field)}"})


def comma(dice: random.Random, product: Product) -> Product | None:
    """Attributes joined by another comma, as one text."""
    joined = f"{product.attr1}{dice.choice('，、､')}{product.attr2}"
    return product._replace(attr1=joined, attr2="") if product.attr2 else None


def one_attr(dice: random.Random, product: Product) -> Product | None:
    """A single attribute with a loose comma."""
    if not product.attr1 or product.attr2:
        return None
    return product._replace(attr1=dice.choice((product.attr1 + ",", "," + product.attr1)))


def figures(_: random.Random, found: str) -> str:
    """Ⅱ as II, ① as 1, 3 as 三; a thousands separator or a needless .0 falls away."""
    signs = {"Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "①": "1", "②": "2", ",": "", ".0": ""}
    return signs[found] if found in signs else columns(WORDS["characters"]["figures"])[found]


def hiragana(_: random.Random, run: str) -> str:
    """カップ as かっぷ."""
    return "".join(chr(ord(one) - 0x60) if one != "ー" else one for one in run)


def on_name(change: Change) -> Noise:
    """The change on the name alone."""
    return lambda dice, product: _renamed(product, change(dice, product.name))


def _renamed(product: Product, name: str) -> Product | None:
    return product._replace(name=name) if name not in ("", product.name) else None
