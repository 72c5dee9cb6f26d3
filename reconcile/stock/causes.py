"""The closed lists of stock: what a gap can be made of, why there may be none, words of a switch that is off."""

from __future__ import annotations

from reconcile.model import STOCK_PARTS
from reconcile.rules.registry_stock import RULES

UNTOLD = (  # why a row has no gap; mapping_none and set_product may be a reason too
    "not_comparable",
    "not_evaluated",
    "no_smartship_stock",
    "no_crossmall_stock",
    "no_smartship_file",
    "unlimited",
)
STOCK_CAUSES = ("in_step", *STOCK_PARTS, *UNTOLD)
RISKS = ("oversold", "running_out", "stopped", "failing", "held", "weak")
# What a filter may ask for: a risk, SKUs without a gap, or a rule that found the SKU.
STOCK_RISKS = (*RISKS, "untold", *(one.id for one in RULES))
NOT_COMPARABLE = ("age", "age_unknown", "future")
SYNC_STATES = ("on", "off", "failing", "frozen", "unknown")
SWITCHED_OFF = (  # how a mapping file may write that the sync of a row is off [I]
    *("n", "no", "off", "false", "0", "しない", "使用しない", "無効", "停止", "미사용", "사용안함"),
)
