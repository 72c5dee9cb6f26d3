"""What if orders waited longer, or pulls came more often: the answer in sentences, then as a curve with its range."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.ui import heatmap, inputs, palette, states
from pages.ui.frame import View
from reconcile import StayAnswer, Text

POINTS = 25
EVERY, MINIMUM, TARGET = 60.0, 0.0, 1.0  # minutes between pulls [S], minutes waited, per cent [D]
LIMITS = {"every": (1.0, 1440.0), "minimum": (0.0, 10_080.0), "target": (0.1, 50.0)}
FAINT = 0.18


def show(view: View, account: str) -> None:
    """Three figures to change, what follows from them, and the whole curve."""
    text = view.text
    st.header(text("what_if.title"), anchor=False)
    st.text(text("what_if.what"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="what_if_inputs"):
        every = _number(text, "every", EVERY, 5.0)
        minimum = _number(text, "minimum", MINIMUM, 5.0)
        target = _number(text, "target", TARGET, 0.5)
    answer = view.workspace.what_if(
        account, period_min=every, minimum_stay_min=minimum, target=target / 100
    )
    if answer.share.missing or answer.share.share is None:
        states.empty(text, "what_if.missing")
        st.text(text("what_if.too_few", stays=answer.share.stays))
        return
    _sentences(text, answer)
    _curve(view, answer)


def _number(text: Text, name: str, default: float, step: float) -> float:
    least, most = LIMITS[name]

    def read(said: tuple[str, ...]) -> float:
        try:
            value = float(said[0]) if said else default
        except ValueError:
            return default
        return value if math.isfinite(value) and least <= value <= most else default

    key = f"what_if_{name}"
    value = float(inputs.held(key, read) or 0.0)
    inputs.publish(key, () if value == default else (f"{value:g}",))
    st.number_input(
        text(f"what_if.{name}"),
        min_value=least,
        max_value=most,
        step=step,
        format="%.1f" if name == "target" else "%.0f",
        key=f"input.{key}",
        help=text(f"what_if.{name}.help"),
        width=260,
    )
    return value


def _sentences(text: Text, answer: StayAnswer) -> None:
    share = answer.share
    minimum = round(answer.minimum_stay_min or 0)
    with st.container(border=True, key="what_if_answer", gap="small"):
        st.markdown(
            text(
                "what_if.share" if minimum else "what_if.share.now",
                every=round(answer.period_min),
                minimum=minimum,
                share=_of_100(share.share),
                low=_of_100(share.low),
                high=_of_100(share.high),
            )
        )
        st.text(text("what_if.stays", stays=share.stays))
        edges = {"low": _of_100(share.bracket_low), "high": _of_100(share.bracket_high)}
        if share.fits_badly:
            st.markdown(f":orange[**{text('what_if.badly.mark')}**]")
            st.text(text("what_if.badly", **edges))
        else:
            st.text(text("what_if.bracket", **edges))
        _advice(text, answer)


def _advice(text: Text, answer: StayAnswer) -> None:
    share, advice = answer.share, answer.advice
    if advice.minimum_stay_s is None or advice.low is None or advice.high is None:
        return
    target = _of_100(answer.target)
    if share.fits_badly and advice.sure_stay_s is not None:
        sure = math.ceil(advice.sure_stay_s / 60)
        st.markdown(text("what_if.advice.sure", target=target, minimum=sure))
    elif advice.minimum_stay_s <= 0:
        st.markdown(text("what_if.advice.none", target=target))
        if advice.high > 0:
            st.text(text("what_if.advice.safe", target=target, high=math.ceil(advice.high / 60)))
    else:
        st.markdown(
            text(
                "what_if.advice",
                target=target,
                minimum=math.ceil(advice.minimum_stay_s / 60),
                low=math.floor(advice.low / 60),
                high=math.ceil(advice.high / 60),
            )
        )


def _of_100(share: float | None) -> str:
    """A share as a number of 100 orders: one decimal below ten, none above."""
    of_100 = 100 * (share or 0.0)
    return f"{of_100:.0f}" if of_100 >= 10 or of_100 == 0 else f"{of_100:.1f}"


def _curve(view: View, answer: StayAnswer) -> None:
    text = view.text
    end = 1.1 * max(answer.period_min, answer.minimum_stay_min or 0)
    if answer.share.fits_badly:
        end = max(end, 1.1 * (answer.advice.sure_stay_s or 0.0) / 60)
    minutes = [end * place / (POINTS - 1) for place in range(POINTS)]
    told = view.workspace.stay_curve(
        answer.account, period_min=answer.period_min, minimums_min=minutes
    )
    share, low, high, least, most = (
        [100 * (getattr(one, name) or 0.0) for one in told]
        for name in ("share", "low", "high", "bracket_low", "bracket_high")
    )
    hover = [
        text("what_if.hover", minimum=round(at), share=one, low=below, high=above)
        for at, one, below, above in zip(minutes, share, low, high, strict=True)
    ]
    edges = (least, most) if answer.share.fits_badly else ()
    figure = _lines(minutes, (share, low, high), edges, hover)
    _labels(text, figure, answer, (minutes, share, most, high))
    top = max(most if answer.share.fits_badly else [*high, 200 * answer.target])
    _lay_out(text, figure, end, top)
    st.plotly_chart(figure, key="stay_curve", config=heatmap.CONFIG)


def _lines(
    minutes: list[float],
    told: tuple[list[float], ...],
    edges: Sequence[list[float]],
    hover: list[str],
) -> go.Figure:
    """The worked out share with its range, and what the proven brackets allow."""
    figure, ink = go.Figure(), palette.hex_of("neutral")
    share, low, high = told
    for edge in edges:
        figure.add_scatter(
            x=minutes,
            y=edge,
            mode="lines",
            line={"color": palette.hex_of("cannot_tell"), "width": 1, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(x=minutes, y=high, mode="lines", line={"width": 0}, hoverinfo="skip")
    figure.add_scatter(
        x=minutes,
        y=low,
        mode="lines",
        line={"width": 0},
        fill="tonexty",
        fillcolor=heatmap.faded(FAINT, "neutral"),
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=minutes,
        y=share,
        mode="lines",
        line={"color": ink, "width": 2.5},
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
    )
    return figure


def _labels(
    text: Text,
    figure: go.Figure,
    answer: StayAnswer,
    lines: tuple[list[float], list[float], list[float], list[float]],
) -> None:
    """Each line named where it lies; no legend."""
    minutes, share, most, high = lines
    target, ink = 100 * answer.target, palette.hex_of("neutral")
    at = POINTS // 3
    for values, key, colour in (
        (share, "what_if.curve", ink),
        (most, "what_if.edges", palette.hex_of("cannot_tell"))
        if answer.share.fits_badly
        else (high, "what_if.band", ink),
    ):
        figure.add_annotation(
            x=minutes[at],
            y=values[at],
            text=text(key),
            font={"color": colour},
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
        )
    red = palette.hex_of("act_now")
    figure.add_hline(y=target, line={"color": red, "width": 1, "dash": "dash"})
    figure.add_annotation(
        x=1,
        xref="paper",
        y=target,
        text=text("what_if.line.target", target=f"{target:g}"),
        font={"color": red},
        showarrow=False,
        xanchor="right",
        yanchor="bottom",
    )
    _mark_chosen(text, figure, answer.minimum_stay_min or 0.0)


def _mark_chosen(text: Text, figure: go.Figure, chosen: float) -> None:
    ink = palette.hex_of("neutral")
    if chosen > 0:
        figure.add_vline(x=chosen, line={"color": ink, "width": 1, "dash": "dash"})
        figure.add_annotation(
            x=chosen,
            yref="paper",
            y=1,
            text=text("what_if.line.chosen", minimum=round(chosen)),
            font={"color": ink},
            showarrow=False,
            xanchor="left",
            yanchor="top",
        )


def _lay_out(text: Text, figure: go.Figure, end: float, top: float) -> None:
    figure.update_layout(
        height=360,
        showlegend=False,
        margin={"l": 10, "r": 20, "t": 20, "b": 45},
        dragmode=False,
        xaxis={"title": text("what_if.axis.minimum"), "range": [0, end], "nticks": 12},
        yaxis={"title": text("what_if.axis.share"), "range": [0, 1.08 * top], "ticksuffix": " %"},
    )
