"""Vendor values as rows of the mirror: same text, plus the keys that joins use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crossmall.types import (
    CallRecord,
    Item,
    ItemSku,
    Order,
    OrderComponent,
    OrderLine,
    Phase,
    Stock,
)
from reconcile.model import Account
from reconcile.orders.keys import code_points, join_key, tracking_key
from reconcile.orders.lookalike import check_phase
from reconcile.orders.roles import DEFAULT_ROLES, default_roles

Row = dict[str, Any]


def order_row(account: str, order: Order, seen_at: datetime, run_id: str) -> Row:
    """One order as table cm_order holds it (and cm_observation: `check_marks`, and cm_recipient: day and sealed text)."""
    marks = (order.check_mark1, order.check_mark2, order.check_mark3)
    return {
        "account": account,
        "order_number": order.order_number,
        "order_code": order.order_code,
        "order_code_key": join_key(order.order_code),
        "shop_code": order.shop_code,
        "shop_name": order.shop_name,
        "ordered_at": order.ordered_at,
        "phase_name": order.phase_name,
        "cancel_flag": order.cancel_flag,
        "bundle_flag": order.bundle_flag,
        "bundle_ahead_number": order.bundle_ahead_number,
        "is_bundle_child": order.is_bundled_child,
        "delivery_number": order.delivery_number,
        "delivery_number_key": tracking_key(order.delivery_number),
        "delivery_name": order.delivery_name,
        "delivery_type_name": order.delivery_type_name,
        "delivery_date": order.delivery_date,
        "payment_name": order.payment_name,
        **{f"check_mark{n}": None if m is None else str(m) for n, m in enumerate(marks, 1)},
        "check_marks": "".join("-" if mark is None else str(mark) for mark in marks),
        "total_price": order.total_price,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "recipient_hash": order.personal.get("hash"),
        "recipient_day": order.personal.get("day"),
        "recipient_sealed": order.personal.get("sealed"),
        "first_seen_at": seen_at,
        "seen_at": seen_at,
        "run_id": run_id,
    }


def line_row(account: str, line: OrderLine, seen_at: datetime) -> Row:
    """One order line as table cm_order_line holds it."""
    return {
        "account": account,
        "order_number": line.order_number,
        "line_no": line.line_no,
        "item_code": line.item_code,
        "item_name": line.item_name,
        "attribute1_name": line.attribute1_name,
        "attribute2_name": line.attribute2_name,
        "amount": line.amount,
        "unit_price": line.unit_price,
        "is_set": line.component_flag,
        "jan_code": line.jan_code,
        "seen_at": seen_at,
    }


def component_row(account: str, ordinal: int, part: OrderComponent, seen_at: datetime) -> Row:
    """One part of a set line as table cm_component holds it."""
    return {
        "account": account,
        "order_number": part.order_number,
        "line_no": part.line_no,
        "ordinal": ordinal,
        "item_code": part.item_code,
        "item_name": part.item_name,
        "attribute1_name": part.attribute1_name,
        "attribute2_name": part.attribute2_name,
        "component_count": part.component_count,
        "jan_code": part.jan_code,
        "seen_at": seen_at,
    }


def item_row(account: str, item: Item, seen_at: datetime) -> Row:
    """One item as table cm_item holds it."""
    return {
        "account": account,
        "item_code": item.item_code,
        "item_name": item.item_name,
        "attribute1_label": item.attribute1_group,
        "attribute2_label": item.attribute2_group,
        "unit_price": item.unit_price,
        "seen_at": seen_at,
    }


def sku_row(account: str, sku: ItemSku, seen_at: datetime) -> Row:
    """One SKU as table cm_sku holds it; an attribute the item does not have is ''."""
    return {
        "account": account,
        "item_code": sku.item_code,
        "attribute1_name": sku.attribute1_name or "",
        "attribute2_name": sku.attribute2_name or "",
        "item_sku_code": sku.sku_code,
        "jan_code": sku.jan_code,
        "keep_stock": sku.keep_stock,
        "stock_unlimit_flag": None
        if sku.stock_unlimit_flag is None
        else str(sku.stock_unlimit_flag),
        "seen_at": seen_at,
    }


def stock_row(account: str, stock: Stock, seen_at: datetime) -> Row:
    """One stock figure as table cm_stock holds it; may be negative."""
    return {
        "account": account,
        "item_code": stock.item_code,
        "attribute1_name": stock.attribute1_name or "",
        "attribute2_name": stock.attribute2_name or "",
        "stock": stock.stock,
        "seen_at": seen_at,
    }


def call_row(account: str, run_id: str | None, call: CallRecord) -> Row:
    """One request as table api_call holds it."""
    return {
        "account": account,
        "run_id": run_id,
        "started_at": call.started_at,
        "endpoint": call.endpoint,
        "parameter_names": " ".join(call.parameter_names),
        "status": call.status,
        "row_count": call.rows,
        "byte_count": call.bytes,
        "elapsed_ms": call.ms,
        "attempt": call.attempt,
        "error_class": call.error_class,
    }


def phase_rows(account: Account, phases: Sequence[Phase], seen_at: datetime) -> list[Row]:
    """The phase list with role and, for a name that nearly is an expected one, the difference as JSON."""
    names = list(dict.fromkeys(phase.name for phase in phases))
    expected = (account.collect_phase, account.shipped_phase)
    near = {
        alike.name: (name, json.dumps(alike.difference, ensure_ascii=False))
        for name in reversed(expected)
        for alike in check_phase(name, names, other_roles={*DEFAULT_ROLES, *expected}).lookalikes
    }
    roles = default_roles(names, collect_phase=expected[0], shipped_phase=expected[1])
    return [
        {
            "account": account.name,
            "phase_name": name,
            "position": position,
            "code_points": code_points(name),
            "lookalike_of": near.get(name, (None, None))[0],
            "difference": near.get(name, (None, None))[1],
            "role": roles[name],
            "seen_at": seen_at,
        }
        for position, name in enumerate(names, start=1)
    ]
