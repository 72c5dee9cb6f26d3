"""R3, R19: files that were damaged while nobody looked: every start works, says what happened, and loses no decision."""

import contextlib
import random
import shutil
import time

import pytest

from reconcile import Workspace
from reconcile.errors import StoreDamaged
from reconcile.store.files import incidents
from tests.integration.conftest import KEY
from tests.reliability.checker import Checker
from tests.reliability.desk import LivingShop, open_desk
from tests.reliability.working import Worker, afresh
from tests.store.damage import mutated

STORE, LOG, LEDGER, COPY, HISTORY = (
    "store.duckdb", "store.duckdb.wal", "ledger.jsonl", "ledger-copy.jsonl", "history/observations.parquet",
)  # fmt: skip
TABLES = (
    "cm_order",
    "cm_order_line",
    "cm_component",
    "cm_item",
    "cm_sku",
    "cm_stock",
    "cm_observation",
)
ROLES = [f"段階{number}" for number in range(8)]
EVERY_ROW = "SELECT 'SELECT count(*), count(COLUMNS(*)) FROM ' || table_name FROM duckdb_tables() ORDER BY table_name"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTSUGO_KEYRING", "off")
        running = LivingShop(orders=25)
        yield running
        running.stop()


@pytest.fixture(scope="module")
def left(shop, tmp_path_factory):
    """A folder as a killed process leaves it: orders, history and decisions, the last ones in a log beside the store."""
    data = tmp_path_factory.mktemp("left") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTSUGO_KEYRING", "off")
        patch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path_factory.mktemp("keys")))
        desk = open_desk(data, shop, kind=Workspace)
        desk.sync("shop")
        for name in ROLES[:-1]:
            desk._accounts.set_phase_role("shop", name, "before")
        desk._db.checkpoint()
        afresh()
        worker = Worker()
        worker.do("die_with_a_log", data, ROLES[-1])
        worker.stop()
    assert (data / LOG).stat().st_size > 0
    return data


def start(folder, shop):
    """What a first visit does. A damage that shows only while it reads is said once; the next try works."""
    afresh()
    desk = Workspace.open(folder, clock=shop.clock)
    for said in range(3):
        with contextlib.suppress(StoreDamaged):
            visit(desk)
            return desk, said
    raise AssertionError("the damage is said again and again")


def visit(desk):
    desk.overview()
    desk.orders()
    desk.doctor()
    with desk._db.read() as cursor:
        for (statement,) in cursor.execute(EVERY_ROW).fetchall():
            cursor.execute(statement).fetchall()


def rows(desk):
    with desk._db.read() as cursor:
        return {
            name: cursor.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in TABLES
        }


def roles(desk):
    with desk._db.read() as cursor:
        found = cursor.execute(
            "SELECT phase_name FROM phase_role WHERE origin = 'person' ORDER BY 1"
        ).fetchall()
    return [name for (name,) in found]


@pytest.fixture(scope="module")
def whole(left, shop, tmp_path_factory):
    """Every row of the undamaged folder."""
    folder = shutil.copytree(left, tmp_path_factory.mktemp("whole") / "data")
    desk, said = start(folder, shop)
    assert (said, desk.incidents(), roles(desk)) == (0, (), ROLES)
    return rows(desk)


def damaged(left, folder, name, dice):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(left, folder)
    file = folder / name
    if dice.random() < 0.1:
        file.unlink()
        return "missing"
    file.write_bytes(mutated(file.read_bytes(), dice))
    return "changed"


def complaints(desk, whole, name, kind):
    """What was lost although it may not be, or not told although it should be."""
    wrong = [] if roles(desk) == ROLES else [f"decisions: {roles(desk)}"]
    found = rows(desk)
    if found["cm_observation"] != whole["cm_observation"]:
        wrong.append("the history is not whole")
    told = {one.kind for one in desk.incidents()}
    if found != whole and "store" not in told and name == STORE and kind == "changed":
        wrong.append(f"rows are gone and nobody was told: {told}")
    if told and not any(check.id == "set_aside" for check in desk.doctor()):
        wrong.append("the doctor does not tell")
    return wrong


@pytest.mark.parametrize("name", [STORE, LOG, LEDGER, COPY, HISTORY])
@pytest.mark.minutes(4)
def test_a_damaged_file_stops_no_start_and_costs_no_decision(
    left, whole, shop, tmp_path, sized, tally, name
):
    dice, rounds = random.Random(name), sized(4 if name in (STORE, LOG) else 2, 250)
    said, told = 0, 0
    for _ in range(rounds):
        kind = damaged(left, tmp_path / "data", name, dice)
        desk, said_now = start(tmp_path / "data", shop)
        said += said_now
        told += bool(desk.incidents())
        assert complaints(desk, whole, name, kind) == []
    tally(
        "R3", files=rounds, starts=rounds, said_while_reading=said, put_aside=told, decisions_lost=0
    )


def test_a_history_whose_names_are_no_text_is_damaged(left, whole, shop, tmp_path):
    folder = shutil.copytree(left, tmp_path / "data")
    content = (folder / HISTORY).read_bytes()
    (folder / HISTORY).write_bytes(content.replace(b"order_number", b"order_n\xebmber"))
    desk, _ = start(folder, shop)
    assert [one.kind for one in desk.incidents()] == ["history"]
    assert complaints(desk, whole, HISTORY, "changed") == []


def test_a_damaged_history_is_made_anew_before_anything_else_is_damaged(
    left, whole, shop, tmp_path
):
    folder = shutil.copytree(left, tmp_path / "data")
    (folder / HISTORY).write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    start(folder, shop)
    (folder / STORE).write_bytes(bytes(20_000))
    desk, _ = start(folder, shop)
    assert sorted(one.kind for one in desk.incidents()) == ["history", "store"]
    assert complaints(desk, whole, STORE, "changed") == []


def test_after_a_rebuild_the_next_sync_brings_back_what_the_vendor_has(left, shop, tmp_path):
    folder = shutil.copytree(left, tmp_path / "data")
    (folder / STORE).write_bytes(bytes(20_000))
    desk, _ = start(folder, shop)
    assert [one.kind for one in incidents(folder)] == ["store"]
    assert [health.state for health in desk.overview().health] == ["never"], (
        "a rebuilt mirror is not in step"
    )
    desk.change_account("shop", key=KEY)  # keys belong to the folder they were stored in
    truth = Checker(shop.reader)
    truth.look()
    desk.sync("shop")
    assert truth.everything(desk) == []
    assert roles(desk) == ROLES


def test_a_store_and_both_ledgers_damaged_at_once_still_start_for_reading(left, shop, tmp_path):
    folder = shutil.copytree(left, tmp_path / "data")
    for name in (LEDGER, COPY):
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)
    desk, _ = start(folder, shop)
    assert [one.kind for one in desk.incidents()] == ["ledger_unusable"]
    assert roles(desk)[: len(ROLES) - 1] == ROLES[:-1], "the mirror remembers"
    with pytest.raises(Exception, match=r"error\.ledger\.broken"):
        desk.set_phase_role("shop", "新しい段階", "before")
    (folder / STORE).write_bytes(bytes(20_000))
    (folder / LOG).unlink()
    desk, _ = start(folder, shop)
    assert desk.accounts() == ()
    assert {one.kind for one in desk.incidents()} == {"store", "ledger_unusable"}


def test_a_lost_mirror_of_many_orders_has_its_history_and_decisions_back_in_time(
    left, tmp_path, sized, tally
):
    orders, acts = sized(5_000, 50_000), sized(50, 2_000)
    folder = shutil.copytree(left, tmp_path / "data")
    afresh()
    desk = Workspace.open(folder)
    with desk._db.write() as cursor:
        cursor.execute(
            "INSERT INTO cm_observation SELECT 'shop', printf('%08d', 900000 + i), TIMESTAMP '2026-11-01',"
            " TIMESTAMP '2026-11-02', '発送待機', 0, NULL, '---', NULL, TIMESTAMP '2026-11-01', 'r1', 'r2'"
            " FROM range($n) AS t(i)",
            {"n": orders},
        )
    desk._history.copy_out()
    for number in range(acts):
        desk._ledger.append(
            "phase_role.set", "shop", {"phase_name": f"名{number}", "role": "before"}
        )
    afresh()
    (folder / STORE).unlink()
    begun = time.monotonic()
    desk = Workspace.open(folder)
    assert len(desk.accounts()) == 1
    seconds = time.monotonic() - begun
    with desk._db.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM cm_observation").fetchone()[0] >= orders
        assert cursor.execute(
            "SELECT count(*) FROM phase_role WHERE phase_name LIKE '名%'"
        ).fetchone() == (acts,)
    assert seconds < 60
    tally("R3", orders=orders, acts=acts, worst_s=round(seconds, 2))
