"""The stock of one SKU over time: the figures of both sides as steps, and below them orders, collections and pushes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.ui import palette, waterfall
from pages.ui.timedrawing import GRID, INK
from reconcile import JST, Text

HEIGHT_PX = 330
LABEL_PX = 14  # height of a line of words at the end of a figure
SHOWN_DAYS = 14  # [D] at first; the rest by dragging
# movement -> (lane, symbol, state whose colour it has)
MARKS: Mapping[str, tuple[int, str, str]] = {
    "order": (3, "triangle-down", ""),
    "cancelled": (3, "x", "at_risk"),
    "collected": (2, "circle", "in_step"),
    "pushed": (1, "triangle-right", ""),
    "push_failed": (1, "x", "act_now"),
    "push_unclear": (1, "circle-open", "cannot_tell"),
}
LANES = {3: "order", 2: "collected", 1: "pushed"}


def drawn(text: Text, moves: pd.DataFrame, now: datetime) -> go.Figure:
    """Steps up to now, a mark for every movement. moves: frame stock_history with at least one row."""
    figure = go.Figure()
    figures = moves[moves["movement"] == "figure"].dropna(subset=["figure"])
    sources = figures.groupby(["side", figures["subject"].fillna("")])
    highest_first = sorted(sources, key=lambda one: (-one[1]["figure"].iloc[-1], one[0]))
    for place, ((side, subject), rows) in enumerate(highest_first):
        names = _names(text, str(side), str(subject), len(sources))
        _steps(figure, names, rows, now, shift=LABEL_PX * ((len(sources) - 1) / 2 - place))
    for movement, rows in moves[moves["movement"] != "figure"].groupby("movement"):
        _marks(figure, text, str(movement), rows)
    since = max(min([now, *moves["happened_at"]]), now - timedelta(days=SHOWN_DAYS))
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 0, "r": 170, "t": 8, "b": 34},
        showlegend=False,
        hovermode="closest",
        dragmode="pan",
        xaxis={
            "type": "date",
            "range": [_local(since), _local(now + (now - since) * 0.02)],
            "title": {"text": text("orders.axis.time"), "font": {"size": 11}},
            "tickformat": "%m/%d %H:%M",
            "nticks": 8,
            "anchor": "y2",
            "gridcolor": GRID[palette.is_dark()],
        },
        yaxis=waterfall.axis(text, int(figures["figure"].max()) if len(figures) else 0)
        | {"domain": [0.4, 1], "rangemode": "tozero", "fixedrange": True},
        yaxis2=_lanes(text),
    )
    return figure


def _lanes(text: Text) -> dict[str, Any]:
    return {
        "domain": [0, 0.34],
        "tickmode": "array",
        "tickvals": list(LANES),
        "ticktext": [palette.charted(text.word("movement", name)) for name in LANES.values()],
        "range": [0.4, 3.6],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }


def _names(text: Text, side: str, subject: str, sources: int) -> tuple[str, str, str]:
    """The side, its name in full, and the short one at the end of its line: the warehouse where there are several."""
    word = text.word("side", side)
    full = text.value([part for part in (word, subject) if part])
    return (
        side,
        palette.charted(full),
        palette.charted(subject if subject and sources > 2 else word),
    )


def _steps(
    figure: go.Figure,
    names: tuple[str, str, str],
    rows: pd.DataFrame,
    now: datetime,
    *,
    shift: float,
) -> None:
    """The figures of one source; CROSS MALL's line is solid with dots, Smartship's dashed with squares.

    shift: pixels by which its words at the end stand above its figure, so that they cover no other's.
    """
    side, name, label = names
    values = [int(value) for value in rows["figure"]]
    times = [_local(at) for at in rows["happened_at"]]
    ours = side == "crossmall"
    figure.add_scatter(
        x=[*times, _local(now)],
        y=[*values, values[-1]],
        mode="lines+markers",
        line={
            "shape": "hv",
            "width": 2,
            "dash": "solid" if ours else "dash",
            "color": palette.hex_of("" if ours else "at_risk"),
        },
        marker={"size": [7] * len(times) + [0], "symbol": "circle" if ours else "square"},
        text=[name] * (len(values) + 1),
        hovertemplate="%{text}: %{y:,}<br>%{x|%m/%d %H:%M}<extra></extra>",
    )
    figure.add_annotation(
        x=1,
        xref="paper",
        y=values[-1],
        text=f"{label} <b>{values[-1]:,}</b>",
        showarrow=False,
        xanchor="left",
        xshift=8,
        yshift=shift,
        font={"size": 12, "color": INK[palette.is_dark()]},
    )


def _marks(figure: go.Figure, text: Text, movement: str, rows: pd.DataFrame) -> None:
    lane, symbol, state = MARKS[movement]
    figure.add_scatter(
        x=[_local(at) for at in rows["happened_at"]],
        y=[lane] * len(rows),
        yaxis="y2",
        mode="markers",
        marker={"symbol": symbol, "size": 10, "color": palette.hex_of(state)},
        text=[palette.charted(_told(text, movement, row)) for row in rows.to_dict("records")],
        hovertemplate="%{text}<br>%{x|%m/%d %H:%M}<extra></extra>",
    )


def _told(text: Text, movement: str, row: Mapping[Any, Any]) -> str:
    parts = (
        text.word("movement", movement),
        "" if pd.isna(row["change"]) else waterfall.signed(int(row["change"])),
        "" if pd.isna(row["figure"]) else f"{int(row['figure']):,}",
        "" if pd.isna(row["subject"]) else str(row["subject"]),
    )
    return " ".join(part for part in parts if part)


def _local(at: datetime) -> datetime:
    return at.astimezone(JST).replace(tzinfo=None)
