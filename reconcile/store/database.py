"""The one door to the DuckDB file: opened on demand, released when idle, never shared between threads.

DuckDB lets one process at a time hold the file, so nobody keeps it: a busy file is retried for a bounded time. The
handle is closed some seconds after its last use (opening it anew costs a screen 25 ms), or at once where another process
waits (it touches a file beside the store while it does), so that a desk at work or a long sync lets the others in. Within
the process every caller gets its own cursor and writers queue behind one lock.

A damaged file, or its log alone, is put aside and a fresh one made: what it held can be fetched again. Whoever opens,
puts aside, copies or replaces the file holds its gate, a lock of the operating system, for as long as that takes.
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
from filelock import FileLock, Timeout

from reconcile.errors import StoreConflict, StoreDamaged, StoreError, StoreLocked
from reconcile.store import damage, files, folding
from reconcile.store.folding import OpenFile
from reconcile.store.freeing import Freeing
from reconcile.store.migration import migrate, roll_back
from reconcile.store.waiting import WaitingSign

Cursor = duckdb.DuckDBPyConnection

WAIT_S = 20.0
IDLE_S = 10.0
WATCH_S = 0.2  # so often an open file is looked at: is it idle, does another process wait
RETRY_S = 0.05
GIVE_WAY_S = 0.2  # longer than a waiting process sleeps between two tries


class Database:
    """One DuckDB file. Use `Database.at(path)`: there is one instance per file and process."""

    _instances: ClassVar[dict[Path, Database]] = {}
    _instances_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, path: Path, *, wait_s: float = WAIT_S, idle_s: float = IDLE_S) -> None:
        self.path = path
        self._damage: tuple[duckdb.Error, int] | None = None  # and the inode of the file
        self._wait_s = wait_s
        self._idle_s = idle_s
        self._file: OpenFile | None = None
        self.freeing = Freeing()
        self._freed = ""
        self._users = 0
        self._used_at = 0.0
        self._waiting = WaitingSign(path)
        self._give_way_until = 0.0
        self._gate = FileLock(f"{path}.lock", thread_local=False)
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
        """Let go of every file of this process; runs at exit, before the interpreter takes the threads away."""
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
                roll_back(cursor)

    @contextlib.contextmanager
    def write(self) -> Iterator[Cursor]:
        """A cursor inside one transaction: committed at the end, rolled back on any error. Raises StoreError."""
        with self._usable(), self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
            except BaseException:
                roll_back(cursor)
                raise
            cursor.execute("COMMIT")
        if folding.has_log(self.path, folding.LONG):
            with contextlib.suppress(StoreError):  # what was written is in the log
                self.checkpoint()

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, so that a copy or a crash finds little to replay.

        Left to a later time while another transaction of this process is at work. Raises StoreError.
        """
        with (
            self._usable(),
            self._writing,
            self._opened() as file,
            contextlib.suppress(duckdb.TransactionException),
        ):
            self._fold(file)

    @contextlib.contextmanager
    def still(self) -> Iterator[Path]:
        """The file at rest: whole, without a log, and inside the block opened by nobody. Raises StoreLocked, StoreError."""
        deadline = time.monotonic() + self._wait_s
        with self._usable(), self._writing, self._alone(deadline):
            if self._file is None:
                self._file = self._open()
            with self._gate_held(deadline):
                self._fold(self._file)
                self.close()
                yield self.path

    def _fold(self, file: OpenFile) -> None:
        try:
            file.fold()
        except OSError as error:
            raise StoreError("error.store.unusable", path=str(self.path)) from error

    @contextlib.contextmanager
    def _alone(self, deadline: float) -> Iterator[None]:
        """Inside the block no other thread of this process uses the file or begins to."""
        while True:
            with self._guard:
                if self._users == 0:
                    yield
                    return
            if time.monotonic() > deadline:
                raise StoreLocked("error.store.locked", path=str(self.path))
            time.sleep(RETRY_S)

    @contextlib.contextmanager
    def _gate_held(self, deadline: float) -> Iterator[None]:
        try:
            self._gate.acquire(timeout=max(0.0, deadline - time.monotonic()))
        except Timeout:
            raise StoreLocked("error.store.locked", path=str(self.path)) from None
        except OSError as error:
            raise StoreError("error.store.unusable", path=str(self.path)) from error
        try:
            yield
        finally:
            self._gate.release()

    def close(self) -> None:
        """Let go of the file now."""
        with self._guard:
            if self._file is not None and self._users == 0:
                self._file.close(folded=self._damage is None)
                self._file = None

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        """Trouble of disk or memory inside the block as StoreError; anything else is a mistake of ours and stays.

        After a fatal error the connection is good for nothing; a damaged file makes way for a fresh one.
        """
        try:
            yield
        except duckdb.Error as error:
            if not damage.is_trouble(error):
                if damage.is_conflict(error):
                    raise StoreConflict("error.store.conflict") from error
                raise
            with self._guard:
                is_damaged = damage.is_of_the_file(error)
                if is_damaged:
                    self._damage = (error, files.inode(self.path))
                if is_damaged or isinstance(error, duckdb.FatalException):
                    self.close()
            if is_damaged:
                raise StoreDamaged("error.store.damaged", path=str(self.path)) from error
            raise StoreError("error.store.unusable", path=str(self.path)) from error

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        with self._opened() as file, file.connection.cursor() as cursor:
            self._freed = self.freeing.arrange(cursor, self._freed)
            yield cursor

    @contextlib.contextmanager
    def _opened(self) -> Iterator[OpenFile]:
        """The file, open for as long as the block lasts."""
        with self._guard:
            if self._file is None:
                time.sleep(max(0.0, self._give_way_until - time.monotonic()))
                self._file, self._freed = self._open(), ""
                threading.Thread(target=self._watch, args=(self._file,), daemon=True).start()
            file = self._file
            self._users += 1
        try:
            yield file
        finally:
            with self._guard:
                self._users -= 1
                self._used_at = time.monotonic()
                if self._users == 0 and (self._damage is not None or self._waiting.is_up()):
                    self._give_way()

    def _watch(self, file: OpenFile) -> None:
        """Lets go of that file once nobody has used it for a while, or another process waits for it."""
        while True:
            time.sleep(WATCH_S)
            with self._guard:
                if self._file is not file:
                    return
                is_idle = time.monotonic() - self._used_at >= self._idle_s
                if self._users == 0 and (is_idle or self._waiting.is_up()):
                    self._give_way()

    def _give_way(self) -> None:
        self.close()
        self._give_way_until = time.monotonic() + GIVE_WAY_S

    def _open(self) -> OpenFile:
        deadline = time.monotonic() + self._wait_s
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError("error.store.unusable", path=str(self.path)) from error
        while True:
            with self._gate_held(deadline):
                file = self._tried()
            if file is not None:
                self._waiting.take_down()
                return file
            if time.monotonic() > deadline:
                raise StoreLocked("error.store.locked", path=str(self.path))
            self._waiting.put_up()
            time.sleep(RETRY_S)

    def _tried(self) -> OpenFile | None:
        """The opened file, or a fresh one in place of a damaged one; None while another process has it."""
        for _ in range(3):  # with its log, without it, a fresh one
            if self._damage is not None:
                error, inode = self._damage
                if inode == files.inode(self.path):
                    damage.put_aside(self.path, error)
                self._damage = None
            is_open = False
            try:
                file = folding.opened(self.path)
                is_open = True
                return self._prepared(file)
            except duckdb.Error as error:
                if damage.is_locked(error):
                    return None
                if not damage.is_broken(error, self.path, is_open=is_open):
                    raise
                self._damage = (error, files.inode(self.path))
            except OSError as error:
                raise StoreError("error.store.unusable", path=str(self.path)) from error
        raise StoreError("error.store.unusable", path=str(self.path))

    def _prepared(self, file: OpenFile) -> OpenFile:
        try:
            migrate(file.connection)
            if self._on_open is not None:
                file.connection.execute("BEGIN TRANSACTION")
                self._on_open(file.connection)
                file.connection.execute("COMMIT")
        except BaseException:
            file.close(folded=False)
            raise
        return file


atexit.register(Database.close_all)


def naive(at: datetime | None) -> datetime | None:
    """An aware instant as the store keeps it: UTC without offset."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)


def aware(at: datetime | None) -> datetime | None:
    """A stored instant as the core uses it: aware UTC."""
    return None if at is None else at.replace(tzinfo=UTC)
