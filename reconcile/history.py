"""The observations outside the mirror: copied out after each sync, taken back where the mirror holds fewer.

The vendors' interfaces show only the present, so what we saw in the past cannot be fetched again.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from reconcile.errors import StoreError
from reconcile.store import files, observations
from reconcile.store.database import Cursor, Database

FILE = "observations.parquet"

log = logging.getLogger(__name__)
_UNREADABLE = (
    pa.ArrowException,
    OSError,
    UnicodeDecodeError,
)  # the last: names of columns that are no text


class History:
    """The copy of one data folder's observations (Parquet, whole, replaced at once)."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self._path = folder / FILE

    def copy_out(self) -> None:
        """Write every observation to the copy; a crash leaves the old copy whole. Raises StoreError."""
        with self._db.read() as cursor:
            table = observations.read(cursor)
        self._write(table)

    def _write(self, table: pa.Table) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with files.fresh(self._path) as part:
                pq.write_table(table, part, write_page_checksum=True)
        except OSError as error:
            raise StoreError("error.history.unwritable", path=str(self._path)) from error

    def take_back(self, cursor: Cursor, *, always: bool = False) -> None:
        """Put the copied observations of known accounts into a mirror that holds fewer; a damaged copy goes aside and is renewed.

        always: also into one that holds as many, for they may be others.
        """
        if not self._path.exists():
            return
        try:
            copied_rows = pq.read_metadata(self._path).num_rows
            if always or observations.count(cursor) < copied_rows:
                copied = pq.read_table(self._path, page_checksum_verification=True)
                observations.restore(cursor, copied)
        except _UNREADABLE as error:
            if isinstance(error, OSError) and error.errno is not None:
                log.warning("history not readable errno=%s", error.errno)
                return
            with contextlib.suppress(OSError, StoreError):  # the next sync writes it, and says so
                log.warning("history damaged, put aside as %s", files.put_aside(self._path).name)
                if held := observations.read(cursor):
                    self._write(held)
