"""The line over a table of the patterns: how many, under which filter, how old both sides are, and its CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import context, exports
from pages.ui.frame import View
from reconcile import AccountHealth, Export

ORDERS = "pages/screens/orders.py"
TIME_PX = 175  # fits a long title over a time
LINK_MOST = 100  # order numbers that one address carries [D]


def health_of(view: View, account: str) -> AccountHealth:
    """How the account stands."""
    return next(one for one in view.health if one.account.name == account)


def above(view: View, account: str, name: str, *, total: int, filter_words: str) -> None:
    """Total, filter and ages of a table of Workspace.pattern_csv, with its CSV menu."""
    text, health = view.text, health_of(view, account)
    ages = text(
        "frame.ages",
        crossmall=text.age(health.last_sync_at, view.now),
        smartship=text.age(health.smartship_snapshot_at, view.now),
    )

    def made(profile: str, encoding: str) -> Export:
        return view.workspace.pattern_csv(account, name, profile=profile, encoding=encoding)

    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key=f"above_{name}",
    ):
        with st.container(width="content", gap=None):
            st.markdown(f"**{text('frame.total', n=total)}**", width="content")
            st.text(text("patterns.above", filter=filter_words, ages=ages))
        exports.csv_menu(view, name, made)


def orders_link(view: View, account: str, numbers: Sequence[str]) -> None:
    """The way to the Orders list with exactly these orders, the first LINK_MOST of them."""
    text, some = view.text, list(numbers[:LINK_MOST])
    label = (
        text("patterns.list")
        if len(some) == len(numbers)
        else text("patterns.list.some", n=len(some))
    )
    st.page_link(
        ORDERS, label=label, query_params=context.link(account=account, numbers=" ".join(some))
    )


def times(
    view: View, rows: pd.DataFrame, *names: str, short: str = "", width: int = TIME_PX
) -> dict[str, tuple[Any, Any]]:
    """Columns of instants as tables.show draws them: wide enough for their titles, or with those of `short`.column."""
    return {
        name: (
            pd.to_datetime(rows[name], utc=True).dt.tz_convert("Asia/Tokyo"),
            st.column_config.DatetimeColumn(
                view.text(f"{short}.column.{name}" if short else f"column.{name}"),
                format="MM/DD HH:mm",
                timezone="Asia/Tokyo",
                width=width,
            ),
        )
        for name in names
    }
