"""One connection with the parameters of a rules run; runs the named blocks of the SQL files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from reconcile.store import queries

_PARAMETER = re.compile(r"\$([a-z_]+)")


class Connection(Protocol):
    """What a rules run needs of a database connection."""

    def execute(self, query: str, parameters: object = ..., /) -> Any:
        """Run one statement; the result has fetchall()."""

    def sql(self, query: str, /, *, params: object = ...) -> Any:
        """Run one statement; the result has to_arrow_table()."""

    def register(self, view_name: str, python_object: object, /) -> Any:
        """Make a frame or Arrow table readable under a name."""

    def unregister(self, view_name: str, /) -> Any:
        """Take that name back."""


class Session:
    """The account's parameters, bound by name: each statement gets only those it names."""

    def __init__(self, con: Connection, parameters: dict[str, object]) -> None:
        self.con = con
        self.parameters = parameters

    def _bound(self, statement: str, more: dict[str, object]) -> dict[str, object]:
        wanted = set(_PARAMETER.findall(statement))
        known = self.parameters | more
        return {name: value for name, value in known.items() if name in wanted}

    def rows(self, area: str, *names: str, **more: object) -> list[tuple[Any, ...]]:
        """The rows of the last of the named blocks of `sql/<area>.sql`, run in order."""
        result: list[tuple[Any, ...]] = []
        for name in names:
            result = self.run(queries.load(area)[name], **more)
        return result

    def run(self, statement: str, **more: object) -> list[tuple[Any, ...]]:
        """The rows of one statement."""
        return list(self.con.execute(statement, self._bound(statement, more)).fetchall())

    def table(self, area: str, name: str) -> Any:
        """The rows of one block as an Arrow table."""
        statement = queries.load(area)[name]
        return self.con.sql(statement, params=self._bound(statement, {})).to_arrow_table()

    @contextmanager
    def readable(self, name: str, rows: object) -> Iterator[None]:
        """A frame or Arrow table that statements read under a name for the time of the block."""
        self.con.register(name, rows)
        try:
            yield
        finally:
            self.con.unregister(name)
