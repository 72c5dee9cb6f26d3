"""R14: killed while sending: nothing is lost, nothing acknowledged and noted is repeated, and repeats say so."""

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from reconcile.store.database import Database
from tests.alerts.conftest import ROOT, Desk

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


@pytest.fixture
def sender():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.alerts.sender"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    yield process
    process.stdin.close()
    process.wait(60)
    process.stdout.close()


@pytest.mark.minutes(7)
def test_a_sender_killed_between_sending_and_marking_loses_nothing(
    tmp_path, receiver, sender, sized, tally
):
    desk = Desk(tmp_path / "data", receiver)
    kills = Counter()
    incidents = sized(2, 1000)
    for number in range(incidents):
        path = ("die", "die-after")[number % 2]
        desk.at = datetime.now(UTC)  # the child's clock is the real one
        desk.synced()
        desk.channel(path=path)
        desk.finds(str(number))
        Database.close_all()
        place = receiver.folder / "sender.pid"
        sender.stdin.write(f"{desk.workspace.data}\t{place}\n")
        sender.stdin.flush()
        kills[path] += int(sender.stdout.readline()) == 9
        desk.channel()
        desk.check()
    seen = Counter()
    for body in receiver.bodies():
        for one in body.get("rules", ()):
            seen.update(one["orders"])
    lost = [str(number) for number in range(incidents) if not seen[str(number)]]
    first = set()
    unmarked = []
    for body in receiver.bodies():
        if body["id"] in first and not body["may_repeat"]:
            unmarked.append(body["id"])
        first.add(body["id"])
    waiting = desk.workspace.alert_standing()["ops"].waiting
    assert kills["die"] == (incidents + 1) // 2, "every one of them died in the middle"
    assert not lost and not unmarked and not waiting
    assert len(first) == len({body["id"] for body in receiver.bodies()})
    twice = sum(count > 1 for count in seen.values())
    tally("R14", incidents=incidents, kills=sum(kills.values()), lost=len(lost), twice=twice)
