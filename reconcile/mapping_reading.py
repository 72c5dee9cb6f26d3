"""What can be asked about product links: the board, the queue, one case with its candidates, records, fixes, twins, events."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from reconcile.errors import UsageError
from reconcile.frames import table
from reconcile.mapping.compare import MAPPING_CLASSES
from reconcile.mapping.decisions import (
    DECISIONS,
    FIXES,
    ClassRecord,
    MappingAct,
    MappingCase,
    MappingFilter,
    MappingProgress,
    QueueRow,
    SeenTexts,
)
from reconcile.mapping.difference import Correction, corrected_text
from reconcile.mapping.record import can_decide, lower_bound
from reconcile.mapping_candidates import candidates_of, is_ready, make_ready
from reconcile.model import MappingBoard, Paging
from reconcile.store import boards
from reconcile.store import mapping as store
from reconcile.store.database import naive
from reconcile.text import JST, visible
from reconcile.wiring import Wiring

ITSELF = "totsugo"  # who is named where a class decided by itself


class MappingReading(Wiring):
    """The questions about product links; see MappingDesk for the acts."""

    def mapping(
        self,
        account: str | None = None,
        chosen: MappingFilter | None = None,
        paging: Paging | None = None,
    ) -> MappingBoard:
        """Products of both sides compared by exact text, with the class and cause of every difference. Raises UsageError."""
        asked = {"account": account, **filters(chosen)}
        self._refresh(account)
        self._ready_candidates(account)
        whole = {"account": account}
        with self._db.read() as cursor:
            counted = store.tuples(cursor, "counts", **whole)
            basis = next((row[2] for row in counted), "none")
            kind = "mappings" if any(row[2] == "mappings" for row in counted) else "skus"
            left, done_today = store.tuples(cursor, "progress", **whole, **self._today())[0]
            return MappingBoard(
                table=boards.table_page(
                    cursor,
                    "filtered",
                    "sku_mapping",
                    asked,
                    paging or Paging(),
                    feed="catalogue",
                    kind=kind,
                    area="mapping_desk",
                ),
                basis=basis,
                by_class=_sums((row[0], row[3]) for row in counted),
                by_decision=_sums((row[1], row[3]) for row in counted),
                waiting_by_class=_sums((row[0], row[4]) for row in counted),
                by_cause=dict(store.tuples(cursor, "count_causes", **whole)),
                shops=tuple(store.tuples(cursor, "count_shops", **whole)),
                left=int(left),
                done_today=int(done_today),
            )

    def mapping_progress(self, account: str | None = None) -> MappingProgress:
        """How much of the queue is left and how much was decided today."""
        with self._db.read() as cursor:
            row = store.tuples(cursor, "progress", account=account, **self._today())[0]
        return MappingProgress(left=int(row[0]), done_today=int(row[1]))

    def mapping_queue(
        self,
        account: str,
        chosen: MappingFilter | None = None,
        *,
        after: str | None = None,
        before: str | None = None,
        size: int = 50,
    ) -> tuple[QueueRow, ...]:
        """Cases in the order in which they hold up orders, those that need a person unless the filter names decisions.

        after, before: the case whose successors or predecessors (the nearest first) are wanted; it may have left the queue.
        """
        asked = filters(chosen)
        asked["queue_only"] = asked["queue_only"] or not asked["decisions"]
        beside = {"beside": after or before, "is_back": after is None and before is not None}
        self._ready_candidates(account)
        with self._db.read() as cursor:
            found = store.rows(cursor, "queue", account=account, size=size, **asked, **beside)
        return tuple(QueueRow(**row | {"causes": tuple(row["causes"])}) for row in found)

    def mapping_case(self, account: str, case_key: str) -> MappingCase:
        """One case with its candidates. Raises UsageError for a key that no case has."""
        with self._db.read() as cursor:
            rows = store.cases(cursor, account, [case_key]).get(case_key)
            if not rows:
                raise UsageError("error.mapping.case", case=visible(case_key)[:200])
            decided = store.rows(cursor, "decision_of", account=account, case_key=case_key)
            why = rows[0]["why_sequence"]
            words = self._ledger.after(why - 1, 1)[1] if why else ()
            candidates = candidates_of(cursor, account, str(self._db.path), rows)
        last = decided[0] if decided else None
        said = {name: rows[0][name] for name in _TAKEN_OVER}
        return MappingCase(
            **said,
            causes=tuple(dict.fromkeys(code for row in rows for code in row["causes"])),
            waiting_shops=tuple(rows[0]["waiting_shops"]),
            decided_by=rows[0]["actor"],
            decided_at=rows[0]["acted_at"],
            why=_why(words[0].values, case_key) if words else None,
            chosen=_seen(last) if last and last["decision"] != "open" else None,
            candidates=candidates,
            rejected=tuple(rows[0]["rejected"] or ()),
        )

    def mapping_acts(self, account: str, limit: int = 20) -> tuple[MappingAct, ...]:
        """The last acts, newest first."""
        with self._db.read() as cursor:
            found = store.rows(cursor, "acts", account=account, size=limit)
        return tuple(MappingAct(**row) for row in found)

    def mapping_class_record(self, account: str) -> tuple[ClassRecord, ...]:
        """How often people agreed with what was proposed, by class of difference, the most decided first."""
        with self._db.read() as cursor:
            found = store.tuples(cursor, "class_record", account=account)
        records = [
            ClassRecord(
                code=code,
                open=waiting,
                decided=decided,
                right=matching,
                lower=lower_bound(matching, decided),
                is_automatic=is_automatic,
                can_be_automatic=can_decide(matching, decided),
            )
            for code, waiting, decided, matching, is_automatic in found
        ]
        return tuple(sorted(records, key=lambda one: (-one.decided, -one.open, one.code)))

    def mapping_fixes(self, account: str, side: str, *, changes_only: bool = False) -> pd.DataFrame:
        """Frame "mapping_fixes": what a side has to read, and whether it does by its newest file or sync.

        changes_only: what is still to be done. Without it, for Smartship, the whole list of links. Raises UsageError.
        """
        if side not in FIXES:
            raise UsageError("error.mapping.fix", fix=visible(side), known=list(FIXES))
        with self._db.read() as cursor:
            rows = store.rows(cursor, f"fixes_{side}", account=account, changes_only=changes_only)
        words = self._whys({row["why_sequence"] for row in rows if row["why_sequence"]})
        for row in rows:
            row["why"] = words.get((row.pop("why_sequence"), row["case_key"]))
        return table(rows, "mapping_fixes")

    def mapping_twins(self, account: str) -> pd.DataFrame:
        """Frame "mapping_twins": texts inside one side that are nearly or wholly the same; they will become ambiguous."""
        with self._db.read() as cursor:
            return table(store.rows(cursor, "twins", account=account), "mapping_twins")

    def mapping_events(self, account: str, limit: int = 200) -> pd.DataFrame:
        """Frame "mapping_events": products that were new, renamed or gone when they were judged, newest first."""
        with self._db.read() as cursor:
            found = store.rows(cursor, "events", account=account, size=limit)
        return table(found, "mapping_events")

    def correction(self, left: str, right: str, fix: str) -> Correction:
        """What a side (left | right) has to read, and what CP932 would change in it; see corrected_text."""
        return corrected_text(left, right, fix)

    def _ready_candidates(self, account: str | None) -> None:
        """In a program that stays: make ready beside the callers what the first case opened after a new file waits for."""
        if self.renews_beside:
            names = [one.name for one in self._accounts.known() if account in (None, one.name)]
            with self._db.read() as cursor:
                late = [name for name in names if not is_ready(cursor, name, str(self._db.path))]
            for name in late:
                self._readying.begin(name, partial(self._make_ready, name))

    def _make_ready(self, account: str) -> None:
        with self._db.read() as cursor:
            make_ready(cursor, account, str(self._db.path))

    def _today(self) -> dict[str, Any]:
        midnight = self.now().astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
        return {"since": naive(midnight), "itself": ITSELF}

    def _whys(self, sequences: set[int]) -> dict[tuple[int, str], str]:
        """The reasons that people typed, by ledger entry and case."""
        found: dict[tuple[int, str], str] = {}
        for sequence in sequences:
            for entry in self._ledger.after(sequence - 1, 1)[1]:
                for item in entry.values.get("items", ()):
                    why = _why(entry.values, item["case_key"])
                    if why:
                        found[sequence, item["case_key"]] = why
        return found


_TAKEN_OVER = (
    *("account", "case_key", "version", "state", "item_code", "attribute1_name", "attribute2_name"),
    *("item_name", "option_text", "sku_no", "ss_product_no", "ss_product_name", "ss_option_text"),
    *("waiting_orders", "decision", "decided", "fix", "arrival"),
    *("crossmall_seen_at", "smartship_seen_at"),
)


def filters(chosen: MappingFilter | None) -> dict[str, Any]:
    """A filter as the parameters of mapping_chosen. Raises UsageError for a state or decision that there is not."""
    asked = chosen or MappingFilter()
    for names, known in ((asked.states, MAPPING_CLASSES), (asked.decisions, DECISIONS)):
        wrong = [visible(name) for name in names if name not in known]
        if wrong:
            raise UsageError("error.mapping.filter", names=wrong, known=list(known))
    return {
        "states": list(asked.states),
        "classes": list(asked.classes),
        "shops": list(asked.shops),
        "decisions": list(asked.decisions),
        "search": asked.search,
        "queue_only": asked.queue_only and not asked.decisions,
    }


def _sums(pairs: Any) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, count in pairs:
        sums[name] = sums.get(name, 0) + int(count)
    return sums


def _why(values: Mapping[str, Any], case_key: str) -> str | None:
    items = [item for item in values.get("items", ()) if item["case_key"] == case_key]
    own: Mapping[str, Any] = items[0] if items else {}
    return own.get("why") or values.get("why") or None


def _seen(step: Mapping[str, Any]) -> SeenTexts:
    return SeenTexts(
        item_name=step["item_name"],
        option_text=step["option_text"],
        sku_no=step["sku_no"] or step["proposed_sku_no"],
        ss_product_no=step["ss_product_no"],
        ss_product_name=step["ss_product_name"],
        ss_option_text=step["ss_option_text"],
    )
