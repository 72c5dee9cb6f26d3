"""Whom orders go to: a hash that tells whether two go to one person, and, where it is switched on, who that is, for some days.

Names and addresses reach no table, file or log. What is kept is encrypted with the key of the
order's day, and each day's key is made from the one before, which cannot be turned back: from the key of the oldest day all
later ones follow. So one key replaced makes what was kept of the days before unreadable, in the database, its log and every
backup, wherever that lies. Both keys lie where the keys of the accounts are, in no backup.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import logging
import secrets as chance
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from filelock import FileLock

from crossmall.types import KeepPersonal, Secret
from reconcile.errors import SecretsUnavailable
from reconcile.secrets import SecretStore
from reconcile.store import recipients as store
from reconcile.store.database import Cursor
from reconcile.text import JST

HASH, SEALS = "recipients:hash", "recipients:seals"  # no account can be named like this
HASH_CHARS = 32  # of the hash: no two recipients of a shop share one by chance
FIELDS = ("ship_section_name1", "ship_section_name2", "ship_name", "ship_kana", "ship_zip",
          "ship_address1", "ship_address2", "ship_tel")  # fmt: skip

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seals:
    """The key of the oldest day (JST) that can be read; those of later days follow from it."""

    oldest: date
    key: bytes

    def of(self, day: date) -> Fernet | None:
        """What seals and opens a day; None for one before the oldest."""
        if day < self.oldest:
            return None
        return Fernet(base64.urlsafe_b64encode(self.from_day(day).key))

    def from_day(self, day: date) -> Seals:
        """Without the days before: their keys cannot be found from it."""
        key = self.key
        for _ in range((day - self.oldest).days):
            key = hashlib.sha256(b"the day after" + key).digest()
        return Seals(max(day, self.oldest), key)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Hashes and seals of one data folder. days: how many days an order's recipient is kept, its own included; 0 = not at all."""

    secrets: SecretStore
    locks: Path
    days: int
    clock: Callable[[], datetime]

    def hasher(self) -> Callable[[str, str], str | None] | None:
        """Makes the keyed hash of a name and a postal code; None while there is no safe place for its key."""
        try:
            key = bytes.fromhex(self._held(HASH, lambda: chance.token_hex(32)))
        except SecretsUnavailable as error:
            log.warning("no hashes of recipients: %s", error.help_key)
            return None
        return lambda name, zip_code: _hash(key, name, zip_code)

    def keeper(self) -> KeepPersonal:
        """What a client keeps of an order's personal fields: the hash, and day and sealed text of an order young enough."""
        hashed = self.hasher()
        if hashed is None:
            return False
        today, seals = self._today(), self._seals_if_any()

        def keep(personal: Mapping[str, str], ordered_at: datetime | None) -> Mapping[str, str]:
            kept = {}
            if found := hashed(personal.get("ship_name", ""), personal.get("ship_zip", "")):
                kept["hash"] = found
            if seals is not None and ordered_at is not None:
                day = min(ordered_at.astimezone(JST).date(), today)
                seal = seals.of(day)
                held = {name: personal[name] for name in FIELDS if name in personal}
                if seal is not None and held:
                    text = json.dumps(held, ensure_ascii=False)
                    kept |= {"day": day.isoformat(), "sealed": seal.encrypt(text.encode()).decode()}
            return kept

        return keep

    def forget(self, cursor: Cursor) -> None:
        """Make unreadable what is past its days, so that no copy of the mirror tells it any more, then remove it."""
        try:
            if self.days:
                self._seals()
            elif self.secrets.get(SEALS) is not None:
                self.secrets.remove(SEALS)
        except SecretsUnavailable as error:
            log.warning("keys of recipients unavailable: %s", error.help_key)
        store.forget(cursor, self._oldest_kept())

    def forget_past(self, cursor: Cursor) -> None:
        """As `forget`, where there is anything past its days."""
        if store.has_past(cursor, self._oldest_kept()):
            self.forget(cursor)

    def forget_all(self) -> None:
        """Make everything unreadable and all hashes strange to later ones."""
        self.secrets.remove(SEALS)
        self.secrets.remove(HASH)

    def kept_until(self, day: date) -> date | None:
        """The last day on which a recipient of that day can be shown; None if it is over."""
        last = day + timedelta(days=self.days - 1)
        return last if last >= self._today() else None

    def open(self, day: date, sealed: str) -> Mapping[str, str] | None:
        """The recipient by field of the API; None if its day is over or its key is lost."""
        seal = self._seals().of(day) if self.kept_until(day) else None
        if seal is None:
            return None
        try:
            found: dict[str, str] = json.loads(seal.decrypt(sealed.encode()))
        except InvalidToken:
            return None
        return found

    def _today(self) -> date:
        return self.clock().astimezone(JST).date()

    def _oldest_kept(self) -> date | None:
        """The oldest day (JST) that is kept; None where nothing is to be kept."""
        return self._oldest() if self.days else None

    def _oldest(self) -> date:
        return self._today() - timedelta(days=self.days - 1)

    def _seals(self) -> Seals:
        """The seals of the days that are kept; older ones are given up with it."""
        oldest = self._oldest()
        held = self._held(SEALS, lambda: f"{oldest}:{chance.token_hex(32)}")
        seals = _read(held)
        if seals.oldest < oldest:
            with self._alone():
                seals = _read(self._must(SEALS)).from_day(oldest)
                self.secrets.put(SEALS, Secret(f"{seals.oldest}:{seals.key.hex()}"))
        return seals

    def _seals_if_any(self) -> Seals | None:
        """The seals, where recipients are kept and their key has a safe place; a sync goes on without."""
        try:
            return self._seals() if self.days else None
        except SecretsUnavailable as error:
            log.warning("keys of recipients unavailable: %s", error.help_key)
            return None

    def _held(self, name: str, made: Callable[[], str]) -> str:
        found = self.secrets.get(name)
        if found is None:
            with self._alone():
                found = self.secrets.get(name)
                if found is None:
                    found = Secret(made())
                    self.secrets.put(name, found)
        return found.reveal()

    def _must(self, name: str) -> str:
        found = self.secrets.get(name)
        if found is None:
            raise SecretsUnavailable("error.secrets.none", account=name)
        return found.reveal()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Inside the block no other process changes the two keys."""
        file = self.locks / "recipients.lock"
        try:
            self.locks.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(file):
                yield
        except OSError:
            raise SecretsUnavailable("error.secrets.unwritable", file=str(file)) from None


def _read(held: str) -> Seals:
    day, _, key = held.partition(":")
    return Seals(date.fromisoformat(day), bytes.fromhex(key))


def _hash(key: bytes, name: str, zip_code: str) -> str | None:
    """A short name of the key, and the hash; None without a name or without a postal code (smartship.md 11.8, step 5 [I])."""
    who = "".join(one for one in unicodedata.normalize("NFKC", name).casefold() if one.isalnum())
    where = "".join(one for one in unicodedata.normalize("NFKC", zip_code) if one.isdecimal())
    if not who or not where:
        return None
    found = hmac.new(key, f"{where}\x1f{who}".encode(), hashlib.sha256).hexdigest()
    return f"{hashlib.sha256(key).hexdigest()[:8]}:{found[:HASH_CHARS]}"
