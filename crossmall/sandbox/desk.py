"""The order of the gates one API call passes: address, signature, endpoint, query; no network."""

from dataclasses import dataclass, field

from crossmall.sandbox import faults as fault_menu
from crossmall.sandbox.access import may_call
from crossmall.sandbox.clock import Clock, iso
from crossmall.sandbox.endpoints import READS, Account
from crossmall.sandbox.faults import Faults
from crossmall.sandbox.journal import Entry, Journal
from crossmall.sandbox.query import Query, RefusedError, read_query
from crossmall.sandbox.render import Reply, document
from crossmall.sandbox.signature import is_signed, masked
from crossmall.sandbox.updates import WRITES
from crossmall.sandbox.world import OutOfRangeError

ENDPOINTS = READS | WRITES
ADDRESS_REFUSED = "認証エラー: 許可されていないIPアドレスです。[sandbox]"
SIGNATURE_REFUSED = "認証エラーです。[sandbox]"
TOO_FAR = "サンドボックスの時計が範囲外です。[sandbox]"


@dataclass(slots=True)
class Desk:
    """One account's API: credentials, IP list, clock, faults, request log and the shop behind.

    The key stays out of the repr.
    """

    account_code: str
    key: str = field(repr=False)
    account: Account
    clock: Clock
    faults: Faults
    allow_ip: tuple[str, ...] = ()
    latency_s: float = 0.0
    journal: Journal = field(default_factory=Journal)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes on the wire for one call; ``fault`` names the trouble that struck, if any."""

    fault: str
    number: int
    body: str = ""


def answer(desk: Desk, endpoint: str, raw_query: bytes, caller: str) -> Answer:
    """Decides one API call and logs it; a write is committed unless a fault came before it."""
    number = desk.journal.next_number()
    fault = desk.faults.draw(number)
    query = read_query(raw_query)
    shown = masked(raw_query)
    if fault == "auth_error":
        reply = Reply(error=SIGNATURE_REFUSED)
    elif fault in fault_menu.BEFORE and fault != "delay":
        reply = None
    else:
        reply = _reply(desk, endpoint, raw_query, query, caller=caller)
    entry = Entry(
        no=number,
        at=iso(desk.clock.now()),
        endpoint=endpoint,
        query=shown,
        http_status=STATUS.get(fault, 200),
        outcome="none" if reply is None else ("error" if reply.error else "success"),
        rows=len(reply.rows) if reply else 0,
        fault=fault,
        flags=desk.journal.flags(endpoint, query, shown),
    )
    desk.journal.add(entry)
    return Answer(fault, number, document(endpoint, reply) if reply else "")


STATUS = {"http_500": 500, "http_503": 503, "http_429": 429}


def _reply(desk: Desk, endpoint: str, raw_query: bytes, query: Query, *, caller: str) -> Reply:
    if not may_call(caller, desk.allow_ip):
        return Reply(error=ADDRESS_REFUSED)
    if query.text("account") != desk.account_code or not is_signed(raw_query, desk.key):
        return Reply(error=SIGNATURE_REFUSED)
    try:
        return ENDPOINTS[endpoint](desk.account, query, desk.clock.now())
    except RefusedError as refused:
        return Reply(error=str(refused))
    except OutOfRangeError:
        return Reply(error=TOO_FAR)
