"""The evidence about one order as a file for the vendors' support, made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui import access
from pages.ui.frame import View
from reconcile import LANGUAGES

MIME = "text/html"


def show(view: View, account: str, order_number: str) -> None:
    """What the packet holds and leaves out, and its download in each language."""
    text = view.text
    st.text(text("case.packet.note"))
    with st.container(horizontal=True):
        for lang in LANGUAGES:
            st.download_button(
                text(f"case.packet.{lang}"),
                data=_page(view, account, order_number, lang),
                file_name=f"totsugo_packet_{order_number}_{lang}.html",
                mime=MIME,
                key=f"packet.{lang}",
                **access.locked(view.workspace, "packet"),
                on_click="ignore",
            )


def _page(view: View, account: str, order_number: str, lang: str) -> Callable[[], bytes]:
    return lambda: view.workspace.packet(account, order_number, lang=lang).data
