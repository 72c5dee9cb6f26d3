"""What people decided and what left for the vendors: one line each, appended, synced to disk, chained by hash.

Unlike the mirror nothing here can be fetched again, so it is a plain text file that outlives any damage to the
database. A line that was cut by a crash before its acknowledgement is set aside, never silently dropped.

Each process reads the chain as a whole once and then only what is new. It knows the read part by its bytes: a file that
anybody else has touched since is hashed again up to there, and read anew as a whole unless it is the same.
"""

from __future__ import annotations

import getpass
import hashlib
import itertools
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from filelock import FileLock

from reconcile.errors import StoreError

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act: number in the ledger, instant (aware UTC), who, what, on which account, with which values."""

    sequence: int
    at: datetime
    actor: str
    event: str
    account: str | None
    values: Mapping[str, Any]
    digest: str


@dataclass(slots=True)
class _Verified:
    """The part of a file whose chain was checked. offsets: where each line begins, then where the next one will."""

    offsets: list[int] = field(default_factory=lambda: [0])
    digest: str = GENESIS
    bytes_read: Any = field(default_factory=hashlib.sha256)
    stamp: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return len(self.offsets) - 1

    def add(self, line: bytes) -> Entry | None:
        """Take the next line in if the chain holds."""
        try:
            entry = _entry(line.decode("utf-8"), self.digest)
        except (ValueError, KeyError, TypeError):
            return None
        if entry is None or entry.sequence != self.count + 1:
            return None
        self.offsets.append(self.offsets[-1] + len(line))
        self.digest = entry.digest
        self.bytes_read.update(line)
        return entry


class Ledger:
    """The append-only file of acts. Several processes may append; each line is durable before `append` returns."""

    _verified: ClassVar[dict[Path, _Verified]] = {}
    _guard: ClassVar[threading.RLock] = threading.RLock()

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(f"{path}.lock")

    def entries(self) -> tuple[Entry, ...]:
        """Every act, oldest first, each checked anew. Raises StoreError if a line was changed or is missing."""
        if not self.path.exists():
            return ()
        chain = _Verified()
        with self.path.open("rb") as file:
            return tuple(self._read_on(file, chain))

    def after(self, sequence: int, most: int | None = None) -> tuple[int, tuple[Entry, ...]]:
        """How many acts there are, and those after the numbered one, at most so many. Raises StoreError as `entries` does.

        A last line without its end is no act (yet): it is being written, or was cut before it was acknowledged.
        """
        with self._guard:
            known = self._known()
            last = known.count if most is None else min(known.count, sequence + most)
            if sequence >= last:
                return known.count, ()
            begin, end = known.offsets[sequence], known.offsets[last]
            with self.path.open("rb") as file:
                file.seek(begin)
                lines = file.read(end - begin).split(b"\n")[:-1]
        contents = (json.loads(line) for line in lines)
        return known.count, tuple(_from(json.loads(one["body"]), one["digest"]) for one in contents)

    def append(
        self,
        event: str,
        account: str | None,
        values: Mapping[str, Any],
        *,
        actor: str | None = None,
    ) -> Entry:
        """Write one act to disk and return it. Raises StoreError if the file cannot be written or its chain is broken."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._guard, self._lock:
                self._set_torn_line_aside()
                known = self._known()
                line, entry = _line(
                    {
                        "sequence": known.count + 1,
                        "at": datetime.now(UTC).isoformat(),
                        "actor": actor or _person(),
                        "event": event,
                        "account": account,
                        "values": dict(values),
                    },
                    known.digest,
                )
                data = f"{line}\n".encode()
                with self.path.open("ab") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                known.add(data)
                known.stamp = _stamp(self.path)
        except OSError as error:
            raise StoreError("error.ledger.unwritable", path=str(self.path)) from error
        return entry

    def _known(self) -> _Verified:
        """The checked part of the file, grown to its end."""
        path = self.path.resolve()
        if not path.exists():
            self._verified.pop(path, None)
            return self._verified.setdefault(path, _Verified())
        known, stamp = self._verified.get(path), _stamp(path)
        if known is not None and known.stamp == stamp:
            return known
        with path.open("rb") as file:
            if known is None or not _begins_with(file, known):
                known = _Verified()
                file.seek(0)
            whole = itertools.takewhile(lambda line: line.endswith(b"\n"), file)
            for _ in self._read_on(whole, known):
                pass
        known.stamp = stamp
        self._verified[path] = known
        return known

    def _read_on(self, lines: Iterable[bytes], chain: _Verified) -> Iterator[Entry]:
        for line in lines:
            entry = chain.add(line)
            if entry is None:
                raise StoreError("error.ledger.broken", path=str(self.path), line=chain.count + 1)
            yield entry

    def _set_torn_line_aside(self) -> None:
        if not self.path.exists() or self.path.stat().st_size == 0:
            return
        with self.path.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) == b"\n":
                return
            file.seek(0)
            whole, _, torn = file.read().rpartition(b"\n")
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
            self.path.with_name(f"{self.path.stem}-torn-{stamp}.txt").write_bytes(torn)
            file.truncate(len(whole) + 1 if whole else 0)


def _stamp(path: Path) -> tuple[int, ...]:
    """What the file system says of a file; differs once anybody has written to it."""
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _begins_with(file: Any, known: _Verified) -> bool:
    """Whether the file still begins with the very bytes that were checked; leaves it at their end."""
    found, left = hashlib.sha256(), known.offsets[-1]
    while left and (part := file.read(min(left, 1 << 20))):
        found.update(part)
        left -= len(part)
    return left == 0 and bool(found.digest() == known.bytes_read.digest())


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _line(content: dict[str, Any], previous: str) -> tuple[str, Entry]:
    body = json.dumps(content, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{previous}{body}".encode()).hexdigest()
    return json.dumps({"body": body, "digest": digest}, ensure_ascii=False), _from(content, digest)


def _entry(line: str, previous: str) -> Entry | None:
    outer = json.loads(line)
    if hashlib.sha256(f"{previous}{outer['body']}".encode()).hexdigest() != outer["digest"]:
        return None
    return _from(json.loads(outer["body"]), outer["digest"])


def _from(content: Mapping[str, Any], digest: str) -> Entry:
    return Entry(
        sequence=content["sequence"],
        at=datetime.fromisoformat(content["at"]),
        actor=content["actor"],
        event=content["event"],
        account=content["account"],
        values=content["values"],
        digest=digest,
    )
