"""Which response fields exist and which of them are personal; a table, no logic about values.

Personal fields are dropped while reading. A field this table does not know may be personal too, so
its value is dropped as well and only its name is reported [D].
"""

from fnmatch import fnmatchcase
from functools import lru_cache

PERSONAL_FIELDS: tuple[str, ...] = (
    "client_*",
    "ship_*",
    "order_memo",
    "comment",
    "delivery_memo",
    "order_option*",
    "item_option*",
    "short_memo",
    "postit_memo",
)
# Labels are the shop's own words for a choice, not the buyer's answer.
LABEL_FIELDS: tuple[str, ...] = ("item_option*_label",)

# Known, non-personal and kept as raw text in ``other``.
ORDER_OTHER: frozenset[str] = frozenset(
    {
        "terminal_type",  # [S] values unknown
        "delivery_time_code",
        "delivery_time_name",
        "multiple_delivery_flag",  # [M]
        "payment_code",
        "subtotal_price",
        "tax_price",
        "tax_base",  # [M]
        "tax_round",  # [M]
        "tax_system_type",  # [M]
        "carriage_price",
        "cash_on_delivery",
        "option1_fee",
        "option2_fee",
        "point",
        "coupon",
        "taxin_total_price_10",  # [M]
        "taxin_total_price_8",  # [M]
        "taxin_total_price_0",  # [M]
        "tax_total_price_10",  # [M]
        "tax_total_price_8",  # [M]
        "mail_type",  # [M]
        "mail_name",  # [M]
        "reserve_type",  # [M]
        "reserve_name",  # [M]
        "postit_color",  # [M]
    }
)
LINE_OTHER: frozenset[str] = frozenset(
    {
        "tax_type",
        "reduced_tax_rate_type",
        "freight_type",
        "free_item_code",
        "tax_rate",
        "lead_time_text",
        "sender_type",  # [M]
        "target_stock_type",  # [M]
    }
)
ITEM_OTHER: frozenset[str] = frozenset(
    {
        "notax_purchase_price",
        "taxin_purchase_price",
        "cost_price",
        "fixed_price",
        "freight_type",  # [M]
        "updated_at",  # [M] format unknown
    }
)
SKU_OTHER: frozenset[str] = frozenset(
    {"order_type", "order_point", "safety_stock", "lead_time", "order_lot"}
)

# Known and read into a value of their own. Each was seen in replies [S]; that a row has all of them, empty or not, but for
# ORDER_NEWER, is inferred from a client that would fail otherwise [I], so rows.RowRule.always counts only where a reply
# itself writes empty elements. The rows of diff feeds are taken to be like those of get_stock and get_item_sku [I].
ATTRIBUTES: frozenset[str] = frozenset(
    f"attribute{n}_{part}" for n in (1, 2) for part in ("code", "name")
)
ORDER_FIELDS: frozenset[str] = frozenset(
    {
        "order_number", "order_code", "shop_code", "shop_name", "order_date", "phase_name",
        "cancel_flag", "bundle_flag", "bundle_ahead_number", "delivery_number",
        "delivery_type_code", "delivery_type_name", "delivery_code", "delivery_name",
        "delivery_date", "delivery_req_date", "payment_name", "check_mark1", "check_mark2",
        "check_mark3", "total_price", "created_at", "updated_at", "creating_source_type",
    }
)  # fmt: skip
ORDER_NEWER: frozenset[str] = frozenset({"creating_source_type"})  # older accounts lack it [S]
LINE_FIELDS: frozenset[str] = ATTRIBUTES | {
    "order_number", "line_no", "item_code", "item_name", "amount", "unit_price", "amount_price",
    "component_flag", "jan_cd",
}  # fmt: skip
COMPONENT_FIELDS: frozenset[str] = ATTRIBUTES | {
    "order_number", "line_no", "set_item_code", "item_code", "item_name", "component_count",
    "jan_cd",
}  # fmt: skip
ITEM_FIELDS: frozenset[str] = frozenset(
    {"item_code", "item_name", "attribute1_name", "attribute2_name", "unit_price"}
)
SKU_FIELDS: frozenset[str] = ATTRIBUTES | {
    "item_code", "item_sku_code", "jan_code", "keep_stock", "stock_unlimit_flag",
}  # fmt: skip
STOCK_FIELDS: frozenset[str] = ATTRIBUTES | {"item_cd", "stock"}
ATTRIBUTE_FIELDS: frozenset[str] = frozenset(
    {"item_code", "attribute_type", "attribute_code", "attribute_name"}
)


@lru_cache(maxsize=4096)
def is_label(name: str) -> bool:
    """True for the shop's own label of a choice, which is not personal."""
    return any(fnmatchcase(name, pattern) for pattern in LABEL_FIELDS)


@lru_cache(maxsize=4096)
def is_personal(name: str) -> bool:
    """True for a field that may describe a buyer or a recipient, in any letter case."""
    lowered = name.lower()
    return not is_label(lowered) and any(fnmatchcase(lowered, p) for p in PERSONAL_FIELDS)
