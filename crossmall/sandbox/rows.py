"""The values of reply rows, as text and in the order of ``fields``: orders, lines, SKUs, stock."""

from functools import cache

from crossmall.sandbox import fields
from crossmall.sandbox.arrivals import SHOPS
from crossmall.sandbox.catalogue import Item, Sku
from crossmall.sandbox.clock import DAY_S, day, stamp
from crossmall.sandbox.people import Buyer, buyer
from crossmall.sandbox.schedule import Line, Order, State
from crossmall.sandbox.world import World

CARRIAGE_YEN, FREE_FROM_YEN, COD_YEN = 550, 5000, 330
TAX_PCT, FOOD_TAX_PCT = 10, 8
FOOD_WORDS = (
    "茶",
    "そうめん",
    "はちみつ",
    "だし",
    "コーヒー",
    "こうじ",
    "胡椒",
    "クッキー",
    "焼き",
)
SOURCE_IMPORT, SOURCE_OTHER = "1", "99"


def source_type(order: Order) -> str:
    """creating_source_type: ``99`` exists [S], its meaning and the other code are unknown [D]."""
    return SOURCE_OTHER if order.index % 23 == 7 else SOURCE_IMPORT


def order_row(world: World, order: Order, state: State) -> list[str]:
    """One 注文伝票 as ``get_order`` shows it in this state, in the order of the fields."""
    values = order_values(world, order, state)
    return [values.get(name, "") for name in fields.ORDER]


def order_values(world: World, order: Order, state: State) -> dict[str, str]:
    """The same by name; names that this shop always leaves empty are missing."""
    who = buyer(world.plan.seed, order.buyer)
    values: dict[str, str] = {
        "order_number": order.number,
        "order_date": stamp(order.ordered_at),
        "shop_code": order.shop,
        "shop_name": SHOPS[order.shop],
        "order_code": order.code,
        "phase_name": state.phase_name,
        "cancel_flag": str(state.cancel_flag),
        "bundle_flag": str(state.bundle_flag),
        "bundle_ahead_number": state.bundle_ahead_number,
        "created_at": stamp(order.created_at),
        "updated_at": stamp(state.updated_at),
        "creating_source_type": source_type(order),
        "multiple_delivery_flag": "1" if any(p.parts for p in order.packings) else "0",
        "order_memo": who.memo,
        "short_memo": state.short_memo,
        "postit_memo": "要確認" if order.index % 31 == 5 else "",
    }
    for mark in ("check_mark1", "check_mark2", "check_mark3"):
        values[mark] = state.marks.get(mark, "0")
    values.update(_people(who))
    values.update(_delivery(order, state, who))
    values.update(_money(world, order.lines_in(state), who))
    return values


def _people(who: Buyer) -> dict[str, str]:
    return {
        "client_section_name1": who.company,
        "client_name": who.name,
        "client_kana": who.kana,
        "client_zip": who.zip_code,
        "client_address1": who.address1,
        "client_address2": who.address2,
        "client_tel": who.tel,
        "client_mail": who.mail,
        "ship_section_name1": who.company,
        "ship_name": who.ship_name,
        "ship_kana": who.ship_kana,
        "ship_zip": who.zip_code,
        "ship_address1": who.address1,
        "ship_address2": who.address2,
        "ship_tel": who.tel,
    }


def delivery_of(order: Order, state: State, who: Buyer) -> tuple[str, str]:
    """配送便 and 配送時間帯 in force: as written, else as the buyer's order came in."""
    carrier = state.delivery_name
    if carrier is None:
        carrier = tuple(fields.CARRIERS)[order.index % 3]
    slot = state.delivery_time_name
    if slot is None:
        wished = fields.SLOTS[who.wish]
        slot = wished if wished in fields.CARRIERS[carrier][1] else ""
    return carrier, slot


def _delivery(order: Order, state: State, who: Buyer) -> dict[str, str]:
    carrier, slot = delivery_of(order, state, who)
    code, slots = fields.CARRIERS[carrier]
    wished = day(order.ordered_at + 5 * DAY_S) if who.wish > 7 else ""
    return {
        "delivery_number": state.delivery_number,
        "delivery_type_code": "1",
        "delivery_type_name": "宅配便",
        "delivery_code": code,
        "delivery_name": carrier,
        "delivery_req_date": wished,
        "delivery_time_code": slots.get(slot, ""),
        "delivery_time_name": slot,
        "delivery_date": state.delivery_date,
    }


def _money(world: World, lines: tuple[Line, ...], who: Buyer) -> dict[str, str]:
    subtotal = sum(line.amount * line.unit_price for line in lines)
    food = sum(x.amount * x.unit_price for x in lines if tax_pct(world, x) == FOOD_TAX_PCT)
    carriage = 0 if subtotal >= FREE_FROM_YEN else CARRIAGE_YEN
    cod = COD_YEN if who.payment == 1 else 0
    point = 100 if who.wish == 3 else 0
    total = subtotal + carriage + cod - point
    rest = total - food
    tax8, tax10 = food * FOOD_TAX_PCT // 108, rest * TAX_PCT // 110
    payment = fields.PAYMENTS[who.payment]
    figures = {
        "subtotal_price": subtotal, "tax_price": tax8 + tax10, "tax_base": 1, "tax_round": 1,
        "tax_system_type": 2, "carriage_price": carriage, "cash_on_delivery": cod,
        "option1_fee": 0, "option2_fee": 0, "point": point, "coupon": 0, "total_price": total,
        "taxin_total_price_10": rest, "taxin_total_price_8": food, "taxin_total_price_0": 0,
        "tax_total_price_10": tax10, "tax_total_price_8": tax8,
    }  # fmt: skip
    texts = {name: str(value) for name, value in figures.items()}
    return texts | {"payment_code": payment[0], "payment_name": payment[1]}


def tax_pct(world: World, line: Line) -> int:
    """The tax rate of a line in per cent: 8 for food and drink, else 10."""
    return _pct_of(world.catalogue.item_of(world.catalogue.skus[line.sku]).name)


@cache
def _pct_of(name: str) -> int:
    return FOOD_TAX_PCT if any(word in name for word in FOOD_WORDS) else TAX_PCT


def detail_row(world: World, order: Order, line_no: int, line: Line) -> list[str]:
    """One line as ``get_order_detail`` shows it, under the order that was asked for."""
    sku = world.catalogue.skus[line.sku]
    item = world.catalogue.item_of(sku)
    pct = tax_pct(world, line)
    label, _, option = line.option.partition(":")
    values = {
        "order_number": order.number,
        "line_no": str(line_no),
        "item_code": item.code,
        "item_name": world.name_of(item, order.ordered_at),
        "item_option1_label": label,
        "item_option1": option,
        "amount": str(line.amount),
        "unit_price": str(line.unit_price),
        "amount_price": str(line.amount * line.unit_price),
        "tax_type": "2",
        "reduced_tax_rate_type": "1" if pct == FOOD_TAX_PCT else "0",
        "freight_type": "1",
        "component_flag": "1" if sku.components else "0",
        "tax_rate": str(pct),
        "jan_cd": sku.jan,
        "sender_type": "0",
        "target_stock_type": "0",
    }
    values |= _attributes(sku)
    return [values.get(name, "") for name in fields.DETAIL]


def component_rows(world: World, number: str, line_no: int, line: Line) -> list[list[str]]:
    """The components of a set line, none for other lines."""
    sku = world.catalogue.skus[line.sku]
    rows = []
    for index, count in sku.components:
        part = world.catalogue.skus[index]
        item = world.catalogue.item_of(part)
        values = {
            "order_number": number,
            "line_no": str(line_no),
            "set_item_code": world.catalogue.item_of(sku).code,
            "item_code": item.code,
            "item_name": item.name,
            "component_count": str(count),
            "jan_cd": part.jan,
        } | _attributes(part)
        rows.append([values.get(name, "") for name in fields.COMPONENT])
    return rows


def _attributes(sku: Sku) -> dict[str, str]:
    return {
        "attribute1_code": sku.attribute1[0],
        "attribute1_name": sku.attribute1[1],
        "attribute2_code": sku.attribute2[0],
        "attribute2_name": sku.attribute2[1],
    }


def stock_row(world: World, sku: Sku, at: int) -> list[str]:
    """One SKU's free quantity as ``get_stock`` shows it; the code is called ``item_cd`` there."""
    code = world.catalogue.item_of(sku).code
    level = world.stock(at).level(sku, at)
    return [code, *sku.attribute1, *sku.attribute2, str(level)]


def item_row(world: World, item: Item) -> list[str]:
    """One 標準商品; attribute names are the group labels here."""
    cost = item.unit_price * 4 // 10
    prices = (item.unit_price, cost, cost * 11 // 10, cost, item.unit_price * 12 // 10)
    changed = stamp(registered_at(world, item))
    labels = (item.label1, item.label2)
    return [item.code, item.name, *labels, *(str(p) for p in prices), "1", changed]


def sku_row(world: World, sku: Sku) -> list[str]:
    """One SKU of the master, without any quantity."""
    code = world.catalogue.item_of(sku).code
    is_unlimited = any(gap.sku == sku.index and gap.kind == "unlimited" for gap in world.gaps)
    settings = (
        "1",
        "5",
        str(sku.safety_stock),
        "7",
        "10",
        str(sku.keep_stock),
        str(int(is_unlimited)),
    )
    return [code, *sku.attribute1, *sku.attribute2, sku.code, *settings, sku.jan]


def registered_at(world: World, goods: Item | Sku) -> int:
    """When an item or SKU was last edited in the master."""
    return world.plan.epoch - goods.registered_days * DAY_S - goods.index * 61
