"""Join keys, and phase names that only look like the expected one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.orders import (
    DEFAULT_ROLES,
    ROLES,
    check_phase,
    code_points,
    difference,
    join_key,
    role_of,
    tracking_key,
)
from tests.rules.world import COLLECT, SHIPPED


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (None, None),
        ("", None),
        ("\u3000 ", None),
        (" 00123 ", "00123"),
        ("\ufeffＡ－１\u200b", "A-1"),
        ("A B", "A B"),
        ("ﾀｵﾙ", "タオル"),
    ],
)
def test_a_join_key_is_normalised_and_trimmed_but_keeps_its_inside(
    text: str | None, key: str | None
) -> None:
    assert join_key(text) == key


@pytest.mark.parametrize(
    "text",
    [
        "4001-2345-6789",
        "4001 2345 6789",
        "４００１２３４５６７８９",
        "4001‐2345–6789",
        "4001ー2345−6789\u00a0",
    ],
)
def test_a_tracking_key_knows_every_hyphen_and_blank(text: str) -> None:
    assert tracking_key(text) == "400123456789"


@given(st.text())
def test_keys_of_keys_are_the_same(text: str) -> None:
    assert join_key(join_key(text)) == join_key(text)
    assert tracking_key(tracking_key(text)) == tracking_key(text)


def test_code_points_are_written_in_reading_order() -> None:
    assert code_points("Q済𠮷") == "U+0051 U+6E08 U+20BB7"


@pytest.mark.parametrize(
    "found",
    [
        "QXPRESS発送済",
        "Qxpress発送済み",
        "ＱＸＰＲＥＳＳ発送済み",
        "QXPRESS発送済み ",
        "QXPRESS\u3000発送済み",
        "QXPRESS\u200b発送済み",
        "QEXPRESS発送済み",
        "QXPRES発送済",
    ],
)
def test_a_nearly_right_name_is_a_lookalike(found: str) -> None:
    check = check_phase(SHIPPED, ["注文確認", found])
    assert not check.is_exact
    assert [one.name for one in check.lookalikes] == [found]
    assert check.lookalikes[0].difference


def test_a_decomposed_name_is_a_lookalike_with_its_code_points() -> None:
    expected = "ガイド発送待ち"
    (near,) = check_phase(expected, [unicodedata.normalize("NFD", expected)]).lookalikes
    assert any("U+3099" in part["found_code_points"] for part in near.difference)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (SHIPPED, "発送済み"),
        (SHIPPED, "QXPRESS"),
        (COLLECT, "発送準備"),
        (COLLECT, "出荷待機"),
        (COLLECT, "待機"),
        ("完了", "完成"),
    ],
)
def test_a_different_name_is_no_lookalike(expected: str, found: str) -> None:
    assert check_phase(expected, [found]).lookalikes == ()


def test_a_name_of_another_role_counts_only_while_the_expected_one_is_absent() -> None:
    others = set(DEFAULT_ROLES)
    assert check_phase(COLLECT, [COLLECT, "発送待ち"], others).lookalikes == ()
    instead = check_phase(COLLECT, ["発送待ち", "発送済み"], others)
    assert [one.name for one in instead.lookalikes] == ["発送待ち"]


def test_the_exact_name_is_never_its_own_lookalike() -> None:
    check = check_phase(SHIPPED, [SHIPPED, SHIPPED, "QXPRESS発送済み　"])
    assert check.is_exact
    assert [one.name for one in check.lookalikes] == ["QXPRESS発送済み　"]


@given(st.text(max_size=12), st.text(max_size=12))
def test_a_difference_turns_the_expected_text_into_the_found_one(left: str, right: str) -> None:
    parts = difference(left, right)
    rebuilt, rest = "", left
    for part in parts:
        at = rest.index(part["expected"]) if part["expected"] else None
        assert part["expected_code_points"] == code_points(part["expected"])
        assert part["found_code_points"] == code_points(part["found"])
        if at is not None:
            rebuilt += rest[:at]
            rest = rest[at + len(part["expected"]) :]
    assert (parts == []) == (left == right)
    assert sum(len(part["found"]) - len(part["expected"]) for part in parts) == len(right) - len(
        left
    )


@pytest.mark.parametrize(
    ("name", "role"),
    [
        (COLLECT, "collect"),
        (SHIPPED, "shipped"),
        ("注文確認", "before"),
        ("送り状印刷済み", "after"),
        ("キャンセル", "cancelled"),
        ("キャンセル ", "unknown"),
        ("ｷｬﾝｾﾙ", "unknown"),
    ],
)
def test_roles_go_by_the_exact_name(name: str, role: str) -> None:
    assert role in ROLES
    assert role_of(name, collect_phase=COLLECT, shipped_phase=SHIPPED) == role


def test_the_accounts_own_names_beat_the_default_table() -> None:
    assert role_of("発送待ち", collect_phase="発送待ち", shipped_phase="完了") == "collect"
    assert role_of("完了", collect_phase="発送待ち", shipped_phase="完了") == "shipped"


def test_a_mark_left_behind_a_letter_joins_it() -> None:
    assert tracking_key("E\u00af") == "\u0112"
