"""The words of the desk by section, those that a search finds; the search stands in the URL."""

from __future__ import annotations

from itertools import groupby

import pandas as pd
import streamlit as st

from pages.ui.frame import View

SEARCH = "q"
OTHER = {"ja": "en", "en": "ja", "ko": "ja"}


def show(view: View) -> None:
    """Search field and tables."""
    text, lang = view.text, view.language
    key = "glossary-search"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(SEARCH, "")
    st.text_input(text("glossary.search"), key=key, on_change=_remember, args=(key,), width=420)
    search = str(st.session_state[key]).strip()
    found = [one for one in view.workspace.glossary() if one.holds(search)]
    if not found:
        st.text(text("glossary.none", search=search))
        return
    st.caption(text("glossary.count", n=len(found)))
    for place, (section, terms) in enumerate(groupby(found, key=lambda one: one.section[lang])):
        st.header(section)
        rows = [
            (one.word[lang], one.meaning[lang], one.word[OTHER[lang]], one.identifier)
            for one in terms
        ]
        names = [text(f"glossary.{name}") for name in ("word", "meaning", "other", "identifier")]
        with st.container(key=f"glossary_{place}"):
            st.table(pd.DataFrame(rows, columns=names).set_index(names[0]))


def _remember(key: str) -> None:
    typed = str(st.session_state[key]).strip()
    if typed:
        st.query_params[SEARCH] = typed
    else:
        st.query_params.pop(SEARCH, None)
