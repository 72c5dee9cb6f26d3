"""A finding in words: Japan time, counts with separators, differing characters by name."""

from __future__ import annotations

import json

import pytest

from reconcile.orders import difference
from reconcile.rules import explain
from reconcile.text import LANGUAGES
from tests.rules.order_cases import INSTEAD, NEARLY, phase_list, shipped
from tests.rules.world import SHIPPED, World


def test_times_are_shown_in_japan_and_counts_with_separators() -> None:
    because = {
        "phase_name": "確認待ち",
        "created_at": "2026-11-23T05:05:00+00:00",
        "age_h": 1234,
        "limit_h": 24,
    }
    said = explain("F01", because, "ja")
    assert "11/23 14:05 に作成されてから 1,234 時間、「確認待ち」のままです" in said.saw
    assert "不明 時点" in said.saw


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("ja", "「み」（U+307F）が足りない"), ("en", "「み」 (U+307F) is missing")],
)
def test_a_missing_character_is_named_with_its_code_point(lang: str, expected: str) -> None:
    because = {
        "role": "shipped",
        "expected": SHIPPED,
        "found": NEARLY,
        "phase_check": "lookalike_instead",
        "difference": difference(SHIPPED, NEARLY),
        "orders_in_lookalike": 3,
    }
    assert expected in explain("F06", because, lang).saw


def test_a_stored_finding_can_be_explained_in_every_language() -> None:
    world = World()
    phase_list(*INSTEAD)(world)
    shipped(phases=())(world)
    world.judge()
    for rule in ("F05", "F06"):
        (row,) = world.found(rule)[-1:]
        because = json.loads(row["because"])
        ja, *twins = (explain(rule, because, lang) for lang in LANGUAGES)
        assert all(NEARLY in one.saw for one in (ja, *twins))
        assert any("システム設定 > 処理フェーズ" in step for step in ja.cure)
        assert ja.missing is None


def test_a_cannot_tell_says_what_would_settle_it_and_from_when() -> None:
    because = {"needed_at": "2026-11-20T03:10:00+00:00"}
    said = explain("F03", because, "ja", missing="smartship_file_newer_than")
    assert said.missing is not None
    assert said.missing.startswith("11/20 12:10 より後に Smartship から")


def test_braces_and_markup_in_names_stay_text() -> None:
    because = {"phase_name": "{evil} <b>", "created_at": None}
    assert "「{evil} <b>」" in explain("F01", because, "ja").saw


def test_an_unknown_rule_or_code_is_refused() -> None:
    with pytest.raises(KeyError):
        explain("F99", {}, "ja")
    with pytest.raises(KeyError):
        explain("F01", {}, "ja", missing="luck")
