"""What people do on the Connections screen: add, test, sync, cancel, import, set roles, remove."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from reconcile import Text, Workspace
from tests.e2e.apptest.conftest import SCREENS, Shop, said

OpenApp = Callable[..., AppTest]
TEXT = Text("ja")
WAIT_S = 60.0


def until(app: AppTest, words: str) -> None:
    """Runs the screen again until it says these words."""
    end = time.monotonic() + WAIT_S
    while words not in said(app):
        assert time.monotonic() < end, said(app)
        time.sleep(0.4)
        app.run()
        assert not app.exception


def fill(app: AppTest, shop: Shop, *, key: str) -> None:
    for name, value in (
        ("name", "mihon"),
        ("company_code", "ill"),
        ("key", key),
        ("base_url", shop.url),
    ):
        app.text_input(key=f"add-{name}").set_value(value)
    next(b for b in app.button if b.label == TEXT("connections.add.go")).click()
    app.run()


def test_a_new_account_is_tested_at_once_and_then_kept(
    small_shop: Shop, tmp_path: Path, open_app: OpenApp
) -> None:
    app = open_app(tmp_path / "home", "connections")
    fill(app, small_shop, key=small_shop.key)
    until(app, TEXT("connections.test.warning"))
    app.button(key="new-keep").click().run()
    assert [account.name for account in Workspace.open(tmp_path / "home").accounts()] == ["mihon"]


def test_a_failing_account_can_be_undone_and_leaves_nothing(
    small_shop: Shop, tmp_path: Path, open_app: OpenApp
) -> None:
    app = open_app(tmp_path / "home", "connections")
    fill(app, small_shop, key="wrong-key")
    until(app, TEXT("connections.test.failed"))
    assert TEXT("connections.new.keep_anyway") in said(app)
    assert TEXT("connections.step.state.skipped") in said(app)
    app.button(key="new-undo").click().run()
    assert not Workspace.open(tmp_path / "home").accounts()


def test_a_refused_entry_keeps_the_form_and_says_why(
    small_shop: Shop, tmp_path: Path, open_app: OpenApp
) -> None:
    app = open_app(tmp_path / "home", "connections")
    fill(app, small_shop, key=" ")
    assert TEXT("error.account.key_empty") in said(app)
    assert TEXT("states.error.UsageError.means") in said(app)


def test_a_sync_shows_its_work_on_every_screen_and_can_be_stopped(
    slow_shop: Shop, tmp_path: Path, open_app: OpenApp
) -> None:
    Workspace.open(tmp_path).add_account(
        "slow", company_code="ill", key=slow_shop.key, base_url=slow_shop.url
    )
    app = open_app(tmp_path, "connections")
    app.button(key="sync-slow").click().run()
    for screen in SCREENS:
        app.switch_page(f"pages/screens/{screen}.py").run()
        assert TEXT("frame.syncing", account="slow") in said(app), screen
    app.button(key="cancel-slow").click().run()
    app.switch_page("pages/screens/connections.py").run()
    until(app, TEXT("error.sync.cancelled", account="slow"))


def test_a_sync_ends_with_its_report(unsynced_home: Path, open_app: OpenApp) -> None:
    app = open_app(unsynced_home, "connections")
    app.button(key="sync-mihon").click().run()
    until(
        app,
        TEXT("connections.sync.done", new="#", changed="#", calls="#", seconds="#").split("#")[0],
    )


def test_a_rejected_row_is_reported_in_words(demo_copy: Path, open_app: OpenApp) -> None:
    app = open_app(demo_copy, "connections", tab="import")
    rows = "パッキング番号,販売サイト注文番号,数量,状態\nQSP000000001,1-1,1,新規\nQSP000000002,1-2,x,新規\n"
    app.file_uploader[0].set_value([("orders.csv", rows.encode("utf-8"), "text/csv")])
    next(b for b in app.button if b.label == TEXT("connections.import.go")).click()
    app.run()
    assert TEXT("connections.import.report") in said(app)
    assert TEXT("connections.import.partly") in said(app)


def test_the_phase_check_names_the_missing_character(demo_home: Path, open_app: OpenApp) -> None:
    app = open_app(demo_home, "connections", tab="phases")
    assert TEXT("connections.phases.lookalike") in said(app)
    html = "".join(element.proto.body for element in app.get("html"))
    assert "U+307F" in html


def test_a_role_set_by_a_person_is_kept(demo_copy: Path, open_app: OpenApp) -> None:
    app = open_app(demo_copy, "connections", tab="phases")
    app.selectbox(key="role.demo.注文確認").set_value("after").run()
    roles = {row.name: row for row in Workspace.open(demo_copy).phases("demo")}
    assert (roles["注文確認"].role, roles["注文確認"].role_origin) == ("after", "person")


def test_an_account_goes_only_after_its_name_was_typed(
    unsynced_home: Path, open_app: OpenApp
) -> None:
    app = open_app(unsynced_home, "connections", tab="settings")
    assert app.button(key="remove-mihon").disabled
    app.text_input(key="confirm-mihon").set_value("mihon").run()
    app.button(key="remove-mihon").click().run()
    assert not Workspace.open(unsynced_home).accounts()
