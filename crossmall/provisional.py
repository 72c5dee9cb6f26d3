"""Names and behaviour nobody has published: every guess in one table, and how to correct it.

The rest of the client uses our names. A caller who learns the true spelling gives it as ``Names``,
and one who has seen a call work names it as confirmed; neither needs a new version of this client.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from crossmall.errors import ConfigurationError
from crossmall.values import JST

_SKU_FIELDS: Final = {
    "attribute1_code": "I",
    "attribute1_name": "I",
    "attribute2_code": "I",
    "attribute2_name": "I",
    "updated_at": "I",
}
# endpoint -> our name of a parameter or response field -> mark; the spelling guessed is our name.
GUESSED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "get_phase": {"phase_name": "I"},
        "get_item_attribute": {"attribute_code": "I"},
        "get_diff_stock": {"item_cd": "I", "stock": "I", **_SKU_FIELDS},
        "get_diff_item_sku": {
            "item_code": "I",
            "item_sku_code": "I",
            "jan_code": "I",
            "keep_stock": "I",
            "stock_unlimit_flag": "I",
            **_SKU_FIELDS,
        },
        "get_service_status": {"service_type": "D", "service_status": "D"},
        "upd_stock": {
            "item_code": "D",
            "attribute1_name": "D",
            "attribute2_name": "D",
            "sku_code": "D",
            "jan_code": "D",
            "update_type": "D",
            "stock": "D",
        },
    }
)
# Calls that stay off against a real host until somebody confirms them (crossmall-webapi 9, row 5).
# get_phase stays on: a wrong guess there shows at the first row and changes nothing.
UNCONFIRMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "get_diff_stock": "no row of it was ever seen, its field names are guessed",
        "get_diff_item_sku": "no row of it was ever seen, its field names are guessed",
        "get_service_status": "its parameter and field names are made up",
        "upd_stock": "its parameter names are made up",
    }
)
# Reads that a connection test and a probe ask once, confirmed or not; whatever comes, nothing depends on it.
TRIED: Final = ("get_diff_stock", "get_diff_item_sku", "get_service_status", "get_item_attribute")
LOOK_BACK: Final = timedelta(hours=1)  # how far back a diff feed is tried [D]
FIRST_ATTRIBUTE: Final = "1"  # [S]
_SPELLING = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[\])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Names:
    """True spellings of guessed names: endpoint, our name, name on the wire.

    ``Names({"get_phase": {"phase_name": "phase"}})``. Parameters and response fields of an endpoint
    that share our name share the spelling. Raises ConfigurationError for a name that is no guess
    (see GUESSED), a spelling that no query or XML can hold, or one given twice.
    """

    spelt: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for endpoint, given in self.spelt.items():
            guesses = GUESSED.get(endpoint, {})
            for ours, wire in given.items():
                if ours not in guesses:
                    raise ConfigurationError(
                        f"{endpoint}: {ours} is no guessed name", reason="names"
                    )
                if not _SPELLING.fullmatch(wire):
                    raise ConfigurationError(
                        f"{endpoint}: {ours} has an impossible spelling", reason="names"
                    )
            whole = [given.get(ours, ours) for ours in guesses]
            if len(set(whole)) != len(whole):
                raise ConfigurationError(f"{endpoint}: two names share a spelling", reason="names")

    def parameters(self, endpoint: str) -> Mapping[str, str]:
        """Our name to the name on the wire, where they differ."""
        return self.spelt.get(endpoint, {})

    def fields(self, endpoint: str) -> Mapping[str, str]:
        """The name on the wire to our name, where they differ."""
        return {wire: ours for ours, wire in self.spelt.get(endpoint, {}).items()}


def trial_parameters(name: str, now: datetime, item_code: str | None) -> dict[str, str] | None:
    """What to ask a call of TRIED with; None when it needs an item and none is known."""
    if name == "get_item_attribute":
        return {"item_code": item_code, "attribute_type": FIRST_ATTRIBUTE} if item_code else None
    if name == "get_service_status":
        return {}
    since = (now - LOOK_BACK).astimezone(JST)
    return {"updated_at_fr": f"{since:%Y-%m-%d %H:%M:%S}"}


def respelt(row: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """The row under our names; a field that bears our name but is another one is left out."""
    ours = set(fields.values())
    kept = {name: value for name, value in row.items() if name not in fields and name not in ours}
    return kept | {fields[name]: value for name, value in row.items() if name in fields}
