"""The page most people would write, as a peer for benchmarks/ui.py: everything read into one frame, shown whole.

Run by it: streamlit run benchmarks/naive_page.py -- STORE. The frame is kept between reruns; a choice filters by phase, a
checked row shows the lines of its order.
"""

from __future__ import annotations

import sys

import duckdb
import pandas as pd
import streamlit as st

EVERYTHING = """
SELECT o.order_number, o.order_code, o.shop_name, o.phase_name, o.ordered_at, o.updated_at, o.delivery_number, s.packing_no,
    s.status, s.tracking_no, s.shipped_at
FROM cm_order o LEFT JOIN ss_shipment_line s ON s.shop_id = o.shop_code AND s.site_order_key = o.order_code_key
"""
LINES = (
    "SELECT order_number, item_code, attribute1_name, attribute2_name, amount FROM cm_order_line"
)


@st.cache_data
def read(query: str) -> pd.DataFrame:
    """The rows of a query."""
    with duckdb.connect(sys.argv[1], read_only=True) as con:
        return con.execute(query).df()


st.title("Orders")
orders = read(EVERYTHING)
phase = st.segmented_control("Phase", sorted(orders["phase_name"].unique()), key="phase")
shown = orders[orders["phase_name"] == phase] if phase else orders
with st.container(key="total"):
    st.text(f"{len(shown)} orders")
state = st.dataframe(
    shown, key=f"rows-{phase}", on_select="rerun", selection_mode="single-cell", lazy=False
)
if cells := state["selection"]["cells"]:
    number = shown.iloc[cells[0][0]]["order_number"]
    lines = read(LINES)
    with st.container(key="case"):
        st.subheader(number)
        st.dataframe(lines[lines["order_number"] == number])
