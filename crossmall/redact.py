"""Hides what a log line, an error or a report must not hold: signatures, keys, values, URLs.

Two nets. What is known (keys, values of the call) is hidden in every form it is likely to take:
plain, split by blanks, URL-encoded, upper case, base64, hex, escaped. What is only recognisable
(queries of URLs, 32-digit hashes, base64 of either) is hidden by its shape.
"""

import base64
import binascii
import logging
import re
import traceback
import weakref
from collections.abc import Iterable
from itertools import pairwise
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_VALUE = 3  # shorter parameter values (flags, line numbers) would blank out ordinary words [D]
MIN_ENCODED = 6  # shortest base64 or hex form looked for [D]
MAX_EXCERPT_TAGS = 8

HTTP_LOGGERS: tuple[str, ...] = (
    "httpx",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)

_QUERY = re.compile(r"\?[^\s\"'<>]+")
_PAIR = re.compile(r"([?&;])([A-Za-z0-9_.\[\]%-]*)=[^&;]*")
_SIGNING = re.compile(
    r"(signing(?:%5[bd]|[\"'\]\s])*(?:=|:|,|%(?:25)*3[ad])[\s\"'(]*)[^\s&\"'<>;,)]+", re.IGNORECASE
)
_ENCODED_URL = re.compile(r"https?%(?:25)*3a[^\s\"'<>]*", re.IGNORECASE)
_HASH = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_GIVES_AWAY = (b"signing", b"account=", b"http:", b"https:")
_TAG = re.compile(rb"<(/?)([A-Za-z_][A-Za-z0-9_.-]{0,60})")
_KNOWN_TAGS = frozenset(
    b"ResultSet ResultStatus Result GetStatus UpdStatus Message GetOrder GetOrderDetail"
    b" GetOrderComponent GetPhase GetStock GetItem GetItemSku html head title body".split()
)


def structure_excerpt(body: bytes) -> str:
    """The first tags of a reply without text, attributes or unknown names, at most eight."""
    names = [
        f"<{slash.decode()}{name.decode()}>" if name in _KNOWN_TAGS else "<?>"
        for slash, name in _TAG.findall(body[:4096])[: MAX_EXCERPT_TAGS * 8]
    ]
    kept = names[:1] + [new for old, new in pairwise(names) if new != old]
    return "".join(kept[:MAX_EXCERPT_TAGS]) or "no tags"


def _base64_forms(data: bytes) -> Iterable[str]:
    """The part of base64 text that ``data`` decides alone, at each of the three alignments."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + data).decode("ascii")
        first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
        if last - first >= MIN_ENCODED:
            yield encoded[first:last]
            yield encoded[first:last].replace("+", "-").replace("/", "_")


def _forms(text: str) -> set[str]:
    data = text.encode("utf-8", "surrogatepass")
    quoted = {quote(data, safe=""), quote_plus(data), quote_plus(data, safe=":")}
    forms = {re.escape(form) for form in quoted | {quote(q, safe="") for q in quoted}}
    forms |= {re.escape(form) for form in _base64_forms(data)}
    if len(data) * 2 >= MIN_ENCODED:
        forms.add(data.hex())
    forms.add(re.escape(text.encode("unicode_escape").decode("ascii")))
    forms.add(r"\s*".join(re.escape(char) for char in text if not char.isspace()))
    return forms


def _pattern(texts: Iterable[str]) -> re.Pattern[str] | None:
    forms = sorted(
        {f for one in texts if one.strip() for f in _forms(one)}, key=lambda f: (-len(f), f)
    )
    return re.compile("|".join(forms), re.IGNORECASE) if forms else None


def _hide_base64(match: re.Match[str]) -> str:
    run = match[0].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(run[: len(run) // 4 * 4]).lower()
    except binascii.Error:
        return match[0]
    return MASK if any(sign in decoded for sign in _GIVES_AWAY) else match[0]


def _hide_query(match: re.Match[str]) -> str:
    return _PAIR.sub(rf"\1\2={MASK}", match[0]) if "=" in match[0] else match[0]


def hide_shapes(text: str) -> str:
    """The text without anything that looks like a signed query, a signature or base64 of either.

    Names of parameters stay; all values after a question mark go.
    """
    text = _ENCODED_URL.sub(MASK, text)
    text = _QUERY.sub(_hide_query, text)
    text = _SIGNING.sub(rf"\1{MASK}", text)
    text = _HASH.sub(MASK, text)
    return _BASE64.sub(_hide_base64, text)


class Redactor:
    """Hides a set of secrets, and on each call further values, in any text.

    Values shorter than three characters are hidden only inside queries.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._pattern = _pattern(secrets)

    def __call__(self, text: str, values: Iterable[str] = ()) -> str:
        """The text with secrets, the given values and all recognisable shapes masked."""
        extra = _pattern(value for value in values if len(value) >= MIN_VALUE)
        for pattern in (self._pattern, extra):
            if pattern is not None:
                text = pattern.sub(MASK, text)
        return hide_shapes(text)

    def __repr__(self) -> str:
        return "Redactor()"


class RedactingFilter(logging.Filter):
    """Rewrites log records, traceback included, before any handler sees them."""

    def __init__(self) -> None:
        super().__init__()
        self._redactors: weakref.WeakSet[Redactor] = weakref.WeakSet()

    def watch(self, redactor: Redactor) -> None:
        """Hide this redactor's secrets too, for as long as somebody else keeps it."""
        self._redactors.add(redactor)

    def _clean(self, text: str) -> str:
        for redactor in tuple(self._redactors):
            text = redactor(text)
        return hide_shapes(text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True; the record's message, arguments and traceback are made safe in place."""
        record.msg = self._clean(record.getMessage())
        record.args = None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = "".join(traceback.format_exception(record.exc_info[1]))
        record.exc_info = None
        if record.exc_text:
            record.exc_text = self._clean(record.exc_text)
        if record.stack_info:
            record.stack_info = self._clean(record.stack_info)
        return True


LOG_FILTER = RedactingFilter()


def guard_http_loggers(redactor: Redactor) -> None:
    """Put the HTTP library's loggers at WARNING or above and behind the redacting filter.

    They print full URLs at INFO, and a signed URL works for ever. Safe to call many times.
    """
    LOG_FILTER.watch(redactor)
    for name in HTTP_LOGGERS:
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
        if LOG_FILTER not in logger.filters:
            logger.addFilter(LOG_FILTER)
