"""Which columns a file must have to be of a kind, and which rules rest without which columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from smartship.types import CheckOff, FileKind

Groups = tuple[tuple[str, ...], ...]

_ORDER = ("site_order_no", "reference_no")
_STOCK_FIGURES = ("on_hand", "available", "reserved", "inbound", "damaged", "eot_qty")

# A file is of a kind when it has one column of each group [I].
REQUIRED: Mapping[FileKind, Groups] = {
    FileKind.ORDERS: (
        ("packing_no", *_ORDER),
        ("qty", "status_raw", "tracking_no", "item_name", "sku_no"),
    ),
    FileKind.SYNC_LOG: (("event_at",), ("sent_qty", "result_raw"), ("sku_no", "site_product_no")),
    FileKind.MAPPINGS: (
        ("site_product_no",),
        ("sku_no", "seller_code"),
        ("sync_type_raw", "sync_enabled", "site_option_text", "site_product_name", "sales_site"),
    ),
    FileKind.STOCK: (("sku_no", "seller_code", "barcode"), _STOCK_FIGURES),
    FileKind.SKUS: (
        ("sku_no", "seller_code"),
        ("product_name", "option_name", "group_no", "barcode"),
    ),
}

# Rules by the columns they read: families of 11.7, taken apart by column [I].
_CHECKS: Mapping[FileKind, tuple[tuple[str, Groups], ...]] = {
    FileKind.ORDERS: (
        ("F01 F02 F03 F04 F07 F18 F19", (_ORDER,)),
        ("F06 F16 F17 F28", (_ORDER, ("status_raw",))),
        ("F05 F26 F27", (_ORDER, ("status_raw",), ("tracking_no",))),
        ("F08 F09 F10", (("sku_no", "seller_code"),)),
        ("F22", (("sku_no", "seller_code"), ("qty",))),
    ),
    FileKind.STOCK: (
        ("F15", (("sku_no", "seller_code"), ("on_hand",))),
        ("F11", (("sku_no", "seller_code"), ("available",))),
    ),
    FileKind.MAPPINGS: (
        ("F12", (("sync_type_raw", "sync_enabled"), ("last_sync_at",))),
        ("F13", (("last_sync_result",),)),
        ("F14", (("sync_type_raw",), ("ratio_pct", "safety_qty", "min_qty"))),
    ),
    FileKind.SYNC_LOG: (("F12", (("event_at",),)), ("F13", (("result_raw",),))),
    FileKind.SKUS: (("F36", (("is_set",),)),),
}


def lacking(groups: Groups, columns: Collection[str]) -> tuple[str, ...]:
    """First column of every group of which the file has none."""
    return tuple(group[0] for group in groups if not any(name in columns for name in group))


def checks_off(kind: FileKind, columns: Collection[str]) -> tuple[CheckOff, ...]:
    """The rules this file cannot serve, each with the columns that would switch them on."""
    return tuple(
        CheckOff(rules=tuple(rules.split()), missing=missing)
        for rules, groups in _CHECKS[kind]
        if (missing := lacking(groups, columns))
    )
