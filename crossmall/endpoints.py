"""The calls this client makes, one table row each, and the ones it refuses to make.

Parameter names here are ours; those that are only guessed are listed in ``crossmall.provisional``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crossmall.errors import ConfigurationError

PAGE_SIZE = 100  # get_order, get_item, get_diff_stock, get_diff_item_sku [S3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call.

    parameters: in the order they are sent, after ``account``. page_size: rows at which another page
    may follow, None when the call is not paged. cursor: parameter that takes the last row's key.
    evidence: the weakest mark among the names used here (crossmall-webapi 0). is_update: it changes
    something, so it is never repeated.
    """

    name: str
    parameters: tuple[str, ...] = ()
    page_size: int | None = None
    cursor: str | None = None
    evidence: str = "S"
    is_update: bool = False


GET_PHASE = Endpoint(name="get_phase", evidence="I")
GET_ORDER = Endpoint(
    name="get_order",
    parameters=(
        "order_number",
        "condition",
        "order_code",
        "order_date_fr",
        "order_date_to",
        "updated_at_fr",
        "updated_at_to",
        "delivery_date",
        "phase_name",
        "check_mark1",
        "check_mark2",
        "check_mark3",
        "cancel_flag",
        "creating_source_type[]",
    ),
    page_size=PAGE_SIZE,
    cursor="order_number",
)
GET_ORDER_DETAIL = Endpoint(name="get_order_detail", parameters=("order_number",))
GET_ORDER_COMPONENT = Endpoint(name="get_order_component", parameters=("order_number", "line_no"))
GET_ITEM = Endpoint(
    name="get_item",
    parameters=("item_code", "condition", "sort_type", "updated_at_fr", "updated_at_to"),
    page_size=PAGE_SIZE,
    cursor="item_code",
)
GET_ITEM_SKU = Endpoint(name="get_item_sku", parameters=("item_code",))
GET_STOCK = Endpoint(
    name="get_stock",
    parameters=("item_code", "attribute1_name", "attribute2_name", "sku_code", "jan_code"),
)

GET_ITEM_ATTRIBUTE = Endpoint(
    name="get_item_attribute", parameters=("item_code", "attribute_type"), evidence="I"
)
GET_DIFF_STOCK = Endpoint(
    name="get_diff_stock",
    parameters=("updated_at_fr", "condition"),
    page_size=PAGE_SIZE,
    cursor="updated_at_fr",
    evidence="I",
)
GET_DIFF_ITEM_SKU = Endpoint(
    name="get_diff_item_sku",
    parameters=("updated_at_fr", "condition"),
    page_size=PAGE_SIZE,
    cursor="updated_at_fr",
    evidence="I",
)
GET_SERVICE_STATUS = Endpoint(name="get_service_status", parameters=("service_type",), evidence="D")
UPD_ORDER_PHASE = Endpoint(
    name="upd_order_phase",
    parameters=(
        "order_number",
        "after_phase_name",
        "delivery_date",
        "delivery_date_update",
        "delivery_no",
        "delivery_name",
        "delivery_time_convert_error",
    ),
    is_update=True,
)
UPD_ORDER_CHECK_MARK = Endpoint(
    name="upd_order_check_mark",
    parameters=("order_number", "check_mark_type", "check_mark_value"),
    is_update=True,
)
UPD_STOCK = Endpoint(
    name="upd_stock",
    parameters=(*GET_STOCK.parameters, "update_type", "stock"),
    evidence="D",
    is_update=True,
)

ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType(
    {
        row.name: row
        for row in (
            GET_PHASE,
            GET_ORDER,
            GET_ORDER_DETAIL,
            GET_ORDER_COMPONENT,
            GET_ITEM,
            GET_ITEM_ATTRIBUTE,
            GET_ITEM_SKU,
            GET_STOCK,
            GET_DIFF_STOCK,
            GET_DIFF_ITEM_SKU,
            GET_SERVICE_STATUS,
            UPD_ORDER_PHASE,
            UPD_ORDER_CHECK_MARK,
            UPD_STOCK,
        )
    }
)
_NO_PARAMETERS = "it exists [S], but no parameter of it is known"
NOT_IMPLEMENTED: Mapping[str, str] = MappingProxyType(
    {
        "upd_item": _NO_PARAMETERS,
        "upd_item_attribute": _NO_PARAMETERS,
        "upd_item_sku": _NO_PARAMETERS,
        "upd_service_status": "it can halt a shop's order import and stock export",
    }
)


def endpoint(name: str) -> Endpoint:
    """The row of a call by its name.

    Raises ConfigurationError for one that is not offered, with the reason, and for one nobody knows.
    """
    if name in NOT_IMPLEMENTED:
        raise ConfigurationError(
            f"not offered by this client: {NOT_IMPLEMENTED[name]}",
            endpoint=name,
            reason="not_implemented",
        )
    if name not in ENDPOINTS:
        raise ConfigurationError("no such endpoint is known", reason="endpoint")
    return ENDPOINTS[name]
