"""The desk where people decide about product links: the board, the queue, one case, acts on one or many, undo and redo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from reconcile.mapping.decisions import (
    ClassRecord,
    DecisionReport,
    FrozenMapping,
    MappingAct,
    MappingCase,
    MappingFilter,
    MappingImportDiff,
    QueueRow,
)
from reconcile.model import MappingBoard, Paging
from reconcile.wiring import Wiring


class MappingDesk(Wiring):
    """Links of products; `Workspace` inherits it."""

    def mapping(
        self,
        account: str | None = None,
        chosen: MappingFilter | None = None,
        paging: Paging | None = None,
    ) -> MappingBoard:
        """Products of both sides compared by exact text, with the class and cause of every difference."""
        raise NotImplementedError

    def mapping_queue(
        self,
        account: str,
        chosen: MappingFilter | None = None,
        *,
        after: str | None = None,
        size: int = 50,
    ) -> tuple[QueueRow, ...]:
        """What needs a person, most waiting orders first; `after`: the case whose successors are wanted."""
        raise NotImplementedError

    def mapping_case(self, account: str, case_key: str) -> MappingCase:
        """One case with its candidates. Raises UsageError for a key that no case has."""
        raise NotImplementedError

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
        """One act on the named cases, all of them or none. Raises MappingConflict, UsageError."""
        raise NotImplementedError

    def mapping_preview(self, account: str, chosen: MappingFilter | None = None) -> FrozenMapping:
        """The cases of a filter that a bulk act may accept, frozen as they are shown, and those it leaves out."""
        raise NotImplementedError

    def mapping_list(self, list_id: str) -> FrozenMapping:
        """A previewed list by its id. Raises UsageError if it is not kept (any more)."""
        raise NotImplementedError

    def mapping_decide_list(
        self,
        list_id: str,
        decision: str,
        *,
        fix: str = "smartship",
        why: str = "",
        by: str | None = None,
    ) -> DecisionReport:
        """One act on a previewed list: its cases without those that changed since. One line of the ledger."""
        raise NotImplementedError

    def mapping_undo(self, act: int, *, by: str | None = None) -> DecisionReport:
        """Take a whole act back, single or bulk; cases that somebody acted on since stay and are reported."""
        raise NotImplementedError

    def mapping_redo(self, act: int, *, by: str | None = None) -> DecisionReport:
        """Do an act again that was taken back."""
        raise NotImplementedError

    def mapping_acts(self, account: str, limit: int = 20) -> tuple[MappingAct, ...]:
        """The last acts, newest first."""
        raise NotImplementedError

    def mapping_class_record(self, account: str) -> tuple[ClassRecord, ...]:
        """How often people agreed with what was proposed, by class of difference."""
        raise NotImplementedError

    def mapping_class_automatic(
        self, account: str, code: str, on: bool, *, by: str | None = None
    ) -> None:
        """Accept unique cases of a class by themselves from now on, or stop. Raises UsageError without enough decisions."""
        raise NotImplementedError

    def mapping_fixes(
        self, account: str, side: str, *, changes_only: bool = False
    ) -> pd.DataFrame:
        """Frame "mapping_fixes": what a side has to read, and whether it does; changes_only: what is still to be done."""
        raise NotImplementedError

    def mapping_import(self, account: str, name: str, data: bytes) -> MappingImportDiff:
        """What a mapping list (CSV, XLSX) would change. Raises ImportRejected for a file that is no such list."""
        raise NotImplementedError

    def mapping_import_apply(self, diff_id: str, *, by: str | None = None) -> DecisionReport:
        """Do what a mapping list says: its new and changed rows, without cases that changed since."""
        raise NotImplementedError

    def mapping_twins(self, account: str) -> pd.DataFrame:
        """Frame "mapping_twins": texts inside one side that are nearly or wholly the same."""
        raise NotImplementedError

    def mapping_events(self, account: str, limit: int = 200) -> pd.DataFrame:
        """Frame "mapping_events": products that were new, renamed or gone when they were judged, newest first."""
        raise NotImplementedError
