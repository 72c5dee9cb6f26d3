"""The page table of the desk: five screens, the language of their titles, and the demo on a first start."""

from pathlib import Path

import streamlit as st

from pages.ui import context, demo, frame

HERE = Path(__file__).resolve().parent
SCREENS = {
    "overview": "overview",
    "connections": "connections",
    "orders": "orders",
    "sku_mapping": "mapping",
    "stock": "stock",
}

text = context.text()
st.set_page_config(
    page_title=text("frame.product"),
    page_icon=str(HERE / "static" / "favicon.png"),
    layout="wide",
)
st.logo(str(HERE / "static" / "logo.svg"), size="medium")
st.html(frame.STYLE)
chosen = st.navigation(
    [
        st.Page(
            f"pages/screens/{file}.py",
            title=text(f"{screen}.title"),
            default=file == "overview",
        )
        for file, screen in SCREENS.items()
    ],
    position="top",
)
demo.offer(may_stand_aside=chosen.url_path == "connections")
chosen.run()
