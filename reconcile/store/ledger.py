"""What people decided and what left for the vendors: one line each, appended, synced to disk, chained by hash.

Unlike the mirror nothing here can be fetched again, so it is a plain text file that outlives any damage to the
database, and a second file beside it holds every line again. Where one of the two was damaged, the other makes it whole;
where both were, nothing is added to what is left. A line that was cut by a crash before its acknowledgement is set aside,
never silently dropped.

Each process reads the chain as a whole once and then only what is new. It knows the read part by its bytes: a file that
anybody else has touched since is hashed again up to there, and read anew as a whole unless it is the same.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import itertools
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from filelock import FileLock

from reconcile.errors import LedgerUnusable, StoreError
from reconcile.store import chain, files
from reconcile.store.chain import GENESIS, Entry

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Verified:
    """The part of a file whose chain was checked. offsets: where each line begins, then where the next one will."""

    offsets: list[int] = field(default_factory=lambda: [0])
    digest: str = GENESIS
    bytes_read: Any = field(default_factory=hashlib.sha256)
    stamp: tuple[tuple[int, ...], ...] = ()

    @property
    def count(self) -> int:
        return len(self.offsets) - 1

    @property
    def size(self) -> int:
        return self.offsets[-1]

    def add(self, line: bytes) -> Entry | None:
        """Take the next line in if the chain holds."""
        entry = chain.follows(line, self.digest)
        if entry is None or entry.sequence != self.count + 1:
            return None
        self.offsets.append(self.size + len(line))
        self.digest = entry.digest
        self.bytes_read.update(line)
        return entry


class Ledger:
    """The append-only file of acts. Several processes may append; each line is durable before `append` returns."""

    _verified: ClassVar[dict[Path, _Verified]] = {}
    _guard: ClassVar[threading.RLock] = threading.RLock()

    def __init__(self, path: Path, *, by: str | None = None) -> None:
        self.path = path
        self._by = by  # who acts where an act does not say it
        self.copy = path.with_name(f"{path.stem}-copy{path.suffix}")
        self._lock = FileLock(f"{path}.lock")

    def entries(self) -> tuple[Entry, ...]:
        """Every act, oldest first, each checked anew. Raises StoreError if a line was changed or is missing."""
        with self._guard:
            self._known()
            if not self.path.exists():
                return ()
            with self.path.open("rb") as file:
                whole = itertools.takewhile(lambda line: line.endswith(b"\n"), file)
                return tuple(self._read_on(whole, _Verified()))

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
        found = (chain.read(line) for line in lines)
        return known.count, tuple(entry for entry in found if entry is not None)

    def append(
        self,
        event: str,
        account: str | None,
        values: Mapping[str, Any],
        *,
        actor: str | None = None,
    ) -> Entry:
        """Write one act to disk and return it. Raises StoreError if the file cannot be written or its chain is broken."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._guard, self._lock:
                known = self._known()
                self._set_torn_line_aside()
                line, entry = chain.made(
                    {
                        "sequence": known.count + 1,
                        "at": datetime.now(UTC).isoformat(),
                        "actor": actor or self._by or _person(),
                        "event": event,
                        "account": account,
                        "values": dict(values),
                    },
                    known.digest,
                )
                files.append(self.path, line, at=known.size)
                known.add(line)
                self._copy_on(line, known)
        except OSError as error:
            raise StoreError("error.ledger.unwritable", path=str(self.path)) from error
        return entry

    def has_copy(self) -> bool:
        """Whether the second file holds as much as the first; false where it cannot be written."""
        sizes = [one.stat().st_size for one in (self.path, self.copy) if one.exists()]
        return not sizes or (len(sizes) == 2 and sizes[0] <= sizes[1])

    @contextlib.contextmanager
    def held(self) -> Iterator[bytes]:
        """The whole of the checked file; nobody appends inside the block. Raises StoreError as `entries` does."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._guard, self._lock:
            known = self._known()
            yield self.path.read_bytes()[: known.size] if self.path.exists() else b""

    def mend(self) -> None:
        """Make both files the longest chain that they hold together; what differs from it is put aside.

        Where one of them holds more than that, the files stay as they are. Raises LedgerUnusable, OSError.
        """
        with self._guard, self._lock:
            first, second = self.files()
            lines, last = chain.saved((first, second))
            whole = b"".join(lines)
            _, _, torn = first.rpartition(b"\n")
            if last > len(lines) or len(whole) < max(chain.length(first), chain.length(second)):
                line = len(lines) + 1
                raise LedgerUnusable("error.ledger.broken", path=str(self.path), line=line)
            if first != whole + torn:
                self._put(self.path, whole, aside="damaged")
            if second != whole:
                self._put(self.copy, whole, aside=None if whole.startswith(second) else "damaged")

    def left_by(self, kept: bytes) -> int:
        """How many acts of today would not be in the ledger after `restore`."""
        with self._guard, self._lock:
            return len(chain.left((kept, *self.files())))

    def restore(self, kept: bytes) -> tuple[int, list[Path]]:
        """Begin with the lines of a backup and go on with all of today's that join on; the count, and what was put aside."""
        with self._guard, self._lock:
            present = self.files()
            lines, _ = chain.saved((kept, *present))
            whole, aside = b"".join(lines), []
            for path, content in zip((self.path, self.copy), present, strict=True):
                if content != whole:
                    why = None if whole.startswith(content) else "replaced"
                    aside += self._put(path, whole, aside=why)
            return len(lines), aside

    def _put(self, path: Path, content: bytes, *, aside: str | None) -> list[Path]:
        """Replace one of the files; gives the name under which the old one is kept, if it is."""
        self._verified.pop(self.path.resolve(), None)
        kept = []
        with files.fresh(path) as part:
            part.write_bytes(content)
            if aside and path.exists():
                kept.append(files.put_aside(path, aside))
                log.warning("ledger put aside as %s", kept[0].name)
        return kept

    def files(self) -> tuple[bytes, bytes]:
        """Both files as they are, unchecked and not mended; nobody appends meanwhile. Raises OSError."""
        with self._guard, self._lock:
            found = [one.read_bytes() if one.exists() else b"" for one in (self.path, self.copy)]
        return found[0], found[1]

    def _known(self) -> _Verified:
        """The checked part of the file, grown to its end; made whole from its copy where it was damaged."""
        path = self.path.resolve()
        known = self._verified.get(path)
        if known is not None and known.stamp == self._stamps():
            return known
        try:
            known = self._checked_with_copy(known)
            known.stamp = self._stamps()
        except OSError as error:
            raise LedgerUnusable("error.ledger.unreadable", path=str(path)) from error
        self._verified[path] = known
        return known

    def _checked_with_copy(self, before: _Verified | None) -> _Verified:
        try:
            known = self._checked(before)
        except LedgerUnusable:
            self.mend()
            return self._checked(None)
        if self._copy_fits(known, in_full=before is None):
            return known
        with contextlib.suppress(OSError):  # the first file is sound; the copy may be out of reach
            self.mend()
        return self._checked(None)

    def _checked(self, known: _Verified | None) -> _Verified:
        if not self.path.exists():
            return _Verified()
        with self.path.open("rb") as file:
            if known is None or not _begins_with(file, known):
                known = _Verified()
                file.seek(0)
            whole = itertools.takewhile(lambda line: line.endswith(b"\n"), file)
            for _ in self._read_on(whole, known):
                pass
        return known

    def _copy_fits(self, known: _Verified, *, in_full: bool) -> bool:
        """Whether the copy holds nothing that the file lacks; in_full: and all that it has."""
        size = self.copy.stat().st_size if self.copy.exists() else 0
        if not in_full:
            return size <= known.size
        if size != known.size:
            return False
        if not size:
            return True
        with self.copy.open("rb") as file:
            return _begins_with(file, known)

    def _read_on(self, lines: Iterable[bytes], verified: _Verified) -> Iterator[Entry]:
        for line in lines:
            entry = verified.add(line)
            if entry is None:
                line_no = verified.count + 1
                raise LedgerUnusable("error.ledger.broken", path=str(self.path), line=line_no)
            yield entry

    def _copy_on(self, line: bytes, known: _Verified) -> None:
        """Add the line to the copy too; the act is safe without it, so trouble here is only told."""
        try:
            size = self.copy.stat().st_size if self.copy.exists() else 0
            if size + len(line) == known.size:
                files.append(self.copy, line, at=size)
            else:
                files.write_whole(self.copy, self.path.read_bytes()[: known.size])
        except OSError as error:
            log.warning("ledger copy not written reason=%s", error.strerror)
        known.stamp = self._stamps()

    def _stamps(self) -> tuple[tuple[int, ...], ...]:
        return files.stamp(self.path), files.stamp(self.copy)

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


def _begins_with(file: Any, known: _Verified) -> bool:
    """Whether the file still begins with the very bytes that were checked; leaves it at their end."""
    found, left = hashlib.sha256(), known.size
    while left and (part := file.read(min(left, 1 << 20))):
        found.update(part)
        left -= len(part)
    return left == 0 and bool(found.digest() == known.bytes_read.digest())


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
