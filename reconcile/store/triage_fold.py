"""What acts on findings add up to: the state of each finding after each act, told by ledger entries alone.

An act names its findings with what the person saw of them. A step is a finding after an act; the last step counts, and
taking an act back is a further step that equals the one before the act. Nothing here knows a database or a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reconcile.store.chain import Entry
from reconcile.store.turns import Key, Stepped, redone, step_of, stored, told_by, turned, undone

AREA = "triage."
UNDONE, REDONE = "triage.undone", "triage.redone"
OVER, RETURNED = "triage.resolved", "triage.returned"  # by the judge, not by a person
ACTIONS: Mapping[str, str] = {
    "ack": "triage.acknowledged",
    "assign": "triage.assigned",
    "note": "triage.noted",
    "snooze": "triage.snoozed",
    "ignore": "triage.ignored",
    "reopen": "triage.reopened",
    "ask_vendor": "triage.asked_vendor",
    "vendor_confirmed": "triage.vendor_confirmed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Stepped):
    """A finding after one act. Instants are UTC without offset, as the store keeps them; see triage_step."""

    finding_key: str
    state: str = "open"
    assignee: str | None = None
    note_sequence: int | None = None
    reason_sequence: int | None = None
    snoozed_until: datetime | None = None
    vendor: str | None = None
    vendor_ref: str | None = None
    asked_at: datetime | None = None
    confirmed_at: datetime | None = None
    seen_opened_at: datetime | None = None
    seen_reopened: int | None = None
    seen_kind: str | None = None
    is_over: bool = False


Steps = dict[Key, list[Step]]


def items_of(entry: Entry) -> list[Mapping[str, Any]]:
    """The findings that an entry of triage is about; none for other entries."""
    if not entry.event.startswith(AREA):
        return []
    return list(entry.values.get("items", ()))


def key_of(item: Mapping[str, Any]) -> Key:
    """Account and finding key of an entry's item."""
    return str(item["account"]), str(item["finding_key"])


def fold(steps: Steps, entry: Entry) -> list[Step]:
    """Add what the entry did to `steps` (by finding, oldest first); gives the new ones.

    An event that this version does not know changes nothing.
    """
    is_turn = entry.event in (UNDONE, REDONE)
    if not is_turn and entry.event not in (*ACTIONS.values(), OVER, RETURNED):
        return []
    made = []
    for item in items_of(entry):
        known = steps.setdefault(key_of(item), [])
        step = _turned(entry, item, known) if is_turn else _acted(entry, item, known)
        known.append(step)
        made.append(step)
    return made


def undo_items(steps: Steps, of: int) -> tuple[list[dict[str, Any]], list[Key]]:
    """The items of an entry that takes act `of` back, and the findings that somebody has acted on since."""
    return _items(*undone(steps, of))


def redo_items(steps: Steps, of: int) -> tuple[list[dict[str, Any]], list[Key]]:
    """The items of an entry that does act `of` again, and the findings that are not where that act began."""
    return _items(*redone(steps, of, (UNDONE, REDONE)))


def _items(
    restored: Sequence[tuple[Key, int]], changed: list[Key]
) -> tuple[list[dict[str, Any]], list[Key]]:
    items = [
        {"account": key[0], "finding_key": key[1], "restore": restore} for key, restore in restored
    ]
    return items, changed


def _acted(entry: Entry, item: Mapping[str, Any], known: Sequence[Step]) -> Step:
    before = known[-1] if known else _blank(entry, item)
    if item["fresh"]:
        before = replace(before, state="open", snoozed_until=None, reason_sequence=None)
    changes: dict[str, Any] = {
        **told_by(entry),
        "root": entry.sequence,
        "undoes": None,
        "seen_opened_at": _instant(item["opened_at"]),
        "seen_reopened": item["reopened"],
        "seen_kind": item["kind"],
        "is_over": item["over"],
    }
    return replace(before, **changes | _changes(entry))


def _changes(entry: Entry) -> dict[str, Any]:
    """What the event itself sets; a decision takes the place of the one before it."""
    values, sequence = entry.values, entry.sequence
    decision: dict[str, Any] = {"snoozed_until": None, "reason_sequence": None}
    match entry.event:
        case "triage.acknowledged":
            return decision | {"state": "acknowledged", "assignee": values["assignee"]}
        case "triage.assigned":
            return {"assignee": values["assignee"] or None}
        case "triage.noted":
            return {"note_sequence": sequence}
        case "triage.snoozed":
            until = _instant(values["until"])
            return decision | {"state": "snoozed", "snoozed_until": until}
        case "triage.ignored":
            return decision | {"state": "ignored", "reason_sequence": sequence}
        case "triage.asked_vendor":
            asked = {"vendor": values["vendor"], "vendor_ref": values["ref"] or None}
            return asked | {"asked_at": stored(entry.at), "confirmed_at": None}
        case "triage.vendor_confirmed":
            confirmed: dict[str, Any] = {"confirmed_at": stored(entry.at)}
            for name, column in (("vendor", "vendor"), ("ref", "vendor_ref")):
                confirmed |= {column: values[name]} if values[name] else {}
            return confirmed
    return decision | {"state": "open"}


def _turned(entry: Entry, item: Mapping[str, Any], known: Sequence[Step]) -> Step:
    before = step_of(known, int(item["restore"])) or replace(
        _blank(entry, item),
        seen_opened_at=known[-1].seen_opened_at,
        seen_reopened=known[-1].seen_reopened,
        seen_kind=known[-1].seen_kind,
        is_over=known[-1].is_over,
    )
    return turned(before, entry, UNDONE)


def _blank(entry: Entry, item: Mapping[str, Any]) -> Step:
    account, finding_key = key_of(item)
    return Step(
        account=account,
        finding_key=finding_key,
        root=0,
        **told_by(entry),
    )


def _instant(text: str) -> datetime:
    return stored(datetime.fromisoformat(text))


def keys_of(entries: Iterable[Entry]) -> tuple[Key, ...]:
    """Every finding that the entries are about, once."""
    return tuple(dict.fromkeys(key_of(item) for entry in entries for item in items_of(entry)))
