"""Raw rows to values, one function per kind; the vendor's field names are visible here.

Each function raises BrokenValue when a row breaks a rule. ``keep_personal`` decides whether fields
of PERSONAL_FIELDS are dropped, kept (in ``personal``), or become what a function makes of those of an order.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from crossmall.fields import (
    ATTRIBUTE_FIELDS,
    COMPONENT_FIELDS,
    ITEM_FIELDS,
    ITEM_OTHER,
    LINE_FIELDS,
    LINE_OTHER,
    ORDER_FIELDS,
    ORDER_NEWER,
    ORDER_OTHER,
    SKU_FIELDS,
    SKU_OTHER,
    STOCK_FIELDS,
    is_label,
    is_personal,
)
from crossmall.types import (
    Item,
    ItemAttribute,
    ItemSku,
    KeepPersonal,
    Order,
    OrderComponent,
    OrderLine,
    Phase,
    ServiceStatus,
    SkuChange,
    Stock,
    StockChange,
)
from crossmall.values import (
    BrokenValue,
    Row,
    day,
    instant,
    number_text,
    required_instant,
    required_text,
    required_whole,
    text,
    whole,
)

T = TypeVar("T")
ReadRow = Callable[[Row, KeepPersonal], T]


@dataclass(frozen=True, slots=True)
class RowRule(Generic[T]):
    """How rows of one kind are read: the function, the key field, all non-personal names, and those no row lacks."""

    read: ReadRow[T]
    key: str
    known: frozenset[str]
    always: frozenset[str]

    def key_of(self, row: Row) -> str | None:
        """The row's key if it can be read; 管理番号 as digits, other keys untouched."""
        if self.key != "order_number":
            return text(row, self.key)
        try:
            return number_text(row, self.key)
        except BrokenValue:
            return None

    def lacking(self, row: Row) -> str | None:
        """Which element, empty or not, this row lacks that rows of its kind were seen with, if any (see crossmall.fields)."""
        return min(self.always - row.keys(), default=None)

    def unknown(self, names: Set[str]) -> frozenset[str]:
        """Those of the names that are neither known nor personal."""
        return frozenset(n for n in names - self.known if not is_personal(n) and not is_label(n))


def _other(row: Row, names: frozenset[str], labels: bool = False) -> dict[str, str]:
    return {
        name: value
        for name, value in row.items()
        if value and (name in names or (labels and is_label(name)))
    }


def _personal(row: Row) -> Mapping[str, str]:
    return {n: v for n, v in row.items() if v and is_personal(n)}


def _kept(row: Row, keep: KeepPersonal, ordered_at: datetime | None) -> Mapping[str, str]:
    if not keep:
        return {}
    return _personal(row) if keep is True else keep(_personal(row), ordered_at)


def order(row: Row, keep_personal: KeepPersonal = False) -> Order:
    """An order header; only order_number is required (older accounts send fewer fields [S])."""
    ordered_at = instant(row, "order_date")
    return Order(
        order_number=number_text(row, "order_number"),
        order_code=text(row, "order_code"),
        shop_code=text(row, "shop_code"),
        shop_name=text(row, "shop_name"),
        ordered_at=ordered_at,
        phase_name=text(row, "phase_name"),
        cancel_flag=whole(row, "cancel_flag"),
        bundle_flag=whole(row, "bundle_flag"),
        bundle_ahead_number=text(row, "bundle_ahead_number"),
        delivery_number=text(row, "delivery_number"),
        delivery_type_code=text(row, "delivery_type_code"),
        delivery_type_name=text(row, "delivery_type_name"),
        delivery_code=text(row, "delivery_code"),
        delivery_name=text(row, "delivery_name"),
        delivery_date=day(row, "delivery_date"),
        delivery_req_date=text(row, "delivery_req_date"),
        payment_name=text(row, "payment_name"),
        check_mark1=whole(row, "check_mark1"),
        check_mark2=whole(row, "check_mark2"),
        check_mark3=whole(row, "check_mark3"),
        total_price=whole(row, "total_price"),
        created_at=instant(row, "created_at"),
        updated_at=instant(row, "updated_at"),
        creating_source_type=text(row, "creating_source_type"),
        other=_other(row, ORDER_OTHER),
        personal=_kept(row, keep_personal, ordered_at),
    )


def order_line(row: Row, keep_personal: KeepPersonal = False) -> OrderLine:
    """An order line; order_number, line_no and amount are required [S3]."""
    return OrderLine(
        order_number=number_text(row, "order_number"),
        line_no=required_whole(row, "line_no"),
        item_code=text(row, "item_code"),
        item_name=text(row, "item_name"),
        attribute1_code=text(row, "attribute1_code"),
        attribute1_name=text(row, "attribute1_name"),
        attribute2_code=text(row, "attribute2_code"),
        attribute2_name=text(row, "attribute2_name"),
        amount=required_whole(row, "amount"),
        unit_price=whole(row, "unit_price"),
        amount_price=whole(row, "amount_price"),
        component_flag=whole(row, "component_flag") == 1,
        jan_code=text(row, "jan_cd"),
        other=_other(row, LINE_OTHER, labels=True),
        personal=_personal(row) if keep_personal is True else {},
    )


def order_component(row: Row, _keep_personal: KeepPersonal = False) -> OrderComponent:
    """A part of a set line; order_number, line_no and component_count are required [S2]."""
    return OrderComponent(
        order_number=number_text(row, "order_number"),
        line_no=required_whole(row, "line_no"),
        set_item_code=text(row, "set_item_code"),
        item_code=text(row, "item_code"),
        item_name=text(row, "item_name"),
        attribute1_code=text(row, "attribute1_code"),
        attribute1_name=text(row, "attribute1_name"),
        attribute2_code=text(row, "attribute2_code"),
        attribute2_name=text(row, "attribute2_name"),
        component_count=required_whole(row, "component_count"),
        jan_code=text(row, "jan_cd"),
    )


def phase(row: Row, _keep_personal: KeepPersonal = False) -> Phase:
    """A phase name, untouched, blanks at its ends included."""
    return Phase(name=required_text(row, "phase_name"))


def item(row: Row, _keep_personal: KeepPersonal = False) -> Item:
    """An item; the reply's attribute names are group labels here [S2]."""
    return Item(
        item_code=required_text(row, "item_code"),
        item_name=text(row, "item_name"),
        attribute1_group=text(row, "attribute1_name"),
        attribute2_group=text(row, "attribute2_name"),
        unit_price=whole(row, "unit_price"),
        other=_other(row, ITEM_OTHER),
    )


def item_sku(row: Row, _keep_personal: KeepPersonal = False) -> ItemSku:
    """A SKU of an item; the JAN is called jan_code here, not jan_cd [S]."""
    return ItemSku(
        item_code=required_text(row, "item_code"),
        attribute1_code=text(row, "attribute1_code"),
        attribute1_name=text(row, "attribute1_name"),
        attribute2_code=text(row, "attribute2_code"),
        attribute2_name=text(row, "attribute2_name"),
        sku_code=text(row, "item_sku_code"),
        jan_code=text(row, "jan_code"),
        keep_stock=whole(row, "keep_stock"),
        stock_unlimit_flag=whole(row, "stock_unlimit_flag"),
        other=_other(row, SKU_OTHER),
    )


def stock(row: Row, _keep_personal: KeepPersonal = False) -> Stock:
    """A stock figure; the item code is called item_cd here, the quantity may be negative [S3]."""
    return Stock(
        item_code=required_text(row, "item_cd"),
        attribute1_code=text(row, "attribute1_code"),
        attribute1_name=text(row, "attribute1_name"),
        attribute2_code=text(row, "attribute2_code"),
        attribute2_name=text(row, "attribute2_name"),
        stock=required_whole(row, "stock"),
    )


def item_attribute(row: Row, _keep_personal: KeepPersonal = False) -> ItemAttribute:
    """A value of an item's attribute; attribute_name is seen [S], the code is not [I]."""
    return ItemAttribute(
        name=required_text(row, "attribute_name"), code=text(row, "attribute_code")
    )


def stock_change(row: Row, _keep_personal: KeepPersonal = False) -> StockChange:
    """A stock figure that moved; as a row of get_stock, with updated_at [I]."""
    return StockChange(stock=stock(row), updated_at=required_instant(row, "updated_at"))


def sku_change(row: Row, _keep_personal: KeepPersonal = False) -> SkuChange:
    """A SKU whose master data changed; as a row of get_item_sku, with updated_at [I]."""
    return SkuChange(item_sku=item_sku(row), updated_at=required_instant(row, "updated_at"))


def service_status(row: Row, _keep_personal: KeepPersonal = False) -> ServiceStatus:
    """The state of one service; both names are made up [D]."""
    return ServiceStatus(
        service_type=required_text(row, "service_type"), status=required_text(row, "service_status")
    )


ORDER = RowRule(order, "order_number", ORDER_FIELDS | ORDER_OTHER, ORDER_FIELDS - ORDER_NEWER)
ORDER_LINE = RowRule(order_line, "line_no", LINE_FIELDS | LINE_OTHER, LINE_FIELDS)
ORDER_COMPONENT = RowRule(order_component, "item_code", COMPONENT_FIELDS, COMPONENT_FIELDS)
PHASE = RowRule(phase, "phase_name", frozenset({"phase_name"}), frozenset())
ITEM = RowRule(item, "item_code", ITEM_FIELDS | ITEM_OTHER, ITEM_FIELDS)
ITEM_SKU = RowRule(item_sku, "item_sku_code", SKU_FIELDS | SKU_OTHER, SKU_FIELDS)
STOCK = RowRule(stock, "item_cd", STOCK_FIELDS, STOCK_FIELDS)
ITEM_ATTRIBUTE = RowRule(item_attribute, "attribute_name", ATTRIBUTE_FIELDS, frozenset())
STOCK_CHANGE = RowRule(stock_change, "updated_at", STOCK_FIELDS | {"updated_at"}, STOCK_FIELDS)
SKU_CHANGE = RowRule(sku_change, "updated_at", ITEM_SKU.known | {"updated_at"}, SKU_FIELDS)
SERVICE = RowRule(
    service_status, "service_type", frozenset({"service_type", "service_status"}), frozenset()
)
