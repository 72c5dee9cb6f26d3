"""Keys are encrypted, private, replaceable and removable."""

import os
import stat
import threading

import pytest
from cryptography.fernet import Fernet

from crossmall.types import Secret
from reconcile.errors import SecretsUnavailable
from reconcile.secrets import FileSecrets, hint, open_secrets

KEY = "mXCTpnoA-canary"


@pytest.fixture
def store(tmp_path):
    return FileSecrets(tmp_path / "data", tmp_path / "config")


def test_a_key_comes_back_and_nothing_on_disk_shows_it(store, tmp_path):
    store.put("shop", Secret(KEY))
    store.put("other", Secret("another-one"))
    assert store.get("shop").reveal() == KEY
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes()


def test_the_key_of_the_file_lies_outside_the_data_folder(store, tmp_path):
    store.put("shop", Secret(KEY))
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secrets.enc"]
    assert [path.suffix for path in (tmp_path / "config").glob("*[!k]")] == [".key"]


def test_rotation_replaces_and_removal_forgets(store):
    store.put("shop", Secret(KEY))
    store.put("shop", Secret("rotated"))
    assert store.get("shop").reveal() == "rotated"
    store.remove("shop")
    store.remove("shop")
    assert store.get("shop") is None


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
@pytest.mark.parametrize("folder", ["data", "config"])
def test_files_are_private_and_refused_when_others_may_read_them(store, tmp_path, folder):
    store.put("shop", Secret(KEY))
    (file,) = (tmp_path / folder).glob("*[!k]")  # all but the lock
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(SecretsUnavailable) as caught:
        store.get("shop")
    assert caught.value.help_key == "error.secrets.too_open"


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_a_folder_of_keys_that_others_may_enter_is_refused(store, tmp_path):
    store.put("shop", Secret(KEY))
    assert stat.S_IMODE((tmp_path / "config").stat().st_mode) == 0o700
    (tmp_path / "config").chmod(0o750)
    for attempt in (lambda: store.get("shop"), lambda: store.put("x", Secret("y"))):
        with pytest.raises(SecretsUnavailable) as caught:
            attempt()
        assert (caught.value.help_key, caught.value.values["mode"]) == (
            "error.secrets.too_open",
            "700",
        )


@pytest.mark.skipif(os.name != "posix", reason="owners are a POSIX matter")
def test_a_file_of_another_user_is_refused(store, tmp_path, monkeypatch):
    store.put("shop", Secret(KEY))
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    with pytest.raises(SecretsUnavailable) as caught:
        store.get("shop")
    assert caught.value.help_key == "error.secrets.not_ours"


def test_with_the_last_key_the_files_go_too(store, tmp_path):
    store.put("shop", Secret(KEY))
    store.put("other", Secret("another-one"))
    store.remove("shop")
    assert store.get("other").reveal() == "another-one"
    store.remove("other")
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".lock"]


def test_keys_put_by_several_at_once_are_all_there(store):
    threads = [
        threading.Thread(target=store.put, args=(f"shop{number}", Secret(f"key-{number}")))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.get(f"shop{number}").reveal() for number in range(8)] == [
        f"key-{number}" for number in range(8)
    ]


@pytest.mark.parametrize("loss", ["gone", "another", "no key at all"])
def test_without_its_own_key_the_file_is_refused_and_makes_way_for_a_key_entered_again(
    store, tmp_path, loss
):
    store.put("shop", Secret(KEY))
    before = (tmp_path / "data" / "secrets.enc").read_bytes()
    (key_file,) = (tmp_path / "config").glob("*.key")
    if loss == "gone":
        key_file.unlink()
    else:
        key_file.write_bytes(Fernet.generate_key() if loss == "another" else b"no key at all")
    for _ in range(2):
        with pytest.raises(SecretsUnavailable) as caught:
            store.get("shop")
        assert caught.value.help_key == "error.secrets.unreadable"
    assert (tmp_path / "data" / "secrets.enc").read_bytes() == before
    store.put("shop", Secret("entered again"))
    assert store.get("shop").reveal() == "entered again"
    (aside,) = (tmp_path / "data").glob("secrets-unreadable-*.enc")
    assert aside.read_bytes() == before


def test_a_damaged_key_without_any_file_makes_way_too(store, tmp_path):
    store.put("shop", Secret(KEY))
    (tmp_path / "data" / "secrets.enc").unlink()
    (key_file,) = (tmp_path / "config").glob("*.key")
    key_file.write_bytes(b"no key at all")
    store.put("shop", Secret(KEY))
    assert store.get("shop").reveal() == KEY


def test_a_plain_text_keyring_is_never_used(tmp_path, monkeypatch):
    import keyring
    from keyring.backend import KeyringBackend

    class PlainText(KeyringBackend):
        priority = 10

        def get_password(self, service, username): ...
        def set_password(self, service, username, password): ...
        def delete_password(self, service, username): ...

    monkeypatch.setattr(keyring, "get_keyring", PlainText)
    assert open_secrets(tmp_path).kind == "file"


def test_only_the_ending_of_a_key_is_ever_shown():
    assert hint(Secret(KEY)) == "ry"
    assert hint(None) is None
    assert KEY not in repr(Secret(KEY))
