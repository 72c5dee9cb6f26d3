"""How long an act on a screen takes, from the press until what it asked for is painted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GRID, ROW_PX, HEADER_PX, CELL_PX, BOX_PX = "[data-testid=stDataFrame]", 35, 36, 90, 18
# From the next press on. shown: the places say another text (or are drawn anew), then two frames are painted. rest: the script
# of the screen has ended too, then two frames.
ARM = """([places, needed]) => {
  const says = () => places.map((place) => [...document.querySelectorAll(place)].map((one) => one.className + one.textContent)
    .join(" ")).join("|");
  const ended = () => document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning";
  const before = says();
  window.shown = window.rest = null;
  let begun = null, seen = false;
  const note = (name) => requestAnimationFrame(() => requestAnimationFrame(() => { window[name] = performance.now() - begun; }));
  const look = () => {
    if (!seen && (!needed || document.querySelector(needed)) && says() !== before) {
      seen = true;
      note("shown");
    }
    if (seen && ended()) return note("rest");
    requestAnimationFrame(look);
  };
  const begin = (event) => {
    if (begun !== null) return;
    begun = event.timeStamp;
    look();
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, begin, { capture: true, once: true });
}"""


class Watch:
    """Times of one act after the other on a page, in milliseconds by name: until it is shown, and until all is at rest."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.shown: dict[str, list[float]] = {}
        self.rest: dict[str, list[float]] = {}

    def act(self, name: str, press: Callable[[], object], *places: str, needed: str = "") -> None:
        """Note how long it takes until these places say something else, and until nothing runs any more."""
        self.page.evaluate(ARM, [list(places), needed])
        press()
        self.page.wait_for_function("window.rest !== null", timeout=120_000)
        shown, rest = self.page.evaluate("[window.shown, window.rest]")
        self.shown.setdefault(name, []).append(float(shown))
        self.rest.setdefault(name, []).append(float(rest))
        self.page.wait_for_timeout(700)  # what is drawn late is not counted to the next act


def settled(page: Any, place: str) -> None:
    """The place is drawn and nothing runs."""
    page.wait_for_selector(place, timeout=240_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(900)


def cell(page: Any, row: int, *, x: int = CELL_PX) -> Callable[[], None]:
    """A click on a cell of the first table, past the boxes that check a row; or at another distance from the left."""
    place = {"x": x, "y": HEADER_PX + ROW_PX * row + ROW_PX // 2}
    return lambda: page.locator(GRID).first.click(position=place, force=True)
