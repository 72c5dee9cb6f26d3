"""Lists of decisions from files: every row is told what it would do before anything is done."""

from __future__ import annotations

import csv
import io

import pytest

from reconcile.errors import ImportRejected, UsageError
from tests.mapping.desk import Desk, key

HEAD = "item_code,attribute1_name,attribute2_name,sku_no,decision,fix,why"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    made = Desk(tmp_path / "data")
    made.pair(0, "タオル", "タオル")
    for number in range(1, 6):
        made.pair(number, f"帽子 {'白黒青赤緑'[number - 1]}", f"帽子屋 {'白黒青赤緑'[number - 1]}")
    made.judge()
    return made


def read(desk, *rows, head=HEAD, encoding="utf-8-sig"):
    data = "\r\n".join((head, *rows)).encode(encoding)
    return desk.workspace.mapping_import("shop", "list.csv", data)


def told(diff):
    return {row.row: (row.became, row.reason) for row in diff.rows}


def test_every_row_is_new_changed_the_same_in_conflict_or_refused_with_its_reason(desk):
    desk.decide(2, "accept")
    desk.decide(3, "no_counterpart")
    before = desk.projection()
    diff = read(
        desk,
        "tw-1,,,S1,,,同じ商品",
        "tw-2,,,S2,accept,smartship,",
        "tw-3,,,S3,,,",
        "tw-4,,,S2,,,",
        "tw-5,,,S5,,,",
        "tw-5,,,S1,,,",
        "tw-0,,,S0,,,",
        "tw-0,,,S1,,,",
        "tw-9,,,S1,,,",
        "tw-4,,,S99,,,",
        "tw-4,,,,accept,,",
        "tw-4,,,S4,perhaps,,",
        "tw-4,,,S4,accept,both,",
    )
    assert told(diff) == {
        1: ("new", None),
        2: ("same", None),
        3: ("changed", None),
        4: ("conflicting", "taken"),
        5: ("conflicting", "twice"),
        6: ("conflicting", "twice"),
        7: ("same", None),
        8: ("refused", "linked"),
        9: ("refused", "unknown_item"),
        10: ("refused", "unknown_sku"),
        11: ("refused", "no_sku"),
        12: ("refused", "decision"),
        13: ("refused", "fix"),
    }
    assert desk.projection() == before
    report = desk.workspace.mapping_import_apply(diff.id, by="高橋")
    assert (report.done, report.skipped) == (2, ())
    case = desk.case(1)
    assert (case.decision, case.decided_by, case.why) == ("accepted", "高橋", "同じ商品")
    assert [desk.case(number).decision for number in (2, 3, 4, 5)] == [
        *("accepted", "accepted"),
        *("open", "open"),
    ]
    desk.workspace.mapping_undo(report.ledger[0])
    assert [desk.case(number).decision for number in (1, 3)] == ["open", "no_counterpart"]


def test_what_changed_since_the_difference_was_shown_is_left_alone(desk):
    diff = read(desk, "tw-1,,,S1,,,", "tw-2,,,S2,,,")
    desk.decide(2, "later", by="高橋")
    report = desk.workspace.mapping_import_apply(diff.id)
    assert (report.done, [(one.case_key, one.why, one.by) for one in report.skipped]) == (
        1,
        [(key(2), "changed", "高橋")],
    )
    with pytest.raises(UsageError):
        desk.workspace.mapping_import_apply("nothing")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_titles_may_be_the_words_of_the_language(desk, encoding):
    head = "商品コード,属性1,属性2,SKU番号,判断"
    assert told(read(desk, "tw-1,,,S1,later", head=head, encoding=encoding)) == {1: ("new", None)}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "table"),
        (b"\x00\x01\x02", "table"),
        (b"item_code,sku_no\r\ntw-1,S1\r\n", "columns"),
    ],
)
def test_a_file_that_is_no_list_of_decisions_is_refused(desk, data, error):
    with pytest.raises(ImportRejected) as caught:
        desk.workspace.mapping_import("shop", "list.csv", data)
    assert caught.value.help_key == f"error.mapping.import.{error}"


@pytest.mark.parametrize(("profile", "encoding"), [("machine", "utf-8-sig"), ("people", "cp932")])
def test_what_was_exported_comes_back_as_the_same(desk, profile, encoding):
    desk.decide(1, "accept")
    desk.decide(2, "no_counterpart")
    desk.decide(3, "later")
    made = desk.workspace.export("mapping", account="shop", profile=profile, encoding=encoding)
    diff = desk.workspace.mapping_import("shop", made.file_name, made.data)
    assert {row.became for row in diff.rows} == {"same"}


def test_texts_that_a_spreadsheet_would_run_go_out_guarded_and_come_back(desk):
    desk.ours(7, "=1+1")
    desk.theirs(7, "＝1+1")
    desk.judge()
    desk.decide(7, "accept")
    made = desk.workspace.export("mapping_fixes_smartship", account="shop", changes_only=True)
    (row,) = csv.DictReader(io.StringIO(made.data.decode("utf-8-sig")))
    assert (row["正しい商品名"], row["いまの商品名"]) == ("'=1+1", "'＝1+1")
    exact = desk.workspace.export("mapping_fixes_smartship", account="shop", profile="machine")
    assert {
        one["product_name_new"] for one in csv.DictReader(io.StringIO(exact.data.decode()))
    } == {
        "タオル",
        "=1+1",
    }


def test_a_text_that_cp932_cannot_hold_is_listed_with_its_code_point(desk):
    desk.ours(7, "タオル 〜")
    desk.theirs(7, "タオル ～")
    desk.judge()
    desk.decide(7, "accept")
    made = desk.workspace.export(
        "mapping_fixes_smartship", account="shop", encoding="cp932", changes_only=True
    )
    assert [(one["row"], one["code_point"], one["becomes"]) for one in made.changed_characters] == [
        (1, "U+301C", "?")
    ] or [one["code_point"] for one in made.changed_characters] == ["U+301C"]
