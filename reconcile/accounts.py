"""Accounts as people manage them: each change is a line of the ledger first, then a row of the mirror."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crossmall.errors import ConfigurationError
from crossmall.types import DEFAULT_BASE_URL, Credentials, Secret
from reconcile.errors import SecretsUnavailable, UnknownAccount, UsageError
from reconcile.model import SMARTSHIP_OPTIONS, SYNC_EVERY_MIN, Account
from reconcile.orders.roles import ROLES
from reconcile.secrets import SecretStore, hint
from reconcile.store.database import Database
from reconcile.store.ledger import Ledger
from reconcile.store.projections import accounts as read_accounts
from reconcile.store.projections import catch_up
from reconcile.sync.schedule import EVERY_MIN_LEAST, EVERY_MIN_MOST, OFF

COLLECT_PHASE = "発送待機"  # [S] smartship.md 8
SHIPPED_PHASE = (
    "QXPRESS発送済み"  # [S] smartship.md 8; still so after the rename to TracX Logis [I]
)
TOLERANCE_MOST = 1_000  # [D] pieces; a greater gap is never "in step"
OPTION_VALUES = ("on", "off", "unknown")
_NAME = re.compile(r"[\w.-]{1,40}")


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of one data folder."""

    db: Database
    ledger: Ledger
    secrets: SecretStore

    def known(self) -> tuple[Account, ...]:
        """Every account by name, without looking at any key."""
        with self.db.read() as cursor:
            return read_accounts(cursor)

    def all(self) -> tuple[Account, ...]:
        """Every account by name, with the last two characters of its key."""
        return tuple(self._with_hint(account) for account in self.known())

    def one(self, name: str) -> Account:
        """The account of that name with the last two characters of its key. Raises UnknownAccount."""
        for account in self.known():
            if account.name == name:
                return self._with_hint(account)
        raise UnknownAccount("error.account.unknown", name=name)

    def credentials(self, account: Account) -> Credentials:
        """What a client needs. Raises SecretsUnavailable without a key, UsageError for an impossible address."""
        key = self.secrets.get(account.name)
        if key is None:
            raise SecretsUnavailable("error.secrets.none", account=account.name)
        return credentials(account.company_code, key, account.base_url)

    def add(
        self,
        name: str,
        *,
        company_code: str,
        key: str,
        shop_ids: Sequence[str],
        base_url: str,
        options: Mapping[str, str],
        is_demo: bool = False,
        sync_every_min: int = SYNC_EVERY_MIN,
    ) -> Account:
        """Store a new account and its key; sync_every_min 0 = off. Raises UsageError; then nothing is stored."""
        if not _NAME.fullmatch(name):
            raise UsageError("error.account.name", name=name)
        if any(account.name == name for account in self.known()):
            raise UsageError("error.account.exists", name=name)
        secret = _secret(key)
        credentials(company_code, secret, base_url or DEFAULT_BASE_URL)
        values = {
            "company_code": company_code,
            "base_url": base_url or DEFAULT_BASE_URL,
            "shop_ids": list(shop_ids),
            **_options(options),
            "collect_phase": COLLECT_PHASE,
            "shipped_phase": SHIPPED_PHASE,
            "is_demo": is_demo,
            "sync_every_min": checked_interval(sync_every_min),
        }
        self.secrets.put(name, secret)
        self._record("account.added", name, values)
        return self.one(name)

    def change(self, name: str, *, key: str | None = None, **changes: Any) -> Account:
        """Change what is given and keep the rest; `key` rotates the key. Raises UsageError, UnknownAccount."""
        account = self.one(name)
        if key is not None:
            self.secrets.put(name, _secret(key))
            self._record("key.rotated", name, {})
        given = {field: value for field, value in changes.items() if value is not None}
        if not given:
            return self.one(name)
        values = {
            "company_code": account.company_code,
            "base_url": account.base_url,
            "shop_ids": list(account.shop_ids),
            **account.options,
            "collect_phase": account.collect_phase,
            "shipped_phase": account.shipped_phase,
            "is_demo": account.is_demo,
            "sync_every_min": account.sync_every_min,
            "stock_tolerance": account.stock_tolerance,
            "stock_warehouses": list(account.stock_warehouses),
        }
        values |= _options(given.pop("options", None) or account.options)
        for several in ("shop_ids", "stock_warehouses"):
            if several in given:
                given[several] = list(given[several])
        values |= given
        for field in ("collect_phase", "shipped_phase"):
            if not str(values[field]).strip():
                raise UsageError("error.account.phase_empty", field=field)
        checked_interval(int(str(values["sync_every_min"])))
        if not 0 <= int(str(values["stock_tolerance"])) <= TOLERANCE_MOST:
            raise UsageError(
                "error.account.tolerance", given=values["stock_tolerance"], most=TOLERANCE_MOST
            )
        credentials(str(values["company_code"]), Secret("checked"), str(values["base_url"]))
        self._record("account.changed", name, values)
        return self.one(name)

    def remove(self, name: str) -> None:
        """Forget the account, its key and its mirror; its acts stay in the ledger."""
        self.one(name)
        self._record("account.removed", name, {})
        self.secrets.remove(name)

    def set_phase_role(self, name: str, phase_name: str, role: str) -> None:
        """Say what a phase name means for shipping. Raises UsageError for a role we do not know."""
        self.one(name)
        if role not in ROLES:
            raise UsageError("error.account.role", role=role)
        self._record("phase_role.set", name, {"phase_name": phase_name, "role": role})

    def _record(self, event: str, name: str, values: Mapping[str, Any]) -> None:
        self.ledger.append(event, name, values)
        with self.db.write() as cursor:
            catch_up(cursor, self.ledger)

    def _with_hint(self, account: Account) -> Account:
        try:
            ending = hint(self.secrets.get(account.name))
        except SecretsUnavailable:
            return replace(account, key_state="unreadable")
        state = "none" if ending is None else "stored"
        return replace(account, key_state=state, key_hint=ending)


def credentials(company_code: str, key: Secret, base_url: str) -> Credentials:
    """Checked credentials. Raises UsageError with the vendor client's reason."""
    try:
        return Credentials(company_code=company_code, key=key, base_url=base_url)
    except ConfigurationError as error:
        raise UsageError("error.account.credentials", reason=error.reason or "") from None


def checked_interval(every_min: int) -> int:
    """An interval in minutes as it may be stored: 0 = off, else 5 to 1440. Raises UsageError."""
    if every_min != OFF and not EVERY_MIN_LEAST <= every_min <= EVERY_MIN_MOST:
        raise UsageError(
            "error.account.every", every=every_min, least=EVERY_MIN_LEAST, most=EVERY_MIN_MOST
        )
    return every_min


def as_json(account: Account) -> dict[str, Any]:
    """An account as the command line prints it; the key is not part of it."""
    return {
        "account": account.name,
        "company_code": account.company_code,
        "base_url": account.base_url,
        "shop_ids": list(account.shop_ids),
        "options": dict(account.options),
        "collect_phase": account.collect_phase,
        "shipped_phase": account.shipped_phase,
        "is_demo": account.is_demo,
        "sync_every_min": account.sync_every_min,
        "stock_tolerance": account.stock_tolerance,
        "stock_warehouses": list(account.stock_warehouses),
        "key_state": account.key_state,
    }


def _options(options: Mapping[str, str]) -> dict[str, str]:
    wrong = sorted(
        f"{name}={value}"
        for name, value in options.items()
        if name not in SMARTSHIP_OPTIONS or value not in OPTION_VALUES
    )
    if wrong:
        raise UsageError("error.account.option", options=wrong)
    return dict.fromkeys(SMARTSHIP_OPTIONS, "unknown") | dict(options)


def _secret(key: str) -> Secret:
    if not key.strip():
        raise UsageError("error.account.key_empty")
    return Secret(key.strip())
