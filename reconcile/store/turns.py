"""Taking acts back and doing them again, whatever they are about: told by the steps that each thing went through.

A step is a thing after an act; its root is the act whose outcome it shows. Taking an act back is a further step that
equals the one before the act.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from reconcile.store.chain import Entry

Key = tuple[str, str]  # account, and what names the thing in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """What every step tells. sequence: of its ledger entry; root: the act whose outcome it shows, 0 for none; undoes: the act
    that it takes back; acted_at: UTC without offset, as the store keeps it.
    """

    account: str
    sequence: int
    root: int
    undoes: int | None = None
    event: str
    actor: str
    acted_at: datetime


S = TypeVar("S", bound=Stepped)
Restored = tuple[list[tuple[Key, int]], list[Key]]


def stored(at: datetime) -> datetime:
    """An instant as a step has it."""
    return at.astimezone(UTC).replace(tzinfo=None)


def told_by(entry: Entry) -> dict[str, Any]:
    """What a step takes from its entry whatever it is about."""
    return {
        "sequence": entry.sequence,
        "event": entry.event,
        "actor": entry.actor,
        "acted_at": stored(entry.at),
    }


def turned(found: S, entry: Entry, undone_by: str) -> S:
    """The step that an undo or redo returns to, under the number of the entry. undone_by: the event that takes back."""
    return replace(
        found,
        undoes=int(entry.values["of"]) if entry.event == undone_by else None,
        **told_by(entry),
    )


def step_of(known: Sequence[S], sequence: int) -> S | None:
    """The step with that number."""
    return next((step for step in known if step.sequence == sequence), None)


def before(known: Sequence[S], of: int) -> S | None:
    """The last step before act `of`."""
    earlier = [step for step in known if step.sequence < of]
    return earlier[-1] if earlier else None


def undone(steps: Mapping[Key, Sequence[S]], of: int) -> Restored:
    """What taking act `of` back restores, key and step (0: as nobody had touched it), and what has been acted on since."""
    items: list[tuple[Key, int]] = []
    changed: list[Key] = []
    for key, known in sorted(steps.items()):
        if known[-1].root == of:
            earlier = before(known, of)
            items.append((key, earlier.sequence if earlier else 0))
        else:
            changed.append(key)
    return items, changed


def redone(steps: Mapping[Key, Sequence[S]], of: int, turns: Collection[str]) -> Restored:
    """What doing act `of` again restores, and what is not where that act began. turns: the events that take back or redo."""
    items: list[tuple[Key, int]] = []
    changed: list[Key] = []
    for key, known in sorted(steps.items()):
        earlier = before(known, of)
        if known[-1].root == (earlier.root if earlier else 0) and known[-1].event in turns:
            items.append((key, of))
        else:
            changed.append(key)
    return items, changed
