"""The folding of the log into the store: undone where it was cut off, and only there. Cut-off writes: tests/reliability."""

import json
import os
import subprocess
import sys
import time

import duckdb
import pytest

from reconcile.store import damage, folding
from reconcile.store.damage import kept_of, log_of
from reconcile.store.database import Database

PUT = "INSERT INTO phase_role VALUES ('a', $name, 'before', 'default')"
COUNT = "SELECT count(*) FROM phase_role"
LOCKED = "import duckdb, sys\ntry: duckdb.connect(sys.argv[1])\nexcept duckdb.IOException as error: print(error)"
keeps_blocks = pytest.mark.skipif(
    os.name != "posix", reason="there DuckDB shares its file with nobody, so no blocks are kept"
)


@pytest.fixture
def db(tmp_path):
    made = Database(tmp_path / "store.duckdb", wait_s=1.0, idle_s=60)
    with made.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
    made.checkpoint()
    yield made
    made.close()


def cut_off(db):
    """What a folding leaves that was killed in its middle: the blocks kept, one of them half written."""
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "y"})
    file = db._file
    kept = file._blocks(file._fd)
    file.close(folded=False)
    db._file = None
    kept_of(db.path).write_bytes(kept)
    (begin, size), *_ = json.loads(kept[folding._DIGEST :].split(b"\n", 1)[0])[1:]
    with db.path.open("r+b") as store:
        store.seek(begin + size // 2)
        store.write(bytes(size // 2))


def count(db):
    with db.read() as cursor:
        return cursor.execute(COUNT).fetchone()[0]


def aside(db):
    return list(db.path.parent.glob("*-damaged-*"))


@keeps_blocks
def test_a_folding_that_was_cut_off_is_undone_and_nothing_is_lost(db, caplog):
    cut_off(db)
    assert count(db) == 2
    assert not kept_of(db.path).exists()
    assert not aside(db)
    assert "a block was put back" in caplog.text


@keeps_blocks
def test_without_the_kept_blocks_it_would_be_lost(db):
    cut_off(db)
    kept_of(db.path).unlink()
    assert count(db) == 0
    assert aside(db)


@keeps_blocks
def test_kept_blocks_that_are_not_whole_are_not_used(db):
    cut_off(db)
    kept = bytearray(kept_of(db.path).read_bytes())
    kept[-1] ^= 1
    kept_of(db.path).write_bytes(kept)
    assert count(db) == 0
    assert aside(db)
    assert not kept_of(db.path).exists()


@keeps_blocks
def test_blocks_of_a_store_that_has_been_folded_since_stay_out(db, caplog):
    """Their place holds other tables now: put back, they would spoil it."""
    kept = db._file._blocks(db._file._fd)
    with db.write() as cursor:
        cursor.execute("CREATE TABLE more AS SELECT i FROM range(1000) AS t(i)")
    db.close()
    kept_of(db.path).write_bytes(kept)
    with db.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM more").fetchone() == (1000,)
    assert not kept_of(db.path).exists()
    assert caplog.text == ""


@keeps_blocks
def test_kept_blocks_go_aside_with_their_damaged_store(db):
    cut_off(db)
    damage.put_aside(db.path, duckdb.IOException("Corrupt database file"))
    assert not kept_of(db.path).exists()
    assert len(aside(db)) == 3  # the store, its log, its blocks
    assert count(db) == 0


def test_a_folding_leaves_nothing_beside_the_store_and_keeps_its_lock(db):
    """A descriptor that is closed drops every lock of its process on the file."""
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "y"})
    assert folding.has_log(db.path)
    db.checkpoint()
    assert not folding.has_log(db.path)
    assert not kept_of(db.path).exists()
    said = subprocess.run(
        [sys.executable, "-c", LOCKED, str(db.path)], capture_output=True, text=True, check=True
    )
    assert "lock" in said.stdout


def test_what_was_written_stays_in_the_log_while_somebody_else_writes(db):
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "y"})
        db.checkpoint()
    assert folding.has_log(db.path)
    assert count(db) == 2
    db.close()
    assert not log_of(db.path).exists()
    assert count(db) == 2


def test_a_long_log_is_folded_after_the_write_that_made_it_long(db):
    rows = "INSERT INTO filling SELECT md5(i::TEXT) FROM range($n) AS t(i)"
    with db.write() as cursor:
        cursor.execute("CREATE TABLE filling (words TEXT)")
        cursor.execute(rows, {"n": 1000})
    assert folding.has_log(db.path)
    began = time.monotonic()
    while folding.has_log(db.path) and time.monotonic() - began < 60:
        with db.write() as cursor:
            cursor.execute(rows, {"n": 50_000})
    assert not folding.has_log(db.path)
