"""Backups and what happens to damaged files: one file that brings a data folder back, without any key in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reconcile.errors import (
    BackupUnusable,
    LedgerUnusable,
    SecretsUnavailable,
    StoreError,
    UsageError,
)
from reconcile.model import Incident
from reconcile.store import archive, boards, files
from reconcile.store.archive import LEDGER, MIRROR, SETTINGS, Manifest
from reconcile.wiring import Wiring

SHORTEST_KEY = 6  # a shorter one stands in any large file by chance [D]
ROOM_KEPT_S = 3600.0  # longer than a backup takes; what is older was left by a killed process [D]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore brought back. acts: all in the ledger now; acts_since: those of them made after the backup;
    acts_aside: those that could not be joined on and lie in the files put aside; without_key: accounts to give a key.
    """

    manifest: Manifest
    acts: int
    acts_since: int
    acts_aside: int
    orders: int
    observations: int
    aside: tuple[str, ...]
    without_key: tuple[str, ...]


class Keeping(Wiring):
    """Keeping a data folder safe: backup, restore, and what was found damaged."""

    def incidents(self) -> tuple[Incident, ...]:
        """Damaged files that were put aside, oldest first; a ledger that cannot be used is the last of them."""
        found = files.incidents(self.data)
        try:
            self._ledger.after(0, most=0)
        except LedgerUnusable:
            name = self._ledger.path.name
            found = (*found, Incident(at=datetime.now(UTC), kind="ledger_unusable", file=name))
        return found

    def backup(self, out: Path) -> Manifest:
        """Write all but the keys into one file, read it again to check it, then put it in place of an older backup.

        The dashboard and syncs wait for the moment in which the mirror is copied. Raises StoreLocked where one does not let go
        in time, StoreError, UsageError for a file that is not a backup.
        """
        if out.exists() and not archive.is_backup(out):
            raise UsageError("error.backup.other_file", file=str(out))
        try:
            with self._room() as room:
                with self._db.still() as mirror:
                    shutil.copyfile(mirror, room / MIRROR)
                found = archive.contents(room / MIRROR)
                with self._ledger.held() as ledger:
                    (room / LEDGER).write_bytes(ledger)
                settings = self.data / SETTINGS
                if settings.exists():
                    shutil.copyfile(settings, room / SETTINGS)
                channels = (one.secret_name for one in self._channels.all().values())
                self._demand_no_key(room, (*found["accounts"], *channels))
                manifest = Manifest(made_at=self.now(), acts=archive.acts(ledger), **found)
                archive.write(out, room, manifest)
        except OSError as error:
            raise StoreError("error.backup.unwritable", file=str(out)) from error
        return manifest

    def restore(self, file: Path, *, setting_acts_aside: bool = False) -> Restored:
        """Bring back what a backup holds and keep what was decided since; what is replaced is put aside, not deleted.

        setting_acts_aside: also where acts of today cannot be joined to the backup's. No account is synced meanwhile. Raises
        BackupUnusable or UsageError before anything was touched; SyncBusy, StoreLocked where others do not let go.
        """
        try:
            with self._room() as room, contextlib.ExitStack() as held:
                manifest = archive.unpack(file, room)
                archive.contents(room / MIRROR)
                kept = (room / LEDGER).read_bytes()
                archive.acts(kept)
                for name in self._names(manifest.accounts):
                    held.enter_context(self._sync_lock(name).held())
                left = self._ledger.left_by(kept)
                if left and not setting_acts_aside:
                    raise UsageError("error.restore.acts", n=left, file=str(file))
                with self._db.still() as mirror:
                    acts, aside = self._ledger.restore(kept)
                    aside += _put_in_place(room / MIRROR, mirror)
                if (room / SETTINGS).exists() and not (self.data / SETTINGS).exists():
                    shutil.copyfile(room / SETTINGS, self.data / SETTINGS)
                with self._db.write() as cursor:
                    self._history.take_back(cursor, always=True)
                self._history.copy_out()
        except OSError as error:
            raise StoreError("error.restore.unwritable", path=str(self.data)) from error
        return self._restored(manifest, acts, left, aside)

    def _restored(
        self, manifest: Manifest, acts: int, left: int, aside: Sequence[Path]
    ) -> Restored:
        with self._db.read() as cursor:
            _, orders, observations, _, _ = boards.rows_of(cursor, "doctor")[0]
        return Restored(
            manifest=manifest,
            acts=acts,
            acts_since=acts - manifest.acts,
            acts_aside=left,
            orders=orders,
            observations=observations,
            aside=tuple(one.name for one in aside),
            without_key=tuple(
                one.name for one in self._accounts.all() if one.key_state != "stored"
            ),
        )

    @contextlib.contextmanager
    def _room(self) -> Iterator[Path]:
        """A folder of our own beside the files, gone afterwards; one that a killed process left is swept out."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in self.data.glob(".room-*"):
            if time.time() - old.stat().st_mtime > ROOM_KEPT_S:
                shutil.rmtree(old, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=".room-", dir=self.data) as room:
            yield Path(room)

    def _names(self, others: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted({*others, *(one.name for one in self._accounts.known())}))

    def _demand_no_key(self, room: Path, names: Sequence[str]) -> None:
        """Refuse a backup in which the key of an account or channel stands, wherever it may have come from."""
        for name in names:
            try:
                key = self._accounts.secrets.get(name)
            except SecretsUnavailable:
                continue
            if key is None or len(key.reveal()) < SHORTEST_KEY:
                continue
            for path in sorted(room.iterdir()):
                if key.reveal().encode() in path.read_bytes():
                    raise BackupUnusable("error.backup.key", account=name, file=path.name)


def _put_in_place(fresh: Path, mirror: Path) -> list[Path]:
    """The mirror replaced in one step, the old one kept under another name."""
    aside = files.aside_name(mirror, "replaced")
    try:
        os.link(mirror, aside)
    except OSError:
        mirror.rename(aside)
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.replace(mirror)
    files.sync_folder(mirror.parent)
    return [aside]
