"""What can go wrong between us and CROSS MALL, one class per cure.

::

    CrossmallError              everything below; catch this one at an edge
    |- ConfigurationError       credentials or a request that cannot be right; nothing was sent
    |- TransportError           no envelope came back: DNS, refused, TLS, timeout, HTML, empty body
    |  |- OutcomeUnknown        the same on an update: never repeated; read again and compare first
    |- ApiError                 the envelope says error, whatever the HTTP status
    |  |- AuthError             signature, IP list, company code or contract
    |  |- NotFound              the thing asked for is not there
    |- UnreadableResponse       a body arrived that is not a sound envelope

No text of these classes holds a URL, a signature, the key or the value of a parameter: the client
passes vendor text through its redactor before it gets here.
"""

from typing import ClassVar


def _one_line(text: str) -> str:
    """The text on one line: line breaks, escape codes and bidi controls become visible escapes."""
    return "".join(
        c if c.isprintable() or c == "\u3000" else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


class CrossmallError(Exception):
    """Any failure of a CROSS MALL call.

    endpoint: name of the call, e.g. ``get_order``; None before one was chosen.
    call_id: ours, eight characters, the same in the log line and the call record.
    http_status: None when no reply arrived.
    vendor_text: the vendor's ``Message``, redacted; for people, never for comparing.
    retryable: True when repeating the same *read* may help.
    retry_after_s: what the server asked for, in seconds, before any cap of ours.
    reason: short machine word for the kind within the class, e.g. ``timeout``.
    help_key: key of the text that tells people the cure.
    """

    help_key: ClassVar[str] = "crossmall.error.unknown"

    def __init__(
        self,
        message: str,
        *,
        endpoint: str | None = None,
        call_id: str | None = None,
        http_status: int | None = None,
        vendor_text: str | None = None,
        retryable: bool = False,
        retry_after_s: float | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.endpoint = endpoint
        self.call_id = call_id
        self.http_status = http_status
        self.vendor_text = vendor_text
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.reason = reason

    def __str__(self) -> str:
        subject = f"{self.endpoint}: " if self.endpoint else ""
        vendor = f": {self.vendor_text}" if self.vendor_text else ""
        facts = [
            f"{name} {value}"
            for name, value in (("HTTP", self.http_status), ("call", self.call_id))
            if value is not None
        ]
        tail = f" ({', '.join(facts)})" if facts else ""
        return _one_line(f"{subject}{self.message}{vendor}{tail}")

    def __repr__(self) -> str:
        facts = "".join(
            f", {name}={value!r}"
            for name in ("endpoint", "reason", "http_status", "call_id", "vendor_text")
            if (value := getattr(self, name)) is not None
        )
        return f"{type(self).__name__}({self.message!r}{facts})"


class ConfigurationError(CrossmallError):
    """Credentials or a request that cannot be right, found before anything was sent.

    Cure: correct the setting named in the message.
    """

    help_key = "crossmall.error.configuration"


class TransportError(CrossmallError):
    """No envelope came back: DNS, refused, TLS, timeout, an HTML page, an empty body.

    ``reason`` is one of dns, refused, tls, timeout, connection, redirect, http_status, throttled,
    html, empty, not_xml, too_large, circuit_open (not sent: see ``retry_after_s``).
    Cure: wait, then look at the network and at the base URL.
    """

    help_key = "crossmall.error.transport"


class OutcomeUnknown(TransportError):
    """The reply to an update was lost, so it may or may not have happened.

    Never repeated. Cure: read the order or the stock again and compare, then decide.
    """

    help_key = "crossmall.error.outcome_unknown"


class ApiError(CrossmallError):
    """The envelope says ``error``; the vendor's reason is in ``vendor_text``.

    Cure: depends on the text, which is matched by fragments only (crossmall-webapi 8).
    """

    help_key = "crossmall.error.api"


class AuthError(ApiError):
    """The call was refused: ``認証`` is in the vendor's text [S].

    Cure, in this order: IP list, key changed, company code, API option not contracted. The vendor's
    text does not tell these apart.
    """

    help_key = "crossmall.error.auth"


class NotFound(ApiError):
    """The thing asked for is not there: ``見つかりません`` is in the vendor's text [S].

    Cure: compare the code asked for with the vendor's screen.
    """

    help_key = "crossmall.error.not_found"


class UnreadableResponse(CrossmallError):
    """A body arrived that is not a sound envelope: cut off, wrong encoding, DTD, unknown status.

    ``reason`` is one of malformed, encoding, doctype, too_large, too_deep, structure, paging.
    Cure: repeat when ``retryable``; otherwise the vendor or something between us changed.
    """

    help_key = "crossmall.error.unreadable"
