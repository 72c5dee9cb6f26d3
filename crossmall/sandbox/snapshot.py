"""What the API would have shown at any past moment, row by row, without personal data."""

from collections.abc import Callable, Iterator, Mapping

from crossmall.sandbox import fields, rows
from crossmall.sandbox.schedule import Line, Order, State, state_at
from crossmall.sandbox.world import World

PERSONAL = frozenset(
    name
    for name in fields.ORDER
    if name.startswith(("client_", "ship_")) or name.endswith("_memo") or name == "comment"
)
ORDER_FIELDS = tuple(name for name in fields.ORDER if name not in PERSONAL)
Rows = Iterator[dict[str, str]]


def order_rows(world: World, at: int) -> Rows:
    """Every slip that existed then, as ``get_order`` would have shown it."""
    for order, state in _standing(world, at):
        values = rows.order_values(world, order, state)
        yield {name: values.get(name, "") for name in ORDER_FIELDS}


def line_rows(world: World, at: int) -> Rows:
    """The lines of every order that ``get_order_detail`` would have answered for."""
    for order, number, line in _lines(world, at):
        row = rows.detail_row(world, order, number, line)
        yield dict(zip(fields.DETAIL, row, strict=True))


def component_rows(world: World, at: int) -> Rows:
    """The components of every set line."""
    for order, number, line in _lines(world, at):
        for row in rows.component_rows(world, order.number, number, line):
            yield dict(zip(fields.COMPONENT, row, strict=True))


def sku_rows(world: World, at: int) -> Rows:  # noqa: ARG001 - the master is fixed
    """All SKUs of the master."""
    for sku in world.catalogue.skus:
        yield dict(zip(fields.SKU, rows.sku_row(world, sku), strict=True))


def stock_rows(world: World, at: int) -> Rows:
    """The free quantity of every SKU, with its SKU code beside the names of ``get_stock``."""
    for sku in world.catalogue.skus:
        row = rows.stock_row(world, sku, at)
        yield {**dict(zip(fields.STOCK, row, strict=True)), "item_sku_code": sku.code}


def _standing(world: World, at: int) -> Iterator[tuple[Order, State]]:
    """Orders and their states then; the last looked-at moment of the world stays as it is."""
    world.reach(at)
    for order in tuple(world.orders):
        if order.created_at > at:
            break
        if at < order.gone_at:
            yield order, state_at(order, at, world.phases)


def _lines(world: World, at: int) -> Iterator[tuple[Order, int, Line]]:
    """(order, line number, line) of all orders but bundled children, whose lines travel along."""
    standing = {order.index: (order, state) for order, state in _standing(world, at)}
    for order, state in standing.values():
        if state.bundle_ahead_number:
            continue
        lines = list(order.lines_in(state))
        for index in world.children.get(order.index, ()):
            child = standing.get(index)
            if child is not None and child[1].bundle_flag:
                lines += child[0].lines_in(child[1])
        for number, line in enumerate(lines, start=1):
            yield order, number, line


SNAPSHOTS: Mapping[str, Callable[[World, int], Rows]] = {
    "orders": order_rows,
    "lines": line_rows,
    "components": component_rows,
    "skus": sku_rows,
    "stock": stock_rows,
}
