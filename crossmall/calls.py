"""One request from its parts to its record; what is sent stays in here and is never logged."""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from crossmall.bodies import refused_status
from crossmall.credentials import Credentials
from crossmall.endpoints import Endpoint
from crossmall.errors import (
    ApiError,
    AuthError,
    ConfigurationError,
    CrossmallError,
    OutcomeUnknown,
)
from crossmall.queries import ParameterValue, build_query
from crossmall.redact import Redactor
from crossmall.retry import is_retryable_status
from crossmall.signing import sign, signed_query
from crossmall.types import CallRecord, Page

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, the same for every attempt. sent is the signed query text, values its secrets."""

    endpoint: Endpoint
    call_id: str
    names: tuple[str, ...]
    sent: str = field(repr=False)
    values: tuple[str, ...] = field(repr=False)


@dataclass(slots=True)
class Reply:
    """What one attempt has seen so far; never_left: no connection was made, so nothing was sent."""

    status: int | None = None
    body: bytes = field(default=b"", repr=False)
    hint_s: float | None = None
    never_left: bool = False
    vendor_time: datetime | None = None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ms: float = 0.0


def prepared(
    endpoint: Endpoint,
    parameters: Mapping[str, ParameterValue],
    credentials: Credentials,
    spelt: Mapping[str, str],
) -> Call:
    """The signed request; raises ConfigurationError for parameters that cannot be sent."""
    code, key = credentials.company_code, credentials.key
    query = build_query(endpoint, code, parameters, spelt=spelt)
    values = [code, sign(query, key)]
    for value in parameters.values():
        values += [value] if isinstance(value, str) else value
    return Call(
        endpoint=endpoint,
        call_id=uuid.uuid4().hex[:8],
        names=tuple(pair.partition("=")[0] for pair in query.split("&")),
        sent=signed_query(query, key),
        values=tuple(values),
    )


def told(error: CrossmallError, call: Call, reply: Reply, redact: Redactor) -> CrossmallError:
    """The error with what is known about its call, and with nothing secret in it."""
    status = reply.status
    if status is not None and status != 200 and not isinstance(error, ApiError):
        error = refused_status(status, reply.body)
    elif isinstance(error, ApiError) and not isinstance(error, AuthError):
        error.retryable = status is not None and is_retryable_status(status)
    if call.endpoint.is_update and not (
        reply.never_left or isinstance(error, ApiError | ConfigurationError)
    ):
        error = OutcomeUnknown(error.message, reason=error.reason)
    error.endpoint, error.call_id, error.http_status = call.endpoint.name, call.call_id, status
    error.retry_after_s = reply.hint_s
    if error.vendor_text is not None:
        error.vendor_text = redact(error.vendor_text, call.values)
    return error


def record(call: Call, reply: Reply, outcome: Page[T] | CrossmallError, attempt: int) -> CallRecord:
    """What may be kept of an attempt; also written to the log at DEBUG."""
    made = CallRecord(
        endpoint=call.endpoint.name,
        parameter_names=call.names,
        status=reply.status,
        rows=outcome.raw_count if isinstance(outcome, Page) else 0,
        bytes=len(reply.body),
        ms=reply.ms,
        error_class=None if isinstance(outcome, Page) else type(outcome).__name__,
        started_at=reply.started_at,
        attempt=attempt,
        call_id=call.call_id,
        vendor_time=reply.vendor_time,
    )
    _log.debug(
        "endpoint=%s call=%s attempt=%d status=%s rows=%d bytes=%d ms=%.0f error=%s",
        made.endpoint,
        made.call_id,
        made.attempt,
        made.status,
        made.rows,
        made.bytes,
        made.ms,
        made.error_class,
    )
    return made
