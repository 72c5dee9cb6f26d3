"""Smartship's files: read into typed rows, with a report of what was understood."""

from smartship.intake import read_file
from smartship.types import (
    Basis,
    CanonicalStatus,
    Caution,
    CheckOff,
    Coverage,
    FileKind,
    FileRejected,
    ImportResult,
    RegisteredBy,
    Rejection,
    Row,
    ServiceType,
    ShipmentLine,
    Sku,
    SkuMapping,
    SyncEvent,
    WarehouseStock,
)

__all__ = [
    "Basis",
    "CanonicalStatus",
    "Caution",
    "CheckOff",
    "Coverage",
    "FileKind",
    "FileRejected",
    "ImportResult",
    "RegisteredBy",
    "Rejection",
    "Row",
    "ServiceType",
    "ShipmentLine",
    "Sku",
    "SkuMapping",
    "SyncEvent",
    "WarehouseStock",
    "read_file",
]
