"""Pictures of every screen in both languages and themes, at two window sizes, from a real server with the demo.

    python scripts/screenshots.py OUT_FOLDER [--data DIR] [--only orders,stock] [--quick]

Needs Playwright and a Chromium on the PATH, and a Japanese font on this machine. Without --data the demo is set up
in a temporary folder; --quick takes one language, theme and size only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SCREENS = {
    "overview": "",
    "connections": "connections",
    "connections-test": "connections?tab=test",
    "connections-import": "connections?tab=import",
    "connections-phases": "connections?tab=phases",
    "connections-settings": "connections?tab=settings",
    "orders": "orders",
    "orders-case": "orders?state=act_now",
    "orders-empty": "orders?numbers=nothing-like-this",
    "sku-mapping": "sku_mapping",
    "sku-mapping-table": "sku_mapping?section=table",
    "sku-mapping-bulk": "sku_mapping?section=bulk",
    "sku-mapping-fixes": "sku_mapping?section=fixes",
    "stock": "stock",
    "stock-case": "stock?cause=oversell_risk",
}
SIZES = ((1440, 900), (1024, 768))
START_S = 60.0
DEMO_S = 180.0
SETTLE_MS = 900
FIRST_ROW = (60, 53)  # in the grid's canvas: the first row, right of the selection column


def main() -> None:
    """Starts the server, takes the pictures, stops the server."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--data", type=Path)
    options.add_argument("--only", default="")
    options.add_argument("--quick", action="store_true")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    wanted = [name for name in SCREENS if not given.only or name in given.only.split(",")]
    with contextlib.ExitStack() as stack:
        data = given.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(serving(data))
        browser = stack.enter_context(chromium())
        for lang, theme, size in looks(quick=given.quick):
            take(browser, address, given.folder, wanted, look=(lang, theme, size))


def looks(*, quick: bool) -> list[tuple[str, str, tuple[int, int]]]:
    """Every language, theme and window size; only the first of each when quick."""
    every = [
        (lang, theme, size)
        for lang in ("ja", "en")
        for theme in ("light", "dark")
        for size in SIZES
    ]
    return every[:1] if quick else every


@contextlib.contextmanager
def serving(data: Path, page: str = "app.py") -> Iterator[str]:
    """The address of a server over that data folder: the dashboard, or another page of the project."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "streamlit", "run", page),
        *("--server.headless", "true", "--server.port", str(port)),
    ]
    environment = os.environ | {"TOTSUGO_DATA": str(data), "TOTSUGO_KEYRING": "off"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        address = f"http://127.0.0.1:{port}/"
        wait_until_up(address)
        yield address
        server.terminate()


def wait_until_up(address: str) -> None:
    """Returns when the server answers. Raises TimeoutError."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(address + "_stcore/health", timeout=2),
        ):
            return
        time.sleep(0.3)
    raise TimeoutError("the server did not come up")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium."""
    path = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def take(
    browser: Browser,
    address: str,
    folder: Path,
    wanted: list[str],
    *,
    look: tuple[str, str, tuple[int, int]],
) -> None:
    """Every wanted screen in one look."""
    lang, theme, (width, height) = look
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        locale="ja-JP" if lang == "ja" else "en-GB",
        timezone_id="Asia/Tokyo",
    )
    page = context.new_page()
    for name in wanted:
        path = SCREENS[name]
        page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")
        settle(page)
        if name.endswith("-case"):
            open_first_row(page)
        if name == "connections-test":
            run_test(page)
        tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": width, "height": max(height, int(tall) + 20)})
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=folder / f"{name}-{lang}-{theme}-{width}.png")
        page.set_viewport_size({"width": width, "height": height})
    context.close()


def settle(page: Page) -> None:
    """Waits until the script has run and the grids are drawn."""
    page.wait_for_selector(".st-key-frame_header", timeout=DEMO_S * 1000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_timeout(SETTLE_MS)


def open_first_row(page: Page) -> None:
    """Selects the first row of the first grid, as a person does."""
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.click(position={"x": 18, "y": FIRST_ROW[1]})
    settle(page)


def run_test(page: Page) -> None:
    """Runs the connection test and waits for its verdict."""
    page.locator("[class*='st-key-test-'] button").first.click()
    page.wait_for_selector("[class*='st-key-ladder_verdict']", timeout=60_000)
    settle(page)


if __name__ == "__main__":
    main()
