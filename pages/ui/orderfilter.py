"""The filter of the list of orders: whose orders, choices with their counts as chips, and a search for pasted numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta

import streamlit as st

from pages.ui import chips, inputs, palette, triageperson
from pages.ui.frame import View
from reconcile import DESKS, FLOW_STAGES, JST, ORDER_STATES, OrderBoard, OrderFilter, Text, visible

PARAMETERS = ("desk", "state", "rule", "phase", "shop", "period", "numbers", "overdue", "flow")
_SHOWN_DESKS = ("open", "mine", "all")
_FLOWS = ("", *FLOW_STAGES, *(f"only_{stage}" for stage in FLOW_STAGES))
_BETWEEN_NUMBERS = re.compile(r"[\s,、;/|\u200b\ufeff]+")
NUMBERS_MOST = 500  # [D] numbers of one search; an address holds no more


def chosen(account: str | None, rules: Collection[str]) -> OrderFilter:
    """The filter as its widgets and the URL stand; `rules`: every rule there is."""
    period = inputs.days("period")
    return OrderFilter(
        account=account,
        states=inputs.many("state", ORDER_STATES),
        rules=inputs.many("rule", rules),
        phases=inputs.many("phase"),
        shops=inputs.many("shop"),
        numbers=numbers(inputs.words("numbers")),
        ordered_from=_midnight(period[0]) if period else None,
        ordered_to=_midnight(period[1] + timedelta(days=1)) if period else None,
        desk=inputs.one("desk", DESKS),
        person=triageperson.known(),
        overdue=bool(inputs.many("overdue", ("1",))),
        flow=inputs.one("flow", _FLOWS) or None,
    )


def numbers(typed: str) -> tuple[str, ...]:
    """The numbers in a pasted text, each once: divided by blanks, commas or line breaks, full-width forms read as plain."""
    plain = unicodedata.normalize("NFKC", typed)
    found = (part.strip("'\"") for part in _BETWEEN_NUMBERS.split(plain))
    return tuple(dict.fromkeys(part for part in found if part))[:NUMBERS_MOST]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=JST)


def desks(view: View, board: OrderBoard, asked: OrderFilter) -> None:
    """Whose orders: those nobody has decided about, one's own, or all; each with its count."""
    text, counts = view.text, board.facets["desk"]
    st.session_state["input.desk"] = asked.desk
    st.segmented_control(
        text("desk.segment"),
        _SHOWN_DESKS,
        key="input.desk",
        format_func=lambda code: text(f"desk.segment.{code}", n=counts.get(code, 0)),
        label_visibility="collapsed",
        required=True,
    )


def widgets(view: View, board: OrderBoard, asked: OrderFilter) -> None:
    """The search, shop and period, and the counts by state, cause and phase as chips that filter."""
    text = view.text
    with st.container(horizontal=True, vertical_alignment="bottom", key="order_filters"):
        st.text_input(
            text("orders.filter.numbers"),
            key="input.numbers",
            placeholder=text("orders.filter.numbers.example"),
            help=text("desk.numbers.help"),
            width=330,
        )
        _shops(text, dict(board.shops))
        st.date_input(
            text("orders.filter.period"), key="input.period", format="YYYY/MM/DD", width=250
        )
        states = {code: board.facets["state"].get(code, 0) for code in ORDER_STATES}
        chips.pills(
            text,
            "state",
            text("orders.filter.state"),
            picked=asked.states,
            counts=states,
            word=lambda code: palette.worded(text, code),
        )
        if asked != OrderFilter(account=asked.account, person=asked.person):
            inputs.clear(text, PARAMETERS, "clear-filter")
    _facets(view, board, asked)


def _facets(view: View, board: OrderBoard, asked: OrderFilter) -> None:
    text, facets, title = view.text, board.facets, view.workspace.rule_title
    late = {"1": facets["ageing"].get("overdue", 0)}
    rows: Mapping[str, tuple[Sequence[str], Mapping[str, int], Callable[[str], str]]] = {
        "rule": (asked.rules, facets["rule"], lambda code: f"{code} {title(code)}"),
        "phase": (asked.phases, facets["phase"], palette.literal),
        "overdue": (
            ("1",) if asked.overdue else (),
            late,
            lambda _: palette.worded(text, "overdue", family="desk.ageing"),
        ),
    }
    for name, (picked, counts, word) in rows.items():
        label = text(f"orders.filter.{name}")
        chips.row(text, name, label, picked=picked, counts=counts, word=word)


def _shops(text: Text, shops: Mapping[str, str]) -> None:
    picked = st.session_state.get("input.shop") or []
    extra = [code for code in picked if code not in shops]
    st.multiselect(
        text("orders.filter.shop"),
        [*shops, *extra],
        key="input.shop",
        format_func=lambda code: visible(shops.get(code) or code),
        placeholder=text("orders.filter.all"),
        width=165,
    )
