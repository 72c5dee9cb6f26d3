"""A candidate in words: what differs in meaning comes first, and nothing that differs is called the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconcile.mapping.decisions import Candidate, MappingCase
from reconcile.mapping.told import candidate_told

CASE = MappingCase(
    account="a",
    case_key="cm|T-1|白|S",
    version="1",
    state="near_miss",
    item_code="T-1",
    attribute1_name="ホワイト",
    attribute2_name="Sサイズ",
    item_name="今治タオル 60cm",
    option_text="ホワイト,Sサイズ",
    sku_no=None,
    ss_product_no=None,
    ss_product_name=None,
    ss_option_text=None,
    causes=(),
    waiting_orders=0,
    waiting_shops=(),
    decision="open",
    decided="open",
    decided_by=None,
    decided_at=None,
    why=None,
    fix=None,
    chosen=None,
    arrival=None,
    candidates=(),
    rejected=(),
    crossmall_seen_at=None,
    smartship_seen_at=None,
)
SAME = Candidate(
    sku_no="1",
    product_no="T-1",
    product_name="今治タオル 60cm",
    option_text="ホワイト,Sサイズ",
    source="mapping",
    score=100.0,
    parts={"name": 100.0, "option": 100.0, "number": 100.0, "step": "number"},
    causes=(),
    decision="review",
    is_linked_elsewhere=False,
    smartship_seen_at=None,
)


def codes(**changed: object) -> list[str]:
    return [part.code for part in candidate_told(CASE, replace(SAME, **changed))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ["name_same", "option_same"]),
        ({"product_name": "今治ﾀｵﾙ 60cm"}, ["name_written", "option_same"]),
        ({"product_name": "今治タオル 80cm"}, ["name_number", "option_same"]),
        ({"product_no": "T-2"}, ["product_no", "name_same", "option_same"]),
        ({"option_text": "ブラック,Sサイズ"}, ["attribute_other", "name_same"]),
        ({"option_text": "ホワイト,Mサイズ"}, ["attribute_other", "name_same"]),
        ({"option_text": "ホワイト"}, ["attribute_alone", "name_same"]),
        ({"product_name": None}, ["name_unknown", "option_same"]),
        (
            {"product_name": "炊飯器", "parts": {"name": 10.0}},
            ["name_number", "name_other", "option_same"],
        ),
    ],
)
def test_each_difference_has_its_part_of_the_sentence(
    changed: dict[str, object], said: list[str]
) -> None:
    assert codes(**changed) == said


def test_the_attribute_that_differs_is_named_with_both_texts() -> None:
    first = candidate_told(CASE, replace(SAME, option_text="ブラック,Sサイズ"))[0]
    assert (first.ours, first.theirs) == ("ホワイト", "ブラック")


def test_another_writing_says_how_it_differs() -> None:
    first = candidate_told(CASE, replace(SAME, product_name="今治ﾀｵﾙ 60cm"))[0]
    assert first.classes == ("width_kana",)
