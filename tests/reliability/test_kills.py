"""R2, R20: killed at any moment, or by its disk at the n-th change: nothing acknowledged is lost, nothing is there by half."""

import errno
import os
import random
import shutil
import signal
import time
from collections import Counter

import duckdb
import pytest

from reconcile import Workspace
from reconcile.store import queries
from reconcile.store.folding import CONFIG
from tests.integration.conftest import KEY
from tests.reliability.working import Worker, afresh, built_disk, looked_at

TEARS = -1  # of faulty_disk.c: half of the write is done, then the process dies


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    built = built_disk(tmp_path_factory.mktemp("disk"))
    if built is None:
        pytest.skip("needs Linux and a C compiler")
    return built


@pytest.fixture
def worker(monkeypatch, keys_in_a_file):
    made = Worker()
    yield made
    made.stop()


@pytest.fixture
def failing(disk, keys_in_a_file):
    made = Worker(disk)
    yield made
    made.stop()


@pytest.fixture
def desk(tmp_path):
    """A folder with one account and nothing else."""
    return new_folder(tmp_path / "data")


def new_folder(folder):
    made = Workspace.open(folder)
    made.add_account("shop", company_code="ill", key=KEY, base_url="http://127.0.0.1:9/webapi2")
    afresh()
    return folder


def killer(dice):
    """Kills the child a random while after one of its first words."""
    after = dice.randrange(1, 9)

    def on_word(said):
        if len(said) == after and said[-1]["said"] != "ended":
            time.sleep(dice.random() * 0.03)
            os.kill(said[0]["pid"], signal.SIGKILL)

    return on_word


@pytest.mark.minutes(45)
def test_killed_at_random_moments_nothing_acknowledged_is_lost(worker, desk, sized, tally):
    dice, kills, batches, number, said = random.Random(11), 0, 0, 0, []
    while kills < sized(8, 10_000):
        now = worker.do("work", desk, number, number + 6, on_word=killer(dice))
        assert [one for one in now if one["said"] in ("crashed", "refused")] == []
        kills += now[-1]["signal"] == signal.SIGKILL
        batches += sum(one["said"] == "batch" for one in now)
        said += now
        assert looked_at(desk, said) == [], f"kill {kills}"
        number = reached(desk) + 1
        if number > 100:
            shutil.rmtree(desk)
            number, said = 0, []
            new_folder(desk)
    assert batches > kills / 2, "killed before anything was committed"
    tally("R2", kills=kills, batches=batches, lost=0)


def reached(folder):
    connection = duckdb.connect(str(folder / "store.duckdb"), read_only=True, config=CONFIG)
    with connection:
        row = connection.execute(
            "SELECT max(last_run_id[2:]::INTEGER) FROM cm_observation"
        ).fetchone()
    return -1 if row[0] is None else row[0]


def steps(total, dice, everyday, sized):
    """Every change there is with `make soak`, else some of them."""
    every = list(range(1, total + 1))
    return every if sized(0, 1) else sorted(dice.sample(every, min(everyday, total)))


def changes(failing, folder, job, *arguments, errno=0):
    """How many changes a job makes to its folder when nothing fails; of those that such a fault counts."""
    said = failing.do(job, folder, *arguments, fault={"at": 0, "errno": errno})
    assert said[-2]["said"] == "done", said
    return said[-2]["changes"]


def played(failing, base, folder, fault, job, *arguments):
    """A job on a copy of a folder, with a fault."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    return failing.do(job, folder, *arguments, fault=fault)


def test_killed_instead_of_any_change_of_a_file(failing, desk, tmp_path, sized, tally):
    total = changes(failing, shutil.copytree(desk, tmp_path / "dry"), "work", 0, 4)
    struck = 0
    for at in steps(total, random.Random(12), 8, sized):
        said = played(failing, desk, tmp_path / "struck", {"at": at}, "work", 0, 4)
        struck += said[-1]["signal"] == signal.SIGKILL
        assert looked_at(tmp_path / "struck", said) == [], f"change {at} of {total}"
    tally("R2", changes=total, struck=struck, lost=0)
    assert struck


def test_a_write_cut_off_in_its_middle_leaves_nothing_by_half(failing, desk, tmp_path, tally):
    """DuckDB writes blocks of metadata again in their place, and half a block has a wrong checksum."""
    job = ("work", 0, 2)
    total = changes(failing, shutil.copytree(desk, tmp_path / "dry"), *job, errno=TEARS)
    for at in range(1, total + 1):
        said = played(failing, desk, tmp_path / "struck", {"at": at, "errno": TEARS}, *job)
        assert said[-1]["signal"] == signal.SIGKILL
        assert looked_at(tmp_path / "struck", said) == [], f"write {at} of {total}"
    tally("R2", writes=total, cut_off=total, lost=0)
    assert total


TROUBLES = [
    (trouble, lasting)
    for trouble in (errno.ENOSPC, errno.EIO, errno.EACCES)
    for lasting in (False, True)
]


@pytest.mark.minutes(9)
def test_a_disk_that_refuses_any_change_damages_nothing(failing, desk, tmp_path, sized, tally):
    """Expected errors only. Where the disk fails DuckDB while it cleans up, it ends the process: that is a kill."""
    total = changes(failing, shutil.copytree(desk, tmp_path / "dry"), "work", 0, 4)
    ends = Counter()
    for trouble, lasting in TROUBLES:
        for at in steps(total, random.Random(f"{trouble}{lasting}"), 2, sized):
            fault = {"at": at, "errno": trouble, "lasting": lasting}
            said = played(failing, desk, tmp_path / "struck", fault, "work", 0, 4)
            end = "aborted" if said[-1]["signal"] == signal.SIGABRT else said[-2]["said"]
            assert end in ("done", "refused", "aborted"), f"{fault} of {total}: {said[-2:]}"
            ends[end] += 1
            assert looked_at(tmp_path / "struck", said) == [], f"{fault} of {total}"
    assert ends["refused"] > ends["aborted"]
    tally("R4", changes=total * len(TROUBLES), damaged=0, **ends)


@pytest.fixture
def old(tmp_path):
    """A folder as the first version left it, with rows in it."""
    folder = new_folder(tmp_path / "data")
    (folder / "store.duckdb").unlink()
    first_version, name, statements = queries.migrations()[0]
    with duckdb.connect(str(folder / "store.duckdb"), config=CONFIG) as connection:
        connection.execute(
            "CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMP NOT NULL)"
        )
        connection.execute(statements)
        connection.execute(
            "INSERT INTO schema_migration VALUES (?, ?, now()::TIMESTAMP)", [first_version, name]
        )
        connection.execute(
            "INSERT INTO cm_observation SELECT 'shop', printf('%08d', i), TIMESTAMP '2026-11-01', TIMESTAMP '2026-11-02',"
            " '発送待機', 0, NULL, '---', NULL, TIMESTAMP '2026-11-01', 'r1', 'r2' FROM range(500) AS t(i)"
        )
    return folder


def test_a_migration_killed_at_any_change_goes_on_from_there(failing, old, tmp_path, sized, tally):
    total = changes(failing, shutil.copytree(old, tmp_path / "dry"), "opened")
    newest, stopped_at = queries.migrations()[-1][0], set()
    struck = 0
    for at in steps(total, random.Random(13), 5, sized):
        said = played(failing, old, tmp_path / "struck", {"at": at}, "opened")
        struck += said[-1]["signal"] == signal.SIGKILL
        stopped_at.add(version(tmp_path / "struck"))
        desk = Workspace.open(tmp_path / "struck")
        desk.accounts()
        assert desk.incidents() == ()
        with desk._db.read() as cursor:
            assert cursor.execute(
                "SELECT count(*), min(phase_name) FROM cm_observation"
            ).fetchone() == (500, "発送待機")
        afresh()
        assert version(tmp_path / "struck") == newest
    assert struck
    tally("R20", changes=total, struck=struck, versions=len(stopped_at), lost=0)


def version(folder):
    with duckdb.connect(str(folder / "store.duckdb"), config=CONFIG) as connection:
        return connection.execute("SELECT max(version) FROM schema_migration").fetchone()[0]
