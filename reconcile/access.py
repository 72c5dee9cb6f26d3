"""Who may do what: roles, the one table of actions, and a sign-in with its ends. Without a sign-in the local user may all."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from reconcile.errors import NotAllowed, SignInNeeded

ROLES = ("viewer", "operator", "approver", "admin")  # each may what those before it may
VIEWER, OPERATOR, APPROVER, ADMIN = ROLES
LOCAL = "local"  # only whoever runs the process: the command line, the schedule, the server itself
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)

_READING = """
accounts affixes alert_channels alert_outbox alert_standing at_risk changes correction difference doctor
explain export figure_ages findings for_login glossary health incidents mapping mapping_acts mapping_case
mapping_class_record mapping_events mapping_fixes mapping_import_diff mapping_list mapping_progress
mapping_queue mapping_twins may missed_in_hour misses_by_hour now order order_csv order_row order_table orders
overview past_runs pattern_csv phase_flow phases pull_habit pulls rejected_rows recipient_kept_until relation_words
relations risk_words rule_ids rule_title saved_view saved_views sheet_column shipment_check sign_out stay_curve stock
stock_case stock_corrections stock_history stock_total triage_counts triage_history triage_list triaged what_if why
"""
READING = tuple(_READING.split())
ACTIONS: Mapping[str, str] = MappingProxyType(
    # The least role of every public method of a workspace; what is not here, the local user alone may do.
    dict.fromkeys(READING, VIEWER)
    | {
        "import_demo_files": OPERATOR,
        "import_files": OPERATOR,
        "mapping_decide": OPERATOR,
        "mapping_decide_list": OPERATOR,
        "mapping_import": OPERATOR,
        "mapping_preview": OPERATOR,
        "mapping_redo": OPERATOR,
        "mapping_undo": OPERATOR,
        "packet": OPERATOR,
        "recovery_sheet": OPERATOR,
        "remove_view": OPERATOR,
        "show_recipient": OPERATOR,
        "save_view": OPERATOR,
        "sync": OPERATOR,
        "test_account": OPERATOR,
        "triage": OPERATOR,
        "triage_bulk": OPERATOR,
        "triage_preview": OPERATOR,
        "triage_redo": OPERATOR,
        "triage_undo": OPERATOR,
        "audit": APPROVER,
        "decide_affix": APPROVER,
        "export_audit": APPROVER,  # export("audit"): what everybody did
        "mapping_class_automatic": APPROVER,
        "mapping_import_apply": APPROVER,
        "set_phase_role": APPROVER,
        "set_stock_scope": APPROVER,
        "add_account": ADMIN,
        "change_account": ADMIN,
        "provision_demo": ADMIN,
        "remove_account": ADMIN,
        "remove_alert_channel": ADMIN,
        "set_alert_channel": ADMIN,
        "test_alert_channel": ADMIN,
        "backup": LOCAL,  # takes a path of the server
        "check_alerts": LOCAL,
        "logins": LOCAL,
        "restore": LOCAL,
        "scheduler": LOCAL,
    }
)


def least_role(action: str) -> str:
    """The least role that may do an action: one of ROLES, or LOCAL."""
    return ACTIONS.get(action, LOCAL)


def role_of(claims: Mapping[str, Any], allowed: Mapping[str, Iterable[str]]) -> str | None:
    """The highest role whose list names the mail address (if the provider verified it) or a group; None without one.

    claims: of a checked identity token. allowed: role -> mail addresses and `group:NAME`.
    """
    mine = {f"group:{name}" for name in _listed(claims.get("groups"))}
    mail = verified_mail(claims)
    held = [
        role
        for role in ROLES
        if any(
            one in mine or (not one.startswith("group:") and mail == one.strip().lower())
            for one in allowed.get(role, ())
        )
    ]
    return held[-1] if held else None


def verified_mail(claims: Mapping[str, Any]) -> str | None:
    """The mail address in lower case if the provider says that it belongs to the person, else None."""
    mail = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(mail, str):
        return None
    return mail.strip().lower() or None


def _listed(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


@dataclass(slots=True, eq=False, kw_only=True)
class Login:
    """One sign-in of one person. It ends by sign-out, IDLE after the last act, and LONGEST after its start.

    name: as acts are recorded. begun_at: when the provider says that the person signed in (aware UTC).
    """

    name: str
    role: str
    begun_at: datetime
    seen_at: datetime
    left: str | None = field(default=None)

    def seen(self, now: datetime) -> None:
        """The person did something; a sign-in that is over stays over."""
        if self.over(now) is None:
            self.seen_at = max(self.seen_at, now)

    def end(self, why: str) -> None:
        """Ends it: signed_out | restarted."""
        self.left = self.left or why

    def over(self, now: datetime) -> str | None:
        """Why it is over (signed_out, restarted, too_long, idle); None while it holds."""
        if self.left is None:
            if now - self.begun_at >= LONGEST:
                self.left = "too_long"
            elif now - self.seen_at >= IDLE:
                self.left = "idle"
        return self.left

    def may(self, action: str) -> bool:
        """Whether the role may do an action of the table."""
        least = least_role(action)
        return least != LOCAL and ROLES.index(self.role) >= ROLES.index(least)

    def check(self, action: str, now: datetime) -> None:
        """Raises SignInNeeded if it is over, NotAllowed if the role does not reach. What changes something is an act."""
        why = self.over(now)
        if why is not None:
            raise SignInNeeded(f"error.access.{why}")
        least = least_role(action)
        if not self.may(action):
            key = "error.access.local" if least == LOCAL else f"error.access.needs_{least}"
            raise NotAllowed(key, role=self.role, person=self.name)
        if least != VIEWER:
            self.seen(now)


class Guarded(Protocol):
    """What `guarded` asks of a class: the sign-in it acts for, and its clock."""

    _login: Login | None

    def _instant(self) -> datetime: ...


Desk = TypeVar("Desk")
_allowed: ContextVar[bool] = ContextVar("allowed", default=False)  # in an action that was checked


def guarded(desk: type[Desk]) -> type[Desk]:
    """The class with every public method checked against ACTIONS before it runs, whoever calls it.

    For a person who is signed in, what is recorded is recorded under that name, whatever `by` says.
    """
    for name, method in inspect.getmembers(desk, inspect.isfunction):
        if not name.startswith("_"):
            setattr(desk, name, _checked(name, method))
    return desk


def _checked(action: str, method: Callable[..., Any]) -> Callable[..., Any]:
    signs = "by" in inspect.signature(method).parameters and least_role(action) != VIEWER

    @functools.wraps(method)
    def run(self: Guarded, *args: Any, **values: Any) -> Any:
        login = self._login
        if login is None or _allowed.get():
            return method(self, *args, **values)
        login.check(action, self._instant())
        if signs:
            values["by"] = login.name
        within = _allowed.set(True)
        try:
            return method(self, *args, **values)
        finally:
            _allowed.reset(within)

    return run
