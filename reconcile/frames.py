"""The tables that cross a zone, as data: which columns, of which kind and unit, and which key.

Labels come from the texts (`column.<name>`), so a screen, a CSV header and docs/columns.md cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reconcile.model import STOCK_PARTS


class FrameError(ValueError):
    """A table does not keep its contract; the message names the frame and the columns."""


@dataclass(frozen=True, slots=True)
class Col:
    """One column. kind: id | text | count | yen | instant | date | state | flag | number | codes."""

    name: str
    kind: str
    wide: bool = False  # long text that deserves the space on screen
    shown: bool = True  # False: in exports only


@dataclass(frozen=True, slots=True)
class Frame:
    """The contract of one table."""

    name: str
    columns: tuple[Col, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)


FRAMES: dict[str, Frame] = {
    frame.name: frame
    for frame in (
        Frame(
            "orders",
            (
                Col("account", "id", shown=False),
                Col("order_number", "id"),
                Col("order_code", "id"),
                Col("shop_code", "id", shown=False),
                Col("shop_name", "text"),
                Col("state", "state"),
                Col("primary_rule", "codes", wide=True),
                Col("triage", "state"),
                Col("assignee", "text"),
                Col("waiting_h", "number"),
                Col("ageing", "state", shown=False),
                Col("phase_name", "text"),
                Col("ss_status", "state"),
                Col("ordered_at", "instant"),
                Col("updated_at", "instant"),
                Col("cancel_flag", "number", shown=False),
                Col("delivery_number", "id"),
                Col("ss_tracking", "id"),
                Col("ss_packings", "id"),
                Col("ss_shipped_at", "instant", shown=False),
                Col("ordered_qty", "count", shown=False),
                Col("ss_qty", "count", shown=False),
                Col("total_price", "yen", shown=False),
                Col("seen_at", "instant", shown=False),
                Col("ss_snapshot_at", "instant", shown=False),
                Col("covered_until", "instant", shown=False),
            ),
            ("account", "order_number"),
        ),
        Frame(
            "findings",
            (
                Col("account", "id", shown=False),
                Col("rule", "codes"),
                Col("kind", "state"),
                Col("severity", "state"),
                Col("subject", "id"),
                Col("order_number", "id"),
                Col("order_code", "id"),
                Col("shop_code", "id"),
                Col("title", "text", wide=True),
                Col("saw", "text", wide=True),
                Col("since", "instant"),
                Col("opened_at", "instant"),
                Col("missing", "codes"),
                Col("state", "state"),
            ),
            ("account", "rule", "subject"),
        ),
        Frame(
            "decisions",
            (
                Col("account", "id", shown=False),
                Col("order_number", "id"),
                Col("rule", "codes", wide=True),
                Col("subject", "id"),
                Col("severity", "state"),
                Col("triage", "state"),
                Col("assignee", "text"),
                Col("waiting_h", "number"),
                Col("ageing", "state", shown=False),
            ),
            ("account", "rule", "subject"),
        ),
        Frame(
            "phase_counts",
            (
                Col("phase_name", "text"),
                Col("phase_role", "state"),
                Col("orders", "count"),
                Col("act_now", "count"),
                Col("at_risk", "count"),
                Col("cannot_tell", "count"),
                Col("in_step", "count"),
            ),
            ("phase_name",),
        ),
        Frame(
            "cause_counts",
            (
                Col("rule", "codes"),
                Col("title", "text", wide=True),
                Col("severity", "state"),
                Col("findings", "count"),
                Col("oldest", "instant"),
                Col("trend", "number"),  # list of opened findings per day, oldest first, 14 days
            ),
            ("rule",),
        ),
        Frame(
            "missing_counts",
            (
                Col("missing", "codes"),
                Col("title", "text", wide=True),
                Col("findings", "count"),
                Col("orders", "text", shown=False),
            ),
            ("missing",),
        ),
        Frame(
            "order_lines",
            (
                Col("line_no", "number"),
                Col("item_code", "id"),
                Col("item_name", "text", wide=True),
                Col("option_text", "text"),
                Col("amount", "count"),
                Col("is_set", "flag"),
                Col("jan_code", "id"),
                Col("mapping_class", "state"),
                Col("case_key", "id", shown=False),
            ),
            ("line_no",),
        ),
        Frame(
            "shipment_lines",
            (
                Col("packing_no", "id"),
                Col("site_order_no", "id"),
                Col("reference_no", "id"),
                Col("matched_by", "state"),
                Col("item_name", "text", wide=True),
                Col("option_text", "text"),
                Col("sku_no", "id"),
                Col("qty", "count"),
                Col("status", "state"),
                Col("status_raw", "text"),
                Col("registered_by", "text"),
                Col("tracking_no", "id"),
                Col("registered_at", "instant"),
                Col("shipped_at", "instant"),
                Col("snapshot_at", "instant"),
            ),
            ("packing_no",),
        ),
        Frame(
            "sku_mapping",
            (
                Col("account", "id", shown=False),
                Col("item_code", "id"),
                Col("attribute1_name", "text", shown=False),
                Col("attribute2_name", "text", shown=False),
                Col("mapping_class", "state"),
                Col("item_name", "text", wide=True),
                Col("option_text", "text"),
                Col("ss_product_no", "id"),
                Col("ss_product_name", "text", wide=True),
                Col("ss_option_text", "text"),
                Col("sku_no", "id"),
                Col("causes", "codes"),
                Col("waiting_orders", "count"),
                Col("decision", "state"),
                Col("proposal", "state", shown=False),
                Col("score", "number", shown=False),
                Col("case_key", "id", shown=False),
                Col("version", "id", shown=False),
                Col("crossmall_seen_at", "instant", shown=False),
                Col("smartship_seen_at", "instant", shown=False),
            ),
            ("account", "item_code", "attribute1_name", "attribute2_name", "sku_no"),
        ),
        Frame(
            "mapping_fixes",
            (
                Col("account", "id", shown=False),
                Col("fix_action", "state"),
                Col("item_code", "id"),
                Col("attribute1_name", "text", shown=False),
                Col("attribute2_name", "text", shown=False),
                Col("sku_no", "id"),
                Col("product_no_now", "id"),
                Col("product_name_now", "text", wide=True),
                Col("option_now", "text"),
                Col("product_no_new", "id"),
                Col("product_name_new", "text", wide=True),
                Col("option_new", "text"),
                Col("causes", "codes"),
                Col("arrival", "state"),
                Col("decision", "state", shown=False),
                Col("decided_by", "text", shown=False),
                Col("decided_at", "instant", shown=False),
                Col("why", "text", shown=False),
                Col("case_key", "id", shown=False),
                Col("crossmall_seen_at", "instant", shown=False),
                Col("smartship_seen_at", "instant", shown=False),
            ),
            ("account", "case_key", "sku_no"),
        ),
        Frame(
            "mapping_twins",
            (
                Col("account", "id", shown=False),
                Col("side", "state"),
                Col("twin_group", "number"),
                Col("twin_kind", "state"),
                Col("code", "id"),
                Col("item_name", "text", wide=True),
                Col("option_text", "text"),
                Col("case_key", "id", shown=False),
            ),
            ("account", "side", "twin_group", "code"),
        ),
        Frame(
            "mapping_events",
            (
                Col("account", "id", shown=False),
                Col("seen_at", "instant"),
                Col("mapping_event", "state"),
                Col("item_name", "text", wide=True),
                Col("name_before", "text", wide=True),
                Col("mapping_class", "state"),
                Col("state_before", "state"),
                Col("decision", "state"),
                Col("case_key", "id", shown=False),
            ),
            ("account", "case_key", "seen_at", "mapping_event"),
        ),
        Frame(
            "stock",
            (
                Col("account", "id", shown=False),
                Col("item_code", "id"),
                Col("item_name", "text", wide=True),
                Col("attribute1", "text"),
                Col("attribute2", "text"),
                Col("sku_no", "id"),
                Col("crossmall", "count"),
                Col("smartship", "count"),
                Col("expected", "count"),
                Col("gap", "count"),
                Col("cause", "state"),
                Col("in_flight", "count"),
                Col("linked_sku_no", "id", shown=False),
                Col("shown", "count", shown=False),
                Col("off_by", "count", shown=False),
                Col("reason", "state", shown=False),
                Col("exposure", "count"),
                Col("exposure_soon", "count", shown=False),
                Col("sync_type", "state", shown=False),
                Col("sync_value", "count", shown=False),
                Col("sync_state", "state", shown=False),
                Col("pushed_at", "instant", shown=False),
                Col("pushed_qty", "count", shown=False),
                Col("failed_at", "instant", shown=False),
                Col("failed_message", "text", shown=False),
                Col("damaged", "count", shown=False),
                Col("damaged_since", "instant", shown=False),
                Col("inbound", "count", shown=False),
                Col("keep_stock", "count", shown=False),
                Col("set_of", "count", shown=False),
                Col("set_figure", "count", shown=False),
                Col("sold", "count", shown=False),
                Col("next_push_at", "instant", shown=False),
                Col("runs_out_at", "instant", shown=False),
                Col("warehouses", "text", shown=False),
                Col("weak", "flag", shown=False),
                Col("crossmall_seen_at", "instant"),
                Col("smartship_seen_at", "instant"),
                *(Col(f"p_{cause}", "count", shown=False) for cause in STOCK_PARTS),
            ),
            ("account", "item_code", "attribute1", "attribute2", "sku_no"),
        ),
        Frame(
            "stock_history",
            (
                Col("happened_at", "instant"),
                Col("side", "state"),
                Col("movement", "state"),
                Col("figure", "count"),
                Col("change", "count"),
                Col("subject", "text", wide=True),
            ),
            ("happened_at", "side", "movement", "subject"),
        ),
        Frame(
            "stock_gaps",
            (
                Col("judged_at", "instant"),
                Col("sku_no", "id"),
                Col("crossmall", "count"),
                Col("smartship", "count"),
                Col("expected", "count"),
                Col("gap", "count"),
                Col("exposure", "count"),
                Col("cause", "state"),
            ),
            ("judged_at", "sku_no"),
        ),
        Frame(
            "stock_corrections",
            (
                Col("account", "id", shown=False),
                Col("item_code", "id"),
                Col("item_name", "text", wide=True),
                Col("attribute1", "text"),
                Col("attribute2", "text"),
                Col("sku_no", "id"),
                Col("cause", "state"),
                Col("side", "state"),
                Col("stock_act", "state"),
                Col("now_at", "count"),
                Col("set_to", "count"),
                Col("change", "count"),
                Col("exposure", "count"),
                Col("gap", "count"),
                Col("weak", "flag"),
                Col("crossmall_seen_at", "instant"),
                Col("smartship_seen_at", "instant"),
            ),
            ("account", "item_code", "attribute1", "attribute2", "sku_no"),
        ),
        Frame(
            "timeline",
            (
                Col("event_at", "instant"),
                Col("at_latest", "instant"),
                Col("side", "text"),
                Col("event_words", "text", wide=True),
                Col("seen_at", "instant"),
            ),
            ("event_at", "side", "event_words"),
        ),
        Frame(
            "at_risk",
            (
                Col("order_number", "id"),
                Col("order_code", "id"),
                Col("shop_name", "text"),
                Col("entered_by", "instant"),
                Col("waited_min", "count"),
                Col("passed_pulls", "count"),
                Col("next_pull_at", "instant"),
                Col("leaves_first_pct", "number"),
                Col("missed_pct", "number"),
            ),
            ("order_number",),
        ),
        Frame(
            "pulls",
            (
                Col("pull_from", "instant"),
                Col("pull_by", "instant"),
                Col("pull_basis", "state"),
                Col("pull_arrivals", "count"),
                Col("pull_runs_pct", "number"),
            ),
            ("pull_by",),
        ),
        Frame(
            "misses_by_hour",
            (Col("weekday", "number"), Col("hour_of_day", "number"), Col("orders", "count")),
            ("weekday", "hour_of_day"),
        ),
        Frame("flow_stages", (Col("flow_stage", "state"), Col("orders", "count")), ("flow_stage",)),
        Frame(
            "phase_moves",
            (Col("from_phase", "text"), Col("to_phase", "text"), Col("orders", "count")),
            ("from_phase", "to_phase"),
        ),
        Frame(
            "rejected_rows",
            (Col("file_name", "text"), Col("row_no", "number"), Col("reason", "text", wide=True)),
            ("file_name", "row_no"),
        ),
        Frame(
            "observations",
            (
                Col("account", "id"),
                Col("order_number", "id"),
                Col("first_seen_at", "instant"),
                Col("last_confirmed_at", "instant"),
                Col("phase_name", "text"),
                Col("cancel_flag", "number"),
                Col("delivery_number", "id"),
                Col("check_marks", "text"),
                Col("bundle_ahead_number", "id"),
                Col("updated_at", "instant"),
            ),
            ("account", "order_number", "first_seen_at"),
        ),
        Frame(
            "audit",
            (
                Col("sequence", "number"),
                Col("at", "instant"),
                Col("actor", "text"),
                Col("event", "codes"),
                Col("account", "id"),
                Col("values", "text", wide=True),
            ),
            ("sequence",),
        ),
    )
}


def check(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The same table with its columns in contract order. Raises FrameError if a column is missing or unknown."""
    contract = FRAMES[name]
    missing = [column for column in contract.names if column not in frame.columns]
    unknown = [column for column in frame.columns if column not in contract.names]
    if missing or unknown:
        raise FrameError(f"{name}: missing {missing}, unknown {unknown}")
    return frame.loc[:, list(contract.names)]


def table(rows: Sequence[Mapping[str, Any]], frame: str) -> pd.DataFrame:
    """Rows by column name as the contract says; further names are left out."""
    contract = FRAMES[frame]
    made = pd.DataFrame(rows, columns=list(contract.names), dtype=object)
    for column in contract.columns:
        if column.kind == "instant":
            made[column.name] = pd.to_datetime(made[column.name], utc=True)
    return made
