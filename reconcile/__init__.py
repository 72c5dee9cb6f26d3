"""Totsugo: joins CROSS MALL and Smartship and says what does not agree, why, and what to do."""

from typing import TYPE_CHECKING, Any

from reconcile.access import ROLES, Login, least_role
from reconcile.errors import NotAllowed, ReconcileError, SyncCancelled, SyncFailed, UsageError
from reconcile.frames import FRAMES, Col, Frame
from reconcile.model import (
    DESKS,
    FLOW_STAGES,
    ORDER_STATES,
    SMARTSHIP_OPTIONS,
    Account,
    AccountHealth,
    Export,
    FileReport,
    Finding,
    Ladder,
    MappingBoard,
    OrderBoard,
    OrderCase,
    OrderFilter,
    Overview,
    Paging,
    PhaseRow,
    Progress,
    Step,
    StockBoard,
    StockCase,
    StockHistory,
    SyncReport,
    TablePage,
)
from reconcile.text import JST, LANGUAGES, Text, visible

if TYPE_CHECKING:
    from reconcile.affixing import LearnedAffix
    from reconcile.alerts.channels import (
        ALERT_DIGESTS_MIN,
        ALERT_KINDS,
        ALERT_SEVERITIES,
        MAIL_SECURITY,
        Channel,
    )
    from reconcile.changes import Change
    from reconcile.logins import Logins
    from reconcile.mapping.decisions import (
        Candidate,
        ClassRecord,
        DecisionReport,
        FrozenMapping,
        ImportRow,
        LeftOut,
        MappingAct,
        MappingCase,
        MappingConflict,
        MappingFilter,
        MappingImportDiff,
        SeenTexts,
    )
    from reconcile.mapping.record import MIN_DECIDED, MIN_LOWER
    from reconcile.mapping.told import Told, candidate_told
    from reconcile.mapping.words import cures_of
    from reconcile.stays import StayAnswer
    from reconcile.stock.causes import STOCK_CAUSES, STOCK_RISKS
    from reconcile.triage_acts import BulkReport, FrozenList, TriageFilter, TriageRow, finding_key
    from reconcile.views import SavedView
    from reconcile.workspace import Workspace

__all__ = [
    "ALERT_DIGESTS_MIN",
    "ALERT_KINDS",
    "ALERT_SEVERITIES",
    "DESKS",
    "FLOW_STAGES",
    "FRAMES",
    "JST",
    "LANGUAGES",
    "MAIL_SECURITY",
    "MIN_DECIDED",
    "MIN_LOWER",
    "ORDER_STATES",
    "ROLES",
    "SMARTSHIP_OPTIONS",
    "STOCK_CAUSES",
    "STOCK_RISKS",
    "Account",
    "AccountHealth",
    "BulkReport",
    "Candidate",
    "Change",
    "Channel",
    "ClassRecord",
    "Col",
    "DecisionReport",
    "Export",
    "FileReport",
    "Finding",
    "Frame",
    "FrozenList",
    "FrozenMapping",
    "ImportRow",
    "Ladder",
    "LearnedAffix",
    "LeftOut",
    "Login",
    "Logins",
    "MappingAct",
    "MappingBoard",
    "MappingCase",
    "MappingConflict",
    "MappingFilter",
    "MappingImportDiff",
    "NotAllowed",
    "OrderBoard",
    "OrderCase",
    "OrderFilter",
    "Overview",
    "Paging",
    "PhaseRow",
    "Progress",
    "ReconcileError",
    "SavedView",
    "SeenTexts",
    "StayAnswer",
    "Step",
    "StockBoard",
    "StockCase",
    "StockHistory",
    "SyncCancelled",
    "SyncFailed",
    "SyncReport",
    "TablePage",
    "Text",
    "Told",
    "TriageFilter",
    "TriageRow",
    "UsageError",
    "Workspace",
    "candidate_told",
    "cures_of",
    "finding_key",
    "least_role",
    "visible",
]


def __getattr__(name: str) -> Any:
    """What rests on the store, on first use: the core must import without the database and the HTTP library."""
    if name in __all__:
        import importlib

        for module in (
            *("reconcile.workspace", "reconcile.triage_acts", "reconcile.views"),
            *("reconcile.affixing", "reconcile.changes", "reconcile.logins", "reconcile.stays"),
            "reconcile.alerts.channels",
            *("reconcile.mapping.words", "reconcile.mapping.record"),
            *("reconcile.mapping.decisions", "reconcile.mapping.told", "reconcile.stock.causes"),
        ):
            found = getattr(importlib.import_module(module), name, None)
            if found is not None:
                return found
    raise AttributeError(name)
