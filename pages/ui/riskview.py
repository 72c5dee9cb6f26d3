"""Orders that wait for the next pull, the likeliest to be missed first, and what to do about them now."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import context, palette, patternhead, states, tables
from pages.ui.frame import View
from reconcile import TablePage

LIKELY_PCT = 50.0  # from here on an order is named as likely to be missed [D]
PAGE_SIZE = 50
TIME_PX = 105
NARROW = {
    "order_code": 135,
    "shop_name": 120,
    "waited_min": 80,
    "passed_pulls": 92,
    "leaves_first_pct": 112,
    "missed_pct": 105,
}
_WORDS = ("order_code", "shop_name")


def show(view: View, account: str) -> None:
    """When the next pull is due, how many it may not take and why, what to do, and the orders."""
    text = view.text
    rows = view.workspace.at_risk(account)
    st.header(text("risk.title"), anchor=False)
    if rows.empty:
        states.empty(text, "risk.none", good=True)
        return
    _next(view, account)
    _likely(view, account, rows)
    with st.container(key="risk_todo", gap=None):
        st.markdown(f"**{text('risk.todo')}**")
        phase = next(one.collect_phase for one in view.accounts if one.name == account)
        st.text(text("risk.todo.1", phase=phase))
        st.text(text("risk.todo.2"))
        st.text(text("risk.todo.3"))
    patternhead.above(view, account, "at_risk", total=len(rows), filter_words=text("risk.filter"))
    _table(view, account, rows)


def _next(view: View, account: str) -> None:
    text, habit = view.text, view.workspace.pull_habit(account)
    if habit is None or habit.next_at is None:
        st.text(text("risk.next.unknown", pulls=habit.pulls if habit else 0))
    else:
        left = (habit.next_at - view.now).total_seconds()
        st.text(
            text(
                "risk.next",
                time=habit.next_at,
                minutes=max(0, round(left / 60)),
                pulls=habit.pulls,
                run_pct=habit.run_pct,
            )
        )
    health = patternhead.health_of(view, account)
    if health.smartship_snapshot_at is None:
        states.import_first(text, "patterns.empty.file", key="risk")
    elif health.smartship_state == "old":
        age = text.age(health.smartship_snapshot_at, view.now)
        st.markdown(f":orange[{text('risk.old_file', age=age)}]")


def _likely(view: View, account: str, rows: pd.DataFrame) -> None:
    text, passed = view.text, rows["passed_pulls"] > 0
    _named(view, account, rows[passed], text("risk.passed", n=int(passed.sum())))
    waiting = rows[~passed]
    if waiting.empty:
        return
    if waiting["missed_pct"].isna().all():
        st.text(text("risk.unknown"))
        return
    likely = waiting[waiting["missed_pct"] >= LIKELY_PCT]
    if likely.empty:
        st.text(text("risk.likely.none", n=len(waiting), pct=round(LIKELY_PCT)))
    _named(view, account, likely, text("risk.likely", n=len(likely), pct=round(LIKELY_PCT)))


def _named(view: View, account: str, rows: pd.DataFrame, words: str) -> None:
    """A warning about some of the orders, with the way to them; nothing where there are none."""
    if not rows.empty:
        st.markdown(f":orange[{words}]")
        patternhead.orders_link(view, account, [str(number) for number in rows["order_number"]])


def _table(view: View, account: str, rows: pd.DataFrame) -> None:
    key = f"pager.at_risk.{account}"
    page = int(st.session_state.get(key, 1))
    some = rows.iloc[(page - 1) * PAGE_SIZE : page * PAGE_SIZE].reset_index(drop=True)
    chosen = tables.show(
        view.text,
        some,
        "at_risk",
        key=f"rows-risk-{account}-{page}",
        rule_title=view.workspace.rule_title,
        on_select="rerun",
        drawn=_columns(view, some),
    )
    shown = TablePage(frame="at_risk", rows=some, total=len(rows), as_of={})
    tables.pager(shown, size=PAGE_SIZE, key=key)
    if chosen is not None:
        _row(view, account, tables.record(some, chosen))


def _columns(view: View, rows: pd.DataFrame) -> dict[str, tuple[Any, Any]]:
    """Short titles and narrow columns, so that the chances are in sight on a small screen too."""
    text, kinds = view.text, st.column_config
    drawn = patternhead.times(view, rows, "entered_by", "next_pull_at", short="risk", width=TIME_PX)
    for name, width in NARROW.items():
        if name in _WORDS:
            drawn[name] = (rows[name], kinds.TextColumn(text(f"column.{name}"), width=width))
        else:
            label = text(f"risk.column.{name}")
            drawn[name] = (rows[name], kinds.NumberColumn(label, format="localized", width=width))
    return drawn


def _row(view: View, account: str, row: dict[str, Any]) -> None:
    text, number = view.text, str(row["order_number"])
    words: dict[str, Any] = {"number": number, "waited": int(row["waited_min"])}
    with st.container(border=True, key="risk_row"):
        if row["passed_pulls"]:
            st.text(text("risk.row.passed", passed=int(row["passed_pulls"]), **words))
        elif pd.isna(row["missed_pct"]):
            st.text(text("risk.row.unknown", **words))
        else:
            leaves, missed = float(row["leaves_first_pct"]), float(row["missed_pct"])
            st.text(text("risk.row", leaves=leaves, missed=missed, **words))
        st.page_link(
            patternhead.ORDERS,
            label=text("risk.open", number=palette.literal(number)),
            query_params=context.link(account=account, order=number, of=account),
        )
