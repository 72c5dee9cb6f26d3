"""An open DuckDB file, and the folding of its write-ahead log into it so that a kill in its middle can be undone.

DuckDB 1.5.5 writes blocks of its metadata again in their place [S]. Such a write that is cut off leaves a block with a wrong
checksum, and a file that cannot be opened. So DuckDB never folds by itself: before each folding those blocks are copied
into a file beside the store, which goes when the folding is done. One that is there when the store is opened tells of a
folding that was cut off: its blocks are put back, unless the folding had come so far that the store counts from the new
ones. The log is as it was either way.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
from pathlib import Path

import duckdb

from reconcile.store import files
from reconcile.store.damage import is_locked, kept_of, log_of

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.5.0",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "checkpoint_threshold": "1000TB",
}
LONG = 16 << 20  # bytes of log from which it is folded at once, as DuckDB would
_HEADERS = 3 * 4096  # the head of the file and two of the database in turn; blocks follow [S]
_DIGEST = hashlib.sha256().digest_size
_METADATA = (
    "SELECT block_id, block_size::BIGINT FROM pragma_metadata_info(), pragma_database_size()"
)

log = logging.getLogger(__name__)


def has_log(path: Path, least: int = 1) -> bool:
    """Whether the log of a file has so many bytes."""
    try:
        return log_of(path).stat().st_size >= least
    except OSError:
        return False


class OpenFile:
    """A DuckDB file that this process has open. Raises duckdb.Error where it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self.connection = duckdb.connect(str(path), config=CONFIG)
        self._path = path
        self._fd: int | None = None
        try:
            self.connection.execute("PRAGMA disable_checkpoint_on_shutdown")
            if os.name == "posix":  # elsewhere DuckDB shares the file with nobody: nothing is kept
                self._fd = os.open(path, os.O_RDONLY)
        except BaseException:
            self.close(folded=False)
            raise

    def fold(self) -> None:
        """Leaves the file whole and without a log, where there was one. Raises duckdb.Error, OSError."""
        if not has_log(self._path):
            return
        if self._fd is not None:
            files.write_whole(kept_of(self._path), self._blocks(self._fd))
        with self.connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        kept_of(self._path).unlink(missing_ok=True)

    def close(self, *, folded: bool) -> None:
        """Lets go of the file; where it shall be folded and cannot be, its log stays.

        Its descriptor goes last: with it the system drops every lock of this process on the file.
        """
        try:
            if folded:
                with contextlib.suppress(duckdb.Error, OSError):
                    self.fold()
        finally:
            self.connection.close()
            if self._fd is not None:
                os.close(self._fd)
                self._fd = None

    def _blocks(self, fd: int) -> bytes:
        """The headers and every block of metadata as they are on the disk now, with a digest before."""
        pieces = [(0, os.pread(fd, _HEADERS, 0))]
        for block, size in self.connection.execute(_METADATA).fetchall():
            begin = _HEADERS + block * size
            pieces.append((begin, os.pread(fd, size, begin)))
        places = json.dumps([(begin, len(piece)) for begin, piece in pieces]).encode()
        body = b"\n".join((places, b"".join(piece for _, piece in pieces)))
        return hashlib.sha256(body).digest() + body


def opened(path: Path) -> OpenFile:
    """The file, after a folding that was cut off has been undone. Raises duckdb.Error as `duckdb.connect` does, OSError."""
    try:
        file = OpenFile(path)
        if not kept_of(path).exists():
            return file
        file.close(folded=False)
    except duckdb.Error as error:
        if is_locked(error) or not kept_of(path).exists():
            raise
    _put_back(path)
    return OpenFile(path)


def _put_back(path: Path) -> None:
    """Undo what a folding that was cut off did to a file that nobody has open."""
    kept = kept_of(path)
    content = kept.read_bytes()
    digest, body = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(body).digest() == digest and path.exists():
        _restore(path, body)
    else:
        log.warning("the blocks kept for the store are not whole: they are not used")
    kept.unlink()


def _restore(path: Path, body: bytes) -> None:
    places, pieces = body.split(b"\n", 1)
    with path.open("r+b") as file:
        if file.read(_HEADERS) != pieces[:_HEADERS]:
            return  # folded: it counts from the new blocks
        at = 0
        for begin, size in json.loads(places):
            piece = pieces[at : at + size]
            at += size
            file.seek(begin)
            if file.read(size) != piece:
                file.seek(begin)
                file.write(piece)
                log.warning("a folding of the store's log was cut off: a block was put back")
        file.flush()
        os.fsync(file.fileno())
