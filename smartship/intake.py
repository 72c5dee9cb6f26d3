"""A Smartship file in, typed rows and a report out: the one entry to this package's work."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from smartship.columns import MIN_TITLES, Columns, header_score, plan_columns
from smartship.coverage import Stated, Times, times_in_name
from smartship.doubles import settled
from smartship.needs import checks_off
from smartship.notes import Notes
from smartship.reader import read_table
from smartship.records import STOCK_FIGURES, HashRecipient, RowReader
from smartship.table import Table
from smartship.titles import normalise_title
from smartship.types import FileKind, ImportResult, Rejection, Row

_TOTALS = re.compile(
    r"(?:合計|総計|小計|総合計|計|total|grand total|sub ?total|합계|총계|소계)\s*[::]?"
)
_MAX_TOTALS_CHARS = 20
_ORDER_LEVEL = frozenset(
    {
        "packing_no",
        "site_order_no",
        "site_cart_no",
        "reference_no",
        "sales_site",
        "shop_id",
        "service_type",
        "registered_by",
        "status_raw",
        "hold_raw",
        "courier",
        "tracking_no",
        "warehouse",
        "ordered_at",
        "registered_at",
        "confirmed_at",
        "instructed_at",
        "printed_at",
        "shipped_at",
        "delivered_at",
        "site_notified",
    }
)
_ORDER_KEYS = ("packing_no", "site_order_no", "reference_no")


def read_file(
    data: bytes,
    file_name: str,
    *,
    kind: FileKind | None = None,
    snapshot_at: datetime | None = None,
    covers_from: datetime | None = None,
    covers_to: datetime | None = None,
    now: datetime,
    chosen: Mapping[str, str] | None = None,
    hash_recipient: HashRecipient | None = None,
) -> ImportResult:
    """The rows of one Smartship file, what each column was taken for, and what was left out.

    The content decides what the file is; `file_name` only lends its dates to the coverage. `kind`
    None finds it from the titles. `covers_to` is exclusive; all moments are aware. `chosen` maps
    titles a user assigned by hand to field names and needs `kind`. `hash_recipient` makes the recipient's hash
    of each shipment line.
    Raises FileRejected when there is no readable table; ValueError for a moment without a zone,
    a coverage that ends before it starts, or a chosen field that does not exist.
    Rules: import contract 11.1 [I].
    """
    times = Times(Stated(snapshot_at, covers_from, covers_to), times_in_name(file_name, now), now)
    if chosen and kind is None:
        raise ValueError("chosen columns need a kind")
    table = read_table(data, lambda rows: header_score(rows, kind, chosen))
    columns = plan_columns(table.rows, kind, chosen)
    return _imported(hashlib.sha256(data).hexdigest(), table, columns, times, hash_recipient)


def _imported(
    fingerprint: str,
    table: Table,
    columns: Columns,
    times: Times,
    hash_recipient: HashRecipient | None,
) -> ImportResult:
    notes = _opening_notes(table, columns)
    columns = _one_quantity(columns, notes)
    reader = RowReader(
        columns,
        notes,
        encoding=table.encoding,
        damaged=table.damaged,
        snapshot_at=times.coverage(None, None).snapshot_at,
        hash_recipient=hash_recipient,
    )
    accepted, rejected = _read_rows(table, columns, reader, notes)
    coverage = times.coverage(reader.first, reader.last)
    if coverage.snapshot_at and coverage.snapshot_at > times.now:
        notes.add("snapshot_in_future")
    return ImportResult(
        kind=columns.kind,
        file_format=table.file_format,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        header_row=columns.header_row + 1,
        header_fingerprint=columns.fingerprint,
        rows_read=len(accepted) + len(rejected),
        accepted=tuple(accepted),
        rejected=tuple(rejected),
        columns=columns.titles,
        unmatched=columns.unmatched,
        dropped=columns.dropped,
        warnings=notes.cautions(table.encoding),
        fingerprint=fingerprint,
        coverage=coverage,
        checks_off=checks_off(columns.kind, columns.fields),
    )


def _opening_notes(table: Table, columns: Columns) -> Notes:
    notes = Notes()
    for caution in columns.cautions:
        notes.add(caution.code, **caution.values)
    if table.nuls:
        notes.add("nul_characters_removed", count=table.nuls)
    if table.unwrapped:
        notes.add("spreadsheet_quotes_removed", count=table.unwrapped)
    return notes


def _one_quantity(columns: Columns, notes: Notes) -> Columns:
    """A stock file's only quantity column counts as on hand, and the check is weak (11.5 [I])."""
    figures = [name for name in STOCK_FIGURES if name in columns.fields]
    if columns.kind is not FileKind.STOCK or len(figures) != 1:
        return columns
    (only,) = figures
    notes.add("only_one_quantity", field=only, title=columns.titles[only])
    rename = {only: "on_hand"}
    return replace(
        columns,
        fields={rename.get(name, name): at for name, at in columns.fields.items()},
        titles={rename.get(name, name): title for name, title in columns.titles.items()},
    )


def _read_rows(
    table: Table, columns: Columns, reader: RowReader, notes: Notes
) -> tuple[list[Row], list[Rejection]]:
    accepted: list[Row] = []
    rejected: list[Rejection] = []
    merged = _Merged(table, columns)
    titles = [title.strip() for title in table.rows[columns.header_row]]
    blank = [""] * columns.width
    for at in range(columns.header_row + 1, len(table.rows)):
        row = table.rows[at]
        if not "".join(row).strip():
            continue
        refusal = _not_a_record(at, row, titles, columns)
        if refusal is None:
            result = reader.read(at, merged.filled(at, row + blank[len(row) :]))
        else:
            result = refusal
            merged.forget()
        if isinstance(result, Rejection):
            rejected.append(result)
        else:
            accepted.append(result)
    if merged.count:
        notes.add("order_cells_inherited", rows=merged.count)
    if not accepted and not rejected:
        notes.add("no_rows")
    if columns.kind is FileKind.STOCK:
        accepted, doubled = settled(accepted)
        rejected = sorted([*rejected, *doubled], key=lambda refused: refused.row)
    return accepted, rejected


def _not_a_record(
    at: int, row: Sequence[str], titles: Sequence[str], columns: Columns
) -> Rejection | None:
    filled = (cell for cell in row if cell.strip())
    first = next(filled)
    if len(first) <= _MAX_TOTALS_CHARS and _TOTALS.fullmatch(normalise_title(first)):
        return Rejection(at + 1, "totals_row")
    if any(cell.strip() for cell in row[columns.width :]):
        values = {"cells": len(row), "titles": columns.width}
        return Rejection(at + 1, "more_cells_than_titles", values)
    if columns.width > 1 and next(filled, None) is None:
        return Rejection(at + 1, "single_cell")
    if first.strip() in titles and _repeats(row, titles, columns):
        return Rejection(at + 1, "titles_repeated")
    return None


def _repeats(row: Sequence[str], titles: Sequence[str], columns: Columns) -> bool:
    same = [row[at].strip() == titles[at] for at in columns.fields.values() if at < len(row)]
    return len(same) >= MIN_TITLES and all(same)


class _Merged:
    """Order-level cells left blank by merging, filled from the row that holds their value.

    Where the file records its merges they decide. Elsewhere blanks inherit from the row above
    only when the packing number is blank too and no other order number contradicts (11.1.7 [I]).
    """

    def __init__(self, table: Table, columns: Columns) -> None:
        self._rows, self._covered = table.rows, table.covered
        fields = columns.fields if columns.kind is FileKind.ORDERS else {}
        self._order_level = [at for name, at in fields.items() if name in _ORDER_LEVEL]
        self._keys = [fields[name] for name in _ORDER_KEYS if name in fields]
        self._packing = fields.get("packing_no")
        self._header_row = columns.header_row
        self._above: list[str] | None = None
        self.count = 0

    def forget(self) -> None:
        """End the run of rows that may inherit: a totals line or a note came between."""
        self._above = None

    def filled(self, at: int, cells: list[str]) -> list[str]:
        """The row with inherited order-level cells; the list given is changed and returned."""
        if not self._order_level:
            return cells
        changed = bool(self._covered) and self._from_merges(at, cells)
        above = self._above
        if above is not None and self._continues(cells, above):
            for column in self._order_level:
                if above[column].strip() and not cells[column].strip():
                    cells[column] = above[column]
                    changed = True
        self.count += changed
        self._above = cells
        return cells

    def _from_merges(self, at: int, cells: list[str]) -> bool:
        changed = False
        for column in self._order_level:
            top = self._covered.get((at, column))
            if top is not None and top > self._header_row and not cells[column].strip():
                cells[column] = self._rows[top][column]
                changed = True
        return changed

    def _continues(self, cells: list[str], above: list[str]) -> bool:
        if self._packing is not None and cells[self._packing].strip():
            return False
        return all(not cells[at].strip() or cells[at] == above[at] for at in self._keys)
