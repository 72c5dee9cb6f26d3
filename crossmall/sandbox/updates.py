"""The write endpoints: phase and shipping data, marks, stock; the rest says it is not there."""

from crossmall.sandbox import fields, rows
from crossmall.sandbox.endpoints import UNKNOWN_ORDER, Account, Endpoint, stock_skus
from crossmall.sandbox.people import buyer
from crossmall.sandbox.query import Query, RefusedError
from crossmall.sandbox.render import Reply
from crossmall.sandbox.schedule import Order, Value
from crossmall.sandbox.stock import ADD, SET

UNKNOWN_PHASE = "処理フェーズが見つかりません。[sandbox]"
UNKNOWN_CARRIER = "配送便が見つかりません。[sandbox]"
NO_SUCH_SLOT = "配送時間帯を変換できません。[sandbox]"
ONE_SKU_ONLY = "SKUを1つに特定できません。[sandbox]"
SET_HAS_NO_STOCK = "セット品の在庫は更新できません。[sandbox]"
NOT_A_NUMBER = "在庫数の値が正しくありません。[sandbox]"
NOT_IMPLEMENTED = "このエンドポイントは未実装です。[sandbox]"
# provisional parameter names of upd_stock [D]
STOCK_MODE, STOCK_QUANTITY = "update_type", "stock"
OVERWRITE, ADD_TO, DELETE = "u", "a", "d"  # [S]
LONGEST_FIGURE = 8


def upd_order_phase(account: Account, query: Query, at: int) -> Reply:
    """Moves one order to any of the account's phases and writes the shipping data given.

    Omitted shipping data stay as they are; ``updated_at`` moves in any case.
    """
    order = _order(account, query, at)
    phase = query.required("after_phase_name")
    if phase not in account.world.phases(at):
        raise RefusedError(UNKNOWN_PHASE)
    changes: dict[str, Value] = {"phase_name": phase}
    state = account.world.state(order.index)
    date, overwrite = query.date("delivery_date"), query.flag("delivery_date_update") == "1"
    if date and (overwrite or not state.delivery_date):
        changes["delivery_date"] = date
    if number := query.text("delivery_no"):
        changes["delivery_number"] = number
    changes |= _carrier_changes(account, query, order)
    account.world.write(order, at, changes)
    return Reply()


def _carrier_changes(account: Account, query: Query, order: Order) -> dict[str, Value]:
    """New 配送便 with its time slot: the same name there, or refused, or unset [S]."""
    convert = query.flag("delivery_time_convert_error")
    name = query.text("delivery_name")
    if not name:
        return {}
    if name not in fields.CARRIERS:
        raise RefusedError(UNKNOWN_CARRIER)
    state = account.world.state(order.index)
    who = buyer(account.world.plan.seed, order.buyer)
    _, slot = rows.delivery_of(order, state, who)
    if slot and slot not in fields.CARRIERS[name][1]:
        if convert != "1":
            raise RefusedError(NO_SUCH_SLOT)
        slot = ""
    return {"delivery_name": name, "delivery_time_name": slot}


def upd_order_check_mark(account: Account, query: Query, at: int) -> Reply:
    """Sets Mark1, Mark2 or Mark3 of one order."""
    order = _order(account, query, at)
    query.required("check_mark_type")
    query.required("check_mark_value")
    mark = query.flag("check_mark_type", ("1", "2", "3"))
    value = query.flag("check_mark_value")
    account.world.write(order, at, {f"check_mark{mark}": value})
    return Reply()


def upd_stock(account: Account, query: Query, at: int) -> Reply:
    """Overwrites one SKU's quantity, adds to it, or deletes it (which leaves 0 [D])."""
    found = stock_skus(account.world, query)
    if len(found) != 1:
        raise RefusedError(ONE_SKU_ONLY)
    sku = found[0]
    if sku.components:
        raise RefusedError(SET_HAS_NO_STOCK)
    query.required(STOCK_MODE)
    mode = query.flag(STOCK_MODE, (OVERWRITE, ADD_TO, DELETE))
    pieces = 0 if mode == DELETE else _pieces(query.required(STOCK_QUANTITY))
    account.world.write_stock(sku.index, at, ADD if mode == ADD_TO else SET, pieces)
    return Reply()


def _pieces(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > LONGEST_FIGURE:
        raise RefusedError(NOT_A_NUMBER)
    return int(text)


def _order(account: Account, query: Query, at: int) -> Order:
    order = account.world.find(query.required("order_number"), at)
    if order is None:
        raise RefusedError(UNKNOWN_ORDER)
    account.world.look(at)
    return order


def not_implemented(account: Account, query: Query, at: int) -> Reply:  # noqa: ARG001 - refuses
    """Refuses: nothing is known about the parameters, or the call stops the shop."""
    raise RefusedError(NOT_IMPLEMENTED)


WRITES: dict[str, Endpoint] = {
    "upd_order_phase": upd_order_phase,
    "upd_order_check_mark": upd_order_check_mark,
    "upd_stock": upd_stock,
    "upd_item": not_implemented,
    "upd_item_attribute": not_implemented,
    "upd_item_sku": not_implemented,
    "upd_service_status": not_implemented,
}
