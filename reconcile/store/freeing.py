"""How soon DuckDB gives memory back to the system that a query has freed.

At once costs every query up to three times its time [M]; late lets the large tables of the rules stay in the process.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import duckdb

# A block of that size, once freed, goes back; the default of DuckDB is 512 MB.
_AT_ONCE = "SET GLOBAL allocator_bulk_deallocation_flush_threshold = '1MB'"
_LATE = "RESET GLOBAL allocator_bulk_deallocation_flush_threshold"


class Freeing:
    """What holds for the connection of one database; counts who asks for it at once."""

    def __init__(self) -> None:
        self._lean = 0
        self._guard = threading.Lock()

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Inside the block what is freed goes back at once: for a sync and for the rules, over whole tables."""
        with self._guard:
            self._lean += 1
        try:
            yield
        finally:
            with self._guard:
                self._lean -= 1

    def arrange(self, cursor: duckdb.DuckDBPyConnection, before: str) -> str:
        """Has the connection do as is wanted now; `before` is what this gave last for it, "" for a new one."""
        wanted = _AT_ONCE if self._lean else _LATE
        if wanted != before:
            cursor.execute(wanted)
        return wanted
