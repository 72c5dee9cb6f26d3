"""What can be refused before a parser sees it, and the two errors that say so.

A reply is UTF-8 [S3] without a document type; anything else never reaches the XML reader.
"""

import re
from typing import Final

from crossmall.errors import TransportError, UnreadableResponse
from crossmall.redact import structure_excerpt
from crossmall.retry import is_retryable_status

MAX_BODY_BYTES: Final = 20_000_000  # [D]
MAX_TAGS: Final = 400_000  # [D] opening and closing; bounds memory, a full order page has 20,000

_BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{0,40})[\"']")
_UTF8_NAMES = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")


def unreadable(
    reason: str, message: str, body: bytes, *, retryable: bool = False
) -> UnreadableResponse:
    """The error for a body that is no sound envelope; shows its size and first tags, no text."""
    shape = f"{len(body)} bytes, {structure_excerpt(body)}"
    return UnreadableResponse(f"{message} [{shape}]", reason=reason, retryable=retryable)


def no_envelope(reason: str, message: str, body: bytes) -> TransportError:
    """The error for a body that is no envelope at all; shows its size and first tags, no text."""
    shape = f"{len(body)} bytes, {structure_excerpt(body)}"
    return TransportError(f"{message} [{shape}]", reason=reason, retryable=True)


def refused_status(status: int, body: bytes) -> TransportError:
    """The error for a status other than 200 without an envelope; the body shows its shape only."""
    reason = {429: "throttled"}.get(status, "redirect" if 300 <= status < 400 else "http_status")
    shape = f"{len(body)} bytes, {structure_excerpt(body)}"
    return TransportError(
        f"the server answered with HTTP status {status} and no data [{shape}]",
        reason=reason,
        retryable=is_retryable_status(status),
    )


def _skip_prolog(body: bytes) -> int:
    """Where the first thing that is no blank, declaration or comment begins."""
    at = 0
    while True:
        while body[at : at + 1].isspace():
            at += 1
        closer = {b"<?": b"?>", b"<!": b"-->"}.get(body[at : at + 2])
        if closer is None or (closer == b"-->" and body[at : at + 4] != b"<!--"):
            return at
        end = body.find(closer, at)
        if end < 0:
            return at
        at = end + len(closer)


def check_body(body: bytes) -> bytes:
    """The body without byte order mark and blanks in front, once nothing forbids parsing it.

    Raises TransportError (empty, HTML, not XML) or UnreadableResponse (size, encoding, DTD).
    """
    body = body.removeprefix(_BOM).lstrip(b" \t\r\n")
    if len(body) > MAX_BODY_BYTES or body.count(b"<") > MAX_TAGS:
        raise unreadable("too_large", "the reply is too large", body)
    if not body.strip():
        raise no_envelope("empty", "the reply was empty", body)
    start = body[_skip_prolog(body) :][:14]
    if start.lower().startswith((b"<!doctype html", b"<html")):
        raise no_envelope("html", "a web page came back instead of data", body)
    if start.startswith(b"<!DOCTYPE"):
        raise unreadable("doctype", "the reply declares a document type", body)
    if b"\0" in body[:4] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise unreadable("encoding", "the reply is not UTF-8", body)
    if not body.startswith(b"<"):
        raise no_envelope("not_xml", "the reply is not XML", body)
    declared = _DECLARED.match(body)
    if declared and declared[1].lower() not in _UTF8_NAMES:
        raise unreadable("encoding", "the reply claims another encoding than UTF-8", body)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as failure:
        if failure.end < len(body) or failure.reason != "unexpected end of data":
            raise unreadable("encoding", "the reply is not UTF-8", body) from None
    return body


def _is_forbidden(reference: re.Match[bytes]) -> bool:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    legal = (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )
    return not legal


def without_illegal_characters(body: bytes) -> bytes:
    """The body without characters that XML 1.0 forbids, raw or as references."""
    return _REFERENCE.sub(
        lambda ref: b"" if _is_forbidden(ref) else ref[0], _CONTROL.sub(b"", body)
    )
