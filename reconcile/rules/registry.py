"""The failure catalogue as one table: every rule with its severity, SQL block, needed data and typed evidence.

Ids are those of the failure modes catalogue (docs/rules.md); words live in the texts, logic in the SQL blocks.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.rules.rule import Evidence, Rule


def _instant(name: str) -> Evidence:
    return (name, "instant", "UTC")


def _text(name: str) -> Evidence:
    return (name, "text", "")


def _word(name: str) -> Evidence:
    return (name, "word", "")


_ORDER = ("cm_order.phase_name", "cm_order.updated_at", "cm_order.cancel_flag")
_COVERAGE = ("ss_import.snapshot_at", "ss_import.covers_from")
_LINK = ("ss_shipment_line.site_order_key", "ss_shipment_line.status")
_UNCOVERED = (
    "smartship_orders_file",
    "smartship_file_newer_than",
    "smartship_coverage",
    "weak_link",
)
_WAIT: tuple[Evidence, ...] = (
    _text("phase_name"),
    _instant("waiting_since"),
    ("waited_min_at_least", "count", "min"),
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="F01",
        severity="high",
        subject_kind="order",
        area="collection",
        block="rules_orders.F01",
        priority=80,
        needs=(*_ORDER, "cm_order.created_at", *_COVERAGE),
        evidence=(
            _text("phase_name"),
            _instant("created_at"),
            ("age_h", "count", "h"),
            ("limit_h", "count", "h"),
            _instant("covered_until"),
            _instant("needed_at"),
        ),
        missing=_UNCOVERED,
    ),
    Rule(
        id="F02",
        severity="medium",
        subject_kind="order",
        area="collection",
        block="rules_connection.F02",
        priority=100,
        needs=(*_ORDER, *_COVERAGE),
        evidence=(
            *_WAIT,
            ("warn_min", "count", "min"),
            ("past_warn", "flag", ""),
            _instant("next_pull_at"),
            _instant("overdue_at"),
            _instant("covered_until"),
            _instant("needed_at"),
            _instant("created_at"),
            _word("auto_orders"),
        ),
        missing=_UNCOVERED,
    ),
    Rule(
        id="F03",
        severity="high",
        subject_kind="order",
        area="collection",
        block="rules_connection.F03",
        priority=60,
        needs=(*_ORDER, *_COVERAGE),
        evidence=(
            *_WAIT,
            ("limit_min", "count", "min"),
            _instant("covered_until"),
            _instant("needed_at"),
            _instant("created_at"),
            _instant("last_arrival_at"),
            _word("auto_orders"),
        ),
        missing=_UNCOVERED,
    ),
    Rule(
        id="F04",
        severity="high",
        subject_kind="shop",
        area="collection",
        block="rules_connection.F04",
        priority=40,
        needs=(*_ORDER, *_COVERAGE, "cm_order.shop_code", "ss_shipment_line.first_snapshot_at"),
        evidence=(
            _text("shop"),
            _text("shop_name"),
            ("waiting_orders", "count", "orders"),
            _instant("waiting_since"),
            _instant("last_arrival_at"),
            ("other_shop_arrivals", "count", "parcels"),
            _instant("covered_until"),
            _word("auto_orders"),
        ),
        missing=("smartship_orders_file",),
    ),
    Rule(
        id="F05",
        severity="high",
        subject_kind="order",
        area="order",
        block="rules_orders.F05",
        priority=70,
        needs=(*_ORDER, *_LINK, "ss_shipment_line.shipped_at", "cm_phase.phase_name"),
        evidence=(
            _text("phase_name"),
            _instant("shipped_at"),
            _text("tracking_no"),
            _text("delivery_number"),
            _instant("seen_at"),
            ("limit_min", "count", "min"),
            _instant("needed_at"),
            _text("expected"),
            _word("phase_check"),
            _text("found"),
        ),
        missing=("crossmall_newer_than", "weak_link"),
    ),
    Rule(
        id="F06",
        severity="high",
        subject_kind="phase",
        area="connection",
        block="rules_connection.F06",
        priority=95,
        needs=("cm_phase.phase_name", "cm_phase.lookalike_of", "cm_phase.difference"),
        evidence=(
            _word("role"),
            _text("expected"),
            _text("found"),
            _word("phase_check"),
            ("difference", "difference", ""),
            ("orders_in_lookalike", "count", "orders"),
        ),
        missing=("phase_list",),
    ),
    Rule(
        id="F07",
        severity="high",
        subject_kind="order",
        area="collection",
        block="rules_orders.F07",
        priority=50,
        needs=(*_ORDER, *_COVERAGE),
        evidence=(
            _text("phase_name"),
            _instant("changed_at"),
            _instant("covered_until"),
            _instant("needed_at"),
            _instant("created_at"),
            ("was_seen_waiting", "flag", ""),
            _text("delivery_number"),
        ),
        missing=(*_UNCOVERED, "phase_role"),
    ),
    Rule(
        id="F16",
        severity="high",
        subject_kind="order",
        area="order",
        block="rules_orders.F16",
        priority=20,
        needs=(*_ORDER, *_LINK, "ss_shipment_line.shipped_at", "cm_observation.last_confirmed_at"),
        evidence=(
            _text("phase_name"),
            _instant("cancel_from"),
            _instant("cancel_by"),
            _instant("shipped_from"),
            _instant("shipped_at"),
            _word("ss_status"),
            _text("tracking_no"),
            _text("packings"),
        ),
        missing=("cancel_time", "shipped_time", "weak_link"),
    ),
    Rule(
        id="F17",
        severity="high",
        subject_kind="order",
        area="order",
        block="rules_orders.F17",
        priority=10,
        needs=(
            *_ORDER,
            *_LINK,
            "ss_shipment_line.snapshot_at",
            "cm_observation.last_confirmed_at",
        ),
        evidence=(
            _text("phase_name"),
            _instant("cancel_from"),
            _instant("cancel_by"),
            _word("ss_status"),
            _text("packings"),
            _instant("ss_snapshot_at"),
            _instant("needed_at"),
        ),
        missing=("smartship_file_newer_than", "smartship_line_gone", "weak_link"),
    ),
    Rule(
        id="F19",
        severity="high",
        subject_kind="order",
        area="order",
        block="rules_orders.F19",
        priority=30,
        needs=(
            *_LINK,
            "ss_shipment_line.packing_no",
            "ss_shipment_line.qty",
            "cm_order_line.amount",
        ),
        evidence=(
            _text("packings"),
            _text("packing_quantities"),
            _text("registered_by"),
            ("ss_qty", "count", "pieces"),
            ("ordered_qty", "count", "pieces"),
        ),
        missing=("order_lines", "smartship_line_gone", "weak_link"),
    ),
    Rule(
        id="F27",
        severity="medium",
        subject_kind="order",
        area="order",
        block="rules_orders.F27",
        priority=90,
        needs=(*_LINK, "ss_shipment_line.tracking_key", "cm_order.delivery_number_key"),
        evidence=(
            _text("phase_name"),
            _text("delivery_number"),
            _text("tracking_no"),
            _instant("seen_at"),
            _instant("ss_snapshot_at"),
        ),
        missing=("weak_link",),
    ),
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
)
