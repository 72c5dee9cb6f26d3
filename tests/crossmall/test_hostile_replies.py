"""Replies nobody should send: each gives one of our errors, quickly, and touches nothing else."""

import os
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from crossmall import wire
from crossmall.bodies import MAX_BODY_BYTES
from crossmall.errors import TransportError, UnreadableResponse

HEAD = "<?xml version='1.0' encoding='UTF-8'?>"
OK = "<ResultSet><ResultStatus><GetStatus>success</GetStatus><Message/></ResultStatus>"
STOCK = f"<G>{OK}<Result No='1'><item_cd>%s</item_cd><stock>1</stock></Result></ResultSet></G>"
LAUGHS = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9))
SIX_MEGABYTES = "A" * 6_000_000
HTML = "<!DOCTYPE html><html><body>メンテナンス中 taro@example.invalid</body></html>"

DOCUMENT_TYPES = {
    "billion laughs": f'<!DOCTYPE G [<!ENTITY a0 "lol">{LAUGHS}]>' + STOCK % "&a9;",
    "laughs in an attribute": f'<!DOCTYPE G [<!ENTITY a0 "l">{LAUGHS}]><G x="&a9;"/>',
    "quadratic blow-up": f'<!DOCTYPE G [<!ENTITY a "{"A" * 50_000}">]>' + STOCK % ("&a;" * 5_000),
    "external file": '<!DOCTYPE G [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + STOCK % "&x;",
    "external address": '<!DOCTYPE G [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]>' + STOCK % "&x;",
    "parameter entity": (
        '<!DOCTYPE G [<!ENTITY % p SYSTEM "http://127.0.0.1:1/e.dtd">%p;]>' + STOCK % "x"
    ),
    "external subset": '<!DOCTYPE G SYSTEM "http://127.0.0.1:1/x.dtd">' + STOCK % "x",
    "public subset": '<!DOCTYPE G PUBLIC "-//x//y" "file:///etc/hosts">' + STOCK % "x",
    "plain": "<!DOCTYPE G>" + STOCK % "x",
    "after a comment": "<!-- <a> --><?pi <b> ?>\n<!DOCTYPE G>" + STOCK % "x",
    "parameter entity in a value": (
        '<!DOCTYPE G [<!ENTITY % a "x"><!ENTITY % b "<!ENTITY c \'%a;\'>">%b;]>' + STOCK % "&c;"
    ),
    "notation": '<!DOCTYPE G [<!NOTATION n SYSTEM "file:///bin/sh">]>' + STOCK % "x",
    "unparsed entity": (
        '<!DOCTYPE G [<!NOTATION n SYSTEM "x"><!ENTITY e SYSTEM "file:///etc/passwd" NDATA n>]>'
        + STOCK % "x"
    ),
    "entity of itself": '<!DOCTYPE G [<!ENTITY a "&a;">]>' + STOCK % "&a;",
    "an address on the network": (
        '<!DOCTYPE G [<!ENTITY x SYSTEM "\\\\\\\\127.0.0.1\\\\x">]>' + STOCK % "&x;"
    ),
    "default attribute": '<!DOCTYPE G [<!ATTLIST G x CDATA "y">]>' + STOCK % "x",
}
UNREADABLE: dict[str, tuple[str, bytes]] = {
    **{
        f"document type, {name}": ("doctype", (HEAD + text).encode())
        for name, text in DOCUMENT_TYPES.items()
    },
    "document type in UTF-16": ("encoding", DOCUMENT_TYPES["plain"].encode("utf-16")),
    "document type in UTF-16 without a mark": (
        "encoding",
        DOCUMENT_TYPES["plain"].encode("utf-16-le"),
    ),
    "document type in UTF-32": ("encoding", DOCUMENT_TYPES["plain"].encode("utf-32")),
    "document type in big-endian UTF-16": ("encoding", DOCUMENT_TYPES["plain"].encode("utf-16-be")),
    "honest UTF-16": ("encoding", (STOCK % "x").encode("utf-16")),
    "Shift_JIS bytes without a label": ("encoding", (STOCK % "商品").encode("cp932")),
    "Shift_JIS bytes with a label": (
        "encoding",
        f"<?xml version='1.0' encoding='Shift_JIS'?>{STOCK % '商品'}".encode("cp932"),
    ),
    "UTF-8 bytes labelled Shift_JIS": (
        "encoding",
        f"<?xml version='1.0' encoding='Shift_JIS'?>{STOCK % 'ホワイト'}".encode(),
    ),
    "Shift_JIS bytes labelled UTF-8": ("encoding", (HEAD + STOCK % "商品").encode("cp932")),
    "EUC-JP label": ("encoding", b'<?xml version="1.0" encoding="EUC-JP"?>' + b"<G/>"),
    "one bad byte": ("encoding", (STOCK % "x").encode().replace(b">x<", b">\xff<")),
    "overlong UTF-8": ("encoding", (STOCK % "x").encode().replace(b">x<", b">\xc0\xbc<")),
    "half a surrogate pair": (
        "encoding",
        (STOCK % "x").encode().replace(b">x<", b">\xed\xa0\x80<"),
    ),
    "a hundred levels": ("too_deep", b"<G>" + b"<a>" * 100 + b"</a>" * 100 + b"</G>"),
    "sixty-five levels": ("too_deep", b"<a>" * 65 + b"</a>" * 65),
    "two hundred thousand levels": ("malformed", b"<a>" * 190_000 + b"</a>" * 190_000),
    "a million tags": ("too_large", b"<G>" + b"<a/>" * 1_000_000 + b"</G>"),
    "twenty-one megabytes": ("too_large", b"<G>" + b"x" * (MAX_BODY_BYTES + 1) + b"</G>"),
    "a field of eleven megabytes": ("malformed", (STOCK % ("A" * 11_000_000)).encode()),
    "cut in a tag": ("malformed", (HEAD + STOCK % "x").encode()[:120]),
    "cut inside a character": ("malformed", (HEAD + STOCK % "商").encode().split(b"\x95")[0][:-1]),
    "undefined entity": ("malformed", (STOCK % "&nbsp;").encode()),
    "bare ampersand": ("malformed", (STOCK % "A & B").encode()),
    "crossed tags": ("malformed", b"<G><a><b></a></b></G>"),
    "two documents": ("malformed", (STOCK % "x").encode() * 2),
    "unbound prefix": ("malformed", b"<x:G><y></x:G>"),
    "attribute twice": ("malformed", b"<G a='1' a='2'/>"),
    "no ResultSet": ("structure", b"<GetOrder/>"),
    "two ResultSets": ("structure", f"<G>{OK}</ResultSet>{OK}</ResultSet></G>".encode()),
    "two statuses": (
        "structure",
        b"<G><ResultSet><ResultStatus><GetStatus>success</GetStatus><UpdStatus>error</UpdStatus>"
        b"</ResultStatus></ResultSet></G>",
    ),
    "no status": ("structure", b"<G><ResultSet><ResultStatus/></ResultSet></G>"),
    "status in another case": (
        "structure",
        f"<G>{OK}</ResultSet></G>".replace("success", "SUCCESS").encode(),
    ),
    "status maybe": ("structure", f"<G>{OK}</ResultSet></G>".replace("success", "maybe").encode()),
}
NO_ENVELOPE: dict[str, tuple[str, bytes]] = {
    "nothing": ("empty", b""),
    "blanks only": ("empty", b" \r\n\t"),
    "a mark only": ("empty", b"\xef\xbb\xbf"),
    "a web page": ("html", HTML.encode()),
    "a web page in Shift_JIS": ("html", HTML.encode("cp932")),
    "a web page without a type": ("html", b"<HTML><head></head></HTML>"),
    "a web page after a comment": ("html", b"<!-- x --><html></html>"),
    "strict XHTML": ("html", b'<?xml version="1.0"?><x:html xmlns:x="y"><b/></x:html>'),
    "JSON": ("not_xml", b'{"error": "taro@example.invalid"}'),
    "plain text": ("not_xml", "メンテナンス中".encode()),
    "zip": ("not_xml", b"PK\x03\x04abcdefgh"),
}


def test_there_are_at_least_sixty_of_them() -> None:
    assert len(UNREADABLE) + len(NO_ENVELOPE) >= 60


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unsound_reply_is_unreadable_within_two_seconds(name: str) -> None:
    reason, body = UNREADABLE[name]
    start = time.perf_counter()
    with pytest.raises(UnreadableResponse) as caught:
        wire.read_stock(body)
    assert caught.value.reason == reason
    assert caught.value.retryable is (reason == "malformed")
    assert time.perf_counter() - start < 2
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", NO_ENVELOPE)
def test_a_reply_that_is_no_envelope_is_a_transport_error_without_its_text(name: str) -> None:
    reason, body = NO_ENVELOPE[name]
    with pytest.raises(TransportError) as caught:
        wire.read_stock(body)
    assert caught.value.reason == reason
    assert caught.value.retryable
    assert "taro" not in repr(caught.value)
    assert "メンテ" not in repr(caught.value)


def test_sixty_four_levels_are_still_read() -> None:
    filler = "<a>" * 62 + "</a>" * 62
    page = wire.read_stock(f"<G>{OK}</ResultSet>{filler}</G>".encode())
    assert page.raw_count == 0


def test_a_bomb_costs_little_memory() -> None:
    body = UNREADABLE["document type, billion laughs"][1]
    tracemalloc.start()
    with pytest.raises(UnreadableResponse):
        wire.read_stock(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_no_reply_makes_the_reader_open_a_file_or_a_connection(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET-CANARY", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        for target in (secret.as_uri(), f"http://127.0.0.1:{port}/x"):
            for kind in (f'<!DOCTYPE G [<!ENTITY x SYSTEM "{target}">]>',):
                with pytest.raises(UnreadableResponse) as caught:
                    wire.read_stock((kind + STOCK % "&x;").encode())
                assert "SECRET-CANARY" not in repr(caught.value)
            include = f'<x xmlns="http://www.w3.org/2001/XInclude" href="{target}"/>'
            page = wire.read_stock((STOCK % f"<include>{include}</include>").encode())
            assert page.rows == ()
            styled = f'<?xml-stylesheet href="{target}"?>' + STOCK % "x"
            assert "SECRET-CANARY" not in repr(wire.read_stock(styled.encode()))
        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_parser_itself_refuses_document_types_too() -> None:
    with pytest.raises(UnreadableResponse) as caught:
        wire._tree(b"<!DOCTYPE G [<!ENTITY a 'b'>]><G/>")
    assert caught.value.reason == "doctype"


@pytest.mark.parametrize("illegal", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "&#11;", "&#x1F;"])
def test_characters_xml_forbids_are_stripped_once_and_flagged(illegal: str) -> None:
    page = wire.read_stock((STOCK % f"前{illegal}後").encode())
    assert page.rows[0].item_code == "前後"
    assert page.repaired


@pytest.mark.parametrize("reference", ["&#55357;", "&#xD83D;", "&#1114112;", "&#x110000;", "&#0;"])
def test_references_to_no_character_are_stripped_and_flagged(reference: str) -> None:
    page = wire.read_stock((STOCK % f"前{reference}後").encode())
    assert page.rows[0].item_code == "前後"
    assert page.repaired


@pytest.mark.parametrize(
    "text", ["髙﨑㈱①", "𠮟る", "👨‍👩‍👧", "か\u3099", "a\u200bb", "　", "‮x", "ー−〜～"]
)
def test_legal_text_arrives_code_point_for_code_point(text: str) -> None:
    page = wire.read_stock((STOCK % text).encode())
    assert page.rows[0].item_code == text
    assert not page.repaired


def test_comments_instructions_and_character_data_do_not_split_a_text() -> None:
    body = (STOCK % "a<!-- x -->b<?y z?>c<![CDATA[<d>]]>").encode()
    assert wire.read_stock(body).rows[0].item_code == "abc<d>"


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\n\n", b""])
def test_a_mark_or_blank_lines_in_front_are_tolerated(mark: bytes) -> None:
    assert wire.read_stock(mark + (HEAD + STOCK % "x").encode()).raw_count == 1


def test_a_namespace_does_not_hide_the_structure() -> None:
    body = (STOCK % "x").replace("<G>", "<G xmlns='urn:x'>").encode()
    assert wire.read_stock(body).rows[0].stock == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("<item_cd>a</item_cd>", "stock: missing"),
        ("<item_cd>a</item_cd><stock>１</stock>", "stock: not a number"),
        ("<item_cd>a</item_cd><stock>1_000</stock>", "stock: not a number"),
        ("<item_cd>a</item_cd><stock>1.5</stock>", "stock: not a whole number"),
        ("<item_cd>a</item_cd><stock>1e9</stock>", "stock: not a number"),
        ("<item_cd>a</item_cd><stock>NaN</stock>", "stock: not a number"),
        (f"<item_cd>a</item_cd><stock>{'9' * 19}</stock>", "stock: too many digits"),
        (f"<item_cd>a</item_cd><stock>{'9' * 9999}</stock>", "stock: not a number"),
        ("<item_cd/><stock>1</stock>", "item_cd: missing"),
        ("<stock>1</stock><stock>2</stock>", "stock: given twice with different values"),
        ("<item_cd><b/></item_cd><stock>1</stock>", "item_cd: holds elements instead of text"),
    ],
)
def test_a_broken_row_is_skipped_with_its_reason_and_the_others_stay(
    fields: str, reason: str
) -> None:
    good = "<item_cd>good</item_cd><stock>-7</stock>"
    rows = "".join(f"<Result>{one}</Result>" for one in (good, fields, good))
    page = wire.read_stock(f"<G>{OK}{rows}</ResultSet></G>".encode())
    assert [row.stock for row in page.rows] == [-7, -7]
    assert [(row.position, row.reason) for row in page.skipped] == [(2, reason)]
    assert page.raw_count == 3


WHOLE = "<attribute1_code/><attribute1_name>白</attribute1_name><attribute2_code/>"


def test_an_absent_element_is_told_where_the_reply_writes_empty_ones() -> None:
    torn = f"<item_cd>a</item_cd><stock>1</stock>{WHOLE}"
    rows = "".join(f"<Result>{one}</Result>" for one in (torn, f"{torn}<attribute2_name/>"))
    page = wire.read_stock(f"<G>{OK}{rows}</ResultSet></G>".encode())
    assert [row.attribute2_name for row in page.rows] == [None, None]
    assert page.rows[0] is not page.rows[1]
    whole = page.whole()
    assert len(whole.rows) == 1
    assert whole.rows[0] is page.rows[1]
    assert whole.skipped[0].reason == "attribute2_name: no such element"
    assert whole.whole() is whole


def test_an_absent_element_means_an_empty_one_where_the_reply_writes_none() -> None:
    row = "<Result><item_cd>a</item_cd><stock>1</stock></Result>"
    page = wire.read_stock(f"<G>{OK}{row}</ResultSet></G>".encode())
    assert page.whole() is page
    assert page.rows[0].attribute1_name is None


def test_an_error_wins_over_rows_in_the_same_reply(envelope: Callable[..., bytes]) -> None:
    body = envelope({"order_number": "1"}, status="error", message="処理できません")
    with pytest.raises(wire.ApiError, match="処理できません"):
        wire.read_orders(body)


def test_types_can_be_used_without_the_http_library_and_the_xml_reader() -> None:
    script = (
        "import sys, crossmall, crossmall.types, crossmall.errors\n"
        "heavy = {'httpx', 'httpcore', 'lxml', 'pandas'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert 'crossmall.client' not in sys.modules\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
