"""When two texts count as the same name: ordered steps, each removing one named class of difference.

Pure. The raw text is never changed; keys only rank and explain, an exact link is decided on raw text alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reconcile.mapping import characters as chars
from reconcile.mapping.steps import Step


def _drop_invisible(char: str) -> str:
    return "" if chars.is_invisible(char) else char


def _exotic(char: str) -> str:
    return " " if char in chars.EXOTIC_BLANKS else char


def _table(table: dict[str, str]) -> Callable[[str], str]:
    return lambda char: table.get(char, char)


# Steps that look at one character at a time, in order. [D] the classes; the tables hold their members.
_BY_CHARACTER: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("cp932_change", _table(chars.CP932_CHANGES)),
    ("invisible", _drop_invisible),
    ("space_exotic", _exotic),
    ("space_ideographic", _table({chars.IDEOGRAPHIC_BLANK: " "})),
    ("unit", chars.plain_unit),
    ("compat", chars.plain_form),
    ("width_alnum", chars.narrow_alnum),
    ("width_symbol", chars.narrow_symbol),
    ("kanji_variant", chars.plain_kanji),
    ("hyphen_variant", _table(chars.HYPHENS)),
    ("wave_dash", _table(chars.WAVES)),
    ("middle_dot", _table(chars.MIDDLE_DOTS)),
    ("quote", _table(chars.QUOTES)),
    ("bracket_style", _table(chars.BRACKETS)),
    ("comma", _table(chars.COMMAS)),
    ("times_sign", _table(chars.TIMES)),
    ("case", str.lower),
)

_HALF_KANA = re.compile("[ｦ-ﾟ]+")
_NUMERAL = re.compile(
    f"(?<![{chars.NUMERALS}\\d])[{chars.NUMERALS}](?![{chars.NUMERALS}\\d])|[{chars.ROMAN}]"
)
_BLANK = f"[ {chars.IDEOGRAPHIC_BLANK}{re.escape(chars.EXOTIC_BLANKS)}]"
_BLANKS = re.compile(f"{_BLANK}+")
_KEPT_OR_DROPPED = re.compile(f"((?<=\\d){_BLANK}+(?=\\d))|{_BLANK}+")
_KEPT = re.compile(f"\\d{_BLANK}+\\d")
_ENTITY = re.compile("&(?:amp;)*(quot|apos|#34|#39|#x27);|&(?:amp;)+", re.IGNORECASE)
_DASHES = re.escape("-" + "".join(chars.HYPHENS) + "ーｰ")
_DASH_RUN = re.compile(f"((?<=[{chars.KANA}])[{_DASHES}]+)|[{_DASHES}]+")


def _half_kana(text: str) -> str:
    return _HALF_KANA.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)


def _numeral(text: str) -> str:
    return _NUMERAL.sub(lambda sign: chars.number_of(sign[0]), text)


def _space_count(text: str) -> str:
    """Without blanks, except that one stays between two digits: 2 3 is not 23."""
    if not _KEPT.search(text):
        return _BLANKS.sub("", text)
    return _KEPT_OR_DROPPED.sub(lambda run: " " if run[1] else "", text)


def _entity(text: str) -> str:
    if "&" not in text:
        return text
    return _ENTITY.sub(
        lambda one: {"": "&", "quot": '"', "#34": '"'}.get((one[1] or "").lower(), "'"), text
    )


def _compose(text: str) -> str:
    if not text.isascii() and ("\u309b" in text or "\u309c" in text):
        text = text.translate(_SPACING_MARKS)
    return unicodedata.normalize("NFC", text)


def _choon(text: str) -> str:
    """Any dash after kana is a long vowel mark; a long vowel mark after anything else is a hyphen."""
    return _DASH_RUN.sub(_dashes, text)


def _dashes(run: re.Match[str]) -> str:
    return "ー" * len(run[0]) if run[1] else run[0].replace("ー", "-").replace("ｰ", "-")


_IN_CONTEXT = (
    Step("width_kana", _half_kana),
    Step("numeral", _numeral),
    Step("space_count", _space_count),
    Step("entity", _entity),
    Step("nfd", _compose),
    Step("choon_symbol", _choon),
)


def _by_character(code: str, rule: Callable[[str], str]) -> Step:
    table = chars.Lazy(rule)
    return Step(code, lambda text: text.translate(table), table.idle)


def _through(rules: tuple[tuple[str, Callable[[str], str]], ...]) -> Callable[[str], str]:
    def rule(char: str) -> str:
        for _, one in rules:
            char = "".join(map(one, char))
        return char

    return rule


_SPACING_MARKS = {ord(mark): combining for mark, combining in chars.SPACING_MARKS.items()}
_ALL_CHARACTERS = chars.Lazy(_through(_BY_CHARACTER))
CANONICAL_STEPS: tuple[Step, ...] = (
    *(_by_character(code, rule) for code, rule in _BY_CHARACTER),
    *_IN_CONTEXT,
)

_MARKS = re.escape("".join(chr(p) for p in range(0x21, 0xFFFF) if chars.is_mark(chr(p))))
_LOOSE_MARKS = re.compile(f"(?<![\\d{_MARKS}])[{_MARKS}]+|[{_MARKS}]+(?![\\d{_MARKS}])")
_ATTR_SEPARATOR = re.compile("[,/・|]")  # what people write between two attributes [I]
_BETWEEN = re.compile(f"[{_MARKS} ]+")
_KANJI_ONE = re.compile("(?<=[ァ-ヺ])一")
_V_SOUND = re.compile("ヴ[アイエオァィェォ]?")


def _attr_order(text: str) -> str:
    parts = _ATTR_SEPARATOR.split(text)
    return ",".join(sorted(parts)) if len(parts) == 2 else text


_LOOSE_BY_CHARACTER: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("homoglyph", _table(dict(chars.HOMOGLYPHS))),
    ("kana_script", chars.katakana),
    ("kana_small", _table(dict(chars.SMALL_KANA))),
    ("choon_drop", _table({"ー": ""})),
    ("kana_variant", _table(chars.KANA_VARIANTS)),
)


def _kanji_one(text: str) -> str:
    return _KANJI_ONE.sub("ー", text) if "一" in text else text


def _v_sounds(text: str) -> str:
    """ヴァ -> バ, ヴ -> ブ."""
    return _V_SOUND.sub(lambda one: chars.V_SOUNDS[one[0]], text) if "ヴ" in text else text


_BORDERS = re.compile("[ ()~]")
_NO_BRACKETS = dict.fromkeys(map(ord, (*chars.BRACKETS, *"()")))


def _without_brackets(marks: re.Match[str]) -> str:
    return marks[0].translate(_NO_BRACKETS)


# Steps after the canonical ones: what they join is shown to a person, never linked by itself.
_FOLDING = (
    Step("one_attr", lambda text: text.strip(",")),
    Step("homoglyph", _kanji_one),
    *(_by_character(code, rule) for code, rule in _LOOSE_BY_CHARACTER),
    Step("kana_variant", _v_sounds),
)
_MARKING = (
    Step("bracket_add", lambda text: _LOOSE_MARKS.sub(_without_brackets, _space_count(text))),
    Step("separator", lambda text: _LOOSE_MARKS.sub("", _space_count(text))),
)
LOOSE_STEPS: tuple[Step, ...] = (*_FOLDING, *_MARKING)
ORDER_STEPS: tuple[Step, ...] = (*_FOLDING, Step("attr_order", _attr_order), *_MARKING)
# What parts the words, also between digits; it explains texts of the same words and no key uses it.
BORDER_STEPS: tuple[Step, ...] = (
    Step("bracket_add", lambda text: text.translate(_NO_BRACKETS)),
    Step("separator", lambda text: _BETWEEN.sub("", text)),
)
_LOOSE_CHARACTERS = chars.Lazy(_through(_LOOSE_BY_CHARACTER))


def canonical_key(text: str) -> str:
    """The text after every canonical step; two texts with equal keys differ in writing only. Applying it twice changes nothing.

    Digits never melt together: a blank between two digits stays, as does any mark between them.
    """
    text = text.translate(_ALL_CHARACTERS)
    if text.isascii() and " " not in text and "&" not in text:
        return text
    for step in _IN_CONTEXT:
        text = step.apply(text)
    return text


def skeleton_key(text: str) -> str:
    """The canonical key without punctuation (except between digits) and ー, kana folded.

    Names with equal skeletons belong before a person: they are often, not always, the same product.
    """
    return _LOOSE_MARKS.sub("", _folded(canonical_key(text)))


def spaced_key(text: str) -> str:
    """The canonical key with every blank of the text as a half-width one."""
    text = text.translate(_ALL_CHARACTERS)
    for step in _IN_CONTEXT:
        if step.code != "space_count":
            text = step.apply(text)
    return text


def tokens(spaced: str) -> list[str]:
    """The words of a spaced key, parted at blanks, brackets and waves, and at other marks that are not between digits."""
    return [word for part in _BORDERS.split(spaced) for word in _LOOSE_MARKS.split(part) if word]


def order_key(text: str) -> str:
    """The skeleton with the two attributes of `属性1,属性2` in a fixed order: equal for a swapped pair."""
    return _LOOSE_MARKS.sub("", _attr_order(_folded(canonical_key(text))))


@dataclass(frozen=True, slots=True)
class Keys:
    """The three keys of one text, from the strictest to the loosest."""

    canonical: str
    skeleton: str
    order: str


def keys_of(texts: Iterable[str]) -> dict[str, Keys]:
    """The keys of every distinct text."""
    known: dict[str, Keys] = {}
    found: dict[str, Keys] = {}
    for text in set(texts):
        key = canonical_key(text)
        if key not in known:
            folded = _folded(key)
            skeleton = _LOOSE_MARKS.sub("", folded)
            swapped = _attr_order(folded)
            order = skeleton if swapped == folded else _LOOSE_MARKS.sub("", swapped)
            known[key] = Keys(key, skeleton, order)
        found[text] = known[key]
    return found


def _folded(key: str) -> str:
    return _v_sounds(_kanji_one(key.strip(",")).translate(_LOOSE_CHARACTERS))
