"""What holds for any two texts: stable keys, causes that explain, differences that rebuild both sides."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from reconcile.mapping import CLASS_CODES, canonical_key, causes, difference
from reconcile.mapping.classify import numbers
from reconcile.mapping.normalize import CANONICAL_STEPS, ORDER_STEPS, order_key, skeleton_key

TRICKY = (
    "アカがｶﾞﾞー-−‐－―ｰ～〜~・･＆&amp;,，、/ 　\t\u00a0\u200b\ufe0f\u3099\u309b゛゜①②²½Ⅱ㎝㈱"
    "髙﨑⻑（「[×xXＡａ1１2İßẛΣς一二力口\ud800\U000e0100"
)
anything = st.text(st.characters(exclude_categories=()), max_size=12)
tricky = st.text(st.sampled_from(TRICKY), max_size=10)
texts = st.one_of(tricky, anything, st.text(max_size=12))


def applied(text: str, codes: tuple[str, ...]) -> str:
    for step in (*CANONICAL_STEPS, *ORDER_STEPS):
        if step.code in codes:
            text = step.apply(text)
    return text


@given(texts)
@example("H\u0331")
@example("´")
@example("ー‐")
@example("&am\u200bp;amp;")
@example("&amp\u037e")
def test_a_canonical_key_is_its_own_key(text: str) -> None:
    key = canonical_key(text)
    assert canonical_key(key) == key


@given(texts)
def test_the_fast_key_equals_the_steps_one_after_the_other(text: str) -> None:
    assert canonical_key(text) == applied(text, tuple(step.code for step in CANONICAL_STEPS))


@given(texts)
def test_figures_survive_the_key(text: str) -> None:
    assert numbers(canonical_key(text)) == numbers(text)


@given(texts, texts)
def test_looser_keys_join_at_least_what_the_canonical_key_joins(left: str, right: str) -> None:
    if canonical_key(left) == canonical_key(right):
        assert skeleton_key(left) == skeleton_key(right)
        assert order_key(left) == order_key(right)


@given(texts)
def test_a_text_has_no_difference_from_itself(text: str) -> None:
    assert causes(text, text) == ()


@given(texts, texts)
def test_different_texts_always_have_a_cause_and_it_is_the_same_from_both_sides(
    left: str, right: str
) -> None:
    found = causes(left, right)
    assert (found == ()) is (left == right)
    assert found == causes(right, left)
    assert set(found) <= set(CLASS_CODES)
    assert len(set(found)) == len(found)


@given(tricky, tricky)
def test_the_named_steps_alone_make_texts_of_one_key_equal(left: str, right: str) -> None:
    found = causes(left, right)
    if canonical_key(left) == canonical_key(right):
        assert applied(left, found) == applied(right, found)
        assert not {"text", "number"} & set(found)


@given(st.lists(st.sampled_from("アｶﾞ-− 　ＡaA\u200b①1"), max_size=8))
def test_every_named_step_is_needed(chars: list[str]) -> None:
    left = "".join(chars)
    right = canonical_key(left)
    found = causes(left, right)
    for code in found:
        fewer = tuple(one for one in found if one != code)
        assert applied(left, fewer) != applied(right, fewer)


@given(texts, texts)
def test_a_difference_rebuilds_both_texts_exactly(left: str, right: str) -> None:
    changes = difference(left, right)
    assert "".join(change.left for change in changes) == left
    assert "".join(change.right for change in changes) == right
    for change in changes:
        assert (change.op == "equal") is (change.left == change.right)
        assert len(change.left_code_points) == len(change.left)
        assert len(change.right_code_points) == len(change.right)
        if change.op != "equal":
            assert all(set(column.classes) <= set(change.classes) for column in change.columns)
            assert "".join(column.left for column in change.columns) == change.left
            assert "".join(column.right for column in change.columns) == change.right


@given(texts, texts)
def test_every_differing_stretch_names_causes_of_the_whole_pair(left: str, right: str) -> None:
    whole = causes(left, right)
    for change in difference(left, right):
        assert set(change.classes) <= set(whole)
        assert bool(change.classes) is (change.op != "equal")
