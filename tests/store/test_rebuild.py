"""A lost mirror comes back: accounts from the ledger, observations from their copy."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reconcile import Workspace


@pytest.fixture(autouse=True)
def keys_in_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))


def seeded(workspace):
    workspace.add_account(
        "shop", company_code="7301", key="secretkey1", base_url="https://crossmall.example/webapi2"
    )
    with workspace._db.write() as cursor:
        cursor.execute(
            "INSERT INTO cm_observation VALUES ('shop', '00000001', '2026-11-01', '2026-11-02', '発送待機', 0,"
            " NULL, '---', NULL, '2026-11-01', 'r1', 'r2')"
        )
    workspace._history.copy_out()
    return workspace


@pytest.mark.parametrize("damage", ["removed", "overwritten"])
def test_accounts_and_history_survive_the_loss_of_the_database(tmp_path, damage):
    workspace = seeded(Workspace.open(tmp_path / "data"))
    workspace._db.close()
    file = tmp_path / "data" / "store.duckdb"
    file.unlink() if damage == "removed" else file.write_bytes(b"ruined")
    again = Workspace.open(tmp_path / "data")
    assert [account.name for account in again.accounts()] == ["shop"]
    with again._db.read() as cursor:
        assert cursor.execute("SELECT order_number, phase_name FROM cm_observation").fetchall() == [
            ("00000001", "発送待機")
        ]
    if damage == "overwritten":
        aside = next(check for check in again.doctor() if check.id == "set_aside")
        assert aside.state == "warning"


def test_a_removed_account_stays_removed_after_a_rebuild(tmp_path):
    workspace = seeded(Workspace.open(tmp_path / "data"))
    workspace.remove_account("shop")
    workspace._db.close()
    (tmp_path / "data" / "store.duckdb").unlink()
    again = Workspace.open(tmp_path / "data")
    assert again.accounts() == ()
    with again._db.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM cm_observation").fetchone() == (0,)


def test_a_mirror_that_lost_its_last_writes_gets_its_history_back(tmp_path):
    workspace = seeded(Workspace.open(tmp_path / "data"))
    workspace._db.close()
    file = tmp_path / "data" / "store.duckdb"
    earlier = file.read_bytes()
    with workspace._db.write() as cursor:
        cursor.execute(
            "INSERT INTO cm_observation SELECT * REPLACE ('00000002' AS order_number) FROM cm_observation"
        )
    workspace._history.copy_out()
    workspace._db.close()
    file.write_bytes(earlier)
    with Workspace.open(tmp_path / "data")._db.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM cm_observation").fetchone() == (2,)


def test_the_copy_of_a_removed_accounts_history_goes_with_it(tmp_path):
    workspace = seeded(Workspace.open(tmp_path / "data"))
    copy = tmp_path / "data" / "history" / "observations.parquet"
    assert pq.read_metadata(copy).num_rows == 1
    workspace.remove_account("shop")
    assert pq.read_metadata(copy).num_rows == 0


@pytest.mark.parametrize("damage", ["cut", "flipped", "another table", "text"])
def test_a_damaged_copy_of_the_history_is_put_aside_and_the_start_goes_on(tmp_path, damage):
    workspace = seeded(Workspace.open(tmp_path / "data"))
    workspace._db.close()
    (tmp_path / "data" / "store.duckdb").unlink()
    copy = tmp_path / "data" / "history" / "observations.parquet"
    content = bytearray(copy.read_bytes())
    if damage == "another table":
        pq.write_table(pa.table({"order_number": ["1", "2"]}), copy)
    else:
        content[20:60] = bytes(40)
        kept = {"cut": content[:200], "flipped": content, "text": b"not a table"}[damage]
        copy.write_bytes(kept)
    again = Workspace.open(tmp_path / "data")
    assert [account.name for account in again.accounts()] == ["shop"]
    assert [one.kind for one in again.incidents()] == ["history"]
    assert not copy.exists()
