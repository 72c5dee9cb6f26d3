"""The sections of the mapping screen, and which of them the filter belongs to."""

from __future__ import annotations

from typing import Any

from pages.ui import (
    skuacts,
    skubulk,
    skuevents,
    skufilter,
    skufixes,
    skureview,
    skutable,
    skutwins,
)
from pages.ui.frame import View
from reconcile import MappingBoard, MappingFilter, Paging

NAMES = ("review", "table", "bulk", "fixes", "events", "twins", "acts")
_FILTERED = ("review", "table")


def show(
    view: View,
    section: str,
    board: MappingBoard,
    asked: MappingFilter,
    *,
    search: Any,
    paging: Paging,
    pager: str,
) -> None:
    """One section; where there is nothing to compare, what is missing. search: the container in the head."""
    if not sum(board.by_class.values()):
        skutable.empty(view, board, MappingFilter())
        return
    if section in _FILTERED:
        with search:
            skufilter.search(view, board, asked)
        skufilter.states(view, board, asked, with_linked=section == "table")
    match section:
        case "table":
            skutable.show(view, board, asked, paging=paging, pager=pager)
        case "bulk":
            skubulk.show(view)
        case "fixes":
            skufixes.show(view)
        case "events":
            skuevents.show(view)
        case "twins":
            skutwins.show(view)
        case "acts":
            skuacts.show(view)
        case _:
            skureview.show(view, asked)
