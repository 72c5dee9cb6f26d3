"""The first screen: what needs a person now, by which cause, what cannot be told, and how each account stands."""

from pages.ui import board
from pages.ui.frame import frame

with frame("overview") as view:
    result = view.workspace.overview(view.account)
    board.counts(view.text, result.by_state)
    board.causes(view, result.causes)
    board.changes(view)
    board.week(view)
    board.cannot_tell(view, result.cannot_tell)
    board.accounts(view, result.health)
