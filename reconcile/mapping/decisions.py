"""What a person sees and decides about one product link: filters, the queue, a case with its candidates, and what an act did.

Pure data. A case is one CROSS MALL SKU, or a Smartship row that no CROSS MALL SKU answers to (state stale). Its key names
it for good; its version changes with every act on it and with every text of it that changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconcile.errors import UsageError

DECISIONS = ("open", "accepted", "no_counterpart", "later", "changed")
ACTS = ("accept", "reject", "no_counterpart", "later", "reopen")
FIXES = ("smartship", "crossmall")  # the side that has to be changed
ARRIVALS = ("arrived", "waiting", "not_arrived", "differs")
PROPOSALS = ("exact", "auto", "review", "none")
FIX_ACTIONS = ("keep", "correct", "register", "remove", "rename")
EVENTS = ("new", "renamed", "gone")
TWIN_KINDS = (
    "same_text",
    "same_key",
    "similar",
)  # equal texts, equal canonical keys, equal skeletons
LEFT_OUT = (  # why a case is not in a bulk act
    "duplicate",
    "ambiguous",
    "number",
    "shared",
    "no_candidate",
    "cannot_tell",
    "stale",
    "linked",
    "decided",
)


class MappingConflict(UsageError):
    """Somebody else decided, or a text changed, since the case was shown; nothing was done.

    values: case (its key), expected and found (versions), decision, by and at (the last act; None if only a text changed).
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFilter:
    """Which cases; empty means all.

    states: of MAPPING_CLASSES. classes: causes, any of them. shops: shop codes whose open orders wait for the case.
    decisions: of DECISIONS. search: part of a code, name, option or SKU number of either side, untouched.
    queue_only: what needs a person: every state but linked, decision open or changed; decisions, where given, say so instead.
    """

    states: Sequence[str] = ()
    classes: Sequence[str] = ()
    shops: Sequence[str] = ()
    decisions: Sequence[str] = ()
    search: str = ""
    queue_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One case of the review queue. waiting_orders: open orders that it may hold up."""

    case_key: str
    version: str
    state: str
    item_code: str | None
    item_name: str | None
    option_text: str | None
    sku_no: str | None
    causes: tuple[str, ...]
    waiting_orders: int
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One Smartship SKU that the case may mean. score 0-100; decision: exact | auto | review | none, as the engine says.

    parts: likenesses 0-100 by field (name, option, number) and how the pair was found (step). causes: classes of difference
    over all fields, number, name and option. source: mapping (a link row) | sku (Smartship's SKU list).
    is_linked_elsewhere: another CROSS MALL SKU is linked to it or was decided to be. wanted_by: other products that are paired
    with it and not decided yet, code and options.
    """

    sku_no: str
    product_no: str | None
    product_name: str | None
    option_text: str | None
    source: str
    score: float
    parts: Mapping[str, float | str]
    causes: tuple[str, ...]
    decision: str
    is_linked_elsewhere: bool
    smartship_seen_at: datetime | None
    wanted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTexts:
    """The texts of both sides as a person saw them when deciding; sku_no: the Smartship SKU they belong to."""

    item_name: str | None
    option_text: str | None
    sku_no: str | None
    ss_product_no: str | None
    ss_product_name: str | None
    ss_option_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingCase:
    """One case in depth. Instants are aware UTC.

    sku_no and ss_*: the Smartship row it is paired with now, None without one. decision: of DECISIONS; "changed" means that
    texts are no longer those decided on: `chosen` has the ones of then. arrival: of ARRIVALS, None where nothing
    is to be fixed. candidates: best first, without the rejected ones.
    """

    account: str
    case_key: str
    version: str
    state: str
    item_code: str | None
    attribute1_name: str | None
    attribute2_name: str | None
    item_name: str | None
    option_text: str | None
    sku_no: str | None
    ss_product_no: str | None
    ss_product_name: str | None
    ss_option_text: str | None
    causes: tuple[str, ...]
    waiting_orders: int
    waiting_shops: tuple[str, ...]
    decision: str
    decided: str
    decided_by: str | None
    decided_at: datetime | None
    why: str | None = field(repr=False)
    fix: str | None
    chosen: SeenTexts | None
    arrival: str | None
    candidates: tuple[Candidate, ...]
    rejected: tuple[str, ...]
    crossmall_seen_at: datetime | None
    smartship_seen_at: datetime | None

    @property
    def changed(self) -> SeenTexts | None:
        """The texts decided on, where they are no longer those shown."""
        return self.chosen if self.decision == "changed" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A case that an act did not touch. why: changed | gone, or of LEFT_OUT.

    decision, by and at: the last act, where there is one.
    """

    case_key: str
    why: str
    decision: str | None = None
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReport:
    """What an act did. ledger: numbers of its entries, the first is what an undo names; empty if nothing was done."""

    done: int
    skipped: tuple[LeftOut, ...]
    ledger: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenRow:
    """One case of a previewed list as it was shown: both texts and the SKU that would be taken."""

    case_key: str
    version: str
    state: str
    item_code: str | None
    item_name: str | None
    option_text: str | None
    sku_no: str | None
    ss_product_no: str | None
    ss_product_name: str | None
    ss_option_text: str | None
    causes: tuple[str, ...]
    waiting_orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenMapping:
    """A previewed list, kept for 7 days. An act touches exactly `rows`, as far as they are still what was shown.

    left_out: cases of the filter that a bulk act never decides, with the reason.
    """

    id: str
    account: str
    rows: tuple[FrozenRow, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def count(self) -> int:
        """How many cases a bulk act would touch."""
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingAct:
    """One act on links of an account. count: cases it touched; first, case_key: the name and the key of one of them.

    decision: of ACTS, or automatic | imported | undo | redo. is_undone: it was taken back as a whole or in part.
    """

    sequence: int
    at: datetime
    actor: str
    decision: str
    count: int
    first: str | None
    case_key: str | None
    is_undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingProgress:
    """left: cases in the queue. done_today: cases that people decided since midnight JST."""

    left: int
    done_today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRecord:
    """How often an account's people agreed with the link proposed for a class of difference.

    decided, right: cases of people's own decisions. lower: 95 % lower bound of the share that is right (Clopper-Pearson,
    one-sided), None without decisions. can_be_automatic: enough decisions, and the bound is high enough.
    """

    code: str
    open: int
    decided: int
    right: int
    lower: float | None
    is_automatic: bool
    can_be_automatic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """One row of a mapping list against what is decided now. row: from 1, the titles not counted.

    became: new | changed | same | conflicting | refused; reason: a text key behind `mapping.import.reason.`, for the last two.
    """

    row: int
    became: str
    reason: str | None
    item_code: str
    attribute1_name: str
    attribute2_name: str
    sku_no: str | None
    decision: str
    fix: str
    before: str | None
    sku_before: str | None
    case_key: str | None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingImportDiff:
    """What a mapping list would change; nothing is changed before it is applied by its id (kept for 7 days)."""

    id: str
    file: str
    rows: tuple[ImportRow, ...]

    def of(self, became: str) -> tuple[ImportRow, ...]:
        """The rows that are new, changed, same, conflicting or refused."""
        return tuple(row for row in self.rows if row.became == became)
