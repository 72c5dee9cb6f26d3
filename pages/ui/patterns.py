"""When and why orders miss their pull: risk, hours, moves, and what another interval would change."""

from __future__ import annotations

from pages.ui.frame import View


def show(view: View) -> None:
    """The section 傾向 of the Orders screen."""
    del view
