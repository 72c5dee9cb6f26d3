"""Taking acts back and doing them again, whatever they are about: told by the steps that each thing went through.

A step is a thing after an act; its root is the act whose outcome it shows. Taking an act back is a further step that
equals the one before the act.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, TypeVar

Key = tuple[str, str]  # account, and what names the thing in it


class Stepped(Protocol):
    """What taking back needs to know of a step."""

    @property
    def sequence(self) -> int:
        """The number of the ledger entry."""

    @property
    def root(self) -> int:
        """The act whose outcome this is, 0 for none."""

    @property
    def event(self) -> str:
        """The event of the ledger entry."""


S = TypeVar("S", bound=Stepped)
Restored = tuple[list[tuple[Key, int]], list[Key]]


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
