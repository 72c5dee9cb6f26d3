"""Where the texts stand that say what a class, a cause or a stock cause means: keys, never words."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """Keys into the texts. cure is None where the class alone does not say what to do."""

    label: str
    help: str
    cure: str | None = None


def class_words(code: str) -> Words:
    """The words of a class of MAPPING_CLASSES."""
    return Words(f"mapping_class.{code}", f"mapping_class.{code}.help")


def cause_words(code: str) -> Words:
    """The words of a cause: one of CLASS_CODES or LINK_CAUSES."""
    return Words(f"cause.{code}", f"cause.{code}.help", f"cause.{code}.cure")


def stock_words(code: str) -> Words:
    """The words of a stock cause of STOCK_CAUSES."""
    return Words(f"stock_cause.{code}", f"stock_cause.{code}.help")
