"""Looks for secrets in anything a program leaves behind, in every form in which they could stand there.

Shares no code with the redaction of the product.
"""

import base64
import contextlib
import functools
import html
import io
import json
import re
import zipfile
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SHORTEST = 6  # of a piece of base64 or hex that is looked for
BETWEEN = (rb"\n", rb"\r", rb"\t", b"&nbsp;")  # as a text shows them
SIGNS = b""" \t\n\r\f\v"'+,|"""
TAG = re.compile(rb"<[^<>]{0,80}>")
HASHES = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


@dataclass(frozen=True)
class Canary:
    """A text that may stand nowhere. kind: key | signature | code | person."""

    kind: str
    text: str

    def any_case(self):
        """Forms in which letter case says nothing, by name."""
        text, data = self.text, self.text.encode()
        forms = {
            "plain": data,
            "URL-encoded": quote(text, safe="").encode(),
            "URL-encoded with plus": quote_plus(text).encode(),
            "URL-encoded twice": quote(quote(text, safe=""), safe="").encode(),
            "escaped": json.dumps(text).strip('"').encode(),
            "as HTML": html.escape(text).encode(),
            "as HTML numbers": "".join(f"&#{ord(one)};" for one in text).encode(),
            "hex": data.hex().encode(),
            "UTF-16": text.encode("utf-16-le"),
        }
        with contextlib.suppress(UnicodeEncodeError):
            forms["CP932"] = text.encode("cp932")
        return {name: form.lower() for name, form in forms.items()}

    def exact_case(self):
        """Base64 at each of its three alignments, plain and for URLs, by name."""
        data, forms = self.text.encode(), {}
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + data)
            first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
            if last - first >= SHORTEST:
                forms[f"base64 {shift}"] = encoded[first:last]
                forms[f"base64 {shift} for URLs"] = (
                    encoded[first:last].replace(b"+", b"-").replace(b"/", b"_")
                )
        return forms

    def split(self):
        return joined(self.text.encode()).lower()


def joined(content):
    """The content without anything that may stand between the parts of a text that was split."""
    short = content.translate(None, SIGNS)
    for between in BETWEEN:
        short = short.replace(between, b"")
    return TAG.sub(b"", short)


@functools.cache
def sign(canaries):
    """A pattern that is found wherever one of the canaries may stand, in all forms at once; for text in lower case."""
    between = "".join(_literal(bytes([one])) for one in (*SIGNS, *b"".join(BETWEEN)))
    return "|".join(
        form
        for canary in canaries
        for form in (
            f"(?:[{between}]|<[^<>]*>)*".join(_literal(bytes([one])) for one in canary.split()),
            *map(_literal, canary.any_case().values()),
            *(_literal(one.lower()) for one in canary.exact_case().values()),
        )
    )


def may_hold(lowered, canaries):
    """Whether one of the canaries may stand there: one look for all; which it is, is asked only then."""
    if not canaries:
        return False
    content = pa.array([lowered], pa.large_binary())
    return pc.match_substring_regex(content, sign(canaries))[0].as_py()


def _literal(data):
    return "".join(f"\\x{one:02x}" for one in data)


def pieces(name, data):
    """A thing and all that is packed in it."""
    yield name, data
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from pieces(f"{name}/{member}", archive.read(member))
    elif data[:4] == b"PAR1" and data[-4:] == b"PAR1":
        with contextlib.suppress(OSError, pa.ArrowInvalid):  # one that was damaged and put aside
            rows = pq.read_table(io.BytesIO(data)).to_pylist()
            yield f"{name} as rows", repr(rows).encode()


def hits(name, data, canaries, *, hashes=frozenset()):
    """Where a canary stands: (place, kind, form). hashes: signatures looked for as 32 hex digits in any case."""
    found = []
    for place, content in pieces(name, data):
        lowered = content.lower()
        suspects = canaries if may_hold(lowered, tuple(canaries)) else ()
        unsplit = joined(lowered) if suspects else b""
        for canary in suspects:
            found += [
                (place, canary.kind, form)
                for form, text in canary.any_case().items()
                if text in lowered
            ]
            found += [
                (place, canary.kind, form)
                for form, text in canary.exact_case().items()
                if text in content
            ]
            if canary.split() in unsplit:
                found.append((place, canary.kind, "split"))
        if hashes:
            found += [
                (place, "signature", "plain")
                for match in HASHES.finditer(lowered)
                if match[0].decode() in hashes
            ]
    return found
