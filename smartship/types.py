"""What a Smartship file says, as typed rows, and what reading it found; knows no other system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

Value = str | int | tuple[str, ...] | tuple[int, ...]


class FileKind(StrEnum):
    """The five Smartship tables we read, by their name on the command line."""

    ORDERS = "orders"
    SKUS = "skus"
    MAPPINGS = "mappings"
    STOCK = "stock"
    SYNC_LOG = "sync-log"


class CanonicalStatus(StrEnum):
    """Our reading of a shipment's status [I]; UNKNOWN stands for any word not in the lists."""

    COLLECTED = "COLLECTED"
    CONFIRMED = "CONFIRMED"
    INSTRUCTED = "INSTRUCTED"
    WAYBILL_ASSIGNING = "WAYBILL_ASSIGNING"
    WAYBILL_READY = "WAYBILL_READY"
    PICKUP_REQUESTED = "PICKUP_REQUESTED"
    SHIPPED = "SHIPPED"
    IN_TRANSIT = "IN_TRANSIT"
    DELIVERED = "DELIVERED"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    RETURNED = "RETURNED"
    HOLD = "HOLD"
    ERROR = "ERROR"
    CLAIMED = "CLAIMED"
    CANCELLED = "CANCELLED"
    DELETED = "DELETED"
    UNKNOWN = "UNKNOWN"


class ServiceType(StrEnum):
    """Who ships: the seller (SS), a fulfilment centre (FF), a smart warehouse (SW) [S]."""

    SELLER = "SS"
    FULFILMENT = "FF"
    SMART_WAREHOUSE = "SW"
    OTHER = "OTHER"


class RegisteredBy(StrEnum):
    """How the order came into Smartship."""

    API = "API"
    EXCEL = "EXCEL"
    MANUAL = "MANUAL"


class Basis(StrEnum):
    """Where a statement about coverage comes from, strongest first."""

    STATED = "stated"
    FILE_NAME = "file name"
    DATA = "data"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLine:
    """One packing number x item.

    None: the file does not say. `item_name` and `option_text` are the cell's exact text ("" where the cell is blank, None
    where there is no column). `qty` is > 0, None only without the column. Instants are aware UTC, read as UTC+9 where the
    file names no zone. `recipient_hash`: what the caller's function made of the recipient, who is not kept. `other` keeps
    unmodelled columns that hold nothing personal, under their own titles, text as found.
    """

    packing_no: str | None = None
    site_order_no: str | None = None
    site_cart_no: str | None = None
    reference_no: str | None = None
    sales_site: str | None = None
    shop_id: str | None = None
    service_type: ServiceType | None = None
    registered_by: RegisteredBy | None = None
    site_product_no: str | None = None
    item_name: str | None = None
    option_text: str | None = None
    sku_no: str | None = None
    seller_code: str | None = None
    qty: int | None = None
    status_raw: str | None = None
    status: CanonicalStatus = CanonicalStatus.UNKNOWN
    hold_raw: str | None = None
    courier: str | None = None
    tracking_no: str | None = None
    warehouse: str | None = None
    ordered_at: datetime | None = None
    registered_at: datetime | None = None
    confirmed_at: datetime | None = None
    instructed_at: datetime | None = None
    printed_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    site_notified: bool | None = None
    recipient_hash: str | None = None
    row_no: int
    other: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """One stock-keeping option; key `sku_no`, else `seller_code`. Names are exact cell text."""

    sku_no: str | None = None
    group_no: str | None = None
    seller_code: str | None = None
    product_name: str | None = None
    option_name: str | None = None
    barcode: str | None = None
    is_set: bool | None = None
    is_gift: bool | None = None
    shared_type: str | None = None
    in_use: bool | None = None
    warehouse: str | None = None
    registered_at: datetime | None = None
    row_no: int
    other: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuMapping:
    """One link between a SKU and a sales-site product; site texts are exact: the vendor links by them.

    `sync_type`: N, S, P, B, Z or L; `ratio_pct`: 0-100; `last_sync_ok`: what the result says.
    """

    sku_no: str | None = None
    seller_code: str | None = None
    sales_site: str | None = None
    shop_id: str | None = None
    site_product_no: str | None = None
    site_product_name: str | None = None
    site_option_text: str | None = None
    order_mapping_state: str | None = None
    sync_type_raw: str | None = None
    sync_type: str | None = None
    sync_enabled: bool | None = None
    ratio_pct: float | None = None
    safety_qty: int | None = None
    min_qty: int | None = None
    last_sync_qty: int | None = None
    last_sync_at: datetime | None = None
    last_sync_result: str | None = None
    last_sync_ok: bool | None = None
    row_no: int
    other: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseStock:
    """Pieces of one SKU in one warehouse; figures may be negative, None where not given.

    A file's only quantity column is `on_hand`, with the caution `only_one_quantity`.
    """

    snapshot_at: datetime | None = None
    warehouse: str | None = None
    sku_no: str | None = None
    seller_code: str | None = None
    barcode: str | None = None
    product_name: str | None = None
    option_name: str | None = None
    on_hand: int | None = None
    reserved: int | None = None
    available: int | None = None
    inbound: int | None = None
    damaged: int | None = None
    eot_qty: int | None = None
    safety_qty: int | None = None
    expiry: str | None = None
    lot: str | None = None
    row_no: int
    other: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncEvent:
    """One quantity sent to a sales site; `ok` is None where the result word is unknown."""

    event_at: datetime
    sku_no: str | None = None
    sales_site: str | None = None
    shop_id: str | None = None
    site_product_no: str | None = None
    option_text: str | None = None
    sent_qty: int | None = None
    result_raw: str | None = None
    ok: bool | None = None
    message: str | None = None
    row_no: int
    other: Mapping[str, str] = field(default_factory=dict, hash=False)


Row = ShipmentLine | Sku | SkuMapping | WarehouseStock | SyncEvent
RowT = TypeVar("RowT", ShipmentLine, Sku, SkuMapping, WarehouseStock, SyncEvent)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that was not taken: its number in the file (from 1), a stable code, typed values.

    Cell text never appears; `shape` shows its form only (digits as 9, letters as x): a shifted row may hold a customer's name.
    """

    row: int
    reason: str
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the file's reader decided or could not know: a stable code and typed values."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class CheckOff:
    """Rules that cannot run on this file, and the columns whose lack switches them off."""

    rules: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What span the file speaks for: `from_` inclusive, `to` exclusive unless basis is DATA.

    Ends of basis DATA are the first and last instants seen and prove presence only, never absence.
    `snapshot_at` is when the file was taken; `basis` speaks of the span, `snapshot_basis` of that.
    """

    snapshot_at: datetime | None = None
    from_: datetime | None = None
    to: datetime | None = None
    basis: Basis = Basis.UNKNOWN
    snapshot_basis: Basis = Basis.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """Everything one file gave: `rows_read` = accepted + rejected, blank lines not counted.

    `columns` maps our field to the title it came from; `unmatched` are titles nobody knew (kept in
    `other`); `dropped` are titles of columns that hold or may hold personal data or secrets: their
    cells were never read into a row. `header_row` counts from 1; `sheet` is the workbook's sheet.
    `header_fingerprint` identifies the title line, to store a user's own column choice under.
    """

    kind: FileKind
    file_format: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int
    header_fingerprint: str
    rows_read: int
    accepted: tuple[Row, ...]
    rejected: tuple[Rejection, ...]
    columns: Mapping[str, str] = field(hash=False)
    unmatched: tuple[str, ...]
    dropped: tuple[str, ...]
    warnings: tuple[Caution, ...]
    fingerprint: str
    coverage: Coverage
    checks_off: tuple[CheckOff, ...]

    def rows_of(self, row_type: type[RowT]) -> tuple[RowT, ...]:
        """The accepted rows that are of `row_type`: all of them or, for another kind, none."""
        return tuple(row for row in self.accepted if isinstance(row, row_type))


class FileRejected(Exception):
    """The file as a whole cannot be read; `code` is stable, `values` say the particulars.

    Codes: empty_file, too_large, not_a_table, unreadable_archive, encrypted_workbook,
    unknown_encoding, unreadable_table, header_not_found, columns_missing, kind_unknown.
    Nothing from inside a cell is in `values`, so the error may be logged and shown.
    """

    def __init__(self, code: str, values: Mapping[str, Value] | None = None) -> None:
        self.code = code
        self.values: dict[str, Value] = dict(values or {})
        super().__init__(code, self.values)
