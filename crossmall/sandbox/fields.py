"""Element names of every reply, in the documented order, with the older and shorter sets.

The one place to correct a name. Marks are those of the API note; names under ``DIFF_STOCK``,
``PHASE`` and ``SERVICE`` are [I] or [D].
"""

ORDER = (
    "order_number", "order_date", "shop_code", "shop_name", "order_code",
    "client_section_name1", "client_section_name2", "client_name", "client_kana", "client_zip",
    "client_address1", "client_address2", "client_tel", "client_mail", "terminal_type",
    "ship_section_name1", "ship_section_name2", "ship_name", "ship_kana", "ship_zip",
    "ship_address1", "ship_address2", "ship_tel", "delivery_number", "delivery_type_code",
    "delivery_type_name", "delivery_code", "delivery_name", "delivery_req_date",
    "delivery_time_code", "delivery_time_name", "delivery_date", "multiple_delivery_flag",
    "payment_code", "payment_name", "order_option1", "order_option2", "order_option3",
    "order_option4", "order_option5", "order_option6", "order_option7", "order_option8",
    "order_option9", "order_option10", "order_memo", "comment", "subtotal_price", "tax_price",
    "tax_base", "tax_round", "tax_system_type", "carriage_price", "cash_on_delivery",
    "option1_fee", "option2_fee", "point", "coupon", "total_price", "taxin_total_price_10",
    "taxin_total_price_8", "taxin_total_price_0", "tax_total_price_10", "tax_total_price_8",
    "phase_name", "check_mark1", "check_mark2", "check_mark3", "cancel_flag", "bundle_flag",
    "bundle_ahead_number", "created_at", "updated_at", "creating_source_type", "delivery_memo",
    "mail_type", "mail_name", "reserve_type", "reserve_name", "short_memo", "postit_color",
    "postit_memo",
)  # fmt: skip
# what this shop never fills, and what it may leave empty; all else always has a value
UNUSED_ORDER = frozenset(
    {
        "client_section_name2", "terminal_type", "ship_section_name2", "comment", "delivery_memo",
        "mail_type", "mail_name", "reserve_type", "reserve_name", "postit_color",
        *(f"order_option{n}" for n in range(1, 11)),
    }
)  # fmt: skip
OFTEN_EMPTY_ORDER = frozenset(
    {
        "client_section_name1", "client_address2", "ship_section_name1", "ship_address2",
        "delivery_number", "delivery_req_date", "delivery_time_code", "delivery_time_name",
        "delivery_date", "order_memo", "bundle_ahead_number", "short_memo", "postit_memo",
    }
)  # fmt: skip
# what accounts saw before: nothing after updated_at, six options, none of the [M] columns [S]
NEWER_ORDER = frozenset(ORDER[ORDER.index("updated_at") + 1 :]) | {
    "multiple_delivery_flag", "order_option7", "order_option8", "order_option9",
    "order_option10", "tax_base", "tax_round", "tax_system_type", "taxin_total_price_10",
    "taxin_total_price_8", "taxin_total_price_0", "tax_total_price_10", "tax_total_price_8",
}  # fmt: skip
DETAIL = (
    "order_number", "line_no", "item_code", "item_name", "attribute1_code", "attribute1_name",
    "attribute2_code", "attribute2_name",
    *(f"item_option{n}_label" for n in range(1, 21)),
    *(f"item_option{n}" for n in range(1, 21)),
    "amount", "unit_price", "amount_price", "tax_type", "reduced_tax_rate_type",
    "freight_type", "free_item_code", "component_flag", "tax_rate", "jan_cd",
    "lead_time_text", "sender_type", "target_stock_type",
)  # fmt: skip
NEWER_DETAIL = frozenset({"sender_type", "target_stock_type"})
COMPONENT = (
    "order_number", "line_no", "set_item_code", "item_code", "item_name", "attribute1_code",
    "attribute1_name", "attribute2_code", "attribute2_name", "component_count", "jan_cd",
)  # fmt: skip
STOCK = (
    "item_cd", "attribute1_code", "attribute1_name", "attribute2_code", "attribute2_name",
    "stock",
)  # fmt: skip
DIFF_STOCK = (*STOCK, "updated_at")
ITEM = (
    "item_code", "item_name", "attribute1_name", "attribute2_name", "unit_price",
    "notax_purchase_price", "taxin_purchase_price", "cost_price", "fixed_price",
    "freight_type", "updated_at",
)  # fmt: skip
SKU = (
    "item_code", "attribute1_code", "attribute1_name", "attribute2_code", "attribute2_name",
    "item_sku_code", "order_type", "order_point", "safety_stock", "lead_time", "order_lot",
    "keep_stock", "stock_unlimit_flag", "jan_code",
)  # fmt: skip
DIFF_SKU = (*SKU, "updated_at")
ATTRIBUTE = ("item_code", "attribute_type", "attribute_code", "attribute_name")
PHASE = ("phase_name",)
SERVICE = ("service_type", "service_status")

# carrier service: code, and the time slots it knows by name -> code
CARRIERS: dict[str, tuple[str, dict[str, str]]] = {
    "佐川急便": ("1", {"午前中": "01", "14:00～16:00": "14", "18:00～20:00": "18"}),
    "ヤマト運輸": ("2", {"午前中": "0812", "14:00～16:00": "1416", "19:00～21:00": "1921"}),
    "日本郵便": ("3", {"午前中": "51", "14:00～16:00": "53"}),
    "ネコポス": ("4", {}),
}
PAYMENTS = (
    ("1", "クレジットカード"), ("2", "代金引換"), ("3", "銀行振込"), ("4", "後払い（コンビニ）"),
)  # fmt: skip
SLOTS = ("", "", "", "", "", "午前中", "午前中", "14:00～16:00", "18:00～20:00", "19:00～21:00")
