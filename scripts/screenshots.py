"""Pictures of every screen in every language and theme, from a real server with the demo.

    python scripts/screenshots.py OUT_FOLDER [--data DIR] [--only orders,stock] [--quick]
    python scripts/screenshots.py --docs [--data DIR] [--only orders,stock]

The first takes whole screens at two window sizes, to be looked at; --quick one language, theme and size only. The second
takes the pictures of README and tour into docs/images/, in Japanese and English: what a window of 1440 x 900 shows,
in few colours.
Needs Playwright and a Chromium on the PATH, and a Japanese font on this machine. Without --data the demo is set up
in a temporary folder.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
GAP = urlencode(
    {"cause": "mapping_wrong", "sku": ("AP-0001", "ホワイト", "Sサイズ", "7100001")}, True
)
SCREENS = {
    "overview": "",
    "connections": "connections",
    "connections-test": "connections?tab=test",
    "connections-import": "connections?tab=import",
    "connections-phases": "connections?tab=phases",
    "connections-settings": "connections?tab=settings",
    "orders": "orders",
    "orders-case": "orders?rule=F07",
    "orders-empty": "orders?numbers=nothing-like-this",
    "sku-mapping": "sku_mapping",
    "sku-mapping-table": "sku_mapping?section=table",
    "sku-mapping-bulk": "sku_mapping?section=bulk",
    "sku-mapping-fixes": "sku_mapping?section=fixes",
    "stock": "stock",
    "stock-case": f"stock?{GAP}",
    "glossary": "glossary",
}
DOCS = {  # what the README and docs/tour.md show
    **{name: SCREENS[name] for name in ("overview", "connections-test", "orders", "orders-case")},
    "sku-mapping": "sku_mapping?search=7100013",
    **{name: SCREENS[name] for name in ("stock", "stock-case", "glossary")},
}
SIZES = ((1440, 900), (1024, 768))
LOCALES = {"ja": "ja-JP", "en": "en-GB", "ko": "ko-KR"}
OF_DOCS = ("ja", "en")
COLOURS = 256
PERSON = "sato"
START_S = 180.0
DEMO_S = 600.0  # a busy machine is slow, not broken
SETTLE_MS = 900
FIRST_CELL = {
    "x": 90,
    "y": 53,
}  # in the grid's canvas: the first row, right of the box that checks it
DRAWN = "() => !document.querySelector('[data-testid=stSkeleton], [class*=st-key-running_]')"
NAV_PX = 70  # the bar at the top lies over what is scrolled to


def main() -> None:
    """Starts the server, takes the pictures, stops the server."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "images")
    options.add_argument("--docs", action="store_true")
    options.add_argument("--data", type=Path)
    options.add_argument("--only", default="")
    options.add_argument("--quick", action="store_true")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    screens = DOCS if given.docs else SCREENS
    wanted = [name for name in screens if not given.only or name in given.only.split(",")]
    with contextlib.ExitStack() as stack:
        data = given.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(serving(data))
        browser = stack.enter_context(chromium())
        langs = OF_DOCS if given.docs else tuple(LOCALES)
        for look in looks(langs, SIZES[:1] if given.docs else SIZES, quick=given.quick):
            with opened(browser, *look) as page:
                for name in wanted:
                    show(page, address, name, screens[name], look[0])
                    if given.docs:
                        window(page, given.folder / f"{name}-{look[0]}-{look[1]}.png")
                    else:
                        whole(page, given.folder / f"{name}-{look[0]}-{look[1]}-{look[2][0]}.png")


def looks(
    langs: Sequence[str], sizes: Sequence[tuple[int, int]], *, quick: bool
) -> list[tuple[str, str, tuple[int, int]]]:
    """Every language, theme and window size; only the first of each when quick."""
    every = [(lang, theme, size) for lang in langs for theme in ("light", "dark") for size in sizes]
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
    environment = os.environ | {
        "TOTSUGO_DATA": str(data),
        "TOTSUGO_KEYRING": "off",
        "TOTSUGO_USER": PERSON,
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        address = f"http://127.0.0.1:{port}/"
        try:
            wait_until_up(address)
            yield address
        finally:
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


@contextlib.contextmanager
def opened(browser: Browser, lang: str, theme: str, size: tuple[int, int]) -> Iterator[Page]:
    """A page as a person of that language, theme and window has it."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale=LOCALES[lang],
        timezone_id="Asia/Tokyo",
    )
    yield context.new_page()
    context.close()


def show(page: Page, address: str, name: str, path: str, lang: str) -> None:
    """Opens a screen and does what a person does to see it."""
    page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")
    settle(page)
    if name == "orders-case":
        page.locator("[data-testid=stDataFrame]").first.click(position=FIRST_CELL, force=True)
        page.wait_for_selector(".st-key-case")
        settle(page)
    if name == "connections-test":
        run_test(page)


def whole(page: Page, place: Path) -> None:
    """The picture of a screen to its end."""
    size = page.viewport_size
    assert size is not None
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], int(tall) + 20)})
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=place)
    page.set_viewport_size(size)


def window(page: Page, place: Path) -> None:
    """The picture of what the window shows, from the opened case on where there is one; in few colours, so that it is small."""
    for case in page.locator(".st-key-case, .st-key-stock_case").all():
        case.evaluate("one => one.scrollIntoView({block: 'start'})")
        page.locator("[data-testid=stMain]").evaluate(f"one => one.scrollBy(0, -{NAV_PX})")
    page.wait_for_timeout(SETTLE_MS)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        seen = picture.convert("RGB")
    # The method keeps rare colours, which are those that mean something; kmeans the wide planes.
    few = seen.quantize(
        COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
    )
    few.save(place, optimize=True)


def settle(page: Page) -> None:
    """Waits until the script has run, no sync is under way and the grids are drawn."""
    page.wait_for_selector(".st-key-frame_header", timeout=DEMO_S * 1000)
    page.wait_for_selector(
        "[data-testid=stApp][data-test-script-state=notRunning]", timeout=DEMO_S * 1000
    )
    page.wait_for_function(DRAWN, timeout=DEMO_S * 1000)
    page.wait_for_timeout(SETTLE_MS)


def run_test(page: Page) -> None:
    """Runs the connection test and waits for its verdict."""
    page.locator("[class*='st-key-test-'] button").first.click()
    page.wait_for_selector("[class*='st-key-ladder_verdict']", timeout=DEMO_S * 1000)
    settle(page)


if __name__ == "__main__":
    main()
