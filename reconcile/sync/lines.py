"""The lines of orders within one sync: each state of an order is asked for once, and stored in batches."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from reconcile.store import sync_writes
from reconcile.store.sync_writes import Missing
from reconcile.sync.pieces import LINES, PARTS, Lines, Parts, Piece, read_lines, read_parts
from reconcile.sync.records import call_row
from reconcile.sync.session import Crew, Session

BATCH = 400  # orders whose lines go into one transaction
KEEP_S = 5.0  # lines wait no longer than this to be stored


class LineBook:
    """Which orders' lines were asked for, which are still awaited, and which wait to be stored."""

    def __init__(self, session: Session, crew: Crew[Piece]) -> None:
        self.asked = 0
        self.sets_asked = 0
        self.sets_open = 0
        self._session = session
        self._crew = crew
        self._state_of: dict[str, datetime | None] = {}
        self._open: set[str] = set()
        self._ready: list[Lines] = []
        self._stored_at = time.monotonic()

    @property
    def open(self) -> int:
        """Orders whose lines, or parts of sets, are still awaited."""
        return len(self._open)

    def want(self, orders: Sequence[Missing]) -> None:
        """Have the lines of these orders read, unless that state of them was asked for already.

        A bundled child has no lines of its own: the vendor refuses the question [S].
        """
        for order in orders:
            number, updated_at = order.order_number, order.updated_at
            if number in self._state_of and self._state_of[number] == updated_at:
                continue
            self._state_of[number] = updated_at
            if order.is_bundle_child:
                self._open.discard(number)
                self._ready.append(Lines(number, updated_at, "refused"))
                continue
            self.asked += 1
            self._open.add(number)
            self._crew.ask(LINES, partial(read_lines, self._session, number, updated_at))

    def take_lines(self, fetched: Lines) -> None:
        """Note an order's lines; the parts of its sets are asked for next."""
        self.sets_asked += len(fetched.sets)
        self.sets_open += len(fetched.sets)
        for line_no in fetched.sets:
            self._crew.ask(PARTS, partial(read_parts, self._session, fetched, line_no))
        self._finish(fetched)

    def take_parts(self, fetched: Parts) -> None:
        """Note the parts of one set line; without them the order's lines count as failed."""
        self.sets_open -= 1
        order = fetched.order
        order.sets.remove(fetched.line_no)
        if fetched.rows is None:
            order.state, order.lines, order.parts = "failed", [], []
        elif order.lines:
            order.parts += fetched.rows
            if order.state == "held" and not fetched.certain:
                order.state = "unsure"
        self._finish(order)

    def store_some(self) -> None:
        """Store what is ready once there is enough of it or it has waited long enough."""
        waited_s = time.monotonic() - self._stored_at
        if len(self._ready) >= BATCH or (self._ready and waited_s >= KEEP_S):
            self.store()

    def store(self) -> None:
        """Store what is ready, with the record of the calls made so far, in one transaction."""
        session = self._session
        account = session.account.name
        batch = list({order.number: order for order in self._ready}.values())
        calls = [call_row(account, session.run_id, call) for call in session.calls.take()]
        self._ready, self._stored_at = [], time.monotonic()
        states = [
            {
                "order_number": order.number,
                "updated_at": order.updated_at,
                "lines_state": order.state,
            }
            for order in batch
        ]
        with session.db.write() as cursor:
            if batch:
                sync_writes.put_lines(
                    cursor,
                    account,
                    fetched=states,
                    lines=[line for order in batch for line in order.lines],
                    components=[part for order in batch for part in order.parts],
                )
            sync_writes.put_table(cursor, "add_calls", "api_call", calls)

    def _finish(self, order: Lines) -> None:
        """An order whose header has moved since is awaited once more, for its newer state."""
        if not order.sets and self._state_of[order.number] == order.updated_at:
            self._open.discard(order.number)
            self._ready.append(order)
