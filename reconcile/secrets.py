"""Where API keys live: the operating system's keyring, else an encrypted file whose key lies outside the data folder.

Never in plain text, never in the database, the ledger, a log or an error. Only `ClientKey.reveal` users see one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import keyring
import platformdirs
from cryptography.fernet import Fernet, InvalidToken
from filelock import FileLock
from keyring.errors import KeyringError

from crossmall.types import Secret
from reconcile.errors import SecretsUnavailable
from reconcile.store.files import put_aside, write_whole

# Backends that keep secrets encrypted by the operating system; a plain-text one is never used silently.
_TRUSTED_BACKENDS = (
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
)

OWNER_ONLY = 0o600
UNREADABLE = "error.secrets.unreadable"


class SecretStore(Protocol):
    """A place for the keys of the accounts of one data folder."""

    @property
    def kind(self) -> str:
        """Keyring | file."""
        ...

    def get(self, account: str) -> Secret | None:
        """The stored key, or None. Raises SecretsUnavailable if there is one that cannot be read."""
        ...

    def put(self, account: str, key: Secret) -> None:
        """Store or replace the key."""
        ...

    def remove(self, account: str) -> None:
        """Forget the key; nothing happens if there is none."""
        ...


def open_secrets(data: Path) -> SecretStore:
    """The safest place this machine offers for the keys of that data folder."""
    if os.environ.get("TOTSUGO_KEYRING", "on") != "off":
        backend = type(keyring.get_keyring()).__module__
        if backend.startswith(_TRUSTED_BACKENDS):
            return KeyringSecrets(data)
    return FileSecrets(data, _key_folder())


def hint(key: Secret | None) -> str | None:
    """The last two characters of a key, all that is ever shown of it."""
    return key.reveal()[-2:] if key is not None else None


class KeyringSecrets:
    """Keys in the operating system's keyring, apart for each data folder."""

    kind = "keyring"

    def __init__(self, data: Path) -> None:
        digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
        self._service = f"totsugo-{digest}"

    def get(self, account: str) -> Secret | None:
        """The stored key, or None. Raises SecretsUnavailable if the keyring refuses."""
        try:
            key = keyring.get_password(self._service, account)
        except KeyringError:
            raise SecretsUnavailable("error.secrets.keyring") from None
        return Secret(key) if key else None

    def put(self, account: str, key: Secret) -> None:
        """Store or replace the key. Raises SecretsUnavailable if the keyring refuses."""
        try:
            keyring.set_password(self._service, account, key.reveal())
        except KeyringError:
            raise SecretsUnavailable("error.secrets.keyring") from None

    def remove(self, account: str) -> None:
        """Forget the key; nothing happens if there is none."""
        try:
            keyring.delete_password(self._service, account)
        except keyring.errors.PasswordDeleteError:
            return
        except KeyringError:
            raise SecretsUnavailable("error.secrets.keyring") from None


class FileSecrets:
    """Keys in one encrypted file in the data folder; the file's own key lies in the user's configuration folder."""

    kind = "file"

    def __init__(self, data: Path, key_folder: Path) -> None:
        self._file = data / "secrets.enc"
        digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
        self._key_file = key_folder / f"{digest}.key"

    def get(self, account: str) -> Secret | None:
        """The stored key, or None. Raises SecretsUnavailable if the file cannot be opened with our key."""
        key = self._read().get(account)
        return Secret(key) if key else None

    def put(self, account: str, key: Secret) -> None:
        """Store or replace the key. A file that cannot be opened with our key makes way, put aside whole."""
        with self._alone():
            try:
                known = self._read()
            except SecretsUnavailable as error:
                if error.help_key != UNREADABLE:
                    raise
                for path in (self._file, self._key_file):
                    if path.exists():
                        put_aside(path, "unreadable")
                known = {}
            self._write(known | {account: key.reveal()})

    def remove(self, account: str) -> None:
        """Forget the key; nothing happens if there is none. With the last key both files go."""
        with self._alone():
            known = self._read()
            if known.pop(account, None) is None:
                return
            if known:
                self._write(known)
            else:
                self._file.unlink()
                self._key_file.unlink()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Inside the block no other process changes the keys. Raises SecretsUnavailable where the disk refuses."""
        try:
            self._key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._key_file.with_suffix(".lock"), mode=OWNER_ONLY):
                yield
        except OSError:
            raise SecretsUnavailable("error.secrets.unwritable", file=str(self._file)) from None

    def _read(self) -> dict[str, str]:
        try:
            if not self._file.exists():
                if self._key_file.exists():
                    Fernet(self._cipher_key())  # the next key is encrypted with it
                return {}
            _demand_private(self._file)
            plain = Fernet(self._cipher_key()).decrypt(self._file.read_bytes())
            content = json.loads(plain)
        except (InvalidToken, ValueError, OSError):
            raise self._unreadable() from None
        return {str(account): str(key) for account, key in content.items()}

    def _write(self, content: dict[str, str]) -> None:
        cipher = Fernet(self._cipher_key())
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        data = cipher.encrypt(json.dumps(content).encode())
        write_whole(self._file, data, mode=OWNER_ONLY)

    def _cipher_key(self) -> bytes:
        if not self._key_file.exists():
            if self._file.exists():
                raise self._unreadable()
            write_whole(self._key_file, Fernet.generate_key(), mode=OWNER_ONLY)
        _demand_private(self._key_file.parent)
        _demand_private(self._key_file)
        return self._key_file.read_bytes()

    def _unreadable(self) -> SecretsUnavailable:
        return SecretsUnavailable(UNREADABLE, file=str(self._file), key_file=str(self._key_file))


def _key_folder() -> Path:
    chosen = os.environ.get("TOTSUGO_KEY_FOLDER")
    return (
        Path(chosen) if chosen else Path(platformdirs.user_config_dir("totsugo", appauthor=False))
    )


def _demand_private(path: Path) -> None:
    """Refuse what others may read, or another user owns (POSIX only: Windows protects the user's folder itself)."""
    if os.name != "posix":
        return
    state = path.stat()
    if stat.S_IMODE(state.st_mode) & 0o077:
        mode = "700" if stat.S_ISDIR(state.st_mode) else "600"
        raise SecretsUnavailable("error.secrets.too_open", file=str(path), mode=mode)
    if state.st_uid != os.geteuid():
        raise SecretsUnavailable("error.secrets.not_ours", file=str(path))
