"""In which words two texts differ, where writing alone does not explain it: order, missing words, slips, figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import product

from rapidfuzz.distance import OSA

from reconcile.mapping.alignment import columns, stretches
from reconcile.mapping.normalize import spaced_key, tokens
from reconcile.mapping.phrases import AXES, MEANING_STEPS, in_figures, is_promo, meant
from reconcile.mapping.steps import needed

_LIKE = 0.5  # share of equal characters from which two words are taken for one word written in two ways [D]
_SPELT = 0.3  # the same where kana stand for kanji [D]
_CUTTABLE = 10  # characters; what is shorter was not cut off [D]
_PLACEHOLDERS = frozenset("?？〓□�")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_SIZE = re.compile("[xsml]{1,3}(?:サイズ)?", re.IGNORECASE)  # each a SKU of its own, never a slip
_FIGURES = re.compile(r"[\d.,/-]*\d")
_KANJI = re.compile("[一-龠々]")
_HIRAGANA = re.compile("[ぁ-ん]+")
_JAPANESE = re.compile("[一-龠々ぁ-ん]+")
_AXES = "|".join(sorted(map(re.escape, AXES), key=len, reverse=True))
_AXIS = re.compile(f"^(?:{_AXES})[:=]?|(?:{_AXES})$")
_STRAY_BLANK = re.compile("^ +| {2,}| +$")
_LETTER = re.compile(r"[^\W\d_]")

_Words = list[tuple[int, str]]
_Pairs = list[tuple[tuple[int, str], tuple[int, str]]]


def restored(left: str, right: str) -> tuple[str, str]:
    """Both texts, with what a file replaced by `?` or 〓 on one side put back from the other.

    Only characters outside JIS X 0208 are taken for lost: strict Shift_JIS refuses just those.
    """
    if _PLACEHOLDERS.isdisjoint(left + right):
        return left, right
    ours, theirs = "", ""
    for here in stretches(left, right):
        opposite = ((here.left, here.right),) if here.is_equal else columns(here.left, here.right)
        for one, other in opposite:
            ours += other if _is_lost(one, other) else one
            theirs += one if _is_lost(other, one) else other
    return ours, theirs


def _is_lost(one: str, other: str) -> bool:
    if not one or not other or not _PLACEHOLDERS.issuperset(one):
        return False
    return not any(map(_in_shift_jis, other))


def _in_shift_jis(char: str) -> bool:
    try:
        char.encode("shift_jis")
    except UnicodeError:
        return False
    return True


def wording(left: str, right: str) -> set[str]:
    """The classes by which the words of two texts differ; may be empty where only their borders do."""
    left, right = spaced_key(left), spaced_key(right)
    ours, theirs = list(enumerate(tokens(left))), list(enumerate(tokens(right)))
    found = {"truncated"} if _is_cut(left.strip(), right.strip()) else set()
    if len(_STRAY_BLANK.findall(left)) != len(_STRAY_BLANK.findall(right)):
        found.add("space_count")
    pairs = _taken(ours, theirs, lambda word: word)
    for key, code in ((meant, None), (_without_axis, "axis_label")):
        same = _taken(ours, theirs, key) if ours and theirs else []
        for one, other in same:
            found |= {code} if code else needed(one[1], other[1], MEANING_STEPS)
        pairs += same
    found |= _without_asides(ours) | _without_asides(theirs)
    found |= _figures(ours, theirs)
    rest, other_rest = ("".join(word for _, word in words) for words in (ours, theirs))
    if rest and other_rest and "number" not in found and meant(rest) == meant(other_rest):
        found |= needed(rest, other_rest, MEANING_STEPS)
    elif "truncated" not in found:
        same = _likest(ours, theirs)
        for one, other in same:
            found |= _between(one[1], other[1])
        pairs += same
        found |= _left_over(ours, theirs)
    return found | {"word_order"} if _is_out_of_order(pairs) else found


def _taken(ours: _Words, theirs: _Words, key: Callable[[str], str]) -> _Pairs:
    """The words of equal key, each once and in order; they leave both lists."""
    waiting: dict[str, list[tuple[int, str]]] = {}
    for other in theirs:
        waiting.setdefault(key(other[1]), []).append(other)
    pairs = []
    for one in ours.copy():
        same = waiting.get(key(one[1]))
        if same:
            other = same.pop(0)
            ours.remove(one)
            theirs.remove(other)
            pairs.append((one, other))
    return pairs


def _is_cut(left: str, right: str) -> bool:
    """Whether one side is the beginning of the other and ends inside a word, not merely one character short."""
    short, long = sorted((left, right), key=len)
    rest = long[len(short) :]
    return (
        long.startswith(short)
        and len(short) >= _CUTTABLE
        and len(rest) > 1
        and rest[0] not in " ,()/・"
    )


def _without_axis(word: str) -> str:
    return meant(_AXIS.sub("", word) or word)


def _without_asides(words: _Words) -> set[str]:
    """Takes axis labels and advertisements out of the list; gives the classes of what was taken."""
    found = set()
    for one in words.copy():
        kind = "axis_label" if one[1] in AXES else "promo" if is_promo(one[1]) else None
        if kind:
            words.remove(one)
            found.add(kind)
    return found


def _is_out_of_order(pairs: _Pairs) -> bool:
    places = [other for (_, _), (other, _) in sorted(pairs)]
    return places != sorted(places)


def _figures(ours: _Words, theirs: _Words) -> set[str]:
    mine, others = (
        Counter(figure for _, word in words for figure in _FIGURE.findall(in_figures(word)))
        for words in (ours, theirs)
    )
    return {"number"} if mine != others else set()


def _likest(ours: _Words, theirs: _Words) -> _Pairs:
    """The words that are most like each other, each once; they leave both lists."""
    likeness = sorted(
        (-_likeness(one[1], other[1]), one, other) for one, other in product(ours, theirs)
    )
    pairs = []
    for unlike, one, other in likeness:
        if unlike and one in ours and other in theirs:
            ours.remove(one)
            theirs.remove(other)
            pairs.append((one, other))
    return pairs


def _left_over(ours: _Words, theirs: _Words) -> set[str]:
    """What the words say that have no equal on the other side; figures are told apart."""
    spoken = [any(_LETTER.search(word) for _, word in words) for words in (ours, theirs)]
    return {"text"} if all(spoken) else {"omission"} if any(spoken) else set()


def _likeness(one: str, other: str) -> float:
    """Share of equal characters, 0 where two words are not like each other."""
    share = OSA.normalized_similarity(one, other)
    if one in other or other in one:
        return max(share, _LIKE)
    if share < _LIKE and (share < _SPELT or not _is_other_spelling(one, other)):
        return 0.0
    return share


def _between(one: str, other: str) -> set[str]:
    """Why two like words are not the same: another spelling, a slip, something missing, or other words."""
    one, other = (_FIGURES.sub("", in_figures(word)) for word in (one, other))
    if one == other:
        return set()
    if _is_other_spelling(one, other):
        return {"orthography"}
    if _SIZE.fullmatch(one) and _SIZE.fullmatch(other):
        return {"text"}
    short, long = sorted((one, other), key=len)
    if short in long and len(long) - len(short) > 1:
        return {"omission"}
    changed = "".join(here.left + here.right for here in stretches(one, other) if not here.is_equal)
    slips = 1 if len(long) < 5 else 2 if len(long) < 8 else 3
    is_slip = changed.isalnum() and not _KANJI.search(changed)
    return {"typo"} if is_slip and OSA.distance(one, other) <= slips else {"text"}


def _is_other_spelling(one: str, other: str) -> bool:
    """Whether kana stand for kanji, or come and go behind them: 畳み and たたみ, 取り付け and 取付."""
    return all(
        _is_spelling(here.left, here.right, one[: here.start][-1:])
        for here in stretches(one, other)
        if not here.is_equal
    )


def _is_spelling(one: str, other: str, before: str) -> bool:
    kana, kanji = (other, one) if _KANJI.search(one) else (one, other)
    if _KANJI.search(kanji):
        return bool(_HIRAGANA.fullmatch(kana) and _JAPANESE.fullmatch(kanji))
    return not (one and other) and bool(_HIRAGANA.fullmatch(one + other) and _KANJI.match(before))
