"""The SQL of the store, by name: every statement stands in `sql/<area>.sql`, none is built from data.

A block starts with `-- name: <name>`; several statements of one block are separated by `;`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from reconcile.frames import FRAMES

_NAME = re.compile(r"^-- name: *(\S+) *$", re.MULTILINE)


@cache
def load(area: str) -> Mapping[str, str]:
    """The statements of one area (`sql/<area>.sql`) by their names."""
    text = resources.files("reconcile.store").joinpath("sql", f"{area}.sql").read_text("utf-8")
    parts = _NAME.split(text)
    return {
        name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


@cache
def migrations() -> tuple[tuple[int, str, str], ...]:
    """Every migration as (version, file name, SQL), in order."""
    folder = resources.files("reconcile.store").joinpath("migrations")
    files = sorted(path.name for path in folder.iterdir() if path.name.endswith(".sql"))
    return tuple((int(name[:4]), name, folder.joinpath(name).read_text("utf-8")) for name in files)


def packed(statement: str, instants: Sequence[str]) -> str:
    """`pack_rows` of rules_state with these columns of naive UTC instants as ISO 8601 text; the names are the registry's."""
    if not instants:
        return statement
    texts = ", ".join(
        f"replace(CAST({name} AS VARCHAR), ' ', 'T') || '+00:00' AS {name}" for name in instants
    )
    source = f"FROM (SELECT * REPLACE ({texts}) FROM found)"  # noqa: S608 (names from the registry)
    return statement.replace("FROM found", source)


def counted(statement: str) -> str:
    """The statement's number of rows."""
    return f"SELECT count(*) FROM (\n{statement}\n)"  # noqa: S608 (statements are ours, from files)


def sorted_page(statement: str, frame: str, sort: str | None, *, descending: bool) -> str:
    """The statement ordered by a column of the frame's contract, then by its key, one page of it.

    Raises KeyError for a column outside the contract: a name from a user never reaches the SQL.
    """
    contract = FRAMES[frame]
    key = [f"{name} NULLS LAST" for name in contract.key]
    if sort is not None:
        column = {name: name for name in contract.names}[sort]
        key.insert(0, f"{column} {'DESC' if descending else 'ASC'} NULLS LAST")
    return f"{statement}\nORDER BY {', '.join(key)}\nLIMIT $size OFFSET $offset"


def late_page(statement: str, frame: str, sort: str | None, *, descending: bool) -> str:
    """As `sorted_page`, for a statement over a large table that also gives `row_no` (its rowid) and `place` (of its key).

    Only the column of the order, place and row number are sorted; the other columns are read for the rows of the page.
    """
    order = "account, place"
    if sort is not None:
        column = {name: name for name in FRAMES[frame].names}[sort]
        order = f"{column} {'DESC' if descending else 'ASC'} NULLS LAST, {order}"
    return f"""WITH every AS NOT MATERIALIZED ({statement}),
page AS (SELECT row_no AS shown_no FROM every ORDER BY {order} LIMIT $size OFFSET $offset)
SELECT every.* EXCLUDE (row_no, place) FROM every JOIN page ON shown_no = row_no ORDER BY {order}"""  # noqa: S608 (contract)
