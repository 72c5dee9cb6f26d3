"""What a person may decide about a finding, and whether it can be so: words, times and names checked before anything is done."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.errors import UsageError
from reconcile.model import Finding
from reconcile.store.triage_fold import ACTIONS
from reconcile.text import visible

STATES = ("open", "acknowledged", "snoozed", "ignored", "resolved")
VENDORS = ("crossmall", "smartship")
TEXT_MOST = 2000  # characters of a note or a reason
NAME_MOST = 60  # characters of a person's name, a vendor's reference
SNOOZE_MOST = timedelta(days=366)  # [D]
USER_VARIABLE = "TOTSUGO_USER"


class TriageConflict(UsageError):
    """Somebody else acted, or the finding changed, since it was shown; nothing was done.

    values: finding (its key), expected and found (versions), by and at (the last act; None if the finding changed by itself).
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingLimits:
    """How many hours a finding may wait for a person, by severity [D]."""

    high_h: float = 4.0
    medium_h: float = 24.0
    low_h: float = 72.0

    def parameters(self) -> dict[str, float]:
        """The limits by name, as the SQL blocks bind them."""
        return {"high_h": self.high_h, "medium_h": self.medium_h, "low_h": self.low_h}


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageFilter:
    """Which findings: empty means all. states: of STATES, as they are now (an ended snooze is open).

    orders: pairs of account and order number; findings of theirs, and those of shop, account or phase that explain them.
    """

    account: str | None = None
    states: Sequence[str] = ()
    rules: Sequence[str] = ()
    kinds: Sequence[str] = ()
    keys: Sequence[str] = ()
    assignee: str | None = None
    overdue: bool = False
    orders: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageRow:
    """A finding with what was decided about it. version: to be handed back with an act; instants aware UTC.

    triage: of STATES. is_returned: it was decided about, had ended, and is there again. waiting_h: hours it has waited
    for a person; is_overdue: open for longer than the limit of its severity.
    """

    account: str
    finding_key: str
    rule: str
    kind: str
    severity: str
    subject_kind: str
    subject: str
    order_number: str | None
    order_code: str | None
    shop_code: str | None
    since: datetime | None
    opened_at: datetime
    resolved_at: datetime | None
    reopened: int
    version: str
    triage: str
    is_returned: bool
    waiting_since: datetime
    waiting_h: float
    limit_h: float
    is_overdue: bool
    assignee: str | None
    note: str | None = field(repr=False)
    reason: str | None = field(repr=False)
    snoozed_until: datetime | None
    vendor: str | None
    vendor_ref: str | None
    asked_at: datetime | None
    confirmed_at: datetime | None
    actor: str | None
    acted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagePage:
    """One page of findings with their triage, and how many there are in all."""

    rows: tuple[TriageRow, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageCounts:
    """Findings by state (every state is there), the overdue ones, and how many open or decided ones a person has."""

    by_state: Mapping[str, int]
    overdue: int
    mine: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A finding as it was shown: an act on it holds for this version only."""

    account: str
    finding_key: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenList:
    """A previewed list. A bulk act touches exactly these items, as far as they are still what was shown.

    rows: the same findings as they were shown; empty for a list that was called back by its id.
    """

    id: str
    items: tuple[Seen, ...]
    rows: tuple[TriageRow, ...] = ()

    @property
    def count(self) -> int:
        """How many findings were previewed."""
        return len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A finding of the list that was left alone. why: changed | gone; by and at: the last act, where there is one."""

    account: str
    finding_key: str
    why: str
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkReport:
    """What an act did. ledger: numbers of its entries; the first is what an undo names; empty if nothing was done."""

    done: int
    skipped: tuple[Skipped, ...]
    ledger: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageEvent:
    """One act on a finding, as the ledger has it; values may hold what people typed."""

    sequence: int
    at: datetime
    actor: str
    event: str
    values: Mapping[str, Any] = field(repr=False)


def finding_key(finding: Finding) -> str:
    """The key by which triage knows a finding of an account."""
    return f"{finding.rule}|{finding.subject_kind}|{finding.subject}"


def person(by: str | None = None) -> str:
    """Who acts: the argument, else TOTSUGO_USER, else the user of the operating system. Raises UsageError."""
    given = by or os.environ.get(USER_VARIABLE)
    if given is None or not given.strip():
        try:
            given = getpass.getuser()
        except (OSError, KeyError, ImportError):
            given = "unknown"
    return short("by", given, needed=True)


def checked(
    action: str, who: str, now: datetime, values: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The event and the values of an act as the ledger takes them. Raises UsageError for what cannot be.

    action: ack (assignee), assign (assignee; empty = nobody), note (text), snooze (until, aware), ignore (reason),
    reopen, ask_vendor (vendor, ref), vendor_confirmed (vendor, ref).
    """
    if action not in ACTIONS:
        raise UsageError("error.triage.action", action=action, known=list(ACTIONS))
    given = {name: value for name, value in values.items() if value is not None}
    unknown = sorted(set(given) - set(_WANTED[action]))
    if unknown:
        raise UsageError("error.triage.values", action=action, names=unknown)
    match action:
        case "ack":
            made = {"assignee": short("assignee", given.get("assignee") or who, needed=True)}
        case "assign":
            made = {"assignee": short("assignee", given.get("assignee", ""))}
        case "note":
            made = {"text": typed("text", given.get("text", ""))}
        case "snooze":
            made = {"until": _until(given.get("until"), now)}
        case "ignore":
            made = {"reason": typed("reason", given.get("reason", ""))}
        case "ask_vendor":
            made = _vendor(given, needed=True)
        case "vendor_confirmed":
            made = _vendor(given, needed=False)
        case _:
            made = {}
    return ACTIONS[action], made


_WANTED: Mapping[str, tuple[str, ...]] = {
    "ack": ("assignee",),
    "assign": ("assignee",),
    "note": ("text",),
    "snooze": ("until",),
    "ignore": ("reason",),
    "reopen": (),
    "ask_vendor": ("vendor", "ref"),
    "vendor_confirmed": ("vendor", "ref"),
}


def _until(until: object, now: datetime) -> str:
    if not isinstance(until, datetime) or until.tzinfo is None:
        raise UsageError("error.triage.until_missing")
    if not now < until <= now + SNOOZE_MOST:
        raise UsageError("error.triage.until", until=until, days=SNOOZE_MOST.days)
    return until.astimezone(UTC).isoformat()


def _vendor(given: Mapping[str, Any], *, needed: bool) -> dict[str, str]:
    vendor = str(given.get("vendor", ""))
    if vendor not in VENDORS and (needed or vendor):
        raise UsageError("error.triage.vendor", vendor=vendor, known=list(VENDORS))
    return {"vendor": vendor, "ref": short("ref", given.get("ref", ""))}


def short(name: str, value: object, *, needed: bool = False) -> str:
    """One line of at most 60 characters, nothing invisible in it. Raises UsageError."""
    line = visible(" ".join(str(value).split()))
    if (needed and not line) or len(line) > NAME_MOST:
        raise UsageError("error.triage.short", name=name, most=NAME_MOST)
    return line


def typed(name: str, value: object) -> str:
    """What a person wrote, 1 to 2,000 characters, as it may be kept. Raises UsageError, which does not repeat it."""
    words = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    words = words.encode("utf-8", "backslashreplace").decode("utf-8")
    if not words or len(words) > TEXT_MOST:
        raise UsageError("error.triage.text", name=name, length=len(words), most=TEXT_MOST)
    return words
