"""The parts of the overview: counts that are links, causes with their trend and next step, and the health of accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import charts, context, exports, freshness, heatmap, palette, patternhead, states
from pages.ui.frame import View
from reconcile import ORDER_STATES, STOCK_RISKS, AccountHealth, Change, Text

ORDERS = "pages/screens/orders.py"
CAUSE_WIDTHS = (4.1, 0.8, 1.2, 1.5, 2.7)
MISSING_WIDTHS = (6.4, 1, 3.8)
CHANGES_WIDTHS = (3, 1.6, 6.6)
HEALTH_WIDTHS = (2, 3, 3, 1.2, 3)
SKUS = "pages/screens/sku_mapping.py"
STOCK = "pages/screens/stock.py"
# Causes whose orders are not a filter of their own: rule -> (screen, its parameters).
_ELSEWHERE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "F06": (states.CONNECTIONS, {"tab": "phases"}),
    "F10": (SKUS, {"state": "near_miss"}),
    "F31": (states.CONNECTIONS, {"tab": "test"}),
    "F45": (states.CONNECTIONS, {"tab": "test"}),
    "F46": (ORDERS, {"section": "patterns", "part": "hours"}),
} | {rule: (STOCK, {"risk": rule}) for rule in STOCK_RISKS}
# What cannot be told about SKUs: the rows it is about.
_MISSING_SKUS: Mapping[str, Mapping[str, str]] = {
    "smartship_stock_file": {"cause": "no_smartship_file"},
    "stock_figures_apart": {"cause": "not_comparable"},
}
_FIGURES = ("findings", "waiting")
# What would settle a "cannot tell" lies on one of these tabs of the Connections screen.
_CURE_TAB: Mapping[str, str] = {
    "smartship_orders_file": "import",
    "smartship_file_newer_than": "import",
    "smartship_coverage": "import",
    "smartship_line_gone": "import",
    "smartship_stock_file": "import",
    "stock_figures_apart": "import",
    "weak_link": "import",
    "shipped_time": "import",
    "crossmall_newer_than": "sync",
    "order_lines": "sync",
    "phase_role": "phases",
    "phase_list": "phases",
}


def counts(text: Text, by_state: Mapping[str, int]) -> None:
    """How many orders are in each state; every number leads to its orders."""
    for column, state in zip(st.columns(len(ORDER_STATES)), ORDER_STATES, strict=True):
        with column, st.container(border=True, key=f"count_{state}", gap=None):
            st.markdown(palette.worded(text, state))
            st.page_link(
                ORDERS,
                label=text("overview.count", n=by_state.get(state, 0)),
                query_params=context.link(state=state),
                help=text(f"overview.count.{state}"),
            )


def causes(view: View, rows: pd.DataFrame) -> None:
    """The open findings by cause, most urgent first, each with its age, trend and the way to its orders."""
    text = view.text
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        st.header(text("overview.causes"), anchor=False, width="content")
        if not rows.empty:
            exports.csv_button(view, "findings", account=view.account)
    if rows.empty:
        _no_cause(view)
        return
    _head(text, CAUSE_WIDTHS, ("cause", "findings", "oldest", "trend", "next"))
    for row in rows.to_dict("records"):
        with st.container(key=f"cause_{row['rule']}"):
            title, findings, oldest, trend, step = st.columns(
                CAUSE_WIDTHS, vertical_alignment="center", gap="medium"
            )
            title.markdown(
                f"{palette.worded(text, str(row['severity']))}\u2002`{row['rule']}`\u2002{row['title']}"
            )
            _number(findings, text.value(int(row["findings"])), *_place(str(row["rule"])))
            oldest.markdown(text.age(_instant(row["oldest"]), view.now))
            trend.html(charts.spark(text, row["trend"]))
            _next_step(view, step, str(row["rule"]))


def _next_step(view: View, column: Any, rule: str) -> None:
    key = f"overview.next.{rule}"
    screen, query = _place(rule)
    if not view.text.has(key):
        key = "overview.causes.skus" if screen == STOCK else "overview.causes.go"
    label = view.text(key)
    column.page_link(screen, label=label, query_params=context.link(**query))


def _place(rule: str) -> tuple[str, Mapping[str, str]]:
    """Where the orders of a cause, or what else it is about, are listed."""
    return _ELSEWHERE.get(rule, (ORDERS, {"rule": rule}))


def _number(column: Any, shown: str, screen: str, query: Mapping[str, str]) -> None:
    """A figure that leads to its rows."""
    with column.container(horizontal=True, horizontal_alignment="right"):
        st.page_link(
            screen, label=f"**{shown}**", query_params=context.link(**query), width="content"
        )


def changes(view: View) -> None:
    """What changed since yesterday in three lines, and which accounts cannot tell."""
    text, seen = view.text, view.workspace.changes(view.account)
    st.header(text("changes.title"), anchor=False)
    st.caption(text("changes.since", time=seen.since))
    for name, change in (
        ("opened", seen.opened),
        ("resolved", seen.resolved),
        ("shipped", seen.shipped),
    ):
        with st.container(key=f"cause_changes_{name}"):
            what, count, way = st.columns(CHANGES_WIDTHS, vertical_alignment="center", gap="medium")
            what.text(text(f"changes.{name}"))
            _change(text, count, way, change)
    for account, reason, at in seen.untold:
        if reason == "no_look":
            st.caption(palette.literal(text("changes.no_look", name=account)))
        else:
            words = text(f"changes.{reason}", name=account, at=text.time(at))
            st.caption(palette.literal(words))


def _change(text: Text, count: Any, way: Any, change: Change | None) -> None:
    if change is None:
        count.markdown(f":gray[{text('changes.unknown')}]")
        return
    shown, some = text("changes.count", n=change.count), change.orders[: patternhead.LINK_MOST]
    if not some:
        count.markdown(f"**{shown}**", text_alignment="right")
    else:
        _number(count, shown, ORDERS, {"numbers": " ".join(some)})
        key = "changes.go" if len(some) == len(change.orders) else "changes.go.some"
        way.page_link(
            ORDERS,
            label=text(key, n=len(some)),
            query_params=context.link(numbers=" ".join(some)),
        )


def week(view: View) -> None:
    """When orders were missed in the last weeks, of every account shown, with the way to more."""
    text = view.text
    st.header(text("hours.title"), anchor=False)
    seen = [item for item in view.health if item.smartship_snapshot_at is not None]
    if not seen:
        states.import_first(text, "patterns.empty.file", key="week")
        return
    st.caption(text("hours.what"))
    cells = [view.workspace.misses_by_hour(item.account.name) for item in seen]
    heatmap.overview(view, pd.concat(cells))
    st.page_link(
        ORDERS,
        label=text("hours.go"),
        query_params=context.link(section="patterns", part="hours"),
    )


def cannot_tell(view: View, rows: pd.DataFrame) -> None:
    """What cannot be judged, for want of what, and the place where it can be supplied."""
    text = view.text
    st.header(text("overview.missing"), anchor=False)
    if rows.empty:
        states.empty(text, "overview.missing.none", good=True)
        return
    _head(text, MISSING_WIDTHS, ("missing", "findings", "cure"))
    for row in rows.to_dict("records"):
        code = str(row["missing"])
        with st.container(key=f"cause_missing_{code}"):
            title, findings, cure = st.columns(
                MISSING_WIDTHS, vertical_alignment="center", gap="medium"
            )
            title.markdown(f":gray[{text('frame.unknown.mark')}] {row['title']}")
            where: tuple[str, Mapping[str, str]] = (ORDERS, {"state": "cannot_tell"})
            if code in _MISSING_SKUS:
                where = STOCK, _MISSING_SKUS[code]
            elif row["orders"]:
                where = ORDERS, {"numbers": row["orders"]}
            _number(findings, text.value(int(row["findings"])), *where)
            _supply(view, cure, _CURE_TAB.get(code))


def _supply(view: View, column: Any, tab: str | None) -> None:
    if tab is None:
        column.page_link(
            ORDERS,
            label=view.text("overview.missing.go.orders"),
            query_params=context.link(state="cannot_tell"),
        )
        return
    column.page_link(
        states.CONNECTIONS,
        label=view.text(f"overview.missing.go.{tab}"),
        query_params=context.link(tab=tab),
    )


def accounts(view: View, health: Sequence[AccountHealth]) -> None:
    """One line per account: both sides with their ages, what waits, and whether the phase names are right."""
    text = view.text
    st.header(text("overview.accounts"), anchor=False)
    _head(text, HEALTH_WIDTHS, ("account", "crossmall", "smartship", "waiting", "connection"))
    for place, item in enumerate(health):
        with st.container(key=f"cause_account_{place}"):
            name, crossmall, smartship, waiting, phases = st.columns(
                HEALTH_WIDTHS, vertical_alignment="center", gap="medium"
            )
            name.text(
                text("overview.account", name=item.account.name, code=item.account.company_code)
            )
            crossmall.markdown(freshness.crossmall_words(text, item, view.now))
            smartship.markdown(freshness.smartship_words(text, item, view.now))
            query = {"account": item.account.name, "section": "patterns"}
            _number(waiting, text.value(item.waiting), ORDERS, query)
            _phase_link(text, phases, item)


def _phase_link(text: Text, column: Any, item: AccountHealth) -> None:
    warned = item.phase_warning is not None
    label = text("overview.phase.warned" if warned else "overview.phase.fine")
    if item.last_sync_at is None:
        column.markdown(f":gray[{text('overview.phase.unknown')}]")
        return
    column.page_link(
        states.CONNECTIONS,
        label=f":{'orange' if warned else 'green'}[{label}]",
        query_params=context.link(account=item.account.name, tab="phases"),
    )


def _no_cause(view: View) -> None:
    fresh = all(item.state == "ok" and item.smartship_snapshot_at for item in view.health)
    states.empty(
        view.text, "overview.causes.none" if fresh else "overview.causes.unknown", good=fresh
    )


def _head(text: Text, widths: Sequence[float], names: Sequence[str]) -> None:
    with st.container(key=f"cause_head_{names[0]}"):
        for column, name in zip(st.columns(widths, gap="medium"), names, strict=True):
            column.markdown(
                text(f"overview.head.{name}"),
                text_alignment="right" if name in _FIGURES else "left",
            )


def _instant(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value
