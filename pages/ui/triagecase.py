"""What a person can do about one finding, below its words in the case of an order."""

from __future__ import annotations

from pages.ui.frame import View
from reconcile import Finding


def actions(view: View, finding: Finding) -> None:
    """Acknowledge, assign, note, snooze, ignore, undo."""
    del view, finding
