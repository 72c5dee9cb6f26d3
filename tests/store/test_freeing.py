"""When DuckDB gives freed memory back: at once for a sync and for the rules, late for every question of a screen."""

from pathlib import Path

from reconcile.store.database import Database

ASKED = "SELECT current_setting('allocator_bulk_deallocation_flush_threshold')"
AT_ONCE, LATE = "976.5 KiB", "512.0 MiB"


def given_back_at(database: Database) -> str:
    with database.read() as cursor:
        return str(cursor.execute(ASKED).fetchone()[0])


def test_memory_goes_back_at_once_inside_the_block_only(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.duckdb")
    assert given_back_at(database) == LATE
    with database.freeing.at_once():
        assert given_back_at(database) == AT_ONCE
        with database.freeing.at_once(), database.write() as cursor:
            assert cursor.execute(ASKED).fetchone() == (AT_ONCE,)
        assert given_back_at(database) == AT_ONCE
        database.close()  # as when another process waits for the file
        assert given_back_at(database) == AT_ONCE
    assert given_back_at(database) == LATE
    database.close()
