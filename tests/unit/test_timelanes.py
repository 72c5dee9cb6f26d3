"""The geometry of the timeline: what is certain, what fades, which stretch is offered, where words fit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest

from pages.ui import timelanes
from reconcile import OrderCase, Text

NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)
TEXT = Text("ja")
STAY = ("entered_from", "entered_by", "left_from", "left_by")


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def span(name, *ends):
    moments = [None if end is None else at(end) for end in ends]
    return {"phase_name": name} | dict(zip(STAY, moments, strict=True))


def case(spans, stay=(None,) * 4, registered=None):
    values = {name: None if end is None else at(end) for name, end in zip(STAY, stay, strict=True)}
    seen = {"at": at(0), "at_latest": at(0), "side": "crossmall", "kind": "ordered", "values": {}}
    return OrderCase(
        account="shop",
        order_number="1",
        row={},
        lines=pd.DataFrame(),
        shipment_lines=pd.DataFrame(),
        timeline=(seen,),
        findings=(),
        verdict={"values": values | {"ss_registered_at": registered}},
        spans=tuple(spans),
    )


def test_a_bar_is_certain_between_its_brackets_and_fades_outside():
    (bar,) = timelanes.phase_bars(TEXT, case([span("発送待機", 0, 20, 60, 100)]), "発送待機")
    assert (bar.first, bar.full_from, bar.full_to, bar.last) == (at(0), at(20), at(60), at(100))
    assert timelanes.shares(bar) == (0.2, 0.6)
    assert bar.tone == "collect"


def test_a_stay_that_no_look_proved_is_certain_nowhere():
    (bar,) = timelanes.phase_bars(TEXT, case([span("発送待機", 0, 60, 20, 100)]), "別")
    assert bar.full_from == bar.full_to == at(50)
    assert bar.tone == "phase"


def test_a_phase_that_lasts_ends_without_a_fade_at_our_last_look():
    (bar,) = timelanes.phase_bars(TEXT, case([span("完了", 0, 10, 50, None)]), "発送待機")
    assert bar.last == bar.full_to == at(50)
    assert "13:00" not in "".join(bar.hover)
    assert TEXT.time(at(50), full=True) in "".join(bar.hover)


def test_the_time_around_the_pull_is_offered_first_where_it_is_a_part_only():
    long = [span("注文確認", 0, 5, 5000, 5010)]
    shown = timelanes.windows(case(long, (100, 110, 120, 130)), at(6000))
    assert list(shown) == ["stay", "all"]
    assert shown["stay"] == (at(40), at(190))
    assert list(timelanes.windows(case(long), at(6000))) == ["all"]
    short = [span("注文確認", 0, 5, 140, 150)]
    assert list(timelanes.windows(case(short, (100, 110, 120, 130)), at(6000))) == ["all"]


@pytest.mark.parametrize("minutes", [3, 40, 600])
def test_words_never_lie_over_each_other(minutes):
    spans = [
        span(
            "送り状印刷済み",
            place * minutes,
            place * minutes,
            (place + 1) * minutes,
            (place + 1) * minutes,
        )
        for place in range(12)
    ]
    bars = timelanes.phase_bars(TEXT, case(spans), "発送待機")
    window = (at(0), at(12 * minutes))
    found = [one for one in timelanes.labels(bars, window) if not one.inside]
    per_px = (window[1] - window[0]) / timelanes.PLOT_PX
    apart = [after.at - before.at for before, after in pairwise(found)]
    assert all(gap >= per_px * timelanes.LETTER_PX * len("送り状印刷済み") for gap in apart)
    assert timelanes.labels(bars[:1], window)


def test_bars_outside_the_stretch_have_no_words():
    bars = timelanes.phase_bars(TEXT, case([span("完了", 0, 1, 8, 9)]), "発送待機")
    assert timelanes.labels(bars, (at(100), at(200))) == []
    assert timelanes.labels([replace(bars[0], label="")], (at(0), at(9)))
