"""The calls this client makes, one table row each; names that are only guessed live nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PAGE_SIZE = 100  # get_order, get_item [S3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One read call.

    parameters: in the order they are sent, after ``account``. page_size: rows at which another page
    may follow, None when the call is not paged. cursor: parameter that takes the last row's key.
    evidence: the weakest mark among the names used here (crossmall-webapi 0).
    """

    name: str
    parameters: tuple[str, ...] = ()
    page_size: int | None = None
    cursor: str | None = None
    evidence: str = "S"


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

ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType(
    {
        row.name: row
        for row in (
            GET_PHASE,
            GET_ORDER,
            GET_ORDER_DETAIL,
            GET_ORDER_COMPONENT,
            GET_ITEM,
            GET_ITEM_SKU,
            GET_STOCK,
        )
    }
)

PHASE_NAME_FIELD = "phase_name"  # field of get_phase [I]
