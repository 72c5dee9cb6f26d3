"""What was found damaged: said on every screen for a day, and for as long as the ledger cannot be used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from reconcile import Text, Workspace

SAID_FOR = timedelta(days=1)  # [D] afterwards the doctor still tells of it


def notes(text: Text, workspace: Workspace) -> None:
    """One box for each damaged file: what happened, what was kept, what to do."""
    recent = [one for one in workspace.incidents() if datetime.now(UTC) - one.at < SAID_FOR]
    for kind, file in {one.kind: one.file for one in recent}.items():
        with st.container(border=True, key=f"damage_{kind}"):
            st.markdown(f":orange[{text('states.error.mark')}] **{text('damage.title')}**")
            st.text(text(f"damage.{kind}", file=file))
            st.caption(text(f"damage.{kind}.cure"))
