"""Felt speed in a real Chromium: the first screen, every main act of the desk on 100,000 orders and 20,000 products, and
those of the stock screen on 200,000 SKUs in two warehouses.

Run: python benchmarks/ui.py [ORDERS] [--skus N] [--times N] [--write]
A time goes from the press of a button or key until what was asked for is painted; beside it stands when all of the screen was at
rest. Peer in the same run: the page most people would write (benchmarks/naive_page.py), on the same store. --write puts
the tables into docs/ui-speed.md.
Goals: the first screen on the demo 2 s once the server runs, every act 300 ms, median and 95th percentile.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.stock import written  # noqa: E402
from benchmarks.ui_shop import made, made_of_stock  # noqa: E402
from benchmarks.ui_watch import BOX_PX, GRID, Watch, cell, settled  # noqa: E402
from reconcile import Text, Workspace  # noqa: E402
from tests.e2e.browser.conftest import CHROMIUM, chromium_path, serving  # noqa: E402

TARGET = ROOT / "docs" / "ui-speed.md"
FIRST_MS, ACT_MS = 2_000.0, 300.0
PRODUCTS = 20_000
TEXT = Text("ja")


def orders(watch: Watch, address: str, times: int) -> None:
    """Open an order, filter, turn the page of the table."""
    page = watch.page
    for turn in range(times):
        page.goto(f"{address}orders?desk=all")
        settled(page, ".st-key-above_orders")
        chip = page.locator(".st-key-order_filters [data-testid=stButtonGroup] button").nth(
            turn % 2
        )
        watch.act("filter the list by state", chip.click, ".st-key-above_orders")
        page.goto(f"{address}orders?desk=all")
        settled(page, ".st-key-above_orders")
        following = page.locator("[data-testid=stPagination] button").last
        watch.act("next page of the table", following.click, "[class*=st-key-rows-orders-]")
        for name, row in (
            ("open an order, the first", turn % 4),
            ("open another order", turn % 4 + 1),
        ):
            watch.act(name, cell(page, row), ".st-key-case_facts", needed=".st-key-case_facts")


def mapping(watch: Watch, address: str, times: int) -> None:
    """Accept a link by its key, again and again; the next case is there when it ends."""
    page = watch.page
    page.goto(f"{address}sku_mapping?state=near_miss")
    settled(page, ".st-key-mapping_bar")
    page.get_by_role("textbox", name=TEXT("desk.person")).fill("佐藤")
    page.keyboard.press("Enter")
    settled(page, "[class*=st-key-act-accept] button:enabled")
    for _ in range(times):
        press = lambda: page.keyboard.press("a")  # noqa: E731
        watch.act("accept a link, the next is shown", press, ".st-key-mapping_case_head")


def stock(watch: Watch, address: str, times: int) -> None:
    """Filter the stock by a cause, and take the filter away."""
    page = watch.page
    page.goto(f"{address}stock")
    settled(page, ".st-key-above_stock")
    for _ in range(times):
        chip = page.locator(".st-key-chips_cause button").first
        watch.act("filter the stock by cause", chip.click, ".st-key-above_stock")


def much_stock(watch: Watch, address: str, times: int) -> None:
    """Turn the page of the list, open a product, and see the whole account and the sheet."""
    page = watch.page
    for turn in range(times):
        page.goto(f"{address}stock")
        settled(page, ".st-key-above_stock")
        following = page.locator("[data-testid=stPagination] button").last
        watch.act("next page of the stock", following.click, "[class*=st-key-rows-stock-]")
        for name, row in (
            ("open a product, the first", turn % 4),
            ("open another product", turn % 4 + 1),
        ):
            press = cell(page, row, x=BOX_PX)
            watch.act(name, press, ".st-key-stock_case", needed=".st-key-stock_case")
        for section, place in (
            ("total", ".st-key-stock_total_waterfall"),
            ("sheet", ".st-key-above_stock_sheet"),
        ):
            word = page.get_by_role("radio", name=TEXT(f"stock.section.{section}"), exact=True)
            watch.act(f"go to the section {section}", word.first.click, "body", needed=place)


def screens(watch: Watch, address: str, times: int) -> None:
    """From screen to screen by the bar."""
    page = watch.page
    page.goto(address)
    settled(page, ".st-key-count_act_now")
    drawn = {
        "orders": ".st-key-above_orders",
        "mapping": ".st-key-mapping_bar",
        "stock": ".st-key-above_stock",
        "overview": ".st-key-count_act_now",
    }
    for _ in range(times):
        for screen, place in drawn.items():
            link = page.locator("[data-testid=stTopNavLink]", has_text=TEXT(f"{screen}.title"))
            watch.act(f"go to {screen}", link.first.click, "h1", needed=place)


def naive(watch: Watch, address: str, times: int) -> None:
    """The same on the page that shows everything; a whole table has no pages."""
    page = watch.page
    for turn in range(times):
        page.goto(address)
        settled(page, GRID)
        for name, row in (
            ("open an order, the first", turn % 4),
            ("open another order", turn % 4 + 1),
        ):
            watch.act(name, cell(page, row), ".st-key-case", needed=".st-key-case h3")
        chip = page.get_by_role("radio").nth(turn % 3)
        watch.act("filter the list by state", chip.click, ".st-key-total")


def first_screen(browser: Any, address: str, drawn: str, times: int) -> tuple[list[float], ...]:
    """Milliseconds from the request until the screen is drawn, and until it is at rest; each time a browser that is new."""
    shown, rest = [], []
    for _ in range(times):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ja-JP")
        page = context.new_page()
        begun = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector(drawn, timeout=240_000)
        shown.append(1000 * (time.perf_counter() - begun))
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        rest.append(1000 * (time.perf_counter() - begun))
        context.close()
    return shown, rest


def late(taken: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(taken)[max(0, round(0.95 * len(taken)) - 1)]


def head(of: str) -> list[str]:
    """The first two lines of a table."""
    columns = ("times", "median ms", "p95 ms", "goal ms", "kept", "at rest", "naive page")
    return [f"| {of} | {' | '.join(columns)} |", "|---|--:|--:|--:|--:|---|--:|--:|"]


def row(
    name: str,
    taken: Sequence[float],
    goal: float,
    rest: Sequence[float] = (),
    peer: Sequence[float] = (),
) -> str:
    """One line of a table. rest: times until nothing runs any more; peer: the naive page's times."""
    kept = (
        "yes"
        if late(taken) <= goal
        else "median only"
        if statistics.median(taken) <= goal
        else "no"
    )
    both = [
        f"{statistics.median(one):,.0f} / {late(one):,.0f}" if one else "–" for one in (rest, peer)
    ]
    cells = [
        name,
        len(taken),
        f"{statistics.median(taken):,.0f}",
        f"{late(taken):,.0f}",
        f"{goal:,.0f}",
        kept,
        *both,
    ]
    return f"| {' | '.join(map(str, cells))} |"


@contextmanager
def surroundings() -> Iterator[tuple[Path, Any]]:
    """A folder for everything, and a browser."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        keys = Path(name) / "keys"
        keys.mkdir(mode=0o700)
        os.environ |= {"TOTSUGO_KEYRING": "off", "TOTSUGO_KEY_FOLDER": str(keys)}
        browser = driver.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM))
        yield Path(name), browser
        browser.close()


def on_the_demo(folder: Path, browser: Any, times: int) -> list[str]:
    """The table of the first screen."""
    desk = Workspace.open(folder / "demo")
    desk.provision_demo()
    desk._db.close()
    with serving(folder / "demo", folder / "keys") as address:
        first = first_screen(browser, address, ".st-key-count_act_now", 1)
        later = first_screen(browser, address, ".st-key-count_act_now", times)
    return [
        *head("first screen on the demo"),
        row("the first visitor of the server", first[0], FIRST_MS, first[1]),
        row("every later visitor", later[0], FIRST_MS, later[1]),
    ]


def on_a_shop(folder: Path, browser: Any, orders_count: int, times: int) -> list[str]:
    """The table of acts, with the naive page's beside them."""
    home = made(folder / "shop", orders_count, PRODUCTS)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ja-JP")
    context.set_default_timeout(120_000)
    ours = Watch(context.new_page())  # alone: a page that is not in front paints once a second
    with serving(home, folder / "keys") as address:
        first = first_screen(browser, address, ".st-key-count_act_now", times)
        for work in (orders, mapping, stock, screens):
            work(ours, address, times)
    page = ("benchmarks/naive_page.py", str(home / "store.duckdb"))
    with serving(home, folder / "keys", script=page) as address:
        naive_first = first_screen(browser, address, GRID, times)
        ours.page.close()
        theirs = Watch(context.new_page())
        naive(theirs, address, times)
    context.close()
    return [
        *head("act"),
        row("first screen, a new browser", first[0], FIRST_MS, first[1], naive_first[0]),
        *(
            row(name, taken, ACT_MS, ours.rest[name], theirs.shown.get(name, ()))
            for name, taken in ours.shown.items()
        ),
    ]


def on_much_stock(folder: Path, browser: Any, skus: int, times: int) -> list[str]:
    """The table of acts on the stock screen alone."""
    home = made_of_stock(folder / "stock", skus)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ja-JP")
    context.set_default_timeout(120_000)
    watch = Watch(context.new_page())
    with serving(home, folder / "keys") as address:
        for work in (stock, much_stock):
            work(watch, address, times)
    context.close()
    return [
        *head(f"act on the stock of {skus:,} SKUs in two warehouses"),
        *(row(name, taken, ACT_MS, watch.rest[name]) for name, taken in watch.shown.items()),
    ]


def main(arguments: list[str]) -> int:
    """0 = every goal was kept, 1 = not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("orders", nargs="?", type=int, default=100_000)
    parser.add_argument("--skus", type=int, default=200_000, help="products of the stock table")
    parser.add_argument("--times", type=int, default=20, help="how often each act is measured")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/ui-speed.md")
    asked = parser.parse_args(arguments)
    tables = []
    with surroundings() as (folder, browser):
        for measured in (
            on_the_demo,
            partial(on_a_shop, orders_count=asked.orders),
            partial(on_much_stock, skus=asked.skus),
        ):
            tables.append(measured(folder, browser, times=asked.times))
            print("\n".join(tables[-1]), file=sys.stderr)
    said = (
        f"{asked.orders:,} orders, {PRODUCTS:,} products; {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load of the"
        f" machine at the end {os.getloadavg()[0]:.1f}"
    )
    lines = [said, *(line for table in tables for line in ("", *table))]
    print("\n".join(lines))
    if asked.write:
        document = TARGET.read_text(encoding="utf-8")
        TARGET.write_text(written(document, "measured", lines), encoding="utf-8")
    return int(any("| no |" in line or "| median only |" in line for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
