"""A gap as a waterfall: each part starts where the one above ended, and the last bar is the gap they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import accumulate
from typing import Any

import plotly.graph_objects as go

from pages.ui import palette
from pages.ui.timedrawing import GRID, INK
from reconcile import Text

ROW_PX, EDGE_PX = 30, 46
FEW = 8  # pieces up to which every one has its tick


def signed(pieces: int) -> str:
    """A number of pieces with its sign: +3, −2, ±0."""
    return f"{pieces:+,}".replace("-", "−") if pieces else "±0"


def drawn(text: Text, parts: Mapping[str, int], gap: int) -> go.Figure:
    """Every bar says its name and its sign in words; its colour says whether somebody has to act."""
    ends = list(accumulate(parts.values()))
    starts, sizes = [0, *ends[:-1], 0], [*parts.values(), gap]
    labels = [escape(text.word("cause", cause)) for cause in parts] + [escape(text("column.gap"))]
    ink = INK[palette.is_dark()]
    told = [f"{label} {signed(size)}" for label, size in zip(labels, sizes, strict=True)]
    figure = go.Figure()
    figure.add_bar(
        y=list(range(len(labels))),
        x=sizes,
        base=starts,
        orientation="h",
        marker={"color": [*(palette.hex_of(cause) for cause in parts), ink], "opacity": 0.8},
        customdata=told,
        hovertemplate="%{customdata}<extra></extra>",
    )
    for place, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        _beside(figure, place, start, size)
    figure.update_layout(
        height=ROW_PX * len(labels) + EDGE_PX,
        margin={"l": 0, "r": 8, "t": 4, "b": 34},
        showlegend=False,
        bargap=0.32,
        dragmode=False,
        xaxis=_pieces(text, min(0, *ends), max(0, *ends)),
        yaxis=_names(labels),
    )
    return figure


def _beside(figure: go.Figure, place: int, start: int, size: int) -> None:
    """The number beside its bar, and the dotted line that leads from its end to the next one."""
    ink = INK[palette.is_dark()]
    figure.add_annotation(
        x=max(start, start + size),
        y=place,
        text=f"<b>{signed(size)}</b>",
        showarrow=False,
        xanchor="left",
        xshift=5,
        font={"size": 12, "color": ink},
    )
    if start:
        line = {"width": 1, "dash": "dot", "color": ink}
        ends = {"x0": start, "x1": start, "y0": place - 0.66, "y1": place - 0.34}
        figure.add_shape(type="line", line=line, **ends)


def _pieces(text: Text, low: int, high: int) -> dict[str, Any]:
    room = max(high - low, 1) * 0.09
    ink = INK[palette.is_dark()]
    return axis(text, high - low) | {
        "range": [low - room / 2, high + room],
        "zeroline": True,
        "zerolinecolor": ink,
    }


def axis(text: Text, span: int) -> dict[str, Any]:
    """An axis of whole pieces."""
    return {
        "title": {"text": text("stock.axis.pieces"), "font": {"size": 11}},
        "gridcolor": GRID[palette.is_dark()],
        "tickformat": ",d",
    } | ({"dtick": 1} if span <= FEW else {"nticks": 9})


def _names(labels: Sequence[str]) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": list(labels),
        "autorange": "reversed",
        "showgrid": False,
        "zeroline": False,
    }
