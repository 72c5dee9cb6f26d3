"""Orders: the filtered list with the case of one order below it, and the patterns behind the misses."""

from pages.ui import board, case, inputs, ordertable, patterns
from pages.ui.frame import frame

with frame("orders") as view:
    if inputs.section(view.text, "orders", ("list", "patterns")) == "patterns":
        patterns.show(view)
    else:
        chosen = inputs.order_filter(view.account, view.workspace.rule_ids())
        paging, pager = inputs.paging("orders", chosen)
        result = view.workspace.orders(chosen, paging)
        board.counts(view.text, result.by_state)
        inputs.order_widgets(view.text, result, view.workspace.rule_title)
        ordertable.show(view, result, chosen, paging, pager)
        case.show_chosen(view)
