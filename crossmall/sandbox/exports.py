"""The 3PL's downloads as CSV: orders, SKUs, links, stock of each warehouse and its log of pushes, as they stood at a moment.

Titles are those of the data contract [I]: nobody published the real ones.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from crossmall.sandbox import smartship
from crossmall.sandbox.clock import DAY_S, HOUR_S, dashed_stamp, iso
from crossmall.sandbox.endpoints import all_lines
from crossmall.sandbox.links import SKU_NO_FIRST, Link, all_links, link_shops, option_text, sku_no
from crossmall.sandbox.people import buyer
from crossmall.sandbox.schedule import Line, Order, Packing
from crossmall.sandbox.stock import SAFETY, receipts, sku_pieces
from crossmall.sandbox.world import World

COVERAGE_DAYS = 30  # the order search reaches back 30 days by registration date [S]
SALES_SITE = "CROSSMALL"
WAREHOUSE = "TXFC-TYO1"
SECOND_WAREHOUSE = "TXFC-OSA1"
SERVICE_TYPE = "FF"
SYNC_EVERY_S = HOUR_S
SYNCED = ("サイト設定", "Y", "", "OK")
# How a planted SKU is synced: type, switch, safety stock, result of the last push.
SYNC_OF: dict[str, tuple[str, str, str, str]] = {
    "safety": ("安全在庫", "Y", str(SAFETY), "OK"),
    "not_synced": ("同期しない", "Y", "", ""),
    "switched_off": ("サイト設定", "N", "", ""),
    "failing": ("サイト設定", "Y", "", "失敗"),
    "keep_minimum": ("最小数量維持", "Y", "", "OK"),
}
WRONG_LINKED = "wrong_link"
TWIN_PIECES = 2  # what the second SKU of a product that is linked twice has on its shelf
WRONG_PIECES = 31  # and the SKU of another product that a wrong link leads to
ENCODINGS = ("utf-8-sig", "cp932")
ORDER_TITLES = (
    "パッキング番号", "サイト注文番号", "参照番号", "販売サイト", "ショップID", "配送タイプ",
    "登録方式", "商品番号", "商品名", "オプション", "SKU番号", "販売者コード", "数量", "状態",
    "保留理由", "配送会社", "送り状番号", "倉庫", "注文日時", "登録日時", "注文確認日", "出荷指示日",
    "出荷日", "配送完了日", "受取人名", "郵便番号", "備考",
)  # fmt: skip
SKU_TITLES = (
    "SKU番号", "代表商品番号", "販売者コード", "商品名", "オプション名", "バーコード", "セット", "使用",
)  # fmt: skip
MAPPING_TITLES = (
    "SKU番号", "販売者コード", "販売サイト", "ショップID", "商品番号", "商品名", "オプション値",
    "同期タイプ", "同期使用", "安全在庫", "最終同期数量", "最終同期日時", "結果",
)  # fmt: skip
STOCK_TITLES = (
    "倉庫", "SKU番号", "販売者コード", "バーコード", "商品名", "オプション名", "在庫数", "引当",
    "販売可能", "入庫予定", "破損",
)  # fmt: skip
SYNC_LOG_TITLES = (
    "日時", "SKU番号", "販売サイト", "ショップID", "商品番号", "オプション", "送信数量", "結果", "メッセージ",
)  # fmt: skip
UNPUSHED = ("not_synced", "switched_off")


@dataclass(frozen=True, slots=True)
class Export:
    """One download: its bytes and the answers to "as of when" and "from when to when"."""

    body: bytes
    snapshot_at: str
    coverage_from: str
    coverage_to: str


def export(world: World, kind: str, at: int, encoding: str) -> Export:
    """The named download at that moment.

    Raises KeyError for an unknown kind and LookupError for an encoding not in ENCODINGS.
    """
    titles, rows = EXPORTS[kind]
    if encoding not in ENCODINGS:
        raise LookupError(encoding)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows(rows(world, at))
    start = at - COVERAGE_DAYS * DAY_S if kind == "orders" else world.opened_at
    return Export(text.getvalue().encode(encoding), iso(at), iso(start), iso(at))


def _order_rows(world: World, at: int) -> Iterator[list[str]]:
    count = world.look(at)
    listed = [
        (packing.registered_at, packing.number, order, packing)
        for order in world.orders[:count]
        for packing in order.packings
        if at - COVERAGE_DAYS * DAY_S <= packing.registered_at <= at
    ]
    for _, _, order, packing in sorted(listed, key=lambda row: row[:2]):
        for line, pieces in packed_lines(world, order, packing, at):
            yield _order_row(world, order, packing, line, pieces, at=at)


def packed_lines(world: World, order: Order, packing: Packing, at: int) -> list[tuple[Line, int]]:
    """The lines in one packing and how many pieces of each."""
    lines = all_lines(world, order, at)
    if packing.parts:
        return [(lines[number - 1], pieces) for number, pieces in packing.parts]
    return [(line, line.amount) for line in lines]


def _order_row(
    world: World, order: Order, packing: Packing, line: Line, pieces: int, *, at: int
) -> list[str]:
    sku = world.catalogue.skus[line.sku]
    item = world.catalogue.item_of(sku)
    who = buyer(world.plan.seed, order.buyer)
    by_number = order.shop in smartship.SITE_ORDER_IS_NUMBER
    numbers = (order.number, order.code) if by_number else (order.code, order.number)
    shipped = wrong_no(sku.index) if sku.index in wrongly_linked(world) else sku_no(sku.index)
    tracking = packing.tracking_number(at)
    dates = [packing.when(word, at) for word in _DATED]
    return [
        packing.number, *numbers, SALES_SITE, order.shop, SERVICE_TYPE, packing.by,
        item.code, item.name, option_text(sku), shipped, sku.code, str(pieces),
        packing.status(at), "", packing.courier if tracking else "", tracking, WAREHOUSE,
        dashed_stamp(order.ordered_at), *(dashed_stamp(d) if d else "" for d in dates),
        who.ship_name, who.zip_code, "手動登録" if packing.by == smartship.BY_HAND else "",
    ]  # fmt: skip


_DATED = (
    smartship.NEW, smartship.CONFIRMED, smartship.INSTRUCTED, smartship.SHIPPED,
    smartship.DELIVERED,
)  # fmt: skip


def world_links(world: World) -> tuple[Link, ...]:
    """The 3PL's links of this world, planted ones included."""
    return all_links(world.plan.seed, world.plan.scenario, world.catalogue)


def _sku_rows(world: World, at: int) -> Iterator[list[str]]:  # noqa: ARG001 - the list is fixed
    for link in world_links(world):
        if not link.listed:
            continue
        yield [
            link.sku_no, link.group_no, link.seller_code, link.name, link.option, link.barcode,
            "Y" if link.is_set else "N", "Y",
        ]  # fmt: skip
    for number, sku in enumerate(wrongly_linked(world), start=1):
        yield [wrong_no(sku), "", f"ZZ-{number:04d}", f"別の商品 {number}", "", "", "N", "Y"]


def _mapping_rows(world: World, at: int) -> Iterator[list[str]]:
    synced_at = world.pulls.next_after(at) - SYNC_EVERY_S
    shelves = shelf_counts(world, synced_at)
    kinds: dict[int | None, str] = {gap.sku: gap.kind for gap in world.gaps}
    wrong = wrongly_linked(world)
    for link in world_links(world):
        if not link.linked:
            continue
        sync, switch, safety, result = SYNC_OF.get(kinds.get(link.sku, ""), SYNCED)
        second = 0 if link.is_set or link.planted == "stale" else TWIN_PIECES
        sent = shelves[link.sku].available if link.sku in shelves else second
        number = link.sku_no
        if link.sku in wrong:
            number, sent = wrong_no(link.sku), WRONG_PIECES
        pushed = [str(max(sent - int(safety or 0), 0)), dashed_stamp(synced_at), result]
        for shop in link_shops():
            yield [
                number, link.seller_code, SALES_SITE, shop, link.product_no, link.name, link.option, sync,
                switch, safety, *(pushed if result else ("", "", "")),
            ]  # fmt: skip


@dataclass(slots=True)
class Shelf:
    """Pieces of one SKU in the warehouse."""

    on_hand: int = 0
    reserved: int = 0
    inbound: int = 0
    damaged: int = 0

    @property
    def available(self) -> int:
        """What may still be promised: on hand minus reserved; nothing once orders exceed the shelf."""
        return max(self.on_hand - self.reserved, 0)


def shelf_counts(world: World, at: int) -> dict[int | None, Shelf]:
    """Warehouse pieces per SKU index at a moment: receipts minus shipped, reserved when pulled."""
    count = world.look(at)
    shelves: dict[int | None, Shelf] = {}
    for sku in world.catalogue.skus:
        if not sku.components:
            came = len(receipts(sku, world.opened_at, world.opened_at, at + 1))
            shelves[sku.index] = Shelf(sku.opening + came * sku.receipt)
    for gap in world.gaps:
        if gap.at <= at:
            shelf = shelves[gap.sku]
            shelf.on_hand += gap.received - gap.damaged
            shelf.damaged += gap.damaged
            shelf.inbound += gap.inbound
    for index, pieces, shipped in _handled(world, world.orders[:count], at):
        if shipped:
            shelves[index].on_hand -= pieces
        else:
            shelves[index].reserved += pieces
    return shelves


def _handled(world: World, orders: Iterable[Order], at: int) -> Iterator[tuple[int, int, bool]]:
    """(SKU index, pieces, already shipped) of everything the 3PL took by then."""
    for order in orders:
        for packing in order.packings:
            if packing.registered_at > at:
                continue
            shipped = packing.when(smartship.SHIPPED, at) is not None
            for line, amount in packed_lines(world, order, packing, at):
                for index, pieces in sku_pieces(world.catalogue, line.sku, amount):
                    yield index, pieces, shipped


def _stock_rows(world: World, at: int) -> Iterator[list[str]]:
    shelves = shelf_counts(world, at)
    missing = {gap.sku for gap in world.gaps if gap.kind == "no_figure"}
    for link in world_links(world):
        if link.is_set or not link.listed or (link.sku is None and link.planted == "stale"):
            continue
        if link.sku in missing:
            continue
        shelf = shelves[link.sku] if link.sku is not None else Shelf(TWIN_PIECES)
        yield _stock_row(WAREHOUSE, link, shelf)
    for number, sku in enumerate(wrongly_linked(world), start=1):
        there = (WRONG_PIECES, 0, WRONG_PIECES, 0, 0)
        yield [
            WAREHOUSE, wrong_no(sku), f"ZZ-{number:04d}", "", f"別の商品 {number}", "",
            *(str(figure) for figure in there),
        ]  # fmt: skip


def _second_stock_rows(world: World, at: int) -> Iterator[list[str]]:  # noqa: ARG001 - nothing moves there
    """What lies in the second warehouse, a file of its own."""
    elsewhere = {gap.sku: gap.elsewhere for gap in world.gaps if gap.elsewhere}
    for link in world_links(world):
        if link.sku in elsewhere and link.listed:
            yield _stock_row(SECOND_WAREHOUSE, link, Shelf(elsewhere[link.sku]))


def _stock_row(warehouse: str, link: Link, shelf: Shelf) -> list[str]:
    figures = (shelf.on_hand, shelf.reserved, shelf.available, shelf.inbound, shelf.damaged)
    return [
        warehouse, link.sku_no, link.seller_code, link.barcode, link.name, link.option,
        *(str(figure) for figure in figures),
    ]  # fmt: skip


def _sync_log_rows(world: World, at: int) -> Iterator[list[str]]:
    """The pushes of the last hour as its log tells them; those that failed with their message."""
    synced_at = world.pulls.next_after(at) - SYNC_EVERY_S
    shelves = shelf_counts(world, synced_at)
    kinds = {gap.sku: gap.kind for gap in world.gaps}
    wrong = wrongly_linked(world)
    for link in world_links(world):
        kind = kinds.get(link.sku, "") if link.sku is not None else ""
        if not link.linked or link.sku not in shelves or link.sku in wrong or kind in UNPUSHED:
            continue
        sent = str(max(shelves[link.sku].available - (SAFETY if kind == "safety" else 0), 0))
        failed = kind == "failing"
        yield [
            dashed_stamp(synced_at), link.sku_no, SALES_SITE, link_shops()[0], link.product_no,
            link.option, sent, "失敗" if failed else "成功", "E1002 商品が見つかりません" if failed else "",
        ]  # fmt: skip


def wrongly_linked(world: World) -> list[int]:
    """Positions of the SKUs whose link leads to another product's SKU."""
    return [gap.sku for gap in world.gaps if gap.kind == WRONG_LINKED]


def wrong_no(sku: int) -> str:
    """The number of that other product's SKU."""
    return str(SKU_NO_FIRST - 3_000 - sku)


EXPORTS: dict[str, tuple[tuple[str, ...], Callable[[World, int], Iterator[list[str]]]]] = {
    "orders": (ORDER_TITLES, _order_rows),
    "skus": (SKU_TITLES, _sku_rows),
    "mappings": (MAPPING_TITLES, _mapping_rows),
    "stock": (STOCK_TITLES, _stock_rows),
    "stock-second": (STOCK_TITLES, _second_stock_rows),
    "sync-log": (SYNC_LOG_TITLES, _sync_log_rows),
}
