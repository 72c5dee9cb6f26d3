"""Two tables row by row: what links by itself, what a person must judge, what stays alone."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from reconcile.frames import FrameError
from reconcile.mapping import MatchResult, match_tables
from reconcile.mapping import match as matching

COLUMNS = ["id", "text", "attr1", "attr2"]


def table(*rows: tuple[str | None, ...]) -> pd.DataFrame:
    """Rows id, text[, attr1, attr2]; the columns are as many as the first row has."""
    return pd.DataFrame(rows, columns=COLUMNS[: len(rows[0])])


def decided(result: MatchResult) -> list[tuple[str, str, str, str]]:
    columns = ["left_id", "right_id", "class", "decision"]
    return list(result.pairs[columns].itertuples(index=False, name=None))


def test_equal_text_is_exact_and_other_writing_of_it_is_automatic() -> None:
    result = match_tables(
        table(("1", "タオル 白"), ("2", "ﾏﾌﾗ-"), ("3", "2〜3営業日便")),
        table(("a", "2～3営業日便"), ("b", "タオル 白"), ("c", "マフラー")),
    )
    assert decided(result) == [
        ("1", "b", "exact", "exact"),
        ("2", "c", "width_kana|choon_symbol", "auto"),
        ("3", "a", "cp932_change", "auto"),
    ]
    assert result.unmatched_left == ()
    assert result.pairs["score"].tolist()[0] == 100
    assert all(score < 100 for score in result.pairs["score"][1:])


def test_a_key_shared_by_several_rows_goes_to_a_person_with_its_candidates() -> None:
    result = match_tables(
        table(("1", "タオル　白")), table(("a", "タオル 白"), ("b", "ﾀｵﾙ白"), ("c", "皿"))
    )
    assert [(left, right, decision) for left, right, _, decision in decided(result)] == [
        ("1", "a", "review"),
        ("1", "b", "review"),
    ]
    assert {parts["step"] for parts in result.pairs["parts"]} == {"surface"}


def test_equal_text_held_twice_is_not_linked_by_itself() -> None:
    twice_right = match_tables(table(("1", "皿")), table(("a", "皿"), ("b", "皿")))
    assert {decision for *_, decision in decided(twice_right)} == {"review"}
    twice_left = match_tables(table(("1", "皿"), ("2", "皿")), table(("a", "皿")))
    assert {decision for *_, decision in decided(twice_left)} == {"review"}


def test_figures_that_change_places_are_another_product() -> None:
    result = match_tables(
        table(("1", "味噌 3人前 2個セット"), ("2", "味噌 3人前 白")),
        table(("a", "味噌 2人前 3個セット"), ("b", "白 味噌 3人前")),
    )
    links = [one for one in decided(result) if one[3] in ("exact", "auto")]
    assert [(left, right) for left, right, *_ in links] == [("2", "b")]


def test_of_two_options_that_mean_the_same_the_equal_one_is_nearer() -> None:
    result = match_tables(
        table(("1", "洗えるシャツ", "白", "Lサイズ"), ("2", "洗えるシャツ", "白", "L")),
        table(("a", "洗えるシャツ 新", "白", "L"), ("b", "洗えるシャツ 新", "白", "Lサイズ")),
    )
    best = result.pairs.drop_duplicates("left_id")
    assert dict(zip(best["left_id"], best["right_id"], strict=True)) == {"1": "b", "2": "a"}


def test_a_row_linked_exactly_makes_its_second_suitor_a_question() -> None:
    result = match_tables(table(("1", "タオル"), ("2", "ﾀｵﾙ")), table(("a", "タオル")))
    assert decided(result) == [
        ("1", "a", "exact", "exact"),
        ("2", "a", "width_kana", "review"),
    ]


def test_the_best_pair_of_every_left_row_comes_before_other_candidates() -> None:
    result = match_tables(
        table(("1", "皿 白"), ("2", "鉢")), table(("a", "皿白"), ("b", "皿　白"), ("c", "鉢"))
    )
    assert [left for left, *_ in decided(result)] == ["1", "2", "1"]


def test_every_mechanical_step_links_what_one_row_on_each_side_holds() -> None:
    left = table(
        ("1", "サーバー用ラック"), ("2", "皿 白 S"), ("3", "リュック 大 ブラック"), ("4", "【送料無料】鉢 サイズ:M"), ("5", "椀")
    )  # fmt: skip
    right = table(("a", "サーバ用ラック"), ("b", "皿 S 白"), ("c", "リュック 大 黒"), ("d", "鉢 M"), ("e", "椀"))  # fmt: skip
    result = match_tables(left, right)
    steps = {one: parts["step"] for one, parts in result.pairs[["left_id", "parts"]].to_numpy()}
    assert steps == {"1": "skeleton", "2": "bag", "3": "alternate", "4": "alternate", "5": "exact"}
    assert [decision for *_, decision in decided(result)] == ["auto"] * 4 + ["exact"]


def test_what_a_stricter_step_leaves_open_no_looser_one_decides() -> None:
    """白 皿 has the words of one row only, but its letters are those of two."""
    result = match_tables(table(("1", "皿 白")), table(("a", "皿白"), ("b", "皿　白")))
    assert [decision for *_, decision in decided(result)] == ["review", "review"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("タオル 2枚 白", "タオル 3枚 白"),
        ("ネジ 10 20", "ネジ 1020"),
        ("旧型 皿 白", "皿 白"),
        ("黄色ワセリン", "白色ワセリン"),
        ("タオル ホワイト M", "タオル ホワイト L"),
    ],
)
def test_what_is_another_product_is_never_linked_by_itself(left: str, right: str) -> None:
    result = match_tables(table(("1", left)), table(("a", right)))
    assert not {"exact", "auto"} & set(result.pairs["decision"])


def test_attributes_are_compared_field_by_field_where_both_sides_have_them() -> None:
    result = match_tables(
        table(("1", "皿", "白", "S"), ("2", "皿", "黒", "S"), ("3", "皿", "赤", "M")),
        table(("a", "皿", "白", "Ｓ"), ("b", "皿", "黒", "S"), ("c", "皿", "M", "赤")),
    )
    assert decided(result) == [
        ("1", "a", "width_alnum", "auto"),
        ("2", "b", "exact", "exact"),
        ("3", "c", "attr_order", "auto"),
    ]


def test_a_side_without_attributes_is_compared_with_text_and_attributes_joined_by_a_blank() -> None:
    result = match_tables(
        table(("1", "皿", "白", "S"), ("2", "鉢", "黒", ""), ("3", "椀", None, None)),
        table(("a", "皿 白 S"), ("b", "鉢　黒"), ("c", "椀")),
    )
    assert decided(result) == [
        ("1", "a", "exact", "exact"),
        ("2", "b", "space_ideographic", "auto"),
        ("3", "c", "exact", "exact"),
    ]


def test_a_small_rest_is_proposed_by_likeness_the_likest_first() -> None:
    result = match_tables(
        table(("1", "黄色ワセリン 大容量")),
        table(("a", "白色ワセリン 大"), ("b", "白色ワセリン 大容量")),
    )
    assert [right for _, right, _, _ in decided(result)] == ["b", "a"]
    assert decided(result)[0][-1] == "review"
    assert decided(result)[1][-1] in ("review", "none")
    assert result.pairs["score"].is_monotonic_decreasing


def test_the_likest_text_with_other_figures_is_shown_but_not_proposed() -> None:
    result = match_tables(table(("1", "シャンプー 200ml")), table(("a", "シャンプー 300ml")))
    assert decided(result) == [("1", "a", "number", "none")]
    assert result.unmatched_left == ("1",)


def test_a_text_like_no_other_stays_alone() -> None:
    result = match_tables(table(("1", "皿"), ("2", "鉢")), table(("a", "皿"), ("b", "テレビ")))
    assert decided(result) == [("1", "a", "exact", "exact")]
    assert result.unmatched_left == ("2",)


def test_rows_without_text_match_nothing() -> None:
    result = match_tables(
        table(("1", "", "白", ""), ("2", None, "白", ""), ("3", "　", "白", "")),
        table(("a", "", "白", ""), ("b", "皿", "白", "")),
    )
    assert decided(result) == []
    assert result.unmatched_left == ("1", "2", "3")


def test_empty_tables_give_an_empty_answer() -> None:
    empty = pd.DataFrame({"id": [], "text": []})
    assert decided(match_tables(empty, table(("a", "皿")))) == []
    result = match_tables(table(("1", "皿")), empty)
    assert (decided(result), result.unmatched_left) == ([], ("1",))


def test_beyond_a_limit_pairs_are_listed_without_their_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching, "EXPLAINED", 1)
    result = match_tables(
        table(("1", "ﾀｵﾙ"), ("2", "皿"), ("3", "Ｂ5ノート")), table(("a", "タオル"), ("b", "皿"), ("c", "B5ノート"))
    )  # fmt: skip
    assert result.pairs["class"].tolist() == ["width_kana", "exact", None]


def test_a_table_without_text_is_refused_by_name() -> None:
    with pytest.raises(FrameError, match=r"right: missing \['text'\]"):
        match_tables(table(("1", "皿")), pd.DataFrame({"id": ["a"]}))


def test_parts_tell_how_the_score_came_about() -> None:
    result = match_tables(table(("1", "ﾀｵﾙ 白")), table(("a", "タオル 白")))
    (parts,) = result.pairs["parts"]
    assert parts == {"step": "surface", "name": 100.0, "number": 100.0}
    assert result.pairs["score"].tolist() == [99.0]


def test_a_sku_that_another_product_holds_says_so_and_scores_low() -> None:
    result = match_tables(
        table(("1", "タオル 白"), ("2", "タオル 白い")), table(("a", "タオル 白"))
    )
    first, second = result.pairs["parts"]
    assert (first["step"], second["taken"]) == ("exact", 100.0)
    assert result.pairs["score"].tolist()[1] < 5


def test_odd_characters_never_break_the_comparison() -> None:
    odd = "皿\ud800😀\u0000\u202e"
    left = pd.DataFrame({"id": ["1", "2"], "text": pd.Series([odd, "皿\udbff😀鉢"], dtype=object)})
    right = pd.DataFrame({"id": ["a", "b"], "text": pd.Series([odd, "皿\udfff😀鉢"], dtype=object)})
    assert decided(match_tables(left, right)) == [
        ("1", "a", "exact", "exact"),
        ("2", "b", "text", "none"),
        ("2", "a", "invisible|text", "none"),
    ]


def test_twenty_thousand_rows_a_side_take_seconds() -> None:
    names = [f"ﾀｵﾙ　ホワイト {number} {'ABCDEFG'[number % 7]}型" for number in range(20_000)]
    left = pd.DataFrame({"id": range(20_000), "text": names})
    right = left.assign(text=[name.replace("ﾀｵﾙ　", "タオル ") for name in names])
    started = time.process_time()
    result = match_tables(left, right)
    assert time.process_time() - started < 15
    assert (result.pairs["left_id"] == result.pairs["right_id"]).all()
    assert set(result.pairs["decision"]) == {"auto"}
