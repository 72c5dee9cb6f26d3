"""The demo account: a sandbox in its own process, and the Smartship files that belong to its shop.

The sandbox's shop is a function of seed, epoch and clock, so a demo whose process has ended can be started again
and goes on with the same orders.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from reconcile.errors import SyncFailed

NAME = "demo"
COMPANY_CODE = "ill"  # the company code of the vendor's own documentation example
SEED = 20
ORDERS = 640
SCENARIO = "demo"
READY = "CROSS MALL sandbox ready: "
START_S = 30.0
EARLIER = timedelta(hours=26)
FILES = (
    ("orders", "cp932"),
    ("skus", "utf-8-sig"),
    ("mappings", "cp932"),
    ("stock", "utf-8-sig"),
    ("sync-log", "utf-8-sig"),
)

_children: dict[Path, subprocess.Popen[str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFile:
    """One Smartship export of the demo shop, with the coverage it states."""

    name: str
    kind: str
    data: bytes
    snapshot_at: datetime
    covers_from: datetime
    covers_to: datetime


def new_key() -> str:
    """A key for one demo; it opens nothing but a sandbox on this machine."""
    return secrets.token_hex(8)


def is_running(base_url: str) -> bool:
    """Whether a sandbox answers at that address."""
    try:
        with _open(_control(base_url, "health"), timeout=2):
            return True
    except (OSError, ValueError):
        return False


def start(folder: Path, key: str, *, port: int = 0, keep: bool = False) -> str:
    """Start the demo's sandbox and give its base URL.

    It ends with this process unless `keep`. Epoch and seed are those of its first start (sandbox.json), and its
    clock shows the present: the shop has lived on in between. Raises SyncFailed if it does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / "sandbox.json"
    if record.exists():
        made = json.loads(record.read_text("utf-8"))
    else:
        made = {"seed": SEED, "orders": ORDERS, "epoch": datetime.now(UTC).isoformat()}
        record.write_text(json.dumps(made), "utf-8")
    command = [
        *(sys.executable, "-m", "crossmall.sandbox", "--port", str(port)),
        *("--account", COMPANY_CODE, "--seed", str(made["seed"]), "--orders", str(made["orders"])),
        *("--scenario", SCENARIO, "--epoch", str(made["epoch"])),
        *("--start", max(str(made["epoch"]), datetime.now(UTC).isoformat())),
        *(() if keep else ("--exit-with-stdin",)),
    ]
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=os.environ | {"CROSSMALL_SANDBOX_KEY": key},
        cwd=Path(__file__).resolve().parent.parent,
        start_new_session=keep,
    )
    line = _first_line(child)
    if not line.startswith(READY):
        child.kill()
        child.wait()
        raise SyncFailed("error.demo.not_ready", seconds=START_S)
    _children[folder] = child
    return line.removeprefix(READY).strip()


def restart(folder: Path, key: str, base_url: str, *, keep: bool = False) -> str:
    """Start the sandbox again, at its old address where that port is still free. Raises SyncFailed."""
    try:
        return start(folder, key, port=urlsplit(base_url).port or 0, keep=keep)
    except SyncFailed:
        return start(folder, key, keep=keep)


def stop(folder: Path) -> None:
    """End the sandbox that this process started for that folder, if any."""
    child = _children.pop(folder, None)
    if child is not None:
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5 if child.stdin else 0)  # a kept one does not end with its input
        child.kill()
        child.wait()


def sample_files(base_url: str) -> Iterator[SampleFile]:
    """Every Smartship export of the demo shop: orders and the second warehouse of the day before, then each kind as of now."""
    earlier = datetime.now(UTC) - EARLIER
    yield _export(base_url, "orders", "cp932", at=earlier)
    yield _export(base_url, "stock-second", "utf-8-sig", at=earlier)
    for kind, encoding in FILES:
        yield _export(base_url, kind, encoding)


def _export(base_url: str, kind: str, encoding: str, *, at: datetime | None = None) -> SampleFile:
    moment = f"&at={quote(at.isoformat())}" if at else ""
    address = _control(base_url, f"smartship/{kind}?encoding={encoding}{moment}")
    try:
        with _open(address, timeout=30) as reply:
            data: bytes = reply.read()
            headers = reply.headers
    except (OSError, ValueError) as error:
        raise SyncFailed("error.demo.no_files", reason=type(error).__name__) from None
    snapshot_at = datetime.fromisoformat(headers["X-Snapshot-At"])
    return SampleFile(
        name=f"smartship_{kind}_{snapshot_at:%Y%m%d_%H%M}.csv",
        kind=kind.removesuffix("-second"),
        data=data,
        snapshot_at=snapshot_at,
        covers_from=datetime.fromisoformat(headers["X-Coverage-From"]),
        covers_to=datetime.fromisoformat(headers["X-Coverage-To"]),
    )


def _control(base_url: str, path: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost"):
        raise ValueError("a demo sandbox listens on this machine only")
    return f"http://{parts.netloc}/_sandbox/{path}"


def _open(address: str, timeout: float) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(address, timeout=timeout)


def _first_line(child: subprocess.Popen[str]) -> str:
    """The ready line, or '' if none came in time or the process ended."""
    lines: queue.Queue[str] = queue.Queue()
    assert child.stdout is not None
    threading.Thread(target=lambda: lines.put(child.stdout.readline()), daemon=True).start()  # type: ignore[union-attr]  # asserted above
    try:
        return lines.get(timeout=START_S)
    except queue.Empty:
        return ""
