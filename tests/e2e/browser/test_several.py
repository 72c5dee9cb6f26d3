"""R11: eight people at the dashboard, a sync by cron and commands on one data folder; nothing is lost, nobody sees a lock."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconcile import Text, TriageFilter, TriageRow, Workspace
from tests.conftest import Sized, Tally
from tests.e2e.hostile import ACCOUNT, told
from tests.reliability.desk import LivingShop

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[3]
TEXT = Text("ja")
SESSIONS = 8
DONE, FINDINGS = 0, 1  # exit codes of a command that did its work
AHEAD_MS = 1500  # two clicks at one and the same moment lie so far ahead
CONFLICTS = ("failed_error_triage_conflict", "failed_error_triage_changed")
PRESS = """(button, at) => setTimeout(() => button.click(), at - Date.now())"""
Edit = tuple[str, str]  # key of a finding, and what was written on it


@dataclass
class Beside:
    """What goes on beside the browser: syncs as cron starts them, and commands that read and write."""

    home: Path
    keys: list[str]  # findings that the commands write on
    runs: dict[str, int] = field(default_factory=dict)
    written: list[Edit] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def command(self, *words: str) -> int:
        command = [sys.executable, "-m", "reconcile", "--data", str(self.home), *words]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
        )
        self.runs[words[0]] = self.runs.get(words[0], 0) + 1
        if ended.returncode not in (DONE, FINDINGS) or "Traceback" in ended.stderr:
            self.wrong.append(f"{words}: {ended.returncode} {ended.stderr[-500:]}")
        return ended.returncode

    def syncs(self) -> None:
        while not self.over.is_set():
            self.command("sync", "--json")
            self.over.wait(2)

    def commands(self) -> None:
        for number, key in enumerate(itertools.cycle(self.keys)):
            if self.over.is_set():
                return
            said = f"command {number}"
            words = ("--text", said, "--keys", key, "--yes", "--by", "cron")
            if self.command("triage", "note", *words) == DONE:
                self.written.append((key, said))
            self.command(*(("findings", "--json"), ("stock", "--json"))[number % 2])

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=work) for work in (self.syncs, self.commands)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, browser: Any, name: str) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 900})
        self._context.set_default_timeout(120_000)
        self.page, self.name, self.words = self._context.new_page(), name, ""

    def settle(self) -> None:
        self.page.wait_for_selector("h1")
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.page.wait_for_timeout(300)

    @property
    def box(self) -> Any:
        return self.page.locator("[class*=st-key-desk_finding_]").first

    @property
    def field(self) -> Any:
        return self.box.locator("textarea")

    @property
    def button(self) -> Any:
        return self.box.locator("[data-testid=stFormSubmitButton] button")

    def begin(self, address: str, number: str, words: str) -> None:
        """Opens the order and writes a note on its first finding, without sending it."""
        self.words = words
        self.page.goto(f"{address}orders?order={number}&of={ACCOUNT}&desk=all&lang=ja")
        self.settle()
        self.box.get_by_text(TEXT("desk.act.note"), exact=True).first.click()
        self.field.wait_for()
        self.settle()
        who = self.box.get_by_label(TEXT("desk.person"))
        if who.count():
            who.fill(self.name)
        self.field.fill(words)
        self.field.press("Tab")

    def refused(self) -> bool:
        return any(self.page.locator(f".st-key-{one}").count() for one in CONFLICTS)

    def trouble(self) -> list[str]:
        """Every error on the page but that somebody else was faster."""
        shown = self.page.locator("[class*=st-key-failed_], [data-testid=stException]").all()
        kinds = [str(one.get_attribute("class")) for one in shown]
        return [
            f"{self.name}: {one.inner_text()}"
            for one, kind in zip(shown, kinds, strict=True)
            if not any(conflict in kind for conflict in CONFLICTS)
        ]

    def close(self) -> None:
        self._context.close()


def on_one_row(desk: Workspace) -> list[TriageRow]:
    """Findings that are the first one in the case of their order, one for each order."""
    rows = {
        (row.order_number, row.finding_key): row
        for row in desk.triaged(TriageFilter(account=ACCOUNT, states=("open",))).rows
    }
    found = []
    for number in dict.fromkeys(number for number, _ in rows if number):
        first = desk.order(ACCOUNT, number).findings[0]
        key = f"{first.rule}|{first.subject_kind}|{first.subject}"
        if (number, key) in rows:
            found.append(rows[number, key])
    return found


def raced(pair: Sequence[Person], row: TriageRow, address: str, words: str) -> list[Edit]:
    """Two people write on one finding at the same moment: one wins, the other sees both texts and sends once more."""
    for person in pair:
        person.begin(address, str(row.order_number), f"{words} {person.name}")
    at = time.time() * 1000 + AHEAD_MS
    for person in pair:
        person.button.evaluate(PRESS, at)
    for person in pair:
        person.page.wait_for_timeout(max(0.0, at - time.time() * 1000) + 300)
        person.page.locator(
            ", ".join((".st-key-desk_done", *(f".st-key-{one}" for one in CONFLICTS)))
        ).first.wait_for()
        person.settle()
    losers = [person for person in pair if person.refused()]
    assert len(losers) == 1, [person.page.inner_text("body") for person in pair]
    (loser,), (winner,) = losers, [person for person in pair if person not in losers]
    assert winner.page.locator(".st-key-desk_done").count() == 1
    assert loser.field.input_value() == loser.words
    seen = loser.box.inner_text()
    assert TEXT("desk.case.note", what=winner.words) in seen, seen
    assert winner.name in seen
    loser.button.click()
    loser.page.locator(".st-key-desk_done").wait_for()
    loser.settle()
    assert TEXT("desk.case.note", what=loser.words) in loser.box.inner_text()
    return [(row.finding_key, winner.words), (row.finding_key, loser.words)]


def lost(desk: Workspace, edits: Sequence[Edit]) -> list[Edit]:
    """Those edits of which the ledger knows nothing."""
    known = {
        key: json.dumps(
            [dict(event.values) for event in desk.triage_history(ACCOUNT, key)],
            ensure_ascii=False,
            default=str,
        )
        for key in {key for key, _ in edits}
    }
    return [
        (key, words)
        for key, words in edits
        if json.dumps(words, ensure_ascii=False) not in known[key]
    ]


def test_eight_people_a_cron_sync_and_commands_lose_nothing(
    tmp_path: Path,
    keys: Path,
    browser: Any,
    serve: Callable[..., Any],
    sized: Sized,
    tally: Tally,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(keys))
    rounds, minutes = sized(1, 10_000), sized(10, 30)
    shop = LivingShop(orders=60, seed=11, scenario="demo")
    people: list[Person] = []
    try:
        desk = told(
            tmp_path / "home", shop.url, lambda kind: shop.file(kind, encoding="utf-8-sig")[0]
        )
        mine = on_one_row(desk)
        for_commands, for_people = mine[:3], mine[3:]
        assert len(for_people) >= SESSIONS // 2
        beside = Beside(desk.data, [row.finding_key for row in for_commands])
        with serve(desk.data, keys) as address, beside.going_on():
            people += [Person(browser, f"{name}さん") for name in "佐鈴高田伊渡山中"]
            edits, trouble = in_rounds(people, for_people, address, rounds=rounds, minutes=minutes)
        assert trouble == []
        assert beside.wrong == []
        assert min(beside.runs.get(name, 0) for name in ("sync", "triage", "findings")) > 0, (
            beside.runs
        )
        assert lost(desk, [*edits, *beside.written]) == []
        assert len(edits) >= SESSIONS
        tally(
            "R11",
            sessions=SESSIONS,
            pairs=len(edits) // 2,
            edits=len(edits) + len(beside.written),
            lost=0,
        )
    finally:
        for person in people:
            person.close()
        shop.stop()


def in_rounds(
    people: list[Person], rows: list[TriageRow], address: str, *, rounds: int, minutes: float
) -> tuple[list[Edit], list[str]]:
    """So many rounds, or as many as the minutes allow: in each, everybody writes, two by two on one finding."""
    dice, until = random.Random(11), time.monotonic() + 60 * minutes
    edits: list[Edit] = []
    trouble: list[str] = []
    for number in range(rounds):
        if time.monotonic() > until:
            break
        dice.shuffle(people)
        chosen = dice.sample(rows, len(people) // 2)
        for place, row in enumerate(chosen):
            pair = people[2 * place : 2 * place + 2]
            edits += raced(pair, row, address, f"回{number}")
        trouble += [one for person in people for one in person.trouble()]
    return edits, trouble
