"""Every screen in its states and in every language, entered through app.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from reconcile import LANGUAGES, Text, Workspace
from tests.e2e.apptest.conftest import SCREENS, Shop, said

OpenApp = Callable[..., AppTest]
EVERY = [(screen, lang) for screen in SCREENS for lang in LANGUAGES]
BARE = ("connections", "glossary")  # they need no account
BOARDS = [(screen, lang) for screen, lang in EVERY if screen not in BARE]


@pytest.mark.parametrize(("screen", "lang"), EVERY)
def test_a_live_screen_says_its_title_and_how_fresh_it_is(
    screen: str, lang: str, demo_home: Path, open_app: OpenApp
) -> None:
    app, text = open_app(demo_home, screen, lang), Text(lang)
    assert app.title[0].value == text(f"{SCREENS[screen]}.title")
    assert text("frame.demo") in said(app)
    assert text("frame.health.ok") in said(app)
    assert text("states.error.title") not in said(app)


@pytest.mark.parametrize(("screen", "lang"), BOARDS)
def test_a_desk_without_account_says_what_to_do_first(
    screen: str, lang: str, tmp_path: Path, open_app: OpenApp
) -> None:
    app, text = open_app(tmp_path / "empty", screen, lang), Text(lang)
    assert text("states.never.title") in said(app)
    assert [button.label for button in app.button] == [text("states.never.connect")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_connections_without_account_offers_the_form(
    lang: str, tmp_path: Path, open_app: OpenApp
) -> None:
    app, text = open_app(tmp_path / "empty", "connections", lang), Text(lang)
    labels = [field.label for field in app.text_input]
    assert text("connections.field.company_code") in labels
    assert text("connections.demo.go") in said(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_glossary_finds_a_word_of_another_language(
    lang: str, tmp_path: Path, open_app: OpenApp
) -> None:
    every = open_app(tmp_path / "empty", "glossary", lang)
    found = open_app(tmp_path / "empty", "glossary", lang, q="QUIET hours")
    assert len(every.table) > 5
    assert [len(one.value) for one in found.table] == [1]
    shown = found.table[0].value.reset_index().iloc[0].tolist()
    own = "방해 금지 시간" if lang == "ko" else "quiet hours"
    assert {"送らない時間帯", own} <= set(shown)
    found.text_input(key="glossary-search").set_value("zzz").run()
    assert Text(lang)("glossary.none", search="zzz") in said(found)


@pytest.mark.parametrize(("screen", "lang"), BOARDS)
def test_an_account_never_read_is_never_shown_as_fine(
    screen: str, lang: str, unsynced_home: Path, open_app: OpenApp
) -> None:
    app, text = open_app(unsynced_home, screen, lang), Text(lang)
    assert text("states.unsynced.title", account="mihon") in said(app)
    assert text("frame.health.never") in said(app)
    assert text("frame.health.ok") not in said(app)


@pytest.mark.parametrize(("screen", "lang"), EVERY)
def test_a_store_that_cannot_be_used_is_told_with_its_cure(
    screen: str, lang: str, demo_copy: Path, open_app: OpenApp
) -> None:
    with duckdb.connect(str(demo_copy / "store.duckdb")) as store:
        store.execute("INSERT INTO schema_migration VALUES (999, 'later', now()::TIMESTAMP)")
    app, text = open_app(demo_copy, screen, lang), Text(lang)
    assert text("states.error.title") in said(app)
    assert text("error.store.too_new.cure") in said(app)
    assert "Traceback" not in said(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_table_names_the_filter_as_the_reason(
    lang: str, demo_home: Path, open_app: OpenApp
) -> None:
    text = Text(lang)
    orders = open_app(demo_home, "orders", lang, numbers="no-such-number")
    assert text("orders.empty.filtered") in said(orders)
    mapping = open_app(demo_home, "sku_mapping", lang, search="no-such-item")
    assert text("mapping.review.filtered") in said(mapping)
    stock = open_app(demo_home, "stock", lang, search="no-such-item")
    assert text("stock.empty.filtered") in said(stock)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_smartship_files_nothing_is_green_and_the_file_is_asked_for(
    lang: str, unsynced_home: Path, open_app: OpenApp
) -> None:
    Workspace.open(unsynced_home).sync("mihon")
    text = Text(lang)
    for screen in ("overview", "stock", "sku_mapping"):
        app = open_app(unsynced_home, screen, lang)
        assert text("frame.smartship.none") in said(app), screen
        assert text("overview.causes.none") not in said(app), screen


def test_clearing_the_filter_brings_the_rows_back(demo_home: Path, open_app: OpenApp) -> None:
    app, text = open_app(demo_home, "orders", numbers="no-such-number"), Text("ja")
    app.button(key="clear-orders").click().run()
    assert text("orders.empty.filtered") not in said(app)
    assert "numbers" not in app.query_params


def test_the_language_switch_stays_in_the_address(demo_home: Path, open_app: OpenApp) -> None:
    app = open_app(demo_home, "orders")
    app.get_by_key("pick-lang").set_value("en").run()
    assert app.query_params["lang"] in ("en", ["en"])
    assert app.title[0].value == Text("en")("orders.title")


def test_a_link_with_a_filter_shows_exactly_these_orders(
    demo_home: Path, open_app: OpenApp
) -> None:
    wanted = Workspace.open(demo_home).overview().by_state["act_now"]
    app = open_app(demo_home, "orders", state="act_now")
    assert Text("ja")("frame.total", n=wanted) in said(app)
    rows = app.dataframe[0].value
    assert {cell[0] for cell in rows["state"]} == {Text("ja")("state.act_now")}


def test_an_order_in_the_address_opens_its_case(demo_home: Path, open_app: OpenApp) -> None:
    workspace = Workspace.open(demo_home)
    finding = workspace.findings(rule="F07")[0]
    app = open_app(demo_home, "orders", order=str(finding.order_number), of="demo")
    told = workspace.explain(finding)
    assert told.title in said(app)
    assert told.saw in said(app)
    assert told.cure[0] in said(app)


def test_an_order_that_does_not_exist_is_told_in_words(demo_home: Path, open_app: OpenApp) -> None:
    app, text = open_app(demo_home, "orders", order="99999999", of="demo"), Text("ja")
    assert text("error.order.unknown", number="99999999") in said(app)


@pytest.mark.parametrize("parameter", ["sort", "dir", "size", "state", "period", "tab", "account"])
def test_nonsense_in_the_address_is_ignored(
    parameter: str, demo_home: Path, open_app: OpenApp
) -> None:
    app = open_app(demo_home, "orders", **{parameter: "<script>alert(1)</script>"})
    assert app.title[0].value == Text("ja")("orders.title")
    assert Text("ja")("states.error.title") not in said(app)


def test_a_key_is_shown_by_its_ending_only(
    unsynced_home: Path, open_app: OpenApp, small_shop: Shop
) -> None:
    app = open_app(unsynced_home, "connections", tab="settings")
    assert f"●●●●{small_shop.key[-2:]}" in said(app)
    assert small_shop.key not in said(app)
    assert all(small_shop.key not in str(field.value) for field in app.text_input)


def test_every_figure_of_the_overview_leads_to_its_rows(demo_home: Path, open_app: OpenApp) -> None:
    desk = Workspace.open(demo_home)
    seen = desk.overview()
    links = {
        (one.proto.label, name, value)
        for one in open_app(demo_home, "overview").get("page_link")
        for name, values in parse_qs(one.proto.query_string).items()
        for value in values
    }
    told = desk.findings(kind="cannot_tell")
    assert len(seen.cannot_tell)
    for row in seen.cannot_tell.to_dict("records"):
        orders = {one.order_number for one in told if one.missing == row["missing"]} - {None, ""}
        assert set(row["orders"].split()) == orders
        where = ("numbers", row["orders"]) if orders else ("cause", "not_comparable")
        assert (f"**{row['findings']:,}**", *where) in links
    rules = {row["rule"]: row["findings"] for row in seen.causes.to_dict("records")}
    for rule in ("F01", "F03", "F20"):
        assert (f"**{rules[rule]:,}**", "rule", rule) in links
