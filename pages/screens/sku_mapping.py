"""SKU mapping: one product at a time with keys, all of them as a table, whole classes at once, and what is to be corrected."""

import streamlit as st

from pages.ui import inputs, skufilter, skusections, triageperson
from pages.ui.frame import View, frame, part


@part
def body(view: View) -> None:
    """The section that the address names, under the filter and the search."""
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="desk_head",
    ):
        section = inputs.section(
            view.text,
            skusections.NAMES,
            lambda name: view.text(f"mapping.section.{name}"),
        )
        search = st.container(horizontal=True, width="content", key="mapping_search")
        triageperson.picker(view.text)
    chosen = skufilter.chosen()
    paging, pager = inputs.paging("sku_mapping", chosen)
    result = view.workspace.mapping(view.one_account, chosen, paging)
    skusections.show(view, section, result, chosen, search=search, paging=paging, pager=pager)


with frame("mapping", every_account=False) as view:
    body(view)
