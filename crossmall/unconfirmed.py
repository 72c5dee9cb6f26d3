"""Endpoints whose names are seen but of which no client shows parameters and rows; nothing may depend on them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from crossmall.client import Client
from crossmall.endpoints import Endpoint
from crossmall.queries import ParameterValue
from crossmall.types import Page
from crossmall.values import JST
from crossmall.wire import BrokenRow, choose_error, read_envelope

UNCONFIRMED: Mapping[str, Endpoint] = MappingProxyType(
    {
        one.name: one
        for one in (
            Endpoint(name="get_diff_stock", parameters=("updated_at_fr",), evidence="I"),
            Endpoint(name="get_diff_item_sku", parameters=("updated_at_fr",), evidence="I"),
            Endpoint(name="get_service_status", evidence="I"),
            Endpoint(
                name="get_item_attribute", parameters=("item_code", "attribute_type"), evidence="S"
            ),
        )
    }
)
LOOK_BACK = timedelta(hours=1)  # [D]
FIRST_ATTRIBUTE = "1"  # [S]


def parameters_of(name: str, now: datetime, item_code: str | None) -> dict[str, str] | None:
    """What to ask an unconfirmed endpoint with; None when it needs an item and none is known."""
    if name == "get_item_attribute":
        return {"item_code": item_code, "attribute_type": FIRST_ATTRIBUTE} if item_code else None
    if name == "get_service_status":
        return {}
    since = (now - LOOK_BACK).astimezone(JST)
    return {"updated_at_fr": f"{since:%Y-%m-%d %H:%M:%S}"}


def ask(client: Client, name: str, parameters: Mapping[str, ParameterValue]) -> Page[str]:
    """The names of the fields that came, once per row. Raises CrossmallError as every call does."""
    return client._call(UNCONFIRMED[name], parameters, _read)  # noqa: SLF001 - of the client's own package


def _read(body: bytes) -> Page[str]:
    envelope = read_envelope(body)
    error = choose_error(envelope)
    if error is not None:
        raise error
    rows = tuple("" if isinstance(row, BrokenRow) else " ".join(row) for row in envelope.rows)
    return Page(rows=rows, raw_count=len(envelope.rows), repaired=envelope.repaired)
