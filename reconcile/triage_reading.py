"""Findings with what people decided about them: lists, counts, the history of one, and how long each has waited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from reconcile.errors import UsageError
from reconcile.examining import DAYS
from reconcile.model import OrderFilter
from reconcile.store import desk
from reconcile.store import triage as store
from reconcile.store.database import naive
from reconcile.store.ledger import Ledger
from reconcile.store.triage_fold import ACTIONS, items_of, key_of
from reconcile.triage_acts import (
    STATES,
    AgeingLimits,
    TriageCounts,
    TriageEvent,
    TriageFilter,
    TriagePage,
    TriageRow,
    person,
)
from reconcile.wiring import Wiring


class TriageReading(Wiring):
    """The questions about decisions; see TriageDesk for the acts."""

    ageing = AgeingLimits()

    def _asked(self, chosen: OrderFilter) -> dict[str, Any]:
        """An order filter as the parameters of its statements, with this desk's clock and limits."""
        now = self.now()
        return desk.parameters(
            chosen,
            now=now,
            flow_since=now - timedelta(days=DAYS),
            limits=self.ageing.parameters(),
        )

    def triaged(
        self, chosen: TriageFilter | None = None, *, page: int = 1, size: int = store.EVERYTHING
    ) -> TriagePage:
        """Findings with what was decided about them, overdue and severe first. Raises UsageError."""
        asked = chosen or TriageFilter()
        wrong = [state for state in asked.states if state not in STATES]
        if wrong:
            raise UsageError("error.triage.state", names=wrong, known=list(STATES))
        self._refresh(asked.account)
        filters = {
            "account": asked.account,
            "states": list(asked.states),
            "rules": list(asked.rules),
            "kinds": list(asked.kinds),
            "keys": list(asked.keys),
            "assignee": asked.assignee,
            "overdue": asked.overdue,
            "orders": [f"{account}\n{number}" for account, number in asked.orders],
            "now": naive(self.now()),
            **self.ageing.parameters(),
        }
        with self._db.read() as cursor:
            rows = store.rows(cursor, filters, size=size, offset=(page - 1) * size)
            is_all = page == 1 and len(rows) < size
            total = len(rows) if is_all else store.count(cursor, filters)
        words = self._words()
        return TriagePage(rows=tuple(_row(row, words) for row in rows), total=total)

    def triage_counts(self, account: str | None = None, *, by: str | None = None) -> TriageCounts:
        """Findings by state, overdue ones, and those that are this person's and not resolved."""
        self._refresh(account)
        asked = {"account": account, "person": person(by), "now": naive(self.now())}
        with self._db.read() as cursor:
            found = store.counts(cursor, asked | self.ageing.parameters())
        return TriageCounts(
            by_state=dict.fromkeys(STATES, 0) | {state: count for state, count, _, _ in found},
            overdue=sum(overdue for _, _, overdue, _ in found),
            mine=sum(mine for state, _, _, mine in found if state != "resolved"),
        )

    def triage_history(self, account: str, finding_key: str) -> tuple[TriageEvent, ...]:
        """Every act on a finding, oldest first, its own ends and returns among them; `totsugo` names those."""
        return tuple(
            TriageEvent(
                sequence=entry.sequence,
                at=entry.at,
                actor=entry.actor,
                event=entry.event.partition(".")[2],
                values={name: value for name, value in entry.values.items() if name != "items"},
            )
            for entry in self._ledger.entries()
            if any(key_of(item) == (account, finding_key) for item in items_of(entry))
        )

    def _words(self) -> Mapping[int, str]:
        """What people typed, by the number of the entry; read anew when the ledger has grown."""
        path = self._ledger.path
        if not path.exists():
            return {}
        state = path.stat()
        return _typed(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _typed(path: Path, _size: int, _mtime_ns: int) -> Mapping[int, str]:
    return {
        entry.sequence: str(entry.values.get("text") or entry.values.get("reason"))
        for entry in Ledger(path).entries()
        if entry.event in (ACTIONS["note"], ACTIONS["ignore"])
    }


_TAKEN = (
    "version",
    "finding_state",
    "decided",
    "is_over",
    "is_held",
    "note_sequence",
    "reason_sequence",
)


def _row(row: Mapping[str, Any], words: Mapping[int, str]) -> TriageRow:
    version = store.version(
        row["version"],
        row["opened_at"],
        row["reopened"],
        is_resolved=row["finding_state"] == "resolved",
    )
    shown = {name: value for name, value in row.items() if name not in _TAKEN}
    ended = row["triage"] == "open"
    return TriageRow(
        **shown | {"snoozed_until": None if ended else row["snoozed_until"]},
        version=version,
        note=words.get(row["note_sequence"]),
        reason=None if ended else words.get(row["reason_sequence"]),
    )
