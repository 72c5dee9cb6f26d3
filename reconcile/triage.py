"""The desk where people decide about findings: one act, a bulk on a previewed list, undo and redo.

Every act is a line of the ledger first. It is written while this process alone holds the mirror, after a look at what is
there: of two who act on the same version of a finding, the first one wins and the second one is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from reconcile.errors import UsageError
from reconcile.model import Account, SyncReport
from reconcile.store import triage as store
from reconcile.store.chain import Entry
from reconcile.store.database import Cursor, aware
from reconcile.store.projections import catch_up
from reconcile.store.triage_fold import (
    ACTIONS,
    OVER,
    REDONE,
    RETURNED,
    UNDONE,
    redo_items,
    undo_items,
)
from reconcile.store.turns import Key
from reconcile.triage_acts import (
    BulkReport,
    FrozenList,
    Seen,
    Skipped,
    TriageConflict,
    TriageFilter,
    checked,
    person,
)
from reconcile.triage_reading import TriageReading
from reconcile.views import ViewShelf
from reconcile.wiring import OnProgress

ITSELF = "totsugo"  # who is named where nobody acted: a finding resolved, or is there again


class TriageDesk(TriageReading, ViewShelf):
    """Decisions about findings; `Workspace` inherits it."""

    def triage(
        self,
        account: str,
        keys: Sequence[str],
        action: str,
        *,
        expected_version: str | Mapping[str, str] | None = None,
        by: str | None = None,
        **values: Any,
    ) -> BulkReport:
        """One act on the named findings of an account, all of them or none; see `checked` for actions and values.

        expected_version: what was shown (of the one key, or by key); None acts on whatever is there.
        Raises TriageConflict if one of them is no longer what was shown, UsageError for what cannot be.
        """
        who, now = person(by), self.now()
        event, made = checked(action, who, now, values)
        wanted = {(account, key): _expected(expected_version, key) for key in keys}
        if not wanted:
            raise UsageError("error.triage.nothing")
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            found = store.items(cursor, list(wanted), now)
            missing = [key for key in wanted if key not in found]
            if missing:
                raise UsageError("error.triage.unknown", keys=[key for _, key in missing])
            for key, version in wanted.items():
                if version is not None and version != found[key].version:
                    raise _conflict(found[key], version)
            entry = self._write(cursor, event, made, [found[key].seen() for key in wanted], who)
        return BulkReport(done=len(wanted), skipped=(), ledger=(entry.sequence,))

    def triage_preview(self, chosen: TriageFilter | None = None) -> FrozenList:
        """The findings of a filter, frozen as they are shown; kept for 7 days, so that an act can name it by its id."""
        rows = self.triaged(chosen).rows
        seen = {(row.account, row.finding_key): row.version for row in rows}
        list_id = uuid.uuid4().hex
        with self._db.write() as cursor:
            store.freeze(cursor, list_id, seen, self.now())
        return replace(_frozen(list_id, seen), rows=rows)

    def triage_list(self, list_id: str) -> FrozenList:
        """A previewed list by its id. Raises UsageError if it is not kept (any more)."""
        with self._db.read() as cursor:
            seen = store.frozen(cursor, list_id)
        if not seen:
            raise UsageError("error.triage.list", id=list_id[:40])
        return _frozen(list_id, seen)

    def triage_bulk(
        self, frozen: FrozenList | str, action: str, *, by: str | None = None, **values: Any
    ) -> BulkReport:
        """One act on a previewed list: exactly its findings, without those that changed since. One line of the ledger.

        Raises UsageError for what cannot be, or for a list that is not kept.
        """
        chosen = self.triage_list(frozen) if isinstance(frozen, str) else frozen
        who, now = person(by), self.now()
        event, made = checked(action, who, now, values)
        wanted = {(item.account, item.finding_key): item.version for item in chosen.items}
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            found = store.items(cursor, list(wanted), now)
            same = [key for key in wanted if key in found and found[key].version == wanted[key]]
            skipped = tuple(_skipped(key, found.get(key)) for key in wanted if key not in set(same))
            if not same:
                return BulkReport(done=0, skipped=skipped, ledger=())
            entry = self._write(cursor, event, made, [found[key].seen() for key in same], who)
        return BulkReport(done=len(same), skipped=skipped, ledger=(entry.sequence,))

    def triage_undo(self, act: int, *, by: str | None = None) -> BulkReport:
        """Take a whole act back, single or bulk, by its number in the ledger.

        Findings that somebody has acted on since stay and are reported. Raises UsageError if there is nothing to undo.
        """
        return self._turn(UNDONE, act, by)

    def triage_redo(self, act: int, *, by: str | None = None) -> BulkReport:
        """Do an act again that was taken back. Raises UsageError if there is nothing to redo."""
        return self._turn(REDONE, act, by)

    def _judge(
        self, account: Account, *, is_new: bool = True
    ) -> tuple[dict[str, int], dict[str, int]]:
        counts = super()._judge(account, is_new=is_new)
        self._note_turns(account.name)
        return counts

    def _run(
        self,
        account: Account,
        parts: Sequence[str] | None,
        *,
        since: date | None,
        full: bool,
        on_progress: OnProgress | None,
        cancelled: Callable[[], bool] | None,
    ) -> SyncReport:
        report = super()._run(
            account,
            parts,
            since=since,
            full=full,
            on_progress=on_progress,
            cancelled=cancelled,
        )
        self._note_turns(account.name)
        return report

    def _note_turns(self, account: str) -> None:
        """Put into the ledger which decided findings resolved by themselves, and which are there again."""
        with self._db.read() as cursor:
            if not any(store.changed_by_itself(cursor, account)):
                return
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            turns = zip((OVER, RETURNED), store.changed_by_itself(cursor, account), strict=True)
            for event, found in turns:
                if found:
                    self._write(cursor, event, {}, [item.seen() for item in found], ITSELF)

    def _turn(self, event: str, act: int, by: str | None) -> BulkReport:
        who = person(by)
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            steps = store.steps_of_act(cursor, act)
            acts = {
                step.event for known in steps.values() for step in known if step.sequence == act
            }
            if not acts or not acts <= set(ACTIONS.values()):
                raise UsageError("error.triage.act", act=act)
            items, changed = (undo_items if event == UNDONE else redo_items)(steps, act)
            if not items:
                key = "error.triage.no_undo" if event == UNDONE else "error.triage.no_redo"
                raise UsageError(key, act=act)
            entry = self._write(cursor, event, {"of": act}, items, who)
        skipped = tuple(
            Skipped(
                account=key[0],
                finding_key=key[1],
                why="changed",
                by=steps[key][-1].actor,
                at=aware(steps[key][-1].acted_at),
            )
            for key in changed
        )
        return BulkReport(done=len(items), skipped=skipped, ledger=(entry.sequence,))

    def _write(
        self,
        cursor: Cursor,
        event: str,
        values: Mapping[str, Any],
        items: Sequence[Mapping[str, Any]],
        who: str,
    ) -> Entry:
        """The act as one line of the ledger, and as rows of the mirror. The caller holds the mirror and has caught up."""
        accounts = {str(item["account"]) for item in items}
        about = accounts.pop() if len(accounts) == 1 else None
        made = {**values, "items": [dict(item) for item in items]}
        entry = self._ledger.append(event, about, made, actor=who)
        catch_up(cursor, self._ledger)
        return entry


def _expected(expected: str | Mapping[str, str] | None, key: str) -> str | None:
    return expected.get(key) if isinstance(expected, Mapping) else expected


def _frozen(list_id: str, seen: Mapping[Key, str]) -> FrozenList:
    items = tuple(
        Seen(account=key[0], finding_key=key[1], version=version) for key, version in seen.items()
    )
    return FrozenList(id=list_id, items=items)


def _conflict(item: store.Item, version: str) -> TriageConflict:
    return TriageConflict(
        "error.triage.conflict" if item.actor else "error.triage.changed",
        finding=item.finding_key,
        expected=version,
        found=item.version,
        by=item.actor,
        at=item.acted_at,
    )


def _skipped(key: Key, item: store.Item | None) -> Skipped:
    if item is None:
        return Skipped(account=key[0], finding_key=key[1], why="gone")
    return Skipped(
        account=key[0], finding_key=key[1], why="changed", by=item.actor, at=item.acted_at
    )
