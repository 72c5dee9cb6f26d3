"""Rows of a stock file that name one SKU of one warehouse twice: which counts, and what several lots add up to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from smartship.types import Rejection, Row, WarehouseStock

FIGURES = ("on_hand", "reserved", "available", "inbound", "damaged", "eot_qty")


def settled(rows: Sequence[Row]) -> tuple[list[Row], list[Rejection]]:
    """The rows that count, and the others with the reason: of equal keys the last counts [D], lots are added up."""
    last: dict[tuple[str | None, ...], WarehouseStock] = {}
    others: list[Row] = []
    refused = []
    for row in rows:
        if not isinstance(row, WarehouseStock):
            others.append(row)
            continue
        key = (row.warehouse, row.sku_no or row.seller_code or row.barcode, row.lot, row.expiry)
        earlier = last.pop(key, None)
        if earlier is not None:
            refused.append(Rejection(earlier.row_no, "sku_doubled", {"counts": row.row_no}))
        last[key] = row
    return [*others, *_by_sku(last.values())], refused


def _by_sku(rows: Iterable[WarehouseStock]) -> list[Row]:
    found: dict[tuple[str | None, ...], WarehouseStock] = {}
    for row in rows:
        key = (row.warehouse, row.sku_no or row.seller_code or row.barcode)
        before = found.get(key)
        found[key] = row if before is None else _added(before, row)
    return list(found.values())


def _added(one: WarehouseStock, other: WarehouseStock) -> WarehouseStock:
    """Two lots of a SKU as one row; a figure that one of them lacks is not known of both."""
    figures = {name: (getattr(one, name), getattr(other, name)) for name in FIGURES}
    sums: dict[str, Any] = {
        name: None if None in pair else sum(pair) for name, pair in figures.items()
    }
    return replace(one, lot=None, expiry=None, **sums)
