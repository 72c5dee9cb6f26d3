"""Rules about stock: oversold, standing still, refused, as set, damaged or announced, sets, held."""

from __future__ import annotations

from reconcile.rules.evidence import count, instant, text, word
from reconcile.rules.rule import Evidence, Rule

FIGURES = ("cm_stock.stock", "ss_stock.available", "stock_case.gap")
GOODS: tuple[Evidence, ...] = (text("item_code"), text("item_name"), text("option_text"))
PIECES = "pieces"


def rule(
    number: str,
    severity: str,
    priority: int,
    *,
    needs: tuple[str, ...],
    evidence: tuple[Evidence, ...],
    missing: tuple[str, ...] = (),
) -> Rule:
    """One stock rule; its subject is a CROSS MALL SKU."""
    return Rule(
        id=number,
        severity=severity,
        subject_kind="sku",
        area="stock",
        block=f"rules_stock.{number}",
        priority=priority,
        needs=needs,
        evidence=(*GOODS, *evidence),
        missing=missing,
    )


RULES: tuple[Rule, ...] = (
    rule(
        "F11",
        "high",
        120,
        needs=(*FIGURES, "order_case.phase_role"),
        evidence=(
            text("sku_no"),
            word("exposed"),
            count("crossmall", PIECES),
            count("smartship", PIECES),
            count("expected", PIECES),
            count("exposure", PIECES),
            count("exposure_soon", PIECES),
            count("in_flight", PIECES),
            count("sold", PIECES),
            instant("next_push_at"),
            instant("runs_out_at"),
            instant("crossmall_seen_at"),
            instant("smartship_seen_at"),
            count("skus", "SKUs"),
        ),
        missing=("smartship_stock_file", "stock_figures_apart"),
    ),
    rule(
        "F12",
        "medium",
        121,
        needs=(*FIGURES, "ss_sku_mapping.last_sync_at", "ss_sku_mapping.sync_type"),
        evidence=(
            text("sku_no"),
            word("stopped"),
            count("crossmall", PIECES),
            count("smartship", PIECES),
            count("gap", PIECES),
            instant("pushed_at"),
            count("pushed_qty", PIECES),
            instant("smartship_seen_at"),
        ),
    ),
    rule(
        "F13",
        "medium",
        122,
        needs=("ss_sync_event.result", "ss_sku_mapping.last_sync_result"),
        evidence=(
            text("sku_no"),
            instant("failed_at"),
            text("failed_message"),
            instant("pushed_at"),
            count("pushed_qty", PIECES),
            count("crossmall", PIECES),
            count("smartship", PIECES),
        ),
    ),
    rule(
        "F14",
        "low",
        123,
        needs=(*FIGURES, "ss_sku_mapping.sync_type"),
        evidence=(
            text("sku_no"),
            word("sync_type"),
            count("sync_value", "% or pieces"),
            count("smartship", PIECES),
            count("expected", PIECES),
            count("crossmall", PIECES),
        ),
    ),
    rule(
        "F15",
        "medium",
        124,
        needs=(*FIGURES, "ss_stock.damaged", "ss_stock.inbound"),
        evidence=(
            text("sku_no"),
            count("smartship", PIECES),
            count("crossmall", PIECES),
            count("damaged", PIECES),
            count("damaged_gap", PIECES),
            count("inbound", PIECES),
            count("inbound_gap", PIECES),
            instant("smartship_seen_at"),
        ),
    ),
    rule(
        "F36",
        "medium",
        125,
        needs=(*FIGURES, "cm_component.component_count", "cm_sku.keep_stock"),
        evidence=(
            count("crossmall", PIECES),
            count("set_figure", PIECES),
            count("smartship", PIECES),
            count("set_of", "components"),
            instant("crossmall_seen_at"),
        ),
    ),
    rule(
        "F47",
        "medium",
        126,
        needs=(*FIGURES, "ss_sku_mapping.last_sync_at"),
        evidence=(
            text("sku_no"),
            count("held", PIECES),
            count("crossmall", PIECES),
            count("expected", PIECES),
            instant("pushed_at"),
            count("pushed_qty", PIECES),
            instant("crossmall_seen_at"),
        ),
    ),
)
