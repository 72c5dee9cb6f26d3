"""Hands orders to a worker process, kills its children, and looks at what they left behind."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from reconcile import Workspace
from reconcile.store.database import Database
from reconcile.store.ledger import Ledger
from tests.integration.conftest import ROOT
from tests.reliability.worker import FIRST, ROWS

SOURCE = Path(__file__).with_name("faulty_disk.c")


def built_disk(folder):
    """The disk that can be made to fail, compiled; None where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    library = folder / "faulty_disk.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


class Worker:
    """The process; `do` gives what its child said, from `began` to `ended`."""

    def __init__(self, disk=None):
        environment = os.environ | ({"LD_PRELOAD": str(disk)} if disk else {})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.worker"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip

    def do(self, job, *arguments, fault=None, on_word=None):
        order = {
            "job": job,
            "arguments": [str(one) if isinstance(one, Path) else one for one in arguments],
        }
        self._process.stdin.write(json.dumps(order | ({"fault": fault} if fault else {})) + "\n")
        self._process.stdin.flush()
        said = []
        while not said or said[-1]["said"] != "ended":
            line = self._process.stdout.readline()
            assert line, "the worker is gone"
            said.append(json.loads(line))
            if on_word:
                on_word(said)
        return said

    def stop(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def afresh():
    """Forget what this process knows of any file, as a new process would."""
    Database.close_all()
    Database._instances.clear()
    Ledger._verified.clear()


def last(said, word):
    return max((one["number"] for one in said if one["said"] == word), default=-1)


def looked_at(folder, said):
    """What is wrong with a folder after all that its workers said: what they acknowledged is missing, or is there by half."""
    afresh()
    desk = Workspace.open(folder)
    wrong = []
    with desk._db.read() as cursor:
        orders = cursor.execute("SELECT phase_name FROM cm_order").fetchall()
        seen = cursor.execute("SELECT phase_name FROM cm_observation").fetchall()
        reached = cursor.execute(
            "SELECT cursor_at FROM sync_cursor WHERE feed = 'orders'"
        ).fetchall()
        roles = {
            name
            for (name,) in cursor.execute(
                "SELECT phase_name FROM phase_role WHERE origin = 'person'"
            ).fetchall()
        }
    newest = Counter(orders)
    observed = Counter(seen)
    number = (
        -1
        if not reached
        else round((reached[0][0] - FIRST.replace(tzinfo=None)).total_seconds() / 60)
    )
    if dict(newest) != ({} if number < 0 else {(f"段階{number}",): ROWS}):
        wrong.append(f"the cursor says {number}, the rows {dict(newest)}")
    wrong += [
        f"half a batch of observations: {name} {count}"
        for name, count in observed.items()
        if count != ROWS
    ]
    if number < last(said, "batch"):
        wrong.append(f"batch {last(said, 'batch')} was acknowledged, {number} is there")
    if len(observed) != number + 1:
        wrong.append(f"{len(observed)} of {number + 1} batches were observed")
    decided = {
        entry.values["phase_name"]
        for entry in desk._ledger.entries()
        if entry.event == "phase_role.set"
    }
    told = [one["number"] for one in said if one["said"] == "decision"]
    wrong += [f"decision lost: {number}" for number in told if f"段階{number}" not in decided]
    if decided != roles:
        wrong.append(f"ledger and mirror differ: {decided ^ roles}")
    if desk.incidents():
        wrong.append(f"damaged: {desk.incidents()}")
    export = folder / "export.csv"
    if export.exists() and len(set(export.read_bytes().split())) != 1:
        wrong.append("half an export")
    afresh()
    return wrong
