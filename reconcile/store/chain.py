"""The lines of the ledger: one JSON text each, chained by hash, and what can be saved of damaged files of them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


def made(content: Mapping[str, Any], previous: str) -> tuple[bytes, Entry]:
    """The line of an act, with its end, after the line whose digest is `previous`; and the act."""
    body = json.dumps(content, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{previous}{body}".encode()).hexdigest()
    return _line(body, digest) + b"\n", _entry(content, digest)


def is_plain(line: bytes) -> bool:
    """Whether a line holds its act and digest exactly as `made` writes them, and nothing else."""
    outer = json.loads(line)
    return line == _line(outer["body"], outer["digest"])


def _line(body: str, digest: str) -> bytes:
    return json.dumps({"body": body, "digest": digest}, ensure_ascii=False).encode()


def read(line: bytes) -> Entry | None:
    """The act of a line, whether or not it follows another; None if the line is not one."""
    try:
        outer = json.loads(line)
        return _entry(json.loads(outer["body"]), outer["digest"])
    except (ValueError, KeyError, TypeError):
        return None


def follows(line: bytes, previous: str) -> Entry | None:
    """The act of a line that is unchanged and follows the line whose digest is `previous`."""
    entry = read(line)
    if entry is None:
        return None
    body = json.loads(line)["body"]
    same = hashlib.sha256(f"{previous}{body}".encode()).hexdigest() == entry.digest
    return entry if same else None


def saved(files: Iterable[bytes]) -> tuple[list[bytes], int]:
    """The longest unbroken chain that the lines of some files make together, and the highest number of any act in them.

    Where two lines could follow, that of the earlier file does.
    """
    by_number: dict[int, list[bytes]] = defaultdict(list)
    for content in files:
        for line in content.split(b"\n"):
            entry = read(line)
            if entry is not None and isinstance(entry.sequence, int):
                by_number[entry.sequence].append(line)
    chain: list[bytes] = []
    digest = GENESIS
    while True:
        candidates = by_number.get(len(chain) + 1, [])
        found = next((line for line in candidates if follows(line, digest)), None)
        entry = None if found is None else read(found)
        if found is None or entry is None:
            return chain, max(by_number, default=0)
        chain.append(found + b"\n")
        digest = entry.digest


def length(content: bytes) -> int:
    """How long the lines of a file are that have an end; what a crash of the system adds to it are zeros."""
    return content.rstrip(b"\0").rfind(b"\n") + 1


def left(files: Sequence[bytes]) -> set[str]:
    """The digests of acts in the files that are not in the chain `saved` makes of them."""
    lines, _ = saved(files)
    every = {
        entry.digest for content in files for line in content.split(b"\n") if (entry := read(line))
    }
    return every - {entry.digest for line in lines if (entry := read(line))}


def _entry(content: Mapping[str, Any], digest: str) -> Entry:
    return Entry(
        sequence=content["sequence"],
        at=datetime.fromisoformat(content["at"]),
        actor=content["actor"],
        event=content["event"],
        account=content["account"],
        values=content["values"],
        digest=digest,
    )
