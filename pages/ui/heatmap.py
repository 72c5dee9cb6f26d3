"""Misses by weekday and hour: where in the week orders slip through, each cell leading to its orders."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.ui import inputs, palette, patternhead, states
from pages.ui.frame import View
from reconcile import Text

CONFIG = {"displayModeBar": False, "scrollZoom": False}
HEIGHT_PX = 330
CELL_PX = 20
FAINTEST = 0.15  # how much of the colour a cell shows at least [D]
_INK = ("#22262B", "#E7E5E0")
_GROUND = ("#FDFCFA", "#16191D")  # of the themes, light and dark: .streamlit/config.toml
CELL = "cell"  # the chosen cell in the address: weekday-hour


def show(view: View, account: str) -> None:
    """The week of one account; a chosen cell, by the chart or by the list below it, leads to its orders."""
    text = view.text
    cells = view.workspace.misses_by_hour(account)
    st.header(text("hours.title"), anchor=False)
    held = cells[cells["orders"] > 0].sort_values("orders", ascending=False)
    if held.empty:
        states.empty(text, "hours.none", good=True)
        return
    st.text(_busiest(text, held))
    st.caption(text("hours.what"))
    patternhead.above(
        view,
        account,
        "misses_by_hour",
        total=int(held["orders"].sum()),
        filter_words=text("hours.filter"),
    )
    codes = {
        f"{row['weekday']}-{row['hour_of_day']}": int(row["orders"])
        for row in held.to_dict("records")
    }
    chosen = inputs.one(CELL, ("", *codes))
    draw(text, cells, key="misses_week", chosen=chosen, on_select=_choose)
    st.selectbox(
        text("hours.pick"),
        ("", *codes),
        key=f"input.{CELL}",
        format_func=lambda code: (
            _named(text, "hours.cell.count", code, n=codes[code])
            if code
            else text("hours.pick.none")
        ),
        width=460,
    )
    if chosen:
        weekday, hour = (int(part) for part in chosen.split("-"))
        numbers = view.workspace.missed_in_hour(account, weekday, hour)
        patternhead.orders_link(view, account, numbers)


def overview(view: View, cells: pd.DataFrame) -> None:
    """The same week on the overview, of one account or several together, without choices."""
    cells = cells.groupby(["weekday", "hour_of_day"])[["orders"]].sum().reset_index()
    held = cells[cells["orders"] > 0].sort_values("orders", ascending=False)
    if held.empty:
        states.empty(view.text, "hours.none", good=True)
        return
    st.text(_busiest(view.text, held))
    draw(view.text, cells, key="misses_overview")


def draw(
    text: Text,
    cells: pd.DataFrame,
    *,
    key: str,
    chosen: str = "",
    on_select: Any = "ignore",
) -> None:
    """The heat map itself: hours across, weekdays down, figures in the cells, sums at the right edge."""
    grid = cells.pivot_table(index="weekday", columns="hour_of_day", values="orders", aggfunc="sum")
    counts = [[int(count) for count in row] for row in grid.to_numpy()]
    days = [text(f"hours.weekday.{day}") for day in range(7)]
    figure = go.Figure()
    figure.add_heatmap(
        z=[[count or None for count in row] for row in counts],
        x=list(range(24)),
        y=days,
        colorscale=[[0.0, faded(FAINTEST)], [1.0, faded(1.0)]],
        zmin=0,
        zmax=max(max(row) for row in counts),
        showscale=False,
        xgap=2,
        ygap=2,
        texttemplate="%{z}",
        textfont={"size": 12},
        hoverinfo="skip",
    )
    _targets(figure, text, counts, days, chosen)
    _frame(figure, text, counts, days)
    st.plotly_chart(figure, key=key, config=CONFIG, on_select=on_select, selection_mode=("points",))


def _frame(figure: go.Figure, text: Text, counts: list[list[int]], days: list[str]) -> None:
    """The sums at the right edge, and the axes."""
    for day, row in zip(days, counts, strict=True):
        figure.add_annotation(
            x=1.0,
            xref="paper",
            y=day,
            text=text("hours.total", n=sum(row)),
            showarrow=False,
            xanchor="left",
        )
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 10, "r": 60, "t": 10, "b": 45},
        dragmode=False,
        clickmode="event+select",
        xaxis={
            "title": text("hours.axis.hour"),
            "dtick": 1,
            "range": [-0.6, 23.6],
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={"title": text("hours.axis.weekday"), "autorange": "reversed", "showgrid": False},
    )


def _targets(
    figure: go.Figure, text: Text, counts: list[list[int]], days: list[str], chosen: str
) -> None:
    """What a person points at: one mark per cell with misses, unseen but for the chosen one."""
    places = [(day, hour) for day in range(7) for hour in range(24) if counts[day][hour]]
    figure.add_scatter(
        x=[hour for _, hour in places],
        y=[days[day] for day, _ in places],
        mode="markers",
        marker={
            "symbol": "square-open",
            "size": CELL_PX,
            "color": palette.hex_of("neutral"),
            "opacity": [1.0 if f"{day}-{hour}" == chosen else 0.0 for day, hour in places],
            "line": {"width": 2},
        },
        selected={"marker": {"opacity": 1.0}},
        unselected={"marker": {"opacity": 0.0}},
        customdata=[f"{day}-{hour}" for day, hour in places],
        hovertext=[
            _named(text, "hours.hover", f"{day}-{hour}", n=counts[day][hour])
            for day, hour in places
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
    )


def faded(share: float, state: str = "act_now") -> str:
    """The colour of a state laid so thick on the ground of the theme that is shown, opaque: text on it stays readable."""
    ground = _GROUND[palette.is_dark()]
    mixed = (
        round(share * int(ink, 16) + (1.0 - share) * int(under, 16))
        for ink, under in zip(_channels(palette.hex_of(state)), _channels(ground), strict=True)
    )
    return "#" + "".join(f"{value:02X}" for value in mixed)


def ink() -> str:
    """The colour of plain text in the theme that is shown."""
    return _INK[palette.is_dark()]


def _channels(colour: str) -> tuple[str, ...]:
    return tuple(colour[at : at + 2] for at in (1, 3, 5))


def _choose() -> None:
    state = st.session_state.get("misses_week")
    points = state["selection"]["points"] if state else []
    chosen = [point.get("customdata") for point in points if point.get("customdata")]
    if chosen:
        first = chosen[0]
        code = str(first[0] if isinstance(first, (list, tuple)) else first)
        st.session_state[f"input.{CELL}"] = code


def _busiest(text: Text, held: pd.DataFrame) -> str:
    worst = held.iloc[0]
    code = f"{int(worst['weekday'])}-{int(worst['hour_of_day'])}"
    return text(
        "hours.busiest",
        n=int(held["orders"].sum()),
        cell=_named(text, "hours.cell", code),
        most=int(worst["orders"]),
    )


def _named(text: Text, key: str, code: str, **values: Any) -> str:
    weekday, hour = code.split("-")
    return text(key, weekday=text(f"hours.weekday.{weekday}"), hour=int(hour), **values)
