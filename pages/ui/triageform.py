"""The fields of an act on findings: nothing for an acknowledgement, a name, a text, a time or a reason for the others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

import streamlit as st

from pages.ui import triageperson
from pages.ui.frame import View
from reconcile import JST, Text

ACTIONS = ("ack", "assign", "note", "snooze", "ignore", "reopen")
MORNING = time(9)  # [D] when a person comes back to what rests until a day
_SOON = ("tomorrow", "hours", "days", "week", "stated")


def word(text: Text, action: str) -> str:
    """The name of an act, as its button says it."""
    return text(f"desk.act.{action}")


def fields(view: View, action: str, key: str) -> Mapping[str, Any]:
    """The values of an act as the fields say them, to be handed to the desk; draws the fields."""
    text = view.text
    match action:
        case "assign":
            return {
                "assignee": st.text_input(
                    text("desk.field.assignee"),
                    value=triageperson.known() or "",
                    key=f"{key}.assignee",
                    max_chars=triageperson.NAME_MOST,
                    help=text("desk.field.assignee.help"),
                    width=260,
                )
            }
        case "note":
            return {"text": _words(text, "note", key)}
        case "ignore":
            return {"reason": _words(text, "reason", key)}
        case "snooze":
            return {"until": _until(view, key)}
        case _:
            return {}


def _words(text: Text, name: str, key: str) -> str:
    label = text(f"desk.field.{name}")
    return str(
        st.text_area(
            label,
            key=f"{key}.{name}",
            height=68,
            max_chars=2000,
            placeholder=text(f"desk.field.{name}.example"),
        )
    )


def _until(view: View, key: str) -> datetime:
    text, now = view.text, view.now.astimezone(JST)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        soon = st.selectbox(
            text("desk.field.until"),
            _SOON,
            key=f"{key}.soon",
            format_func=lambda code: text(f"desk.until.{code}"),
            width=220,
        )
        day = st.date_input(
            text("desk.field.day"),
            value=now.date() + timedelta(days=1),
            key=f"{key}.day",
            format="YYYY/MM/DD",
            width=160,
        )
        hour = st.time_input(
            text("desk.field.hour"), value=MORNING, step=900, key=f"{key}.hour", width=130
        )
    if soon == "stated":
        return datetime.combine(day, hour, tzinfo=JST)
    return after(now, soon)


def after(now: datetime, soon: str) -> datetime:
    """The instant of a quick choice: in four hours, or at nine of tomorrow, of the third day or of next Monday (JST)."""
    local = now.astimezone(JST)
    if soon == "hours":
        return local + timedelta(hours=4)
    days = {"tomorrow": 1, "days": 3, "week": 7 - local.weekday()}[soon]
    return datetime.combine(local.date() + timedelta(days=days), MORNING, tzinfo=JST)
