"""The one door to the DuckDB file: opened on demand, released when idle, never shared between threads.

DuckDB lets one process at a time hold the file, so nobody keeps it: a busy file is retried for a bounded time,
and the handle is closed about a second after its last use, or after its current use where another process waits
(it touches a file beside the store while it does), so that a long sync lets the others in.
Within the process every caller gets its own cursor
and writers queue behind one lock.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import duckdb

from reconcile.errors import StoreError, StoreLocked, StoreTooNew
from reconcile.store import queries

Cursor = duckdb.DuckDBPyConnection

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.5.0",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allocator_bulk_deallocation_flush_threshold": "1MB",  # the rules' tables go back to the system at once
}
WAIT_S = 20.0
IDLE_S = 1.0
RETRY_S = 0.05
WANTED_S = 1.0  # a sign that another process waits counts for so long
GIVE_WAY_S = 0.2  # longer than a waiting process sleeps between two tries


class Database:
    """One DuckDB file. Use `Database.at(path)`: there is one instance per file and process."""

    _instances: ClassVar[dict[Path, Database]] = {}
    _instances_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, path: Path, *, wait_s: float = WAIT_S, idle_s: float = IDLE_S) -> None:
        self.path = path
        self.set_aside: Path | None = None
        self._wait_s = wait_s
        self._idle_s = idle_s
        self._connection: Cursor | None = None
        self._users = 0
        self._timer: threading.Timer | None = None
        self._wanted = path.with_name(f"{path.name}.wanted")
        self._give_way_until = 0.0
        self._guard = threading.RLock()
        self._writing = threading.RLock()
        self._on_open: Callable[[Cursor], None] | None = None

    @classmethod
    def at(cls, path: Path) -> Database:
        """The instance of this process for that file."""
        with cls._instances_lock:
            return cls._instances.setdefault(path.resolve(), cls(path.resolve()))

    @classmethod
    def close_all(cls) -> None:
        """Let go of every file of this process; runs at exit, before the interpreter takes the timers away."""
        with cls._instances_lock:
            for database in cls._instances.values():
                database.close()

    def on_open(self, prepare: Callable[[Cursor], None]) -> None:
        """Have `prepare` run in a transaction each time the file has been opened (projections of the ledger)."""
        self._on_open = prepare

    @contextlib.contextmanager
    def read(self) -> Iterator[Cursor]:
        """A cursor inside one snapshot: every query sees the same state. Raises StoreLocked, StoreError."""
        with self._usable(), self._cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
            finally:
                cursor.execute("ROLLBACK")

    @contextlib.contextmanager
    def write(self) -> Iterator[Cursor]:
        """A cursor inside one transaction: committed at the end, rolled back on any error. Raises StoreError."""
        with self._usable(), self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, so that a copy or a crash finds little to replay.

        Left to a later time while another transaction of this process is at work.
        """
        with (
            self._writing,
            self._cursor() as cursor,
            contextlib.suppress(duckdb.TransactionException),
        ):
            cursor.execute("CHECKPOINT")

    def close(self) -> None:
        """Let go of the file now."""
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
            if self._connection is not None and self._users == 0:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        """Trouble of disk or memory inside the block as StoreError; anything else is a mistake of ours and stays."""
        try:
            yield
        except (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException) as error:
            raise StoreError("error.store.unusable", path=str(self.path)) from error

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
            if self._connection is None:
                time.sleep(max(0.0, self._give_way_until - time.monotonic()))
                self._connection = self._open()
            cursor = self._connection.cursor()
            self._users += 1
        try:
            yield cursor
        finally:
            cursor.close()
            with self._guard:
                self._users -= 1
                if self._users == 0 and self._is_wanted():
                    self.close()
                    self._give_way_until = time.monotonic() + GIVE_WAY_S
                elif self._users == 0:
                    self._timer = threading.Timer(self._idle_s, self.close)
                    self._timer.daemon = True
                    self._timer.start()

    def _is_wanted(self) -> bool:
        """Whether another process waits for the file."""
        try:
            return abs(time.time() - self._wanted.stat().st_mtime) < WANTED_S
        except OSError:
            return False

    def _open(self) -> Cursor:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                connection = duckdb.connect(str(self.path), config=CONFIG)
                break
            except duckdb.Error as error:
                if not _is_locked(error):
                    self._put_aside(error)
                elif time.monotonic() > deadline:
                    raise StoreLocked("error.store.locked", path=str(self.path)) from None
                else:
                    with contextlib.suppress(OSError):
                        self._wanted.touch()
                    time.sleep(RETRY_S)
        with contextlib.suppress(OSError):
            self._wanted.unlink(missing_ok=True)
        try:
            _migrate(connection)
            if self._on_open is not None:
                connection.execute("BEGIN TRANSACTION")
                self._on_open(connection)
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _put_aside(self, error: duckdb.Error) -> None:
        """Rename an unreadable file (and its log) so that a fresh one can be built; nothing is deleted."""
        if not _is_damaged(self.path, error):
            raise StoreError("error.store.unusable", path=str(self.path)) from error
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        aside = self.path.with_name(f"{self.path.stem}-damaged-{stamp}{self.path.suffix}")
        try:
            self.path.rename(aside)
            log = Path(f"{self.path}.wal")
            if log.exists():
                log.rename(f"{aside}.wal")
        except OSError:
            raise StoreError("error.store.unusable", path=str(self.path)) from error
        self.set_aside = aside


atexit.register(Database.close_all)


def _is_locked(error: duckdb.Error) -> bool:
    text = str(error)
    return isinstance(error, duckdb.IOException) and (
        "Could not set lock" in text or "being used by another process" in text
    )


def _is_damaged(path: Path, error: duckdb.Error) -> bool:
    """Whether the file itself is broken: it is there, we may read and write it, and its disk is not the trouble."""
    text = str(error).lower()
    if "no space" in text or "version number" in text:
        return False
    try:
        with path.open("r+b"):
            return True
    except OSError:
        return False


def _migrate(connection: Cursor) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migration"
        " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMP NOT NULL)"
    )
    row = connection.execute("SELECT coalesce(max(version), 0) FROM schema_migration").fetchone()
    current = int(row[0]) if row else 0
    known = queries.migrations()
    if current > known[-1][0]:
        raise StoreTooNew("error.store.too_new", version=current, known=known[-1][0])
    for version, name, statements in known:
        if version <= current:
            continue
        connection.execute("BEGIN TRANSACTION")
        try:
            connection.execute(statements)
            connection.execute(
                "INSERT INTO schema_migration VALUES ($version, $name, $now)",
                {"version": version, "name": name, "now": naive(datetime.now(UTC))},
            )
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def naive(at: datetime | None) -> datetime | None:
    """An aware instant as the store keeps it: UTC without offset."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)


def aware(at: datetime | None) -> datetime | None:
    """A stored instant as the core uses it: aware UTC."""
    return None if at is None else at.replace(tzinfo=UTC)
