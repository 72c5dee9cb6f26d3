"""The door to the DuckDB file: transactions, other processes, damage."""

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from reconcile.errors import StoreConflict, StoreDamaged, StoreError, StoreLocked, StoreTooNew
from reconcile.judging import anew
from reconcile.store.database import Database

ROOT = Path(__file__).parents[2]
PUT = "INSERT INTO phase_role VALUES ('a', $name, 'before', 'default')"
COUNT = "SELECT count(*) FROM phase_role"


@pytest.fixture
def db(tmp_path):
    made = Database(tmp_path / "store.duckdb", wait_s=1.0, idle_s=0.2)
    yield made
    made.close()


def test_a_transaction_that_fails_leaves_nothing_behind(db):
    with pytest.raises(RuntimeError, match="stop"), db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
        raise RuntimeError("stop")
    with db.read() as cursor:
        assert cursor.execute(COUNT).fetchone() == (0,)


def test_a_reader_sees_one_state_while_a_writer_commits(db):
    with db.read() as reader:
        assert reader.execute(COUNT).fetchone() == (0,)
        with db.write() as writer:
            writer.execute(PUT, {"name": "x"})
        assert reader.execute(COUNT).fetchone() == (0,)
    with db.read() as reader:
        assert reader.execute(COUNT).fetchone() == (1,)


def test_what_meets_another_transaction_is_told_and_a_renewal_begins_anew(db):
    rename = "UPDATE phase_role SET role = $role WHERE account = 'a'"
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
        other = db._file.connection.cursor()  # stands in for what DuckDB itself left behind
    tries = []

    def work(cursor):
        tries.append(1)
        if len(tries) == 3:
            other.execute("ROLLBACK")
        cursor.execute(rename, {"role": "collect"})
        return "done"

    other.execute("BEGIN TRANSACTION")
    other.execute(rename, {"role": "shipped"})
    with pytest.raises(StoreConflict), db.write() as cursor:
        cursor.execute(rename, {"role": "collect"})
    assert anew(db, work) == "done"
    assert len(tries) == 3
    other.execute("BEGIN TRANSACTION")
    other.execute(rename, {"role": "shipped"})
    with pytest.raises(StoreConflict):
        anew(db, work)
    other.close()
    with db.read() as cursor:
        assert cursor.execute("SELECT role FROM phase_role").fetchall() == [("collect",)]


def test_the_file_is_let_go_when_idle_so_that_another_process_can_open_it(db):
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
    time.sleep(0.6)
    code = (
        f"import duckdb; print(duckdb.connect({str(db.path)!r}).execute('{COUNT}').fetchone()[0])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "1"


def test_an_open_file_is_let_go_as_soon_as_another_process_waits_for_it(tmp_path):
    db = Database(tmp_path / "store.duckdb", idle_s=600)
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
    code = (
        "from pathlib import Path\nfrom reconcile.store.database import Database\n"
        f"with Database(Path({str(db.path)!r}), wait_s=10).read() as cursor:\n"
        f"    print(cursor.execute({COUNT!r}).fetchone()[0])\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert out.stdout.strip() == "1"


def test_a_file_that_another_process_keeps_is_reported_as_locked_after_a_bounded_wait(db):
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
    db.close()
    code = f"import duckdb,sys; c=duckdb.connect({str(db.path)!r}); print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline().strip() == "held"
    started = time.monotonic()
    with pytest.raises(StoreLocked), db.read():
        pass
    assert 0.9 < time.monotonic() - started < 10
    other.communicate()
    with db.read() as cursor:
        assert cursor.execute(COUNT).fetchone() == (1,)


@pytest.mark.parametrize("damage", [b"not a database", b"\0" * 8192, b"DUCK" * 3000])
def test_an_unreadable_file_is_put_aside_whole_and_a_fresh_one_made(db, damage):
    db.path.write_bytes(damage)
    with db.read() as cursor:
        assert cursor.execute(COUNT).fetchone() == (0,)
    (aside,) = db.path.parent.glob("store-damaged-*.duckdb")
    assert aside.read_bytes() == damage


@pytest.mark.parametrize("how", [{"read_only": True}, {"config": {"threads": 1}}])
def test_a_file_that_this_process_has_open_otherwise_is_not_damaged(db, how):
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
    db.close()
    with duckdb.connect(str(db.path), **how), pytest.raises(StoreLocked), db.read():
        pass
    with db.read() as cursor:
        assert cursor.execute(COUNT).fetchone() == (1,)
    assert not list(db.path.parent.glob("*damaged*"))


def test_a_file_we_may_not_write_is_never_put_aside(db, monkeypatch):
    db.path.write_bytes(b"not a database")
    monkeypatch.setattr(Path, "open", _refuse)
    with pytest.raises(StoreError) as caught, db.read():
        pass
    assert caught.value.help_key == "error.store.unusable"
    monkeypatch.undo()
    assert db.path.read_bytes() == b"not a database"


def _refuse(*_args, **_options):
    raise PermissionError


def test_a_store_from_the_future_is_refused_untouched(db):
    with db.read():
        pass
    db.close()
    connection = duckdb.connect(str(db.path))
    connection.execute("INSERT INTO schema_migration VALUES (9999, 'future', now()::TIMESTAMP)")
    connection.close()
    with pytest.raises(StoreTooNew), db.read():
        pass
    assert db.path.exists()


def test_a_checkpoint_waits_for_another_day_while_somebody_reads_or_writes(db):
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
        db.checkpoint()
    with db.read() as cursor:
        db.checkpoint()
        assert cursor.execute(COUNT).fetchone() == (1,)


def test_trouble_of_the_disk_is_our_error_and_leaves_nothing_behind(db):
    with pytest.raises(StoreError), db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
        raise duckdb.IOException("No space left on device")
    with db.read() as cursor:
        assert cursor.execute(COUNT).fetchone() == (0,)


def test_damage_that_shows_only_while_reading_is_said_once_and_makes_way(tmp_path):
    """Every block of a store in turn: wherever it lies, the next use works and the damaged file is kept."""
    whole = Database(tmp_path / "whole" / "store.duckdb")
    with whole.write() as cursor:
        cursor.execute(
            "CREATE TABLE filling AS SELECT hash(i) AS n, hash(i + 1) AS m FROM range(100_000) AS t(i)"
        )
    whole.close()
    content, said = whole.path.read_bytes(), 0
    for number, begin in enumerate(range(3 * 4096, len(content), 256 * 1024)):
        db = Database(tmp_path / str(number) / "store.duckdb")
        db.path.parent.mkdir()
        db.path.write_bytes(content[:begin] + bytes(64 * 1024) + content[begin + 64 * 1024 :])
        try:
            with db.read() as cursor:
                cursor.execute("SELECT sum(n % 7), sum(m % 7) FROM filling").fetchone()
        except StoreDamaged:
            said += 1
        except duckdb.CatalogException:
            pass  # put aside at once, so the table is not in the fresh one
        with db.read() as cursor:
            assert cursor.execute(COUNT).fetchone() == (0,)
        assert len(list(db.path.parent.glob("store-damaged-*.duckdb"))) <= 1
        db.close()
    assert said, "every damage showed itself when the file was opened"


def test_a_file_at_rest_has_no_log_and_nobody_opens_it(db):
    with db.write() as cursor:
        cursor.execute(PUT, {"name": "x"})
    other = Database(db.path, wait_s=0.3)
    with db.still() as path:
        assert not path.with_name("store.duckdb.wal").exists()
        with pytest.raises(StoreLocked), other.read():
            pass
        with duckdb.connect(str(path), read_only=True) as reader:
            assert reader.execute(COUNT).fetchone() == (1,)
    with other.read() as cursor:
        assert cursor.execute(COUNT).fetchone() == (1,)
    other.close()


def test_a_damaged_file_is_put_aside_once_where_several_meet_it(tmp_path):
    path = tmp_path / "store.duckdb"
    path.write_bytes(b"ruined" * 4000)
    code = (
        "import sys\nfrom pathlib import Path\nfrom reconcile.store.database import Database\n"
        f"with Database(Path({str(path)!r})).write() as cursor:\n"
        f"    cursor.execute({PUT!r}, {{'name': sys.argv[1]}})\n"
    )
    rivals = [subprocess.Popen([sys.executable, "-c", code, str(n)], cwd=ROOT) for n in range(3)]
    assert [rival.wait(60) for rival in rivals] == [0, 0, 0]
    assert len(list(tmp_path.glob("store-damaged-*.duckdb"))) == 1
    db = Database(path)
    with db.read() as cursor:
        assert cursor.execute(COUNT).fetchone() == (3,)
    db.close()


def test_what_the_disk_refuses_at_a_commit_is_our_error_too(db):
    with pytest.raises(StoreError), db.write():
        raise duckdb.TransactionException(
            "Failed to commit: Could not write file: No space left on device"
        )
    with pytest.raises(StoreConflict), db.write():
        raise duckdb.TransactionException("Failed to commit: write-write conflict")
    with pytest.raises(duckdb.TransactionException), db.write() as cursor:
        cursor.execute("BEGIN TRANSACTION")  # a mistake of ours stays one
