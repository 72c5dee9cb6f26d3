"""One order's history on both sides as events in time, uncertain times as brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

Event = dict[str, Any]

SHIPMENT_EVENTS = (
    "registered_at",
    "confirmed_at",
    "instructed_at",
    "printed_at",
    "shipped_at",
    "delivered_at",
)
PULL = {"known": "pull", "estimated": "pull_planned"}
REACHING = "_reaching"  # a pull at which the order can have stood in the collect phase
PULLS_SHOWN = 72  # of a long stay the first and the last ones, the others as one event [D]
NEAR = timedelta(hours=1)  # pulls are shown from so long before a stay to so long after it [D]


def timeline(
    row: Mapping[str, Any],
    observations: Sequence[Mapping[str, Any]],
    shipments: Sequence[Mapping[str, Any]],
    *,
    pulls: Sequence[Mapping[str, Any]] = (),
    looks: Sequence[Mapping[str, Any]] = (),
    stay: Mapping[str, Any] | None = None,
    acts: Sequence[Mapping[str, Any]] = (),
) -> tuple[Event, ...]:
    """Events, oldest first: {"at", "at_latest", "side", "kind", "values", "seen_at"}.

    `at` is the earliest time an event can have had and `at_latest` the latest; they are equal for a time that a
    vendor states. row: the order's row of the board; observations: oldest first; shipments: one per packing number;
    pulls: rows of pull_time near the stay; stay: its row of order_stay, which tells the pulls that can have seen the
    order; looks: observations as far as they are proven (phases.confirmed), of which the first and the last look at
    each state are events of our own side; acts: what people did about it, {"acted_at", "event", "actor", "rule"}.
    A change lies between our last look at the old state and the vendor's 更新日時 of the new one, given that every
    change moves 更新日時 [I].
    """
    events = [_stated(row["ordered_at"], "crossmall", "ordered", {}, row["seen_at"])]
    if row["created_at"] is not None:
        events.append(_stated(row["created_at"], "crossmall", "imported", {}, row["seen_at"]))
    events += _changes(row, observations)
    for shipment in shipments:
        for name in SHIPMENT_EVENTS:
            if shipment[name] is not None:
                kind = name.removesuffix("_at")
                values = {"packing_no": shipment["packing_no"]}
                events.append(
                    _stated(shipment[name], "smartship", kind, values, shipment["snapshot_at"])
                )
    events += _pulls(pulls, stay) + _looks(looks) + [_act(one) for one in acts]
    known = [event for event in events if event["at"] is not None]
    return tuple(sorted(known, key=lambda event: (event["at_latest"], event["side"])))


def _changes(row: Mapping[str, Any], observations: Sequence[Mapping[str, Any]]) -> list[Event]:
    events = []
    before: Mapping[str, Any] | None = None
    for seen in observations:
        earliest = before["last_confirmed_at"] if before else row["created_at"]
        latest = seen["updated_at"] or seen["first_seen_at"]
        for field, kind in (
            ("phase_name", "phase"),
            ("cancel_flag", "cancel_flag"),
            ("delivery_number", "tracking"),
        ):
            if before is not None and before[field] == seen[field]:
                continue
            if before is None and field != "phase_name" and not seen[field]:
                continue
            values = {"before": before[field] if before else None, "after": seen[field]}
            events.append(
                {
                    "at": _earlier(earliest, latest),
                    "at_latest": latest,
                    "side": "crossmall",
                    "kind": kind,
                    "values": values,
                    "seen_at": seen["first_seen_at"],
                }
            )
        before = seen
    return events


def stretch(row: Mapping[str, Any], stay: Mapping[str, Any] | None) -> tuple[datetime, datetime]:
    """From when to when pulls matter for an order: around its stay in the collect phase, else around its arrival.

    stay: its row of order_stay, None for an order that was no question. A stay that lasts goes on up to the last look.
    """
    seen_at = row["seen_at"]
    if stay is not None and stay["entered_by"] is not None:
        first = stay["entered_from"] or stay["entered_by"]
        return first - NEAR, (stay["left_by"] or seen_at) + NEAR
    if row["ss_registered_at"] is not None:
        return row["ss_registered_at"] - NEAR, row["ss_registered_at"]
    return seen_at, seen_at - NEAR


def _pulls(pulls: Sequence[Mapping[str, Any]], stay: Mapping[str, Any] | None) -> list[Event]:
    """Every pull as an event; of very many the first and the last ones, and what lies between them as one event."""
    if len(pulls) <= PULLS_SHOWN:
        return [_pull(one, stay) for one in pulls]
    half = PULLS_SHOWN // 2
    between = pulls[half:-half]
    told = {"count": len(between), "arrivals": sum(one["arrivals"] for one in between)}
    kind = "pulls" + (REACHING if any(_reaches(one, stay) for one in between) else "")
    return [
        *(_pull(one, stay) for one in pulls[:half]),
        {
            "at": between[0]["at_from"],
            "at_latest": between[-1]["at_by"],
            "side": "pulls",
            "kind": kind,
            "values": told,
            "seen_at": None,
        },
        *(_pull(one, stay) for one in pulls[-half:]),
    ]


def _reaches(pull: Mapping[str, Any], stay: Mapping[str, Any] | None) -> bool:
    """Whether the order can have stood in the collect phase at some time of the pull's bracket."""
    if stay is None or stay["entered_by"] is None:
        return False
    first, last = stay["entered_from"] or stay["entered_by"], stay["left_by"]
    return bool(pull["at_by"] >= first and (last is None or pull["at_from"] <= last))


def _pull(pull: Mapping[str, Any], stay: Mapping[str, Any] | None) -> Event:
    return {
        "at": pull["at_from"],
        "at_latest": pull["at_by"],
        "side": "pulls",
        "kind": PULL[pull["basis"]] + (REACHING if _reaches(pull, stay) else ""),
        "values": {"arrivals": pull["arrivals"], "pct": round(100 * pull["runs"])},
        "seen_at": None,
    }


def _act(act: Mapping[str, Any]) -> Event:
    values = {"by": act["actor"], "rule": act["rule"]}
    return _stated(act["acted_at"], "people", f"act_{act['event']}", values, None)


def _looks(states: Sequence[Mapping[str, Any]]) -> list[Event]:
    events = []
    for state in states:
        first, last = state["first_seen_at"], state["last_confirmed_at"]
        values = {"phase": state["phase_name"]}
        events += [
            _stated(at, "ours", "look", values, at) for at in dict.fromkeys((first, last)) if at
        ]
    return events


def _stated(
    at: datetime | None, side: str, kind: str, values: Mapping[str, Any], seen_at: datetime | None
) -> Event:
    return {
        "at": at,
        "at_latest": at,
        "side": side,
        "kind": kind,
        "values": dict(values),
        "seen_at": seen_at,
    }


def _earlier(earliest: datetime | None, latest: datetime) -> datetime:
    return latest if earliest is None else min(earliest, latest)
