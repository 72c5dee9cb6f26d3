"""The life of one order as a picture: phases, Smartship's states, its pulls, our looks and people's acts on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import plotly.graph_objects as go
import streamlit as st

from pages.ui import exports, inputs, tables, timelanes
from pages.ui.frame import View, folded
from pages.ui.timedrawing import HALF, Drawing
from reconcile import OrderCase, Text

HALF_LIFT = HALF + 0.06
CONFIG = {"displayModeBar": False, "scrollZoom": False}
Window = tuple[datetime, datetime]


def show(view: View, case: OrderCase) -> None:
    """The picture with its stretch of time, and the same events as a table with its CSV."""
    text = view.text
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{text('orders.case.timeline')}**", width="content")
        if not case.timeline:
            st.caption(text("orders.case.timeline.none"))
            return
        windows = timelanes.windows(case, view.now)
        chosen = _stretch(text, tuple(windows))
    collect = next((one.collect_phase for one in view.accounts if one.name == case.account), "")
    drawn = figure(text, case, collect, windows[chosen], view.now)
    st.plotly_chart(drawn, key="order_timeline", config=CONFIG)
    st.caption(text("case.key"))
    name = inputs.digest((case.account, case.order_number))
    label = text("orders.case.timeline.table")
    folded(view, label, f"case-events-{name}", lambda: _events(view, case))


def _events(view: View, case: OrderCase) -> None:
    exports.csv_menu(
        view,
        "timeline",
        lambda profile, encoding: view.workspace.order_csv(
            case, "timeline", profile=profile, encoding=encoding
        ),
    )
    tables.show(
        view.text,
        view.workspace.order_table(case, "timeline"),
        "timeline",
        key="case-timeline",
        rule_title=view.workspace.rule_title,
    )


def _stretch(text: Text, names: Sequence[str]) -> str:
    """Which of the stretches is shown, kept in the URL; no choice where there is only one."""
    chosen = inputs.one("stretch", names)
    if len(names) > 1:
        st.segmented_control(
            text("case.stretch"),
            names,
            key="input.stretch",
            format_func=lambda name: text(f"case.stretch.{name}"),
            label_visibility="collapsed",
            required=True,
        )
    return chosen


def figure(
    text: Text, case: OrderCase, collect_phase: str, window: Window, now: datetime
) -> go.Figure:
    """The picture of one order between two instants."""
    drawing = Drawing(text, window)
    drawing.lane(text("case.lane.phase"))
    drawing.bars(timelanes.phase_bars(text, case, collect_phase))
    drawing.marks(
        [e for e in case.timeline if e["side"] == "crossmall" and e["kind"] != "phase"],
        symbol="triangle-down",
        lift=HALF_LIFT,
    )
    lanes = timelanes.status_lanes(text, case)
    for packing, bars in lanes or [("", [])]:
        several = len(lanes) > 1
        drawing.lane(
            text("case.lane.packing", packing_no=packing)
            if several
            else text("case.lane.smartship")
        )
        drawing.bars(bars)
    if not lanes:
        drawing.note(text("orders.case.shipment.none"))
    drawing.lane(text("case.lane.pulls"))
    drawing.pulls([event for event in case.timeline if event["side"] == "pulls"])
    drawing.lane(text("case.lane.looks"))
    drawing.looks([event for event in case.timeline if event["side"] == "ours"])
    acts = [event for event in case.timeline if event["side"] == "people"]
    if acts:
        drawing.lane(text("case.lane.people"))
        drawing.marks(acts, symbol="diamond")
    return drawing.finished(now)
