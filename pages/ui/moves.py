"""How orders move between phases, as a matrix from before to after: exact figures, steps back marked."""

from __future__ import annotations

from html import escape

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.ui import heatmap, palette, patternhead, states
from pages.ui.frame import View
from reconcile import PhaseRow, Text, visible

ROW_PX = 34
LABEL_MOST = 12  # characters of a phase name on an axis; the whole name is on hover [D]
_PAST = ("after", "shipped")  # roles behind the collect phase


def show(view: View, account: str) -> None:
    """The moves seen in the last days in words, then as a matrix."""
    text, flow = view.text, view.workspace.phase_flow(account)
    st.header(text("moves.title"), anchor=False)
    if flow.moves.empty:
        states.empty(text, "moves.none")
        return
    phases = view.workspace.phases(account)
    patternhead.above(
        view,
        account,
        "phase_moves",
        total=int(flow.moves["orders"].sum()),
        filter_words=text("moves.filter", kinds=len(flow.moves), n=int(flow.moves["orders"].sum())),
    )
    st.text(text("moves.what", days=flow.days))
    most = flow.moves.iloc[0]
    st.text(
        text(
            "moves.most",
            before=str(most["from_phase"]),
            after=str(most["to_phase"]),
            n=int(most["orders"]),
        )
    )
    order = {row.name: place for place, row in enumerate(phases)}
    back = _back(flow.moves, order)
    _skipped(view, account, flow.moves, phases)
    if back.any():
        st.markdown(f":orange[{text('moves.back', n=int(flow.moves.loc[back, 'orders'].sum()))}]")
    _matrix(view, flow.moves, order)


def _back(moves: pd.DataFrame, order: dict[str, int]) -> pd.Series[bool]:
    return moves["from_phase"].map(order).fillna(-1) > moves["to_phase"].map(order).fillna(
        len(order)
    )


def _skipped(view: View, account: str, moves: pd.DataFrame, phases: tuple[PhaseRow, ...]) -> None:
    role = {row.name: row.role for row in phases}
    skipped = (moves["from_phase"].map(role) == "before") & moves["to_phase"].map(role).isin(_PAST)
    if skipped.any():
        phase = next(one.collect_phase for one in view.accounts if one.name == account)
        n = int(moves.loc[skipped, "orders"].sum())
        st.text(view.text("moves.skipped", n=n, phase=phase))


def _matrix(view: View, moves: pd.DataFrame, order: dict[str, int]) -> None:
    text = view.text
    known = sorted(
        {*moves["from_phase"], *moves["to_phase"]},
        key=lambda name: (order.get(name, len(order)), name),
    )
    short = {name: f"{place + 1} {_short(name)}" for place, name in enumerate(known)}
    most = int(moves["orders"].max())
    figure = go.Figure()
    back = _back(moves, order)
    for part, state in ((moves[~back], "neutral"), (moves[back], "at_risk")):
        figure.add_scatter(
            x=[short[name] for name in part["to_phase"]],
            y=[short[name] for name in part["from_phase"]],
            mode="markers+text",
            marker={
                "symbol": "square",
                "size": ROW_PX - 6,
                "color": [heatmap.faded(0.12 + 0.33 * n / most, state) for n in part["orders"]],
                "line": {"width": 0 if state == "neutral" else 2, "color": palette.hex_of(state)},
            },
            text=[text.value(int(n)) for n in part["orders"]],
            textposition="middle center",
            textfont={"color": heatmap.ink(), "size": 12},
            hovertext=_hover(text, part),
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
            cliponaxis=False,
        )
    _axes(text, figure, [short[name] for name in known])
    st.plotly_chart(figure, key="phase_moves", config=heatmap.CONFIG)


def _hover(text: Text, moves: pd.DataFrame) -> list[str]:
    return [
        text(
            "moves.hover",
            before=palette.charted(str(row["from_phase"])),
            after=palette.charted(str(row["to_phase"])),
            n=int(row["orders"]),
        )
        for row in moves.to_dict("records")
    ]


def _axes(text: Text, figure: go.Figure, names: list[str]) -> None:
    axis = {"type": "category", "categoryorder": "array", "categoryarray": names}
    edge = [-0.6, len(names) - 0.4]
    figure.update_layout(
        height=150 + ROW_PX * len(names),
        margin={"l": 10, "r": 20, "t": 110, "b": 10},
        dragmode=False,
        xaxis=axis
        | {"title": text("moves.axis.to"), "side": "top", "tickangle": -35, "range": edge},
        yaxis=axis | {"title": text("moves.axis.from"), "range": edge[::-1]},
    )


def _short(name: str) -> str:
    shown = visible(name)
    return escape(shown if len(shown) <= LABEL_MOST else shown[: LABEL_MOST - 1] + "…")
