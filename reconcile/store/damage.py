"""Which trouble of DuckDB means that its file is broken, and what is done then: the file, or its log alone, is put aside."""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb

from reconcile.errors import StoreError
from reconcile.store import files

_LOCKED = (
    *("could not set lock", "being used by another process"),
    *(
        "with a different configuration than existing",
        "unique file handle conflict",
    ),  # by this process
)
_OF_THE_LOG = "failure while replaying wal"
_DAMAGED = (  # [S] DuckDB 1.5.5 and 2.0.0
    "corrupt database file",
    "could not read enough bytes",
    "not a valid duckdb database",
    _OF_THE_LOG,
)
_NOT_OF_THE_FILE = (
    *("no space", "quota", "input/output error", "too many open files", "permission denied"),
    "version number",  # checked after the checksum: made by a newer DuckDB
)

_TROUBLE = (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException)
_AT_COMMIT = "failed to commit: could not"  # what the disk refuses at a commit comes as trouble of the transaction

log = logging.getLogger(__name__)


def is_locked(error: duckdb.Error) -> bool:
    """Whether another process has the file, or somebody else in this one."""
    return _says(error, *_LOCKED)


def is_conflict(error: duckdb.Error) -> bool:
    """Whether another transaction had the same rows: begun anew it may do. [M] 1.5.5 says so now and then of writers in turn."""
    return isinstance(error, duckdb.TransactionException) and _says(error, "conflict")


def is_trouble(error: duckdb.Error) -> bool:
    """Whether disk, memory or file are the trouble; anything else is a mistake of ours."""
    return isinstance(error, _TROUBLE) or _says(error, _AT_COMMIT, *_DAMAGED, *_NOT_OF_THE_FILE)


def is_of_the_file(error: duckdb.Error) -> bool:
    """Whether an opened file turned out to be broken, and not its disk."""
    return _says(error, *_DAMAGED) and not _says(error, *_NOT_OF_THE_FILE)


def keeps_from_opening(error: duckdb.Error, path: Path) -> bool:
    """Whether a file that cannot be opened is broken: we may use it and its log, and neither disk nor memory is the trouble."""
    if isinstance(error, duckdb.OutOfMemoryException) or _says(error, *_NOT_OF_THE_FILE):
        return False
    return all(_may_use(one) for one in (path, log_of(path)) if one.exists())


def is_broken(error: duckdb.Error, path: Path, *, is_open: bool) -> bool:
    """Whether a file that cannot be opened, or not be used, is to be put aside. Raises StoreError where others are at fault."""
    if is_open:
        return is_of_the_file(error)
    if keeps_from_opening(error, path):
        return True
    raise StoreError("error.store.unusable", path=str(path)) from error


def log_of(path: Path) -> Path:
    """The write-ahead log of a DuckDB file."""
    return Path(f"{path}.wal")


def kept_of(path: Path) -> Path:
    """Blocks of a DuckDB file as they were before its log is folded into it; there while that lasts, or was cut off."""
    return Path(f"{path}.blocks")


def put_aside(path: Path, error: duckdb.Error) -> None:
    """Make room for a fresh file, or for going on without the log where the log alone is broken; nothing is deleted.

    Only by whoever holds the gate of the file and has it closed. Raises StoreError.
    """
    written_ahead = log_of(path)
    try:
        if _says(error, _OF_THE_LOG) and written_ahead.exists():
            aside = files.put_aside(written_ahead)
        else:
            aside = files.put_aside(path)
            for part_of in (log_of, kept_of):
                if part_of(path).exists():
                    part_of(path).rename(part_of(aside))
    except OSError:
        raise StoreError("error.store.unusable", path=str(path)) from error
    said = [
        words for words in _DAMAGED if _says(error, words)
    ]  # its whole text may hold values of rows
    log.warning("store damaged, put aside as %s: %s", aside.name, said or type(error).__name__)


def _says(error: duckdb.Error, *words: str) -> bool:
    text = str(error).lower()
    return any(word in text for word in words)


def _may_use(path: Path) -> bool:
    try:
        with path.open("r+b"):
            return True
    except OSError:
        return False
