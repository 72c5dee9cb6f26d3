"""SKU mapping: counts by class, the filtered table, and the character diff of the selected row."""

from pages.ui import inputs, skus
from pages.ui.frame import frame

with frame("mapping", every_account=False) as view:
    classes, search = inputs.many("class"), inputs.words("search")
    paging, pager = inputs.paging("sku_mapping", (classes, search))
    result = view.workspace.mapping(view.one_account, classes=classes, search=search, paging=paging)
    skus.filters(view, result)
    skus.table(view, result, classes=classes, search=search, paging=paging, pager=pager)
