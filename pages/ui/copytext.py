"""One raw text with a button that copies exactly its characters: st.code takes the blanks at both ends away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from reconcile import Text, visible

_HTML = """
<div class="copytext"><span class="label"></span><span class="raw"></span><button type="button"></button></div>
"""
_CSS = """
.copytext { display: flex; align-items: center; gap: 0.5rem; font-size: 0.95rem;
  border: 1px solid var(--st-border-color); border-radius: 4px;
  background: var(--st-code-background-color); padding: 0.15rem 0.2rem 0.15rem 0.6rem; }
.copytext .label { flex: none; max-width: 45%; font-size: 0.82rem; color: var(--st-gray-text-color); }
.copytext .raw { flex: 1; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere;
  font-family: var(--st-code-font); color: var(--st-text-color); }
.copytext button { flex: none; font: inherit; font-size: 0.85rem; color: var(--st-link-color); cursor: pointer;
  background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: 4px;
  padding: 0.1rem 0.6rem; }
.copytext button:focus-visible { outline: 2px solid var(--st-primary-color); }
"""
# Without https on a foreign host there is no navigator.clipboard: then a selection is copied, which is as exact.
_JS = """
export default function ({ data, parentElement }) {
  const raw = parentElement.querySelector(".raw");
  const button = parentElement.querySelector("button");
  parentElement.querySelector(".label").textContent = data.label;
  raw.textContent = data.shown;
  raw.style.userSelect = data.shown === data.raw ? "" : "none"; // only the button has the exact text
  button.textContent = data.copy;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(data.raw);
    } catch {
      const field = document.createElement("textarea");
      field.value = data.raw;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    button.textContent = data.copied;
    button.blur();
  };
}
"""


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component("totsugo_copytext", html=_HTML, css=_CSS, js=_JS)


def show(text: Text, raw: str, *, label: str, key: str) -> None:
    """The text, every blank kept and a sign for what nobody sees, and a button that copies it as it is; label: what it is for."""
    words = {"label": label, "copy": text("frame.copy"), "copied": text("frame.copied")}
    _component()(key=key, data={"raw": raw, "shown": visible(raw), **words})
