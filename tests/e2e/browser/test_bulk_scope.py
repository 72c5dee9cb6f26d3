"""R17: whatever a person does between checking rows and acting on them, an act touches the orders its preview lists, no other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from pages.ui.triagebar import UNSOLVED
from reconcile import Text, TriageFilter, Workspace
from tests.conftest import PARTS, Sized, Tally
from tests.e2e.browser.driving import BOX_PX, GRID, HEADER_PX, READ, ROW_PX, says, settled, went

pytestmark = pytest.mark.browser
TEXT = Text("ja")
WHO = "佐藤"
MARKS = "grid => [...grid.querySelectorAll('table tr')].slice(1).map(row => row.getAttribute('aria-selected'))"
START = ("rule=F07", "state=act_now", "state=at_risk&sort=waiting_h&dir=down", "desk=all")


def check(page: Any, row: int) -> None:
    """Puts a mark before that row of the list, or takes it away."""
    grid = page.locator(GRID).last
    told = grid.locator("table tr").nth(row + 1)
    before = told.get_attribute("aria-selected")
    for _ in range(3):  # a click on a table that is just drawn anew is lost
        grid.click(position={"x": BOX_PX, "y": HEADER_PX + ROW_PX * row + ROW_PX // 2}, force=True)
        settled(page)
        if told.get_attribute("aria-selected") != before:
            return


def rows_of(page: Any) -> int:
    """How many orders the list shows."""
    grids = page.locator(GRID)
    if not grids.count():
        return 0
    rows = grids.last.locator("table tr")
    rows.nth(1).wait_for(state="attached")
    return int(rows.count()) - 1


def disturb(page: Any, rng: random.Random) -> str:
    """One thing that a person may do with rows checked."""
    way = rng.choice(("reload", "back", "forward", "chip", "desk", "screen", "check", "act"))
    match way:
        case "reload":
            page.reload()
        case "back":
            if page.evaluate("navigation.currentEntry.index"):  # else there is nothing of ours
                page.go_back()
        case "forward":
            page.go_forward()
        case "chip":
            chips = page.locator("[class*=st-key-chips_] button")
            if chips.count():
                chips.nth(rng.randrange(chips.count())).click()
        case "desk":
            desks = page.locator(".st-key-desk_head [role=radio]")
            if desks.count():  # on the way back there are other screens
                desks.nth(rng.choice((2, 4))).click()
        case "screen":
            page.get_by_role("link", name=TEXT("overview.title"), exact=True).first.click()
            page.locator(".st-key-count_act_now").first.wait_for()
            page.go_back()
        case "check":
            if rows := rows_of(page):
                check(page, rng.randrange(min(4, rows)))
        case "act":
            prepare(page)
    page.wait_for_selector(".st-key-frame_header")
    settled(page)
    return way


def prepare(page: Any) -> None:
    """Chooses the act, which freezes and lists what it will touch; only where rows are checked."""
    bar = page.locator(".st-key-desk_bar")
    act = bar.get_by_role("radio", name=TEXT("desk.act.ack"), exact=True)
    if act.count() and act.get_attribute("aria-checked") != "true":
        act.click()
        bar.locator("[data-testid=stForm], [data-testid=stText]").first.wait_for()
        settled(page)


def numbers(grid: Any) -> list[str]:
    """The numbers of the orders in a table, as assistive technology reads them."""
    grid.locator("table tr").nth(1).wait_for(state="attached")
    head, *rows = grid.evaluate(READ)
    place = head.index(TEXT("column.order_number"))
    return [row[place] for row in rows]


def previewed(page: Any) -> set[str]:
    """The orders in the preview; empty where there is none."""
    grid = page.locator(f".st-key-desk_bar {GRID}")
    return set(numbers(grid)) if grid.count() else set()


def marked(page: Any) -> set[str]:
    """The orders of the list that have a mark before them."""
    grid = page.locator(GRID).last
    pairs = zip(numbers(grid), grid.evaluate(MARKS), strict=True)
    return {number for number, mark in pairs if mark == "true"}


def unsolved(workspace: Workspace, orders: set[str]) -> set[str | None]:
    """Those of the orders that have something of their own to act on."""
    if not orders:  # a filter without orders would mean all
        return set()
    asked = TriageFilter(states=UNSOLVED, orders=tuple(("demo", number) for number in orders))
    return {row.order_number for row in workspace.triaged(asked).rows} - {None}


def checked(page: Any, rows: Sequence[int]) -> set[str]:
    """Puts a mark before those rows of the list, of which none has one; the orders in them."""
    listed = numbers(page.locator(GRID).last)
    for count, row in enumerate(rows, start=1):
        check(page, row)
        says(page, ".st-key-desk_bar", TEXT("desk.bar.count", n=count))
    return {listed[row] for row in rows}


def acknowledged(workspace: Workspace) -> set[str | None]:
    found = workspace.triaged(TriageFilter(account="demo", states=("acknowledged",)))
    return {row.order_number for row in found.rows}


@pytest.mark.parametrize("part", PARTS)
def test_an_act_touches_what_its_preview_lists_and_nothing_else(
    desk: str, page: Any, workspace: Workspace, sized: Sized, tally: Tally, part: int
) -> None:
    before = acknowledged(workspace)
    acts = ways = 0
    sequences = sized(1, 100)
    for seed in range(part * sequences, (part + 1) * sequences):
        rng = random.Random(seed)
        went(page, f"{desk}orders?{START[seed % len(START)]}")
        page.locator(GRID).last.wait_for()
        places = range(min(4, rows_of(page)))
        wanted = checked(page, rng.sample(places, rng.randint(1, len(places))))
        if rng.random() < 0.7:
            prepare(page)
            assert previewed(page) <= wanted, seed  # what a whole shop has is asked for apart
        done = [disturb(page, rng) for _ in range(rng.randint(1, 4))]
        ways += len(done)
        assert acknowledged(workspace) == before, (seed, done)
        assert page.locator("[data-testid=stException]").count() == 0, (seed, done)
        prepare(page)
        listed = previewed(page)
        none_checked = page.locator(".st-key-desk_bar").get_by_text(TEXT("desk.bar.none")).count()
        if not listed and none_checked and rows_of(page):  # no button acts
            wanted = checked(page, [0])
            prepare(page)
            listed = previewed(page)
            assert listed <= wanted, (seed, done)
        if not listed:
            continue
        assert listed == unsolved(workspace, marked(page)), (seed, done)
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
    tally("R17", sequences=sequences, steps=ways, acts=acts, outside=0)


def test_rows_stay_marked_as_long_as_the_bar_counts_them(desk: str, page: Any) -> None:
    went(page, f"{desk}orders?rule=F07")
    page.locator(GRID).last.wait_for()
    wanted = checked(page, [0, 2])
    assert marked(page) == wanted
    page.get_by_role("link", name=TEXT("overview.title"), exact=True).first.click()
    page.locator(".st-key-count_act_now").first.wait_for()
    page.go_back()
    says(page, ".st-key-desk_bar", TEXT("desk.bar.count", n=2))
    settled(page)
    assert marked(page) == wanted
    check(page, 2)
    says(page, ".st-key-desk_bar", TEXT("desk.bar.count", n=1))
    assert marked(page) < wanted
