"""What CROSS MALL says, as values: frozen, typed, free of personal data unless asked for.

Text is exactly what the vendor sent; None means absent or empty, which the API does not tell apart.
Identifiers are text (leading zeros count). Instants are aware UTC; days are JST calendar days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Generic, TypeVar

from crossmall.credentials import DEFAULT_BASE_URL, Credentials, Secret
from crossmall.errors import ConfigurationError
from crossmall.goods import (
    Item,
    ItemAttribute,
    ItemSku,
    ServiceStatus,
    SkuChange,
    Stock,
    StockChange,
)

__all__ = [
    "CONDITION_AFTER",
    "CONDITION_EQUALS",
    "DEFAULT_BASE_URL",
    "CallRecord",
    "Credentials",
    "Item",
    "ItemAttribute",
    "ItemSku",
    "KeepPersonal",
    "Order",
    "OrderComponent",
    "OrderLine",
    "OrderQuery",
    "Page",
    "Phase",
    "Secret",
    "ServiceStatus",
    "SkippedRow",
    "SkuChange",
    "Stock",
    "StockChange",
]

CONDITION_EQUALS = 0  # [S2]
CONDITION_AFTER = 1  # [S2] strictly greater

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders to read; filters are joined with AND, and all of them are optional.

    order_number with condition 0 (also when condition is left out) is that order, with 1 the ones
    after it. Days are JST and inclusive at both ends; ``updated_*`` must be aware and are sent in
    JST, widened to whole seconds. Cancelled and held orders come too unless cancel_flag says so
    (0 通常, 1 保留, 2 キャンセル). Raises ConfigurationError for a query that cannot be sent.
    """

    order_number: str | None = None
    condition: int | None = None
    order_code: str | None = None
    order_date_from: date | None = None
    order_date_to: date | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    phase_name: str | None = None
    cancel_flag: int | None = None
    check_mark1: int | None = None
    check_mark2: int | None = None
    check_mark3: int | None = None

    def __post_init__(self) -> None:
        number = self.order_number
        if number is not None and not (number.isascii() and number.isdigit()):
            raise ConfigurationError("order_number must be digits", reason="order_number")
        if self.condition not in (None, CONDITION_EQUALS, CONDITION_AFTER):
            raise ConfigurationError("condition must be 0 or 1", reason="condition")
        if self.condition == CONDITION_EQUALS and number is None:
            raise ConfigurationError("condition 0 needs an order_number", reason="condition")
        for name in ("updated_from", "updated_to"):
            moment: datetime | None = getattr(self, name)
            if moment is not None and moment.utcoffset() is None:
                raise ConfigurationError(f"{name} must carry its time zone", reason=name)

    @property
    def is_single(self) -> bool:
        """True when the query names one order, so there is no next page."""
        return self.order_number is not None and self.condition != CONDITION_AFTER


# Of personal fields: all, none, or of an order's what a function makes of them and of when it was placed.
KeepPersonal = bool | Callable[[Mapping[str, str], datetime | None], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order header 注文伝票.

    order_number is 管理番号, order_code the shop's 注文番号. Codes with unknown meaning stay raw in
    ``other``, which never holds personal fields; ``personal`` holds what the reader was told to keep
    of them. total_price is whole yen. cancel_flag: 0 通常, 1 保留, 2 キャンセル [S2].
    """

    order_number: str
    order_code: str | None = None
    shop_code: str | None = None
    shop_name: str | None = None
    ordered_at: datetime | None = None
    phase_name: str | None = None
    cancel_flag: int | None = None
    bundle_flag: int | None = None
    bundle_ahead_number: str | None = None
    delivery_number: str | None = None
    delivery_type_code: str | None = None
    delivery_type_name: str | None = None
    delivery_code: str | None = None
    delivery_name: str | None = None
    delivery_date: date | None = None
    delivery_req_date: str | None = None
    payment_name: str | None = None
    check_mark1: int | None = None
    check_mark2: int | None = None
    check_mark3: int | None = None
    total_price: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    creating_source_type: str | None = None
    other: Mapping[str, str] = field(default_factory=dict, hash=False)
    personal: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)

    @property
    def is_bundled_child(self) -> bool:
        """True when the order travels in another order's parcel, so its lines cannot be read.

        Rule [D]: bundle_ahead_number is filled and is not the order's own number.
        """
        ahead = (self.bundle_ahead_number or "").strip()
        if ahead.isascii() and ahead.isdigit():
            return int(ahead) != int(self.order_number)
        return bool(ahead)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line 注文詳細 of an order; amount in pieces, prices in whole yen, unit_price per piece.

    component_flag: a set line, whose parts come from ``get_order_component``.
    """

    order_number: str
    line_no: int
    item_code: str | None = None
    item_name: str | None = None
    attribute1_code: str | None = None
    attribute1_name: str | None = None
    attribute2_code: str | None = None
    attribute2_name: str | None = None
    amount: int
    unit_price: int | None = None
    amount_price: int | None = None
    component_flag: bool = False
    jan_code: str | None = None
    other: Mapping[str, str] = field(default_factory=dict, hash=False)
    personal: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderComponent:
    """One part of a set line 注文構成品; component_count is 員数, pieces per one set [I]."""

    order_number: str
    line_no: int
    set_item_code: str | None = None
    item_code: str | None = None
    item_name: str | None = None
    attribute1_code: str | None = None
    attribute1_name: str | None = None
    attribute2_code: str | None = None
    attribute2_name: str | None = None
    component_count: int
    jan_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One 処理フェーズ of the account; the name is free text, untouched."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedRow:
    """A row that broke its rule: place within the reply from 1, its key if readable, and why.

    The reason names field and rule, never the value.
    """

    position: int
    reason: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One reply: good rows, skipped rows, and how many rows the vendor sent.

    last_key: key of the last row whose key could be read, skipped ones included; pages continue
    there. partial: rows that lack an element their kind is known to have [I], though this reply writes
    empty ones; with how each would be skipped. repaired: characters that XML forbids were
    stripped before reading, so texts may have lost them. unknown_fields: names the vendor sent that
    this client does not know.
    """

    rows: tuple[T, ...]
    skipped: tuple[SkippedRow, ...] = ()
    partial: tuple[tuple[T, SkippedRow], ...] = ()
    raw_count: int = 0
    last_key: str | None = None
    repaired: bool = False
    unknown_fields: frozenset[str] = frozenset()

    def whole(self) -> "Page[T]":
        """The page with its partial rows among the skipped: for who must not take absent for empty."""
        if not self.partial:
            return self
        torn = {id(row) for row, _ in self.partial}
        return replace(
            self,
            rows=tuple(row for row in self.rows if id(row) not in torn),
            skipped=self.skipped + tuple(skipped for _, skipped in self.partial),
            partial=(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One request as it went: names and counts only, no values, no signature.

    attempt counts from 1; status is None when no reply arrived; bytes is the size of the body;
    vendor_time is what the reply's Date header says, aware, to the second.
    """

    endpoint: str
    parameter_names: tuple[str, ...]
    status: int | None
    rows: int
    bytes: int
    ms: float
    error_class: str | None
    started_at: datetime
    attempt: int
    call_id: str = ""
    vendor_time: datetime | None = None
