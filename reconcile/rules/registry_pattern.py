"""Rules about the connection and about many orders at once."""

from __future__ import annotations

from reconcile.rules.evidence import COVERAGE, ORDER, count, instant, text, word
from reconcile.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="F06",
        severity="high",
        subject_kind="phase",
        area="connection",
        block="rules_connection.F06",
        priority=95,
        needs=("cm_phase.phase_name", "cm_phase.lookalike_of", "cm_phase.difference"),
        evidence=(
            word("role"),
            text("expected"),
            text("found"),
            word("phase_check"),
            ("difference", "difference", ""),
            ("orders_in_lookalike", "count", "orders"),
        ),
        missing=("phase_list",),
    ),
    Rule(
        id="F31",
        severity="medium",
        subject_kind="shop",
        area="connection",
        block="rules_pattern.F31",
        priority=97,
        needs=(
            "finding.reopened",
            "sync_run.error_class",
        ),
        evidence=(
            word("died_where"),
            text("shop"),
            count("times", "times"),
            instant("last_at"),
            count("every_days", "days"),
        ),
        missing=(),
    ),
    Rule(
        id="F34",
        severity="low",
        subject_kind="account",
        area="connection",
        block="rules_pattern.F34",
        priority=112,
        needs=(
            *COVERAGE,
            "ss_import.filtered",
        ),
        evidence=(
            word("differs_by"),
            instant("ss_snapshot_at"),
            count("file_rows", "rows"),
            count("packings_in_file", "parcels"),
            count("crossmall_orders", "orders"),
        ),
        missing=(),
    ),
    Rule(
        id="F45",
        severity="medium",
        subject_kind="shop",
        area="connection",
        block="rules_pattern.F45",
        priority=98,
        needs=(
            "cm_order.created_at",
            "cm_order.shop_code",
            "sync_cursor.complete_at",
        ),
        evidence=(
            text("shop"),
            text("shop_name"),
            instant("last_at"),
            count("silent_h", "h"),
            count("longest_pause_h", "h"),
            count("orders_in_window", "orders"),
            count("other_shop_arrivals", "orders"),
            instant("seen_at"),
        ),
        missing=(),
    ),
    Rule(
        id="F46",
        severity="high",
        subject_kind="burst",
        area="connection",
        block="rules_pattern.F46",
        priority=48,
        needs=(
            *ORDER,
            *COVERAGE,
        ),
        evidence=(
            text("missed_rule"),
            text("shop"),
            text("shop_name"),
            text("phase_name"),
            count("missed_orders", "orders"),
            instant("missed_from"),
            instant("missed_until"),
            text("first_numbers"),
        ),
        missing=(),
    ),
)
