"""The observations outside the mirror: copied out after each sync, taken back when the mirror had to be rebuilt.

The vendors' interfaces show only the present, so what we saw in the past cannot be fetched again.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from reconcile.store import observations
from reconcile.store.database import Cursor, Database

FILE = "observations.parquet"


class History:
    """The copy of one data folder's observations (Parquet, whole, replaced at once)."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self._path = folder / FILE

    def copy_out(self) -> None:
        """Write every observation to the copy; a crash leaves the old copy whole."""
        with self._db.read() as cursor:
            table = observations.read(cursor)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        pq.write_table(table, part)
        part.replace(self._path)

    def take_back(self, cursor: Cursor) -> None:
        """Put the copied observations of known accounts into a mirror that holds none."""
        if self._path.exists() and observations.is_empty(cursor):
            observations.restore(cursor, pq.read_table(self._path))
