"""What can go wrong in Totsugo itself, as one short family that every caller shows in the user's words.

ReconcileError                    base: `help_key` into the texts, `values` for its placeholders, `exit_code` of the command line
|- UsageError                     a name, option or setting is wrong; nothing was done                       exit 2
|  |- UnknownAccount              no account of that name
|  |- SecretsUnavailable          no safe place for keys, or the stored key cannot be read
|- NotAllowed                     the role of the person who is signed in does not reach; nothing was done    exit 2
|  |- SignInNeeded                a sign-in is over, or does not hold; nothing was done
|- ImportRejected                 a file cannot be taken as a whole; nothing of it was stored                exit 2
|- SyncFailed                     the vendor or the network refused; what was applied stays, cursor as before  exit 3
|- SyncCancelled                  the user stopped it; resumes where it stood                                exit 130
|- SyncBusy                       another sync of this account is running                                    exit 3
|- StoreError                     our store cannot be used                                                   exit 4
|  |- StoreLocked                 another process kept it longer than we wait
|  |- StoreDamaged                it was damaged and has been put aside; a fresh one takes its place
|  |- LedgerUnusable              the ledger is broken beyond what its copy can mend, or cannot be read
|  |- StoreTooNew                 made by a newer Totsugo
|  |- BackupUnusable              a backup is not as it was written, or could not be written as it should
"""

from __future__ import annotations


class ReconcileError(Exception):
    """Base of the family: a text key with its values, and the exit code of the command line."""

    exit_code = 2

    def __init__(self, help_key: str, **values: object) -> None:
        super().__init__(help_key, values)
        self.help_key = help_key
        self.values = values

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.help_key}({shown})"


class UsageError(ReconcileError):
    """A name, option or setting is wrong; nothing was done."""


class UnknownAccount(UsageError):
    """There is no account of that name."""


class SecretsUnavailable(UsageError):
    """There is no safe place for keys, or the stored key cannot be read."""


class NotAllowed(ReconcileError):
    """The role of the person who is signed in does not reach; nothing was done."""


class SignInNeeded(NotAllowed):
    """A sign-in is over, or does not hold; nothing was done."""


class ImportRejected(ReconcileError):
    """A file cannot be taken as a whole; nothing of it was stored."""


class SyncFailed(ReconcileError):
    """The vendor or the network refused; rows already applied stay, the cursor stands where it stood."""

    exit_code = 3


class SyncCancelled(ReconcileError):
    """The user stopped the sync; the next one goes on where it stood."""

    exit_code = 130


class SyncBusy(ReconcileError):
    """Another sync of this account is running."""

    exit_code = 3


class StoreError(ReconcileError):
    """Our store cannot be used."""

    exit_code = 4


class StoreLocked(StoreError):
    """Another process kept the store longer than we wait."""


class StoreConflict(StoreError):
    """Two transactions met on the same rows, and DuckDB refused the second."""


class StoreDamaged(StoreError):
    """The database was damaged; it is put aside and the next use begins a fresh one."""


class LedgerUnusable(StoreError):
    """The ledger is broken beyond what its copy can mend, or cannot be read; nothing may be added to it."""


class StoreTooNew(StoreError):
    """The store was made by a newer Totsugo."""


class BackupUnusable(StoreError):
    """A backup is not as it was written, or could not be written as it should; nothing was changed."""
