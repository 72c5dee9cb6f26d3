"""What people decided and what left for the vendors: one line each, appended, synced to disk, chained by hash.

Unlike the mirror nothing here can be fetched again, so it is a plain text file that outlives any damage to the
database. A line that was cut by a crash before its acknowledgement is set aside, never silently dropped.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


class Ledger:
    """The append-only file of acts. Several processes may append; each line is durable before `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(f"{path}.lock")

    def entries(self) -> tuple[Entry, ...]:
        """Every act, oldest first. Raises StoreError if a line was changed or is missing."""
        if not self.path.exists():
            return ()
        lines = self.path.read_text("utf-8").splitlines()
        entries: list[Entry] = []
        previous = GENESIS
        for number, line in enumerate(lines, start=1):
            try:
                entry = _entry(line, previous)
            except (ValueError, KeyError):
                entry = None
            if entry is None or entry.sequence != number:
                raise StoreError("error.ledger.broken", path=str(self.path), line=number)
            entries.append(entry)
            previous = entry.digest
        return tuple(entries)

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
            with self._lock:
                self._set_torn_line_aside()
                known = self.entries()
                line, entry = _line(
                    {
                        "sequence": len(known) + 1,
                        "at": datetime.now(UTC).isoformat(),
                        "actor": actor or _person(),
                        "event": event,
                        "account": account,
                        "values": dict(values),
                    },
                    known[-1].digest if known else GENESIS,
                )
                with self.path.open("a", encoding="utf-8", newline="\n") as file:
                    file.write(line + "\n")
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise StoreError("error.ledger.unwritable", path=str(self.path)) from error
        return entry

    def _set_torn_line_aside(self) -> None:
        if not self.path.exists():
            return
        data = self.path.read_bytes()
        if not data or data.endswith(b"\n"):
            return
        whole, _, torn = data.rpartition(b"\n")
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        self.path.with_name(f"{self.path.stem}-torn-{stamp}.txt").write_bytes(torn)
        with self.path.open("r+b") as file:
            file.truncate(len(whole) + 1 if whole else 0)


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
