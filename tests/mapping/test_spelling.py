"""Many texts at once come to the same keys as text by text."""

from __future__ import annotations

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.noise import noisy_pair, shop
from reconcile.mapping.normalize import canonical_key, skeleton_key
from reconcile.mapping.spelling import Spelling, spelled

ALPHABET = (
    "aZ１2٣ⅡⅧ①㎝㍿ 　\u00a0\tアがｶﾞ゛\u3099ーｰ-－‐−〜・･【】（)，,一口ロ力髙﨑黑ヴァヵん々〇⻑"
    "é\u0301㈱&;#39；×★\u200b\ud800😀가ᄀ"
)


def numbers(spelling: Spelling) -> list[tuple[int, int]]:
    return list(zip(spelling.surface.tolist(), spelling.skeleton.tolist(), strict=True))


def partition(keys: list[object]) -> list[int]:
    """For each place the first place with an equal key."""
    first: dict[object, int] = {}
    return [first.setdefault(key, place) for place, key in enumerate(keys)]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.text(ALPHABET, max_size=12), st.text(max_size=8)), max_size=8))
@example(["\U00011a3f"])  # a mark of a script beyond U+FFFF
def test_any_texts_have_the_skeletons_and_the_equalities_of_the_single_functions(
    texts: list[str],
) -> None:
    spelling = spelled([*texts, *map(canonical_key, texts)])
    every = [*texts, *map(canonical_key, texts)]
    assert [spelling.text(place) for place in range(len(every))] == [*map(skeleton_key, every)]
    assert partition(spelling.surface.tolist()) == partition([*map(canonical_key, every)])
    assert partition(spelling.skeleton.tolist()) == partition([*map(skeleton_key, every)])


def test_texts_of_a_shop_in_every_noise_have_the_same_keys() -> None:
    dice = random.Random(11)
    pairing = noisy_pair(dice, shop(dice, 3_000), exact_share=0.05)
    texts = [" ".join(one[1:]) for one in (*pairing.left, *pairing.right)]
    spelling = spelled(texts)
    assert [spelling.text(place) for place in range(len(texts))] == [*map(skeleton_key, texts)]
    assert partition(spelling.surface.tolist()) == partition([*map(canonical_key, texts)])


def test_neighbours_and_chunks_do_not_matter() -> None:
    texts = ["アー", "-b", "1", " 2", "か", "\u3099", "", "一", "ー"] * 4_000
    every, alone = (
        numbers(spelled(texts)),
        {text: numbers(spelled([text]))[0] for text in set(texts)},
    )
    assert every == [alone[text] for text in texts]


def test_word_order_axes_synonyms_and_shop_talk_leave_bag_and_core_equal() -> None:
    same_words = spelled(["皿 白 S", "S・皿（白）", "白/S/皿"])
    assert len(set(same_words.bag.tolist())) == 1
    same_core = spelled(
        ["鉢 ホワイト M", "【送料無料】鉢 カラー:白 Mサイズ", "WHITE 鉢 サイズ=M", "★期間限定★鉢 白色 m"]
    )  # fmt: skip
    assert len(set(same_core.core.tolist())) == 1
    others = spelled(
        ["鉢 ホワイト M", "鉢 ホワイト L", "鉢 ブラック M", "旧 鉢 ホワイト M", "鉢 ホワイト"]
    )
    assert len(set(others.core.tolist())) == 5


def test_figures_are_compared_whole_and_in_any_order() -> None:
    one, same, other, melted = spelled(["3個 2.5mm", "2.5mm×３", "25mm 3", "32.5"]).figures.tolist()
    assert one == same
    assert len({one, other, melted}) == 3
