"""Where the texts stand that say what a class, a cause or a stock cause means: keys, never words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

_CODES_OF_CURES = {
    "copy": (
        "space_ideographic unit compat width_alnum width_symbol kanji_variant hyphen_variant wave_dash middle_dot"
        " quote bracket_style times_sign case width_kana numeral space_count choon_symbol"
    ),
    "paste": "cp932_change cp932_lost",
    "clean": "invisible space_exotic nfd entity homoglyph",
    "check": (
        "kana_script kana_small choon_drop kana_variant bracket_add separator orthography synonym word_order omission"
        " typo text"
    ),
    "compare": "number",
    "option": "comma attr_order axis_label",
    "one_attr": "one_attr",
    "promo": "promo",
    "full": "truncated",
}
CURES: Mapping[str, str] = {
    code: cure for cure, codes in _CODES_OF_CURES.items() for code in codes.split()
}  # class of difference -> how it is mended [D]


_COPY = "cause_cure.copy"
_CAREFUL = {"cause_cure.check", "cause_cure.compare"}


class Words(NamedTuple):
    """Keys into the texts. cure is None where the class alone does not say what to do."""

    label: str
    help: str
    cure: str | None = None


def class_words(code: str) -> Words:
    """The words of a class of MAPPING_CLASSES."""
    return Words(f"mapping_class.{code}", f"mapping_class.{code}.help")


def cause_words(code: str) -> Words:
    """The words of a cause: one of CLASS_CODES or LINK_CAUSES. Causes that are mended alike share their cure."""
    cure = f"cause_cure.{CURES[code]}" if code in CURES else f"cause.{code}.cure"
    return Words(f"cause.{code}", f"cause.{code}.help", cure)


def stock_words(code: str) -> Words:
    """The words of a stock cause of STOCK_CAUSES."""
    return Words(f"stock_cause.{code}", f"stock_cause.{code}.help")


def cures_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Where the cures of several causes stand, the most careful first, each once.

    Where it is not sure that both texts mean one product, copying alone is no advice.
    """
    cures = dict.fromkeys(str(cause_words(code).cure) for code in reversed(tuple(codes)))
    if cures.keys() & _CAREFUL:
        cures.pop(_COPY, None)
    return tuple(cures)
