"""A picture of lanes over one time axis: bars with faded ends, ticks, dots and words, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from pages.ui import palette, timelanes
from pages.ui.timelanes import Bar
from reconcile import JST, Text

LANE_PX = 54
MARGIN_PX = 62
HALF = 0.26  # of a lane: half the height of a bar
# tone -> (state whose colour it has, opacity)
TONES: Mapping[str, tuple[str, float]] = {
    "collect": ("", 0.85),
    "phase": ("cannot_tell", 0.34),
    "status": ("cannot_tell", 0.34),
    "shipped": ("in_step", 0.5),
}
INK = ("#22262B", "#E7E5E0")  # light, dark: as the theme's text
GROUND = ("#FFFFFF", "#16191D")
GRID = ("#E4E0D7", "#2D333B")
REACHING = "_reaching"
MANY = "pulls"  # so many pulls that they are told as one event
PULLS_TOLD = 7  # so many pulls have their words beside them [D]
Window = tuple[datetime, datetime]


class Drawing:
    """A picture that grows lane by lane, from the top."""

    def __init__(self, text: Text, window: Window) -> None:
        self._text, self._window = text, window
        self._figure = go.Figure()
        self._lanes: list[str] = []
        self._dark = palette.is_dark()

    def lane(self, name: str) -> None:
        """A new lane below the others; what is drawn from here on stands in it."""
        self._lanes.append(name)

    @property
    def _y(self) -> float:
        return -float(len(self._lanes) - 1)

    def bars(self, bars: Sequence[Bar]) -> None:
        """Bars with faded ends; their words inside or above them."""
        for bar in bars:
            if bar.last >= self._window[0] and bar.first <= self._window[1]:
                self._bar(bar)
        for label in timelanes.labels(bars, self._window):
            on_colour = label.inside and label.tone == "collect"
            self._figure.add_annotation(
                x=_local(label.at),
                y=self._y if label.inside else self._y + HALF,
                text=palette.charted(label.words),
                showarrow=False,
                xanchor="center" if label.inside else "left",
                yanchor="middle" if label.inside else "bottom",
                font={"size": 12, "color": (GROUND if on_colour else INK)[self._dark]},
            )

    def note(self, words: str) -> None:
        """A sentence in an empty lane."""
        self._figure.add_annotation(
            x=0.01,
            xref="x domain",
            y=self._y,
            text=palette.charted(words),
            showarrow=False,
            xanchor="left",
            font={"size": 12, "color": palette.hex_of("cannot_tell")},
        )

    def _bar(self, bar: Bar) -> None:
        state, alpha = TONES[bar.tone]
        first, last = timelanes.shares(bar)
        colour = palette.hex_of(state)
        stops = [(0.0, _rgba(colour, alpha if first == 0 else 0.05))]
        stops += [(share, _rgba(colour, alpha)) for share in (first, last) if 0 < share < 1]
        stops.append((1.0, _rgba(colour, alpha if last == 1 else 0.05)))
        low, high = self._y - HALF, self._y + HALF
        left, right = _local(bar.first), _local(bar.last)
        self._figure.add_scatter(
            x=[left, right, right, left, left],
            y=[low, low, high, high, low],
            mode="lines",
            fill="toself",
            line={"width": 0.6, "color": _rgba(colour, 0.25)},
            fillgradient={"type": "horizontal", "colorscale": [list(stop) for stop in stops]},
            text="<br>".join(palette.charted(line) for line in bar.hover),
            hoverinfo="text",
            hoveron="fills",
            showlegend=False,
        )

    def pulls(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Ticks with their window as width; estimated ones pale, those that can have seen the order in the accent."""
        shown = [e for e in events if self._window[0] <= e["at_latest"] <= self._window[1]]
        few = len(shown) <= PULLS_TOLD
        for kind in dict.fromkeys(event["kind"] for event in events):
            mine = [event for event in events if event["kind"] == kind]
            reaching, known = kind.endswith(REACHING), not kind.startswith("pull_planned")
            colour = palette.hex_of("" if reaching else "cannot_tell")
            half = HALF if reaching else HALF * 0.6
            xs: list[datetime | None] = []
            ys: list[float | None] = []
            for event in mine:
                first, last = _local(event["at"]), _local(event["at_latest"])
                xs += [first, last, last, first, first, None]
                low, high = self._y - half, self._y + half
                ys += [low, low, high, high, low, None]
            self._figure.add_scatter(
                x=xs,
                y=ys,
                mode="lines",
                fill="toself",
                fillcolor=_rgba(colour, 0.85 if known and not kind.startswith(MANY) else 0.25),
                line={
                    "width": 2.4 if reaching else 1.2,
                    "color": _rgba(colour, 0.95 if known else 0.45),
                },
                hoverinfo="skip",
                showlegend=False,
            )
            self._points(mine, {"symbol": "square", "size": 14, "color": "rgba(0,0,0,0)"})
            if few or kind.startswith(MANY):
                self._told(mine)

    def _told(self, events: Sequence[Mapping[str, Any]]) -> None:
        """What came with each pull, or how likely it ran, beside it."""
        self._figure.add_scatter(
            x=[
                _middle(event) if _is_many(event) else _local(event["at_latest"])
                for event in events
            ],
            y=[self._y] * len(events),
            mode="text",
            text=[
                "\u2009"
                + palette.charted(self._text(f"case.{_plain(event['kind'])}", **event["values"]))
                for event in events
            ],
            textposition=["middle " + ("center" if _is_many(e) else "right") for e in events],
            textfont={"size": 11, "color": INK[self._dark]},
            hoverinfo="skip",
            showlegend=False,
        )

    def looks(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Dots, those at the same state joined by a line."""
        for first, last in pairwise(events):
            if first["values"]["phase"] == last["values"]["phase"]:
                self._figure.add_scatter(
                    x=[_local(first["at"]), _local(last["at"])],
                    y=[self._y, self._y],
                    mode="lines",
                    line={"width": 1.2, "color": palette.hex_of("cannot_tell"), "dash": "dot"},
                    hoverinfo="skip",
                    showlegend=False,
                )
        self.marks(events, symbol="circle")

    def marks(self, events: Sequence[Mapping[str, Any]], *, symbol: str, lift: float = 0.0) -> None:
        """One mark per event, told in full when pointed at."""
        colour = palette.hex_of("")
        self._points(events, {"symbol": symbol, "size": 9, "color": colour}, lift)

    def _points(
        self, events: Sequence[Mapping[str, Any]], marker: dict[str, Any], lift: float = 0.0
    ) -> None:
        if not events:
            return
        self._figure.add_scatter(
            x=[_middle(event) for event in events],
            y=[self._y + lift] * len(events),
            mode="markers",
            marker={"line": {"width": 0}} | marker,
            text=[palette.charted(self._text.event(event)) for event in events],
            customdata=[_when(self._text, event) for event in events],
            hovertemplate="%{text}<br>%{customdata}<extra></extra>",
            showlegend=False,
        )

    def finished(self, now: datetime) -> go.Figure:
        """The picture with its axes, and the present where it lies inside."""
        count = len(self._lanes)
        thin = {"width": 1, "color": GRID[self._dark]}
        lines = [_line("y", -place - 0.5, thin) for place in range(count - 1)]
        if self._window[0] < now < self._window[1]:
            ink = {"width": 1, "dash": "dash", "color": INK[self._dark]}
            lines.append(_line("x", _local(now), ink))
            self._figure.add_annotation(
                x=_local(now),
                y=0.62,
                text=self._text("case.now"),
                showarrow=False,
                xanchor="right",
                font={"size": 11},
            )
        self._figure.update_layout(
            shapes=lines,
            height=MARGIN_PX + LANE_PX * count,
            margin={"l": 8, "r": 12, "t": 8, "b": 34},
            hovermode="closest",
            dragmode="pan",
            xaxis={
                "title": {"text": self._text("orders.axis.time"), "font": {"size": 11}},
                "type": "date",
                "range": [_local(at) for at in self._window],
                "tickformat": "%m/%d %H:%M",
                "nticks": 9,
                "zeroline": False,
            },
            yaxis={
                "tickmode": "array",
                "tickvals": [-place for place in range(count)],
                "ticktext": [palette.charted(name) for name in self._lanes],
                "range": [-count + 0.5, 0.75],
                "fixedrange": True,
                "showgrid": False,
                "zeroline": False,
            },
        )
        return self._figure


def _line(axis: str, at: Any, look: Mapping[str, Any]) -> dict[str, Any]:
    """A straight line across the picture at a place of one axis: a shape, for add_hline takes 2 ms."""
    other = "x" if axis == "y" else "y"
    across = {f"{other}ref": f"{other} domain", f"{other}0": 0, f"{other}1": 1}
    return {
        "type": "line",
        f"{axis}ref": axis,
        f"{axis}0": at,
        f"{axis}1": at,
        "line": look,
    } | across


def _when(text: Text, event: Mapping[str, Any]) -> str:
    first, last = (text.time(event[name], full=True) for name in ("at", "at_latest"))
    return first if first == last else text("case.bracket", first=first, last=last)


def _middle(event: Mapping[str, Any]) -> datetime:
    return _local(event["at"] + (event["at_latest"] - event["at"]) / 2)


def _is_many(event: Mapping[str, Any]) -> bool:
    return str(event["kind"]).startswith(MANY)


def _plain(kind: str) -> str:
    return kind.removesuffix(REACHING)


def _rgba(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def _local(at: datetime) -> datetime:
    return timelanes.aware(at).astimezone(JST).replace(tzinfo=None)
