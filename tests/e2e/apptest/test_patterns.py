"""The section 傾向 of the Orders screen, what the overview says of the week, and decisions about order numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from reconcile import LANGUAGES, Text, Workspace
from tests.e2e.apptest.conftest import said

OpenApp = Callable[..., AppTest]


def links(app: AppTest) -> dict[str, str]:
    """The label of every page link with the parameters it leads to."""
    return {one.proto.label: one.proto.query_string for one in app.get("page_link")}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_orders_at_risk_come_with_the_next_pull_and_what_to_do(
    lang: str, demo_home: Path, open_app: OpenApp
) -> None:
    app, text = open_app(demo_home, "orders", lang, section="patterns"), Text(lang)
    waiting = Workspace.open(demo_home).at_risk("demo")
    assert text("frame.total", n=len(waiting)) in said(app)
    assert text("risk.todo.1", phase="発送待機") in said(app)
    shown = list(app.dataframe[0].value["order_number"])
    assert shown == list(waiting["order_number"][: len(shown)])


def test_a_cell_of_the_week_leads_to_its_orders(demo_home: Path, open_app: OpenApp) -> None:
    workspace, text = Workspace.open(demo_home), Text("ja")
    cells = workspace.misses_by_hour("demo")
    worst = cells.sort_values("orders").iloc[-1]
    code = f"{worst['weekday']}-{worst['hour_of_day']}"
    app = open_app(demo_home, "orders", section="patterns", part="hours", cell=code)
    numbers = workspace.missed_in_hour("demo", int(worst["weekday"]), int(worst["hour_of_day"]))
    assert len(numbers) == worst["orders"]
    assert all(number in links(app)[text("patterns.list")] for number in numbers)
    app.get_by_key("input.cell").set_value("").run()
    assert text("patterns.list") not in links(app)
    assert "cell" not in app.query_params


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_if_answers_in_sentences_that_follow_the_figures(
    lang: str, demo_home: Path, open_app: OpenApp
) -> None:
    app, text = open_app(demo_home, "orders", lang, section="patterns", part="what_if"), Text(lang)
    told = Workspace.open(demo_home).what_if("demo")
    assert text("what_if.stays", stays=told.share.stays) in said(app)
    assert (text("what_if.badly.mark") in said(app)) == told.share.fits_badly
    before = said(app)
    app.get_by_key("input.what_if_minimum").set_value(45.0).run()
    assert said(app) != before
    assert app.query_params["what_if_minimum"] in ("45", ["45"])
    assert not app.exception


@pytest.mark.parametrize("nonsense", ["-1", "nan", "1e999", "<script>"])
def test_figures_that_cannot_be_fall_back_to_the_usual(
    nonsense: str, demo_home: Path, open_app: OpenApp
) -> None:
    app = open_app(demo_home, "orders", section="patterns", part="what_if", what_if_every=nonsense)
    assert app.get_by_key("input.what_if_every").value == 60.0


def test_pulls_stand_newest_first_with_how_they_are_known(
    demo_home: Path, open_app: OpenApp
) -> None:
    app, text = open_app(demo_home, "orders", section="patterns", part="pulls"), Text("ja")
    pulls = Workspace.open(demo_home).pulls("demo")
    assert text("frame.total", n=len(pulls)) in said(app)
    first = list(app.dataframe[0].value["pull_by"])
    assert first == sorted(first, reverse=True)


def test_moves_not_seen_yet_are_no_empty_chart(demo_home: Path, open_app: OpenApp) -> None:
    app = open_app(demo_home, "orders", section="patterns", part="moves")
    assert Text("ja")("moves.none") in said(app)


def test_without_a_chosen_account_the_accounts_are_offered(
    unsynced_home: Path, open_app: OpenApp
) -> None:
    workspace, text = Workspace.open(unsynced_home), Text("ja")
    workspace.sync("mihon")
    first = workspace.accounts()[0]
    workspace.add_account("second", company_code="ill", key="k", base_url=first.base_url)
    app = open_app(unsynced_home, "orders", section="patterns")
    assert text("patterns.choose") in said(app)
    for name in ("mihon", "second"):
        assert f"account={name}" in links(app)[text("patterns.choose.one", name=name)]
    never = open_app(unsynced_home, "orders", section="patterns", account="second")
    assert text("states.unsynced.title", account="second") in said(never)
    hours = open_app(unsynced_home, "orders", section="patterns", part="hours", account="mihon")
    assert text("patterns.empty.file") in said(hours)


def test_the_overview_says_what_it_cannot_tell_and_where_the_week_is_worst(
    demo_home: Path, open_app: OpenApp
) -> None:
    app, text = open_app(demo_home, "overview"), Text("ja")
    (name, reason, at) = Workspace.open(demo_home).changes().untold[0]
    assert isinstance(at, datetime)
    assert text("changes.unknown") in said(app)
    assert reason == "too_young"
    words = said(app).replace("\\", "")
    assert text("changes.too_young", name=name, at=text.time(at)) in words
    assert "part=hours" in links(app)[text("hours.go")]


def test_an_addition_is_confirmed_and_rejected_on_the_phases_tab(
    demo_copy: Path, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(demo_copy / "store.duckdb")) as store:
        store.execute(
            "INSERT INTO order_affix VALUES ('demo', '1', 'smartship', 'R-', '', 4, 'proposed', now()::TIMESTAMP, NULL)"
        )
    monkeypatch.setenv("TOTSUGO_USER", "佐藤")
    app, text = open_app(demo_copy, "connections", tab="phases"), Text("ja")
    assert text("affix.state.proposed") in said(app)
    app.button(key="affix.demo.1:smartship:R-*.confirmed").click().run()
    assert text("affix.state.confirmed") in said(app)
    app.button(key="affix.demo.1:smartship:R-*.rejected").click().run()
    assert text("affix.state.rejected") in said(app)
    (one,) = Workspace.open(demo_copy).affixes("demo")
    assert (one.state, one.decided_by) == ("rejected", "佐藤")
