"""What browser tests do to any screen: wait until it is drawn, choose by its word, read a table, take a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reconcile import Text

TEXT = Text("ja")
GRID = "[data-testid=stDataFrame]"
ROW_PX, HEADER_PX = 35, 36
BOX_PX, CELL_PX = 18, 90  # from the left: the box that checks a row, a cell that opens it
READ = "grid => [...grid.querySelectorAll('table tr')].map(row => [...row.children].map(cell => cell.textContent))"
QUIET_MS = 300  # a click in a table is told 150 ms later
LONGEST_MS = 90_000  # a busy machine is slow, not broken
# Whether the page has stayed as it is for so long, with no script at work.
QUIET = """([quiet, longest]) => new Promise((done) => {
  const running = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";
  const end = performance.now() + longest;
  let timer;
  const look = () => {
    if (running() && performance.now() < end) return wait();
    changes.disconnect();
    done(performance.now() < end);
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(look, performance.now() < end ? quiet : 0);
  };
  const changes = new MutationObserver(wait);
  changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  wait();
})"""

SCREENS = (  # every one, with its sections and some of its filters
    "",
    *(f"connections?tab={tab}" for tab in ("sync", "test", "import", "phases", "settings")),
    *("orders", "orders?desk=all&sort=waiting_h&dir=down", "orders?state=act_now&state=in_step"),
    *("orders?rule=F07&phase=-", "orders?numbers=1"),
    *(f"orders?section=patterns&part={part}" for part in ("risk", "hours", "moves", "what_if")),
    "orders?section=patterns&part=pulls",
    *(f"sku_mapping?section={one}" for one in ("review", "table", "bulk", "fixes", "events")),
    *("sku_mapping?section=twins", "sku_mapping?section=acts"),
    *(f"stock?section={section}" for section in ("list", "total", "sheet", "scope")),
    "glossary",
)


def settled(page: Any) -> None:
    """The script of the screen has ended, and nothing that it sent changes the page any more."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    assert page.evaluate(QUIET, [QUIET_MS, LONGEST_MS]), "the screen does not come to rest"


def went(page: Any, address: str) -> None:
    """The screen at this address, drawn."""
    page.goto(address)
    page.wait_for_selector(".st-key-frame_header")
    settled(page)


def unfold(page: Any) -> None:
    """Opens what is folded on the screen, so that it is looked at too."""
    folded = page.locator("[data-testid=stExpander] details:not([open]) > summary")
    for _ in range(4):  # what was folded may hold what is folded
        folded.evaluate_all("places => places.forEach(place => place.click())")
        settled(page)
        if not folded.count():
            return
    raise AssertionError("something stays folded")


def says(place: Any, selector: str, words: object) -> None:
    """Waits until that part says these words: a part can stand before what it says does."""
    place.locator(selector).filter(has_text=str(words)).first.wait_for()


def chosen(place: Any, key: str) -> None:
    """Presses one of the words of a row of choices (of which one holds) on a page or in a part of it."""
    place.get_by_role("radio", name=TEXT(key), exact=True).first.click()


def press(place: Any, key: str) -> None:
    """Presses the button with these words."""
    place.get_by_role("button", name=TEXT(key), exact=True).first.click()


def table(page: Any, least: int) -> list[list[str]]:
    """The first table as assistive technology reads it, head first, once it holds that many rows."""
    grid = page.locator(GRID).first
    grid.locator("table tr").nth(least).wait_for(state="attached")
    found: list[list[str]] = grid.evaluate(READ)
    return found


def downloaded(page: Any, what: str, name: str) -> bytes:
    """The file that a CSV menu gives for one of its three entries: people, people_cp932, machine."""
    entry = page.get_by_text(TEXT(f"frame.csv.{name}"), exact=True).first
    for _ in range(3):  # a press on a menu that is just drawn anew is lost
        if entry.is_visible():
            break
        page.locator(f".st-key-csv_{what} button").first.dispatch_event("click")
        settled(page)
    entry.wait_for()
    with page.expect_download() as caught:
        entry.dispatch_event("click")
    return Path(caught.value.path()).read_bytes()
