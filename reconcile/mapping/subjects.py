"""Which CROSS MALL SKUs there are and which Smartship rows link to them exactly: the ground of mapping and stock alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from reconcile.mapping.normalize import canonical_key
from reconcile.store.queries import load

CROSSMALL_NAMES = ("crossmall", "クロスモール")  # what a sales site of ours has in its name [I]
_OFFERS = {
    "mappings": "find_offers_in_mappings",
    "skus": "find_offers_in_skus",
    "stock": "find_offers_in_stock",
    "none": "find_offers_in_skus",
}


class Connection(Protocol):
    """What we need of a database cursor; `execute` gives something with fetchall() and df()."""

    def execute(self, query: str, parameters: object = ..., /) -> Any:
        """Run one statement."""

    def register(self, view_name: str, python_object: object, /) -> Any:
        """Show a frame to statements under a name."""

    def unregister(self, view_name: str, /) -> Any:
        """Take the frame away again."""


def run(con: Connection, area: str, *names: str, **values: object) -> Any:
    """Run the named blocks of an SQL area with those of the values that each names; gives the last result."""
    result = None
    for name in names:
        for statement in load(area)[name].split(";\n"):
            used = {key: value for key, value in values.items() if f"${key}" in statement}
            result = con.execute(statement, used)
    return result


def find_links(con: Connection, account: str, *, fallback: Sequence[str] = ()) -> str:
    """Fill the temporary tables mapping_subject, _offer, _number and _exact; gives what Smartship's side rests on.

    `mappings` where mapping rows were imported for the account, else `skus` (Smartship's SKU list), else `none`: then
    the tables are there without Smartship rows. fallback: further bases to try in order, e.g. `stock`, whose rows
    carry a seller code too.
    """
    mappings, skus, stock = run(con, "mapping", "basis", account=account).fetchall()[0]
    counts = {"mappings": mappings, "skus": skus, "stock": stock}
    basis = next((one for one in ("mappings", "skus", *fallback) if counts[one]), "none")
    run(con, "mapping", "drop_subject", "find_subjects", "drop_offer", account=account)
    sites = [name for (name,) in run(con, "mapping", "sales_sites", account=account).fetchall()]
    ours = [name for name in sites if _is_crossmall(name)]
    run(con, "mapping", "put_sales_sites", _OFFERS[basis], account=account, sites=ours)
    run(con, "mapping", "drop_number", "find_numbers", "drop_exact", "find_exact")
    return basis


def _is_crossmall(sales_site: str) -> bool:
    return any(name in canonical_key(sales_site) for name in CROSSMALL_NAMES)


def as_stored(instant: datetime) -> datetime:
    """The instant as the store holds it: naive UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
