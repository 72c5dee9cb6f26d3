"""The page table of the desk: six screens, the language of their titles, and the demo on a first start.

Run twice by Streamlit: once as a module when the server starts, then as a script for each visit.
"""

import logging
from pathlib import Path

import streamlit as st

from pages.ui import access, context, demo, frame, reach, warmth

HERE = Path(__file__).resolve().parent
SCREENS = ("overview", "connections", "orders", "sku_mapping", "stock", "glossary")


def desk() -> None:
    """One visit: the frame around the screens and the screen that the address names."""
    text = context.text()
    st.set_page_config(
        page_title=text("frame.product"),
        page_icon=str(HERE / "static" / "favicon.png"),
        layout="wide",
    )
    st.logo(str(HERE / "static" / "logo.svg"), size="medium")
    st.html(frame.STYLE)
    pages = [
        st.Page(
            f"pages/screens/{file}.py",
            title=text(f"{file.removeprefix('sku_')}.title"),
            default=file == "overview",
        )
        for file in SCREENS
    ]
    chosen = st.navigation(pages, position="top")
    access.gate()
    demo.offer(may_stand_aside=chosen.url_path == "connections")
    chosen.run()


def claim_pages() -> None:
    """Tells Streamlit before the first visitor that the page table is ours.

    Until the first st.navigation it takes the folder pages/ for a page table: "Page not found" over a deep link. [S] 1.67
    """
    logging.disable(logging.WARNING)  # it would remark that there is no visitor yet
    st.navigation([st.Page(desk)], position="hidden")
    logging.disable(logging.NOTSET)


if __name__ == "__main__":
    desk()
else:
    reach.hold()
    claim_pages()
    warmth.up()
    app = st.App(__file__)
