"""The whole account: its gap as a waterfall, what is exposed and since when, what could not be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import plotly.graph_objects as go
import streamlit as st

from pages.ui import context, palette, states, waterfall
from pages.ui.charts import CONFIG
from pages.ui.frame import View
from pages.ui.timedrawing import GRID
from pages.ui.waterfall import signed
from reconcile import Text

TREND_PX = 170
STOCK = "pages/screens/stock.py"
# risk -> the state whose colour it has
RISKS = {
    "oversold": "act_now",
    "running_out": "at_risk",
    "stopped": "at_risk",
    "failing": "act_now",
    "held": "at_risk",
    "weak": "cannot_tell",
}


def show(view: View) -> None:
    """The account's gap, its parts, its risks, its trend, and the SKUs without a gap."""
    text, total = view.text, view.workspace.stock_total(view.one_account)
    if total.gap is None:
        states.import_first(text, "stock.total.none", key="stock-total")
    else:
        st.markdown(
            f"**{text('stock.total', gap=signed(total.gap), crossmall=total.crossmall, smartship=total.smartship)}**"
        )
        st.caption(text("stock.total.of", told=total.told, skus=total.skus))
        if total.parts:
            drawn = waterfall.drawn(text, total.parts, total.gap)
            st.plotly_chart(drawn, key="stock_total_waterfall", config=CONFIG)
        st.caption(text("stock.total.cancels"))
        st.markdown(
            f"**{text('stock.total.exposure', now=total.exposure, soon=total.exposure_soon)}**"
        )
        with st.container(horizontal=True, key="stock_risks"):
            for name, state in RISKS.items():
                words = text(f"stock.risk.{name}", n=total.risks[name])
                if not total.risks[name]:
                    st.markdown(palette.shaped("", words), width="content")
                    continue
                st.page_link(
                    STOCK,
                    label=palette.shaped(state, words),
                    query_params=context.link(risk=name),
                    width="content",
                )
        _trend(text, total.trend)
    if total.untold:
        with st.container(key="stock_untold"):
            _untold(text, total.untold)


def _untold(text: Text, untold: Mapping[str, int]) -> None:
    """SKUs without a gap by cause, each number the way to them."""
    st.markdown(f"**{text('stock.total.untold', n=sum(untold.values()))}**")
    for cause, skus in untold.items():
        words = text("desk.chip", word=text.word("cause", cause), n=skus)
        st.page_link(
            STOCK,
            label=palette.shaped("cannot_tell", words),
            query_params=context.link(cause=cause, risk="untold"),
        )
        st.caption(text(f"stock_cause.{cause}.help"))


def _trend(text: Text, trend: Sequence[tuple[date, int | None]]) -> None:
    """Exposed pieces at the end of each day; days before anything was judged stay empty and are said to be unknown."""
    known = [(day, pieces) for day, pieces in trend if pieces is not None]
    if len(known) < 2:
        st.caption(text("stock.trend.short"))
        return
    figure = go.Figure()
    figure.add_bar(
        x=[day.strftime("%m/%d") for day, _ in trend],
        y=[pieces for _, pieces in trend],
        text=["?" if pieces is None else f"{pieces:,}" for _, pieces in trend],
        textposition="outside",
        marker={"color": palette.hex_of("act_now")},
        hovertemplate="%{x}: %{y:,}<extra></extra>",
    )
    figure.update_layout(
        height=TREND_PX,
        margin={"l": 0, "r": 0, "t": 18, "b": 24},
        showlegend=False,
        dragmode=False,
        xaxis={"type": "category"},
        yaxis={
            "title": {"text": text("stock.axis.pieces"), "font": {"size": 11}},
            "gridcolor": GRID[palette.is_dark()],
            "rangemode": "tozero",
            "tickformat": ",d",
        },
    )
    st.caption(text("stock.trend", days=len(trend), unknown=len(trend) - len(known)))
    st.plotly_chart(figure, key="stock_trend", config=CONFIG)
