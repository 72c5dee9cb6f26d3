"""One row of cell text turned into one typed record, or into the reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from smartship import statuses, values
from smartship.columns import Columns
from smartship.notes import Notes
from smartship.types import (
    CanonicalStatus,
    FileKind,
    Rejection,
    Row,
    ServiceType,
    ShipmentLine,
    Sku,
    SkuMapping,
    SyncEvent,
    WarehouseStock,
)

_BAD = object()
Converter = Callable[[str], object]
# The hash of a recipient, made of name and postal code as they stand in the file; None where they do not tell one.
HashRecipient = Callable[[str, str], str | None]

_ROW_TYPES: Mapping[FileKind, Callable[..., Row]] = {
    FileKind.ORDERS: ShipmentLine,
    FileKind.SKUS: Sku,
    FileKind.MAPPINGS: SkuMapping,
    FileKind.STOCK: WarehouseStock,
    FileKind.SYNC_LOG: SyncEvent,
}
_IDENTIFIERS = frozenset(
    {
        "packing_no",
        "site_order_no",
        "site_cart_no",
        "reference_no",
        "site_product_no",
        "sku_no",
        "seller_code",
        "tracking_no",
        "shop_id",
        "group_no",
        "barcode",
        "lot",
    }
)
EXACT_TEXTS = frozenset(
    {
        "item_name",
        "option_text",
        "product_name",
        "option_name",
        "site_product_name",
        "site_option_text",
    }
)
STOCK_FIGURES = ("on_hand", "available", "reserved", "inbound", "damaged", "eot_qty")
_QUANTITIES = frozenset(
    {*STOCK_FIGURES, "qty", "safety_qty", "min_qty", "last_sync_qty", "sent_qty"}
)
_FLAGS = frozenset({"site_notified", "is_set", "is_gift", "in_use", "sync_enabled"})
_KEYS: Mapping[FileKind, tuple[str, ...]] = {
    FileKind.ORDERS: ("packing_no", "site_order_no", "reference_no"),
    FileKind.SKUS: ("sku_no", "seller_code"),
    FileKind.MAPPINGS: ("site_product_no",),
    FileKind.STOCK: ("sku_no", "seller_code", "barcode"),
    FileKind.SYNC_LOG: (),
}
# Columns without which a row says nothing: an unreadable cell there rejects the row.
_DECISIVE: Mapping[FileKind, frozenset[str]] = {
    FileKind.ORDERS: frozenset({"qty"}),
    FileKind.SKUS: frozenset(),
    FileKind.MAPPINGS: frozenset(),
    FileKind.STOCK: frozenset(STOCK_FIGURES),
    FileKind.SYNC_LOG: frozenset({"event_at", "sent_qty"}),
}
# The six that CP932 takes and gives back changed (measured), and what comes back.
SILENT_CHARACTERS = "¢£¬‖−〜"
SILENT_RESULTS = "￠￡￢∥－～"


class RowReader:
    """Turns rows of one file into records; what it had to decide goes to `notes`."""

    def __init__(
        self,
        columns: Columns,
        notes: Notes,
        *,
        encoding: str | None,
        damaged: frozenset[tuple[int, int]],
        snapshot_at: datetime | None,
        hash_recipient: HashRecipient | None,
    ) -> None:
        self._kind = columns.kind
        self._columns = columns
        self._notes = notes
        self._damaged = damaged
        self._snapshot_at = snapshot_at
        self._hash_recipient = (
            hash_recipient if columns.recipient.keys() >= {"name", "zip"} else None
        )
        self._others = tuple(columns.others.items())
        self._silent = re.compile(
            f"[{SILENT_RESULTS if encoding == 'cp932' else SILENT_CHARACTERS}]"
        )
        self._plan = tuple(
            (name, column, self._converter(name)) for name, column in columns.fields.items()
        )
        self.first: datetime | None = None
        self.last: datetime | None = None

    def read(self, at: int, cells: Sequence[str]) -> Row | Rejection:
        """The record of the row at position `at` (from 0), or its rejection."""
        found: dict[str, object] = {}
        other = {key: cells[column] for column, key in self._others if cells[column]}
        damaged = False
        for name, column, convert in self._plan:
            text = cells[column]
            value = convert(text)
            if name in _IDENTIFIERS and self._is_damaged(value, at, column):
                value, damaged = _BAD, True
            if value is _BAD:
                if name in _DECISIVE[self._kind]:
                    return self._refused(at, name, text)
                code = "identifier_damaged" if name in _IDENTIFIERS else "value_not_understood"
                self._notes.cell(code, name, self._columns.titles[name], at + 1)
                self._keep(other, name, text)
                value = None
            found[name] = value
        reason = self._reason(found, damaged)
        if reason:
            return Rejection(at + 1, reason)
        self._finish(found, other)
        if self._hash_recipient is not None:
            name_at, zip_at = (self._columns.recipient[part] for part in ("name", "zip"))
            found["recipient_hash"] = self._hash_recipient(cells[name_at], cells[zip_at])
        return _ROW_TYPES[self._kind](row_no=at + 1, other=other, **found)

    def _is_damaged(self, value: object, at: int, column: int) -> bool:
        if not isinstance(value, str):
            return False
        return (at, column) in self._damaged or values.is_damaged(value)

    def _refused(self, at: int, name: str, text: str) -> Rejection:
        reason = "date_not_understood" if name.endswith("_at") else "qty_not_a_number"
        title = self._columns.titles[name]
        return Rejection(at + 1, reason, {"column": title, "shape": values.shape_of(text)})

    def _keep(self, other: dict[str, str], name: str, text: str) -> None:
        other.setdefault(self._columns.titles[name], text)

    def _reason(self, found: Mapping[str, object], damaged: bool) -> str | None:
        keys = _KEYS[self._kind]
        if keys and not any(found.get(name) for name in keys):
            return "identifier_damaged" if damaged else "no_identifier"
        if self._kind is FileKind.ORDERS and "qty" in found:
            quantity = found["qty"]
            if quantity is None:
                return "qty_missing"
            if isinstance(quantity, int) and quantity <= 0:
                return "qty_not_positive"
        if self._kind is FileKind.STOCK and all(found.get(name) is None for name in STOCK_FIGURES):
            return "qty_missing"
        if self._kind is FileKind.SYNC_LOG and found.get("event_at") is None:
            return "date_missing"
        return None

    def _finish(self, found: dict[str, object], other: dict[str, str]) -> None:
        """Add what follows from the cells: status, codes of choices, the snapshot."""
        if self._kind is FileKind.ORDERS:
            self._finish_order(found, other)
        elif self._kind is FileKind.MAPPINGS:
            raw = _text_of(found, "sync_type_raw")
            found["sync_type"] = statuses.sync_type(raw)
            if raw and found["sync_type"] is None:
                self._notes.word("unknown_sync_type", raw)
            found["last_sync_ok"] = statuses.flag(_text_of(found, "last_sync_result"))
        elif self._kind is FileKind.SYNC_LOG:
            raw = _text_of(found, "result_raw")
            found["ok"] = statuses.flag(raw)
            if raw and found["ok"] is None:
                self._notes.word("unknown_result", raw)
            self._seen(found.get("event_at"))
        elif self._kind is FileKind.STOCK and found.get("snapshot_at") is None:
            found["snapshot_at"] = self._snapshot_at

    def _finish_order(self, found: dict[str, object], other: dict[str, str]) -> None:
        raw = _text_of(found, "status_raw")
        found["status"] = statuses.canonical_status(raw)
        if raw and found["status"] is CanonicalStatus.UNKNOWN:
            self._notes.word("unknown_status", raw)
        service = _text_of(found, "service_type")
        found["service_type"] = statuses.service_type(service)
        if service and found["service_type"] is ServiceType.OTHER:
            self._keep(other, "service_type", service)
        registered = _text_of(found, "registered_by")
        found["registered_by"] = statuses.registered_by(registered)
        if registered and found["registered_by"] is None:
            self._keep(other, "registered_by", registered)
        by_registration = "registered_at" in self._columns.fields
        self._seen(found.get("registered_at" if by_registration else "ordered_at"))

    def _seen(self, moment: object) -> None:
        if isinstance(moment, datetime):
            self.first = moment if self.first is None else min(self.first, moment)
            self.last = moment if self.last is None else max(self.last, moment)

    def _converter(self, name: str) -> Converter:
        if name == "packing_no":
            return values.packing_number
        if name in _IDENTIFIERS:
            return values.identifier
        if name in EXACT_TEXTS:
            return self._exact
        if name in _QUANTITIES:
            return _quantity
        if name in _FLAGS:
            return _flag
        if name == "ratio_pct":
            return _ratio
        return self._instant_of(name) if name.endswith("_at") else _text

    def _exact(self, text: str) -> str:
        if not text.isascii() and (found := self._silent.findall(text)):
            self._notes.characters(found)
        return text

    def _instant_of(self, name: str) -> Converter:
        def convert(text: str) -> object:
            if not text or values.is_no_date(text):
                return None
            found = values.instant(text)
            if found is None:
                return _BAD
            moment, assumed = found
            if assumed:
                self._notes.zone_assumed(name)
            return moment

        return convert


def _text_of(found: Mapping[str, object], name: str) -> str | None:
    value = found.get(name)
    return value if isinstance(value, str) else None


def _text(text: str) -> str | None:
    return text.strip() or None


def _quantity(text: str) -> object:
    if len(text) < 9 and text.isdecimal() and text.isascii():
        return int(text)
    plain = text.strip()
    if not plain or plain == "-":
        return None
    number = values.quantity(plain)
    return _BAD if number is None else number


def _ratio(text: str) -> object:
    if not text.strip():
        return None
    share = values.ratio_pct(text)
    return _BAD if share is None else share


def _flag(text: str) -> object:
    if not text.strip():
        return None
    mark = statuses.flag(text)
    return _BAD if mark is None else mark
