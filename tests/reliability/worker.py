"""A process of its own that works on a data folder and may be killed at any moment, or by its own disk.

Everything is imported once; for each order (a line of JSON) a child is forked that does the job and tells on standard
output what is done, one line each. Run as `python -m tests.reliability.worker`.
"""

import ctypes
import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconcile import Workspace
from reconcile.commands.answer import write_out
from reconcile.errors import ReconcileError
from reconcile.store import sync_writes
from reconcile.store.database import Database

ROWS = 40
BATCHES_PER_COPY = 3
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


def say(word, **told):
    os.write(1, (json.dumps({"said": word} | told) + "\n").encode())


def batch(desk, number):
    """One step of a sync: rows, observations and the cursor in one transaction."""
    at = FIRST + timedelta(minutes=number)
    rows = [
        {
            "account": "shop", "order_number": f"{order:08d}", "order_code": f"c{order}", "shop_code": "1",
            "phase_name": f"段階{number}", "cancel_flag": 0, "check_marks": "---", "created_at": FIRST,
            "updated_at": at, "seen_at": at, "run_id": f"r{number}", "is_bundle_child": False,
        }
        for order in range(ROWS)
    ]  # fmt: skip
    with desk._db.write() as cursor:
        sync_writes.put_orders(cursor, [row | {"check_mark1": "-"} for row in rows], vendor_now=at)
        sync_writes.run(
            cursor,
            "put_cursor",
            account="shop",
            feed="orders",
            cursor_at=at.replace(tzinfo=None),
            complete_at=None,
            reaches_back_to=None,
        )


def work(folder, begin, until):
    """Batches, decisions, copies and exports one after the other, each told when it is done."""
    desk = Workspace.open(folder)
    for number in range(begin, until):
        batch(desk, number)
        say("batch", number=number)
        desk._accounts.set_phase_role("shop", f"段階{number}", "before")
        say("decision", number=number)
        if number % BATCHES_PER_COPY == 0:
            desk._history.copy_out()
            desk._db.checkpoint()
            say("copied", number=number)
        write_out(Path(folder) / "export.csv", f"{number}\n".encode() * 200)
        say("exported", number=number)
    desk._db.close()


def opened(folder):
    """Open the folder as any start does: migrations, ledger, history."""
    desk = Workspace.open(folder)
    desk.accounts()
    desk._db.close()


def die_with_a_log(folder, phase_name):
    """Decide something and die before it is folded into the database."""
    desk = Workspace.open(folder)
    desk._accounts.set_phase_role("shop", phase_name, "before")
    os.kill(os.getpid(), signal.SIGKILL)


def backup(folder, out):
    Workspace.open(folder).backup(Path(out))


def restore(folder, file):
    Workspace.open(folder).restore(Path(file))


JOBS = {job.__name__: job for job in (work, opened, die_with_a_log, backup, restore)}


def child(order):
    """Do the job; a fault is armed for its files where the disk can fail. Expected errors are told by their key."""
    disk = ctypes.CDLL(None)
    fault = order.get("fault")
    if fault:
        below = str(order["arguments"][0]).encode()
        disk.fault_arm(below, fault["at"], fault.get("errno", 0), int(fault.get("lasting", False)))
    try:
        JOBS[order["job"]](*order["arguments"])
        Database.close_all()
        say("done", changes=disk.fault_seen() if fault else 0)
    except ReconcileError as error:
        say("refused", key=error.help_key, changes=disk.fault_seen() if fault else 0)


def main():
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                say("began", pid=os.getpid())
                child(order)
                code = 0
            except BaseException as error:
                say("crashed", kind=type(error).__name__, text=str(error)[:300])
                raise
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        say("ended", signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


if __name__ == "__main__":
    main()
