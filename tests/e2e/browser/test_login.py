"""The login against a real OpenID provider in its own process: each role signs in, meets its limits, signs out."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconcile import LANGUAGES, ROLES, Text, Workspace
from tests.e2e.browser.driving import says

pytestmark = pytest.mark.browser
TEXT = Text("ja")
STRANGER = "stranger"
LISTS = """
[access]
viewer = ["viewer@shop.example"]
operator = ["group:support"]
approver = ["approver@shop.example"]
admin = ["admin@shop.example"]
"""
CONTROLS = {  # widget -> the least role for which it works
    "sync-mihon": "operator",
    "test-mihon": "operator",
}


@dataclass(frozen=True)
class Guarded:
    address: str
    home: Path


@contextlib.contextmanager
def provider() -> Iterator[str]:
    """The address of an OpenID provider that knows one person per role, and one whom nobody let in."""
    people: list[dict[str, object]] = [
        {"sub": name, "email": f"{name}@shop.example", "email_verified": True}
        for name in (*ROLES, STRANGER)
    ]
    people[ROLES.index("operator")]["groups"] = ["support"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    for person in people:
        command += ["--user-claims", json.dumps(person)]
    with subprocess.Popen(
        command,
        env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/.well-known/openid-configuration").close()
                break
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.2)
        yield address
        process.terminate()


@pytest.fixture(scope="module")
def guarded(
    tmp_path_factory: pytest.TempPathFactory, keys: Path, serve: Callable[..., Any]
) -> Iterator[Guarded]:
    if importlib.util.find_spec("oidc_provider_mock") is None:
        pytest.skip("the OpenID provider is not installed")
    home, user = tmp_path_factory.mktemp("guarded"), tmp_path_factory.mktemp("user")
    (home / "settings.toml").write_text(LISTS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTSUGO_KEYRING", "off")
        patch.setenv("TOTSUGO_KEY_FOLDER", str(keys))
        Workspace.open(home).add_account(
            "mihon", company_code="ill", key="mXCTpnoA", base_url="http://127.0.0.1:9/"
        )
    with provider() as issuer:
        (user / ".streamlit").mkdir()
        (user / ".streamlit" / "secrets.toml").write_text(
            "[auth]\n"
            'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            'cookie_secret = "only for this test, 32 characters"\n'
            'client_id = "totsugo"\n'
            'client_secret = "only for this test"\n'
            f'server_metadata_url = "{issuer}/.well-known/openid-configuration"\n',
            encoding="utf-8",
        )
        with serve(home, keys, HOME=str(user), USERPROFILE=str(user)) as address:
            yield Guarded(address=address, home=home)


def enter(page: Any, desk: Guarded, name: str) -> None:
    page.goto(f"{desk.address}connections")
    page.locator(".st-key-sign-in button").click()
    page.locator(f"button[name=sub][value={name}]").click()
    page.wait_for_url(f"{desk.address}**")


def works(page: Any, key: str) -> bool:
    return bool(page.locator(f".st-key-{key} button").first.is_enabled())


def leave(page: Any) -> None:
    page.locator(".st-key-signed_in button").click()
    page.locator(".st-key-sign-out button").click()
    page.locator("button[type=submit]").first.click()  # the provider asks too
    page.wait_for_selector(".st-key-access_sign_in")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_signs_in_meets_its_limits_and_signs_out(
    guarded: Guarded, page: Any, role: str
) -> None:
    enter(page, guarded, role)
    page.wait_for_selector(".st-key-signed_in")
    page.goto(f"{guarded.address}connections")
    for words in (f"{role}@shop.example", TEXT(f"access.role.{role}")):
        says(page, ".st-key-signed_in", words)
    for tab, keys in (("sync", ["sync-mihon"]), ("test", ["test-mihon"])):
        page.get_by_role("radio", name=TEXT(f"connections.tab.{tab}")).click()
        for key in keys:
            page.wait_for_selector(f".st-key-{key}")
            assert works(page, key) == (ROLES.index(role) >= ROLES.index(CONTROLS[key]))
    page.get_by_text(TEXT("connections.add"), exact=True).click()
    add = page.get_by_role("button", name=TEXT("connections.add.go"), exact=True)
    add.wait_for()
    assert add.is_enabled() == (role == "admin")
    leave(page)
    page.goto(f"{guarded.address}connections")
    page.wait_for_selector(".st-key-access_sign_in")
    assert page.locator(".st-key-signed_in").count() == 0


def test_what_is_open_elsewhere_can_do_nothing_after_signing_out(
    guarded: Guarded, page: Any, browser: Any
) -> None:
    enter(page, guarded, "admin")
    page.wait_for_selector(".st-key-signed_in")
    kept = page.context.cookies()
    other = page.context.new_page()
    other.goto(f"{guarded.address}connections")
    other.get_by_role("radio", name=TEXT("connections.tab.test")).click()
    other.wait_for_selector(".st-key-test-mihon")
    assert works(other, "test-mihon")
    leave(page)
    other.locator(".st-key-test-mihon button").click()
    other.wait_for_selector(".st-key-access_sign_in")
    says(other, ".st-key-access_sign_in", TEXT("access.over.signed_out"))
    thief = browser.new_context()
    thief.add_cookies(kept)
    stolen = thief.new_page()
    stolen.goto(f"{guarded.address}connections")
    stolen.wait_for_selector(".st-key-access_sign_in", timeout=60_000)
    thief.close()


def test_whoever_is_on_no_list_sees_nothing(guarded: Guarded, page: Any) -> None:
    enter(page, guarded, STRANGER)
    page.wait_for_selector(".st-key-access_unlisted")
    says(page, ".st-key-access_unlisted", "stranger@shop.example")
    page.goto(f"{guarded.address}connections")
    page.wait_for_selector(".st-key-access_unlisted")
    assert page.locator("text=mihon").count() == 0
    entries = Workspace.open(guarded.home).export("audit", profile="machine").data.decode()
    assert "session.refused" in entries
    assert "session.begun" in entries


def test_the_door_speaks_every_language(guarded: Guarded, page: Any) -> None:
    page.goto(f"{guarded.address}connections")
    page.get_by_text(TEXT("access.title")).wait_for()
    for lang in LANGUAGES[1:]:
        page.get_by_role("radio", name=TEXT(f"frame.language.{lang}")).click()
        page.get_by_text(Text(lang)("access.title")).wait_for()
