"""The simulated shop as the mirror would hold it, judged, and how many pieces of its gaps land in the right class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pandas as pd

from reconcile.mapping import evaluate_mapping
from reconcile.model import STOCK_PARTS
from reconcile.stock import evaluate_stock
from tests.mapping.mirror import ACCOUNT, Mirror
from tests.stock.ledger import DAY, Bundle, Order, Shop, Sku

START = datetime(2026, 10, 1, tzinfo=UTC).replace(tzinfo=None)
TYPES = {"ratio": "P", "safety": "B", "sold_out": "Z", "off": "N"}


def at(minute: int | None) -> datetime | None:
    return None if minute is None else START + timedelta(minutes=minute)


def code(sku: Sku) -> str:
    return f"tw-{sku.place:04d}"


def name(sku: Sku) -> str:
    return f"タオル 第{sku.place}号"


def number(sku: Sku) -> str:
    return f"S{sku.place:05d}"


def fill(mirror: Mirror, shop: Shop) -> None:
    """Both vendors' tables, as syncs and imports at the end of the simulated time would leave them."""
    goods = {"item_code": [code(sku) for sku in shop.skus]}
    table(
        mirror,
        "cm_item",
        pd.DataFrame(goods | {"item_name": [name(sku) for sku in shop.skus], "seen_at": START}),
    )
    attributes = goods | {"attribute1_name": "", "attribute2_name": ""}
    codes = attributes | {"item_sku_code": goods["item_code"], "seen_at": START}
    table(mirror, "cm_sku", pd.DataFrame(codes))
    stock = {
        "stock": [s.shop_figure for s in shop.skus],
        "seen_at": [at(s.seen_at) for s in shop.skus],
    }
    table(mirror, "cm_stock", pd.DataFrame(attributes | stock))
    rows = [row for sku in shop.skus for row in warehouse_rows(shop, sku)]
    table(mirror, "ss_stock", pd.DataFrame(rows))
    seen = [
        {
            "sku_no": number(sku),
            "snapshot_at": at(when),
            "warehouse": warehouse,
            "available": pieces,
            "damaged": damaged,
        }
        for sku in shop.skus
        for when, first, second, lost in sku.files
        for warehouse, pieces, damaged in (("TYO", first, lost), ("OSA", second, 0))
    ]
    table(mirror, "ss_stock_history", pd.DataFrame(seen))
    listed = sorted({(row["sku_no"], row["seller_code"]) for row in rows})
    skus = pd.DataFrame(listed, columns=["sku_no", "seller_code"])
    table(mirror, "ss_sku", skus.assign(snapshot_at=at(shop.file_at), import_id="f"))
    links = pd.DataFrame([row for sku in shop.skus for row in link_rows(shop, sku)])
    table(mirror, "ss_sku_mapping", links.assign(mapping_key=[f"r{n}" for n in range(len(links))]))
    events = [row for sku in shop.skus for row in event_rows(sku)]
    table(
        mirror,
        "ss_sync_event",
        pd.DataFrame(events).assign(event_key=[f"e{n}" for n in range(len(events))]),
    )
    orders(mirror, shop)
    for bundle in shop.bundles:
        put_bundle(mirror, shop, bundle)


def put_bundle(mirror: Mirror, shop: Shop, bundle: Bundle) -> None:
    """The set in the catalogue, its figure, and one order shipped long ago that shows what it is made of."""
    key, order, sold_at = f"set-{bundle.place:03d}", f"9{bundle.place:07d}", at(DAY)
    mirror.item(key, f"セット 第{bundle.place}組")
    mirror.con.execute(
        "UPDATE cm_sku SET keep_stock = $keep WHERE item_code = $key",
        {"keep": bundle.keep, "key": key},
    )
    shown = bundle.sellable(lambda sku: sku.shop_figure or 0, keep=bundle.keep)
    whole = {"item_code": key, "attribute1_name": "", "attribute2_name": ""}
    mirror.put("cm_stock", **whole, stock=shown, seen_at=at(bundle.parts[0][0].seen_at))
    done = {
        "phase_role": "shipped",
        "created_at": sold_at,
        "ss_active_packing_count": 1,
        "ss_registered_at": sold_at,
    }
    mirror.order(order, **done, ordered_qty=1)
    mirror.line(order, 1, key, "", "", amount=1, is_set=True)
    for place, (sku, pieces) in enumerate(bundle.parts, start=1):
        part = {"item_code": code(sku), "component_count": pieces}
        mirror.put("cm_component", order_number=order, line_no=1, ordinal=place, **part)


def table(mirror: Mirror, into: str, rows: pd.DataFrame) -> None:
    mirror.con.register("made", rows.assign(account=ACCOUNT))
    mirror.con.execute(f"INSERT INTO {into} BY NAME SELECT * FROM made")
    mirror.con.unregister("made")


def warehouse_rows(shop: Shop, sku: Sku) -> list[dict[str, object]]:
    assert sku.figure is not None
    first, second, damaged, inbound = sku.figure
    head = {
        "sku_no": number(sku),
        "seller_code": code(sku),
        "snapshot_at": at(shop.file_at),
        "import_id": "f",
    }
    last = [
        max(
            n for n, file in enumerate(sku.files) if not n or file[place] != sku.files[n - 1][place]
        )
        for place in (1, 2, 3)
    ]
    since = [sku.files[n][0] for n in last]
    rows = [
        head
        | {
            "warehouse": "TYO",
            "available": first,
            "available_since": at(since[0]),
            "damaged": damaged,
            "damaged_since": at(since[2]),
            "damaged_before": sku.files[last[2] - 1][3] if last[2] else None,
            "inbound": inbound,
        },
        head
        | {
            "warehouse": "OSA",
            "available": second,
            "available_since": at(since[1]),
            "damaged": 0,
            "inbound": 0,
        },
    ]
    if sku.kind in ("wrong", "duplicate"):
        other = {
            "sku_no": f"X{sku.place:05d}",
            "seller_code": f"x-{sku.place:04d}",
            "warehouse": "TYO",
        }
        rows.append(head | other | {"available": sku.other, "damaged": 0, "inbound": 0})
    return rows


def link_rows(shop: Shop, sku: Sku) -> list[dict[str, object]]:
    kind = TYPES.get(sku.kind, "S")
    row: dict[str, object] = {
        "sku_no": number(sku),
        "seller_code": code(sku),
        "sales_site": "CROSS MALL",
        "site_product_no": code(sku),
        "site_product_name": name(sku),
        "site_option_text": " " if sku.kind == "none" else "",
        "sync_type": kind,
        "ratio": sku.value * 100 if kind == "P" else None,
        "safety_qty": int(sku.value) if kind in ("B", "Z") else None,
        "snapshot_at": at(shop.file_at),
        "import_id": "f",
    }
    wrong = {"sku_no": f"X{sku.place:05d}", "seller_code": f"x-{sku.place:04d}"}
    if sku.kind == "wrong":
        return [row | wrong]
    return [row, row | wrong] if sku.kind == "duplicate" else [row]


def event_rows(sku: Sku) -> list[dict[str, object]]:
    other = sku.kind in ("wrong", "duplicate")
    head = {"sku_no": f"X{sku.place:05d}" if other else number(sku), "import_id": "f"}
    rows: list[dict[str, object]] = []
    if sku.pushed is not None:
        rows.append(
            head | {"event_at": at(sku.pushed[0]), "sent_qty": sku.pushed[1], "result": "OK"}
        )
    if sku.failed is not None:
        rows.append(head | {"event_at": at(sku.failed), "sent_qty": sku.last_seen, "result": "NG"})
    return rows


def orders(mirror: Mirror, shop: Shop) -> None:
    cases = pd.DataFrame([case(shop, order) for order in shop.orders])
    table(mirror, "order_case", cases)
    lines = {
        "order_number": [order.number for order in shop.orders],
        "line_no": 1,
        "item_code": [code(order.sku) for order in shop.orders],
        "amount": [order.pieces for order in shop.orders],
        "is_set": False,
        "seen_at": START,
    }
    table(mirror, "cm_order_line", pd.DataFrame(lines))
    held = cases.loc[cases["ss_registered_at"].notna(), ["order_number"]]
    table(
        mirror,
        "order_link",
        held.assign(
            line_key=held["order_number"], matched_by="site_order_no", strength=1, is_weak=False
        ),
    )


def case(shop: Shop, order: Order) -> dict[str, object]:
    is_held = order.registered is not None
    done = is_held and order.registered < shop.end - 1440
    return {
        "order_number": order.number,
        "created_at": at(order.created),
        "updated_at": at(order.cancelled or order.registered or order.created),
        "phase_role": "shipped" if done else "collect" if order.ready <= shop.end else "before",
        "is_cancelled": order.cancelled is not None,
        "is_bundle_child": False,
        "ordered_qty": order.pieces,
        "ss_packing_count": int(is_held),
        "ss_active_packing_count": int(is_held),
        "ss_qty": order.pieces if is_held else None,
        "ss_registered_at": at(order.registered),
        "ss_status": None if not is_held else "CONFIRMED" if order.reserved else "ERROR",
        "covered_until": at(shop.end),
        "state": "in_step",
        "evaluated_at": at(shop.end),
    }


def judged(shop: Shop) -> pd.DataFrame:
    """The engine's rows of the shop."""
    mirror = Mirror()
    fill(mirror, shop)
    now = at(shop.end)
    assert now is not None
    evaluate_mapping(mirror.con, ACCOUNT, now)
    evaluate_stock(mirror.con, ACCOUNT, now, auto_stock="on")
    return mirror.con.execute("SELECT * FROM stock_case ORDER BY row_no").df()


class Score:
    """Pieces by class: planted, given, and given where they were planted."""

    def __init__(self) -> None:
        self.planted: Counter[str] = Counter()
        self.given: Counter[str] = Counter()
        self.right: Counter[str] = Counter()

    def add(self, truth: Mapping[str, int], parts: Mapping[str, int]) -> None:
        for cause in {*truth, *parts}:
            planted, given = truth.get(cause, 0), parts.get(cause, 0)
            self.planted[cause] += abs(planted)
            self.given[cause] += abs(given)
            if planted * given > 0:
                self.right[cause] += min(abs(planted), abs(given))

    def without(self, *causes: str) -> Score:
        """The same with some classes left out."""
        rest = Score()
        for name in ("planted", "given", "right"):
            kept = {c: n for c, n in getattr(self, name).items() if c not in causes}
            setattr(rest, name, Counter(kept))
        return rest

    def recall(self, cause: str | None = None) -> float:
        """Of the planted pieces, the share that landed in its class."""
        return self._share(self.planted, cause)

    def precision(self, cause: str | None = None) -> float:
        """Of the pieces given to a class, the share that was planted there."""
        return self._share(self.given, cause)

    def _share(self, of: Counter[str], cause: str | None) -> float:
        right, total = (self.right[cause], of[cause]) if cause else (self.right.total(), of.total())
        return right / total if total else 1.0


def score(*seeds: int) -> Score:
    """The score over simulated shops. A SKU linked twice is scored by the row of its own number."""
    result = Score()
    for seed in seeds:
        shop = Shop(seed)
        rows = judged(shop).set_index(["item_code", "sku_no"])
        for sku in shop.skus:
            row = rows.loc[code(sku), number(sku)]
            result.add(shop.truth(sku), parts(row))
        for bundle in shop.bundles:
            (row,) = (one for _, one in rows.loc[[f"set-{bundle.place:03d}"]].iterrows())
            result.add(shop.truth_of_bundle(bundle), parts(row))
    return result


def parts(row: pd.Series) -> dict[str, int]:
    return {cause: int(row[f"p_{cause}"]) for cause in STOCK_PARTS if row[f"p_{cause}"]}
