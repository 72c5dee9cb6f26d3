"""The picture of a SKU's stock: the words at the ends of its lines."""

import itertools
from datetime import UTC, datetime

import pandas as pd
import pytest

from pages.ui import stockhistory
from reconcile import Text

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "figures",
    [
        {("crossmall", None): 40, ("smartship", "TYO"): 44},
        {("crossmall", None): 44, ("smartship", "TYO"): 40},
        {("crossmall", None): 7, ("smartship", "TYO"): 7, ("smartship", "OSA"): 7},
    ],
)
def test_the_words_of_near_figures_stand_above_each_other(figures):
    rows = [
        {"movement": "figure", "side": side, "subject": subject, "figure": figure}
        | {"happened_at": pd.Timestamp(NOW), "change": None}
        for (side, subject), figure in figures.items()
    ]
    said = stockhistory.drawn(Text("ja"), pd.DataFrame(rows), NOW).layout.annotations
    places = sorted((one.y, one.yshift) for one in said)
    assert len(places) == len(figures)
    for (_, low), (_, high) in itertools.pairwise(places):
        assert high - low >= stockhistory.LABEL_PX
