"""The causes for which an order was not pulled, as data: first applicable wins."""

from __future__ import annotations

from dataclasses import dataclass

COLLECTED, CANNOT_TELL = "collected", "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause: its test in words, the columns that carry its evidence, and what would settle a doubt."""

    id: str
    test: str
    evidence: tuple[str, ...]
    settled_by: str


def _cause(name: str, test: str, evidence: str, settled_by: str) -> Cause:
    return Cause(id=name, test=test, evidence=tuple(evidence.split()), settled_by=settled_by)


_STAY = "kind entry_from entry_by exit_from exit_by left_phase"
FILE = "a newer unfiltered order file of Smartship"

CAUSES: tuple[Cause, ...] = (
    _cause("deleted_at_smartship", "its lines stood in an older file and a newer one that covers it lacks them",
           "ss_status ss_snapshot_at covered_until", "注文 > キャンセル注文管理 at Smartship"),
    _cause("stuck_at_smartship", "taken, and its lines stand in error or on hold",
           "ss_status ss_registered_at ss_snapshot_at", FILE),
    _cause("manual_other_number", "entered by hand under another number, found by its tracking number",
           "ss_registered_by ss_matched_by delivery_number", "the site order number at Smartship"),
    _cause("manual_at_smartship", "entered by hand or from a file, not pulled",
           "ss_registered_by ss_registered_at", FILE),
    _cause("merged_packing", "not there itself, but carries the tracking number of an order that is",
           "delivery_number covered_until", "the orders inside that packing number"),
    _cause("bundled_child", "bundled into another order, which carries the goods",
           "is_bundle_child phase_name", "the parent order"),
    _cause("cancelled_before_pull", "cancelled, and no file holds it",
           "cancel_flag " + _STAY + " covered_until", FILE),
    _cause("before_connection", "left the collect phase before the day on which the connection was made",
           "exit_by updated_at created_at", "the day of the connection"),
    _cause("lookalike_phase", "stood in a phase that only looks like the collect phase, and never in that itself",
           "phase_name saw_lookalike", "the list of phases by characters"),
    _cause("held_at_pull", "on hold (保留) in the collect phase, and free of it at no pull",
           "cancel_flag was_held sure_pulls " + _STAY, "an order file and the pull times of that day"),
    _cause("auto_orders_off", "Smartship's 自動注文連携 is off", "kind entry_by", "the option in Smartship"),
    _cause("changed_elsewhere", "went from the collect phase back, or to a phase of unknown meaning",
           _STAY, "who moved the phase"),
    _cause("not_reached", "still before the collect phase", "phase_name updated_at", "a look at CROSS MALL now"),
    _cause("connection_dead", "no planned pull ran during its stay, though orders waited",
           _STAY + " covered_until", "[Test Connection] in Smartship"),
    _cause("not_due_yet", "in the collect phase, and no pull is overdue", "entry_by sure_pulls", "waiting for the next pull"),
    _cause("overflow", "a pull that took other orders fell into its stay and left it",
           "sure_pulls " + _STAY + " covered_until", FILE),
    _cause("shipped_other_means", "in the shipped phase with a tracking number, and unknown to Smartship",
           "phase_name delivery_number covered_until", "the carrier of the tracking number"),
    _cause("passed_unseen", "skipped the collect phase, or passed it faster than we look",
           "kind entry_from exit_by left_phase", "looks at shorter intervals"),
    _cause("printed_early", "left the collect phase for a printed phase before the next pull",
           "sure_pulls probability " + _STAY, FILE),
    _cause("between_pulls", "entered and left the collect phase between two pulls",
           "sure_pulls probability " + _STAY, FILE),
)  # fmt: skip
