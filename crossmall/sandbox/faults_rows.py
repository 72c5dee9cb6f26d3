"""Faults of rows and pages: fields missing, doubled or odd, rows repeated, pages that lie."""

import random
import re
from collections.abc import Callable

from crossmall.sandbox.trouble import ORDERS, PAGES, READS, Damages, Trouble

LAG_S = 600.0
_ROW = re.compile(r"    <Result No='\d+'>\n.*?\n    </Result>\n", re.S)
_CELL = re.compile(r"      <(\w+)(?:/>|>(.*?)</\1>)\n", re.S)
_DATES = ("order_date", "updated_at", "created_at")
_FIGURES = ("total_price", "subtotal_price", "amount", "stock", "unit_price", "component_count")
Cells = list[tuple[str, str]]


def split(body: str) -> tuple[str, list[str], str]:
    """What stands before the rows, the rows, and what stands after them."""
    rows = list(_ROW.finditer(body))
    if not rows:
        return body, [], ""
    return body[: rows[0].start()], [row[0] for row in rows], body[rows[-1].end() :]


def joined(head: str, rows: list[str], tail: str) -> str:
    """The document again, rows numbered from 1 and counted."""
    numbered = [re.sub(r"No='\d+'", f"No='{n}'", row, count=1) for n, row in enumerate(rows, 1)]
    counted = re.sub(r"TotalResult='\d+'", f"TotalResult='{len(rows)}'", head, count=1)
    return counted + "".join(numbered) + tail


def _cell(name: str, text: str) -> str:
    return f"      <{name}>{text}</{name}>\n" if text else f"      <{name}/>\n"


def _one_row(
    change: Callable[[Cells, random.Random], Cells],
) -> Callable[[str, random.Random], str]:
    """The document with the cells of one row changed; unharmed without rows."""

    def changed(body: str, rng: random.Random) -> str:
        head, rows, tail = split(body)
        if not rows:
            return body
        place = rng.randrange(len(rows))
        cells = [(name, text or "") for name, text in _CELL.findall(rows[place])]
        first, last = rows[place].split("\n", 1)[0], "    </Result>\n"
        inside = "".join(_cell(name, text) for name, text in change(cells, rng))
        rows[place] = f"{first}\n{inside}{last}"
        return joined(head, rows, tail)

    return changed


def _with(names: tuple[str, ...], text: str) -> Callable[[str, random.Random], str]:
    """One of the named fields, in one row, gets this text."""

    def change(cells: Cells, rng: random.Random) -> Cells:
        held = [name for name, value in cells if name in names and value]
        chosen = rng.choice(held) if held else ""
        return [(name, text if name == chosen else value) for name, value in cells]

    return _one_row(change)


def _without(cells: Cells, rng: random.Random) -> Cells:
    gone = rng.randrange(len(cells))
    return cells[:gone] + cells[gone + 1 :]


def _doubled(cells: Cells, rng: random.Random) -> Cells:
    name, text = rng.choice(cells)
    return [*cells, (name, f"{text}2")]


def _renamed(cells: Cells, rng: random.Random) -> Cells:
    place = rng.randrange(len(cells))
    return [(f"{name}_new" if n == place else name, text) for n, (name, text) in enumerate(cells)]


def _reordered(body: str, rng: random.Random) -> str:
    head, rows, tail = split(body)
    mixed = []
    for row in rows:
        cells = [found[0] for found in _CELL.finditer(row)]
        rng.shuffle(cells)
        mixed.append("".join((row.split("\n", 1)[0], "\n", *cells, "    </Result>\n")))
    return joined(head, mixed, tail) if rows else body


def _duplicated(body: str, _: random.Random) -> str:
    """The last row once more under the next number."""
    head, rows, tail = split(body)
    return joined(head, [*rows, rows[-1]], tail) if rows else body


def _unsorted(body: str, rng: random.Random) -> str:
    head, rows, tail = split(body)
    rng.shuffle(rows)
    return joined(head, rows, tail) if rows else body


def _short(body: str, rng: random.Random) -> str:
    """One row fewer than there should be, the count to match."""
    head, rows, tail = split(body)
    if rows:
        del rows[rng.randrange(len(rows))]
    return joined(head, rows, tail)


ROWS: Damages = {
    "missing_field": _one_row(_without),
    "doubled_field": _one_row(_doubled),
    "renamed_field": _one_row(_renamed),
    "reordered_fields": _reordered,
    "number_as_text": _with(_FIGURES, "千円"),
    "decimal_number": _with(_FIGURES, "12.5"),
    "empty_date": _with(_DATES, ""),
    "bad_date": _with((*_DATES, "delivery_date"), "2026/13/45 99:99:99"),
    "empty_number": _with(("order_number", "item_cd", "item_code"), ""),
    "duplicate_rows": _duplicated,
    "unsorted_rows": _unsorted,
    "short_page": _short,
    "total_differs": lambda body, rng: re.sub(
        r"TotalResult='(\d+)'",
        lambda found: f"TotalResult='{int(found[1]) + rng.randint(1, 900)}'",
        body,
        count=1,
    ),
    "no_total": lambda body, _: re.sub(r" TotalResult='\d+'", "", body, count=1),
}
_TELLS = {
    "missing_field": "one row lacks one element",
    "doubled_field": "one row has an element twice, with two values",
    "renamed_field": "an element of one row has a new name",
    "reordered_fields": "the elements of every row in another order",
    "number_as_text": "a figure is `千円`",
    "decimal_number": "a figure is `12.5`",
    "empty_date": "a date that every row has is empty",
    "bad_date": "a date is no date",
    "empty_number": "a row without its key",
    "duplicate_rows": "the last row twice on one page",
    "unsorted_rows": "the rows of a page in another order",
    "short_page": "a row is left out, so a full page looks like the last one",
    "total_differs": "`TotalResult` is higher than the number of rows",
    "no_total": "no `TotalResult`",
}
# these change the question or the shop before the answer; see faults_pages
PAGE_TROUBLES = (
    Trouble(name="same_page", tells="the first page again, whatever the cursor", strikes=PAGES),
    Trouble(
        name="overlapping_page", tells="a page begins with the last row of the one before",
        strikes=ORDERS,
    ),
    Trouble(
        name="order_moves_behind", strikes=ORDERS,
        tells="staff touch an order the cursor has passed; its `updated_at` is now",
    ),
    Trouble(
        name="order_moves_ahead", strikes=ORDERS,
        tells="staff touch an order the cursor has yet to reach",
    ),
    Trouble(
        name="order_vanishes", strikes=ORDERS,
        tells="staff delete a slip of the page for good; stock gets its pieces back",
    ),
    Trouble(
        name="stale", tells="replica lag: data as of 600 s ago (`seconds`)", strikes=READS,
        seconds=LAG_S,
    ),
)  # fmt: skip
TROUBLES = (
    *(Trouble(name=name, tells=_TELLS[name], strikes=READS) for name in ROWS), *PAGE_TROUBLES,
)  # fmt: skip


def disordered(name: str, body: bytes, request_no: int) -> bytes:
    """The reply with the rows' damage; equal to the body where there is nothing to damage."""
    changed = ROWS[name](body.decode(), random.Random(f"{name}:{request_no}"))
    return changed if isinstance(changed, bytes) else changed.encode()
