"""The words of the core: accounts, filters, reports and results, as frozen data without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

SMARTSHIP_OPTIONS = ("auto_orders", "auto_confirm", "auto_instruct", "auto_stock")
SYNC_PARTS = ("orders", "catalogue", "stock")
ORDER_STATES = ("act_now", "at_risk", "cannot_tell", "in_step")
DESKS = ("all", "open", "mine")  # every order, those nobody has decided about, those of one person
FLOW_STAGES = ("all", "collect", "at_smartship", "shipped", "written_back")
STOCK_PARTS = (  # what a stock gap is made of, in the order of a waterfall; column p_<part> of stock_case
    "rule",
    "in_flight",
    "timing",
    "overwritten",
    "mapping_none",
    "mapping_wrong",
    "mapping_duplicate",
    "sync_off",
    "sync_failing",
    "set_product",
    "negative",
    "held",
    "damaged",
    "inbound",
    "unexplained",
)
SYNC_EVERY_MIN = 10  # [D] minutes between syncs of an account that says nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One CROSS MALL connection, without its key: key_state stored | none | unreadable, key_hint its last two characters."""

    name: str
    company_code: str
    base_url: str
    shop_ids: tuple[str, ...]
    options: Mapping[str, str]  # SMARTSHIP_OPTIONS -> on | off | unknown
    collect_phase: str
    shipped_phase: str
    is_demo: bool
    created_at: datetime
    sync_every_min: int = SYNC_EVERY_MIN  # 0 = off
    stock_tolerance: int = 0  # pieces by which a stock gap still counts as in step
    stock_warehouses: tuple[str, ...] = ()  # Smartship warehouses that count; () = all
    key_state: str = "none"
    key_hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of the connection ladder. state: ok | warning | failed | skipped; detail, cure: text keys with values."""

    id: str
    state: str
    detail: tuple[str, Mapping[str, Any]]
    cure: tuple[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The connection test of one account; `ok` is False as soon as one step failed."""

    account: str
    ok: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a sync stands; `rate_per_s` counts `unit`s, `left_s` is a guess over all stages to come. None: not known."""

    stage: str  # phases | orders | lines | catalogue | stock | rules
    done: int
    total: int | None
    unit: str  # windows | orders | items
    rate_per_s: float | None = None
    left_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one sync did. `skipped_parts`: part -> age in seconds of the fresh data that made fetching needless.

    `clock_skew_s`: seconds by which the vendor's times, or our own cursor, lie ahead of our clock; None up to a minute.
    """

    account: str
    run_id: str
    kind: str
    complete: bool
    orders_new: int
    orders_changed: int
    rows_skipped: int
    calls: int
    seconds: float
    findings: Mapping[str, int]
    cannot_tell: Mapping[str, int]
    skipped_parts: Mapping[str, float] = field(default_factory=dict)
    clock_skew_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one imported file; `rejected_file` is set (text key, values) when nothing of it was stored."""

    file: str
    kind: str | None
    encoding: str | None
    rows: int
    accepted: int
    rejected: tuple[Mapping[str, Any], ...]  # {"row", "reason", "values"}
    columns: Mapping[str, str]
    unmatched: tuple[str, ...]
    snapshot_at: datetime | None
    covers_from: datetime | None
    covers_to: datetime | None
    coverage_basis: str | None
    warnings: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    checks_off: tuple[str, ...] = ()
    already_known: bool = False
    rejected_file: tuple[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders to show; a field None or empty means "all". `numbers`: order, packing or tracking numbers.

    desk: one of DESKS, `mine` being those with a finding that `person` looks after. overdue: only those that wait too long.
    flow: of FLOW_STAGES, orders of the last 30 days that came so far; `only_<stage>`: and no further.
    """

    account: str | None = None
    states: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    ordered_from: datetime | None = None
    ordered_to: datetime | None = None
    desk: str = "all"
    person: str | None = None
    overdue: bool = False
    flow: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """One page of a table; `sort` is a column of the frame's contract."""

    page: int = 1
    size: int = 50
    sort: str | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage:
    """One page of rows (see the frame contract named `frame`), how many rows match in all, and how old each side is."""

    frame: str
    rows: pd.DataFrame
    total: int
    as_of: Mapping[str, datetime | None]  # crossmall | smartship -> observed at


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBoard:
    """The order board for one filter: a page of rows and the counts that the filter widgets show.

    facets: filter (state, phase, rule, desk, ageing, flow) -> value -> orders it would show under all the other filters.
    unknown_numbers: numbers of the filter that no order of the account has, whatever else is filtered.
    """

    table: TablePage
    by_state: Mapping[str, int]
    by_rule: Mapping[str, int]
    cannot_tell_by_rule: Mapping[str, int]
    by_phase: pd.DataFrame  # frame "phase_counts"
    shops: tuple[tuple[str, str], ...]  # (shop_code, shop_name)
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unknown_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding or "cannot tell": rule, subject, since when, and the typed evidence."""

    account: str
    rule: str
    kind: str
    severity: str
    subject_kind: str
    subject: str
    order_number: str | None
    order_code: str | None
    shop_code: str | None
    since: datetime | None
    because: Mapping[str, Any]
    missing: str | None
    state: str
    opened_at: datetime
    refreshed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCase:
    """One order in depth: its row of the board, lines, Smartship lines, timeline (oldest first) and findings."""

    account: str
    order_number: str
    row: Mapping[str, Any]
    lines: pd.DataFrame  # frame "order_lines"
    shipment_lines: pd.DataFrame  # frame "shipment_lines"
    timeline: tuple[Mapping[str, Any], ...]  # at, at_latest, side, kind, values, seen_at
    findings: tuple[Finding, ...]
    verdict: Mapping[str, Any]  # orders.why.verdict_of
    spans: tuple[Mapping[str, Any], ...] = ()  # phase_name, entered_from/_by, left_from/_by


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """How one account stands. state: ok | stale | failed | never; smartship_state: ok | old | never."""

    account: Account
    state: str
    last_sync_at: datetime | None
    last_sync_state: str | None
    last_error_key: str | None
    smartship_state: str
    smartship_snapshot_at: datetime | None
    smartship_coverage_from: datetime | None
    orders: int
    waiting: int  # orders in the collect phase
    by_state: Mapping[str, int]
    phase_warning: str | None  # text key of the phase check, None if all is as expected
    schedule: str = "off"  # off | waiting | due | running | retrying | refused
    schedule_by: str | None = None  # here | dashboard | serve; None = nobody
    schedule_warning: str | None = None  # refused | nobody | silent | trouble | retrying | late
    next_sync_at: datetime | None = None
    failures: int = 0  # failed syncs in a row
    judged_at: datetime | None = None  # when the verdicts on its orders were made


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The first screen: health per account, orders by state, findings by cause (frame "cause_counts")."""

    health: tuple[AccountHealth, ...]
    by_state: Mapping[str, int]
    causes: pd.DataFrame
    cannot_tell: pd.DataFrame  # frame "missing_counts": what would settle how many
    evaluated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRow:
    """One phase of an account: its role for shipping, and how it differs from an expected name it nearly is.

    `difference`: [{"op", "expected", "found", "expected_code_points", "found_code_points"}, ...] by characters.
    An expected name that does not exist is a row with `present` False and no position.
    """

    name: str
    position: int | None
    role: str
    role_origin: str
    present: bool
    orders: int
    expected_as: str | None  # collect | shipped | None
    lookalike_of: str | None
    difference: tuple[Mapping[str, Any], ...]
    code_points: str
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A finding in words of one language; `cure` is one numbered step per entry, `missing` set for a "cannot tell"."""

    title: str
    why: str
    saw: str
    cure: tuple[str, ...]
    missing: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What the demo set up and found."""

    account: str
    orders: int
    shops: int
    findings: Mapping[str, int]
    cannot_tell: Mapping[str, int]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingBoard:
    """SKU mapping for one filter: one page of rows (frame "sku_mapping") and counts of cases, whatever is filtered.

    by_class: state -> cases; waiting_by_class: state -> open orders held up; by_cause, by_decision: open cases by class and
    cases by decision; shops: (shop code, name, open cases its orders wait for). left: cases in the queue; done_today:
    cases that people decided since midnight JST. basis: which Smartship file the comparison rests on.
    """

    table: TablePage
    by_class: Mapping[str, int]
    basis: str  # mappings | skus | none
    waiting_by_class: Mapping[str, int] = field(default_factory=dict)
    by_cause: Mapping[str, int] = field(default_factory=dict)
    by_decision: Mapping[str, int] = field(default_factory=dict)
    shops: tuple[tuple[str, str, int], ...] = ()
    left: int = 0
    done_today: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StockBoard:
    """Stock of both sides for one filter: counts by cause and one page of rows (frame "stock").

    shops: (shop code, name) of every shop that sold anything.
    """

    table: TablePage
    by_cause: Mapping[str, int]
    warehouses: tuple[str, ...]
    shops: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCase:
    """One CROSS MALL SKU in depth: a row per linked SKU number, each with `parts`."""

    account: str
    case_key: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockHistory:
    """What moved one SKU on both sides (frame stock_history), and how its gap was judged each time (stock_gaps); oldest first."""

    moves: pd.DataFrame
    gaps: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A CSV file in memory: bytes, rows, and characters the encoding cannot hold or would change."""

    file_name: str
    data: bytes
    rows: int
    changed_characters: tuple[Mapping[str, Any], ...]  # row, column, character, code_point, becomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the doctor: state ok | warning | failed, and a text key with values."""

    id: str
    state: str
    detail: tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A damaged file that was put aside. kind: store | store_log | ledger | ledger_copy | history; file: its name now."""

    at: datetime
    kind: str
    file: str
