"""The whole dashboard without a browser: app.py on a real folder, a real sandbox process and nothing in between."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reconcile import Text, Workspace
from reconcile.store.database import Database

ROOT = Path(__file__).resolve().parents[3]
SCREENS = {
    "overview": "overview",
    "connections": "connections",
    "orders": "orders",
    "sku_mapping": "mapping",
    "stock": "stock",
    "glossary": "glossary",
}
READY = "CROSS MALL sandbox ready: "
KEY = "mXCTpnoA"
DEMO_S = 400.0  # a busy machine is slow, not broken


@dataclass(frozen=True)
class Shop:
    """A small sandbox of our own: its address and key."""

    url: str
    key: str


@pytest.fixture(scope="session", autouse=True)
def no_keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTSUGO_KEYRING", "off")
        patch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path_factory.mktemp("keys")))
        patch.delenv("TOTSUGO_NO_DEMO", raising=False)
        patch.setenv("TOTSUGO_SCHEDULE", "off")  # nothing but what a test does itself
        patch.chdir(ROOT)
        yield


@pytest.fixture(scope="session")
def small_shop() -> Iterator[Shop]:
    with serving("--orders", "25") as shop:
        yield shop


@pytest.fixture(scope="session")
def slow_shop() -> Iterator[Shop]:
    with serving("--orders", "25", "--latency-ms", "400") as shop:
        yield shop


@contextmanager
def serving(*options: str) -> Iterator[Shop]:
    command = [sys.executable, "-m", "crossmall.sandbox", *options, "--exit-with-stdin"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"CROSSMALL_SANDBOX_KEY": KEY},
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(READY), line
        yield Shop(url=line.removeprefix(READY).strip(), key=KEY)
        process.terminate()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo, set up by the first start of the app itself."""
    home = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTSUGO_DATA", str(home))
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.run()
        assert Text("ja")("states.demo.title") in said(app)
        until = time.monotonic() + DEMO_S
        while Text("ja")("states.demo.title") in said(app):
            assert time.monotonic() < until, said(app)
            time.sleep(1)
            app.run()
        assert not app.exception
    return home


@pytest.fixture
def demo_copy(demo_home: Path, tmp_path: Path) -> Path:
    """A demo that a test may change. Its key cannot be read here: keys belong to the folder they were stored in."""
    return copied(demo_home, tmp_path / "home")


def copied(folder: Path, home: Path) -> Path:
    """A copy of a data folder that this process may still have open."""
    with Database.at(folder / "store.duckdb").still():
        shutil.copytree(folder, home, ignore=shutil.ignore_patterns("*.lock"))
    return home


@pytest.fixture
def unsynced_home(small_shop: Shop, tmp_path: Path) -> Path:
    """A folder with one account that was never read."""
    home = tmp_path / "home"
    Workspace.open(home).add_account(
        "mihon", company_code="ill", key=small_shop.key, base_url=small_shop.url
    )
    return home


def unfold(app: AppTest, label: str) -> None:
    """Opens what stands behind the line with these words, as a press on it does."""
    (folded,) = [one for one in app.expander if one.label == label]
    app.session_state[folded.proto.id.split("-", 2)[2]] = True  # $$ID-hash-key
    app.run()
    assert not app.exception, [error.message for error in app.exception]


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a screen on a folder in a language, with parameters in its URL."""

    def opened(home: Path, screen: str, lang: str = "ja", **parameters: str | list[str]) -> AppTest:
        monkeypatch.setenv("TOTSUGO_DATA", str(home))
        monkeypatch.setenv("TOTSUGO_NO_DEMO", "1")
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.switch_page(f"pages/screens/{screen}.py")
        app.query_params["lang"] = lang
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, [error.message for error in app.exception]
        return app

    return opened


def said(app: AppTest) -> str:
    """Everything a person can read on the screen, one piece per line, colour directives and escapes taken out."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "text",
        "caption",
        "button",
        "code",
        "expander",
    )
    pieces: list[str] = []
    for kind in kinds:
        for element in app.get(kind):
            for name in ("label", "value"):
                value = getattr(element, name, None)
                if isinstance(value, str):
                    pieces.append(value)
    pieces += [element.proto.label for element in app.get("page_link")]
    facts = [one.proto.body for one in app.get("html") if 'class="facts"' in one.proto.body]
    pieces += [unescape(re.sub(r"<[^>]*>", "\n", body)) for body in facts]
    plain = (re.sub(r":[a-z]+(-badge)?\[([^\]]*)\]", r"\2", piece) for piece in pieces)
    return "\n".join(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", piece) for piece in plain)
