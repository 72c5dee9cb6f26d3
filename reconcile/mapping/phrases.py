"""Words that say the same, as steps: units, numerals, synonyms, spellings, sounds. They explain a pair, they never link one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from importlib import resources
from typing import Any

from reconcile.mapping.normalize import CANONICAL_STEPS, LOOSE_STEPS, canonical_key
from reconcile.mapping.steps import Step, through

_WORDS: Mapping[str, Any] = tomllib.loads(
    resources.files("reconcile.mapping").joinpath("vocabulary.toml").read_text("utf-8")
)
AXES: frozenset[str] = frozenset(map(canonical_key, _WORDS["axes"]))
_UNITS: Mapping[str, Sequence[str]] = _WORDS["units"]


def _alternatives(words: Iterable[str]) -> str:
    """The words as one pattern, longest first; Latin ones only where no letter is beside them."""
    return "|".join(
        rf"(?<![a-z]){re.escape(word)}(?![a-wyz])" if word[0].isascii() else re.escape(word)
        for word in sorted(words, key=len, reverse=True)
    )


def _same(groups: Iterable[Sequence[str]]) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of every word of the groups, also without its ー as folded texts have it, and each word's first of group."""
    first = {
        form: group[0]
        for group in groups
        for word in group
        for form in (word.replace("ー", ""), word)
    }
    return re.compile(_alternatives(first), re.IGNORECASE), first


_SYNONYM, _FIRST_SYNONYM = _same(_WORDS["synonyms"])
_SPELLING, _FIRST_SPELLING = _same(_WORDS["spellings"])
_PROMO = re.compile("|".join(f"(?:{pattern})" for pattern in _WORDS["promos"]), re.IGNORECASE)
_QUANTITY = re.compile(rf"(\d+(?:\.\d+)?) ?({_alternatives(_UNITS)})(?![a-wyz])", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])")
_WHOLE = re.compile(r"(?<![\d.])(\d+)\.0+(?![\d.])")
_ROMAN = re.compile("(?<![a-z])(?:i{2,3}|iv|vi{1,3}|ix)(?![a-z])", re.IGNORECASE)
_ROMAN_VALUES = {"ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
_KANJI_FIGURE = re.compile(
    "[一二三四五六七八九十](?=[枚本個人段組点足着色台袋箱冊粒食回号型種世代年ヶケか月日つ畳])"
)
_SOUNDS = {
    sound: plain
    for pair in [
        "ティ チ",
        "ディ ジ",
        "デュ ジユ",
        "ファ ハ",
        "フィ ヒ",
        "フェ ヘ",
        "フォ ホ",
        "ジェ ゼ",
        "シェ セ",
        "チェ チ",
        "トゥ ツ",
        "ウィ ウイ",
        "ウェ ウエ",
        "ウォ ウオ",
        "クォ コ",
    ]
    for sound, plain in [pair.split()]
} | {before + "ヤ": before + "ア" for before in "イキシチニヒミリギジビピエケセテネヘメレ"}
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))


def _units(text: str) -> str:
    """Quantities in one unit of their kind: 1.5L as 1500ml, 30センチ as 300mm."""

    def counted(found: re.Match[str]) -> str:
        unit, size = _UNITS[found[2].lower()]
        return f"{(Decimal(found[1]) * Decimal(size)).normalize():f}{unit}"

    return _QUANTITY.sub(counted, text)


def _numerals(text: str) -> str:
    """Figures as plain digits: 1,000 as 1000, 23.0 as 23, 三枚 as 3枚, II as 2."""
    text = _THOUSANDS.sub(lambda one: one[0].replace(",", ""), text)
    text = _WHOLE.sub(lambda one: one[1], text)
    text = _ROMAN.sub(lambda one: str(_ROMAN_VALUES[one[0].lower()]), text)
    return _KANJI_FIGURE.sub(lambda one: str("一二三四五六七八九十".index(one[0]) + 1), text)


def _sounds(text: str) -> str:
    return _SOUND.sub(lambda one: _SOUNDS[one[0]], text)


def _synonyms(text: str) -> str:
    return _SYNONYM.sub(lambda one: _FIRST_SYNONYM[one[0].lower()], text)


def _spellings(text: str) -> str:
    return _SPELLING.sub(lambda one: _FIRST_SPELLING[one[0].lower()], text)


def is_promo(token: str) -> bool:
    """Whether a token says nothing but an advertisement: `送料無料`, `ポイント10倍`."""
    return _PROMO.fullmatch(token) is not None


PHRASE_STEPS: tuple[Step, ...] = (
    Step("numeral", _numerals),
    Step("unit", _units),
    Step("orthography", _spellings),
    Step("synonym", _synonyms),
    Step("kana_variant", _sounds),
)
# Meaning before folding: what is folded is no word any more.
MEANING_STEPS: tuple[Step, ...] = (*CANONICAL_STEPS, *PHRASE_STEPS, *LOOSE_STEPS)
_COUNTING = PHRASE_STEPS[:2]


def meant(text: str) -> str:
    """The text after every step of writing and of meaning; equal ones may mean the same, but nothing says they do."""
    return through(canonical_key(text), (*PHRASE_STEPS, *LOOSE_STEPS))


def in_figures(text: str) -> str:
    """The text with its figures in plain digits and common units, so that 1L and 1,000ml have the same figure."""
    return through(text, _COUNTING)
