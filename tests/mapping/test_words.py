"""Every class, cause and stock cause is explained in every language, and what can be cured says how."""

from __future__ import annotations

import pytest

from reconcile.mapping import (
    CLASS_CODES,
    LINK_CAUSES,
    MAPPING_CLASSES,
    Words,
    cause_words,
    class_words,
    stock_words,
)
from reconcile.mapping.words import CURES, cures_of
from reconcile.stock import STOCK_CAUSES
from reconcile.text import LANGUAGES, Text

EVERY = (
    *map(class_words, MAPPING_CLASSES),
    *map(cause_words, (*CLASS_CODES, *LINK_CAUSES)),
    *map(stock_words, STOCK_CAUSES),
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("words", EVERY, ids=lambda words: words.label)
def test_every_code_has_its_words(words: Words, lang: str) -> None:
    text = Text(lang)
    said = [text(key) for key in words if key is not None]
    assert len(set(said)) == len(said), "label, help and cure say different things"


def test_every_cause_has_a_cure() -> None:
    assert all(cause_words(code).cure for code in (*CLASS_CODES, *LINK_CAUSES))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_codes_share_a_label(lang: str) -> None:
    text = Text(lang)
    for area in ("mapping_class", "cause", "stock_cause"):
        labels = [text(words.label) for words in EVERY if words.label.startswith(f"{area}.")]
        assert len(set(labels)) == len(labels)


def test_causes_that_are_mended_alike_say_it_once_the_most_careful_first() -> None:
    assert cures_of(("width_kana", "space_ideographic", "case")) == ("cause_cure.copy",)
    assert cures_of(("width_kana", "number")) == ("cause_cure.compare",)
    assert cures_of(("invisible", "width_kana", "text")) == ("cause_cure.check", "cause_cure.clean")
    assert cures_of(("product_no",)) == ("cause.product_no.cure",)
    assert set(CURES) == set(CLASS_CODES)
