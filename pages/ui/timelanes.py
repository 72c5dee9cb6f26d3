"""The geometry of one order's timeline: which stretch of time is shown, its bars with faded ends, and where labels fit.

Knows times and words only, neither colours nor a chart.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile import OrderCase, Text

PLOT_PX = 760  # a chart is at least so wide without its lane names, also at 1024 [D]
LETTER_PX = 12.5  # a full-width letter of a label; a narrow one has half
PACKINGS_SHOWN = 3  # lanes of Smartship; further packings stand in the table [D]
AROUND = timedelta(hours=1)  # shown beside a stay at least [D]
SHARE = 0.35  # of a stay, shown beside it at least [D]
WORTH = 0.6  # a part of the time is offered when it is shorter than this share of all [D]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A state from first to last: rising until full_from, certain until full_to, falling from there."""

    first: datetime
    full_from: datetime
    full_to: datetime
    last: datetime
    label: str
    hover: tuple[str, ...]  # its lines
    tone: str  # collect | phase | status | shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words beside a bar: at `at`, inside it or above its beginning."""

    at: datetime
    words: str
    inside: bool
    tone: str


def windows(case: OrderCase, now: datetime) -> dict[str, tuple[datetime, datetime]]:
    """The stretches a person can look at: `stay` around the collection where that is a part only, and `all`."""
    times = [at for event in case.timeline for at in (event["at"], event["at_latest"])]
    times += [span[name] for span in case.spans for name in _ENDS if span[name] is not None]
    first, last = min(times), max(times)
    pad = max((last - first) * 0.03, timedelta(minutes=2))
    whole = (first - pad, last + pad)
    stay = _around_stay(case.verdict["values"], min(now, last))
    if stay is None:
        return {"all": whole}
    part = (max(stay[0], whole[0]), min(stay[1], whole[1]))
    if part[1] <= part[0] or part[1] - part[0] > (whole[1] - whole[0]) * WORTH:
        return {"all": whole}
    return {"stay": part, "all": whole}


_ENDS = ("entered_from", "entered_by", "left_from", "left_by")


def _around_stay(
    values: Mapping[str, Any], known_until: datetime
) -> tuple[datetime, datetime] | None:
    if values["entered_by"] is not None:
        first = values["entered_from"] or values["entered_by"]
        last = values["left_by"] or known_until
    elif values["ss_registered_at"] is not None:
        first = last = values["ss_registered_at"]
    else:
        return None
    pad = max((last - first) * SHARE, AROUND)
    return first - pad, last + pad


def phase_bars(text: Text, case: OrderCase, collect_phase: str) -> list[Bar]:
    """One bar per phase that was proven, its brackets as ends."""
    bars = []
    for span in case.spans:
        entered, left = span["entered_by"], span["left_by"] or span["left_from"]
        first = span["entered_from"] or entered
        full_to = span["left_from"] or left
        if entered > full_to:  # nothing is certain but that it was there at some time between
            entered = full_to = first + (left - first) / 2
        name = str(span["phase_name"] or text("frame.blank"))
        bars.append(
            Bar(
                first=first,
                full_from=entered,
                full_to=full_to,
                last=max(left, full_to),
                label=name,
                hover=(name, *_span_words(text, span)),
                tone="collect" if name == collect_phase else "phase",
            )
        )
    return bars


def _span_words(text: Text, span: Mapping[str, Any]) -> list[str]:
    full = {name: text.time(span[name], full=True) for name in _ENDS}
    entered = (
        text("case.span.entered", first=full["entered_from"], last=full["entered_by"])
        if span["entered_from"]
        else text("case.span.entered_at", last=full["entered_by"])
    )
    left = (
        text("case.span.left", first=full["left_from"], last=full["left_by"])
        if span["left_by"]
        else text("case.span.lasts", last=full["left_from"])
    )
    return [entered, left]


def status_lanes(text: Text, case: OrderCase) -> list[tuple[str, list[Bar]]]:
    """(packing number, its bars): each state from its stated time to the next one, the last one to the file's time."""
    lanes: dict[str, list[Mapping[str, Any]]] = {}
    for event in case.timeline:
        if event["side"] == "smartship":
            lanes.setdefault(str(event["values"]["packing_no"] or ""), []).append(event)
    return [(packing, _status_bars(text, events)) for packing, events in lanes.items()][
        :PACKINGS_SHOWN
    ]


def _status_bars(text: Text, events: Sequence[Mapping[str, Any]]) -> list[Bar]:
    bars = []
    for place, event in enumerate(events):
        after = events[place + 1]["at"] if place + 1 < len(events) else event["seen_at"]
        last = max(after or event["at"], event["at"])
        status = text.event(event, brief=True)
        times = {
            "first": text.time(event["at"], full=True),
            "last": text.time(last, full=True),
        }
        bars.append(
            Bar(
                first=event["at"],
                full_from=event["at"],
                full_to=last,
                last=last,
                label=status,
                hover=(text("case.status.from", status=status, **times),),
                tone="shipped" if event["kind"] in ("shipped", "delivered") else "status",
            )
        )
    return bars


def labels(bars: Iterable[Bar], window: tuple[datetime, datetime]) -> list[Label]:
    """Words for the bars that the window shows: inside where they fit, else above, never over each other."""
    px_per_s = PLOT_PX / (window[1] - window[0]).total_seconds()
    free_at = window[0]
    placed = []
    for bar in bars:
        first, last = max(bar.first, window[0]), min(bar.last, window[1])
        if last < first:
            continue
        wide = timedelta(seconds=(_width(bar.label) + 10) / px_per_s)
        core = max(bar.full_from, first), min(bar.full_to, last)
        if core[1] - core[0] >= wide:
            placed.append(
                Label(
                    at=core[0] + (core[1] - core[0]) / 2,
                    words=bar.label,
                    inside=True,
                    tone=bar.tone,
                )
            )
            continue
        at = min(first, window[1] - wide)
        if at >= free_at:
            placed.append(Label(at=at, words=bar.label, inside=False, tone=bar.tone))
            free_at = at + wide
    return placed


def _width(words: str) -> float:
    full = sum(unicodedata.east_asian_width(letter) in "WFA" for letter in words)
    return LETTER_PX * (full + (len(words) - full) * 0.58)


def shares(bar: Bar) -> tuple[float, float]:
    """Where along a bar it is certain, as two shares of its length."""
    length = (bar.last - bar.first).total_seconds()
    if not length:
        return 0.0, 1.0
    return (
        (bar.full_from - bar.first).total_seconds() / length,
        (bar.full_to - bar.first).total_seconds() / length,
    )


def aware(at: datetime) -> datetime:
    """The instant with its zone; one without is UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
