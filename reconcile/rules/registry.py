"""The failure catalogue as one table: every rule with its severity, SQL block, needed data and typed evidence.

Ids are those of the failure modes catalogue (docs/rules.md), ours from F37 on; words live in the texts, logic in the
SQL blocks. Rules are asked in this order, so that F46 finds the rows of the single misses.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.rules import (
    registry_collection,
    registry_lines,
    registry_orders,
    registry_pattern,
    registry_shipping,
    registry_stock,
)
from reconcile.rules.rule import Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *registry_collection.RULES,
            *registry_orders.RULES,
            *registry_shipping.RULES,
            *registry_lines.RULES,
            *registry_pattern.RULES,
            *registry_stock.RULES,
        ),
        key=lambda rule: rule.id,
    )
)

RULE_BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in RULES}

# What would settle a "cannot tell"; each has a sentence in the texts under `missing.<code>`.
MISSING_CODES: tuple[str, ...] = (
    "smartship_orders_file",
    "smartship_file_newer_than",
    "smartship_coverage",
    "smartship_line_gone",
    "crossmall_newer_than",
    "weak_link",
    "phase_role",
    "phase_list",
    "cancel_time",
    "shipped_time",
    "order_lines",
    "edit_time",
    "smartship_stock_file",
    "stock_figures_apart",
)

# Numbers of the failure catalogue without a rule here, each with the text that says why.
NOT_RULES: Mapping[str, str] = {
    "F25": "unseen.inside",
    "F26": "unseen.F26",
    "F30": "unseen.F30",
    "F33": "unseen.F33",
}
