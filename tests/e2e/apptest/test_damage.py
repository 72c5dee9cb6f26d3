"""What a person sees after something was damaged: a screen that works, and what happened in words."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reconcile import LANGUAGES, Text
from tests.e2e.apptest.conftest import ROOT, said
from tests.e2e.apptest.test_work import until
from tests.reliability.working import afresh

OpenApp = Callable[..., AppTest]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_damaged_database_is_said_on_the_screen_with_what_to_do(
    lang: str, unsynced_home: Path, open_app: OpenApp
) -> None:
    afresh()
    (unsynced_home / "store.duckdb").write_bytes(b"ruined" * 4000)
    app, text = open_app(unsynced_home, "connections", lang), Text(lang)
    assert "mihon" in said(app), "the account is back from the ledger"
    (aside,) = unsynced_home.glob("store-damaged-*.duckdb")
    assert text("damage.title") in said(app)
    assert text("damage.store", file=aside.name) in said(app)
    assert text("damage.store.cure") in said(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_ledger_beyond_mending_is_said_and_the_screen_still_works(
    lang: str, unsynced_home: Path, open_app: OpenApp
) -> None:
    afresh()
    for file in unsynced_home.glob("ledger*.jsonl"):
        file.write_bytes(file.read_bytes().replace(b"digest", b"d1gest") + b"{}\n")
    app, text = open_app(unsynced_home, "connections", lang), Text(lang)
    assert "mihon" in said(app)
    assert text("damage.ledger_unusable", file="ledger.jsonl") in said(app)
    assert text("damage.ledger_unusable.cure") in said(app)


def test_a_sound_folder_says_nothing_of_damage(unsynced_home: Path, open_app: OpenApp) -> None:
    assert Text("ja")("damage.title") not in said(open_app(unsynced_home, "connections"))


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps no modes of files")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_demo_that_cannot_be_set_up_says_why_and_what_to_do(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    keys.chmod(0o755)
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(keys))
    monkeypatch.setenv("TOTSUGO_DATA", str(tmp_path / "home"))
    app, text = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60), Text(lang)
    app.query_params["lang"] = lang
    until(app.run(), text("states.demo.failed"))
    assert text("error.secrets.too_open", file=str(keys), mode="700") in said(app)
    assert text("error.secrets.too_open.cure", file=str(keys), mode="700") in said(app)
    assert text("states.demo.title") not in said(app)
    next(one for one in app.button if one.label == text("states.demo.again")).click()
    app.run()
    until(app, text("states.demo.failed"))
