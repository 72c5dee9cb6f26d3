"""The stock screen: its sections in every language, filters from the address, one case, the sheet, what counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import waterfall
from pages.ui.stockcase import KEY
from pages.ui.stockfilter import Asked
from pages.ui.waterfall import signed
from reconcile import JST, LANGUAGES, Paging, Text, Workspace
from tests.e2e.apptest.conftest import said

OpenApp = Callable[..., AppTest]
TEXT = Text("ja")
SECTIONS = ("list", "total", "sheet", "scope")
ALL = Paging(size=200)


def pictures(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(one.proto.spec) for one in app.get("plotly_chart")]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_in_every_language(
    section: str, lang: str, demo_home: Path, open_app: OpenApp
) -> None:
    app = open_app(demo_home, "stock", lang, section=section)
    assert Text(lang)("states.error.title") not in said(app)


def test_a_link_with_a_filter_shows_exactly_these_rows(demo_home: Path, open_app: OpenApp) -> None:
    wanted = Workspace.open(demo_home).stock("demo", causes=("in_flight",), least=2).table.total
    app = open_app(demo_home, "stock", cause="in_flight", least="2")
    assert 0 < wanted < Workspace.open(demo_home).stock("demo", causes=("in_flight",)).table.total
    assert TEXT("frame.total", n=wanted) in said(app)
    assert TEXT("stock.words.least", n=2) in said(app)


def test_the_figure_of_a_stock_rule_on_the_overview_leads_to_its_skus(
    demo_home: Path, open_app: OpenApp
) -> None:
    desk = Workspace.open(demo_home)
    causes = desk.overview().causes.set_index("rule")["findings"]
    app = open_app(demo_home, "overview")
    links = {
        (one.proto.label, parse_qs(one.proto.query_string).get("risk", [""])[0])
        for one in app.get("page_link")
    }
    rules = [rule for rule in ("F11", "F12", "F13", "F14", "F15", "F47") if rule in causes]
    assert len(rules) >= 5
    for rule in rules:
        assert (f"**{causes[rule]:,}**", rule) in links
    listed = open_app(demo_home, "stock", risk="F11")
    wanted = desk.stock("demo", risks=("F11",)).table.total
    assert wanted >= causes["F11"] > 0
    assert TEXT("frame.total", n=wanted) in said(listed)
    assert desk.rule_title("F11") in said(listed)


@pytest.mark.parametrize("profile", ["people", "machine"])
def test_the_csv_menu_gives_the_rows_of_the_filter(profile: str, demo_home: Path) -> None:
    workspace, asked = Workspace.open(demo_home), Asked(causes=("in_flight",), least=2)
    made = workspace.export("stock", profile=profile, account="demo", **asked.values())
    assert made.rows == workspace.stock("demo", **asked.values()).table.total > 0


def test_the_head_counts_what_may_be_oversold_and_what_cannot_be_compared(
    demo_home: Path, open_app: OpenApp
) -> None:
    rows = Workspace.open(demo_home).stock("demo", paging=ALL).table.rows
    exposed = rows["exposure"].fillna(0)
    words = said(open_app(demo_home, "stock"))
    assert (
        TEXT("stock.head.exposed", skus=int((exposed > 0).sum()), pieces=int(exposed.sum()))
        in words
    )
    assert TEXT("stock.head.untold", n=int(rows["gap"].isna().sum())) in words


def test_a_sku_of_every_cause_opens_and_a_set_says_how_its_figure_comes_about(
    demo_home: Path, open_app: OpenApp
) -> None:
    rows = Workspace.open(demo_home).stock("demo", paging=ALL).table.rows
    sets = rows[rows["set_of"].fillna(0) > 0]
    assert not sets.empty
    shown = pd.concat([rows.drop_duplicates("cause"), sets.drop_duplicates("cause")])
    for row in shown.astype(object).where(shown.notna(), "").to_dict("records"):
        app = open_app(demo_home, "stock", sku=[row[name] for name in KEY])
        words = said(app)
        assert TEXT.word("cause", row["cause"], plain=True) in words
        if row["set_of"] and row["expected"] != "":
            assert TEXT("stock.case.expected.set", expected=int(row["expected"])) in words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_sku_tells_its_gap_as_parts_that_add_up_and_what_moved_it(
    lang: str, demo_home: Path, open_app: OpenApp
) -> None:
    text, workspace = Text(lang), Workspace.open(demo_home)
    row = workspace.stock("demo", causes=("overwritten",)).table.rows.iloc[0]
    case = workspace.stock_case("demo", row["item_code"], row["attribute1"], row["attribute2"])
    (told,) = case.rows
    app = open_app(demo_home, "stock", lang, cause="overwritten", sku=[row[n] for n in KEY])
    parts = [f"{text.word('cause', code)} {signed(n)}" for code, n in told["parts"].items()]
    figures = {name: told[name] for name in ("crossmall", "smartship")}
    assert text("stock.case.parts", gap=signed(told["gap"]), parts=parts, **figures) in said(app)
    gap, history = pictures(app)
    *sizes, total = gap["data"][0]["x"]
    assert sum(sizes) == total == told["gap"]
    marks = {moved for trace in history["data"] for moved in trace.get("text", ())}
    moves = workspace.stock_history(case).moves
    orders = moves[moves["movement"] == "order"]["subject"]
    assert len(orders) > 1
    assert all(any(number in mark for mark in marks) for number in orders)


def test_when_a_sku_runs_out_beyond_a_day_is_told_as_a_day_with_its_year(
    demo_home: Path, open_app: OpenApp
) -> None:
    desk = Workspace.open(demo_home)
    rows = desk.stock("demo", paging=ALL).table.rows
    ahead = rows["runs_out_at"] > pd.Timestamp(desk.now()) + pd.Timedelta(days=2)
    row = rows[ahead].iloc[0]
    app = open_app(demo_home, "stock", sku=[row[name] for name in KEY])
    day = row["runs_out_at"].tz_convert(JST).date().isoformat()
    assert TEXT("stock.case.fact", name=TEXT("column.runs_out_at"), value=day) in said(app)


def test_a_sku_that_cannot_be_compared_has_no_gap_and_no_zero(
    demo_home: Path, open_app: OpenApp
) -> None:
    row = Workspace.open(demo_home).stock("demo", causes=("not_evaluated",)).table.rows.iloc[0]
    words = said(open_app(demo_home, "stock", sku=[row[name] for name in KEY]))
    assert f"**{TEXT('stock.unknown')}**" in words
    assert TEXT("stock_cause.not_evaluated.help") in words
    assert TEXT("stock.case.waterfall") not in words


def test_a_sku_that_is_gone_from_a_link_is_told(demo_home: Path, open_app: OpenApp) -> None:
    app = open_app(demo_home, "stock", sku=["no-such-item", "", "", ""])
    assert TEXT("states.error.title") in said(app)


def test_a_link_to_a_shop_shows_what_that_shop_has_sold(demo_home: Path, open_app: OpenApp) -> None:
    workspace = Workspace.open(demo_home)
    code, name = workspace.stock("demo").shops[0]
    wanted = workspace.stock("demo", shops=(code,)).table.total
    words = said(open_app(demo_home, "stock", shop=code))
    assert TEXT("frame.total", n=wanted) in words
    assert TEXT("stock.words.shop", what=[name]) in words


def test_a_saved_view_with_a_cause_of_the_past_says_so_and_shows_the_rest(
    demo_home: Path, open_app: OpenApp
) -> None:
    wanted = Workspace.open(demo_home).stock("demo", causes=("in_flight",)).table.total
    words = said(open_app(demo_home, "stock", cause=["in_flight", "sold_twice"]))
    assert TEXT("stock.filter.unknown", names=["sold_twice"]) in words
    assert TEXT("frame.total", n=wanted) in words


def test_the_bars_of_a_gap_stand_where_the_one_above_ended() -> None:
    (bars,) = waterfall.drawn(TEXT, {"in_flight": -3, "overwritten": 5, "held": -4}, -2).data
    assert list(bars.base) == [0, -3, 2, 0]
    assert list(bars.x) == [-3, 5, -4, -2]


def test_the_whole_account_shows_every_part(demo_home: Path, open_app: OpenApp) -> None:
    total = Workspace.open(demo_home).stock_total("demo")
    app = open_app(demo_home, "stock", section="total")
    (drawn,) = pictures(app)
    assert drawn["data"][0]["x"] == [*total.parts.values(), total.gap]
    for cause, skus in total.untold.items():
        assert TEXT("desk.chip", word=TEXT.word("cause", cause), n=skus) in said(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheet_is_plainly_a_proposal(lang: str, demo_home: Path, open_app: OpenApp) -> None:
    text, rows = Text(lang), Workspace.open(demo_home).stock_corrections("demo")
    words = said(open_app(demo_home, "stock", lang, section="sheet"))
    assert text("stock.sheet.proposal") in words
    assert text("frame.total", n=len(rows)) in words


def test_a_greater_tolerance_is_kept_and_puts_small_gaps_in_step(
    demo_copy: Path, open_app: OpenApp
) -> None:
    before = Workspace.open(demo_copy).stock("demo").by_cause["in_step"]
    app = open_app(demo_copy, "stock", section="scope")
    app.number_input(key="stock-tolerance-demo").set_value(5)
    next(one for one in app.button if one.label == TEXT("connections.change.go")).click().run()
    assert TEXT("stock.scope.done") in said(app)
    workspace = Workspace.open(demo_copy)
    assert workspace.accounts()[0].stock_tolerance == 5
    assert workspace.stock("demo").by_cause["in_step"] > before


def test_a_tolerance_out_of_range_is_refused_in_words(demo_copy: Path, open_app: OpenApp) -> None:
    app = open_app(demo_copy, "stock", section="scope")
    app.number_input(key="stock-tolerance-demo").set_value(5_000)
    next(one for one in app.button if one.label == TEXT("connections.change.go")).click().run()
    assert TEXT("states.error.title") in said(app)
    assert Workspace.open(demo_copy).accounts()[0].stock_tolerance == 0
