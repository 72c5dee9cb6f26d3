"""The language of the page, for whoever listens to it: Streamlit's page says it is in English, whatever stands on it."""

from __future__ import annotations

from typing import Any

import streamlit as st

_JS = """
export default function ({ data }) {
  document.documentElement.lang = data.lang;
}
"""


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component("totsugo_page_lang", html="<i></i>", js=_JS)


def say(lang: str) -> None:
    """Tells the browser in which language this screen is; draws nothing."""
    with st.container(key="page_lang"):
        _component()(key="page-lang", data={"lang": lang})
