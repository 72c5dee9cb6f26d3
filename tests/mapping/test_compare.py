"""Every CROSS MALL SKU against Smartship's rows: each class with a sample and with what must not be called so."""

from __future__ import annotations

from typing import Any

import pytest

from reconcile.mapping import LINK_CAUSES, MAPPING_CLASSES, evaluate_mapping
from tests.mapping.mirror import ACCOUNT, NOW, Mirror, minutes

NAME = "タオル ホワイト"


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()


def judged(mirror: Mirror) -> list[dict[str, Any]]:
    evaluate_mapping(mirror.con, ACCOUNT, NOW)
    return mirror.cases("mapping_case")


def only(mirror: Mirror) -> dict[str, Any]:
    (row,) = judged(mirror)
    return row


def test_equal_raw_text_is_linked(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("ホワイト", "Sサイズ"))
    mirror.link("S1", "tw-1", NAME, "ホワイト,Sサイズ")
    row = only(mirror)
    assert (row["mapping_class"], row["causes"], row["sku_no"], row["basis"]) == (
        "linked",
        [],
        "S1",
        "mappings",
    )
    assert row["option_text"] == row["ss_option_text"] == "ホワイト,Sサイズ"


@pytest.mark.parametrize(
    ("attributes", "option"),
    [(("", ""), None), (("", ""), ""), (("白", ""), "白"), (("", "S"), "S"), (("白", "S"), "白,S")],
)
def test_the_option_of_one_attribute_stands_without_a_comma(
    mirror: Mirror, attributes: tuple[str, str], option: str | None
) -> None:
    mirror.item("tw-1", NAME, attributes)
    mirror.link("S1", "tw-1", NAME, option)
    assert only(mirror)["mapping_class"] == "linked"


@pytest.mark.parametrize(
    ("number", "name", "option", "causes"),
    [
        ("tw-1", "タオル　ホワイト", "白,S", ["space_ideographic"]),
        ("tw-1", "ﾀｵﾙ ホワイト", "白,S", ["width_kana"]),
        ("tw-1", NAME, "白，S", ["comma"]),
        ("tw-1", NAME, "S,白", ["attr_order"]),
        ("tw-1", NAME, "白/S", ["separator"]),
        ("tw-1", NAME, "白 S", ["separator"]),
        ("tw-1", NAME, "白,S,", ["one_attr"]),
        ("TW-1", NAME, "白,S", ["case"]),
        ("TW-1", "タオル　ホワイト", "白,Ｓ", ["case", "space_ideographic", "width_alnum"]),
        ("tw-99", NAME, "白,S", ["product_no"]),
        (None, NAME, "白,Ｓ", ["product_no", "width_alnum"]),
    ],
)
def test_other_writing_or_another_number_is_a_near_miss_with_its_causes(
    mirror: Mirror, number: str | None, name: str, option: str, causes: list[str]
) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.link("S1", number, name, option)
    row = only(mirror)
    assert (row["mapping_class"], row["causes"]) == ("near_miss", causes)
    assert (row["ss_product_no"], row["ss_product_name"], row["sku_no"]) == (number, name, "S1")


@pytest.mark.parametrize(
    ("name", "causes"),
    [
        ("タオル ブラック", ["text"]),
        ("タオル ホワイト2", ["number"]),
        ("タオル【ホワイト】", ["bracket_add"]),
    ],
)
def test_number_and_option_with_another_name_are_name_only(
    mirror: Mirror, name: str, causes: list[str]
) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.link("S1", "tw-1", name, "白,S")
    row = only(mirror)
    assert (row["mapping_class"], row["causes"]) == ("name_only", causes)


@pytest.mark.parametrize(
    ("number", "name", "option"),
    [("tw-1", NAME, "黒,S"), ("tw-2", "マフラー", "白,S"), ("tw-2", NAME, "黒,S")],
)
def test_a_sku_that_no_row_comes_near_is_missing(
    mirror: Mirror, number: str, name: str, option: str
) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.link("S1", number, name, option)
    missing = judged(mirror)[0]
    assert missing["mapping_class"] == "missing"
    assert (missing["sku_no"], missing["ss_product_no"], missing["causes"]) == (None, None, [])


def test_a_row_without_any_sku_links_nothing(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link(None, "tw-1", NAME, None)
    assert only(mirror)["mapping_class"] == "missing"


def test_the_seller_code_stands_in_for_a_sku_number_that_is_not_given(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link(None, "tw-1", NAME, None, seller_code="my-1")
    row = only(mirror)
    assert (row["mapping_class"], row["sku_no"]) == ("linked", "my-1")


def test_several_sku_numbers_for_one_sku_are_a_duplicate_with_a_row_each(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link("S1", "tw-1", NAME, None)
    mirror.link("S2", "tw-1", NAME, None)
    rows = judged(mirror)
    assert [(row["mapping_class"], row["sku_no"], row["causes"]) for row in rows] == [
        ("duplicate", "S1", ["several_skus"]),
        ("duplicate", "S2", ["several_skus"]),
    ]


def test_one_sku_number_for_two_skus_is_a_duplicate(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("白", ""), ("黒", ""))
    mirror.link("S1", "tw-1", NAME, "白")
    mirror.link("S1", "tw-1", NAME, "黒")
    assert {(row["mapping_class"], *row["causes"]) for row in judged(mirror)} == {
        ("duplicate", "shared_sku")
    }


def test_the_same_row_under_two_shops_is_one_link(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link("S1", "tw-1", NAME, None, shop_id="1")
    mirror.link("S1", "tw-1", NAME, "", shop_id="2")
    assert only(mirror)["mapping_class"] == "linked"


def test_a_row_whose_product_or_option_is_gone_is_stale(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.link("S1", "tw-1", NAME, "白,S")
    mirror.link("S2", "old-9", "帽子", "")
    mirror.link("S3", "tw-1", NAME, "紫,S")
    stale = {row["sku_no"]: row for row in judged(mirror) if row["mapping_class"] == "stale"}
    assert {sku: row["causes"] for sku, row in stale.items()} == {
        "S2": ["code_gone"],
        "S3": ["option_gone"],
    }
    assert stale["S2"]["item_code"] is None


def test_without_a_catalogue_read_to_its_end_nothing_is_called_stale(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link("S2", "old-9", "帽子", "")
    mirror.con.execute("UPDATE sync_cursor SET complete_at = NULL")
    assert {row["mapping_class"] for row in judged(mirror)} == {"missing"}


def test_a_leftover_row_of_a_linked_sku_is_not_stale(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.link("S1", "tw-1", NAME, "白,S")
    mirror.link("S1", "tw-1", NAME, "白，S")
    assert [row["mapping_class"] for row in judged(mirror)] == ["linked"]


def test_a_row_linked_exactly_is_nobody_elses_near_miss(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.item("tw-2", NAME)
    mirror.link("S1", "tw-1", NAME, None)
    assert [(row["item_code"], row["mapping_class"]) for row in judged(mirror)] == [
        ("tw-1", "linked"),
        ("tw-2", "missing"),
    ]


@pytest.mark.parametrize("name", [None, ""])
def test_a_name_that_is_not_shown_proves_no_link(mirror: Mirror, name: str | None) -> None:
    mirror.item("tw-1", NAME, ("白", "S"), ("黒", "S"))
    mirror.link("S1", "tw-1", name, "白,S")
    mirror.link("S2", "tw-1", name, "黒，S")
    found = {row["sku_no"]: row for row in judged(mirror)}
    assert {sku: (row["mapping_class"], row["causes"]) for sku, row in found.items()} == {
        "S1": ("cannot_tell", ["name_not_shown"]),
        "S2": ("near_miss", ["name_not_shown", "comma"]),
    }
    assert {row["proposal"] for row in found.values()} == {"review"}


def test_rows_of_other_sales_sites_are_left_out_where_crossmall_is_named(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link("S1", "tw-1", NAME, None, sales_site="ＣＲＯＳＳ ＭＡＬＬ")
    mirror.link("S2", "tw-1", NAME, None, sales_site="Qoo10")
    mirror.link("S3", "q-77", "別の商品", None, sales_site="Qoo10")
    assert [(row["mapping_class"], row["sku_no"]) for row in judged(mirror)] == [("linked", "S1")]


def test_all_rows_count_where_no_sales_site_is_named_crossmall(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link("S1", "tw-1", NAME, None, sales_site="見本サイト")
    assert only(mirror)["mapping_class"] == "linked"


def sku(mirror: Mirror, sku_no: str, code: str | None, name: str, option: str | None) -> None:
    mirror.put("ss_sku", sku_no=sku_no, seller_code=code, product_name=name, option_name=option)


def test_smartships_sku_list_is_the_basis_where_no_mapping_rows_are_known(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.item("tw-2", NAME, item_sku_code="my-2")
    mirror.item("tw-3", "帽子")
    sku(mirror, "S1", "tw-1", NAME, "白,S")
    sku(mirror, "S2", "my-2", NAME, None)
    sku(mirror, "S3", "tw-3", "帽　子", None)
    sku(mirror, "S4", "else", "傘", None)
    rows = judged(mirror)
    assert [(row["item_code"], row["mapping_class"], row["sku_no"]) for row in rows] == [
        ("tw-1", "cannot_tell", "S1"),
        ("tw-2", "cannot_tell", "S2"),
        ("tw-3", "near_miss", "S3"),
    ]
    assert rows[0]["causes"] == rows[1]["causes"] == ["no_mapping_file"]
    assert {row["basis"] for row in rows} == {"skus"}


def test_a_sku_without_a_link_row_is_looked_up_in_the_sku_list(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.item("tw-2", NAME, item_sku_code="my-2")
    mirror.item("tw-3", "帽子")
    mirror.item("tw-4", "マフラー")
    mirror.link("S1", "tw-1", NAME, "白,S")
    sku(mirror, "S1", "tw-1", "マフラー", None)
    sku(mirror, "S2", "my-2", NAME, None)
    sku(mirror, "S3", "tw-3", "帽　子", None)
    found = {row["item_code"]: row for row in judged(mirror)}
    assert {
        code: (row["mapping_class"], row["sku_no"], row["causes"]) for code, row in found.items()
    } == {
        "tw-1": ("linked", "S1", []),
        "tw-2": ("missing", "S2", ["link_missing"]),
        "tw-3": ("missing", "S3", ["link_missing", "space_count"]),
        "tw-4": ("missing", None, []),
    }
    assert (found["tw-2"]["source"], found["tw-2"]["proposal"]) == ("sku", "auto")


def test_rows_that_are_equally_near_are_ambiguous_and_never_proposed_by_themselves(
    mirror: Mirror,
) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.link("S1", "tw-1", NAME, "白，S")
    mirror.link("S2", "tw-1", NAME, "白, S")
    rows = judged(mirror)
    assert [(row["mapping_class"], row["pair_class"], row["proposal"]) for row in rows] == [
        ("ambiguous", "near_miss", "review")
    ] * 2
    assert [(row["case_place"], row["case_rows"]) for row in rows] == [(1, 2), (2, 2)]
    assert len({row["case_key"] for row in rows}) == 1


def test_a_row_that_two_skus_come_near_is_not_proposed_by_itself(mirror: Mirror) -> None:
    mirror.item("tw-1", "タオル")
    mirror.item("TW-1", "ﾀｵﾙ")
    mirror.link("S1", "tw－1", "タオル", None)
    rows = judged(mirror)
    assert [(row["mapping_class"], row["sku_cases"]) for row in rows] == [("near_miss", 2)] * 2
    assert {row["proposal"] for row in rows} == {"review"}


def test_a_figure_that_differs_is_proposed_as_none(mirror: Mirror) -> None:
    mirror.item("tw-1", "水 500ml", ("白", "S"))
    mirror.link("S1", "tw-1", "水 550ml", "白,S")
    row = only(mirror)
    assert (row["mapping_class"], row["causes"], row["proposal"]) == (
        "name_only",
        ["number"],
        "none",
    )


def test_absence_from_a_filtered_file_is_no_proof(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.item("tw-2", "帽子")
    mirror.link("S1", "tw-1", NAME, None)
    file = {
        "file_name": "a.csv",
        "fingerprint": "x",
        "kind": "mappings",
        "encoding": "utf-8",
        "coverage_basis": "stated",
        "rows_read": 1,
        "rows_accepted": 1,
        "rows_rejected": 0,
        "report": "{}",
        "imported_at": NOW,
    }
    mirror.put("ss_import", filtered=True, **file)
    partial = {row["item_code"]: row for row in judged(mirror)}
    assert (partial["tw-2"]["mapping_class"], partial["tw-2"]["causes"]) == (
        "cannot_tell",
        ["file_filtered"],
    )
    assert partial["tw-1"]["mapping_class"] == "linked"
    mirror.put("ss_import", **file | {"import_id": "file-2", "fingerprint": "y"})
    assert {row["mapping_class"] for row in judged(mirror)} == {"linked", "missing"}


def test_a_name_of_before_is_called_renamed_by_older_orders(mirror: Mirror) -> None:
    mirror.item("tw-1", "新しい名前", ("白", "S"))
    mirror.item("tw-2", "帽子", ("白", "S"))
    mirror.link("S1", "tw-1", "古い名前", "白,S")
    mirror.link("S2", "tw-2", "帽子屋", "白,S")
    mirror.order("1", ("tw-1", "白", "S", 1))
    mirror.con.execute("UPDATE cm_order_line SET item_name = '古い名前'")
    causes = {row["item_code"]: row["causes"] for row in judged(mirror)}
    assert causes == {"tw-1": ["renamed", "text"], "tw-2": ["text"]}


def events(mirror: Mirror) -> set[tuple[str, ...]]:
    return set(
        mirror.con.execute(
            "SELECT case_key, event, name_before, state_before FROM mapping_event"
        ).fetchall()
    )


def test_products_that_are_new_renamed_or_gone_since_the_last_judging_are_events(
    mirror: Mirror,
) -> None:
    mirror.item("tw-1", NAME)
    mirror.item("tw-2", "帽子")
    mirror.link("S1", "tw-1", NAME, None)
    judged(mirror)
    assert not events(mirror)
    mirror.con.execute("UPDATE cm_item SET item_name = '新名' WHERE item_code = 'tw-1'")
    mirror.con.execute("DELETE FROM cm_item WHERE item_code = 'tw-2'")
    mirror.con.execute("DELETE FROM cm_sku WHERE item_code = 'tw-2'")
    mirror.item("tw-3", "傘")
    evaluate_mapping(mirror.con, ACCOUNT, NOW + minutes(5))
    assert events(mirror) == {
        ("cm|tw-1||", "renamed", NAME, "linked"),
        ("cm|tw-2||", "gone", "帽子", "missing"),
        ("cm|tw-3||", "new", None, None),
    }
    evaluate_mapping(mirror.con, ACCOUNT, NOW + minutes(10))
    assert len(events(mirror)) == 3


def test_until_the_catalogue_was_read_to_its_end_no_product_is_new(mirror: Mirror) -> None:
    mirror.con.execute("UPDATE sync_cursor SET complete_at = NULL")
    mirror.item("tw-1", NAME)
    judged(mirror)
    mirror.item("tw-2", "帽子")
    mirror.con.execute("UPDATE sync_cursor SET complete_at = $now", {"now": NOW})
    judged(mirror)
    assert not events(mirror)


def test_texts_of_one_side_that_are_nearly_the_same_are_twins(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.item("tw-2", NAME)
    mirror.item("tw-3", "タオル　ホワイト")
    mirror.item("tw-4", "帽子")
    mirror.link("S1", "x-1", "傘", "赤")
    mirror.link("S2", "x-2", "傘", "赤")
    judged(mirror)
    found = mirror.con.execute(
        "SELECT side, twin_group, twin_kind, code FROM mapping_twin ORDER BY row_no"
    ).fetchall()
    assert found == [
        ("crossmall", 1, "same_key", "tw-1"),
        ("crossmall", 1, "same_key", "tw-2"),
        ("crossmall", 1, "same_key", "tw-3"),
        ("smartship", 2, "same_text", "S1"),
        ("smartship", 2, "same_text", "S2"),
    ]


@pytest.mark.parametrize(
    ("left", "right"), [(("a|b", "c"), ("a", "b|c")), (("a\\", "b"), ("a", "\\b"))]
)
def test_keys_keep_parts_apart_whatever_they_hold(
    mirror: Mirror, left: tuple[str, str], right: tuple[str, str]
) -> None:
    mirror.item("tw-1", NAME, left, right)
    mirror.link("S1", "tw-9", "傘", None)
    keys = {row["case_key"] for row in judged(mirror) if row["item_code"]}
    assert len(keys) == 2


def test_orders_that_wait_are_told_with_their_shops(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.link("S1", "tw-1", NAME, "白，S")
    mirror.order("1", ("tw-1", "白", "S", 1), shop_code="2")
    mirror.order("2", ("tw-1", "白", "S", 1), shop_code="1")
    row = only(mirror)
    assert (row["waiting_orders"], row["waiting_shops"]) == (2, '["1","2"]')


def test_without_smartship_rows_or_without_a_catalogue_there_is_nothing_to_say(
    mirror: Mirror,
) -> None:
    mirror.item("tw-1", NAME)
    assert evaluate_mapping(mirror.con, ACCOUNT, NOW) == {}
    other = Mirror()
    other.link("S1", "tw-1", NAME, None)
    assert evaluate_mapping(other.con, ACCOUNT, NOW) == {}


def test_an_item_with_attributes_whose_skus_are_not_read_yet_is_not_judged(mirror: Mirror) -> None:
    mirror.put("cm_item", item_code="tw-1", item_name=NAME, attribute1_label="カラー")
    mirror.put("cm_item", item_code="tw-2", item_name=NAME)
    mirror.link("S1", "tw-2", NAME, None)
    assert [row["item_code"] for row in judged(mirror)] == ["tw-2"]


def test_waiting_orders_are_the_open_ones_sets_by_their_components_too(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.item("set-1", "タオルセット")
    mirror.link("S1", "tw-1", NAME, "白，S")
    mirror.order("1", ("tw-1", "白", "S", 2), ("tw-1", "白", "S", 1))
    mirror.order("2", ("tw-1", "白", "S", 1), phase_role="before")
    mirror.order("3", ("tw-1", "白", "S", 1), phase_role="shipped")
    mirror.order("4", ("tw-1", "白", "S", 1), is_cancelled=True)
    mirror.order("5")
    mirror.line("5", 1, "set-1", "", "", amount=1, is_set=True)
    mirror.component("5", 1, "tw-1", "白", "S", pieces=3)
    waiting = {row["item_code"]: row["waiting_orders"] for row in judged(mirror)}
    assert waiting == {"tw-1": 3, "set-1": 1}


def test_a_linked_product_holds_up_no_order(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME, ("白", "S"))
    mirror.link("S1", "tw-1", NAME, "白,S")
    mirror.order("1", ("tw-1", "白", "S", 2))
    assert [row["waiting_orders"] for row in judged(mirror)] == [0]


def test_orders_that_still_want_a_gone_product_are_counted_at_its_stale_row(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link("S9", "old-9", "帽子", "白,S")
    mirror.order("1", ("old-9", "白", "S", 1))
    stale = [row for row in judged(mirror) if row["mapping_class"] == "stale"]
    assert [row["waiting_orders"] for row in stale] == [1]


def test_each_row_says_how_old_both_sides_are(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.item("tw-2", "帽子")
    mirror.link("S1", "tw-1", NAME, None, snapshot_at=NOW - minutes(30))
    mirror.con.execute("UPDATE cm_item SET seen_at = $at", {"at": NOW - minutes(5)})
    ages = {row["mapping_class"]: row for row in judged(mirror)}
    for row in ages.values():
        assert row["crossmall_seen_at"] == NOW - minutes(5)
        assert row["smartship_seen_at"] == NOW - minutes(30)


def test_a_second_run_replaces_the_rows_of_its_account_only(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link("S1", "tw-1", NAME, None)
    mirror.put(
        "mapping_case",
        account="別の店",
        row_no=1,
        mapping_class="missing",
        causes="[]",
        waiting_orders=0,
        basis="skus",
    )
    assert evaluate_mapping(mirror.con, ACCOUNT, NOW) == evaluate_mapping(mirror.con, ACCOUNT, NOW)
    assert len(mirror.cases("mapping_case")) == 2


def test_a_rollback_brings_the_former_rows_back(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.link("S1", "tw-1", NAME, None)
    before = judged(mirror)
    mirror.item("tw-2", "帽子")
    mirror.con.execute("BEGIN TRANSACTION")
    assert evaluate_mapping(mirror.con, ACCOUNT, NOW) == {"linked": 1, "missing": 1}
    mirror.con.execute("ROLLBACK")
    assert mirror.cases("mapping_case") == before


def test_counts_name_known_classes_and_causes_only(mirror: Mirror) -> None:
    mirror.item("tw-1", NAME)
    mirror.item("tw-2", "帽子")
    mirror.link("S1", "tw-1", NAME, None)
    mirror.link("S2", "gone", "傘", None)
    counts = evaluate_mapping(mirror.con, ACCOUNT, NOW)
    assert counts == {"linked": 1, "missing": 1, "stale": 1}
    assert set(counts) <= set(MAPPING_CLASSES)
    assert {code for row in mirror.cases("mapping_case") for code in row["causes"]} <= set(
        LINK_CAUSES
    )
