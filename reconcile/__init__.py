"""Totsugo: joins CROSS MALL and Smartship and says what does not agree, why, and what to do."""

from typing import TYPE_CHECKING, Any

from reconcile.errors import ReconcileError, SyncCancelled, SyncFailed, UsageError
from reconcile.frames import FRAMES, Col, Frame
from reconcile.model import (
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
    SyncReport,
    TablePage,
)
from reconcile.text import JST, LANGUAGES, Text

if TYPE_CHECKING:
    from reconcile.workspace import Workspace

__all__ = [
    "FRAMES",
    "JST",
    "LANGUAGES",
    "ORDER_STATES",
    "SMARTSHIP_OPTIONS",
    "Account",
    "AccountHealth",
    "Col",
    "Export",
    "FileReport",
    "Finding",
    "Frame",
    "Ladder",
    "MappingBoard",
    "OrderBoard",
    "OrderCase",
    "OrderFilter",
    "Overview",
    "Paging",
    "PhaseRow",
    "Progress",
    "ReconcileError",
    "Step",
    "StockBoard",
    "SyncCancelled",
    "SyncFailed",
    "SyncReport",
    "TablePage",
    "Text",
    "UsageError",
    "Workspace",
]


def __getattr__(name: str) -> Any:
    """Workspace on first use: the core must import without the database and the HTTP library."""
    if name == "Workspace":
        from reconcile.workspace import Workspace

        return Workspace
    raise AttributeError(name)
