"""Stock: both sides' figures per SKU, what was to be expected, and why they differ."""

from reconcile.stock.compare import STOCK_CAUSES, evaluate_stock

__all__ = ["STOCK_CAUSES", "evaluate_stock"]
