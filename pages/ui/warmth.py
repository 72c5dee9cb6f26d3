"""What the server does before its first visitor comes, so that nobody waits for it."""

import gc
import importlib
import logging
import pkgutil
from pathlib import Path

import streamlit as st

from reconcile import LANGUAGES, Text


def up() -> None:
    """Makes ready everything the screens are made of, and leaves it out of every later collection of garbage."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"{package}.{module.name}")
    for language in LANGUAGES:
        Text(language)
    _draw_for_nobody()
    gc.freeze()


def _draw_for_nobody() -> None:
    """Has Streamlit work out what it needs once: whether it runs in a console, and its pattern of all emoji. [S] 1.67"""
    logging.disable(logging.WARNING)  # it would remark that there is no visitor yet
    st.html("<p></p>")
    st.pills("-", ("-",))
    logging.disable(logging.NOTSET)
