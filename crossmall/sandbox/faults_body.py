"""Faults of the document: cut, doubled, mislabelled, not XML at all, or XML meant to do harm."""

import random
import re

from crossmall.sandbox.trouble import Damages, Outgoing, Trouble

MAINTENANCE_PAGE = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="UTF-8"><title>メンテナンス中</title></head>
<body><h1>ただいまメンテナンス中です</h1><p>[sandbox]</p></body></html>
"""
XML_TYPE = "text/xml; charset=UTF-8"  # [D]
HUGE_FIELD_BYTES = 10_000_000
NESTED_TAGS = 200_000
LAUGHS = 10
QUADRATIC_BYTES, QUADRATIC_TIMES = 20_000, 1_000
_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"
_FILLED = re.compile(r"(<Result No=.*?<[a-z_0-9]+>[^<]+)(</)", re.S)
_MESSAGE = re.compile(r"<Message/>|<Message>[^<]*</Message>")
_STATUS = re.compile(r"<(Get|Upd)Status>[a-z]+<")


def _marked(body: str) -> str:
    """The body with a Japanese comment, so that its encoding can be told even without rows."""
    return body.replace("<ResultStatus>", "<ResultStatus><!--処理結果-->", 1)


def _cut(body: str, rng: random.Random) -> bytes:
    whole = body.encode()
    return whole[: rng.randint(len(whole) // 4, len(whole) - 20)]


def _in_message(body: str, text: str) -> str:
    return _MESSAGE.sub(lambda _: f"<Message>{text}</Message>", body, count=1)


def _in_text(body: str, text: str) -> str:
    """The text inside the first filled element of a row, else inside Message."""
    if _FILLED.search(body):
        return _FILLED.sub(lambda found: f"{found[1]}{text}{found[2]}", body, count=1)
    return _in_message(body, text)


def _with_dtd(body: str, inside: str, entity: str) -> str:
    head = f"{_DECLARATION}<!DOCTYPE ResultSet [{inside}]>\n"
    return head + _in_message(body.removeprefix(_DECLARATION), f"&{entity};")


def _laughs(body: str) -> str:
    first = '<!ENTITY l0 "[sandbox]">'
    rest = (f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, LAUGHS))
    return _with_dtd(body, first + "".join(rest), f"l{LAUGHS - 1}")


def _quadratic(body: str) -> str:
    entity = f'<!ENTITY q "{"a" * QUADRATIC_BYTES}">'
    return _with_dtd(body, entity, "q;" + "&q;" * (QUADRATIC_TIMES - 2) + "&q")


def _undecodable(body: str) -> bytes:
    at = "</ResultStatus>"
    return body.replace(at, f"<!--\x00-->{at}", 1).encode().replace(b"\x00", b"\xe3\x81\xff\xfe", 1)


def _declared(body: str, declaration: str) -> str:
    return declaration + _marked(body).removeprefix(_DECLARATION)


def _wrong_root(body: str) -> str:
    name = body.removeprefix(_DECLARATION).split(" ", 1)[0].removeprefix("<")
    return body.replace(f"<{name} ", "<Unexpected ", 1).replace(f"</{name}>", "</Unexpected>", 1)


BODY: Damages = {
    "html": lambda _body, _: MAINTENANCE_PAGE,
    "empty": lambda _body, _: b"",
    "blank": lambda _body, _: b"\r\n \r\n",
    "json": lambda _body, _: '{"error": "[sandbox]"}',
    "cut_xml": _cut,
    "two_documents": lambda body, _: body + body,
    "wrong_root": lambda body, _: _wrong_root(body),
    "bare_ampersand": lambda body, _: _in_text(body, "A&B"),
    "wrong_encoding": lambda body, _: _marked(body).encode("cp932", "xmlcharrefreplace"),
    "shift_jis_label": lambda body, _: _declared(
        body, "<?xml version='1.0' encoding='Shift_JIS'?>\n"
    ),
    "unknown_encoding": lambda body, _: _declared(
        body, "<?xml version='1.0' encoding='x-sandbox'?>\n"
    ),
    "no_encoding": lambda body, _: _declared(body, "<?xml version='1.0'?>\n").encode(
        "cp932", "xmlcharrefreplace"
    ),
    "no_declaration": lambda body, _: _declared(body, ""),
    "charset_header": lambda body, _: _marked(body),
    "bom": lambda body, _: b"\xef\xbb\xbf" + body.encode(),
    "utf_16": lambda body, _: _declared(body, "<?xml version='1.0' encoding='UTF-16'?>\n").encode(
        "utf-16"
    ),
    "invalid_bytes": lambda body, _: _undecodable(body),
    "illegal_char": lambda body, _: _in_text(body, "\x0b"),
    "nul_char": lambda body, _: _in_text(body, "\x00"),
    "control_reference": lambda body, _: _in_text(body, "&#11;"),
    "doctype": lambda body, _: _with_dtd(body, '<!ENTITY note "[sandbox]">', "note"),
    "external_entity": lambda body, _: _with_dtd(
        body, '<!ENTITY out SYSTEM "file:///etc/hostname">', "out"
    ),
    "billion_laughs": lambda body, _: _laughs(body),
    "quadratic_entity": lambda body, _: _quadratic(body),
    "huge_field": lambda body, _: _in_text(body, "a" * HUGE_FIELD_BYTES),
    "deep_nesting": lambda body, _: _in_message(
        body, "<a>" * NESTED_TAGS + "</a>" * NESTED_TAGS
    ),
    "false_gzip": lambda body, _: body,
    "odd_status": lambda body, _: _STATUS.sub(r"<\1Status>completed<", body, count=1),
    "no_status": lambda body, _: re.sub(
        r"\s*<(Get|Upd)Status>[a-z]+</\1Status>", "", body, count=1
    ),
    "http_error_xml": lambda body, _: _in_message(
        _STATUS.sub(r"<\1Status>error<", body, count=1), "内部エラーです。[sandbox]"
    ),
}  # fmt: skip
_HEADERS = {
    "html": {"Content-Type": "text/html; charset=utf-8"},
    "json": {"Content-Type": "application/json"},
    "charset_header": {"Content-Type": "text/xml; charset=Shift_JIS"},
    "false_gzip": {"Content-Encoding": "gzip"},
}
_TELLS = {
    "html": "200 with an HTML maintenance page, nothing applied",
    "empty": "200 without a body",
    "blank": "200 with blank lines only",
    "json": "200 with a JSON error",
    "cut_xml": "the document ends somewhere in its last three quarters",
    "two_documents": "the document twice in one reply",
    "wrong_root": "root element `Unexpected`, all else as usual",
    "bare_ampersand": "an unescaped `&` in a value",
    "wrong_encoding": "CP932 bytes labelled UTF-8",
    "shift_jis_label": "UTF-8 bytes labelled Shift_JIS",
    "unknown_encoding": "an encoding nobody knows in the declaration",
    "no_encoding": "CP932 bytes, no encoding in the declaration",
    "no_declaration": "no XML declaration",
    "charset_header": "`charset=Shift_JIS` in the header, UTF-8 in the body",
    "bom": "UTF-8 with a byte order mark",
    "utf_16": "UTF-16, labelled so",
    "invalid_bytes": "bytes that are no UTF-8",
    "illegal_char": "a vertical tab (U+000B) in a value",
    "nul_char": "U+0000 in a value",
    "control_reference": "`&#11;` in a value",
    "doctype": "a DTD with a harmless entity",
    "external_entity": "a DTD whose entity names a local file",
    "billion_laughs": "entities that grow to 10 GB",
    "quadratic_entity": "a 20 KB entity used 1,000 times",
    "huge_field": "a value of 10 MB",
    "deep_nesting": "200,000 tags inside each other",
    "false_gzip": "`Content-Encoding: gzip` on plain text",
    "odd_status": "`GetStatus`/`UpdStatus` neither success nor error; updates are applied",
    "no_status": "no `GetStatus`/`UpdStatus`; updates are applied",
    "http_error_xml": "HTTP 500 that carries an error envelope, nothing applied",
}
NOT_APPLIED = frozenset({"html", "http_error_xml"})
TROUBLES = tuple(
    Trouble(name=name, tells=_TELLS[name], applied=name not in NOT_APPLIED) for name in BODY
)


def damaged(name: str, body: bytes, request_no: int) -> Outgoing:
    """The reply with the document's damage; the same request number does the same damage."""
    changed = BODY[name](body.decode(), random.Random(f"{name}:{request_no}"))
    data = changed if isinstance(changed, bytes) else changed.encode()
    headers = {"Content-Type": XML_TYPE, **_HEADERS.get(name, {})}
    return Outgoing(data, 500 if name == "http_error_xml" else 200, headers)
