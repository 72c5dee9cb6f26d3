"""Stock: both sides' figures per SKU, what was to be expected, and why they differ."""

from reconcile.stock.causes import NOT_COMPARABLE, STOCK_CAUSES, SYNC_STATES, UNTOLD
from reconcile.stock.compare import StockLimits, evaluate_stock

__all__ = [
    "NOT_COMPARABLE",
    "STOCK_CAUSES",
    "SYNC_STATES",
    "UNTOLD",
    "StockLimits",
    "evaluate_stock",
]
