"""What can be asked of CROSS MALL, one method per question; how it is sent is the client's part."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from crossmall import endpoints, queries, wire
from crossmall.endpoints import Endpoint
from crossmall.errors import ApiError, AuthError, UnreadableResponse
from crossmall.paging import next_item, next_order, only_matching, walk
from crossmall.provisional import Names
from crossmall.types import (
    Item,
    ItemSku,
    KeepPersonal,
    Order,
    OrderComponent,
    OrderLine,
    OrderQuery,
    Page,
    Phase,
    Stock,
)

T = TypeVar("T")


class Reads(ABC):
    """The reading calls, over one way to make a call.

    Every method raises ConfigurationError before sending, or TransportError, ApiError (AuthError,
    NotFound) or UnreadableResponse after the last try.
    """

    _keep_personal: KeepPersonal = False
    _names: Names = Names()

    @abstractmethod
    def _call(
        self,
        endpoint: Endpoint,
        parameters: Mapping[str, queries.ParameterValue],
        read: Callable[[bytes], Page[T]],
    ) -> Page[T]:
        """The page that ``read`` makes of the reply."""

    def phases(self) -> tuple[Phase, ...]:
        """The account's phases in the order the vendor sends them; a row without a name raises."""
        fields = self._names.fields(endpoints.GET_PHASE.name)
        page = self._call(endpoints.GET_PHASE, {}, lambda body: wire.read_phases(body, fields))
        if page.skipped:
            raise UnreadableResponse(
                f"a phase cannot be read: {page.skipped[0].reason}",
                endpoint=endpoints.GET_PHASE.name,
                reason="structure",
            )
        return page.rows

    def order_page(self, query: OrderQuery, after: str | None = None) -> Page[Order]:
        """Up to 100 orders in ascending 管理番号, beginning after ``after``.

        Orders other than the one asked for by number or code count as skipped: whether the vendor
        matches exactly is not known.
        """
        page = self._call(
            endpoints.GET_ORDER,
            queries.order_parameters(query, after),
            lambda body: wire.read_orders(body, self._keep_personal),
        )
        number = query.order_number if query.is_single else None
        return only_matching(page, order_number=number, order_code=query.order_code)

    def orders(self, query: OrderQuery) -> Iterator[Page[Order]]:
        """All pages of the query, asked for one by one as they are consumed."""
        if query.is_single:
            return iter((self.order_page(query),))
        return walk(lambda after: self.order_page(query, after), next_order, endpoints.GET_ORDER)

    def order_lines(self, order_number: str) -> Page[OrderLine]:
        """All lines of an order; the vendor refuses bundled children (ask for their parent)."""
        page = self._call(
            endpoints.GET_ORDER_DETAIL,
            {"order_number": queries.checked_number(order_number)},
            lambda body: wire.read_order_lines(body, self._keep_personal),
        )
        return only_matching(page, order_number=order_number)

    def order_components(
        self, order_number: str, line_no: int, *, set_line: bool = True
    ) -> Page[OrderComponent]:
        """The parts of a set line.

        set_line: False when the line is not flagged as a set and is asked about anyway; then an
        ``error`` other than a refused login means "no components", like an empty list [D].
        """
        parameters = {
            "order_number": queries.checked_number(order_number),
            "line_no": str(line_no),
        }
        try:
            page = self._call(endpoints.GET_ORDER_COMPONENT, parameters, wire.read_order_components)
        except AuthError:
            raise
        except ApiError:
            if set_line:
                raise
            return Page(rows=())
        return only_matching(page, order_number=order_number)

    def item_page(self, after: str | None = None) -> Page[Item]:
        """Up to 100 items, beginning after this item_code."""
        return self._call(endpoints.GET_ITEM, queries.item_parameters(after), wire.read_items)

    def items(self) -> Iterator[Page[Item]]:
        """All pages of all items, asked for one by one as they are consumed."""
        return walk(self.item_page, next_item, endpoints.GET_ITEM)

    def item_skus(self, item_code: str) -> Page[ItemSku]:
        """All SKUs of an item."""
        parameters = {"item_code": queries.checked_text("item_code", item_code)}
        return self._call(endpoints.GET_ITEM_SKU, parameters, wire.read_item_skus)

    def stock(
        self,
        *,
        item_code: str | None = None,
        sku_code: str | None = None,
        jan_code: str | None = None,
        attribute1_name: str | None = None,
        attribute2_name: str | None = None,
    ) -> Page[Stock]:
        """Stock of an item (all SKUs, or those of the attribute names), of a SKU or of a JAN.

        Exactly one of the three codes is needed. An unknown item_code raises NotFound [S].
        """
        parameters = queries.stock_parameters(
            item_code, sku_code, jan_code, (attribute1_name, attribute2_name)
        )
        return self._call(endpoints.GET_STOCK, parameters, wire.read_stock)
