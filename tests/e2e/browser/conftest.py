"""A real server and a real Chromium; skipped with the reason where one of them is missing."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from reconcile import Workspace

ROOT = Path(__file__).resolve().parents[3]
START_S = 180.0  # a busy machine is slow, not broken


def chromium_path() -> str | None:
    return next(
        (
            path
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (path := shutil.which(name))
        ),
        None,
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium_path()
    if path is None:
        pytest.skip("no chromium on the PATH")
    with api.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=list(CHROMIUM))
        yield running
        running.close()


# As root without a sandbox; pages that are not in front are not slowed, else a click may wait for a frame forever.
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        timezone_id="Asia/Tokyo",
        locale="ja-JP",
        accept_downloads=True,
    )
    context.set_default_timeout(90_000)  # a busy machine is slow, not broken
    yield context.new_page()
    context.close()


@contextlib.contextmanager
def serving(
    home: Path, keys: Path, *, script: Sequence[str] = ("app.py",), **environment: str
) -> Iterator[str]:
    """The address of a fresh dashboard server on that folder. script: what it runs, and what that is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "streamlit", "run", script[0]),
        *("--server.headless", "true", "--server.port", str(port), "--", *script[1:]),
    ]
    given = {
        "TOTSUGO_DATA": str(home),
        "TOTSUGO_KEYRING": "off",
        "TOTSUGO_KEY_FOLDER": str(keys),
        "TOTSUGO_SCHEDULE": "off",  # nothing but what a test does itself
    }
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | given | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        address = f"http://127.0.0.1:{port}/"
        try:
            wait_until_up(address, server)
            yield address
        finally:
            server.terminate()


def wait_until_up(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended at its start"
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(address + "_stcore/health", timeout=2),
        ):
            return
        time.sleep(0.3)
    raise AssertionError("the server did not come up")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def desk(demo_home: Path, keys: Path, browser: Any) -> Iterator[str]:
    """The address of a server whose first visitor made it set up the demo."""
    with serving(demo_home, keys) as address:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector(".st-key-demo_setup", timeout=180_000)
        page.wait_for_selector(".st-key-count_act_now", timeout=400_000)
        page.close()
        yield address


@pytest.fixture(scope="session")
def serve() -> Callable[..., contextlib.AbstractContextManager[str]]:
    return serving


@pytest.fixture
def own_keys(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process keeps keys where the servers of the tests keep them."""
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(keys))


@pytest.fixture
def workspace(demo_home: Path, own_keys: None) -> Workspace:
    """The store of the demo, to see what really happened."""
    return Workspace.open(demo_home)
