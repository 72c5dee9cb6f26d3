"""Decisions on product links: what they change, when they come back, and that nobody's is lost."""

from __future__ import annotations

import pytest

from reconcile.errors import UsageError
from reconcile.mapping.decisions import MappingConflict, MappingFilter
from reconcile.mapping.record import MIN_DECIDED, can_decide, lower_bound
from tests.mapping.desk import Desk, key

WIDE, NARROW = "タオル ホワイト", "ﾀｵﾙ ホワイト"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    monkeypatch.setenv("TOTSUGO_USER", "佐藤")
    made = Desk(tmp_path / "data")
    made.pair(0, WIDE, WIDE)
    made.pair(1, "タオル 青", "ﾀｵﾙ 青")
    made.pair(2, "帽子 黒", "帽子屋 黒")
    made.ours(3, "傘 赤")
    made.judge()
    return made


def board(desk, **chosen):
    return desk.workspace.mapping("shop", MappingFilter(**chosen))


def test_the_queue_holds_what_is_not_linked_and_an_act_takes_it_out(desk):
    assert desk.queue() == [key(1), key(2), key(3)]
    act = desk.decide(1, "accept", why="同じ商品", by="高橋")
    case = desk.case(1)
    assert (case.decision, case.decided_by, case.why, case.fix) == (
        *("accepted", "高橋", "同じ商品"),
        "smartship",
    )
    assert (case.chosen.sku_no, case.chosen.ss_product_name) == ("S1", "ﾀｵﾙ 青")
    assert desk.queue() == [key(2), key(3)]
    entry = desk.workspace._ledger.entries()[-1]
    assert (entry.sequence, entry.event, entry.actor) == (act, "mapping.decided", "高橋")
    assert entry.values["items"][0]["item_name"] == "タオル 青"
    seen = board(desk)
    assert (seen.left, seen.done_today, seen.by_decision["accepted"]) == (2, 1, 1)


def test_the_second_of_two_people_is_told_who_decided_what_and_when(desk):
    shown = desk.case(1).version
    desk.decide(1, "no_counterpart", expected_version=shown, by="高橋")
    with pytest.raises(MappingConflict) as caught:
        desk.decide(1, "accept", expected_version=shown, by="鈴木")
    told = caught.value.values
    assert (told["by"], told["decision"], told["case"]) == ("高橋", "no_counterpart", key(1))
    assert told["at"] == desk.case(1).decided_at
    assert desk.case(1).decision == "no_counterpart"


def test_a_text_that_changed_since_it_was_shown_is_a_conflict_too(desk):
    shown = desk.case(1).version
    desk.theirs(1, "ﾀｵﾙ　青")
    desk.judge()
    with pytest.raises(MappingConflict) as caught:
        desk.decide(1, "accept", expected_version=shown)
    assert caught.value.help_key == "error.mapping.changed"


def test_of_several_cases_all_are_decided_or_none(desk):
    shown = {row.case_key: row.version for row in desk.workspace.mapping_queue("shop")}
    desk.decide(2, "later")
    before = desk.projection()
    with pytest.raises(MappingConflict):
        desk.workspace.mapping_decide("shop", [key(1), key(2)], "later", expected_version=shown)
    assert desk.projection() == before


def test_a_rejected_candidate_is_not_proposed_again(desk):
    desk.decide(2, "reject")
    case = desk.case(2)
    assert (case.state, case.sku_no, case.rejected, case.decision) == (
        *("missing", None, ("S2",)),
        "open",
    )
    assert all(one.sku_no != "S2" for one in case.candidates)
    desk.judge()
    assert (desk.case(2).state, desk.case(2).rejected) == ("missing", ("S2",))
    act = desk.workspace.mapping_acts("shop")[0].sequence
    desk.workspace.mapping_undo(act)
    assert (desk.case(2).state, desk.case(2).sku_no) == ("name_only", "S2")


def test_of_two_equally_near_rows_the_other_is_left_when_one_is_rejected(desk):
    desk.theirs(1, "ﾀｵﾙ青", sku="T1")
    desk.judge()
    assert desk.case(1).state == "ambiguous"
    with pytest.raises(UsageError) as caught:
        desk.decide(1, "accept")
    assert caught.value.help_key == "error.mapping.which"
    desk.decide(1, "reject", sku_no="T1")
    assert (desk.case(1).state, desk.case(1).sku_no) == ("near_miss", "S1")


def test_any_sku_of_smartship_can_be_chosen_but_none_that_no_file_has(desk):
    desk.decide(3, "accept", sku_no="S2")
    assert desk.case(3).chosen.ss_product_name == "帽子屋 黒"
    with pytest.raises(UsageError) as caught:
        desk.decide(1, "accept", sku_no="S99")
    assert caught.value.help_key == "error.mapping.no_such_sku"


@pytest.mark.parametrize(
    ("number", "decision", "error"),
    [
        (0, "accept", "linked"),
        (0, "no_counterpart", "linked"),
        (3, "accept", "which"),
        (1, "approve", "decision"),
        (9, "later", "case"),
    ],
)
def test_what_cannot_be_decided_is_refused(desk, number, decision, error):
    with pytest.raises(UsageError) as caught:
        desk.decide(number, decision)
    assert caught.value.help_key == f"error.mapping.{error}"


def test_a_fix_arrives_with_the_next_file_and_not_before(desk):
    desk.decide(1, "accept")
    assert desk.case(1).arrival == "waiting"
    desk.judge()
    assert desk.case(1).arrival == "waiting"
    desk.later()
    desk.theirs(2, "帽子屋 黒")
    desk.judge()
    assert (desk.case(1).arrival, desk.case(1).decision) == ("not_arrived", "accepted")
    desk.theirs(1, "ﾀｵﾙ　青")
    desk.judge()
    assert (desk.case(1).arrival, desk.case(1).decision) == ("differs", "changed")
    assert desk.case(1).changed.ss_product_name == "ﾀｵﾙ 青"
    desk.theirs(1, "タオル 青")
    desk.judge()
    case = desk.case(1)
    assert (case.state, case.arrival, case.decision) == ("linked", "arrived", "accepted")


def test_a_fix_of_our_own_side_arrives_with_the_next_sync(desk):
    desk.decide(1, "accept", fix="crossmall")
    (row,) = desk.workspace.mapping_fixes("shop", "crossmall").to_dict("records")
    assert (row["product_name_now"], row["product_name_new"]) == ("タオル 青", "ﾀｵﾙ 青")
    desk.later()
    desk.ours(1, "タオル 青")
    desk.judge()
    assert desk.case(1).arrival == "not_arrived"
    desk.ours(1, "ﾀｵﾙ 青")
    desk.judge()
    assert (desk.case(1).state, desk.case(1).arrival) == ("linked", "arrived")
    assert desk.workspace.mapping_fixes("shop", "crossmall", changes_only=True).empty


@pytest.mark.parametrize("decision", ["accept", "no_counterpart", "later"])
def test_a_name_that_changed_after_the_decision_comes_back_with_both_texts(desk, decision):
    desk.decide(1, decision)
    assert key(1) not in desk.queue()
    desk.later()
    desk.ours(1, "タオル 青 新型")
    desk.judge()
    case = desk.case(1)
    assert (case.decision, case.item_name, case.changed.item_name) == (
        *("changed", "タオル 青 新型"),
        "タオル 青",
    )
    assert key(1) in desk.queue()
    desk.decide(1, "later")
    assert key(1) not in desk.queue()


def test_a_new_row_near_a_product_without_counterpart_brings_it_back(desk):
    desk.decide(3, "no_counterpart")
    desk.judge()
    assert desk.case(3).decision == "no_counterpart"
    desk.later()
    desk.theirs(3, "傘　赤")
    desk.judge()
    assert desk.case(3).decision == "changed"


def test_what_has_to_stand_at_smartship_is_a_list_of_changes_and_a_whole_one(desk):
    desk.theirs(8, "廃番", code="old-8")
    desk.judge()
    desk.decide(1, "accept")
    desk.workspace.mapping_decide("shop", ["ss|S8|old-8|"], "no_counterpart")
    todo = desk.workspace.mapping_fixes("shop", "smartship", changes_only=True)
    assert {(row.fix_action, row.sku_no, row.product_name_new) for row in todo.itertuples()} == {
        ("correct", "S1", "タオル 青"),
        ("remove", "S8", None),
    }
    whole = desk.workspace.mapping_fixes("shop", "smartship")
    assert set(whole["sku_no"]) == {"S0", "S1", "S8"}
    assert whole.set_index("sku_no").loc["S0", "fix_action"] == "keep"


def test_a_bulk_act_takes_the_previewed_unique_cases_and_says_what_it_left_out(desk):
    desk.theirs(2, "帽子屋 黒", sku="T2")
    desk.pair(4, "水 500ml", "水 550ml")
    desk.pair(5, "靴 白", "靴　白")
    desk.ours(6, "靴  白")
    desk.theirs(6, "別物", code="tw-6")
    desk.judge()
    frozen = desk.workspace.mapping_preview("shop", MappingFilter(queue_only=True))
    assert [row.case_key for row in frozen.rows] == [key(1), key(5), key(6)]
    assert {one.case_key: one.why for one in frozen.left_out} == {
        key(2): "ambiguous",
        key(3): "no_candidate",
        key(4): "number",
    }
    desk.decide(5, "later", by="高橋")
    report = desk.workspace.mapping_decide_list(frozen.id, "accept")
    assert (report.done, [(one.case_key, one.why, one.by) for one in report.skipped]) == (
        2,
        [(key(5), "changed", "高橋")],
    )
    assert [desk.case(n).decision for n in (1, 5, 6)] == ["accepted", "later", "accepted"]
    assert desk.workspace.mapping_list(frozen.id).rows == frozen.rows
    with pytest.raises(UsageError):
        desk.workspace.mapping_decide_list("nothing", "accept")


def test_a_row_that_two_products_want_is_never_taken_in_bulk(desk):
    desk.ours(5, "ﾀｵﾙ 青")
    desk.execute("UPDATE cm_item SET item_code = 'TW-1' WHERE item_code = 'tw-5'")
    desk.execute("UPDATE cm_sku SET item_code = 'TW-1' WHERE item_code = 'tw-5'")
    desk.theirs(1, "タオル　青", code="tw－1")
    desk.judge()
    frozen = desk.workspace.mapping_preview("shop", MappingFilter(search="青"))
    assert not frozen.rows
    assert {one.why for one in frozen.left_out} == {"shared"}
    first, second = frozen.left_out
    rivals = {
        one.case_key: desk.workspace.mapping_case("shop", one.case_key).candidates[0].wanted_by
        for one in (first, second)
    }
    assert sorted(rivals.values()) == [("TW-1",), ("tw-1",)]
    desk.workspace.mapping_decide("shop", [first.case_key], "no_counterpart")
    assert not desk.workspace.mapping_case("shop", second.case_key).candidates[0].wanted_by


def test_the_queue_goes_on_from_a_case_that_left_it(desk):
    desk.decide(2, "later")
    after = desk.workspace.mapping_queue("shop", after=key(2))
    before = desk.workspace.mapping_queue("shop", before=key(2))
    assert [row.case_key for row in after] == [key(3)]
    assert [row.case_key for row in before] == [key(1)]
    later = desk.workspace.mapping_queue("shop", MappingFilter(decisions=["later"]))
    assert [row.case_key for row in later] == [key(2)]


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ({"states": ["near_miss"]}, {1}),
        ({"classes": ["width_kana"]}, {1}),
        ({"search": "帽子屋"}, {2}),
        ({"search": "S2"}, {2}),
        ({"decisions": ["later"]}, {3}),
        ({"queue_only": True}, {1, 2}),
        ({}, {0, 1, 2, 3}),
    ],
)
def test_a_filter_chooses_rows_and_leaves_the_counts_alone(desk, chosen, numbers):
    desk.decide(3, "later")
    seen = board(desk, **chosen)
    assert set(seen.table.rows["case_key"]) == {key(number) for number in numbers}
    assert seen.table.total == len(numbers)
    assert (sum(seen.by_class.values()), seen.left) == (4, 2)


def test_an_unknown_filter_is_refused(desk):
    with pytest.raises(UsageError):
        board(desk, states=["nearly"])


def proven(desk, wrong=0):
    """So many decisions of one class that it may decide by itself; `wrong` of them against the proposal."""
    with desk.workspace._db.write() as cursor:
        cursor.execute(
            "INSERT INTO mapping_decision (account, case_key, sequence, root, event, decision, sku_no, rejected, causes,"
            " proposal, proposed_sku_no, actor, acted_at) SELECT 'shop', 'cm|x-' || i || '||', 1, 1, 'mapping.decided',"
            " CASE WHEN i < $wrong THEN 'no_counterpart' ELSE 'accepted' END, 'X' || i, '[]', '[\"width_kana\"]', 'auto',"
            " 'X' || i, '佐藤', TIMESTAMP '2026-11-01' FROM range($many) r(i)",
            {"many": MIN_DECIDED, "wrong": wrong},
        )


def test_a_class_decides_by_itself_only_once_its_record_allows_it(desk):
    with pytest.raises(UsageError) as caught:
        desk.workspace.mapping_class_automatic("shop", "width_kana", True)
    assert caught.value.help_key == "error.mapping.unproven"
    proven(desk)
    (record,) = [
        one for one in desk.workspace.mapping_class_record("shop") if one.code == "width_kana"
    ]
    assert (record.decided, record.right, record.open) == (MIN_DECIDED, MIN_DECIDED, 1)
    assert record.can_be_automatic
    desk.workspace.mapping_class_automatic("shop", "width_kana", True)
    case = desk.case(1)
    assert (case.decision, case.decided_by) == ("accepted", "totsugo")
    desk.pair(7, "靴下 青", "ｸﾂ下 青")
    desk.pair(8, "ソックス", "ｿｯｸｽ")
    desk.judge()
    assert (desk.case(7).decision, desk.case(8).decision) == ("open", "accepted")
    assert desk.workspace._ledger.entries()[-1].event == "mapping.automatic"


def test_one_wrong_decision_of_so_few_keeps_a_class_from_deciding(desk):
    proven(desk, wrong=1)
    with pytest.raises(UsageError):
        desk.workspace.mapping_class_automatic("shop", "width_kana", True)


def test_what_was_accepted_by_itself_can_be_taken_back_and_stays_so(desk):
    proven(desk)
    desk.workspace.mapping_class_automatic("shop", "width_kana", True)
    act = desk.workspace.mapping_acts("shop")[0]
    assert (act.decision, act.actor) == ("automatic", "totsugo")
    desk.workspace.mapping_undo(act.sequence)
    desk.judge()
    assert desk.case(1).decision == "open"
    desk.workspace.mapping_class_automatic("shop", "width_kana", False)
    desk.pair(8, "ソックス", "ｿｯｸｽ")
    desk.judge()
    assert desk.case(8).decision == "open"


def test_the_bound_is_clopper_pearsons():
    assert lower_bound(0, 0) is None
    assert lower_bound(0, 50) == pytest.approx(0.0, abs=1e-9)
    assert lower_bound(200, 200) == pytest.approx(0.05 ** (1 / 200), abs=1e-9)
    assert lower_bound(9, 10) == pytest.approx(0.6058, abs=1e-4)
    assert lower_bound(315 - 1, 315) == pytest.approx(0.98502, abs=1e-4)
    assert [can_decide(*one) for one in ((199, 199), (200, 200), (313, 314), (314, 315))] == [
        *(False, True),
        *(False, True),
    ]
