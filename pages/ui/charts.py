"""Charts: the life of one order on a time axis, phases as bars, a small trend; colours are those of the states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from math import ceil
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.ui import palette
from reconcile import JST, ORDER_STATES, Text

SPARK_STEPS = 8
LANE_PX = 56
CAPTION_SHARE = 0.12  # of the time axis [D]
CONFIG = {"displayModeBar": False, "scrollZoom": False}


def spark(values: Any) -> str:
    """A trend as small bars, oldest left, the newest in the accent; only classes and numbers, so nothing needs escaping."""
    held = [] if values is None or isinstance(values, float) else [float(value) for value in values]
    top = max([*held, 1.0])
    bars = "".join(f'<i class="h{ceil(SPARK_STEPS * value / top)}"></i>' for value in held)
    return f'<div class="spark">{bars}</div>'


def phases(text: Text, by_phase: pd.DataFrame) -> None:
    """Orders per phase as stacked bars in the colours of their states, each bar labelled with its count."""
    names = [escape(str(name)) for name in by_phase["phase_name"]][::-1]
    figure = go.Figure()
    for state in ORDER_STATES:
        counts = [int(count) for count in by_phase[state]][::-1]
        figure.add_bar(
            y=names,
            x=counts,
            orientation="h",
            name=text(f"state.{state}"),
            marker={"color": palette.hex_of(state), "line": {"width": 0}},
            hovertemplate="%{y}: %{x:,}<extra>%{fullData.name}</extra>",
        )
    totals = [int(count) for count in by_phase["orders"]][::-1]
    figure.add_scatter(
        y=names,
        x=totals,
        mode="text",
        text=[f" {total:,}" for total in totals],
        textposition="middle right",
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )
    figure.update_layout(
        barmode="stack",
        height=70 + 28 * max(len(names), 2),
        margin={"l": 0, "r": 40, "t": 30, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        xaxis={"title": None, "rangemode": "tozero", "showticklabels": False, "showgrid": False},
        yaxis={"title": None, "type": "category"},
        bargap=0.35,
    )
    st.plotly_chart(figure, key="phase_bars", config=CONFIG)


def timeline(text: Text, events: Sequence[Mapping[str, Any]]) -> None:
    """One order's events on a time axis, one lane per side; a line before a dot is the bracket in which it happened."""
    sides = list(dict.fromkeys(str(event["side"]) for event in events))
    figure = go.Figure()
    for side in sides:
        lane = [event for event in events if event["side"] == side]
        label = text(f"side.{side}")
        colour = palette.hex_of({"crossmall": "", "smartship": "at_risk"}.get(side, "cannot_tell"))
        _brackets(figure, lane, label, colour)
        captions, positions = _captions(text, lane, _near(events))
        figure.add_scatter(
            x=[_local(event["at_latest"]) for event in lane],
            y=[label] * len(lane),
            mode="markers+text",
            text=captions,
            textposition=positions,
            textfont={"size": 11},
            marker={"size": 10, "color": colour, "line": {"width": 0}},
            customdata=[
                (escape(text.event(event)), text.time(event["at_latest"], full=True))
                for event in lane
            ],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
            showlegend=False,
            cliponaxis=False,
        )
    figure.update_layout(
        height=90 + LANE_PX * max(len(sides), 1),
        margin={"l": 0, "r": 30, "t": 20, "b": 30},
        xaxis={"title": text("orders.axis.time"), "tickformat": "%m/%d %H:%M", "nticks": 8},
        yaxis={"title": None, "type": "category", "autorange": "reversed"},
    )
    st.plotly_chart(figure, key="order_timeline", config=CONFIG)


def _near(events: Sequence[Mapping[str, Any]]) -> timedelta:
    """Events closer than this share one caption, so that captions do not lie on each other."""
    times = [event["at_latest"] for event in events]
    return (max(times) - min(times)) * CAPTION_SHARE if times else timedelta(0)


def _captions(
    text: Text, lane: Sequence[Mapping[str, Any]], near: timedelta
) -> tuple[list[str], list[str]]:
    """One caption for each group of neighbouring events, at its first dot; the groups stand above and below in turn."""
    captions, positions = [""] * len(lane), ["top center"] * len(lane)
    groups: list[list[int]] = []
    for place, event in enumerate(lane):
        if groups and event["at_latest"] - lane[groups[-1][0]]["at_latest"] <= near:
            groups[-1].append(place)
        else:
            groups.append([place])
    for number, group in enumerate(groups):
        words = dict.fromkeys(text.event(lane[place], brief=True) for place in group)
        captions[group[0]] = escape(text.value(list(words)))
        side = "top" if number % 2 == 0 else "bottom"
        edge = "right" if number == 0 else "left" if number == len(groups) - 1 else "center"
        positions[group[0]] = f"{side} {edge}"
    return captions, positions


def _brackets(
    figure: go.Figure, lane: Sequence[Mapping[str, Any]], label: str, colour: str
) -> None:
    for event in lane:
        latest = event.get("at_latest")
        if latest is not None and latest != event["at"]:
            figure.add_scatter(
                x=[_local(event["at"]), _local(latest)],
                y=[label, label],
                mode="lines",
                line={"color": colour, "width": 6},
                opacity=0.3,
                hoverinfo="skip",
                showlegend=False,
            )


def _local(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(JST).replace(tzinfo=None)
