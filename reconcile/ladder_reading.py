"""The rungs that read: one call per endpoint that a sync needs, and one per endpoint it could use some day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import TypeVar

from crossmall.client import Client
from crossmall.errors import ApiError, AuthError, ConfigurationError, CrossmallError
from crossmall.provisional import TRIED, trial_parameters
from crossmall.types import Item, Order, OrderLine, OrderQuery, Page
from reconcile.ladder_rungs import Rungs, facts

Row = TypeVar("Row")
LOOK_BACK = timedelta(days=7)  # [D]
ORDERS_OPENED = 3  # details read in search of a set line [D]


@dataclass(slots=True)
class Reading:
    """One pass over the endpoints; counts its calls and times them."""

    rungs: Rungs
    client: Client
    now: datetime
    calls: int = 0
    took_s: list[float] = field(default_factory=list)
    first: Page[Order] | None = None
    items: Page[Item] | None = None

    def orders(self) -> None:
        """get_order, then get_order_detail and get_order_component of some of what it gave."""
        query = OrderQuery(updated_from=self.now - LOOK_BACK)
        self.first = self._tried("orders", lambda: self.client.order_page(query))
        if self.first is None:
            return
        rows = len(self.first.rows)
        key = "ladder.orders.ok" if rows else "ladder.orders.none"
        self.rungs.ok("orders", key, rows=rows, days=LOOK_BACK.days)
        self._lines([one for one in self.first.rows if not one.is_bundled_child])

    def catalogue(self) -> None:
        """get_item, then get_item_sku and get_stock of its first item."""
        self.items = self._tried("catalogue", self.client.item_page)
        if self.items is None:
            return
        self.rungs.ok("catalogue", "ladder.catalogue.ok", rows=len(self.items.rows))
        if not self.items.rows:
            self.rungs.skipped("skus", "ladder.unknown.no_item")
            self.rungs.skipped("stock", "ladder.unknown.no_item")
            return
        code = self.items.rows[0].item_code
        found = self._tried("skus", lambda: self.client.item_skus(code))
        if found is not None:
            self.rungs.ok("skus", "ladder.skus.ok", rows=len(found.rows))
        stock = self._tried("stock", lambda: self.client.stock(item_code=code))
        if stock is not None:
            self.rungs.ok("stock", "ladder.stock.ok", rows=len(stock.rows))

    def extras(self) -> None:
        """The endpoints of which only the names are known; whatever they answer, nothing depends on it."""
        code = self.items.rows[0].item_code if self.items and self.items.rows else None
        for name in TRIED:
            parameters = trial_parameters(name, self.now, code)
            if parameters is None:
                self.rungs.skipped(name, "ladder.extra.no_item")
                continue
            try:
                self.calls += 1
                rows = len(self.client.tried(name, parameters).rows)
            except (AuthError, ConfigurationError):
                self.rungs.skipped(name, "ladder.extra.untold")
            except ApiError as error:
                self.rungs.skipped(name, "ladder.extra.error", **facts(error))
            except CrossmallError as error:
                missing = error.http_status == 404
                key = "ladder.extra.absent" if missing else "ladder.extra.untold"
                self.rungs.skipped(name, key)
            else:
                self.rungs.ok(name, "ladder.extra.ok", rows=rows)

    def timed(self, call: Callable[[], Page[Row]]) -> Page[Row]:
        """The page of one call, whose time counts towards the estimate."""
        self.calls += 1
        started = time.monotonic()
        page = call()
        self.took_s.append(time.monotonic() - started)
        return page

    def _lines(self, orders: list[Order]) -> None:
        if not orders:
            self.rungs.skipped("lines", "ladder.unknown.no_order")
            self.rungs.skipped("components", "ladder.unknown.no_order")
            return
        rows, set_line = 0, None
        for order in islice(orders, ORDERS_OPENED):
            page = self._tried("lines", partial(self.client.order_lines, order.order_number))
            if page is None:
                return
            rows += len(page.rows)
            set_line = next((line for line in page.rows if line.component_flag), None)
            if set_line is not None:
                break
        self.rungs.ok("lines", "ladder.lines.ok", rows=rows)
        self._components(set_line)

    def _components(self, line: OrderLine | None) -> None:
        if line is None:
            self.rungs.skipped("components", "ladder.not_needed.components", of=ORDERS_OPENED)
            return
        call = partial(self.client.order_components, line.order_number, line.line_no)
        found = self._tried("components", call)
        if found is not None:
            self.rungs.ok("components", "ladder.components.ok", rows=len(found.rows))

    def _tried(self, step_id: str, call: Callable[[], Page[Row]]) -> Page[Row] | None:
        """The page, or None with the rung noted as failed."""
        try:
            return self.timed(call)
        except CrossmallError as error:
            self.rungs.refused(step_id, error)
            return None
