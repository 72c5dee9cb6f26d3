"""Stock: both figures with their ages, what was expected, the gap and its parts; what to set where; what counts."""

import streamlit as st

from pages.ui import inputs, stockboard, stockscope, stocksheet, stocktotal
from pages.ui.frame import View, frame, part

SECTIONS = {
    "list": stockboard.show,
    "total": stocktotal.show,
    "sheet": stocksheet.show,
    "scope": stockscope.show,
}


@part
def body(view: View) -> None:
    """The section that the address names."""
    with st.container(key="desk_head"):
        section = inputs.section(
            view.text,
            tuple(SECTIONS),
            lambda name: view.text(f"stock.section.{name}"),
        )
    SECTIONS[section](view)


with frame("stock", every_account=False) as view:
    body(view)
