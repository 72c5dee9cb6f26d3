"""Glossary: what the words of the desk mean, in the language of the screen, with a search."""

from pages.ui import glossarylist
from pages.ui.frame import frame

with frame("glossary", bare=True) as view:
    glossarylist.show(view)
