"""R11: eight people in browsers, a sync by cron and the command line work on one folder: no edit is lost, no lock is seen."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pages.ui import inputs
from reconcile import Text, TriageFilter, TriageRow, Workspace
from tests.conftest import Tally
from tests.e2e.browser.driving import chosen, went
from tests.e2e.hostile import ACCOUNT, told
from tests.reliability.desk import LivingShop

pytestmark = pytest.mark.browser
TEXT = Text("ja")
MINUTES = 30
ACT = TEXT("desk.act.note")


class Others:
    """A cron job that syncs and a person at the command line, until stopped; what went wrong with them."""

    def __init__(self, home: Path, keys: Path) -> None:
        self._data = ("--data", str(home))
        self._env = os.environ | {"TOTSUGO_KEYRING": "off", "TOTSUGO_KEY_FOLDER": str(keys)}
        self._over = threading.Event()
        self.runs = 0
        self.failed: list[str] = []
        self._threads = [
            threading.Thread(target=self._repeat, args=(commands, pause_s))
            for commands, pause_s in (
                ([["sync"]], 10),
                ([["findings", "--json"], ["triage", "list", "--json"], ["stock", "--json"]], 3),
            )
        ]
        for thread in self._threads:
            thread.start()

    def _repeat(self, commands: list[list[str]], pause_s: float) -> None:
        while not self._over.is_set():
            for command in commands:
                run = subprocess.run(
                    [sys.executable, "-m", "reconcile", *self._data, *command],
                    env=self._env,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                self.runs += 1
                if run.returncode not in (0, 1):  # 1: done, with findings
                    self.failed.append(f"{command}: {run.returncode} {run.stderr}")
            self._over.wait(pause_s)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def shop() -> Iterator[LivingShop]:
    shop = LivingShop(orders=200, seed=7, scenario="demo")
    yield shop
    shop.stop()


def area_of(page: Any, row: TriageRow) -> Any:
    name = inputs.digest((row.account, row.finding_key))
    return page.locator(f".st-key-desk_finding_{name}")


def write(page: Any, address: str, row: TriageRow, who: str, note: str) -> None:
    """Opens the case and fills in a note on that finding; it is not sent."""
    number = quote(str(row.order_number), safe="")
    went(page, f"{address}orders?desk=all&order={number}&of={ACCOUNT}")
    area = area_of(page, row)
    chosen(area, "desk.act.note")
    area.get_by_label(TEXT("desk.field.note")).fill(note)
    person = area.get_by_label(TEXT("desk.person"))
    if person.count():
        person.fill(who)


def is_taken(page: Any, row: TriageRow) -> bool:
    """Whether what was sent was done; else that somebody else was first was said."""
    area = area_of(page, row)
    area.locator(".st-key-desk_done, [class*=st-key-failed]").first.wait_for()
    return bool(area.locator(".st-key-desk_done").count())


@pytest.mark.soak
def test_eight_browsers_a_sync_and_the_command_line_lose_no_edit(
    tmp_path: Path,
    keys: Path,
    own_keys: None,
    browser: Any,
    serve: Callable[..., Any],
    shop: LivingShop,
    tally: Tally,
) -> None:
    home = tmp_path / "home"
    desk: Workspace = told(home, shop.url, lambda kind: shop.file(kind, encoding="utf-8-sig")[0])
    rows = [row for row in desk.triaged(TriageFilter(account=ACCOUNT)).rows if row.order_number]
    assert len(rows) >= 8
    begun: dict[str, TriageRow] = {}
    taken: set[str] = set()
    refused = rounds = 0
    with serve(home, keys) as address:
        others = Others(home, keys)
        pages = [browser.new_context(locale="ja-JP").new_page() for _ in range(8)]
        until = time.monotonic() + 60 * MINUTES
        try:
            while time.monotonic() < until:
                share = 1 + rounds % 2  # each on a finding of their own; or two on each
                on = [rows[(rounds * 8 + place // share) % len(rows)] for place in range(8)]
                notes = [f"{rounds}回目 {place}番" for place in range(8)]
                for place, page in enumerate(pages):
                    page.set_default_timeout(120_000)
                    write(page, address, on[place], f"係{place}", notes[place])
                for place, page in enumerate(pages):
                    go = TEXT("desk.case.go", what=ACT)
                    area_of(page, on[place]).get_by_role("button", name=go).click(
                        no_wait_after=True
                    )
                done = [is_taken(page, on[place]) for place, page in enumerate(pages)]
                for place, page in enumerate(pages):
                    assert page.locator("[data-testid=stException]").count() == 0
                    begun[notes[place]] = on[place]
                    if done[place]:
                        taken.add(notes[place])
                        continue
                    assert share == 2, page.locator("body").inner_text()
                    refused += 1
                    winner = next(
                        notes[other]
                        for other in range(8)
                        if other != place and on[other] is on[place]
                    )
                    assert (
                        winner in area_of(page, on[place]).inner_text()
                    )  # both versions are there
                    mine = area_of(page, on[place]).get_by_label(TEXT("desk.field.note"))
                    assert mine.input_value() == notes[place]
                rounds += 1
        finally:
            others.stop()
            for page in pages:
                page.context.close()
    assert others.failed == []
    assert others.runs > rounds
    held = [
        str(event.values["text"])
        for row in {row.finding_key: row for row in begun.values()}.values()
        for event in Workspace.open(home).triage_history(ACCOUNT, row.finding_key)
        if event.values.get("text")
    ]
    assert sorted(held) == sorted(taken)
    assert len(taken) + refused == len(begun)
    tally(
        "R11",
        minutes=MINUTES,
        edits=len(taken),
        refused=refused,
        commands=others.runs,
        lost=0,
        locks=0,
    )
