"""Acts as buttons with their keys, the way back and forth, and what was done last or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.ui import access, palette, skumoves, states, triageperson
from pages.ui.frame import View
from reconcile import MappingAct, MappingConflict

Acts = tuple[MappingAct, ...]
# R and C are Streamlit's own keys, and punctuation such as ? cannot be one: D rejects, H shows the keys.
HELP = ("A", "D", "S", "X", "pick", "F", "U", "Y", "step")
_HELP_OPEN = "sku-help"


def button(
    label: str,
    key: str,
    act: Callable[..., None],
    args: tuple[Any, ...],
    *,
    name: str,
    disabled: bool = False,
    primary: bool = False,
    needs: str = "mapping_queue",
) -> None:
    """One act with its key. Its name holds what was shown, so that a key pressed twice cannot hit what comes next.

    args: begin with the view. needs: the action it does, for whoever may not do it.
    """
    st.button(
        label,
        key=name,
        shortcut=key,
        type="primary" if primary else "secondary",
        on_click=act,
        args=args,
        **access.locked(args[0].workspace, needs, disabled=disabled),
    )


def bar(view: View) -> Acts:
    """The way back and forth and what was done last, for screens of many cases; the last acts, newest first."""
    acts = view.workspace.mapping_acts(view.one_account, limit=skumoves.ACTS_SEEN)
    with st.container(horizontal=True, vertical_alignment="center", key="mapping_bar"):
        if triageperson.known() is None:
            ask(view)
        else:
            turns(view, acts)
            last(view, acts)
    refused(view)
    return acts


def ask(view: View) -> None:
    """The name of the person, without which nothing can be decided, and why it is asked."""
    triageperson.ask(view.text, "mapping-person", shown="collapsed")
    st.caption(view.text("mapping.review.person"), width="content")


def turns(view: View, acts: Acts) -> None:
    """Undo and redo of this person's acts."""
    for act, way, key in zip(skumoves.turns(acts), ("undone", "redone"), "UY", strict=True):
        button(
            view.text(f"mapping.turn.{way}"),
            key,
            skumoves.turn,
            (view, act, way),
            name=f"turn-{way}-{act.sequence if act else ''}",
            disabled=act is None,
            needs="mapping_undo",
        )


def last(view: View, acts: Acts) -> None:
    """What was done last, for as long as it can be taken back, and what an undo or redo did."""
    text, turned = view.text, skumoves.turned()
    back, _ = skumoves.turns(acts)
    with st.container(gap=None, key="mapping_last"):
        if turned is not None:
            act, way = turned
            st.markdown(text(f"mapping.last.{way}", what=act_words(view, act)))
        elif back is None:
            st.caption(text("mapping.last.none"))
        else:
            what = act_words(view, back)
            st.markdown(text("mapping.last.done", what=what, time=text.time(back.at)))
        left_out(view, skumoves.left_out())


def left_out(view: View, reasons: Mapping[str, int]) -> None:
    """Cases that an act leaves alone, by reason."""
    text = view.text
    for why, n in reasons.items():
        st.text(text("mapping.left_out", why=text(f"mapping.left_out.{why}"), n=n))


def act_words(view: View, act: MappingAct) -> str:
    """An act as a sentence, for Markdown."""
    text = view.text
    first = palette.literal(act.first or text("frame.blank"))
    if act.decision in ("undo", "redo"):
        return text(f"mapping.acts.{act.decision}", name=first)
    what = text(f"mapping.done.{act.decision}")
    if act.count == 1:
        return text("mapping.last.one", name=first, what=what)
    return text("mapping.last.many", name=first, n=act.count, what=what)


def refused(view: View) -> None:
    """An act that was not done: who was faster, with which decision, and what one had wanted oneself."""
    kept, text = skumoves.refused(), view.text
    if kept is None:
        return
    error = kept.error
    if not isinstance(error, MappingConflict):
        states.failed(text, error)
        return
    with st.container(border=True, key="mapping_conflict"):
        if error.values.get("by"):
            st.markdown(f":red[{text('mapping.conflict.title')}]")
            what = text(f"mapping.decision.{error.values['decision']}")
            by, at = error.values["by"], error.values.get("at")
            st.text(text("mapping.conflict.by", by=by, time=at, what=what))
        else:
            st.markdown(f":red[{text('mapping.conflict.text')}]")
        sku_no = kept.sku_no or text("frame.blank")
        st.text(text("mapping.conflict.mine", what=text(f"mapping.act.{kept.act}"), sku_no=sku_no))
        st.caption(text("mapping.conflict.now"))


def help_button(view: View) -> None:
    """H shows and hides what the keys do."""
    button(view.text("mapping.keys"), "H", _turn_help, (view,), name="mapping-help")


def help_box(view: View) -> None:
    """What each key does, while it is asked for."""
    if not st.session_state.get(_HELP_OPEN):
        return
    with st.container(border=True, horizontal=True, key="mapping_keys"):
        for name in HELP:
            st.markdown(view.text(f"mapping.keys.{name}"), width="content")
        st.caption(view.text("mapping.keys.note"), width="content")


def _turn_help(_view: View) -> None:
    st.session_state[_HELP_OPEN] = not st.session_state.get(_HELP_OPEN)
