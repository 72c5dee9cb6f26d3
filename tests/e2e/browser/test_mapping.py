"""The review of products by keyboard alone, in a real browser; the store is read again for what really happened."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pages.ui.skucandidates import near
from reconcile import MIN_DECIDED, MappingFilter, Text, Workspace
from reconcile.mapping.record import lower_bound
from tests.e2e.browser.driving import says, settled, went

pytestmark = pytest.mark.browser
TEXT = Text("ja")
WHO = "佐藤"
NEAR = MappingFilter(states=("near_miss",))
WAIT_S = 60.0
TABS_MOST = 80  # keys from the head of the page to the field of the name
# What a browser sends while Japanese input composes: no letter, only the key's place on the keyboard.
COMPOSED = """(code) => { for (const kind of ["keydown", "keyup"]) document.body.dispatchEvent(
    new KeyboardEvent(kind, { key: "Process", code, keyCode: 229, bubbles: true, cancelable: true })) }"""


@pytest.fixture
def workspace(demo_home: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(keys))
    opened = Workspace.open(demo_home)
    opened.mapping("demo")  # judged, as a visit does
    return opened


def queued(workspace: Workspace) -> list[str]:
    return [one.case_key for one in workspace.mapping_queue("demo", NEAR, size=50)]


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def opened(page: Any, address: str) -> None:
    """The screen with the person's name typed in, as everybody has to once."""
    went(page, address)
    page.get_by_role("textbox", name=TEXT("desk.person")).focus()
    page.keyboard.type(WHO)
    page.keyboard.press("Enter")
    page.locator(
        "[class*=st-key-act-accept] button, [class*=st-key-bulk-list] button"
    ).first.wait_for()
    settled(page)


def shows(page: Any, code: str | None) -> None:
    page.locator(".st-key-mapping_case_head").get_by_text(str(code), exact=True).wait_for()
    settled(page)


def test_accepting_going_on_and_taking_back_by_keyboard_alone(
    desk: str, page: Any, workspace: Workspace
) -> None:
    first, second = workspace.mapping_queue("demo", NEAR, size=2)
    left = workspace.mapping_progress("demo").left
    opened(page, f"{desk}sku_mapping?state=near_miss")
    shows(page, first.item_code)

    page.keyboard.press("a")
    shows(page, second.item_code)
    taken = workspace.mapping_case("demo", first.case_key)
    assert (taken.decision, taken.decided_by, taken.fix) == ("accepted", WHO, "smartship")
    assert taken.chosen is not None
    assert taken.chosen.item_name == first.item_name
    assert workspace.mapping_progress("demo").left == left - 1
    says(page, ".st-key-mapping_last", str(first.item_name))

    page.reload()
    shows(page, second.item_code)

    opened(page, page.url)
    page.keyboard.press("u")
    shows(page, first.item_code)
    assert workspace.mapping_case("demo", first.case_key).decision == "open"
    page.keyboard.press("y")
    until(
        lambda: workspace.mapping_case("demo", first.case_key).decision == "accepted",
        "redo did not come",
    )
    settled(page)
    page.keyboard.press("u")
    until(
        lambda: workspace.mapping_case("demo", first.case_key).decision == "open",
        "the second undo did not come",
    )
    assert workspace.mapping_progress("demo").left == left


def test_a_key_pressed_twice_decides_one_case(desk: str, page: Any, workspace: Workspace) -> None:
    first, second = workspace.mapping_queue("demo", NEAR, size=2)
    before = len(workspace.mapping_acts("demo", limit=500))
    opened(page, f"{desk}sku_mapping?state=near_miss")
    page.keyboard.press("s")
    page.keyboard.press("s")
    shows(page, second.item_code)
    assert len(workspace.mapping_acts("demo", limit=500)) == before + 1
    assert workspace.mapping_case("demo", second.case_key).decision == "open"
    page.keyboard.press("u")
    shows(page, first.item_code)


def test_arrows_digits_and_the_side_to_correct_decide_nothing(
    desk: str, page: Any, workspace: Workspace
) -> None:
    first, second = workspace.mapping_queue("demo", NEAR, size=2)
    before = len(workspace.mapping_acts("demo", limit=500))
    opened(page, f"{desk}sku_mapping?state=near_miss")
    page.keyboard.press("ArrowDown")
    shows(page, second.item_code)
    page.keyboard.press("ArrowUp")
    shows(page, first.item_code)
    several = next(
        key for key in queued(workspace) if len(near(workspace.mapping_case("demo", key))) > 1
    )
    opened(page, f"{desk}sku_mapping?state=near_miss&case={quote(several)}")
    page.keyboard.press("2")
    page.locator(".st-key-candidate_2_on").wait_for()
    page.keyboard.press("f")
    page.get_by_text(TEXT("mapping.side.turn", side=TEXT("frame.smartship"))).wait_for()
    assert len(workspace.mapping_acts("demo", limit=500)) == before


def test_keys_work_while_japanese_input_is_on_and_rest_while_one_types(
    desk: str, page: Any, workspace: Workspace
) -> None:
    first, second = workspace.mapping_queue("demo", NEAR, size=2)
    before = len(workspace.mapping_acts("demo", limit=500))
    opened(page, f"{desk}sku_mapping?state=near_miss")
    search = page.locator(".st-key-mapping_search input").first
    search.focus()
    page.keyboard.type("asdx12u")
    settled(page)
    assert len(workspace.mapping_acts("demo", limit=500)) == before
    search.fill("")
    page.keyboard.press("Enter")
    search.blur()
    settled(page)
    page.evaluate(COMPOSED, "KeyS")
    shows(page, second.item_code)
    assert workspace.mapping_case("demo", first.case_key).decision == "later"
    page.keyboard.press("u")
    shows(page, first.item_code)


@pytest.mark.soak
def test_another_candidate_a_refusal_and_no_counterpart_without_the_mouse_from_the_first_key(
    desk: str, page: Any, workspace: Workspace
) -> None:
    rows = workspace.mapping_queue("demo", NEAR, size=8)
    cases = [workspace.mapping_case("demo", row.case_key) for row in rows]
    at, several = next(
        (place, case) for place, case in enumerate(cases[:-2]) if len(case.candidates) > 1
    )
    refused, gone = cases[at + 1], cases[at + 2]
    before = {case.case_key: case.decision for case in cases}
    went(page, f"{desk}sku_mapping?state=near_miss")
    page.evaluate("addEventListener('pointerdown', () => { window.mouse = true }, true)")
    field = page.get_by_role("textbox", name=TEXT("desk.person"))
    for _ in range(TABS_MOST):
        if field.evaluate("field => field === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type(WHO)
    page.keyboard.press("Enter")
    page.locator("[class*=st-key-act-accept] button").first.wait_for()
    settled(page)
    page.keyboard.press("h")
    page.locator(".st-key-mapping_keys").wait_for()
    for _ in range(at):
        page.keyboard.press("ArrowDown")
        settled(page)
    shows(page, several.item_code)

    page.keyboard.press("2")
    page.locator(".st-key-candidate_2_on").wait_for()
    settled(page)
    page.keyboard.press("a")
    shows(page, refused.item_code)
    taken = workspace.mapping_case("demo", several.case_key)
    assert taken.decision == "accepted"
    assert taken.chosen is not None
    assert taken.chosen.sku_no == several.candidates[1].sku_no
    page.keyboard.press("d")
    first = refused.candidates[0].sku_no
    until(
        lambda: first in workspace.mapping_case("demo", refused.case_key).rejected,
        "the candidate was not refused",
    )
    shows(page, refused.item_code)
    page.keyboard.press("ArrowDown")
    shows(page, gone.item_code)
    page.keyboard.press("x")
    until(
        lambda: workspace.mapping_case("demo", gone.case_key).decision == "no_counterpart",
        "no counterpart was not taken",
    )
    settled(page)

    for back in (gone, refused, several):
        page.keyboard.press("u")
        shows(page, back.item_code)
    for key, decision in before.items():
        case = workspace.mapping_case("demo", key)
        assert (case.decision, case.rejected) == (decision, ())
    assert page.evaluate("window.mouse") is None


def test_a_whole_class_is_accepted_from_its_frozen_list_and_taken_back(
    desk: str, page: Any, workspace: Workspace
) -> None:
    opened(page, f"{desk}sku_mapping?section=bulk")
    records = sorted(workspace.mapping_class_record("demo"), key=lambda one: (-one.open, one.code))
    place, code = next(
        (place, record.code)
        for place, record in enumerate(records, start=1)
        if record.code == "space_count"
    )
    wanted = workspace.mapping_preview("demo", MappingFilter(classes=(code,), queue_only=True))
    assert wanted.count > 1
    page.keyboard.press(str(place))
    page.locator("[class*=st-key-bulk-accept] button:enabled").wait_for()
    settled(page)
    page.keyboard.press("a")

    def decided() -> set[str]:
        rows = workspace.mapping("demo", MappingFilter(decisions=("accepted",))).table.rows
        return set(rows["case_key"])

    until(lambda: decided() == {row.case_key for row in wanted.rows}, "the class was not accepted")
    settled(page)
    page.keyboard.press("u")
    until(lambda: not decided(), "the class was not taken back")


def test_a_class_that_has_proven_itself_is_switched_to_automatic_and_taken_back(
    desk: str, page: Any, workspace: Workspace
) -> None:
    code = "middle_dot"
    wanted = workspace.mapping_preview("demo", MappingFilter(classes=(code,), queue_only=True))
    assert wanted.count > 1
    with workspace._db.write() as cursor:  # a month of a person's own decisions
        cursor.execute(
            "INSERT INTO mapping_decision (account, case_key, sequence, root, event, decision, sku_no, rejected, causes,"
            " proposal, proposed_sku_no, actor, acted_at) SELECT 'demo', 'cm|past-' || i || '||', 1, 1, 'mapping.decided',"
            " 'accepted', 'X' || i, '[]', '[\"' || $code || '\"]', 'auto', 'X' || i, '佐藤', TIMESTAMP '2026-11-01'"
            " FROM range($many) r(i)",
            {"many": MIN_DECIDED, "code": code},
        )
    opened(page, f"{desk}sku_mapping?section=bulk")
    line = page.locator(f".st-key-bulk_{code}")
    switch, said = line.locator("[data-testid=stCheckbox] label"), line.inner_text()
    assert TEXT("mapping.bulk.record.n", right=MIN_DECIDED, decided=MIN_DECIDED) in said
    bound = lower_bound(MIN_DECIDED, MIN_DECIDED)
    assert bound is not None
    assert TEXT("mapping.bulk.bound.n", share=100 * bound) in said
    switch.click()
    line.get_by_text(TEXT("mapping.bulk.automatic.on"), exact=True).wait_for()
    cases = {row.case_key: workspace.mapping_case("demo", row.case_key) for row in wanted.rows}
    assert {(case.decision, case.decided_by) for case in cases.values()} == {
        ("accepted", "totsugo")
    }
    switch.click()
    line.get_by_text(TEXT("mapping.bulk.automatic.off"), exact=True).wait_for()
    page.get_by_text(TEXT("mapping.section.acts"), exact=True).click()
    page.locator("[class*=st-key-acts-undone] button").first.click()
    until(
        lambda: workspace.mapping_case("demo", wanted.rows[0].case_key).decision == "open",
        "what was accepted by itself was not taken back",
    )


SHOWN = (
    *("sku_no", "fix_action", "item_code", "product_no_now", "product_name_now", "option_now"),
    *("product_no_new", "product_name_new", "option_new", "causes"),
)


def downloaded(page: Any, name: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_text(TEXT(f"frame.csv.{name}"), exact=True).first.dispatch_event("click")
    return Path(caught.value.path()).read_bytes()


def test_the_csv_of_fixes_holds_byte_for_byte_what_the_screen_shows(
    desk: str, page: Any, workspace: Workspace
) -> None:
    chosen = MappingFilter(classes=("width_kana", "space_count", "unit"), queue_only=True)
    listed = workspace.mapping_preview("demo", chosen)
    done = workspace.mapping_decide_list(listed.id, "accept", by=WHO)
    try:
        went(page, f"{desk}sku_mapping?section=fixes")
        grid = page.locator("[data-testid=stDataFrame]").first
        grid.locator("table tr").nth(listed.count).wait_for(state="attached")
        rows = grid.evaluate(
            "grid => [...grid.querySelectorAll('table tr')].map(row => [...row.children].map(cell => cell.textContent))"
        )
        assert len(rows) == listed.count + 1
        assert any(cell.endswith(" ") for row in rows for cell in row)
        page.locator(".st-key-csv_mapping_fixes_smartship button").first.dispatch_event("click")
        for name, encoding in (("people", "utf-8-sig"), ("people_cp932", "cp932")):
            data = downloaded(page, name)
            read = list(csv.reader(io.StringIO(data.decode(encoding), newline="")))
            places = [read[0].index(TEXT(f"column.{column}")) for column in SHOWN]
            assert [[row[place] for place in places] for row in read] == rows
            again = io.StringIO()
            csv.writer(again, lineterminator="\r\n").writerows(read)
            assert again.getvalue().encode(encoding) == data
    finally:
        workspace.mapping_undo(done.ledger[0], by=WHO)


def test_the_corrected_text_is_copied_with_every_blank(
    desk: str, page: Any, workspace: Workspace
) -> None:
    row = next(
        row
        for row in workspace.mapping_queue("demo", MappingFilter(classes=("space_count",)))
        if str(workspace.mapping_case("demo", row.case_key).ss_option_text).endswith(" ")
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    went(page, f"{desk}sku_mapping?case={row.case_key}")
    page.keyboard.press("f")
    page.get_by_text(TEXT("mapping.side.turn", side=TEXT("frame.smartship"))).wait_for()
    settled(page)
    page.locator(".copytext button").last.click()
    page.get_by_text(TEXT("frame.copied")).wait_for()
    raw = workspace.mapping_case("demo", row.case_key).ss_option_text
    assert page.evaluate("navigator.clipboard.readText()") == raw
