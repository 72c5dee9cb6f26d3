"""What changed since yesterday: new findings, resolved ones, orders shipped; and where that cannot be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.store import patterns
from reconcile.wiring import Wiring

SPAN = timedelta(hours=24)  # [D]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """So many changes of one kind, and the order numbers among them; findings may concern no order."""

    count: int
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed since an instant; None in place of a figure where no account can tell.

    untold: accounts that are not counted, why (no_look: never synced; too_young: nothing seen before `since`;
    too_old: not synced since), and the sync that says so.
    """

    since: datetime
    opened: Change | None
    resolved: Change | None
    shipped: Change | None
    untold: tuple[tuple[str, str, datetime | None], ...]


class ChangesDesk(Wiring):
    """What a workspace can be asked about the last day."""

    def changes(self, account: str | None = None) -> Changes:
        """New findings still open, findings resolved and orders shipped in the last SPAN, of one account or all.

        An account without a complete sync both before and within that time is not counted but named.
        """
        since = self.now() - SPAN
        with self._db.read() as cursor:
            judged = [
                (name, _reason(first, last, since), first if last and last >= since else last)
                for name, first, last in patterns.looked(cursor, account)
            ]
            told = [name for name, reason, _ in judged if reason is None]
            opened, resolved, shipped = (
                Change(count=count, orders=orders) if told else None
                for count, orders in (
                    patterns.changed(cursor, block, told, since)
                    for block in ("opened", "resolved", "shipped")
                )
            )
        return Changes(
            since=since,
            opened=opened,
            resolved=resolved,
            shipped=shipped,
            untold=tuple((name, reason, at) for name, reason, at in judged if reason is not None),
        )


def _reason(first: datetime | None, last: datetime | None, since: datetime) -> str | None:
    if first is None or last is None:
        return "no_look"
    if last < since:
        return "too_old"
    return "too_young" if first > since else None
