"""Triage over processes, over a real sync, and on the command line."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconcile import LANGUAGES, Workspace
from reconcile.cli import main
from reconcile.text import Text
from reconcile.triage_acts import TriageConflict, TriageFilter
from tests.property.triage.desk import key, one, opened, present

ROOT = Path(__file__).parents[2]
WORKER = """
import json, sys
from reconcile.triage import TriageDesk
from reconcile.triage_acts import TriageConflict
desk = TriageDesk.open(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    order = json.loads(line)
    try:
        done = desk.triage("shop", [order["key"]], "note", text=order["text"],
                           expected_version=order["version"], by=sys.argv[2])
        answer = {"won": done.ledger[0]}
    except TriageConflict as error:
        answer = {"won": 0, **{name: error.values[name] for name in ("expected", "found", "by")}}
    desk._db.close()
    print(json.dumps(answer), flush=True)
"""


class Worker:
    """A process of its own that acts on the data folder when told to."""

    def __init__(self, folder, who):
        self.who = who
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder), who],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.answer() == "ready"

    def tell(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def answer(self):
        return self.process.stdout.readline().strip()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.mark.soak
def test_of_two_processes_that_act_on_one_finding_exactly_one_wins(tmp_path, sized, tally):
    folder, pairs = tmp_path / "data", sized(6, 300)
    desk = opened(folder)
    present(desk, [1])
    version = one(desk, 1).version
    desk._db.close()
    workers = [Worker(folder, who) for who in ("佐藤", "鈴木")]
    winners = []
    for number in range(pairs):
        for worker in workers if number % 2 else reversed(workers):
            worker.tell(key=key(1), version=version, text=f"{worker.who} {number}")
        answers = {worker.who: json.loads(worker.answer()) for worker in workers}
        (winner,) = [who for who, answer in answers.items() if answer["won"]]
        (loser,) = [answer for answer in answers.values() if not answer["won"]]
        assert loser["expected"] == version
        assert loser["found"] != version
        assert loser["by"] == winner
        winners.append(f"{winner} {number}")
        version = loser["found"]
    for worker in workers:
        worker.stop()
    notes = [event.values["text"] for event in desk.triage_history("shop", key(1))]
    assert notes == winners
    assert one(desk, 1).note == winners[-1]
    tally("R11", pairs=pairs, lost=pairs - len(notes))


def test_of_two_threads_that_act_on_one_finding_exactly_one_wins(tmp_path, sized, tally):
    pairs = sized(15, 1000)
    desks = {who: opened(tmp_path / "data") for who in ("佐藤", "鈴木")}
    desk = desks["佐藤"]
    present(desk, [1])
    together = threading.Barrier(2)

    def act(who, version):
        together.wait()
        try:
            desks[who].triage("shop", [key(1)], "note", text=who, by=who, expected_version=version)
        except TriageConflict as error:
            return error.values["by"]
        return who

    with ThreadPoolExecutor(2) as pool:
        for number in range(pairs):
            shown = one(desk, 1).version
            told = [run.result() for run in [pool.submit(act, who, shown) for who in desks]]
            assert told[0] == told[1] == one(desk, 1).note
            assert len(desk.triage_history("shop", key(1))) == number + 1
    tally("R11", pairs=pairs, lost=0)


def test_an_act_that_reached_only_the_ledger_is_there_after_a_crash(tmp_path):
    folder = tmp_path / "data"
    desk = opened(folder)
    present(desk, [1, 2])
    frozen = desk.triage_preview()
    desk.triage_bulk(frozen, "ack", assignee="佐藤")
    entry = desk._ledger.entries()[-1]
    desk._db.close()
    desk._ledger.append(
        "triage.ignored", "shop", {"items": entry.values["items"], "reason": "重複"}, actor="鈴木"
    )
    again = opened(folder)
    assert [row.triage for row in again.triaged().rows] == ["ignored", "ignored"]
    assert one(again, 1).assignee == "佐藤"


def test_a_bulk_on_ten_thousand_findings_is_one_line_and_comes_back_from_the_ledger(
    tmp_path, sized, tally
):
    count = sized(1000, 10_000)
    desk = opened(tmp_path / "data")
    present(desk, range(count))
    report = desk.triage_bulk(desk.triage_preview().id, "ignore", reason="棚卸し")
    assert (report.done, len(desk._ledger.entries())) == (count, 1)
    assert desk.triage_undo(report.ledger[0]).done == count
    assert desk.triage_counts().by_state["open"] == count
    tally("R17", findings=count, outside=0)


def test_decisions_stand_through_the_next_sync_and_go_with_the_account(workspace, sandbox):
    body, _ = sandbox.file("orders")
    workspace.sync("shop")
    workspace.import_files("shop", [("orders.csv", body)])
    rows = workspace.triaged(TriageFilter(states=("open",))).rows
    chosen = rows[0]
    workspace.triage(
        "shop", [chosen.finding_key], "ignore", reason="意図", expected_version=chosen.version
    )
    workspace.sync("shop", full=True)
    (row,) = workspace.triaged(TriageFilter(keys=(chosen.finding_key,))).rows
    assert row.triage == "ignored"
    assert workspace.triage_counts("shop").by_state["open"] == len(rows) - 1
    workspace.remove_account("shop")
    workspace._db.close()
    again = Workspace.open(workspace.data)
    assert again.triaged().total == 0
    with again._db.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM triage_step").fetchone() == (0,)


@pytest.fixture
def command(tmp_path, capsys):
    """`command("triage", "list")`: exit code and JSON answer over an account with three findings."""
    desk = opened(tmp_path / "data")
    desk._accounts.add(
        "shop",
        company_code="7301",
        key="secretkey1",
        shop_ids=(),
        base_url="https://crossmall.example/webapi2",
        options={},
    )
    present(desk, [1, 2, 3])

    def run(*arguments):
        code = main(["--data", str(desk.data), *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_the_command_line_previews_then_acts_on_exactly_that_list_then_undoes(command):
    code, listed = command("triage", "list")
    assert code == 1
    open_before = listed["counts"]["open"]
    chosen = [row["finding_key"] for row in listed["findings"][:2]]
    keys = [word for one in chosen for word in ("--keys", one)]
    code, preview = command("triage", "ack", *keys)
    assert (code, preview["count"]) == (0, 2)
    assert command("triage", "list")[1]["counts"]["open"] == open_before
    code, done = command("triage", "ack", "--list", preview["list"], "--yes", "--by", "佐藤")
    assert (code, done["done"], done["skipped"]) == (0, 2, [])
    mine = command("triage", "list", "--state", "acknowledged")[1]["findings"]
    assert sorted(row["finding_key"] for row in mine) == sorted(chosen)
    assert {row["assignee"] for row in mine} == {"佐藤"}
    code, again = command("triage", "ack", "--list", preview["list"], "--yes")
    assert (code, again["done"], len(again["skipped"])) == (1, 0, 2)
    assert command("triage", "undo", str(done["act"]))[1]["done"] == 2
    assert command("triage", "list")[1]["counts"]["open"] == open_before
    events = command("triage", "history", chosen[0])[1]["events"]
    assert [event["event"] for event in events] == ["acknowledged", "undone"]
    assert command("triage", "redo", str(done["act"]))[1]["done"] == 2


def test_what_cannot_be_is_said_in_words(command):
    for arguments, help_key in (
        (("snooze", "--until", "soon"), "error.triage.until_unreadable"),
        (("snooze", "--until", "0h", "--yes"), "error.triage.until"),
        (("note", "--text", " ", "--yes"), "error.triage.text"),
        (("list", "--rule", "F99"), "error.rule.unknown"),
        (("ack", "--list", "none"), "error.triage.list"),
        (("undo", "999"), "error.triage.act"),
        (("view", "save", "x", "numbers=1"), "error.view.parameters"),
    ):
        code, answer = command("triage", *arguments)
        assert (code, answer["error"]["code"]) == (2, help_key)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_act_is_told_in_words(command, tmp_path, capsys, lang):
    def told(*arguments):
        main(["--data", str(tmp_path / "data"), "--lang", lang, "triage", *arguments])
        return capsys.readouterr().out.splitlines()

    assert len(told("list")) == 3
    assert told("list", "--mine") == [Text(lang)("cli.triage.none")]
    preview = told("ack", "--rule", "F07")
    assert preview[0] == Text(lang)("cli.triage.preview", count=3)
    list_id = preview[-1].partition("--list ")[2].split()[0]
    assert told("snooze", "--until", "4h", "--keys", key(3), "--yes")
    done = told("ack", "--list", list_id, "--yes")
    assert "2" in done[0]
    assert key(3) in done[1]
    told("note", "--text", "line\x07one", "--keys", key(1), "--yes")
    assert "line␇one" in told("history", key(1))[-1]
    told("ignore", "--reason", "duplicate", "--keys", key(1), "--yes")
    told("ask-vendor", "--vendor", "smartship", "--ref", "Q-1", "--keys", key(1), "--yes")
    told("vendor-confirmed", "--keys", key(1), "--yes")
    told("assign", "--assignee", "佐藤", "--keys", key(1), "--yes")
    told("reopen", "--keys", key(1), "--yes")
    assert len(told("history", key(1))) == 7
    assert "佐藤" in told("list", "--keys", key(1))[0]


def test_views_are_saved_and_listed_on_the_command_line(command):
    assert command("triage", "view", "save", "朝の確認", "rule=F07", "rule=F05")[0] == 0
    (view,) = command("triage", "view", "list")[1]["views"]
    assert (view["name"], view["query"]) == ("朝の確認", {"rule": ["F07", "F05"]})
    assert command("triage", "view", "remove", "朝の確認")[0] == 0
    assert command("triage", "view", "list")[1]["views"] == []
