"""The words rule tables are written in: kinds of evidence, needed columns, codes of what may be missing."""

from __future__ import annotations

from reconcile.rules.rule import Evidence


def instant(name: str) -> Evidence:
    """An instant, stored in UTC, shown in JST."""
    return (name, "instant", "UTC")


def text(name: str) -> Evidence:
    """A text or identifier, shown as it is."""
    return (name, "text", "")


def word(name: str) -> Evidence:
    """A code of a closed list; its words stand under `rule.word.<name>.<code>`."""
    return (name, "word", "")


def count(name: str, unit: str) -> Evidence:
    """A whole number."""
    return (name, "count", unit)


ORDER = ("cm_order.phase_name", "cm_order.updated_at", "cm_order.cancel_flag")
COVERAGE = ("ss_import.snapshot_at", "ss_import.covers_from")
LINK = ("ss_shipment_line.site_order_key", "ss_shipment_line.status")
HISTORY = (
    "cm_observation.phase_name",
    "cm_observation.first_seen_at",
    "cm_observation.last_confirmed_at",
    "cm_observation.updated_at",
)
LINES = ("cm_order_line.item_code", "cm_order_line.amount", "cm_order.lines_for")
UNCOVERED = (
    "smartship_orders_file",
    "smartship_file_newer_than",
    "smartship_coverage",
    "weak_link",
)
UNPROVEN = UNCOVERED[1:]
WAIT: tuple[Evidence, ...] = (
    text("phase_name"),
    instant("waiting_since"),
    count("waited_min_at_least", "min"),
)
