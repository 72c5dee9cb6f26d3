"""Sign-ins of a server: who is let in with which role, and a workspace that acts for that person alone."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from reconcile.access import LONGEST, Login, role_of, verified_mail
from reconcile.errors import NotAllowed
from reconcile.store.audit import Audit, audited
from reconcile.store.ledger import Ledger
from reconcile.text import visible
from reconcile.triage_acts import NAME_MOST
from reconcile.wiring import Wiring

SKEW = timedelta(minutes=1)  # the provider's clock may be so far behind ours


class AccessDesk(Wiring):
    """What a workspace knows of the person it acts for, and what the ledger says of everybody."""

    @property
    def person(self) -> str | None:
        """The name of the person who is signed in; None for the local user."""
        return self._login.name if self._login else None

    @property
    def role(self) -> str | None:
        """The role of the person who is signed in; None for the local user, who may all."""
        return self._login.role if self._login else None

    def may(self, action: str) -> bool:
        """Whether an action of the table may be done here."""
        return self._login is None or self._login.may(action)

    def logins(self) -> Logins:
        """The book of sign-ins for this server process; it holds none that began before it."""
        return Logins(self._ledger, self.settings.access, self._clock)

    def for_login(self, login: Login) -> Self:
        """The same workspace for that person: each call is checked, each act recorded under the name."""
        mine, ledger = copy.copy(self), Ledger(self._ledger.path, by=login.name)
        accounts = replace(self._accounts, ledger=ledger)
        vars(mine).update(_login=login, _ledger=ledger, _accounts=accounts)
        return mine

    def sign_out(self) -> None:
        """End the sign-in this workspace acts for; a copied cookie is worth nothing afterwards."""
        if self._login is not None and self._login.over(self._instant()) is None:
            self._login.end("signed_out")
            self._ledger.append("session.ended", None, {"why": "signed_out"})

    def audit(self, expect: str | None = None) -> Audit:
        """Whether the ledger still is what was written; expect: a mark (NUMBER:DIGEST) noted elsewhere before.

        Looks at both files as they are, before anything mends them. Raises UsageError for what is no mark.
        """
        return audited(self._db, self._ledger, expect)

    def _check(self, action: str) -> None:
        if self._login is not None:
            self._login.check(action, self._instant())


class Logins:
    """Every sign-in that this process has seen. What began before it began is over: how long it was idle nobody knows."""

    def __init__(
        self,
        ledger: Ledger,
        allowed: Mapping[str, Iterable[str]],
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger, self._allowed, self._clock = ledger, allowed, clock
        self._begun_at = clock()
        self._lock = threading.Lock()
        self._known: dict[str, Login | None] = {}

    def of(self, claims: Mapping[str, Any]) -> Login:
        """The sign-in that a checked identity token stands for. Raises NotAllowed for whoever is on no list.

        It may be over; the first look at one is noted in the ledger.
        """
        mark, begun_at = _mark(claims), _instant(claims.get("iat"))
        with self._lock:
            if mark not in self._known:
                self._known[mark] = self._begin(claims, begun_at)
            login = self._known[mark]
        if login is None:
            raise NotAllowed("error.access.unlisted", person=_name(claims))
        return login

    def _begin(self, claims: Mapping[str, Any], begun_at: datetime | None) -> Login | None:
        now, role, who = self._clock(), role_of(claims, self._allowed), _name(claims)
        if role is None or begun_at is None:
            self._ledger.append("session.refused", None, {}, actor=who)
            return None
        begun_at = min(begun_at, now)
        login = Login(name=who, role=role, begun_at=begun_at, seen_at=now)
        if begun_at < self._begun_at - SKEW and now - begun_at < LONGEST:
            login.end("restarted")
        elif login.over(now) is None:
            self._ledger.append("session.begun", None, {"role": role}, actor=who)
        return login


def _instant(seconds: object) -> datetime | None:
    usable = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return datetime.fromtimestamp(float(str(seconds)), UTC) if usable else None


def _mark(claims: Mapping[str, Any]) -> str:
    """What tells one sign-in from every other: who, when, and the number that was made for it."""
    told = [claims.get(name) for name in ("iss", "sub", "iat", "nonce")]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


def _name(claims: Mapping[str, Any]) -> str:
    """The mail address if it is verified; else what the provider calls the person, with a mark nobody can borrow."""
    mail = verified_mail(claims)
    if mail is not None and len(mail) <= NAME_MOST:
        return visible(mail)
    called = next(
        (str(claims[name]) for name in ("preferred_username", "email", "name") if claims.get(name)),
        "",
    )
    who = json.dumps([claims.get("iss"), claims.get("sub")], default=str)
    mark = f"#{hashlib.sha256(who.encode()).hexdigest()[:8]}"
    shown = visible(" ".join(called.split()))[: NAME_MOST - len(mark) - 1]
    return f"{shown} {mark}".strip()
