"""Every rule's sample, from the store to the command line and the screen: title, evidence and cure in every language."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from reconcile import LANGUAGES, Text, Workspace, wiring
from reconcile.cli import main
from reconcile.model import Finding
from tests.e2e.apptest.conftest import said
from tests.rules import stock_cases
from tests.rules.collection_cases import Case
from tests.rules.test_rules import CASES
from tests.rules.world import NOW, World, ago

# Their samples are rows of judged links and gaps, which a judging makes anew: found in the demo by tests/integration.
OF_JUDGED_ROWS = {"F09", "F10", *(one.rule for one in stock_cases.CASES)}
SAMPLES = [one for one in CASES if one.name == "sample" and one.rule not in OF_JUDGED_ROWS]
EVERYDAY = 8  # of so many samples one runs every time, the others with `make soak`


class TheDay(datetime):
    """The clock of the samples."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return NOW.astimezone(tz)


def samples() -> list[Any]:
    return [
        pytest.param(one, id=one.rule, marks=[pytest.mark.soak] if place % EVERYDAY else [])
        for place, one in enumerate(SAMPLES)
    ]


def stored(folder: Path, sample: Case) -> Workspace:
    """A workspace whose account has the sample's rows, judged on the samples' day."""
    before = Workspace.open(folder, clock=lambda: NOW - timedelta(days=90))
    before.add_account(
        "shop",
        company_code="7301",
        key="mXCTpnoA",
        base_url="http://127.0.0.1:9/webapi2",
        options={"auto_orders": "on"},
    )
    workspace = Workspace.open(folder)
    workspace.accounts()
    workspace._db.close()
    world = World(folder / "store.duckdb")
    read = {"run_id": "r0", "account": "shop", "kind": "first", "parts": "orders"}
    world.put("sync_run", **read, state="complete", started_at=ago(1), finished_at=ago())
    sample.build(world)
    world.con.execute(
        "INSERT OR IGNORE INTO sync_cursor (account, feed, complete_at) VALUES ('shop', 'orders', ?)",
        [ago()],
    )
    world.con.close()
    workspace._judge(workspace.accounts()[0])
    return workspace


def found(workspace: Workspace, rule: str) -> Finding:
    return next(one for one in workspace.findings(account="shop") if one.rule == rule)


@pytest.mark.parametrize("sample", samples())
def test_a_sample_is_told_on_the_command_line_and_on_the_screen(
    sample: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    open_app: Callable[..., AppTest],
) -> None:
    monkeypatch.setattr(wiring, "datetime", TheDay)
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    workspace = stored(tmp_path / "data", sample)
    number = found(workspace, sample.rule).order_number
    arguments = ["--data", str(workspace.data)]
    for lang in LANGUAGES:
        title = Text(lang)(f"rule.{sample.rule}.title")
        assert main([*arguments, "--lang", lang, "findings", "--rule", sample.rule]) == 1
        assert title in capsys.readouterr().out
        if number is None:
            app = open_app(workspace.data, "overview", lang)
        else:
            assert main([*arguments, "--lang", lang, "order", number]) == 1
            assert title in capsys.readouterr().out
            app = open_app(workspace.data, "orders", lang, order=number, of="shop")
        assert title in said(app)
    assert main([*arguments, "findings", "--rule", sample.rule, "--json"]) == 1
    assert sample.rule in json.dumps(json.loads(capsys.readouterr().out))


def test_every_rule_has_its_sample_here() -> None:
    assert {one.rule for one in SAMPLES} | OF_JUDGED_ROWS == {one.rule for one in CASES}
