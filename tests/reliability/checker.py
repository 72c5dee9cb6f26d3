"""The mirror compared with the truth, row by row; every disagreement is a sentence.

What a mirror row must hold is said here a second time, from the field list of the vendor, not taken from the product.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

from tests.reliability.plain import Shop

JST_AHEAD = timedelta(hours=9)

ORDER_COLUMNS = (
    "order_number", "order_code", "shop_code", "shop_name", "ordered_at", "phase_name", "cancel_flag", "bundle_flag",
    "bundle_ahead_number", "is_bundle_child", "delivery_number", "delivery_name", "delivery_type_name", "delivery_date",
    "payment_name", "check_mark1", "check_mark2", "check_mark3", "total_price", "created_at", "updated_at",
)  # fmt: skip
LINE_COLUMNS = (
    "order_number", "line_no", "item_code", "item_name", "attribute1_name", "attribute2_name", "amount", "unit_price",
    "is_set", "jan_code",
)  # fmt: skip
PART_COLUMNS = (
    "order_number", "line_no", "item_code", "item_name", "attribute1_name", "attribute2_name", "component_count",
    "jan_code",
)  # fmt: skip
ITEM_COLUMNS = ("item_code", "item_name", "attribute1_label", "attribute2_label", "unit_price")
SKU_COLUMNS = (
    "item_code", "attribute1_name", "attribute2_name", "item_sku_code", "jan_code", "keep_stock", "stock_unlimit_flag",
)  # fmt: skip
STOCK_COLUMNS = ("item_code", "attribute1_name", "attribute2_name", "stock")
STATE_COLUMNS = (
    "phase_name", "cancel_flag", "delivery_number", "check_marks", "bundle_ahead_number", "updated_at",
)  # fmt: skip


def moment(text):
    """A vendor's date-time (JST) as naive UTC, as the mirror keeps instants."""
    return datetime.strptime(text, "%Y/%m/%d %H:%M:%S") - JST_AHEAD if text else None  # noqa: DTZ007


def order_row(raw):
    """A vendor's order header with the columns of the mirror."""
    ahead = raw["bundle_ahead_number"]
    return (
        raw["order_number"], raw["order_code"], raw["shop_code"], raw["shop_name"], moment(raw["order_date"]),
        raw["phase_name"], int(raw["cancel_flag"]), int(raw["bundle_flag"]), ahead or None,
        bool(ahead) and int(ahead) != int(raw["order_number"]),
        raw["delivery_number"] or None, raw["delivery_name"] or None, raw["delivery_type_name"] or None,
        date.fromisoformat(raw["delivery_date"]) if raw["delivery_date"] else None, raw["payment_name"] or None,
        raw["check_mark1"], raw["check_mark2"], raw["check_mark3"], int(raw["total_price"]),
        moment(raw["created_at"]), moment(raw["updated_at"]),
    )  # fmt: skip


def state(raw):
    """What an observation keeps of a vendor's order header."""
    return (
        raw["phase_name"], int(raw["cancel_flag"]), raw["delivery_number"] or None,
        raw["check_mark1"] + raw["check_mark2"] + raw["check_mark3"], raw["bundle_ahead_number"] or None,
        moment(raw["updated_at"]),
    )  # fmt: skip


def line_row(number, raw):
    """A vendor's order line with the columns of the mirror."""
    return (
        number, int(raw["line_no"]), raw["item_code"] or None, raw["item_name"] or None,
        raw["attribute1_name"] or None, raw["attribute2_name"] or None, int(raw["amount"]), int(raw["unit_price"]),
        raw["component_flag"] == "1", raw["jan_cd"] or None,
    )  # fmt: skip


def part_row(number, line_no, raw):
    """A vendor's component with the columns of the mirror; its place in the reply says nothing."""
    return (
        number, int(line_no), raw["item_code"] or None, raw["item_name"] or None,
        raw["attribute1_name"] or None, raw["attribute2_name"] or None, int(raw["component_count"]),
        raw["jan_cd"] or None,
    )  # fmt: skip


def expected_lines(shop):
    return [line_row(number, raw) for number, rows in shop.lines.items() for raw in rows or ()]


def expected_parts(shop):
    return [
        part_row(number, line_no, raw)
        for (number, line_no), rows in shop.parts.items()
        for raw in rows
    ]


def expected_items(shop):
    return [
        (
            raw["item_code"], raw["item_name"] or None, raw["attribute1_name"] or None,
            raw["attribute2_name"] or None, int(raw["unit_price"]),
        )
        for raw in shop.items.values()
    ]  # fmt: skip


def expected_skus(shop):
    return [
        (
            raw["item_code"], raw["attribute1_name"], raw["attribute2_name"], raw["item_sku_code"] or None,
            raw["jan_code"] or None, int(raw["keep_stock"]), raw["stock_unlimit_flag"],
        )
        for raw in shop.skus
    ]  # fmt: skip


def expected_stock(shop):
    return [
        (raw["item_cd"], raw["attribute1_name"], raw["attribute2_name"], int(raw["stock"]))
        for raw in shop.stock
    ]


def rows(workspace, table, columns, account="shop"):
    """Rows of a mirror table, looked at under the hood."""
    statement = f"SELECT {', '.join(columns)} FROM {table} WHERE account = $account ORDER BY ALL"
    with workspace._db.read() as cursor:
        return cursor.execute(statement, {"account": account}).fetchall()


def difference(table, held, true):
    """Rows missing, invented or held twice; one sentence each."""
    held, true = Counter(held), Counter(true)
    said = [f"{table}: {n} more than the vendor has: {row}" for row, n in (held - true).items()]
    said += [f"{table}: {n} missing: {row}" for row, n in (true - held).items()]
    return said


class Checker:
    """Compares one workspace with what a plain reader sees; keeps every state an order was ever shown in."""

    def __init__(self, reader, account="shop"):
        self._reader = reader
        self._account = account
        self.shown = defaultdict(dict)  # order_number -> state -> the whole row it belonged to
        self._observed = {}

    def look(self):
        """Note what the vendor shows now; to be called whenever a sync may read."""
        orders = self._reader.orders()
        for number, raw in orders.items():
            self.shown[number][state(raw)] = order_row(raw)
        return orders

    def look_back(self, rows):
        """Note what the vendor showed at another moment, as its control interface tells it."""
        for raw in rows:
            self.shown[raw["order_number"]][state(raw)] = order_row(raw)

    def invented(self, workspace):
        """States and rows the vendor never showed, and rows that one order has twice."""
        said = []
        for number, *seen in rows(
            workspace, "cm_observation", ("order_number", *STATE_COLUMNS), self._account
        ):
            if tuple(seen) not in self.shown[number]:
                said.append(f"cm_observation: {number} was never shown as {seen}")
        for row in rows(workspace, "cm_order", ORDER_COLUMNS, self._account):
            if row not in self.shown[row[0]].values():
                said.append(f"cm_order: never shown: {row}")
        said += self._twice(workspace)
        return said

    def _twice(self, workspace):
        numbers = Counter(
            int(number)
            for (number,) in rows(workspace, "cm_order", ("order_number",), self._account)
        )
        return [f"cm_order: {number} stands {n} times" for number, n in numbers.items() if n > 1]

    def history(self, workspace):
        """Observations: ascending per order, each a change, the last the truth, none ever changed or taken away."""
        said, kept = [], {}
        columns = ("order_number", "first_seen_at", "last_confirmed_at", *STATE_COLUMNS)
        orders = {number: tuple(seen) for number, *seen in rows(
            workspace, "cm_order", ("order_number", "phase_name", "cancel_flag", "delivery_number",
            "check_mark1 || check_mark2 || check_mark3", "bundle_ahead_number", "updated_at"), self._account,
        )}  # fmt: skip
        by_order = defaultdict(list)
        for number, first, last, *seen in rows(workspace, "cm_observation", columns, self._account):
            by_order[number].append((first, last, tuple(seen)))
            kept[number, first] = tuple(seen)
        for number, spans in by_order.items():
            said += _in_order(number, spans)
            if number in orders and spans[-1][2] != orders[number]:
                said.append(
                    f"cm_observation: {number} ends as {spans[-1][2]}, not {orders[number]}"
                )
        said += [f"cm_observation: {number} has none" for number in orders.keys() - by_order.keys()]
        said += [
            f"cm_observation: {key} was {seen}, is now {kept.get(key)}"
            for key, seen in self._observed.items()
            if kept.get(key) != seen
        ]
        self._observed = kept
        return said

    def orders(self, workspace):
        """Headers, lines, components and history against the vendor's present.

        An order that the vendor showed once and shows no more stays in the mirror: absence proves nothing.
        """
        shop = self._reader.read_orders()
        gone = self.shown.keys() - shop.orders.keys()
        said = []
        for table, columns, true in (
            ("cm_order", ORDER_COLUMNS, [order_row(raw) for raw in shop.orders.values()]),
            ("cm_order_line", LINE_COLUMNS, expected_lines(shop)),
            ("cm_component", PART_COLUMNS, expected_parts(shop)),
        ):
            held = rows(workspace, table, columns, self._account)
            said += difference(table, [row for row in held if row[0] not in gone], true)
        states = rows(workspace, "cm_order", ("order_number", "lines_state"), self._account)
        for number, line_state in states:
            if number in gone:
                continue
            wanted = "refused" if shop.lines.get(number, ()) is None else "held"
            if line_state != wanted:
                said.append(f"cm_order: lines of {number} are {line_state}, not {wanted}")
        return said + self.history(workspace)

    def goods(self, workspace, *, catalogue=True, stock=True):
        """Items, SKUs and stock against the vendor's present."""
        shop = self._reader.read_goods(Shop())
        said = []
        if catalogue:
            said += self._table(workspace, "cm_item", ITEM_COLUMNS, expected_items(shop))
            said += self._table(workspace, "cm_sku", SKU_COLUMNS, expected_skus(shop))
        if stock:
            said += self._table(workspace, "cm_stock", STOCK_COLUMNS, expected_stock(shop))
        return said

    def everything(self, workspace):
        """Every table."""
        return self.orders(workspace) + self.goods(workspace) + self.invented(workspace)

    def _table(self, workspace, table, columns, true):
        return difference(table, rows(workspace, table, columns, self._account), true)


def _in_order(number, spans):
    said = []
    for first, last, _ in spans:
        if last < first:
            said.append(f"cm_observation: {number} was confirmed at {last}, before {first}")
    for (_, left, before), (came, _, after) in pairwise(spans):
        if came < left:
            said.append(f"cm_observation: {number} changed at {came}, but was confirmed at {left}")
        if before == after:
            said.append(f"cm_observation: {number} is told twice in a row as {after}")
    return said
