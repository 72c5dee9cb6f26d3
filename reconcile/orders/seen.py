"""What is proven of one order's states: its phase spans with brackets, and from when to when each state was confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reconcile.orders.phases import confirmed, spans

BRACKET = {
    "entry_from": "entered_from",
    "entry_by": "entered_by",
    "exit_from": "left_from",
    "exit_by": "left_by",
}

Records = tuple[dict[str, Any], ...]


def seen(
    row: Mapping[str, Any], observations: pd.DataFrame, looks: pd.DataFrame
) -> tuple[Records, Records]:
    """(spans, states) of one order, oldest first, instants aware, an open end None.

    spans: phase_name, entered_from, entered_by, left_from, left_by, see phases.spans; states: phase_name,
    first_seen_at, last_confirmed_at, as far as looks that did not return the order prove it.
    """
    order = pd.DataFrame(
        {
            "order_number": [row["order_number"]],
            "created_at": pd.to_datetime([row["created_at"]], utc=True),
        }
    )
    if observations.empty:
        return (), ()
    states = confirmed(observations, looks)
    stretches = spans(states, order).rename(columns=BRACKET)
    return (
        _records(stretches[["phase_name", *BRACKET.values()]]),
        _records(states[["phase_name", "first_seen_at", "last_confirmed_at"]]),
    )


def _records(frame: pd.DataFrame) -> Records:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return tuple({str(name): _plain(value) for name, value in row.items()} for row in rows)


def _plain(value: Any) -> Any:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
