"""Faults that are an HTTP status: refusals, overload, gateway errors, a redirect."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crossmall.sandbox.trouble import Outgoing, Trouble

TEXT = "text/plain; charset=utf-8"
RETRY_AFTER_S = 1
ABSURD_RETRY_AFTER_S = 10**9
ELSEWHERE = "https://redirect.invalid/webapi2/"


@dataclass(frozen=True, slots=True)
class _Status:
    status: int
    tells: str
    headers: Mapping[str, str] = field(default_factory=dict)
    applied: bool = False


_TABLE: Mapping[str, _Status] = {
    "http_500": _Status(500, "500, nothing applied"),
    "http_503": _Status(503, "503, nothing applied"),
    "http_429": _Status(429, "429 with `Retry-After: 1`", {"Retry-After": str(RETRY_AFTER_S)}),
    "http_429_bare": _Status(429, "429 without `Retry-After`"),
    "http_429_absurd": _Status(
        429, "429 with a `Retry-After` of 31 years", {"Retry-After": str(ABSURD_RETRY_AFTER_S)}
    ),
    "http_429_garbled": _Status(429, "429 with `Retry-After: soon`", {"Retry-After": "soon"}),
    "http_400": _Status(400, "400"),
    "http_401": _Status(401, "401", {"WWW-Authenticate": "Basic"}),
    "http_403": _Status(403, "403"),
    "http_404": _Status(404, "404 for an endpoint that exists"),
    "http_408": _Status(408, "408"),
    "http_409": _Status(409, "409"),
    "http_502": _Status(502, "502"),
    "http_504": _Status(504, "504"),
    "http_500_after_commit": _Status(500, "the update is applied, then 500", applied=True),
    "redirect": _Status(302, "302 to another host", {"Location": ELSEWHERE}),
}
TROUBLES = tuple(
    Trouble(name=name, tells=one.tells, applied=one.applied) for name, one in _TABLE.items()
)


def status_of(name: str) -> int:
    """The HTTP status of such a fault, 200 for faults of other kinds."""
    return _TABLE[name].status if name in _TABLE else 200


def status_reply(name: str) -> Outgoing:
    """The reply of a status fault: no envelope, a short text."""
    one = _TABLE[name]
    headers = {"Content-Type": TEXT, **one.headers}
    return Outgoing(b"[sandbox]", one.status, headers)
