"""backup and restore: everything but the keys, checked, beside whoever works on the folder, and never over a newer decision."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
import zipfile

import pytest

from crossmall.types import Secret
from reconcile import LANGUAGES, Workspace
from reconcile.cli import main
from reconcile.errors import BackupUnusable, StoreTooNew, SyncBusy, UsageError
from reconcile.store.files import incidents
from tests.integration.conftest import KEY, ROOT, SandboxProcess
from tests.reliability.working import afresh

ROWS = (
    "SELECT * FROM cm_order ORDER BY ALL",
    "SELECT * FROM cm_observation ORDER BY ALL",
    "SELECT * FROM phase_role ORDER BY ALL",
    "SELECT account, feed, cursor_at FROM sync_cursor ORDER BY ALL",
)


@pytest.fixture(scope="module")
def synced(tmp_path_factory):
    """A folder after its first sync and one decision; tests work on copies of it."""
    shop = SandboxProcess("--orders", "12", "--seed", "7", "--clock", "frozen")
    folder = tmp_path_factory.mktemp("synced") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTSUGO_KEYRING", "off")
        patch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path_factory.mktemp("keys")))
        made = Workspace.open(folder)
        made.add_account("shop", company_code="ill", key=KEY, base_url=shop.url)
        made.sync("shop", parts=("orders",))
        decide(made, "保留")
        afresh()
    shop.stop()
    return folder


@pytest.fixture
def desk(synced, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(synced, folder, ignore=shutil.ignore_patterns("*.lock", "secrets.enc"))
    made = Workspace.open(folder)
    made._accounts.secrets.put("shop", Secret(KEY))
    return made


def decide(desk, name):
    desk._accounts.set_phase_role("shop", name, "before")


def decided(desk):
    return [
        entry.values["phase_name"]
        for entry in desk._ledger.entries()
        if entry.event == "phase_role.set"
    ]


def held(desk):
    with desk._db.read() as cursor:
        return [cursor.execute(statement).fetchall() for statement in ROWS]


def test_a_backup_brings_everything_but_the_keys_to_another_machine(desk, tmp_path):
    made = desk.backup(tmp_path / "b.zip")
    assert (made.accounts, made.acts, made.orders) == (("shop",), 2, len(held(desk)[0]))
    other = Workspace.open(tmp_path / "other")
    done = other.restore(tmp_path / "b.zip")
    assert held(other) == held(desk)
    assert decided(other) == ["保留"]
    assert (done.acts, done.acts_since, done.acts_aside) == (2, 0, 0)
    assert done.without_key == ("shop",)
    assert other._ledger.has_copy()


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_a_backup_is_its_owners_alone(desk, tmp_path):
    desk.backup(tmp_path / "b.zip")
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600


def test_no_key_and_no_other_file_of_the_folder_is_in_a_backup(desk, tmp_path):
    (desk.data / "settings.toml").write_text("stale_after_h = 4\n", encoding="utf-8")
    (desk.data / "something.txt").write_text("else", encoding="utf-8")
    desk.backup(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        names = archive.namelist()
        assert all(KEY.encode() not in archive.read(name) for name in names)
    assert sorted(names) == ["ledger.jsonl", "manifest.json", "settings.toml", "store.duckdb"]


@pytest.mark.parametrize("place", ["settings", "note"])
def test_a_key_that_somebody_wrote_down_keeps_the_backup_from_being_made(desk, tmp_path, place):
    if place == "settings":
        (desk.data / "settings.toml").write_text(f"# {KEY}\nstale_after_h = 4\n", encoding="utf-8")
    else:
        desk._ledger.append("note", "shop", {"text": f"key {KEY}"})
    with pytest.raises(BackupUnusable) as caught:
        desk.backup(tmp_path / "b.zip")
    assert caught.value.help_key == "error.backup.key"
    assert not (tmp_path / "b.zip").exists()
    assert KEY not in str(caught.value)


def test_the_address_of_a_channel_keeps_the_backup_from_being_made(desk, tmp_path):
    address = "https://hooks.example.com/T0/B0/secret-part"
    desk.set_alert_channel("team", kind="slack", secret=address)
    desk.backup(tmp_path / "a.zip")
    desk._ledger.append("note", "shop", {"text": f"see {address}"})
    with pytest.raises(BackupUnusable, match="alert:team"):
        desk.backup(tmp_path / "b.zip")


def test_what_was_decided_after_the_backup_stays(desk, tmp_path):
    desk.backup(tmp_path / "b.zip")
    decide(desk, "あとで決めた")
    done = desk.restore(tmp_path / "b.zip")
    assert (done.acts, done.acts_since, done.acts_aside) == (3, 1, 0)
    assert decided(desk) == ["保留", "あとで決めた"]
    assert ("shop", "あとで決めた", "before", "person") in held(desk)[2]


def test_what_another_machine_saw_of_the_same_account_stays_beside_the_history_of_the_backup(
    desk, tmp_path
):
    """It saw less, at another time; neither can be fetched again."""
    desk.backup(tmp_path / "b.zip")
    kept = held(desk)[1]
    with desk._db.write() as cursor:
        cursor.execute("DELETE FROM cm_observation WHERE order_number <> $one", {"one": kept[0][1]})
        cursor.execute("UPDATE cm_observation SET first_seen_at = first_seen_at - INTERVAL 1 DAY")
    desk._history.copy_out()
    own = held(desk)[1]
    assert 0 < len(own) < len(kept)
    desk.restore(tmp_path / "b.zip")
    assert held(desk)[1] == sorted([*own, *kept])


def test_a_broken_ledger_is_made_whole_from_a_backup_and_what_followed_it(desk, tmp_path):
    desk.backup(tmp_path / "b.zip")
    decide(desk, "あとで決めた")
    for path in (desk._ledger.path, desk._ledger.copy):
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(lines[0].replace(b"digest", b"d1gest") + b"".join(lines[1:]))
    afresh()
    again = Workspace.open(desk.data)
    assert [one.kind for one in again.incidents()] == ["ledger_unusable"]
    done = again.restore(tmp_path / "b.zip")
    assert (done.acts, done.acts_aside) == (3, 0)
    assert decided(again) == ["保留", "あとで決めた"]
    assert again.incidents() == ()


def test_acts_that_do_not_join_on_are_put_aside_only_when_asked_to(desk, tmp_path):
    desk.backup(tmp_path / "b.zip")
    other = Workspace.open(tmp_path / "other")
    other.add_account("shop", company_code="ill", key=KEY, base_url="http://127.0.0.1:9/webapi2")
    before = other._ledger.path.read_bytes()
    with pytest.raises(UsageError) as caught:
        other.restore(tmp_path / "b.zip")
    assert (caught.value.help_key, caught.value.values["n"]) == ("error.restore.acts", 1)
    assert other._ledger.path.read_bytes() == before
    done = other.restore(tmp_path / "b.zip", setting_acts_aside=True)
    assert decided(other) == ["保留"]
    kept = [
        (other.data / name).read_bytes()
        for name in done.aside
        if name.startswith("ledger-replaced")
    ]
    assert kept == [before]
    assert incidents(other.data) == (), "what was replaced on purpose is no damage"


@pytest.mark.parametrize(
    "damage", ["flipped", "cut", "no zip", "a further file", "a file less", "an act less", "gone"]
)
def test_a_backup_that_is_not_as_it_was_written_changes_nothing(desk, tmp_path, damage):
    file = tmp_path / "b.zip"
    desk.backup(file)
    before = held(desk)
    spoil(file, damage)
    with pytest.raises(BackupUnusable):
        desk.restore(file)
    assert held(desk) == before
    assert not list(desk.data.glob("*-replaced-*"))
    assert not list(desk.data.glob(".room-*"))


def spoil(file, damage):
    content = bytearray(file.read_bytes())
    if damage == "flipped":
        for place in range(len(content) // 4, len(content) // 2, 97):
            content[place] ^= 1
    elif damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "no zip":
        content = bytearray(b"not a zip")
    if damage == "gone":
        file.unlink()
    elif damage in ("a further file", "a file less", "an act less"):
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        if damage == "a file less":
            members.pop("ledger.jsonl")
        elif damage == "a further file":
            members["../x"] = b"x"
        else:
            members["ledger.jsonl"] = members["ledger.jsonl"].splitlines(keepends=True)[0]
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
    else:
        file.write_bytes(content)


def test_a_backup_of_a_newer_version_is_refused(desk, tmp_path):
    file = tmp_path / "b.zip"
    desk.backup(file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(members["manifest.json"]) | {"schema": 9999}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in (members | {"manifest.json": json.dumps(told).encode()}).items():
            archive.writestr(name, data)
    with pytest.raises(StoreTooNew):
        desk.restore(file)


def test_a_file_that_is_no_backup_is_not_overwritten(desk, tmp_path):
    for file in (tmp_path / "mine.txt", desk.data / "store.duckdb", desk.data / "ledger.jsonl"):
        if not file.exists():
            file.write_text("mine", encoding="utf-8")
        before = file.read_bytes()
        with pytest.raises(UsageError):
            desk.backup(file)
        assert file.read_bytes() == before


def test_a_backup_that_cannot_be_written_leaves_the_older_one(desk, tmp_path):
    file = tmp_path / "b.zip"
    desk.backup(file)
    before = file.read_bytes()
    desk._ledger.append("note", "shop", {"text": KEY})
    with pytest.raises(BackupUnusable):
        desk.backup(file)
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("b.zip*")) == ["b.zip"]


def test_a_restore_waits_for_no_sync_and_says_who_syncs(desk, tmp_path):
    desk.backup(tmp_path / "b.zip")
    decide(desk, "あとで決めた")
    before = held(desk)
    with desk._sync_lock("shop").held(), pytest.raises(SyncBusy) as caught:
        Workspace.open(desk.data).restore(tmp_path / "b.zip")
    assert caught.value.help_key == "error.sync.busy_since"
    assert held(desk) == before


@pytest.fixture
def slow_shop():
    shop = SandboxProcess(
        *("--orders", "40", "--seed", "7", "--clock", "frozen", "--latency-ms", "40")
    )
    yield shop
    shop.stop()


def test_backups_beside_a_running_sync_and_a_desk_are_each_one_state(
    slow_shop, tmp_path, sized, tally
):
    """A process syncs, a thread decides, and meanwhile backups are made: rows and cursor of each belong together."""
    desk = Workspace.open(tmp_path / "data")
    desk.add_account("shop", company_code="ill", key=KEY, base_url=slow_shop.url)
    desk._db.close()
    command = [
        sys.executable,
        "-m",
        "reconcile",
        "--data",
        str(desk.data),
        "sync",
        "--only",
        "orders",
        "--json",
    ]
    sync = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    stop = threading.Event()
    acts = []

    def act():
        while not stop.is_set():
            decide(desk, f"段階{len(acts)}")
            acts.append(len(acts))
            time.sleep(0.05)

    thread = threading.Thread(target=act)
    thread.start()
    made = []
    while sync.poll() is None and len(made) < sized(2, 20):
        made.append(desk.backup(tmp_path / f"b{len(made)}.zip"))
        time.sleep(0.3)
    stop.set()
    thread.join()
    out, err = sync.communicate(timeout=120)
    assert sync.returncode in (0, 1), err
    assert json.loads(out)["complete"]
    assert made
    for number, manifest in enumerate(made):
        other = Workspace.open(tmp_path / f"other{number}")
        done = other.restore(tmp_path / f"b{number}.zip")
        assert (done.orders, done.acts) == (manifest.orders, manifest.acts)
        assert len(decided(other)) == manifest.acts - 1
        orders, seen, roles, _ = held(other)
        assert {row[1] for row in orders} == {row[1] for row in seen}
        assert sum(role[3] == "person" for role in roles) == manifest.acts - 1
    assert desk._ledger.has_copy()
    assert len(decided(desk)) == len(acts)
    tally("R2", backups=len(made), acts_meanwhile=len(acts), torn=0)


def test_an_interrupted_restore_is_done_again(desk, tmp_path):
    """Killed after the old mirror was put aside and before the new one was in its place, where links are unknown."""
    desk.backup(tmp_path / "b.zip")
    before = held(desk)
    desk._db.close()
    (desk.data / "store.duckdb").rename(desk.data / "store-replaced-20260101-000000-000000.duckdb")
    shutil.copytree(tmp_path / "data", tmp_path / "again", ignore=shutil.ignore_patterns("*.lock"))
    again = Workspace.open(tmp_path / "again")
    assert [one.name for one in again.accounts()] == ["shop"]
    again.restore(tmp_path / "b.zip")
    assert held(again) == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_commands_say_what_happened(desk, tmp_path, capsys, lang):
    file, other = str(tmp_path / "b.zip"), str(tmp_path / "other")
    assert main(["--data", str(desk.data), "--lang", lang, "backup", "--out", file]) == 0
    said = capsys.readouterr().out
    assert file in said
    assert main(["--data", other, "--lang", lang, "restore", file]) == 1, "a key is missing"
    assert "shop" in capsys.readouterr().out
    assert main(["--data", other, "--lang", lang, "restore", file, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["accounts"], document["without_key"], document["acts_aside"]) == (
        ["shop"],
        ["shop"],
        0,
    )
    assert main(["--data", other, "restore", str(tmp_path / "none.zip"), "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "error.backup.unreadable"


@pytest.mark.parametrize(("lang", "word"), [("ja", "退避"), ("en", "put aside")])
def test_a_command_that_meets_a_damaged_store_says_so(desk, capsys, lang, word):
    desk._db.close()
    afresh()
    (desk.data / "store.duckdb").write_bytes(b"ruined")
    assert main(["--data", str(desk.data), "--lang", lang, "account", "list", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["accounts"][0]["account"] == "shop"
    assert word in told.err
    assert main(["--data", str(desk.data), "--lang", lang, "account", "list"]) == 0
    assert word not in capsys.readouterr().err, "said once, then told by the doctor"
    assert main(["--data", str(desk.data), "doctor", "--json"]) == 1
    checks = {one["id"]: one["state"] for one in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["set_aside"] == "warning"
