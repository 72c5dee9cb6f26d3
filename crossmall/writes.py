"""What can be changed at CROSS MALL: phase with shipping data, marks, stock; never without leave.

Each change is: read, journal, one call, read back, journal. The call is never repeated, follows no
redirect and uses a connection of its own. What comes back is a value (``WriteResult``), also when
the reply was lost. Every change is visible to customers (crossmall-webapi 3.4).
"""

import uuid
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, Generic, Literal, TypeVar

from crossmall import endpoints, queries
from crossmall.approval import AllowWrites, WriteRecord
from crossmall.endpoints import Endpoint
from crossmall.errors import ConfigurationError, CrossmallError, NotFound
from crossmall.feeds import Feeds
from crossmall.outcomes import Fields, WriteResult, WriteState, is_settled, judged, never_left
from crossmall.types import Order, OrderQuery, Stock

T = TypeVar("T", Order, Stock)
Mode = Literal["u", "a", "d"]  # 上書き, 加算, 削除 [S]

SETTLE_WAITS_S: Final = (1.0, 4.0)  # looks again after a lost reply: the change may come late [D]
MOST_PIECES: Final = 99_999_999  # [D]
GONE: Final = "0"  # what a deleted figure is taken to be, row or no row [D]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change(Generic[T]):
    """One change, ready to go. shown: the fields concerned, of what was read, under our names."""

    endpoint: Endpoint
    parameters: Mapping[str, str]
    subject: Mapping[str, str]
    before: T
    asked: Mapping[str, str]
    read_again: Callable[[], T | None]
    shown: Callable[[T | None], Fields]
    is_relative: bool = False


class Writes(Feeds):
    """The changing calls, for a client that was given leave (``allow_writes``).

    Every method raises ConfigurationError without leave or for a request that cannot be right, and
    the errors of reading when the state before cannot be read; then nothing was sent. Whatever the
    journal raises goes through.
    """

    _allow_writes: AllowWrites | None = None

    @abstractmethod
    def _send_once(
        self, endpoint: Endpoint, parameters: Mapping[str, str]
    ) -> tuple[str, CrossmallError | None]:
        """Our call id and what went wrong (None: the vendor says success), after one attempt."""

    @abstractmethod
    def _wait(self, seconds: float) -> None:
        """Let time pass."""

    def update_order_phase(
        self,
        order_number: str,
        after_phase_name: str,
        *,
        delivery_date: date | None = None,
        delivery_number: str | None = None,
        delivery_name: str | None = None,
        delivery_time_convert_error: int = 0,
    ) -> WriteResult[Order]:
        """What became of moving an order to a phase, with 発送日, 配送番号 and 配送便 if given.

        The phase may be the present one: that is how only shipping data are written [S2]; what is
        not given stays [I]. A date is always sent to replace an older one. With a carrier,
        delivery_time_convert_error says what to do when the time slot has no namesake there: 0
        refuse, 1 leave it unset [S]. Bundled children are refused: move their parent [D].
        """
        self._may_write(endpoints.UPD_ORDER_PHASE)
        if delivery_time_convert_error not in (0, 1) or (
            delivery_time_convert_error and not delivery_name
        ):
            raise ConfigurationError(
                "delivery_time_convert_error is 0 or 1 and goes with a delivery_name",
                reason="delivery_time_convert_error",
            )
        sent = {
            "after_phase_name": queries.checked_text("after_phase_name", after_phase_name),
            "delivery_date": queries.day_text(delivery_date),
            "delivery_date_update": "1" if delivery_date else "",
            "delivery_no": delivery_number or "",
            "delivery_name": delivery_name or "",
            "delivery_time_convert_error": str(delivery_time_convert_error)
            if delivery_name
            else "",
        }
        asked = {
            "phase_name": after_phase_name,
            "delivery_date": sent["delivery_date"],
            "delivery_number": sent["delivery_no"],
            "delivery_name": sent["delivery_name"],
        }
        return self._change_order(endpoints.UPD_ORDER_PHASE, order_number, sent, asked)

    def update_check_mark(self, order_number: str, mark: int, value: int) -> WriteResult[Order]:
        """What became of setting Mark1, 2 or 3 of an order to 0 or 1."""
        self._may_write(endpoints.UPD_ORDER_CHECK_MARK)
        if mark not in (1, 2, 3) or value not in (0, 1):
            raise ConfigurationError("a mark is 1, 2 or 3 and its value 0 or 1", reason="mark")
        sent = {"check_mark_type": str(mark), "check_mark_value": str(value)}
        asked = {f"check_mark{mark}": str(value)}
        return self._change_order(endpoints.UPD_ORDER_CHECK_MARK, order_number, sent, asked)

    def update_stock(
        self,
        mode: Mode,
        pieces: int | None = None,
        *,
        item_code: str | None = None,
        sku_code: str | None = None,
        jan_code: str | None = None,
        attribute1_name: str | None = None,
        attribute2_name: str | None = None,
    ) -> WriteResult[Stock]:
        """What became of changing one SKU's stock: ``u`` to so many pieces, ``a`` by so many, ``d``.

        The keys are those of ``stock`` and must name exactly one SKU. ``a`` takes negative pieces
        [I] and is judged by the figures before and after; after ``d`` the figure is 0 or gone [D].
        """
        self._may_write(endpoints.UPD_STOCK)
        keys = queries.stock_parameters(
            item_code, sku_code, jan_code, (attribute1_name, attribute2_name)
        )
        quantity = _checked_pieces(mode, pieces)
        before = self._one_stock(keys)
        if before is None:
            raise NotFound(
                "no stock of this SKU was found", endpoint="upd_stock", reason="not_found"
            )
        goal = {"u": quantity, "a": before.stock + quantity, "d": int(GONE)}[mode]
        parameters = {**keys, "update_type": mode}
        if mode != "d":
            parameters["stock"] = str(quantity)
        change = _Change(
            endpoint=endpoints.UPD_STOCK,
            parameters=parameters,
            subject=keys,
            before=before,
            asked={"stock": str(goal)},
            read_again=lambda: self._one_stock(keys),
            shown=lambda row: {"stock": str(row.stock) if row else (GONE if mode == "d" else None)},
            is_relative=mode == "a",
        )
        return self._carried_out(change)

    def _may_write(self, endpoint: Endpoint) -> AllowWrites:
        if self._allow_writes is None:
            raise ConfigurationError(
                "this client was given no leave to write", endpoint=endpoint.name, reason="writes"
            )
        self._require_confirmed(endpoint)
        return self._allow_writes

    def _change_order(
        self,
        endpoint: Endpoint,
        order_number: str,
        sent: Mapping[str, str],
        asked: Mapping[str, str],
    ) -> WriteResult[Order]:
        asked = {name: value for name, value in asked.items() if value}
        before = self._one_order(order_number)
        if before is None:
            raise NotFound("no such order", endpoint=endpoint.name, reason="not_found")
        if before.is_bundled_child and endpoint is endpoints.UPD_ORDER_PHASE:
            raise ConfigurationError(
                "the order is bundled into another one: move that one",
                endpoint=endpoint.name,
                reason="bundled_child",
            )
        change = _Change(
            endpoint=endpoint,
            parameters={"order_number": before.order_number, **sent},
            subject={"order_number": before.order_number},
            before=before,
            asked=asked,
            read_again=lambda: self._one_order(order_number),
            shown=lambda order: {name: _shown(order, name) for name in asked},
        )
        return self._carried_out(change)

    def _one_order(self, order_number: str) -> Order | None:
        rows = self.order_page(OrderQuery(order_number=order_number)).rows
        return rows[0] if rows else None

    def _one_stock(self, keys: Mapping[str, str]) -> Stock | None:
        try:
            page = self.stock(**keys)
        except NotFound:
            return None
        if len(page.rows) > 1 or page.skipped:
            raise ConfigurationError(
                "the keys do not name one SKU", endpoint="upd_stock", reason="several_skus"
            )
        return page.rows[0] if page.rows else None

    def _carried_out(self, change: _Change[T]) -> WriteResult[T]:
        leave = self._may_write(change.endpoint)
        before = change.shown(change.before)
        intent = WriteRecord(
            stage="intent",
            write_id=uuid.uuid4().hex,
            at=datetime.now(UTC),
            approved_by=leave.approved_by,
            plan_id=leave.plan_id,
            endpoint=change.endpoint.name,
            subject=dict(change.subject),
            before=before,
            asked=dict(change.asked),
        )
        leave.journal(intent)
        call_id, error = self._send_once(change.endpoint, change.parameters)
        result = self._read_back(change, error, intent.write_id)
        after = change.shown(result.after) if result.was_read_back else None
        result = replace(result, call_id=call_id, vendor_text=error.vendor_text if error else None)
        leave.journal(
            replace(
                intent,
                stage="outcome",
                at=datetime.now(UTC),
                after=after,
                state=result.state.value,
                reason=result.reason,
                vendor_text=result.vendor_text,
                call_id=call_id,
            )
        )
        return result

    def _read_back(
        self, change: _Change[T], error: CrossmallError | None, write_id: str
    ) -> WriteResult[T]:
        before, after, was_read_back = change.shown(change.before), None, True
        state, reason = WriteState.UNKNOWN, "read_back_failed"
        try:
            after = change.read_again()
            for pause_s in SETTLE_WAITS_S:
                if is_settled(error, before, change.shown(after), change.asked):
                    break
                self._wait(pause_s)
                after = change.read_again()
        except CrossmallError:
            after, was_read_back = None, False
            if never_left(error):
                state, reason = WriteState.NOT_APPLIED, "never_left"
        else:
            state, reason = judged(
                error, before, change.shown(after), change.asked, is_relative=change.is_relative
            )
        return WriteResult(
            state=state,
            reason=reason,
            endpoint=change.endpoint.name,
            write_id=write_id,
            checked_at=datetime.now(UTC),
            before=change.before,
            after=after,
            was_read_back=was_read_back,
            error=error,
        )


def _checked_pieces(mode: str, pieces: int | None) -> int:
    if mode not in ("u", "a", "d"):
        raise ConfigurationError("mode must be u, a or d", reason="mode")
    if (pieces is None) != (mode == "d") or (mode == "a" and pieces == 0):
        raise ConfigurationError(
            "u takes a number of pieces, a one other than 0, d none", reason="pieces"
        )
    if isinstance(pieces, bool) or abs(pieces or 0) > MOST_PIECES:
        raise ConfigurationError(
            "pieces must be a whole number of at most 8 digits", reason="pieces"
        )
    return pieces or 0


def _shown(order: Order | None, name: str) -> str | None:
    value = getattr(order, name, None)
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)
