"""The vendor read by the plainest means: one connection, one request after the other, the standard library only.

Shares no code with the product, so that what both say alike is true.
"""

import hashlib
import http.client
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlsplit

PAGE_ROWS = 100
CHILD_REFUSED = "同梱子注文"

Row = dict[str, str]


class Refused(Exception):
    """The vendor answered with an error; the text is its message."""


@dataclass
class Shop:
    """Everything the vendor shows at one moment, as it stands in the replies."""

    orders: dict[str, Row] = field(default_factory=dict)
    lines: dict[str, list[Row] | None] = field(
        default_factory=dict
    )  # None: refused, a bundled child
    parts: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    items: dict[str, Row] = field(default_factory=dict)
    skus: list[Row] = field(default_factory=list)
    stock: list[Row] = field(default_factory=list)


class PlainReader:
    """Asks one sandbox, signing by hand."""

    def __init__(self, url, key, account="ill"):
        place = urlsplit(url)
        self._path, self._key, self._account = place.path, key, account
        self._line = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        self._known = {}  # order_number -> header, lines, parts: the shop's lines stay while the header does

    def close(self):
        self._line.close()

    def ask(self, endpoint, **parameters):
        """The rows of one reply. Raises Refused when the vendor says error."""
        pairs = [("account", self._account), *parameters.items()]
        query = "&".join(f"{name}={quote_plus(str(value), safe=':')}" for name, value in pairs)
        signing = hashlib.md5((query + self._key).encode()).hexdigest()
        root = ET.fromstring(self._reply(f"{self._path}/{endpoint}?{query}&signing={signing}"))
        if root.find("ResultSet/ResultStatus")[0].text != "success":
            raise Refused(root.find("ResultSet/ResultStatus/Message").text)
        return [
            {cell.tag: cell.text or "" for cell in row} for row in root.iterfind("ResultSet/Result")
        ]

    def _reply(self, target):
        """The body; asked for a second time where the line was idle for too long and was closed."""
        try:
            self._line.request("GET", target)
            return self._line.getresponse().read()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._line.close()
            self._line.request("GET", target)
            return self._line.getresponse().read()

    def orders(self):
        """Every order header by 管理番号."""
        return {row["order_number"]: row for row in self._paged("get_order", "order_number")}

    def lines(self, number):
        """The lines of an order, or None for a bundled child."""
        try:
            return self.ask("get_order_detail", order_number=number)
        except Refused as refused:
            if CHILD_REFUSED in str(refused):
                return None
            raise

    def read_orders(self):
        """Headers, lines and set components of the whole shop; lines of an unchanged header are not asked for again."""
        shop = Shop(orders=self.orders())
        for number, header in shop.orders.items():
            known, lines, parts = self._known.get(number, (None, None, {}))
            if known != header:
                lines = self.lines(number)
                parts = {
                    (number, line["line_no"]): self.ask(
                        "get_order_component", order_number=number, line_no=line["line_no"]
                    )
                    for line in lines or ()
                    if line["component_flag"] == "1"
                }
                self._known[number] = header, lines, parts
            shop.lines[number] = lines
            shop.parts |= parts
        return shop

    def read_goods(self, shop):
        """Items, SKUs and stock added to what is known of the shop."""
        shop.items = {row["item_code"]: row for row in self._paged("get_item", "item_code")}
        for code in shop.items:
            shop.skus += self.ask("get_item_sku", item_code=code)
            shop.stock += self.ask("get_stock", item_code=code)
        return shop

    def read(self):
        """The whole shop."""
        return self.read_goods(self.read_orders())

    def mark(self, number, value, mark=2):
        """Sets a check mark: the smallest change that moves 更新日時."""
        self.ask(
            "upd_order_check_mark",
            order_number=number, check_mark_type=mark, check_mark_value=value,
        )  # fmt: skip

    def move(self, number, phase):
        """Moves an order to a phase."""
        self.ask("upd_order_phase", order_number=number, after_phase_name=phase)

    def _paged(self, endpoint, key):
        found, last = [], {}
        while True:
            page = self.ask(endpoint, condition=1, **last)
            found += page
            if len(page) < PAGE_ROWS:
                return found
            last = {key: page[-1][key]}
