"""The desk where people decide about product links: one act, a bulk on a previewed list, undo and redo, automatic classes.

Every act is a line of the ledger first, with the exact texts that were seen. It is written while this process alone holds the
mirror, after a look at what is there: of two who decide on the same version of a case, the second one is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from reconcile.errors import UsageError
from reconcile.mapping.compare import evaluate_mapping, renew_desk
from reconcile.mapping.decisions import (
    ACTS,
    FIXES,
    DecisionReport,
    FrozenMapping,
    LeftOut,
    MappingFilter,
)
from reconcile.mapping.record import MIN_DECIDED, MIN_LOWER
from reconcile.mapping_acts import (
    Rows,
    checked,
    expected_of,
    frozen,
    left,
    left_out,
    seen,
    shown,
    unchanged,
)
from reconcile.mapping_reading import ITSELF, MappingReading, filters
from reconcile.model import Account
from reconcile.store import mapping as store
from reconcile.store.chain import Entry
from reconcile.store.database import Cursor, aware
from reconcile.store.mapping_fold import (
    AUTOMATIC,
    CLASS_SET,
    DECIDED,
    REDONE,
    UNDONE,
    turn_items,
)
from reconcile.store.projections import catch_up
from reconcile.text import visible
from reconcile.triage_acts import person


class MappingDesk(MappingReading):
    """Decisions about product links; `Workspace` inherits it."""

    def mapping_decide(
        self,
        account: str,
        case_keys: Sequence[str],
        decision: str,
        *,
        sku_no: str | None = None,
        fix: str = "smartship",
        why: str = "",
        expected_version: str | Mapping[str, str] | None = None,
        by: str | None = None,
    ) -> DecisionReport:
        """One act on the named cases, all of them or none.

        decision: accept (sku_no: which SKU, needed unless the case is paired with just one) | reject (sku_no: which
        candidate) | no_counterpart | later | reopen. fix: the side to be changed. expected_version: what was shown (of the
        one case, or by key); None acts on whatever is there. Raises MappingConflict, UsageError; then nothing is done.
        """
        who = person(by)
        made = checked(decision, fix, why)
        wanted = tuple(dict.fromkeys(case_keys))
        if not wanted:
            raise UsageError("error.mapping.nothing")
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            found = store.cases(cursor, account, wanted)
            missing = [visible(key)[:200] for key in wanted if key not in found]
            if missing:
                raise UsageError("error.mapping.case", case=missing)
            for key in wanted:
                unchanged(found[key][0], expected_of(expected_version, key))
            items = [self._item(cursor, found[key], decision, sku_no) for key in wanted]
            entry = self._enter(cursor, DECIDED, account, {**made, "items": items}, who)
        return DecisionReport(done=len(items), skipped=(), ledger=(entry.sequence,))

    def mapping_preview(
        self, account: str, chosen: MappingFilter | None = None, *, decision: str = "accept"
    ) -> FrozenMapping:
        """The cases of a filter that a bulk act may decide, frozen as they are shown, and those that it leaves out.

        For `accept` only cases whose one SKU no other case wants and whose figures agree; kept for 7 days.
        """
        checked(decision, FIXES[0], "")
        asked = {"account": account, **filters(chosen)}
        list_id = uuid.uuid4().hex
        with self._db.write() as cursor:
            rows = store.rows(cursor, "chosen_cases", **asked)
            why_not = {row["case_key"]: left_out(row, decision) for row in rows}
            listed = [
                (row["case_key"], "chosen" if why_not[row["case_key"]] is None else "left_out", row)
                for row in rows
            ]
            content = [
                (key, became, shown(row) | {"why": why_not[key]}) for key, became, row in listed
            ]
            store.freeze(cursor, account, list_id, "preview", content, now=self.now())
        return frozen(list_id, account, [(became, row) for _, became, row in content])

    def mapping_list(self, list_id: str) -> FrozenMapping:
        """A previewed list by its id. Raises UsageError if it is not kept (any more)."""
        with self._db.read() as cursor:
            found = store.frozen(cursor, list_id, "preview")
        if not found:
            raise UsageError("error.mapping.list", id=visible(list_id)[:40])
        return frozen(list_id, found[0][0], [(became, row) for _, became, row in found])

    def mapping_decide_list(
        self,
        list_id: str,
        decision: str,
        *,
        fix: str = "smartship",
        why: str = "",
        by: str | None = None,
    ) -> DecisionReport:
        """One act on a previewed list: its cases without those that changed since. One line of the ledger.

        Raises UsageError for what cannot be, or for a list that is not kept.
        """
        kept = self.mapping_list(list_id)
        who, made = person(by), checked(decision, fix, why)
        if decision == "reject":
            raise UsageError("error.mapping.decision", decision=decision, known=list(ACTS))
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            found = store.cases(cursor, kept.account, [row.case_key for row in kept.rows])
            items, skipped = [], []
            for row in kept.rows:
                now = found.get(row.case_key)
                if now is None or now[0]["version"] != row.version:
                    skipped.append(left(row.case_key, now))
                elif (reason := left_out(now[0], decision)) is not None:
                    skipped.append(LeftOut(case_key=row.case_key, why=reason))
                else:
                    items.append(self._item(cursor, now, decision, row.sku_no))
            if not items:
                return DecisionReport(done=0, skipped=tuple(skipped), ledger=())
            entry = self._enter(cursor, DECIDED, kept.account, {**made, "items": items}, who)
        return DecisionReport(done=len(items), skipped=tuple(skipped), ledger=(entry.sequence,))

    def mapping_undo(self, act: int, *, by: str | None = None) -> DecisionReport:
        """Take a whole act back, single or bulk, by its number in the ledger.

        Cases that somebody acted on since stay and are reported. Raises UsageError if there is nothing to undo.
        """
        return self._turn_links(UNDONE, act, by)

    def mapping_redo(self, act: int, *, by: str | None = None) -> DecisionReport:
        """Do an act again that was taken back. Raises UsageError if there is nothing to redo."""
        return self._turn_links(REDONE, act, by)

    def mapping_class_automatic(
        self, account: str, code: str, on: bool, *, by: str | None = None
    ) -> None:
        """From now on accept links of a class by themselves, or stop.

        Only a link that is written alike, unique on both sides and without a differing figure, all of whose classes are
        switched on, and a case that nobody ever acted on. Raises UsageError for a class that has not proven itself.
        """
        who = person(by)
        records = {record.code: record for record in self.mapping_class_record(account)}
        known = records.get(code)
        if known is None or (on and not known.can_be_automatic):
            raise UsageError(
                "error.mapping.unproven",
                code=visible(code)[:60],
                decided=known.decided if known else 0,
                needed=MIN_DECIDED,
                lower=round(100 * (known.lower or 0.0), 2) if known else 0.0,
                least=100 * MIN_LOWER,
            )
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            self._enter(cursor, CLASS_SET, account, {"code": code, "on": on}, who)
        self._accept_automatic(account)

    def _judge(
        self, account: Account, *, is_new: bool = True
    ) -> tuple[dict[str, int], dict[str, int]]:
        counts = super()._judge(account, is_new=is_new)
        self._accept_automatic(account.name)
        return counts

    def _accept_automatic(self, account: str) -> None:
        """Accept what the account lets decide by itself, as an act of Totsugo that can be undone like any other."""
        with self._db.read() as cursor:
            if not store.rows(cursor, "untouched_auto", account=account):
                return
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            found = store.rows(cursor, "untouched_auto", account=account)
            items = [seen([row], row["sku_no"], row) for row in found]
            if items:
                self._enter(cursor, AUTOMATIC, account, {"items": items}, ITSELF)

    def _turn_links(self, event: str, act: int, by: str | None) -> DecisionReport:
        who = person(by)
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            steps = store.steps_of_act(cursor, act)
            own = [step for known in steps.values() for step in known if step.sequence == act]
            if not own or any(step.event in (UNDONE, REDONE) for step in own):
                raise UsageError("error.mapping.act", act=act)
            items, changed = turn_items(steps, event, act)
            if not items:
                key = "error.mapping.no_undo" if event == UNDONE else "error.mapping.no_redo"
                raise UsageError(key, act=act)
            account = own[0].account
            entry = self._enter(cursor, event, account, {"of": act, "items": items}, who)
        skipped = tuple(
            LeftOut(
                case_key=key[1],
                why="changed",
                decision=steps[key][-1].decision,
                by=steps[key][-1].actor,
                at=aware(steps[key][-1].acted_at),
            )
            for key in changed
        )
        return DecisionReport(done=len(items), skipped=skipped, ledger=(entry.sequence,))

    def _item(
        self, cursor: Cursor, rows: Rows, decision: str, sku_no: str | None
    ) -> dict[str, Any]:
        """A case as an entry of the ledger names it. Raises UsageError for an act that it does not allow."""
        main = rows[0]
        paired = {row["sku_no"]: row for row in rows if row["sku_no"]}
        if decision in ("accept", "reject"):
            if main["state"] in ("linked", "stale"):
                raise UsageError(f"error.mapping.{main['state']}", case=main["case_key"])
            chosen = sku_no or (next(iter(paired)) if len(paired) == 1 else None)
            if chosen is None:
                raise UsageError("error.mapping.which", case=main["case_key"], skus=list(paired))
            texts = paired.get(chosen) or self._texts_of(cursor, main["account"], chosen)
            return seen(rows, chosen, texts)
        if main["state"] == "linked" and decision != "reopen":
            raise UsageError("error.mapping.linked", case=main["case_key"])
        return seen(rows, None, main)

    def _texts_of(self, cursor: Cursor, account: str, sku_no: str) -> dict[str, Any]:
        """What a SKU number reads at Smartship now. Raises UsageError for a number that no list has."""
        found = store.rows(cursor, "sku_rows", account=account, skus=[sku_no])
        if not found:
            raise UsageError("error.mapping.no_such_sku", sku=visible(sku_no)[:60])
        return {
            "ss_product_no": found[0]["product_no"],
            "ss_product_name": found[0]["product_name"],
            "ss_option_text": found[0]["option_text"],
        }

    def _enter(
        self, cursor: Cursor, event: str, account: str, values: Mapping[str, Any], who: str
    ) -> Entry:
        """The act as one line of the ledger, and as rows of the mirror. The caller holds the mirror and has caught up.

        Judging leaves out pairs that were rejected; where one of them is rejected no more, it has to be done again.
        """
        entry = self._ledger.append(event, account, values, actor=who)
        catch_up(cursor, self._ledger)
        if store.is_outdated(cursor, account):
            evaluate_mapping(cursor, account, self.now())
            renew_desk(cursor, account)
        return entry
