"""First contact with a real account: a fixed list of reads, and what their answers settle of what nobody published.

The order is that of crossmall-webapi 9. Every query is built as raw text, because the questions are about that text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

from crossmall.credentials import Credentials
from crossmall.errors import ApiError, CrossmallError, NotFound
from crossmall.probe_send import RawReply, Send
from crossmall.provisional import TRIED, trial_parameters
from crossmall.types import Order, Page
from crossmall.values import JST
from crossmall.wire import Envelope, choose_error, read_envelope, read_items, read_orders

WRONG_CODE = "totsugo-no-such-item"  # 20 characters, the longest an item code may be [S]
BUSY_DAYS = 7  # where to look for an order when today has none [D]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the probe: what was asked, what came, how it reads. query: the raw text without signature."""

    case: str
    endpoint: str
    query: str = field(repr=False)
    reply: RawReply
    envelope: Envelope | None = None
    error: CrossmallError | None = None

    @property
    def is_success(self) -> bool:
        """True when the envelope says success."""
        return self.envelope is not None and self.error is None

    @property
    def numbers(self) -> tuple[str, ...]:
        """The 管理番号 of the rows, in order."""
        rows = self.envelope.rows if self.envelope else ()
        return tuple(row.get("order_number", "") for row in rows if isinstance(row, dict))

    @property
    def rows(self) -> int:
        """How many rows came."""
        return len(self.envelope.rows) if self.envelope else 0


@dataclass(slots=True)
class Probe:
    """One run over one account; `calls` fill in as they are made."""

    credentials: Credentials = field(repr=False)
    send: Send = field(repr=False)
    now: datetime
    on_call: Callable[[Call], None] = lambda _: None
    calls: list[Call] = field(default_factory=list)

    def run(self) -> tuple[Call, ...]:
        """All calls, in the order of crossmall-webapi 9; stops after the first when the account is refused."""
        first = self._ask("phases", "get_phase")
        if not first.is_success:
            return tuple(self.calls)
        today = self._day(self.now)
        days = [("order_date_fr", today), ("order_date_to", today)]
        header = self._ask("today", "get_order", *days)
        self._ask("condition-last", "get_order", *days, ("condition", "1"))
        self._ask("condition-first", "get_order", ("condition", "1"), *days)
        order = self._order(header)
        if order is not None:
            self._ask("detail", "get_order_detail", ("order_number", order.order_number))
        self._ask("wrong-code", "get_stock", ("item_code", WRONG_CODE))
        since = (self.now - timedelta(days=BUSY_DAYS)).astimezone(JST)
        plain = f"{since:%Y-%m-%d}+{since:%H:%M:%S}"
        self._ask("time-plain", "get_order", ("updated_at_fr", plain))
        self._ask("time-encoded", "get_order", ("updated_at_fr", plain.replace(":", "%3A")))
        if order is not None:
            number = ("order_number", order.order_number)
            self._ask("number-alone", "get_order", number)
            self._ask("number-equals", "get_order", number, ("condition", "0"))
            self._ask("number-after", "get_order", number, ("condition", "1"))
        self._trials()
        return tuple(self.calls)

    def _trials(self) -> None:
        found = self._ask("first-page", "get_item", ("condition", "1"))
        code = None
        if found.is_success:
            items = read_items(found.reply.body).rows
            code = items[0].item_code if items else None
        for name in TRIED:
            parameters = trial_parameters(name, self.now, code)
            if parameters is not None:
                pairs = [(one, quote_plus(value, safe=":")) for one, value in parameters.items()]
                self._ask("once", name, *pairs)

    def _order(self, header: Call) -> Order | None:
        """An order that can be opened: of today, else of the last days."""
        found = _openable(header)
        if found is None:
            first = self._day(self.now - timedelta(days=BUSY_DAYS))
            found = _openable(self._ask("recent", "get_order", ("order_date_fr", first)))
        return found

    def _ask(self, case: str, endpoint: str, *pairs: tuple[str, str]) -> Call:
        """One call; the values are already encoded as they will be sent."""
        account = ("account", quote_plus(self.credentials.company_code))
        query = "&".join(f"{name}={value}" for name, value in (account, *pairs))
        reply = self.send(endpoint, query)
        envelope, error = _read(reply)
        call = Call(
            case=case, endpoint=endpoint, query=query, reply=reply, envelope=envelope, error=error
        )
        self.calls.append(call)
        self.on_call(call)
        return call

    def _day(self, moment: datetime) -> str:
        return f"{moment.astimezone(JST):%Y-%m-%d}"


def run_probe(
    credentials: Credentials,
    send: Send,
    *,
    now: datetime | None = None,
    on_call: Callable[[Call], None] = lambda _: None,
) -> tuple[Call, ...]:
    """Every call of the probe on this account, read-only, about seventeen."""
    return Probe(
        credentials=credentials, send=send, now=now or datetime.now(UTC), on_call=on_call
    ).run()


def _read(reply: RawReply) -> tuple[Envelope | None, CrossmallError | None]:
    if reply.status is None:
        return None, None
    try:
        envelope = read_envelope(reply.body)
    except CrossmallError as error:
        return None, error
    return envelope, choose_error(envelope)


def _openable(call: Call) -> Order | None:
    """An order in the middle of the reply that is no bundled child, so that others lie on both sides of it."""
    if not call.is_success:
        return None
    page: Page[Order] = read_orders(call.reply.body)
    plain: Sequence[Order] = [one for one in page.rows if not one.is_bundled_child]
    return plain[len(plain) // 2] if plain else None


def is_not_found(call: Call) -> bool:
    """Whether the vendor said that the thing is not there."""
    return isinstance(call.error, NotFound)


def is_refused(call: Call) -> bool:
    """Whether the envelope says error."""
    return isinstance(call.error, ApiError)
