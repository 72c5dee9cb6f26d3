"""Rows of text as every reader hands them on; knows neither files nor columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

HEAD_ROWS = 15  # the title line is within them; import contract 11.1.2 [I]

Score = Callable[[Sequence[Sequence[str]]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cell text, and what is known about them.

    `damaged`: (row, column) of numbers too long for a spreadsheet. `covered`: (row, column) of a
    cell under a vertical merge -> the row that holds its value. All from 0. `unwrapped` counts
    cells that lost an apostrophe or `="..."` put there for spreadsheets.
    """

    rows: list[list[str]]
    file_format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    damaged: frozenset[tuple[int, int]] = frozenset()
    covered: Mapping[tuple[int, int], int] = field(default_factory=dict)
    nuls: int = 0
    unwrapped: int = 0
