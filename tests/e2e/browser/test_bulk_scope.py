"""R17: whatever a person does between checking rows and acting on them, an act touches the orders its preview lists, no other."""

from __future__ import annotations

import random
from typing import Any

import pytest

from reconcile import Text, TriageFilter, Workspace
from tests.conftest import Sized, Tally
from tests.e2e.browser.driving import HEADER_PX, READ, ROW_PX, says, settled, went

pytestmark = pytest.mark.browser
TEXT = Text("ja")
BOX_PX = 18  # from the left: the box that checks a row
WHO = "佐藤"
START = ("rule=F07", "state=act_now", "state=at_risk&sort=waiting_h&dir=down", "desk=all")
GRID = "[data-testid=stDataFrame]"


def check(page: Any, row: int) -> None:
    """Puts a mark before that row of the list, or takes it away."""
    page.locator(GRID).last.click(
        position={"x": BOX_PX, "y": HEADER_PX + ROW_PX * row + ROW_PX // 2}, force=True
    )
    settled(page)


def disturb(page: Any, rng: random.Random) -> str:
    """One thing that a person may do with rows checked."""
    way = rng.choice(("reload", "back", "forward", "chip", "desk", "screen", "check", "act"))
    match way:
        case "reload":
            page.reload()
        case "back":
            page.go_back()
        case "forward":
            page.go_forward()
        case "chip":
            chips = page.locator("[class*=st-key-chips_] button")
            if chips.count():
                chips.nth(rng.randrange(chips.count())).click()
        case "desk":
            page.locator(".st-key-desk_head [role=radio]").nth(rng.choice((2, 4))).click()
        case "screen":
            page.get_by_role("link", name=TEXT("overview.title"), exact=True).first.click()
            page.locator(".st-key-count_act_now").first.wait_for()
            page.go_back()
        case "check":
            if page.locator(GRID).count():
                check(page, rng.randrange(3))
        case "act":
            prepare(page)
    page.wait_for_selector(".st-key-frame_header")
    settled(page)
    return way


def prepare(page: Any) -> None:
    """Chooses the act, which freezes and lists what it will touch; only where rows are checked."""
    act = page.locator(".st-key-desk_bar").get_by_role(
        "radio", name=TEXT("desk.act.ack"), exact=True
    )
    if act.count() and act.get_attribute("aria-checked") != "true":
        act.click()
        settled(page)


def previewed(page: Any) -> set[str]:
    """The numbers of the orders in the preview, as assistive technology reads them; empty where there is none."""
    grid = page.locator(f".st-key-desk_bar {GRID}")
    if not grid.count():
        return set()
    grid.locator("table tr").nth(1).wait_for(state="attached")
    head, *rows = grid.evaluate(READ)
    place = head.index(TEXT("column.order_number"))
    return {row[place] for row in rows}


def acknowledged(workspace: Workspace) -> set[str | None]:
    found = workspace.triaged(TriageFilter(account="demo", states=("acknowledged",)))
    return {row.order_number for row in found.rows}


def test_an_act_touches_what_its_preview_lists_and_nothing_else(
    desk: str, page: Any, workspace: Workspace, sized: Sized, tally: Tally
) -> None:
    before = acknowledged(workspace)
    acts = ways = 0
    for seed in range(sized(2, 150)):
        rng = random.Random(seed)
        went(page, f"{desk}orders?{START[seed % len(START)]}")
        for count, row in enumerate(rng.sample(range(4), rng.randint(1, 3)), start=1):
            check(page, row)
            says(page, ".st-key-desk_bar", TEXT("desk.bar.count", n=count))
        if rng.random() < 0.7:
            prepare(page)
        done = [disturb(page, rng) for _ in range(rng.randint(1, 4))]
        ways += len(done)
        assert acknowledged(workspace) == before, (seed, done)
        assert page.locator("[data-testid=stException]").count() == 0, (seed, done)
        prepare(page)
        listed = previewed(page)
        if not listed and page.locator(GRID).count():  # nothing is checked any more: no button acts
            check(page, 0)
            prepare(page)
            listed = previewed(page)
        if not listed:
            continue
        bar = page.locator(".st-key-desk_bar")
        person = bar.get_by_label(TEXT("desk.person"))
        if person.count():
            person.fill(WHO)
        bar.locator("[data-testid=stFormSubmitButton] button").click()
        undo = page.locator(".st-key-desk_done").get_by_text(TEXT("desk.undo"), exact=True)
        undo.wait_for()
        assert acknowledged(workspace) - before == listed, (seed, done)
        acts += 1
        undo.click()
        page.get_by_text(TEXT("desk.redo"), exact=True).wait_for()
        assert acknowledged(workspace) == before, (seed, done)
    assert acts > 0
    tally("R17", sequences=sized(2, 150), steps=ways, acts=acts, outside=0)
