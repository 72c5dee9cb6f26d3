"""Files that are either as they were or wholly new, and what is done with damaged ones: put aside, never deleted."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from reconcile.model import Incident

_STAMP = "%Y%m%d-%H%M%S-%f"
_ASIDE = re.compile(r"(?P<what>[\w-]+)-damaged-(?P<at>\d{8}-\d{6}-\d{6})(?P<rest>\.[\w.]+)")
_KINDS = {
    ("store", ".duckdb"): "store",
    ("store", ".duckdb.wal"): "store_log",
    ("ledger", ".jsonl"): "ledger",
    ("ledger-copy", ".jsonl"): "ledger_copy",
    ("observations", ".parquet"): "history",
}


def write_whole(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Replace a file at once, durably; where that fails the old one stays and nothing is left over. Raises OSError."""
    with fresh(path) as part:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)


def append(path: Path, data: bytes, *, at: int) -> None:
    """Add durably to the end of a file, which is `at`; where that fails nothing of it stays. Raises OSError."""
    is_new = not path.exists()
    try:
        with path.open("ab", buffering=0) as file:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
        if is_new:
            sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            os.truncate(path, at)
        raise


def stamp(path: Path) -> tuple[int, ...]:
    """What the file system says of a file; differs once anybody has written to it."""
    if not path.exists():
        return ()
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


@contextlib.contextmanager
def fresh(path: Path) -> Iterator[Path]:
    """Where to write what shall become the file: it takes the file's place at the end of the block, or is gone."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make new names in the folder durable, where the system can (POSIX; elsewhere names are durable by themselves)."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def put_aside(path: Path, why: str = "damaged") -> Path:
    """Rename a file so that its place is free; gives the new name, which says what it was, why and when. Raises OSError."""
    aside = aside_name(path, why)
    path.rename(aside)
    return aside


def aside_name(path: Path, why: str) -> Path:
    """The name beside a file under which it is put aside now."""
    stem, dot, rest = path.name.partition(".")
    return path.with_name(f"{stem}-{why}-{datetime.now(UTC).strftime(_STAMP)}{dot}{rest}")


def incidents(data: Path) -> tuple[Incident, ...]:
    """What was put aside in a data folder and is still there, oldest first."""
    found = []
    for path in (*data.glob("*-damaged-*"), *data.glob("history/*-damaged-*")):
        match = _ASIDE.fullmatch(path.name)
        kind = match and _KINDS.get((match["what"], match["rest"]))
        if match and kind and not (kind == "store_log" and path.with_suffix("").exists()):
            at = datetime.strptime(match["at"], _STAMP).replace(tzinfo=UTC)
            found.append(Incident(at=at, kind=kind, file=path.name))
    return tuple(sorted(found, key=lambda one: (one.at, one.file)))


def inode(path: Path) -> int:
    """What tells a file from another one of its name; 0 where there is none."""
    return path.stat().st_ino if path.exists() else 0
