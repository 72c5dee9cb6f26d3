"""A whole class of difference at once: how right it was so far, the frozen list, and the act on exactly that list."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui import access, skukeys, skumoves, states, tables, triageperson
from pages.ui.frame import View
from reconcile import (
    FRAMES,
    MIN_DECIDED,
    MIN_LOWER,
    ClassRecord,
    FrozenMapping,
    MappingFilter,
    ReconcileError,
)

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
LIST_ROWS = 12
WIDTHS = (2.0, 0.75, 1.9, 1.4, 1.7, 1.35)
_FIGURES = ("open", "bound")
_LISTED = (
    "item_code",
    "waiting_orders",
    *("item_name", "ss_product_name"),
    *("option_text", "ss_option_text"),
    "sku_no",
    "causes",
)
_CHOSEN, _SIDE = "sku-bulk", "sku-bulk-side"


def show(view: View) -> None:
    """The classes with their records; below them the list of the chosen one."""
    text, account = view.text, view.one_account
    acts = skukeys.bar(view)
    by_itself = next((act for act in acts if act.decision == "automatic"), None)
    if by_itself is not None:
        what = skukeys.act_words(view, by_itself)
        st.caption(text("mapping.bulk.automatic.last", what=what, time=text.time(by_itself.at)))
    st.caption(text("mapping.bulk.what", needed=MIN_DECIDED, least=100 * MIN_LOWER))
    frozen = st.session_state.get(_CHOSEN)
    if frozen is not None:
        _list(view, *frozen)
    records = sorted(
        view.workspace.mapping_class_record(account),
        key=lambda one: (not one.is_automatic, -one.open, one.code),
    )
    if not records:
        states.empty(text, "mapping.bulk.none", good=True)
        return
    _titles(view)
    keys = iter(KEYS)
    for record in records:
        _line(view, record, next(keys, None) if record.open else None)


def _titles(view: View) -> None:
    with st.container(key="bulk_head"):
        for column, name in zip(
            st.columns(WIDTHS, vertical_alignment="center", gap="medium"),
            ("class", "open", "record", "bound", "automatic", "go"),
            strict=True,
        ):
            told = f"mapping.bulk.{name}.help"
            column.markdown(
                view.text(f"mapping.bulk.{name}"),
                text_alignment="right" if name in _FIGURES else "left",
                help=view.text(told) if view.text.has(told) else None,
            )


def _line(view: View, record: ClassRecord, key: str | None) -> None:
    text, code = view.text, record.code
    with st.container(key=f"bulk_{code}"):
        name, open_, agreed, bound, switch, go = st.columns(
            WIDTHS, vertical_alignment="center", gap="medium"
        )
        meaning = f"cause.{code}.help"
        name.markdown(text.word("causes", code), help=text(meaning) if text.has(meaning) else None)
        open_.markdown(text("mapping.bulk.open.n", n=record.open), text_alignment="right")
        agreed.markdown(
            text("mapping.bulk.record.n", right=record.right, decided=record.decided)
            if record.decided
            else text("mapping.bulk.record.none")
        )
        bound.markdown(
            text("mapping.bulk.bound.n", share=100 * record.lower)
            if record.lower is not None
            else text("frame.blank"),
            text_alignment="right",
        )
        with switch:
            _switch(view, record)
        with go:
            st.button(
                text("mapping.bulk.list"),
                key=f"bulk-list-{code}",
                shortcut=key,
                **access.locked(view.workspace, "mapping_preview", disabled=not record.open),
                on_click=_choose,
                args=(view, code),
            )


def _switch(view: View, record: ClassRecord) -> None:
    """Automatic or not; where it cannot be turned, it says what is missing."""
    key = f"bulk-auto-{record.code}-{record.is_automatic}"
    st.session_state[key] = record.is_automatic
    missing = _missing(view, record)
    may = access.locked(view.workspace, "mapping_class_automatic", disabled=missing is not None)
    state = "mapping.bulk.automatic.on" if record.is_automatic else "mapping.bulk.automatic.off"
    st.toggle(
        missing or view.text(state),
        key=key,
        **may,
        on_change=_turn,
        args=(view, record),
    )


def _missing(view: View, record: ClassRecord) -> str | None:
    """Why a class cannot be switched, in words; None if it can."""
    text = view.text
    if not record.is_automatic and record.decided < MIN_DECIDED:
        return text("mapping.bulk.automatic.few", n=MIN_DECIDED - record.decided)
    if not record.is_automatic and not record.can_be_automatic:
        return text("mapping.bulk.automatic.low", least=100 * MIN_LOWER)
    return None if triageperson.known() else text("mapping.bulk.automatic.person")


def _turn(view: View, record: ClassRecord) -> None:
    try:
        view.workspace.mapping_class_automatic(
            view.one_account, record.code, not record.is_automatic, by=triageperson.known()
        )
    except ReconcileError as error:
        skumoves.refuse("automatic", error)


def _choose(view: View, code: str) -> None:
    """Freezes the list of a class as it is now."""
    try:
        asked = MappingFilter(classes=(code,), queue_only=True)
        frozen = view.workspace.mapping_preview(view.one_account, asked)
    except ReconcileError as error:
        skumoves.refuse("accept", error)
    else:
        st.session_state[_CHOSEN] = (code, frozen)


def _list(view: View, code: str, frozen: FrozenMapping) -> None:
    """The frozen list, what is not in it and why, and the button that acts on exactly this list."""
    text = view.text
    with st.container(border=True, key="mapping_bulk"):
        name = text.word("causes", code)
        st.markdown(f"**{text('mapping.bulk.preview', name=name, n=frozen.count)}**")
        if frozen.rows:
            tables.show(
                text,
                table(frozen),
                "sku_mapping",
                key=f"bulk-rows-{frozen.id}",
                rule_title=view.workspace.rule_title,
                visible=LIST_ROWS,
                columns=_LISTED,
            )
        skukeys.left_out(view, skumoves.reasons(frozen.left_out))
        with st.container(horizontal=True, vertical_alignment="center", key="bulk_go"):
            side = _sides(view)
            skukeys.button(
                text("mapping.bulk.accept", n=frozen.count),
                "A",
                _accept,
                (view, frozen, side),
                name=f"bulk-accept-{frozen.id}",
                needs="mapping_decide_list",
                disabled=not frozen.count or triageperson.known() is None,
                primary=True,
            )
            st.button(text("mapping.bulk.close"), key="bulk-close", shortcut="Esc", on_click=_close)


def _sides(view: View) -> str:
    text = view.text
    chosen = st.segmented_control(
        text("mapping.bulk.side"),
        skumoves.SIDES,
        default=skumoves.SIDES[0],
        key=_SIDE,
        format_func=lambda side: text("mapping.side", side=text(f"frame.{side}")),
        label_visibility="collapsed",
        required=True,
    )
    return str(chosen)


def _accept(view: View, frozen: FrozenMapping, side: str) -> None:
    """Accepts what was previewed; what changed since stays as it is and is told."""
    skumoves.perform(
        "accept",
        lambda: view.workspace.mapping_decide_list(
            frozen.id, "accept", fix=side, by=triageperson.known()
        ),
    )
    _close()


def _close() -> None:
    st.session_state.pop(_CHOSEN, None)


def table(frozen: FrozenMapping) -> pd.DataFrame:
    """A frozen list as the frame "sku_mapping"."""
    columns = [column.name for column in FRAMES["sku_mapping"].columns]
    return pd.DataFrame(
        [
            {
                name: row.state if name == "mapping_class" else getattr(row, name, None)
                for name in columns
            }
            for row in frozen.rows
        ],
        columns=columns,
    )
