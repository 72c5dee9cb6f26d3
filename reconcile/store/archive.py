"""The format of a backup: a zip of the ledger, the mirror and the settings, with a list of what it holds and its hashes.

Only files that are named here go in or come out: no key, no lock, nothing that happens to lie in the folder.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from reconcile.errors import BackupUnusable, StoreTooNew
from reconcile.store import chain, files, queries
from reconcile.store.folding import CONFIG

FORMAT = 1
LIST = "manifest.json"
LEDGER, MIRROR, SETTINGS = "ledger.jsonl", "store.duckdb", "settings.toml"
MEMBERS = (LEDGER, MIRROR, SETTINGS)
OWNER_ONLY = 0o600
_PART = 1 << 20
_LIST_MOST = 1 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. made_at: aware UTC; schema: version of the mirror; acts: lines of the ledger."""

    made_at: datetime
    schema: int
    accounts: tuple[str, ...]
    acts: int
    orders: int
    observations: int


def contents(mirror: Path) -> dict[str, Any]:
    """What a mirror at rest holds, every block of it read. Raises BackupUnusable where one is damaged."""
    try:
        with duckdb.connect(str(mirror), read_only=True, config=CONFIG) as connection:
            for statement in connection.execute(queries.load("archive")["readers"]).fetchall():
                connection.execute(statement[0]).fetchall()
            found = connection.execute(queries.load("archive")["contents"]).fetchone()
    except duckdb.Error as error:
        raise BackupUnusable("error.backup.mirror", file=mirror.name) from error
    assert found is not None
    schema, accounts, orders, observations = found
    return {
        "schema": schema,
        "accounts": tuple(accounts or ()),
        "orders": orders,
        "observations": observations,
    }


def write(out: Path, folder: Path, manifest: Manifest) -> None:
    """A backup of the members in a folder, in place of `out`, for its owner alone; verified before it takes that place.

    Raises BackupUnusable, OSError.
    """
    present = [name for name in MEMBERS if (folder / name).exists()]
    told = asdict(manifest) | {"format": FORMAT, "made_at": manifest.made_at.isoformat()}
    told["files"] = {name: _print(folder / name) for name in present}
    with files.fresh(out) as part:
        part.touch(OWNER_ONLY)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(LIST, json.dumps(told, ensure_ascii=False, indent=2))
            for name in present:
                archive.write(folder / name, name)
        unpack(part)


def is_backup(path: Path) -> bool:
    """Whether the file looks like a backup of ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            return LIST in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def unpack(path: Path, folder: Path | None = None) -> Manifest:
    """Check a backup against its own list and write its members into a folder, or nowhere.

    Raises BackupUnusable for a file that is not as it was written, StoreTooNew for one of a newer Totsugo.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            told = _told(archive)
            if told["format"] != FORMAT or told["schema"] > queries.migrations()[-1][0]:
                raise StoreTooNew(
                    "error.backup.too_new",
                    version=told["schema"],
                    known=queries.migrations()[-1][0],
                )
            listed: Mapping[str, Mapping[str, Any]] = told["files"]
            if {*listed, LIST} != set(archive.namelist()) or not {LEDGER, MIRROR} <= {*listed}:
                raise BackupUnusable("error.backup.changed", file=str(path))
            if not set(listed) <= set(MEMBERS):
                raise BackupUnusable("error.backup.changed", file=str(path))
            for name, one in listed.items():
                if not _is_unchanged(archive, name, one, folder):
                    raise BackupUnusable("error.backup.changed", file=str(path))
            manifest = _manifest(told)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError) as error:
        raise BackupUnusable("error.backup.unreadable", file=str(path)) from error
    except (
        KeyError,
        TypeError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ) as error:
        raise BackupUnusable("error.backup.changed", file=str(path)) from error
    return manifest


def acts(ledger: bytes) -> int:
    """How many acts a whole ledger holds. Raises BackupUnusable if it is not one unbroken chain."""
    lines, _ = chain.saved([ledger])
    if b"".join(lines) != ledger:
        raise BackupUnusable("error.backup.ledger")
    return len(lines)


def _told(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo(LIST).file_size > _LIST_MOST:
        raise ValueError(LIST)
    told = json.loads(archive.read(LIST))
    if not isinstance(told, dict):
        raise TypeError(LIST)
    return told


def _manifest(told: Mapping[str, Any]) -> Manifest:
    return Manifest(
        made_at=datetime.fromisoformat(told["made_at"]),
        schema=int(told["schema"]),
        accounts=tuple(str(name) for name in told["accounts"]),
        acts=int(told["acts"]),
        orders=int(told["orders"]),
        observations=int(told["observations"]),
    )


def _print(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {
            "size": path.stat().st_size,
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
        }


def _is_unchanged(
    archive: zipfile.ZipFile, name: str, listed: Mapping[str, Any], folder: Path | None
) -> bool:
    """Whether a member is as listed, no byte longer; written on the way."""
    found, left = hashlib.sha256(), int(listed["size"])
    place = folder / name if folder else None
    with archive.open(name) as member:
        file = place.open("wb") if place else None
        try:
            while part := member.read(_PART):
                left -= len(part)
                if left < 0:
                    return False
                found.update(part)
                if file:
                    file.write(part)
        finally:
            if file:
                file.close()
    return left == 0 and found.hexdigest() == listed["sha256"]
