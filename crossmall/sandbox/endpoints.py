"""The read endpoints: what each ``get_*`` answers for a query at a moment of the shop."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from crossmall.sandbox import fields, rows
from crossmall.sandbox.catalogue import Item, Sku
from crossmall.sandbox.clock import stamp
from crossmall.sandbox.query import Query, RefusedError
from crossmall.sandbox.render import Reply, RowForm
from crossmall.sandbox.schedule import Line, Order, State
from crossmall.sandbox.selection import matching_orders
from crossmall.sandbox.world import World

PAGE_ROWS = 100  # [S3]
MOST_SLIPS = 30_000  # about 100 MB of ready-made rows
UNKNOWN_ITEM = "商品コードが見つかりません。"  # exact [S]
UNKNOWN_SKU = "SKUコードが見つかりません。[sandbox]"
UNKNOWN_JAN = "JANコードが見つかりません。[sandbox]"
UNKNOWN_ORDER = "管理番号が見つかりません。[sandbox]"
UNKNOWN_LINE = "行№が見つかりません。[sandbox]"
BUNDLED_CHILD = "同梱子注文は指定できません。[sandbox]"
NO_STOCK_KEY = "商品コード、SKUコード、JANコードのいずれかは必須です。[sandbox]"


_USED = frozenset(fields.ORDER) - fields.UNUSED_ORDER
_FILLED = _USED - fields.OFTEN_EMPTY_ORDER
_SLIP = RowForm(fields.ORDER, _FILLED, _USED)
_OLD_SLIP = RowForm([n for n in fields.ORDER if n not in fields.NEWER_ORDER], _FILLED, _USED)


@dataclass(slots=True)
class Account:
    """The shop behind the API: its world, and the state of its two services."""

    world: World
    old_fields: bool = False
    services: dict[str, str] = field(default_factory=lambda: {"1": "3", "2": "3"})
    slips: dict[int, tuple[State, bytes]] = field(default_factory=dict, repr=False)

    def slip(self, order: Order) -> bytes:
        """The order's elements at the last looked-at moment, made once per state."""
        state = self.world.state(order.index)
        known = self.slips.get(order.index)
        if known is not None and known[0] is state:
            return known[1]
        form = _OLD_SLIP if self.old_fields else _SLIP
        made = form.elements(rows.order_values(self.world, order, state))
        if len(self.slips) >= MOST_SLIPS:
            self.slips.clear()
        self.slips[order.index] = (state, made)
        return made


Endpoint = Callable[[Account, Query, int], Reply]


def get_order(account: Account, query: Query, at: int) -> Reply:
    """The first 100 slips that match, ascending by 管理番号; an empty result is a success."""
    world = account.world
    found = matching_orders(world, query, at, PAGE_ROWS)
    return Reply(rendered=[account.slip(order) for order in found])


def get_order_detail(account: Account, query: Query, at: int) -> Reply:
    """All lines of one order; a bundle parent's include its children's."""
    order = callable_order(account.world, query, at)
    lines = all_lines(account.world, order, at)
    table = [
        rows.detail_row(account.world, order, number, line)
        for number, line in enumerate(lines, start=1)
    ]
    if not account.old_fields:
        return Reply(fields.DETAIL, table)
    narrow = [_narrow(fields.DETAIL, fields.NEWER_DETAIL, row) for row in table]
    return Reply(narrow[0][0], [row for _, row in narrow])


def get_order_component(account: Account, query: Query, at: int) -> Reply:
    """The components of one set line; a line that is no set has none."""
    order = callable_order(account.world, query, at)
    number = int(query.required("line_no") if query.number("line_no") is not None else "0")
    lines = all_lines(account.world, order, at)
    if not 1 <= number <= len(lines):
        raise RefusedError(UNKNOWN_LINE)
    found = rows.component_rows(account.world, order.number, number, lines[number - 1])
    return Reply(fields.COMPONENT, found)


def callable_order(world: World, query: Query, at: int) -> Order:
    """The order a call names by 管理番号.

    Raises RefusedError for an unknown number and for a bundled child [S].
    """
    order = world.find(query.required("order_number"), at)
    if order is None:
        raise RefusedError(UNKNOWN_ORDER)
    world.look(at)
    if world.state(order.index).bundle_ahead_number:
        raise RefusedError(BUNDLED_CHILD)
    return order


def all_lines(world: World, order: Order, at: int) -> list[Line]:
    """The order's lines, then those of the children bundled into it."""
    together = (order, *world.bundled(order, at))
    world.look(at)
    return [line for one in together for line in one.lines_in(world.state(one.index))]


def get_phase(account: Account, query: Query, at: int) -> Reply:  # noqa: ARG001 - no parameters
    """All phase names of the account in screen order."""
    return Reply(fields.PHASE, [[name] for name in account.world.phases(at)])


def get_stock(account: Account, query: Query, at: int) -> Reply:
    """The free quantity of every SKU the key names; one of three keys is required [S2]."""
    found = stock_skus(account.world, query)
    return Reply(fields.STOCK, [rows.stock_row(account.world, sku, at) for sku in found])


def stock_skus(world: World, query: Query) -> list[Sku]:
    """The SKUs named by item code (narrowed by attributes), SKU code or JAN.

    Raises RefusedError when nothing is named or found.
    """
    goods = world.catalogue
    if code := query.text("item_code"):
        item = goods.item_by_code(code)
        if item is None:
            raise RefusedError(UNKNOWN_ITEM)
        found = [sku for sku in goods.skus_of(item) if _has_attributes(sku, query)]
    elif code := query.text("sku_code"):
        found = [sku for sku in goods.skus if sku.code == code]
    elif code := query.text("jan_code"):
        found = [sku for sku in goods.skus if sku.jan == code]
        if not found:
            raise RefusedError(UNKNOWN_JAN)
    else:
        raise RefusedError(NO_STOCK_KEY)
    if not found:
        raise RefusedError(UNKNOWN_SKU)
    return found


def _has_attributes(sku: Sku, query: Query) -> bool:
    wanted = (
        ("attribute1_name", sku.attribute1[1]), ("attribute2_name", sku.attribute2[1]),
        ("attribute1_code", sku.attribute1[0]), ("attribute2_code", sku.attribute2[0]),
    )  # fmt: skip
    return all(not query.text(name) or query.text(name) == value for name, value in wanted)


def get_diff_stock(account: Account, query: Query, at: int) -> Reply:
    """SKUs whose quantity moved since a time, oldest change first, 100 per call."""
    book = account.world.stock(at)
    dated = ((book.changed_at(sku, at), sku) for sku in account.world.catalogue.skus)
    chosen = _since(dated, query)
    table = [[*rows.stock_row(account.world, sku, at), stamp(when)] for when, sku in chosen]
    return Reply(fields.DIFF_STOCK, table)


def get_diff_item_sku(account: Account, query: Query, at: int) -> Reply:  # noqa: ARG001 - fixed
    """SKUs whose master data changed since a time, oldest change first, 100 per call."""
    world = account.world
    dated = ((rows.registered_at(world, sku), sku) for sku in world.catalogue.skus)
    chosen = _since(dated, query)
    return Reply(
        fields.DIFF_SKU, [[*rows.sku_row(world, sku), stamp(when)] for when, sku in chosen]
    )


def _since(dated: Iterable[tuple[int, Sku]], query: Query) -> list[tuple[int, Sku]]:
    query.required("updated_at_fr")
    strict = query.flag("condition") == "1"
    first, last = query.span("updated_at") or (0, 0)
    chosen = [
        (when, sku) for when, sku in dated if (first < when if strict else first <= when <= last)
    ]
    chosen = [pair for pair in chosen if pair[0] <= last]
    return sorted(chosen, key=lambda pair: (pair[0], pair[1].index))[:PAGE_ROWS]


def get_item(account: Account, query: Query, at: int) -> Reply:  # noqa: ARG001 - fixed master
    """Items ascending by 商品コード: one, or 100 after a code with ``condition=1``."""
    world, code = account.world, query.text("item_code")
    span = query.span("updated_at")
    after = query.flag("condition") == "1"

    def wanted(item: Item) -> bool:
        if code and not (item.code > code if after else item.code == code):
            return False
        return span is None or span[0] <= rows.registered_at(world, item) <= span[1]

    found = [item for item in world.catalogue.items if wanted(item)][:PAGE_ROWS]
    return Reply(fields.ITEM, [rows.item_row(world, item) for item in found])


def get_item_sku(account: Account, query: Query, at: int) -> Reply:  # noqa: ARG001 - fixed master
    """All SKUs of one item, without quantities."""
    item = _item(account, query)
    found = account.world.catalogue.skus_of(item)
    return Reply(fields.SKU, [rows.sku_row(account.world, sku) for sku in found])


def get_item_attribute(account: Account, query: Query, at: int) -> Reply:  # noqa: ARG001 - fixed
    """The values of attribute 1 or 2 of an item, in master order."""
    item = _item(account, query)
    query.required("attribute_type")
    kind = query.flag("attribute_type", ("1", "2"))
    skus = account.world.catalogue.skus_of(item)
    values = dict.fromkeys(sku.attribute1 if kind == "1" else sku.attribute2 for sku in skus)
    table = [[item.code, kind, code, name] for code, name in values if name]
    return Reply(fields.ATTRIBUTE, table)


def _item(account: Account, query: Query) -> Item:
    item = account.world.catalogue.item_by_code(query.required("item_code"))
    if item is None:
        raise RefusedError(UNKNOWN_ITEM)
    return item


def get_service_status(account: Account, query: Query, at: int) -> Reply:  # noqa: ARG001 - fixed
    """The states of 受信 (1) and 送信 (2); 3 means started."""
    wanted = query.flag("service_type", ("1", "2"))
    table = [[kind, state] for kind, state in account.services.items() if wanted in ("", kind)]
    return Reply(fields.SERVICE, table)


def _narrow(
    names: tuple[str, ...], newer: frozenset[str], row: Sequence[str]
) -> tuple[tuple[str, ...], list[str]]:
    """Names and values without the newer elements, as accounts with the old field set see them."""
    kept = [(n, value) for n, value in zip(names, row, strict=True) if n not in newer]
    return tuple(n for n, _ in kept), [value for _, value in kept]


READS: dict[str, Endpoint] = {
    "get_order": get_order,
    "get_order_detail": get_order_detail,
    "get_order_component": get_order_component,
    "get_phase": get_phase,
    "get_stock": get_stock,
    "get_diff_stock": get_diff_stock,
    "get_diff_item_sku": get_diff_item_sku,
    "get_item": get_item,
    "get_item_sku": get_item_sku,
    "get_item_attribute": get_item_attribute,
    "get_service_status": get_service_status,
}
