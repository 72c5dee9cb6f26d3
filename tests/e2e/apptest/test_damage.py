"""What a person sees after something was damaged: a screen that works, and what happened in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reconcile import LANGUAGES, Text
from tests.e2e.apptest.conftest import said
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
