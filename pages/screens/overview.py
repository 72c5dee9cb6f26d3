"""The first screen: what needs a person now, by which cause, what cannot be told, and how each account stands."""

import streamlit as st

from pages.ui import board
from pages.ui.frame import frame, painted_first

with frame("overview") as view:
    result = view.workspace.overview(view.account)
    board.counts(view.text, result.by_state)
    board.causes(view, result.causes)
    board.changes(view)
    picture = st.container()
    board.cannot_tell(view, result.cannot_tell)
    board.accounts(view, result.health)
    with picture:
        painted_first()
        board.week(view)
