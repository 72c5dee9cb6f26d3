"""The mapping screen in its states and every language, and decisions through its buttons."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from reconcile import LANGUAGES, MappingFilter, Text, Workspace
from tests.e2e.apptest.conftest import said

OpenApp = Callable[..., AppTest]
TEXT = Text("ja")
NEAR = MappingFilter(states=("near_miss",))
SECTIONS = ("review", "table", "bulk", "fixes", "events", "twins", "acts")


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOTSUGO_USER", "佐藤")


def button(app: AppTest, start: str) -> Any:
    """The button whose key begins so: its name holds the case that was shown."""
    return next(one for one in app.button if str(one.key).startswith(start))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_in_every_language(
    section: str, lang: str, demo_home: Path, open_app: OpenApp
) -> None:
    app = open_app(demo_home, "sku_mapping", lang, section=section)
    assert Text(lang)("states.error.title") not in said(app)
    assert app.get_by_key("input.section").value == section


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_review_with_nothing_left_says_whether_the_filter_is_why(
    lang: str, demo_home: Path, open_app: OpenApp
) -> None:
    app, text = open_app(demo_home, "sku_mapping", lang, state="linked"), Text(lang)
    assert text("mapping.review.filtered") in said(app)
    assert text("mapping.review.done") not in said(app)


def test_a_link_to_a_case_that_is_gone_says_so_and_leads_on(
    demo_home: Path, open_app: OpenApp
) -> None:
    app = open_app(demo_home, "sku_mapping", case="cm|no-such|x|y")
    assert TEXT("error.mapping.case", case="cm|no-such|x|y") in said(app)
    app.button(key="review-first").click().run()
    assert TEXT("states.error.title") not in said(app)


def test_accept_undo_and_redo_go_through_the_buttons_into_the_ledger(
    demo_copy: Path, open_app: OpenApp
) -> None:
    workspace = Workspace.open(demo_copy)
    workspace.mapping("demo")
    first, second = workspace.mapping_queue("demo", NEAR, size=2)
    app = open_app(demo_copy, "sku_mapping", state="near_miss")
    button(app, "act-accept").click().run()
    assert app.query_params["case"] in (second.case_key, [second.case_key])
    case = workspace.mapping_case("demo", first.case_key)
    assert (case.decision, case.decided_by) == ("accepted", "佐藤")
    assert str(first.item_name) in said(app)
    button(app, "turn-undone").click().run()
    assert app.query_params["case"] in (first.case_key, [first.case_key])
    assert workspace.mapping_case("demo", first.case_key).decision == "open"
    button(app, "turn-redone").click().run()
    assert workspace.mapping_case("demo", first.case_key).decision == "accepted"


def test_the_second_person_sees_who_was_faster_and_nothing_is_lost(
    demo_copy: Path, open_app: OpenApp
) -> None:
    workspace = Workspace.open(demo_copy)
    workspace.mapping("demo")
    first = workspace.mapping_queue("demo", NEAR, size=1)[0]
    app = open_app(demo_copy, "sku_mapping", state="near_miss")
    workspace.mapping_decide("demo", [first.case_key], "no_counterpart", by="鈴木")
    button(app, "act-accept").click().run()
    assert TEXT("mapping.conflict.title") in said(app)
    assert "鈴木" in said(app)
    assert TEXT("mapping.act.accept") in said(app)
    case = workspace.mapping_case("demo", first.case_key)
    assert (case.decision, case.decided_by) == ("no_counterpart", "鈴木")
    button(app, "act-accept").click().run()
    assert workspace.mapping_case("demo", first.case_key).decision == "accepted"
    assert [act.actor for act in workspace.mapping_acts("demo", limit=2)] == ["佐藤", "鈴木"]


def test_a_duplicate_is_never_chosen_by_itself(demo_copy: Path, open_app: OpenApp) -> None:
    app = open_app(demo_copy, "sku_mapping", state="duplicate")
    assert TEXT("mapping.candidates.choose") in said(app)
    assert button(app, "act-accept").disabled
    button(app, "pick-").click().run()
    assert not button(app, "act-accept").disabled


def test_a_product_without_a_counterpart_has_no_candidate_ready_unless_only_its_link_is_missing(
    demo_copy: Path, open_app: OpenApp
) -> None:
    workspace = Workspace.open(demo_copy)
    workspace.mapping("demo")
    queue = workspace.mapping_queue("demo", MappingFilter(states=("missing",)))
    cases = [workspace.mapping_case("demo", row.case_key) for row in queue]
    kinds = {"auto": "link_missing", "review": "missing"}
    for decision, advice in kinds.items():
        case = next(one for one in cases if one.candidates[0].decision == decision)
        app = open_app(demo_copy, "sku_mapping", case=case.case_key)
        asks = TEXT("mapping.candidates.choose.if_any") in said(app)
        assert asks == button(app, "act-accept").disabled == (decision == "review")
        assert TEXT(f"mapping.advice.{advice}") in said(app)
    button(app, "pick-").click().run()
    assert not button(app, "act-accept").disabled


def test_products_that_compete_for_one_sku_name_each_other(
    demo_home: Path, open_app: OpenApp
) -> None:
    workspace = Workspace.open(demo_home)
    twins = workspace.mapping_twins("demo")
    ours = twins[twins["side"] == "crossmall"]
    assert sorted(ours["code"]) == ["LF-0010", "LF-0016", "TK-0001", "TK-0002"]
    for code, other in (("LF-0010", "TK-0001"), ("TK-0001", "LF-0010")):
        (case_key,) = ours.loc[ours["code"] == code, "case_key"]
        app = open_app(demo_home, "sku_mapping", case=str(case_key))
        told = TEXT("mapping.candidates.wanted", products=other)
        assert told in said(app).replace("\\", "")


def test_a_rejected_candidate_is_not_shown_again(demo_copy: Path, open_app: OpenApp) -> None:
    workspace = Workspace.open(demo_copy)
    workspace.mapping("demo")
    first = workspace.mapping_queue("demo", NEAR, size=1)[0]
    best = workspace.mapping_case("demo", first.case_key).candidates[0].sku_no
    app = open_app(demo_copy, "sku_mapping", state="near_miss")
    button(app, "act-reject").click().run()
    case = workspace.mapping_case("demo", first.case_key)
    assert case.rejected == (best,)
    assert TEXT("mapping.candidates.rejected", numbers=[best]) in said(app)
    assert f"pick-{case.case_key}-{case.version}-{best}" not in {one.key for one in app.button}


def test_a_class_is_accepted_from_its_frozen_list_and_taken_back_as_one(
    demo_copy: Path, open_app: OpenApp
) -> None:
    workspace = Workspace.open(demo_copy)
    workspace.mapping("demo")
    wanted = workspace.mapping_preview("demo", MappingFilter(classes=("comma",), queue_only=True))
    app = open_app(demo_copy, "sku_mapping", section="bulk")
    app.button(key="bulk-list-comma").click().run()
    assert TEXT("mapping.bulk.accept", n=wanted.count) in said(app)
    button(app, "bulk-accept").click().run()
    taken = workspace.mapping("demo", MappingFilter(decisions=("accepted",))).table.rows
    assert set(taken["case_key"]) == {row.case_key for row in wanted.rows}
    button(app, "turn-undone").click().run()
    assert workspace.mapping("demo", MappingFilter(decisions=("accepted",))).table.rows.empty


def test_without_a_name_nothing_can_be_decided(
    demo_home: Path, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOTSUGO_USER")
    app = open_app(demo_home, "sku_mapping")
    assert TEXT("mapping.review.person") in said(app)
    assert not [one for one in app.button if str(one.key).startswith("act-")]


def _hide_lists(workspace: Workspace, kind: str) -> None:
    """As if the kept lists had gone: an act on them is refused."""
    with workspace._db.write() as cursor:
        cursor.execute(f"UPDATE mapping_list SET kind = {kind}")


def test_a_mapping_list_is_shown_as_a_difference_before_it_is_applied(
    demo_copy: Path, open_app: OpenApp
) -> None:
    workspace = Workspace.open(demo_copy)
    workspace.mapping("demo")
    (first,) = workspace.mapping_queue("demo", NEAR, size=1)
    case = workspace.mapping_case("demo", first.case_key)
    item_code, *attributes = case.case_key.split("|")[1:]
    rows = io.StringIO()
    csv.writer(rows).writerows(
        [
            ("item_code", "attribute1_name", "attribute2_name", "sku_no", "decision"),
            (item_code, *attributes, case.candidates[0].sku_no, "accept"),
            ("no-such", "", "", case.candidates[0].sku_no, "reopen"),
            ("no-such", "", "", case.candidates[0].sku_no, "perhaps"),
        ]
    )
    app = open_app(demo_copy, "sku_mapping", section="fixes")
    app.file_uploader(key="mapping-import-file").set_value(
        [("list.csv", rows.getvalue().encode("utf-8"), "text/csv")]
    )
    app.run()
    app.button(key="mapping-import-go").click().run()
    assert TEXT("mapping.import.apply", n=1) in said(app)
    assert TEXT("desk.chip", word=TEXT("mapping.import.refused"), n=2) in said(app)
    assert workspace.mapping_case("demo", first.case_key).decision == "open"
    _hide_lists(workspace, "kind || '?'")
    button(app, "mapping-import-apply").click().run()
    _hide_lists(workspace, "rtrim(kind, '?')")
    assert workspace.mapping_case("demo", first.case_key).decision == "open"
    button(app, "mapping-import-apply").click().run()
    assert workspace.mapping_case("demo", first.case_key).decision == "accepted"
    assert not [one for one in app.button if str(one.key).startswith("mapping-import-apply")]


def test_a_file_that_is_no_mapping_list_is_refused_in_words(
    demo_home: Path, open_app: OpenApp
) -> None:
    app = open_app(demo_home, "sku_mapping", section="fixes")
    app.file_uploader(key="mapping-import-file").set_value([("x.csv", b"a,b\n1,2\n", "text/csv")])
    app.run()
    app.button(key="mapping-import-go").click().run()
    assert not app.exception
    assert app.error or TEXT("states.error.title") in said(app)
    assert not [one for one in app.button if str(one.key).startswith("mapping-import-apply")]


def test_a_class_with_too_few_decisions_cannot_be_made_automatic(
    demo_home: Path, open_app: OpenApp
) -> None:
    app = open_app(demo_home, "sku_mapping", section="bulk")
    switches = [one for one in app.toggle if str(one.key).startswith("bulk-auto-")]
    assert switches
    assert all(one.disabled and not one.value for one in switches)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_renamed_product_is_listed_and_leads_to_its_case(
    lang: str, demo_copy: Path, open_app: OpenApp
) -> None:
    text = Text(lang)
    with duckdb.connect(str(demo_copy / "store.duckdb")) as store:
        found = store.execute(
            "SELECT case_key, item_name FROM mapping_desk WHERE mapping_class = 'near_miss' LIMIT 1"
        ).fetchone()
        assert found is not None
        case_key, name = found
        store.execute("DELETE FROM mapping_event")
        store.executemany(
            "INSERT INTO mapping_event VALUES ('demo', ?, ?, ?, ?, ?, 'linked')",
            [
                (case_key, "2026-11-02 00:00:00", "renamed", name, "以前の名前"),
                ("cm|gone|x|y", "2026-11-01 00:00:00", "gone", None, "消えた商品"),
            ],
        )
    app = open_app(demo_copy, "sku_mapping", lang, section="events")
    assert text("mapping.table.hint") in said(app)
    app.session_state["rows-events"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    assert text("mapping.events.gone") in said(app)
    app.session_state["rows-events"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    button(app, "open-").click().run()
    assert app.query_params["case"] in (case_key, [case_key])
    assert app.get_by_key("input.section").value == "review"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_shop_without_changed_products_says_so(
    lang: str, demo_copy: Path, open_app: OpenApp
) -> None:
    with duckdb.connect(str(demo_copy / "store.duckdb")) as store:
        store.execute("DELETE FROM mapping_event")
    app = open_app(demo_copy, "sku_mapping", lang, section="events")
    assert Text(lang)("mapping.events.none") in said(app)
