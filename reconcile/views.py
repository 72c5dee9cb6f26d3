"""Which views of a screen can be saved under a name: parameters of the address that say what to show, never whom to look up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconcile.errors import UsageError
from reconcile.store import triage as store
from reconcile.store.projections import catch_up
from reconcile.text import visible
from reconcile.triage_acts import person, short
from reconcile.wiring import Wiring

_TABLE = ("account", "sort", "dir", "size")
# A search or a list of numbers may name a person; neither is shared. Page, language and the chosen row are one's own.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "overview": ("account",),
    "orders": (
        *_TABLE,
        *("state", "rule", "phase", "shop", "period"),
        *("desk", "overdue", "flow", "section"),
    ),
    "sku_mapping": (*_TABLE, "section", "state", "cause", "shop", "decision"),
    "stock": (*_TABLE, "section", "cause", "shop", "warehouse", "least"),
}
VALUES_MOST = 100
VALUE_MOST = 100
_NAME = re.compile(r"[^|/?#&=%]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A named view of a screen, shared by all. query: parameter of the address -> its values; saved_at: aware UTC."""

    name: str
    screen: str
    query: Mapping[str, tuple[str, ...]]
    actor: str
    saved_at: datetime


def checked_name(name: str) -> str:
    """The name as it may stand in an address. Raises UsageError."""
    line = short("name", name)
    if not _NAME.fullmatch(line):
        raise UsageError("error.view.name", name=line)
    return line


def checked_query(screen: str, query: Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
    """The parameters as lists of values, those without a value left out. Raises UsageError."""
    if screen not in PARAMETERS:
        raise UsageError("error.view.screen", screen=visible(screen), known=list(PARAMETERS))
    refused = sorted(visible(name) for name in set(query) - set(PARAMETERS[screen]))
    if refused:
        raise UsageError("error.view.parameters", names=refused, known=list(PARAMETERS[screen]))
    made = {
        name: [values] if isinstance(values, str) else [str(value) for value in values]
        for name, values in query.items()
    }
    for name, values in made.items():
        if len(values) > VALUES_MOST or any(
            len(value) > VALUE_MOST or value != visible(value) for value in values
        ):
            raise UsageError("error.view.value", name=name, most=VALUE_MOST)
    return {name: values for name, values in sorted(made.items()) if any(values)}


class ViewShelf(Wiring):
    """The saved views of a data folder, kept in the ledger."""

    def saved_views(self) -> tuple[SavedView, ...]:
        """The views that anybody saved, by name."""
        with self._db.read() as cursor:
            found = store.views(cursor)
        return tuple(
            SavedView(
                name=name,
                screen=screen,
                query={key: tuple(values) for key, values in query.items()},
                actor=actor,
                saved_at=at,
            )
            for name, screen, query, actor, at in found
        )

    def saved_view(self, name: str) -> SavedView:
        """The view of that name (`?view=name`). Raises UsageError."""
        for view in self.saved_views():
            if view.name == name:
                return view
        raise UsageError("error.view.unknown", name=name[:60])

    def save_view(
        self,
        name: str,
        query: Mapping[str, str | Sequence[str]],
        *,
        screen: str = "orders",
        replace: bool = False,
        by: str | None = None,
    ) -> SavedView:
        """Share a view of a screen under a name. Raises UsageError for a name in use unless `replace`."""
        line, made, who = checked_name(name), checked_query(screen, query), person(by)
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            if not replace and any(row[0] == line for row in store.views(cursor)):
                raise UsageError("error.view.exists", name=line)
            values = {"name": line, "screen": screen, "query": made}
            self._ledger.append("view.saved", None, values, actor=who)
            catch_up(cursor, self._ledger)
        return self.saved_view(line)

    def remove_view(self, name: str, *, by: str | None = None) -> None:
        """Forget a saved view. Raises UsageError if there is none."""
        who = person(by)
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            if all(row[0] != name for row in store.views(cursor)):
                raise UsageError("error.view.unknown", name=name[:60])
            self._ledger.append("view.removed", None, {"name": name}, actor=who)
            catch_up(cursor, self._ledger)
