"""How fast a first sync of orders with their lines is, against what the protocol allows and against a plain script.

Run: python benchmarks/sync.py [--orders 10000] [--latency-ms 100] [--concurrency 1,4,8,16]
                               [--orders-serial 1000] [--plain-workers 15]
Starts the sandbox as a process of its own with a clock that stands still; every measured run is a fresh process with a
fresh data folder. Seconds count until everything is stored; the rules run after that. Goals: time at most 1.10 x calls
x latency / concurrency, no call more than needed, 300 MB.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.plain_script import PlainScript, rows
from crossmall import wire
from crossmall.types import OrderQuery
from reconcile import Progress, Workspace
from reconcile.settings import Settings
from reconcile.store.database import Cursor, Database, naive
from reconcile.sync.plan import calls_of_query, plan_orders

ROOT = Path(__file__).resolve().parents[1]
KEY, COMPANY = "mXCTpnoA", "ill"  # the vendor's published example
EPOCH = datetime(2026, 11, 22, 4, tzinfo=UTC)  # 13:00 JST
DAYS = 30
READY = "CROSS MALL sandbox ready: "
SAMPLED_PAGES, SAMPLED_DETAILS = 40, 400  # recorded bodies for the parse limit
PARSE_ROUNDS = 5
Row = dict[str, Any]


def calls_needed(cursor: Cursor, *, now: datetime, settings: Settings, collect_phase: str) -> int:
    """Calls that a first read of what the mirror now holds needs at least, split as it was.

    The list of phases, every window page by page, the waiting orders, one detail for each order that is not a
    bundled child, one component call for each set line.
    """
    plan = plan_orders(
        cursor_at=None, reaches_back_to=None, now=now, settings=settings, since=None, full=False,
        collect_phase=collect_phase,
    )  # fmt: skip
    pages = sum(calls_of_query(_rows_of(cursor, query)) for query in plan.queries)
    details = _count(cursor, "SELECT count(*) FROM cm_order WHERE NOT is_bundle_child", {})
    sets = _count(cursor, "SELECT count(*) FROM cm_order_line WHERE is_set", {})
    return 1 + pages + details + sets


def _rows_of(cursor: Cursor, query: OrderQuery) -> int:
    if query.phase_name is not None:
        values: Row = {"phase": query.phase_name}
        return _count(cursor, "SELECT count(*) FROM cm_order WHERE phase_name = $phase", values)
    values = {"first": naive(query.updated_from), "last": naive(query.updated_to)}
    statement = (
        "SELECT count(*) FROM cm_order WHERE updated_at >= $first"
        " AND ($last IS NULL OR updated_at <= $last)"
    )
    return _count(cursor, statement, values)


def _count(cursor: Cursor, statement: str, values: Row) -> int:
    row = cursor.execute(statement, values).fetchone()
    assert row is not None
    return int(row[0])


def measure_sync(url: str, concurrency: int) -> Row:
    """One first sync of the orders in this process: seconds, calls, memory, and how good the time left was."""
    told: list[tuple[float, float]] = []

    rules_at = [0.0]

    def note(progress: Progress) -> None:
        if progress.stage == "rules":
            rules_at[0] = time.perf_counter()
        if progress.left_s is not None:
            told.append((time.perf_counter(), progress.left_s))

    with tempfile.TemporaryDirectory() as folder:
        desk = Workspace.open(folder, clock=lambda: EPOCH, concurrency=concurrency)
        desk.add_account("bench", company_code=COMPANY, key=KEY, base_url=url)
        (account,) = desk.accounts()
        started, cpu_s = time.perf_counter(), time.process_time()
        report = desk.sync("bench", parts=("orders",), on_progress=note)
        cpu_s = time.process_time() - cpu_s
        judged_s = time.perf_counter() - rules_at[0]
        ended = rules_at[0]
        mirror = Database.at(Path(folder).resolve() / "store.duckdb")
        with mirror.read() as cursor:
            needed = calls_needed(
                cursor, now=EPOCH, settings=desk.settings, collect_phase=account.collect_phase
            )
            lines = _count(cursor, "SELECT count(*) FROM cm_order_line", {})
        mirror.close()
    return {
        "seconds": ended - started,
        "rules_s": judged_s,
        "cpu_s": cpu_s,
        "calls": report.calls,
        "needed": needed,
        "orders": report.orders_new,
        "lines": lines,
        "memory_mb": peak_memory_mb(),
        "left": [_left_error(told, started, ended, part) for part in (0.25, 0.5, 0.75)],
    }


def _left_error(
    told: Sequence[tuple[float, float]], started: float, ended: float, part: float
) -> float:
    """Time left as told when that part of the time was over, divided by what it really was."""
    at = started + part * (ended - started)
    told_at, left = min(told, key=lambda one: abs(one[0] - at))
    return left / max(0.001, ended - told_at)


def peak_memory_mb() -> float | None:
    """The most memory this process ever held; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def measure_plain(url: str, workers: int) -> Row:
    """The plain script over the same stretch."""
    script = PlainScript(
        url, COMPANY, KEY, sampled={"order": SAMPLED_PAGES, "detail": SAMPLED_DETAILS}
    )
    started, cpu_s = time.perf_counter(), time.process_time()
    since = f"{EPOCH + timedelta(hours=9) - timedelta(days=DAYS):%Y-%m-%d}"
    orders, lines = script.read(since, workers)
    ended, cpu_s = time.perf_counter(), time.process_time() - cpu_s
    return {
        "seconds": ended - started,
        "cpu_s": cpu_s,
        "orders": len(orders),
        "lines": len(lines),
        "memory_mb": peak_memory_mb(),
        "parse": {kind: parse_speeds(kind, samples) for kind, samples in script.bodies.items()},
    }


def parse_speeds(kind: str, bodies: Sequence[bytes]) -> Row:
    """Rows a second on recorded replies: bare expat without handlers, the plain way, and our reader to typed rows."""
    count = sum(len(rows(body)) for body in bodies)
    read: Callable[[bytes], object] = wire.read_orders if kind == "order" else wire.read_order_lines
    ways: dict[str, Callable[[bytes], object]] = {
        "expat": lambda body: expat.ParserCreate().Parse(body, True),
        "plain": rows,
        "ours": read,
    }
    return {name: count / _best(way, bodies) for name, way in ways.items()}


def _best(way: Callable[[bytes], object], bodies: Sequence[bytes]) -> float:
    times = []
    for _ in range(PARSE_ROUNDS):
        started = time.perf_counter()
        for body in bodies:
            way(body)
        times.append(time.perf_counter() - started)
    return min(times)


class Sandbox:
    """A sandbox process for the time of a `with` block."""

    def __init__(self, orders: int, latency_ms: int) -> None:
        command = [
            *(sys.executable, "-m", "crossmall.sandbox", "--exit-with-stdin", "--seed", "7"),
            *("--clock", "frozen", "--epoch", EPOCH.isoformat()),
            *("--orders", str(orders), "--latency-ms", str(latency_ms)),
        ]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().removeprefix(READY).strip()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def calls(self) -> int:
        """Requests it received."""
        address = self.url.removesuffix("/webapi2") + "/_sandbox/requests"
        with urllib.request.urlopen(address, timeout=60) as reply:
            return int(json.load(reply)["received"])


def in_a_process(*arguments: str) -> Row:
    """What a run of this file in a process of its own says."""
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=ROOT)
    answer: Row = json.loads(done.stdout)
    return answer


def run(options: argparse.Namespace) -> None:
    """The whole table, line by line as it is measured."""
    print(
        "| reader | parallel | orders | lines | calls | needed | s | bound s | ratio"
        " | CPU ms a call | MB | rules s | time left told |"
    )
    print("|---|" + "--:|" * 11 + "---|")
    for concurrency in options.concurrency:
        orders = options.orders_serial if concurrency == 1 else options.orders
        with Sandbox(orders, options.latency_ms) as sandbox:
            found = in_a_process("--child", sandbox.url, "--concurrency", str(concurrency))
            show("Totsugo", concurrency, found, sandbox.calls(), options.latency_ms)
    with Sandbox(options.orders, options.latency_ms) as sandbox:
        workers = options.plain_workers
        found = in_a_process("--plain", sandbox.url, "--plain-workers", str(workers))
        show("plain script", workers, found, sandbox.calls(), options.latency_ms)
    print(
        "\n| rows a second | expat, no handlers | ElementTree to dict | our reader, typed | of expat |"
    )
    print("|---|--:|--:|--:|--:|")
    for kind, speed in found["parse"].items():
        shown = " | ".join(f"{speed[way]:,.0f}" for way in ("expat", "plain", "ours"))
        print(f"| {kind} | {shown} | {speed['ours'] / speed['expat']:.0%} |")


def show(reader: str, parallel: int, found: Row, calls: int, latency_ms: int) -> None:
    """One line of the table; calls are those the sandbox counted."""
    bound = calls * latency_ms / 1000 / parallel
    memory = "–" if found["memory_mb"] is None else f"{found['memory_mb']:.0f}"
    left = " ".join(f"{part:.2f}" for part in found.get("left", [])) or "–"
    cells = [
        *(reader, parallel, found["orders"], found["lines"], calls, found.get("needed", "–")),
        *(f"{found['seconds']:.1f}", f"{bound:.1f}", f"{found['seconds'] / bound:.2f}"),
        *(f"{found['cpu_s'] / calls * 1000:.1f}", memory, f"{found.get('rules_s', 0):.1f}", left),
    ]
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def main() -> None:
    """Reads the options; --child and --plain are the measured processes."""
    parser = argparse.ArgumentParser(description="Speed of a first order sync.")
    add = parser.add_argument
    add("--orders", type=int, default=10_000)
    add("--orders-serial", type=int, default=1_000, help="orders at concurrency 1")
    add("--latency-ms", type=int, default=100)
    add(
        "--concurrency", type=lambda text: [int(one) for one in text.split(",")], default="1,4,8,16"
    )
    add("--plain-workers", type=int, default=15)
    add("--child", metavar="URL", help=argparse.SUPPRESS)
    add("--plain", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure_sync(options.child, options.concurrency[0])))
    elif options.plain:
        print(json.dumps(measure_plain(options.plain, options.plain_workers)))
    else:
        run(options)


if __name__ == "__main__":
    main()
