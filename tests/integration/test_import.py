"""Smartship files into the mirror: coverage, history, repeats, and files that are none."""

import shutil
from datetime import datetime, timedelta

import pytest

from reconcile import LANGUAGES, Text, UsageError, Workspace
from tests.integration.conftest import KEY, frozen_shop


@pytest.fixture(scope="module")
def sandbox():
    """One shop for all: its clock stands still and nobody changes it."""
    running = frozen_shop()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def synced_folder(tmp_path_factory, sandbox):
    """A folder after its first sync, to be copied."""
    folder = tmp_path_factory.mktemp("synced")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTSUGO_KEYRING", "off")
        patch.setenv("TOTSUGO_KEY_FOLDER", str(folder / "keys"))
        made = Workspace.open(folder / "data")
        made.add_account("shop", company_code="ill", key=KEY, base_url=sandbox.url)
        made.sync("shop")
        made._db.close()
    return folder / "data"


@pytest.fixture
def synced(tmp_path, synced_folder):
    """A workspace of its own after the first sync; its key stays in the folder it was stored for."""
    shutil.copytree(synced_folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*.lock"))
    return Workspace.open(tmp_path / "copy")


def exported(sandbox, kind, **query):
    data, headers = sandbox.file(kind, encoding="cp932", **query)
    return data, {
        "snapshot_at": datetime.fromisoformat(headers["X-Snapshot-At"]),
        "covers_from": datetime.fromisoformat(headers["X-Coverage-From"]),
        "covers_to": datetime.fromisoformat(headers["X-Coverage-To"]),
    }


def test_a_file_is_judged_only_inside_the_coverage_it_states(synced, sandbox, look):
    data, stated = exported(sandbox, "orders")
    (report,) = synced.import_files("shop", [("orders.csv", data)], **stated)
    assert report.accepted > 50
    assert report.rejected == ()
    covered = {one.rule for one in synced.findings("shop", kind="finding")}
    assert "F07" in covered
    unknown = [one for one in synced.findings("shop", kind="cannot_tell") if one.rule == "F07"]
    assert unknown == []


def test_a_file_without_stated_coverage_proves_no_absence(synced, sandbox, look):
    data, _ = exported(sandbox, "orders")
    synced.import_files("shop", [("list.csv", data)])
    rules = {one.rule for one in synced.findings("shop", kind="finding")}
    assert "F07" not in rules
    assert "F03" not in rules
    assert any(one.rule == "F07" for one in synced.findings("shop", kind="cannot_tell"))


def test_a_filtered_file_proves_no_absence(synced, sandbox):
    data, stated = exported(sandbox, "orders")
    synced.import_files("shop", [("orders.csv", data)], filtered=True, **stated)
    assert "F07" not in {one.rule for one in synced.findings("shop", kind="finding")}


def test_the_same_file_twice_changes_nothing(workspace, sandbox, look):
    data, stated = exported(sandbox, "orders")
    (first,) = workspace.import_files("shop", [("a.csv", data)], **stated)
    before = look(workspace, "SELECT * FROM ss_shipment_line ORDER BY line_key")
    (again,) = workspace.import_files("shop", [("b.csv", data)], **stated)
    assert (first.already_known, again.already_known) == (False, True)
    assert look(workspace, "SELECT * FROM ss_shipment_line ORDER BY line_key") == before
    assert look(workspace, "SELECT count(*) FROM ss_import") == [(1,)]


def test_an_older_file_adds_history_but_never_takes_the_newest_state_back(workspace, sandbox, look):
    new, stated = exported(sandbox, "orders")
    yesterday = (stated["snapshot_at"] - timedelta(hours=26)).isoformat().replace("+", "%2B")
    old, old_stated = exported(sandbox, "orders", at=yesterday)
    workspace.import_files("shop", [("new.csv", new)], **stated)
    before = look(
        workspace, "SELECT line_key, status, snapshot_at FROM ss_shipment_line ORDER BY 1"
    )
    workspace.import_files("shop", [("old.csv", old)], **old_stated)
    after = look(workspace, "SELECT line_key, status, snapshot_at FROM ss_shipment_line ORDER BY 1")
    assert after == before
    histories = look(
        workspace,
        "SELECT count(*) FROM (SELECT 1 FROM ss_shipment_status GROUP BY line_key HAVING count(*) = 2)",
    )
    assert histories[0][0] > 0


NO_TABLES = {
    "empty": (b"", "error.import.empty_file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, None),
    "letter": ("拝啓\n時下ますますご清栄のこととお慶び申し上げます。\n".encode(), None),
    "euc": ("注文番号,数量,状態\n1,2,出荷完了\n".encode("euc_jp"), None),
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_a_file_that_is_no_table_is_one_message_and_nothing_is_stored(name, workspace, look):
    data, key = NO_TABLES[name]
    (report,) = workspace.import_files("shop", [(f"{name}.csv", data)])
    assert report.rejected_file is not None
    assert key in (None, report.rejected_file[0])
    for lang in LANGUAGES:
        assert Text(lang)(report.rejected_file[0], **report.rejected_file[1], file="x")
    assert look(workspace, "SELECT count(*) FROM ss_import") == [(0,)]


def test_one_bad_file_does_not_stop_the_good_one_beside_it(workspace, sandbox, look):
    data, stated = exported(sandbox, "orders")
    bad, good = workspace.import_files("shop", [("bad.csv", b""), ("good.csv", data)], **stated)
    assert bad.rejected_file is not None
    assert good.accepted > 0
    assert look(workspace, "SELECT count(*) FROM ss_import") == [(1,)]
    assert [entry.event for entry in workspace._ledger.entries()][-1] == "file.imported"


def test_a_file_of_other_shops_is_named_as_such(synced, sandbox):
    data, stated = exported(sandbox, "orders")
    text = data.decode("cp932")
    header, *lines = text.splitlines()
    at = header.split(",").index("ショップID")
    moved = [header]
    for line in lines:
        cells = line.split(",")
        cells[at] = "99"
        moved.append(",".join(cells))
    (report,) = synced.import_files("shop", [("x.csv", "\n".join(moved).encode("cp932"))], **stated)
    assert "no_shop_in_common" in {code for code, _ in report.warnings}


def test_new_expected_phase_names_are_compared_at_once(workspace):
    workspace.sync("shop", parts=("orders",))
    workspace.change_account("shop", shipped_phase="QXPRESS発送濟み")
    rows = {phase.name: phase for phase in workspace.phases("shop")}
    assert rows["QXPRESS発送濟み"].present is False
    assert rows["QXPRESS発送済み"].lookalike_of == "QXPRESS発送濟み"
    assert any(one.rule == "F06" and one.severity == "high" for one in workspace.findings("shop"))


def test_demo_files_are_for_the_demo_only(workspace):
    with pytest.raises(UsageError):
        workspace.import_demo_files("shop")
