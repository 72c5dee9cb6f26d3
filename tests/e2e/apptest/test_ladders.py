"""The connection test on its screen: what failed comes first, later steps say why they were skipped, nothing stays stale."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from reconcile import LANGUAGES, Text, Workspace
from tests.e2e.apptest.conftest import Shop, said, serving
from tests.e2e.apptest.test_work import until

OpenApp = Callable[..., AppTest]
TEXT = Text("ja")
PHASES = ["新規受付", "発送侍機", "発送待機 ", "ＱＸＰＲＥＳＳ発送済み"]


@pytest.fixture(scope="module")
def wrong_phases() -> Iterator[Shop]:
    """A shop whose phase names only look like the two that Smartship needs."""
    with serving("--orders", "25") as shop:
        control = shop.url.replace("/webapi2", "/_sandbox/settings")
        httpx.post(control, json={"phases": PHASES}, trust_env=False).raise_for_status()
        yield shop


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def add(home: Path, url: str) -> Workspace:
    workspace = Workspace.open(home)
    workspace.add_account("mihon", company_code="ill", key="mXCTpnoA", base_url=url)
    return workspace


def climbed(app: AppTest, text: Text) -> str:
    """Everything on the screen after the test was run to its end."""
    app.button(key="test-mihon").click().run()
    until(app, text("ladder.every"))
    return said(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_server_that_is_off_comes_first_and_later_steps_name_it(
    lang: str, tmp_path: Path, open_app: OpenApp
) -> None:
    text, port = Text(lang), closed_port()
    add(tmp_path, f"http://127.0.0.1:{port}/webapi2")
    told = climbed(open_app(tmp_path, "connections", lang, tab="test"), text)
    order = [text("ladder.step.reach"), text("ladder.step.shops"), text("ladder.every")]
    assert [told.index(words) for words in order] == sorted(told.index(words) for words in order)
    assert text("ladder.reach.refused.cure") in told
    skipped = text("connections.step.blocked", name=text("ladder.step.reach"))
    assert told.count(skipped) == 22
    assert text("ladder.skipped") not in told
    assert text("connections.test.blocked", n=18) in told


def test_the_four_options_are_named_as_on_the_form(tmp_path: Path, open_app: OpenApp) -> None:
    add(tmp_path, f"http://127.0.0.1:{closed_port()}/webapi2")
    told = climbed(open_app(tmp_path, "connections", tab="test"), TEXT)
    assert TEXT("connections.option.auto_orders") in told
    assert "auto_orders" not in told


def test_look_alike_phases_are_shown_by_characters_and_once(
    wrong_phases: Shop, tmp_path: Path, open_app: OpenApp
) -> None:
    add(tmp_path, wrong_phases.url)
    app = open_app(tmp_path, "connections", tab="test")
    told = climbed(app, TEXT)
    assert told.count(TEXT("ladder.diff.below")) == 4  # two failed steps, above and in the list
    assert "U+" not in re.sub("<U\\+0020>", "", told)
    shown = "".join(element.proto.body for element in app.get("html"))
    assert all(point in shown for point in ("U+0020", "U+5F85", "U+4F8D", "U+FF31"))
    assert TEXT("ladder.phase.near.width.cure", expected="QXPRESS発送済み") in told


def test_a_test_of_the_settings_before_is_not_shown_after_a_change(
    tmp_path: Path, open_app: OpenApp
) -> None:
    workspace = add(tmp_path, f"http://127.0.0.1:{closed_port()}/webapi2")
    app = open_app(tmp_path, "connections", tab="test")
    climbed(app, TEXT)
    app.get_by_key("tab-mihon").set_value("settings").run()
    app.text_input(key="change-mihon-company_code").set_value("ill2")
    next(b for b in app.button if b.label == TEXT("connections.change.go")).click().run()
    assert workspace.accounts()[0].company_code == "ill2"
    app.get_by_key("tab-mihon").set_value("test").run()
    assert TEXT("connections.test.go") in said(app)
    assert TEXT("ladder.every") not in said(app)


def test_a_result_says_when_it_was_found(tmp_path: Path, open_app: OpenApp) -> None:
    add(tmp_path, f"http://127.0.0.1:{closed_port()}/webapi2")
    told = climbed(open_app(tmp_path, "connections", tab="test"), TEXT)
    assert re.search(TEXT("connections.test.at", at=r"\d\d/\d\d \d\d:\d\d"), told)
