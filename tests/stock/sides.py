"""Short ways to put one SKU with both figures into a mirror, to judge it, and to read the verdict."""

from __future__ import annotations

from typing import Any

from reconcile.model import STOCK_PARTS
from reconcile.stock import StockLimits, evaluate_stock
from tests.mapping.mirror import ACCOUNT, NOW, Mirror

NAME = "タオル"
SKU = ("tw-1", "白", "S")


def ours(mirror: Mirror, stock: int | None, code: str = "tw-1", **extra: Any) -> None:
    mirror.item(code, NAME, ("白", "S"))
    if stock is not None:
        row = {"item_code": code, "attribute1_name": "白", "attribute2_name": "S", "stock": stock}
        mirror.put("cm_stock", **(row | extra))


def theirs(mirror: Mirror, available: int | None, sku_no: str = "S1", **extra: Any) -> None:
    mirror.put("ss_stock", **({"warehouse": "", "sku_no": sku_no, "available": available} | extra))


def both(mirror: Mirror, crossmall: int, smartship: int | None, **link: Any) -> None:
    """One SKU with both figures, linked exactly."""
    ours(mirror, crossmall)
    mirror.link("S1", "tw-1", NAME, "白,S", **link)
    theirs(mirror, smartship)


def judged(mirror: Mirror, **options: Any) -> list[dict[str, Any]]:
    evaluate_stock(mirror.con, ACCOUNT, NOW, **({"auto_stock": "on"} | options))
    return mirror.cases("stock_case")


def only(mirror: Mirror, **options: Any) -> dict[str, Any]:
    (row,) = judged(mirror, **options)
    return row


def limits(**given: Any) -> dict[str, StockLimits]:
    return {"limits": StockLimits(**given)}


def parts(row: dict[str, Any]) -> dict[str, int]:
    return {cause: row[f"p_{cause}"] for cause in STOCK_PARTS if row[f"p_{cause}"]}


def figures(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("crossmall", "smartship", "expected", "gap", "cause"))
