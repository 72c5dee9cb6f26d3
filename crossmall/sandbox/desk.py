"""The order of the gates one API call passes: address, signature, endpoint, query; no network."""

from collections.abc import Callable
from dataclasses import dataclass, field

from crossmall.sandbox import faults_body, faults_pages, faults_rows, faults_status, wire
from crossmall.sandbox.access import may_call
from crossmall.sandbox.clock import Clock, iso
from crossmall.sandbox.endpoints import READS, Account
from crossmall.sandbox.faults import Faults, Strike
from crossmall.sandbox.journal import Entry, Journal
from crossmall.sandbox.query import Query, RefusedError, read_query
from crossmall.sandbox.render import Reply, document
from crossmall.sandbox.signature import is_signed, masked
from crossmall.sandbox.trouble import Outgoing
from crossmall.sandbox.updates import WRITES
from crossmall.sandbox.wire import Way
from crossmall.sandbox.world import OutOfRangeError

ENDPOINTS = READS | WRITES
ADDRESS_REFUSED = "認証エラー: 許可されていないIPアドレスです。[sandbox]"
SIGNATURE_REFUSED = "認証エラーです。[sandbox]"
TROUBLED = "システムエラーが発生しました。[sandbox]"
TOO_FAR = "サンドボックスの時計が範囲外です。[sandbox]"
CONTENT_TYPE = faults_body.XML_TYPE
_REFUSALS = {
    "auth_error": SIGNATURE_REFUSED, "ip_refused": ADDRESS_REFUSED, "error_xml": TROUBLED,
}  # fmt: skip
_ROWS_OR_PAGES = frozenset(faults_rows.ROWS)


@dataclass(slots=True)
class Desk:
    """One account's API: credentials, IP list, clock, faults, request log and the shop behind.

    pending: changes of settings, each due when so many more API calls have arrived. ca_pem: the
    certificate a client must trust, empty without TLS. The key stays out of the repr.
    """

    account_code: str
    key: str = field(repr=False)
    account: Account
    clock: Clock
    faults: Faults
    allow_ip: tuple[str, ...] = ()
    latency_s: float = 0.0
    journal: Journal = field(default_factory=Journal)
    pending: list[tuple[int, Callable[[], None]]] = field(default_factory=list, repr=False)
    tls: str = ""
    ca_pem: str = field(default="", repr=False)

    def after(self, calls: int, change: Callable[[], None]) -> None:
        """Makes the change when so many more API calls were answered; at once for 0."""
        if calls:
            self.pending.append((calls, change))
        else:
            change()

    def arrive(self) -> None:
        """Counts an arriving call down; what is due takes hold before it is answered."""
        if not self.pending:
            return
        due = [change for left, change in self.pending if left == 0]
        self.pending = [(left - 1, change) for left, change in self.pending if left]
        for change in due:
            change()


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as it came in."""

    endpoint: str
    raw_query: bytes
    query: Query
    caller: str
    number: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes on the wire for one call, and how; ``strike`` is the trouble that struck."""

    outgoing: Outgoing
    way: Way
    strike: Strike


def answer(desk: Desk, endpoint: str, raw_query: bytes, caller: str) -> Answer:
    """Decides one API call and logs it; a write is committed unless a fault came before it."""
    desk.arrive()
    number = desk.journal.next_number()
    strike = desk.faults.draw(number, endpoint)
    call = Call(endpoint, raw_query, read_query(raw_query), caller, number)
    if strike.name == "late_commit":
        way = Way(name=strike.name, seconds=strike.seconds, late=lambda: _late(desk, call, strike))
        return Answer(Outgoing(), way, strike)
    reply = _reply(desk, call, strike)
    outgoing = _outgoing(call, strike, reply)
    if strike.name in _ROWS_OR_PAGES:
        outgoing, strike = _spared(desk, call, strike, reply, outgoing=outgoing)
    _log(desk, call, strike, reply)
    return Answer(outgoing, Way(name=strike.name, seconds=strike.seconds), strike)


def _late(desk: Desk, call: Call, strike: Strike) -> Outgoing:
    reply = _reply(desk, call, strike)
    _log(desk, call, strike, reply)
    return _outgoing(call, Strike(), reply)


def _outgoing(call: Call, strike: Strike, reply: Reply | None) -> Outgoing:
    name = strike.name
    if faults_status.status_of(name) != 200:
        return faults_status.status_reply(name)
    if name in faults_body.BODY:
        body = document(call.endpoint, reply or Reply())
        return faults_body.damaged(name, body, call.number)
    if reply is None:
        return Outgoing(b"", 504, {"Content-Type": faults_status.TEXT})
    return Outgoing(document(call.endpoint, reply), 200, {"Content-Type": CONTENT_TYPE})


def _spared(
    desk: Desk, call: Call, strike: Strike, reply: Reply | None, *, outgoing: Outgoing
) -> tuple[Outgoing, Strike]:
    """The reply with its rows spoiled; the strike is taken back where no row could be."""
    if reply is not None and not reply.error:
        spoiled = faults_rows.disordered(strike.name, outgoing.body, call.number)
        if spoiled != outgoing.body:
            outgoing.body = spoiled
            return outgoing, strike
    desk.faults.spare(strike.name)
    return outgoing, Strike()


def _log(desk: Desk, call: Call, strike: Strike, reply: Reply | None) -> None:
    shown = masked(call.raw_query)
    desk.journal.add(
        Entry(
            no=call.number,
            at=iso(desk.clock.now()),
            endpoint=call.endpoint,
            query=shown,
            http_status=500
            if strike.name == "http_error_xml"
            else faults_status.status_of(strike.name),
            outcome="none" if reply is None else ("error" if reply.error else "success"),
            rows=reply.count if reply else 0,
            fault=strike.name,
            flags=desk.journal.flags(call.endpoint, call.query, shown),
        )
    )


def _reply(desk: Desk, call: Call, strike: Strike) -> Reply | None:
    """What the shop answers, None for a call that a fault kept from reaching it."""
    if strike.name in _REFUSALS:
        return Reply(error=_REFUSALS[strike.name])
    if not strike.applied:
        return None
    if not may_call(call.caller, desk.allow_ip):
        return Reply(error=ADDRESS_REFUSED)
    signed = is_signed(call.raw_query, desk.key)
    if call.query.text("account") != desk.account_code or not signed:
        return Reply(error=SIGNATURE_REFUSED)
    try:
        return _from_shop(desk, call, strike)
    except RefusedError as refused:
        return Reply(error=str(refused))
    except OutOfRangeError:
        return Reply(error=TOO_FAR)


def _from_shop(desk: Desk, call: Call, strike: Strike) -> Reply:
    at, query = desk.clock.now(), call.query
    if strike.name and call.endpoint in READS:
        query = faults_pages.asked(strike, query)
        faults_pages.disturb(strike, desk.account.world, query, at, request_no=call.number)
        lag = strike.seconds if strike.name == "stale" else 0
        at += int(wire.SKEWS.get(strike.name, 0) * strike.seconds - lag)
    return ENDPOINTS[call.endpoint](desk.account, query, at)
