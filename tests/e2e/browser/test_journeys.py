"""The ways people go, from end to end: a newcomer until the first orders, and a missed order from sight to decision."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconcile import ORDER_STATES, SMARTSHIP_OPTIONS, OrderFilter, Text, TriageFilter, Workspace
from tests.e2e.apptest.conftest import Shop, serving
from tests.e2e.browser.driving import (
    CELL_PX,
    HEADER_PX,
    ROW_PX,
    chosen,
    press,
    says,
    settled,
    table,
    went,
)

pytestmark = pytest.mark.browser
TEXT = Text("ja")
WHO = "佐藤"
NAME, WRONG_KEY = "mihon", "mXCTpnoB"
PHASES = ["注文確認", "発送待機", "QXPRESS発送済み", "完了"]
CLICKS_MOST = 3
SYNC_MS = 300_000  # a busy machine is slow, not broken
# The way must not leave the page, else the count would begin anew and the sum be missing.
COUNT = "window.clicks = 0; addEventListener('click', event => { window.clicks += event.isTrusted }, true)"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A shop in its own process, its phases named as Smartship needs them and its clock right."""
    with serving("--orders", "25") as running:
        control = running.url.replace("/webapi2", "/_sandbox/")
        for name, value in (
            ("settings", {"phases": PHASES}),
            ("clock", {"set": datetime.now(UTC).isoformat()}),
        ):
            body = json.dumps(value).encode()
            urllib.request.urlopen(
                urllib.request.Request(
                    control + name, body, headers={"Content-Type": "application/json"}
                ),
                timeout=30,
            ).close()
        yield running


def verdict(page: Any, state: str) -> None:
    """The connection test has ended with this verdict."""
    words = TEXT(f"connections.test.{state}")
    page.locator(".st-key-ladder_verdict").get_by_text(words, exact=True).wait_for()
    settled(page)


def test_a_newcomer_adds_an_account_mends_its_key_and_sees_the_first_orders(
    tmp_path: Path,
    keys: Path,
    page: Any,
    serve: Callable[..., Any],
    shop: Shop,
    own_keys: None,
) -> None:
    home = tmp_path / "home"
    with serve(home, keys, TOTSUGO_NO_DEMO="1") as address:
        went(page, address)
        says(page, ".st-key-never_connected", TEXT("states.never.body"))
        first = page.locator(".st-key-never_connected")
        assert first.locator("button").count() == 1
        press(first, "states.never.connect")
        page.locator(".st-key-add-name input").wait_for()
        settled(page)

        for name, value in (
            ("name", NAME),
            ("company_code", "ill"),
            ("key", WRONG_KEY),
            ("shops", "1"),
            ("base_url", shop.url),
        ):
            page.locator(f".st-key-add-{name} input").fill(value)
        for option in SMARTSHIP_OPTIONS:
            chosen(page.locator(f".st-key-add-{option}"), "connections.choice.on")
        press(page, "connections.add.go")
        verdict(page, "failed")
        for words in (TEXT("ladder.step.access"), TEXT("connections.step.cure", cure="").strip()):
            says(page, ".st-key-ladder_todo_access", words)
        assert WRONG_KEY not in page.locator("body").inner_text()
        press(page, "connections.new.keep_anyway")

        page.locator(f".st-key-head_{NAME}").wait_for()
        settled(page)
        chosen(page, "connections.tab.settings")
        page.locator(f".st-key-rotate-{NAME}-key_new input").fill(shop.key)
        press(page, "connections.rotate.go")
        page.get_by_text(TEXT("connections.change.done")).wait_for()
        chosen(page, "connections.tab.test")
        press(page, "connections.test.go")
        verdict(page, "ok")
        assert page.locator("[class*=st-key-ladder_todo_]").count() == 0

        chosen(page, "connections.tab.sync")
        page.locator(f".st-key-sync-{NAME} button").wait_for()
        settled(page)
        page.locator(f".st-key-sync-{NAME} button").click()
        fresh = page.locator(".st-key-frame_freshness").get_by_text(TEXT("frame.health.ok"))
        fresh.wait_for(timeout=SYNC_MS)
        settled(page)
        page.get_by_role("link", name=TEXT("overview.title"), exact=True).first.click()
        page.locator(".st-key-count_act_now a").first.wait_for()
        settled(page)
        counts = [page.locator(f".st-key-count_{one} a").first.inner_text() for one in ORDER_STATES]
    desk = Workspace.open(home)
    held = sum(int(count.replace(",", "")) for count in counts)
    assert held == desk.orders(OrderFilter(account=NAME, desk="all")).table.total > 0
    assert desk.accounts()[0].key_hint == shop.key[-2:]


def test_a_missed_order_is_explained_within_three_clicks_decided_and_taken_back(
    desk: str, page: Any, workspace: Workspace
) -> None:
    missed = workspace.orders(OrderFilter(account="demo", rules=("F07",), desk="open")).table
    assert missed.total > 0
    went(page, desk)
    page.evaluate(COUNT)
    page.locator(".st-key-cause_F07 a").first.click()
    page.wait_for_url("**/orders?*rule=F07*")
    settled(page)
    page.locator("[data-testid=stDataFrame]").first.click(
        position={"x": CELL_PX, "y": HEADER_PX + ROW_PX // 2}, force=True
    )
    page.wait_for_url("**order=*")
    page.locator(".st-key-case_pull").wait_for()
    settled(page)
    number = page.url.split("order=")[1].split("&")[0]
    assert number in set(missed.rows["order_number"])
    case = workspace.order("demo", number)
    told = workspace.why(case)
    why = page.locator(".st-key-case_pull").inner_text()
    assert told.title in why
    assert told.cure
    for place, step in enumerate(told.cure, start=1):
        assert TEXT("orders.case.step", n=place, step=step) in why
    chosen(page.locator(".st-key-case_next"), "case.next.sheet")
    page.locator("[class*=st-key-recovery_]").first.wait_for()
    assert page.evaluate("window.clicks") <= CLICKS_MOST
    settled(page)

    def acknowledged() -> set[str | None]:
        found = workspace.triaged(TriageFilter(account="demo", states=("acknowledged",)))
        return {row.order_number for row in found.rows}

    finding = page.locator(".st-key-finding_F07_finding")
    chosen(finding, "desk.act.ack")
    finding.get_by_label(TEXT("desk.person")).fill(WHO)
    finding.get_by_role("button", name=TEXT("desk.case.go", what=TEXT("desk.act.ack"))).click()
    done = page.locator(".st-key-desk_done")
    done.get_by_text(TEXT("desk.done.done", what=TEXT("desk.act.ack"), n=1)).wait_for()
    settled(page)
    assert acknowledged() == {number}
    says(page, ".st-key-finding_F07_finding", WHO)

    page.get_by_role("radio", name=TEXT("desk.segment.mine", n=1), exact=True).click()
    page.locator(".st-key-above_orders").get_by_text(TEXT("frame.total", n=1)).wait_for()
    settled(page)
    assert any(number in row for row in table(page, 1))
    press(done, "desk.undo")
    done.get_by_text(TEXT("desk.done.undone", what=TEXT("desk.act.ack"), n=1)).wait_for()
    assert not acknowledged()
    page.get_by_role("radio", name=TEXT("desk.segment.open", n=missed.total), exact=True).click()
    page.locator(".st-key-above_orders").get_by_text(TEXT("frame.total", n=missed.total)).wait_for()
