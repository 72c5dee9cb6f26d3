"""A kept index: what it proposes for one product, and that updates leave it as if built anew."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from benchmarks.noise import noisy_pair, shop
from reconcile.frames import FrameError
from reconcile.mapping import match_tables
from reconcile.mapping.index import SkuIndex

COLUMNS = ["id", "text", "attr1", "attr2"]


def table(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS[: len(rows[0]) if rows else 2])


def proposed(index: SkuIndex, left: pd.DataFrame) -> list[tuple[object, ...]]:
    found = index.candidates_of(left)
    found["score"] = found["score"].round(0)
    found = found[
        found["score"] > 10
    ]  # the unlikely ones are cut off in the order of the catalogue
    columns = ["left_id", "right_id", "score", "step", "decision"]
    return sorted(found[columns].itertuples(index=False, name=None))


def test_one_product_gets_its_sku_and_others_like_it() -> None:
    index = SkuIndex.of(table(("a", "タオル　ホワイト", "M"), ("b", "タオル ブラック", "M"), ("c", "マグ", "")))  # fmt: skip
    first, second = index.candidates("ﾀｵﾙ ホワイト", "M")
    assert (first.id, first.step, first.decision, first.score) == ("a", "surface", "auto", 99.0)
    assert (second.id, second.step) == ("b", "likeness")
    assert second.decision in ("review", "none")
    assert 0 < first.score <= 100
    assert len(index.candidates("タオル", limit=1)) == 1
    assert index.candidates("") == ()


def test_a_shared_key_or_another_figure_is_no_link() -> None:
    index = SkuIndex.of(table(("a", "皿 白"), ("b", "皿　白"), ("c", "鉢 20cm")))
    assert [one.decision for one in index.candidates("皿・白")] == ["review", "review"]
    assert [one.decision for one in index.candidates("鉢 21cm")] == ["none"]


def test_products_without_fields_are_compared_with_the_joined_text() -> None:
    index = SkuIndex.of(table(("a", "皿", "白", "S"), ("b", "皿", "黒", "S")))
    found = index.candidates_of(pd.DataFrame({"id": ["1"], "text": ["皿 白 S"]}))
    assert found[["right_id", "decision"]].to_numpy().tolist() == [["a", "exact"]]
    index.update(table(("a", "鉢", "白", "S")), [])
    found = index.candidates_of(pd.DataFrame({"id": ["1"], "text": ["皿 白 S"]}))
    assert "exact" not in set(found["decision"])


def test_changed_rows_are_found_by_their_new_text_only_and_gone_rows_not_at_all() -> None:
    index = SkuIndex.of(table(("a", "タオル"), ("b", "マグカップ"), ("c", "皿")))
    index.update(table(("a", "鉢カバー"), ("d", "ﾏｸﾞｶｯﾌﾟ")), ["b", "unknown"])
    assert len(index) == 3
    assert index.candidates("タオル") == ()
    assert [one.id for one in index.candidates("鉢カバー")] == ["a"]
    assert [(one.id, one.decision) for one in index.candidates("マグカップ")] == [("d", "auto")]


@pytest.mark.parametrize("by_field", [True, False])
def test_an_index_updated_many_times_answers_as_one_built_anew(by_field: bool) -> None:
    dice = random.Random(23)
    pairing = noisy_pair(dice, shop(dice, 1_500), exact_share=0.3)
    left, right = pd.DataFrame(pairing.left, columns=COLUMNS), pd.DataFrame(pairing.right, columns=COLUMNS)  # fmt: skip
    if not by_field:
        right = pd.DataFrame({"id": right["id"], "text": right["text"] + " " + right["attr1"]})
    index = SkuIndex.of(right.iloc[:700].assign(text="古い" + right["text"].iloc[:700]))
    for start in range(0, len(right), 97):
        index.update(right.iloc[start : start + 97], [])
    gone = right["id"].iloc[::7].tolist()
    index.update(right.iloc[:0], gone)
    anew = SkuIndex.of(right[~right["id"].isin(gone)])
    assert len(index) == len(anew)
    assert proposed(index, left) == proposed(anew, left)


def test_the_order_of_rows_changes_nothing() -> None:
    dice = random.Random(29)
    pairing = noisy_pair(dice, shop(dice, 1_000), exact_share=0.3)
    left, right = pd.DataFrame(pairing.left, columns=COLUMNS), pd.DataFrame(pairing.right, columns=COLUMNS)  # fmt: skip
    once = proposed(SkuIndex.of(right), left)
    assert once == proposed(SkuIndex.of(right.sample(frac=1, random_state=1)), left.sample(frac=1, random_state=2))  # fmt: skip


def test_links_are_the_same_from_either_side() -> None:
    dice = random.Random(31)
    pairing = noisy_pair(dice, shop(dice, 1_000), exact_share=0.3)
    left, right = pd.DataFrame(pairing.left, columns=COLUMNS), pd.DataFrame(pairing.right, columns=COLUMNS)  # fmt: skip

    def links(ours: pd.DataFrame, theirs: pd.DataFrame) -> set[tuple[str, str]]:
        pairs = match_tables(ours, theirs).pairs
        pairs = pairs[pairs["decision"].isin(("exact", "auto"))]
        return set(pairs[["left_id", "right_id"]].itertuples(index=False, name=None))

    assert links(left, right) == {(one, other) for other, one in links(right, left)}


def test_a_table_without_text_is_refused() -> None:
    with pytest.raises(FrameError, match="text"):
        SkuIndex.of(pd.DataFrame({"id": ["a"]}))


def test_what_is_left_over_on_both_sides_is_looked_at_a_second_time() -> None:
    """Nothing in the name tells this one from hundreds that share it; the attributes do, and nobody else wants it."""
    kinds = [a + b + c for a in "ゼリ茶皿鉢布" for b in "赤青白黒緑紫" for c in "大中小上下新"]
    rows = [(f"{n}", f"「ソレイユ」{kind} M〜L 15cm", f"{kind}味") for n, kind in enumerate(kinds)]
    theirs = [("x", "M〜L 15cm", rows[7][2]), *(row for row in rows if row[0] != "7")]
    found = SkuIndex.of(table(*theirs)).candidates_of(table(*rows))
    assert found.loc[found["left_id"] == "7", "right_id"].iloc[0] == "x"
