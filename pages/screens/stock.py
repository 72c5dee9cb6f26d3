"""Stock: both figures with their ages, what was expected, the gap and its cause."""

from pages.ui import inputs, stockboard
from pages.ui.frame import frame

with frame("stock", every_account=False) as view:
    causes, search = inputs.many("cause"), inputs.words("search")
    paging, pager = inputs.paging("stock", (causes, search))
    result = view.workspace.stock(view.one_account, causes=causes, search=search, paging=paging)
    stockboard.filters(view, result)
    stockboard.table(view, result, causes=causes, search=search, paging=paging, pager=pager)
