"""Whether the ledger still is what was written: both files line by line, and against what the mirror remembers of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from reconcile.errors import LedgerUnusable, ReconcileError, UsageError
from reconcile.store import chain
from reconcile.store.database import Database
from reconcile.store.files import incidents
from reconcile.store.ledger import Ledger
from reconcile.store.queries import load

Mark = tuple[int, str]  # number of an act and its digest
_MARK = re.compile(r"([1-9]\d{0,8}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is not as it was written.

    kind: changed (a line does not follow the one before it), torn (the last line has no end), cut (acts are missing at
    the end), rewritten (the chain holds, but not with the act that was there), differs (the copy is not the file),
    set_aside (found before, and mended). file: its name; line: the number of the act, 0 for the whole file.
    """

    kind: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The verdict: how many acts stand in an unbroken chain, the mark of the last one, and every problem."""

    acts: int
    mark: str | None
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def audited(db: Database, ledger: Ledger, expect: str | None) -> Audit:
    """The verdict on a ledger. Raises UsageError for an expected mark that is none, LedgerUnusable."""
    marks = [] if expect is None else [read_mark(expect)]
    try:  # before the mirror is opened, which mends what the copy can mend
        first, copy = ledger.files()
    except OSError as error:
        raise LedgerUnusable("error.ledger.unreadable", path=str(ledger.path)) from error
    try:
        with db.read() as cursor:
            row = cursor.execute(load("accounts")["mark"]).fetchone()
        marks += [(int(row[0]), str(row[1]))] if row else []
    except (
        ReconcileError
    ):  # a mirror that cannot be opened remembers nothing; the files speak for themselves
        pass
    names = (ledger.path.name, ledger.copy.name)
    found = examined(first, copy, marks, names)
    aside = [
        Problem(kind="set_aside", file=one.file, line=0)
        for one in incidents(ledger.path.parent)
        if one.file.startswith(ledger.path.stem)
    ]
    digests, _ = _chained(first)
    mark = f"{len(digests)}:{digests[-1]}" if digests else None
    return Audit(acts=len(digests), mark=mark, problems=(*found, *aside))


def read_mark(text: str) -> Mark:
    """The mark that stands in a text. Raises UsageError."""
    match = _MARK.fullmatch(text.strip())
    if match is None:
        raise UsageError("error.audit.mark", given=text)
    return int(match[1]), match[2]


def examined(
    first: bytes, copy: bytes, marks: Iterable[Mark], names: tuple[str, str]
) -> list[Problem]:
    """Every problem of two files of acts; marks: acts that are known to have stood in them."""
    found = []
    digests, length = _chained(first)
    if length != len(first):
        kind = "changed" if b"\n" in first[length:] else "torn"
        found.append(Problem(kind=kind, file=names[0], line=len(digests) + 1))
    for number, digest in marks:
        if number > len(digests):
            found.append(Problem(kind="cut", file=names[0], line=len(digests) + 1))
        elif digests[number - 1] != digest:
            found.append(Problem(kind="rewritten", file=names[0], line=number))
    if copy != first:
        pairs = zip(first.split(b"\n"), copy.split(b"\n"), strict=False)
        same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
        found.append(Problem(kind="differs", file=names[1], line=same + 1))
    return found


def _chained(content: bytes) -> tuple[list[str], int]:
    """The digest of every act from the first one on for which the chain holds, and how many bytes these are."""
    digests: list[str] = []
    length = 0
    for line in content.split(b"\n")[:-1]:
        entry = chain.follows(line, digests[-1] if digests else chain.GENESIS)
        if entry is None or entry.sequence != len(digests) + 1 or not chain.is_plain(line):
            break
        digests.append(entry.digest)
        length += len(line) + 1
    return digests, length
