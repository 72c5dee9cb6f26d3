"""Charts: phases as bars, a small trend; colours are those of the states."""

from __future__ import annotations

from math import ceil
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.ui import palette
from reconcile import ORDER_STATES, Text

SPARK_STEPS = 8
CONFIG = {"displayModeBar": False, "scrollZoom": False}


def spark(text: Text, values: Any) -> str:
    """A trend as small bars, oldest left, the newest in the accent, and as figures for whoever listens; our words only."""
    held = [] if values is None or isinstance(values, float) else [float(value) for value in values]
    top = max([*held, 1.0])
    bars = "".join(f'<i class="h{ceil(SPARK_STEPS * value / top)}"></i>' for value in held)
    said = text("overview.trend.said", values=[round(value) for value in held])
    return f'<div class="spark" aria-hidden="true">{bars}</div><div class="spoken">{said}</div>'


def phases(text: Text, by_phase: pd.DataFrame) -> None:
    """Orders per phase as stacked bars in the colours of their states, each bar labelled with its count."""
    names = [palette.charted(str(name)) for name in by_phase["phase_name"]][::-1]
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
