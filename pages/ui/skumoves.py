"""What a key or a button of the review does: decide, choose, go on, take back. Callbacks; they run before the screen is drawn.

The case is named in the address. A key pressed twice acts once: every act belongs to the version that was shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import inputs, triageperson
from pages.ui.frame import View
from reconcile import (
    DecisionReport,
    LeftOut,
    MappingAct,
    MappingCase,
    MappingFilter,
    ReconcileError,
)

CASE = "case"
ACTS_SEEN = 50
SIDES = ("smartship", "crossmall")
UNSURE = ("duplicate", "ambiguous")  # several are equally right: a person has to choose
PROPOSED = ("exact", "auto")  # a candidate that the engine stands up for
_PICKED, _SIDE, _SHOWN = "sku-picked", "sku-side", "sku-shown"  # of the case at hand
_ASKED = "sku-asked"
_DONE, _REFUSED, _TURNED = "sku-done", "sku-refused", "sku-turned"  # of the last act


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An act that was not done, and why. sku_no: what the person had wanted to take."""

    act: str
    sku_no: str | None
    error: ReconcileError


def at() -> str | None:
    """The case that the address names."""
    return st.query_params.get(CASE)


def go(case_key: str | None) -> None:
    """Moves to a case; None: to the head of the queue."""
    if case_key is None:
        st.query_params.pop(CASE, None)
    else:
        st.query_params[CASE] = case_key


def follow(asked: MappingFilter) -> None:
    """A filter that was changed starts at its own head; a link that names a case keeps it."""
    if st.session_state.get(_ASKED, asked) != asked:
        go(None)
    st.session_state[_ASKED] = asked


def case_button(view: View, case_key: str, asked: MappingFilter | None = None) -> None:
    """The way from a row of a list into its review. asked: the list's filter, None for all."""
    st.button(
        view.text("mapping.table.open"),
        key=f"open-{case_key}",
        type="primary",
        on_click=open_case,
        args=(case_key, asked or MappingFilter()),
    )


def open_case(case_key: str, asked: MappingFilter) -> None:
    """Leads from a list with this filter into the review of one of its cases."""
    st.session_state[_ASKED] = asked
    inputs.go(inputs.address(section=None, **{CASE: case_key}))


def step(view: View, asked: MappingFilter, case_key: str, way: str) -> None:
    """To the case before or after this one in the queue; stays where there is none. way: before | after."""
    there = neighbour(view, asked, case_key, way)
    if there is not None:
        go(there)
    _forget()


def neighbour(view: View, asked: MappingFilter, case_key: str, way: str) -> str | None:
    """The case before or after this one in the queue, None at its ends."""
    if way == "before":
        rows = view.workspace.mapping_queue(view.one_account, asked, before=case_key, size=1)
    else:
        rows = view.workspace.mapping_queue(view.one_account, asked, after=case_key, size=1)
    return rows[0].case_key if rows else None


def picked(case: MappingCase) -> str | None:
    """The SKU number of the chosen candidate: the first one, but none where several or none are right."""
    kept = st.session_state.get(_PICKED)
    numbers = [one.sku_no for one in case.candidates]
    if kept is not None and kept[:2] == (case.case_key, case.version) and kept[2] in numbers:
        return str(kept[2])
    first = case.candidates[0] if case.candidates else None
    if first is None or case.state in UNSURE or first.decision == "none":
        return None
    if case.state == "missing" and first.decision not in PROPOSED:
        return None
    return first.sku_no


def pick(case: MappingCase, sku_no: str) -> None:
    """Chooses a candidate of a case."""
    st.session_state[_PICKED] = (case.case_key, case.version, sku_no)


def side(case: MappingCase) -> str:
    """The side that is to be corrected: Smartship unless a person said otherwise for this case."""
    kept = st.session_state.get(_SIDE)
    return kept[1] if kept is not None and kept[0] == case.case_key else case.fix or SIDES[0]


def turn_side(case: MappingCase) -> None:
    """The other side is to be corrected."""
    st.session_state[_SIDE] = (case.case_key, SIDES[side(case) == SIDES[0]])


def decide(
    view: View, asked: MappingFilter, case: MappingCase, act: str, sku_no: str | None
) -> None:
    """Does an act on the case that was shown and goes on to the next one; a rejected candidate leaves the case open."""
    seen = (case.case_key, case.version)
    if st.session_state.get(_SHOWN) == seen:
        return
    on = case.case_key if act == "reject" else neighbour(view, asked, case.case_key, "after")
    done = perform(
        act,
        lambda: view.workspace.mapping_decide(
            case.account,
            [case.case_key],
            act,
            sku_no=sku_no if act in ("accept", "reject") else None,
            fix=side(case),
            expected_version=case.version,
            by=triageperson.known(),
        ),
        sku_no=sku_no,
    )
    st.session_state[_SHOWN] = seen
    go(case.case_key if not done or act == "reopen" else on)


def perform(act: str, call: Callable[[], DecisionReport], *, sku_no: str | None = None) -> bool:
    """Whether the act was done. What it left out or why it was refused is kept for the screen to tell."""
    _forget()
    try:
        st.session_state[_DONE] = call()
    except ReconcileError as error:
        refuse(act, error, sku_no=sku_no)
        return False
    return True


def refuse(act: str, error: ReconcileError, *, sku_no: str | None = None) -> None:
    """Keeps an act that was not done, for the screen to tell."""
    st.session_state[_REFUSED] = Refused(act=act, sku_no=sku_no, error=error)


def left_out() -> Counter[str]:
    """What the last act did not touch, by reason."""
    kept: DecisionReport | None = st.session_state.get(_DONE)
    return reasons(kept.skipped if kept else ())


def refused() -> Refused | None:
    """The last act, if it was refused."""
    kept: Refused | None = st.session_state.get(_REFUSED)
    return kept


def turned() -> tuple[MappingAct, str] | None:
    """The last act that was undone or redone, if nothing was done since."""
    kept: tuple[MappingAct, str] | None = st.session_state.get(_TURNED)
    return kept


def turns(acts: tuple[MappingAct, ...]) -> tuple[MappingAct | None, MappingAct | None]:
    """What this person's undo takes back and what a redo does again; acts: newest first."""
    mine = [
        one
        for one in acts
        if one.actor == triageperson.known() and one.decision not in ("undo", "redo")
    ]
    standing = next((place for place, one in enumerate(mine) if not one.is_undone), len(mine))
    back = mine[standing] if standing < len(mine) else None
    return back, mine[standing - 1] if standing else None


def reasons(skipped: Sequence[LeftOut]) -> Counter[str]:
    """How many cases were left out, by reason, the commonest first."""
    return Counter(dict(Counter(one.why for one in skipped).most_common()))


def turn(view: View, act: MappingAct, way: str) -> None:
    """Takes an act back, or does it again, and goes to its case. way: undone | redone."""
    call = view.workspace.mapping_undo if way == "undone" else view.workspace.mapping_redo
    if perform(way, lambda: call(act.sequence, by=triageperson.known())):
        st.session_state[_TURNED] = (act, way)
        if act.case_key is not None and act.count == 1:
            go(act.case_key)


def _forget() -> None:
    for name in (_DONE, _REFUSED, _TURNED, _SHOWN):
        st.session_state.pop(name, None)
