"""The writes of one Smartship file: its rows, its coverage and its report, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from reconcile.orders.keys import join_key, tracking_key
from reconcile.store.database import Cursor
from reconcile.store.queries import load
from reconcile.store.rows import as_table, registered
from smartship.types import FileKind, ShipmentLine, Sku, SkuMapping, SyncEvent, WarehouseStock

Row = dict[str, Any]
SEPARATOR = "\x1f"
SHIPMENT_COLUMNS = [
    "packing_no",
    "site_order_no",
    "reference_no",
    "site_cart_no",
    "sales_site",
    "shop_id",
    "service_type",
    "registered_by",
    "site_product_no",
    "item_name",
    "option_text",
    "sku_no",
    "seller_code",
    "qty",
    "status_raw",
    "status",
    "hold_raw",
    "courier",
    "tracking_no",
    "warehouse",
    "ordered_at",
    "registered_at",
    "confirmed_at",
    "instructed_at",
    "printed_at",
    "shipped_at",
    "delivered_at",
    "recipient_hash",
    "row_no",
]


def known_import(cursor: Cursor, account: str, fingerprint: str, kind: str) -> str | None:
    """The import that already holds exactly these bytes, or None."""
    row = cursor.execute(
        load("imports")["known_import"],
        {"account": account, "fingerprint": fingerprint, "kind": kind},
    ).fetchone()
    return str(row[0]) if row else None


def put_import(cursor: Cursor, values: Mapping[str, Any]) -> None:
    """Store or correct the record of one file (its coverage may be stated later)."""
    cursor.execute(load("imports")["put_import"], dict(values))


def put_rows(
    cursor: Cursor,
    kind: FileKind,
    rows: Sequence[Any],
    *,
    account: str,
    import_id: str,
    snapshot_at: datetime,
    replaces: bool,
) -> None:
    """Store the rows of one file. `replaces`: the file is the whole list of its kind, so older rows go."""
    block, table, convert = _TARGETS[kind]
    context = {"account": account, "import_id": import_id, "snapshot_at": snapshot_at}
    found = convert(rows, context)
    with registered(cursor, incoming=as_table(cursor, table, found)):
        for statement in load("imports")[block].split(";"):
            values = {"account": account, "replaces": replaces, "snapshot_at": snapshot_at}
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            cursor.execute(statement, used)


def shops_apart(cursor: Cursor, account: str, import_id: str) -> tuple[list[str], list[str]] | None:
    """The shop ids of a file and the shop codes of CROSS MALL if both are known and share none, else None."""
    sql = load("imports")
    named = cursor.execute(
        sql["shops_of_import"], {"account": account, "import_id": import_id}
    ).fetchall()
    known = cursor.execute(sql["known_shops"], {"account": account}).fetchall()
    if not named or not known or set(named) & set(known):
        return None
    return [shop for (shop,) in named], [shop for (shop,) in known]


def unknown_skus(cursor: Cursor, account: str, import_id: str) -> list[str]:
    """SKUs of a stock file that neither the mapping nor the catalogue knows, sorted; [] while neither was read."""
    sql = load("imports")["unknown_skus"]
    found = cursor.execute(sql, {"account": account, "import_id": import_id}).fetchall()
    return [sku for (sku,) in found]


def _shipments(rows: Sequence[ShipmentLine], context: Row) -> list[Row]:
    seen: Counter[str] = Counter()
    found = []
    for line in rows:
        key = shipment_key(line)
        seen[key] += 1
        found.append(
            {name: _text(getattr(line, name)) for name in SHIPMENT_COLUMNS}
            | {
                "account": context["account"],
                "import_id": context["import_id"],
                "snapshot_at": context["snapshot_at"],
                "first_snapshot_at": context["snapshot_at"],
                "line_key": f"{key}{SEPARATOR}{seen[key]}",
                "site_order_key": join_key(line.site_order_no),
                "reference_key": join_key(line.reference_no),
                "site_cart_key": join_key(line.site_cart_no),
                "tracking_key": tracking_key(line.tracking_no),
                "site_notified": None if line.site_notified is None else str(line.site_notified),
            }
        )
    return found


def shipment_key(line: ShipmentLine) -> str:
    """The natural key of a shipment line without its ordinal (smartship.md 11.2 [I])."""
    return SEPARATOR.join(
        part or "-"
        for part in (
            line.packing_no,
            line.site_order_no or line.reference_no,
            line.sku_no or line.seller_code or f"{line.site_product_no}|{line.option_text}",
        )
    )


def _skus(rows: Sequence[Sku], context: Row) -> list[Row]:
    return _unique(
        (
            context
            | {
                "sku_no": sku.sku_no or sku.seller_code or f"row {sku.row_no}",
                "group_no": sku.group_no,
                "seller_code": sku.seller_code,
                "product_name": sku.product_name,
                "option_name": sku.option_name,
                "barcode": sku.barcode,
                "is_set": _text(sku.is_set),
                "use_yn": _text(sku.in_use),
            }
            for sku in rows
        ),
        "sku_no",
    )


def _mappings(rows: Sequence[SkuMapping], context: Row) -> list[Row]:
    names = [
        "sku_no",
        "seller_code",
        "sales_site",
        "shop_id",
        "site_product_no",
        "site_product_name",
        "site_option_text",
        "sync_type_raw",
        "sync_type",
        "safety_qty",
        "min_qty",
        "last_sync_qty",
        "last_sync_at",
        "last_sync_result",
        "last_sync_ok",
    ]
    return _unique(
        (
            context
            | {name: getattr(row, name) for name in names}
            | {
                "sync_enabled": _text(row.sync_enabled),
                "ratio": row.ratio_pct,
                "mapping_key": SEPARATOR.join(
                    part or ""
                    for part in (
                        row.sales_site,
                        row.shop_id,
                        row.site_product_no,
                        row.site_option_text,
                        row.sku_no or row.seller_code,
                    )
                ),
            }
            for row in rows
        ),
        "mapping_key",
    )


def _stock(rows: Sequence[WarehouseStock], context: Row) -> list[Row]:
    names = [
        "seller_code",
        "product_name",
        "option_name",
        "on_hand",
        "reserved",
        "available",
        "inbound",
        "damaged",
        "safety_qty",
    ]
    return _unique(
        (
            context
            | {name: getattr(row, name) for name in names}
            | {
                "warehouse": row.warehouse or "",
                "sku_no": row.sku_no or row.seller_code or f"row {row.row_no}",
                "snapshot_at": row.snapshot_at or context["snapshot_at"],
            }
            for row in rows
        ),
        "warehouse",
        "sku_no",
    )


def _sync_events(rows: Sequence[SyncEvent], context: Row) -> list[Row]:
    names = [
        "event_at",
        "sku_no",
        "sales_site",
        "shop_id",
        "site_product_no",
        "option_text",
        "sent_qty",
        "message",
    ]
    found = [
        {name: getattr(row, name) for name in names}
        | {
            "account": context["account"],
            "import_id": context["import_id"],
            "result": {True: "OK", False: "NG", None: row.result_raw}[row.ok],
        }
        for row in rows
    ]
    for event in found:
        event["event_key"] = SEPARATOR.join(str(event[name]) for name in names[:7])
    return _unique(iter(found), "event_key")


def _unique(rows: Any, *key: str) -> list[Row]:
    """The last row of each key: a file may name one thing twice."""
    return list({tuple(row[name] for name in key): row for row in rows}.values())


def _text(value: Any) -> Any:
    """Enumerations as their text, truth values as `True`/`False`; anything else as it is."""
    if isinstance(value, bool):
        return str(value)
    return str(value) if isinstance(value, str) else value


_TARGETS: Mapping[FileKind, tuple[str, str, Callable[[Sequence[Any], Row], list[Row]]]] = {
    FileKind.ORDERS: ("put_orders", "ss_shipment_line", _shipments),
    FileKind.SKUS: ("put_skus", "ss_sku", _skus),
    FileKind.MAPPINGS: ("put_mappings", "ss_sku_mapping", _mappings),
    FileKind.STOCK: ("put_stock", "ss_stock", _stock),
    FileKind.SYNC_LOG: ("put_sync_events", "ss_sync_event", _sync_events),
}
