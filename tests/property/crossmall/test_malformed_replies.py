"""R5: whatever arrives, only our errors leave the reader, no row breaks its type, time and memory stay small.

Two sources, both seeded: answers made by a grammar of faults (reliability notes, section 3, those that
concern bodies), and recorded samples with bytes changed at random.
"""

import dataclasses
import random
import time
import tracemalloc
import types
import typing
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from crossmall import wire
from crossmall.errors import CrossmallError
from crossmall.types import Page

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "crossmall").glob("*/*/response.xml"))
READERS: tuple[Callable[[bytes], Page[Any]], ...] = (
    wire.read_orders,
    wire.read_order_lines,
    wire.read_order_components,
    wire.read_phases,
    wire.read_items,
    wire.read_item_skus,
    wire.read_item_attributes,
    wire.read_stock,
    wire.read_stock_changes,
    wire.read_sku_changes,
    wire.read_services,
    wire.read_update,
)
LONGEST_S = 2.0  # of this thread's processor time: other people share the machine
MOST_MEMORY = 512_000_000
WHOLE = {  # with these a row can be read, whatever kind is asked for
    "order_number": "00001234", "line_no": "1", "amount": "2", "component_count": "3", "item_code": "a-1",
    "item_cd": "a-1", "stock": "-4", "phase_name": "発送待機", "updated_at": "2026/11/20 10:00:00",
    "attribute_name": "ホワイト", "service_type": "1", "service_status": "3",
}  # fmt: skip
NAMES = (
    "order_date", "created_at", "cancel_flag", "total_price", "unit_price", "component_flag", "item_name",
    "delivery_date", "bundle_ahead_number", "check_mark1", "keep_stock", "gift", "client_name",
    "order_memo", "item_option1", "item_option1_label", "jan_cd", "jan_code", "attribute1_name",
)  # fmt: skip
VALUES = (
    "", " ", "0", "1", "-7", "00001234", "1200.00", "1.5", "１２", "1_000", "1e9", "NaN", "inf", "+3", "--1",
    "9" * 18, "9" * 19, "9" * 400, "2026/11/20 10:00:00", "2026-11-20", "2026/02/30 10:00:00",
    "0000-00-00", "0001/01/01 00:00:00", "9999/12/31 23:59:59", "2026/11/20 24:00:00", "発送待機",
    "　発送待機", "QXPRESS発送済み", "か\u3099", "𠮟", "👨\u200d👩\u200d👧", "\u202ex", "=1+1", "\ufeff",
)  # fmt: skip


def element(rng: random.Random) -> str:
    names = NAMES if rng.random() < 0.8 else tuple(WHOLE)
    name, value = rng.choice(names), rng.choice(VALUES)
    draw = rng.random()
    if draw < 0.06:
        return f"<{name}/>"
    if draw < 0.10:
        return f"<{name}><![CDATA[{value}]]></{name}>"
    if draw < 0.14:
        return f"<{name}><b>{escape(value)}</b></{name}>"
    if draw < 0.18:
        return f"<{name}>{escape(value)}</{name}>" * 2
    if draw < 0.20:
        return f"<{name.upper()}>{escape(value)}</{name.upper()}>"
    if draw < 0.22:
        return f"<{name}>{escape(value)}&#{rng.choice((0, 11, 55357, 1114112, 12354))};</{name}>"
    return f"<{name}>{escape(value)}</{name}>"


def results(rng: random.Random) -> str:
    rows = []
    for number in range(rng.choice((0, 1, 1, 2, 3, 7))):
        whole = WHOLE if rng.random() < 0.7 else {}
        parts = [f"<{name}>{value}</{name}>" for name, value in whole.items()]
        parts += [element(rng) for _ in range(rng.randrange(5))]
        rng.shuffle(parts)
        row = "".join(parts)
        shown = rng.choice((number + 1, number + 1, 1, -1, "x"))
        rows.append(f"<Result No='{shown}'>{row}</Result>")
    if rows and rng.random() < 0.1:
        rows.append(rows[0])
    return "".join(rows)


def envelope(rng: random.Random) -> str:
    word = rng.choice(("success",) * 16 + ("error", "SUCCESS", "", "maybe"))
    tag = rng.choice(("GetStatus",) * 12 + ("UpdStatus", "Status"))
    message = rng.choice(
        (
            "<Message/>",
            "",
            "<Message>認証エラー</Message>",
            "<Message>商品コードが見つかりません。</Message>",
            "<Message>無い &amp; 無い</Message>",
        )
    )
    status = f"<ResultStatus><{tag}>{word}</{tag}>{message}</ResultStatus>"
    status = rng.choice((status,) * 16 + ("", status * 2))
    total = rng.choice(("0", "1", "999999", "x", ""))
    rows = results(rng)
    inside = status + rows if rng.random() < 0.95 else rows + status
    root = rng.choice(("GetOrder", "GetStock", "G", "x:G xmlns:x='urn:x'"))
    end = root.split(" ")[0]
    return f"<{root} version='1.0'><ResultSet TotalResult='{total}'>{inside}</ResultSet></{end}>"


def with_doctype(text: str, rng: random.Random) -> bytes:
    kind = rng.choice(
        ('SYSTEM "file:///etc/passwd"', '[<!ENTITY a "b">]', '[<!ENTITY % p "x">%p;]')
    )
    return f"<!DOCTYPE G {kind}>{text}".encode()


def cut(text: str, rng: random.Random) -> bytes:
    whole = text.encode()
    return whole[: rng.randrange(len(whole))]


def with_forbidden_character(text: str, rng: random.Random) -> bytes:
    at = rng.randrange(len(text))
    return (text[:at] + chr(rng.randrange(32)) + text[at:]).encode()


def nested(text: str, rng: random.Random) -> bytes:
    depth = rng.choice((10, 63, 65, 300))
    return text.replace("</ResultSet>", "<a>" * depth + "</a>" * depth + "</ResultSet>").encode()


def with_bad_bytes(text: str, rng: random.Random) -> bytes:
    whole = text.encode()
    at = rng.randrange(len(whole))
    return whole[:at] + rng.randbytes(rng.randrange(1, 4)) + whole[at:]


def mislabelled(text: str, rng: random.Random) -> bytes:
    label, real = rng.choice(
        (("Shift_JIS", "utf-8"), ("UTF-8", "cp932"), ("Shift_JIS", "cp932"), ("EUC-JP", "utf-8"))
    )
    return f"<?xml version='1.0' encoding='{label}'?>{text}".encode(real, "xmlcharrefreplace")


FAULTS: dict[str, Callable[[str, random.Random], bytes]] = {
    "sound": lambda text, _: text.encode(),
    "declared": lambda text, _: f"<?xml version='1.0' encoding='UTF-8'?>\n{text}".encode(),
    "byte order mark": lambda text, _: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text, rng: text.encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be"))),
    "mislabelled": mislabelled,
    "cut off": cut,
    "two documents": lambda text, _: text.encode() * 2,
    "document type": with_doctype,
    "forbidden character": with_forbidden_character,
    "bad bytes": with_bad_bytes,
    "nested": nested,
    "web page": lambda text, _: b"<!DOCTYPE html><html><body>" + text.encode() + b"</body></html>",
    "comment": lambda text, _: text.replace("><", "><!-- x --><?y z?><", 3).encode(),
    "crossed tags": lambda text, _: text.replace("</Result>", "</Resu1t>", 1).encode(),
    "bare ampersand": lambda text, _: text.replace(
        "<Message/>", "<Message>A & B</Message>"
    ).encode(),
    "undefined entity": lambda text, _: text.replace(
        "<Message/>", "<Message>&n;</Message>"
    ).encode(),
    "empty": lambda _, rng: rng.choice((b"", b" \n", b"\xef\xbb\xbf")),
    "not XML": lambda _, rng: rng.choice((b'{"error": 1}', b"PK\x03\x04", rng.randbytes(40))),
}


def fits(value: object, hint: Any) -> bool:
    """Whether a value is what its annotation says; unions and mappings of text included."""
    if isinstance(hint, types.UnionType):
        return any(fits(value, one) for one in typing.get_args(hint))
    origin = typing.get_origin(hint)
    if origin is not None:
        items: Any = value
        return isinstance(value, origin) and all(
            type(k) is str and type(v) is str for k, v in items.items()
        )
    if hint is date:
        return type(value) is date
    if dataclasses.is_dataclass(hint):
        return isinstance(value, typing.cast(type, hint)) and not broken_parts(value)
    return type(value) is hint


HINTS: dict[type, dict[str, Any]] = {}


def broken_parts(row: Any) -> list[str]:
    """Names of the fields of a row that break its type, its zone or a limit."""
    kind = type(row)
    if kind not in HINTS:
        HINTS[kind] = typing.get_type_hints(kind)
    wrong = []
    for name, hint in HINTS[kind].items():
        value = getattr(row, name)
        if not fits(value, hint):
            wrong.append(name)
        if isinstance(value, datetime) and value.tzinfo is not UTC:
            wrong.append(f"{name}: zone")
        if isinstance(value, int) and abs(value) >= 10**18:
            wrong.append(f"{name}: size")
        if value == "":
            wrong.append(f"{name}: empty instead of None")
    if not getattr(row, "order_number", "1").isdigit():
        wrong.append("order_number: not digits")
    return wrong


@dataclasses.dataclass
class Judge:
    """Reads bodies and keeps the count; anything but a page or one of our errors comes through."""

    outcomes: Counter[str] = dataclasses.field(default_factory=Counter)
    rows: int = 0
    slowest_s: float = 0.0

    def read(self, body: bytes, read: Callable[[bytes], Page[Any]]) -> Page[Any] | None:
        start = time.thread_time()
        try:
            page = read(body)
        except CrossmallError as error:
            self.outcomes[f"{type(error).__name__} {error.reason}"] += 1
            assert len(str(error)) < 2_000
            return None
        finally:
            self.slowest_s = max(self.slowest_s, time.thread_time() - start)
        self.outcomes["page"] += 1
        if read is not wire.read_update:
            assert page.raw_count == len(page.rows) + len(page.skipped)
        for row in page.rows:
            assert not broken_parts(row), (read.__name__, row, broken_parts(row))
        for skipped in page.skipped:
            assert 0 < skipped.position <= page.raw_count
            assert ":" in skipped.reason
        self.rows += len(page.rows)
        return page


def generated(seed: int, count: int) -> Iterator[tuple[str, bytes, Callable[[bytes], Page[Any]]]]:
    rng = random.Random(seed)
    kinds = (*FAULTS, *("sound",) * 6)
    for _ in range(count):
        fault = rng.choice(kinds)
        yield fault, FAULTS[fault](envelope(rng), rng), READERS[rng.randrange(len(READERS))]


def mutated(seed: int, count: int) -> Iterator[tuple[bytes, Callable[[bytes], Page[Any]]]]:
    rng = random.Random(seed)
    bodies = [path.read_bytes() for path in SAMPLES]
    small = [body for body in bodies if len(body) < 2_000]
    for _ in range(count):
        body = bytearray(rng.choice(small if rng.random() < 0.9 else bodies))
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            at, draw = rng.randrange(len(body) + 1), rng.random()
            if draw < 0.4:
                body[at : at + 1] = rng.randbytes(1)
            elif draw < 0.6:
                del body[at : at + rng.randrange(1, 30)]
            elif draw < 0.8:
                body[at:at] = rng.choice(
                    (b"<", b">", b"&", b"'", b"\x00", b"</Result>", b"\xe3\x81")
                )
            else:
                body[at:at] = body[rng.randrange(len(body) + 1) :][: rng.randrange(40)]
        yield bytes(body), READERS[rng.randrange(len(READERS))]


def test_generated_answers_give_sound_rows_or_one_of_our_errors(
    sized: Callable[[int, int], int], tally: Callable[..., None]
) -> None:
    judge, struck = Judge(), Counter[str]()
    count = sized(2_000, 50_000)
    for fault, body, read in generated(7, count):
        struck[fault] += 1
        judge.read(body, read)
    assert struck.keys() == FAULTS.keys()
    assert min(struck.values()) >= count // 40
    assert judge.rows > count // 20, "a run that reads nothing proves nothing"
    assert len(judge.outcomes) > 11, judge.outcomes
    assert judge.slowest_s < LONGEST_S
    tally("R5", answers=count, kinds=len(FAULTS), rows=judge.rows, worst_s=judge.slowest_s)


def test_samples_with_changed_bytes_give_sound_rows_or_one_of_our_errors(
    sized: Callable[[int, int], int], tally: Callable[..., None]
) -> None:
    judge = Judge()
    count = sized(8_000, 1_000_000)
    for body, read in mutated(11, count):
        judge.read(body, read)
    assert sum(judge.outcomes.values()) == count
    assert judge.outcomes["page"] > count // 20
    # 19 rows of a thousand replies at full size: enough that the readers were at work
    assert judge.rows > count // 60, "a run that reads nothing proves nothing"
    assert judge.slowest_s < LONGEST_S
    tally("R5", mutations=count, rows=judge.rows, worst_s=judge.slowest_s)


@pytest.mark.parametrize("fault", ["sound", "declared", "byte order mark", "comment"])
def test_harmless_differences_of_form_change_no_row(fault: str) -> None:
    rng = random.Random(3)
    read = 0
    for _ in range(200):
        text = envelope(rng)
        for reader in (wire.read_orders, wire.read_stock):
            pages = [Judge().read(FAULTS[one](text, rng), reader) for one in ("sound", fault)]
            assert pages[0] == pages[1]
            read += len(pages[0].rows) if pages[0] else 0
    assert read > 50


BIG: dict[str, bytes] = {
    "a field of ten megabytes": b"<phase_name>" + b"x" * 9_900_000 + b"</phase_name>",
    "nineteen megabytes of rows": b"<item_cd>" + b"y" * 900 + b"</item_cd>",
    "two hundred thousand nested tags": b"<a>" * 199_000 + b"</a>" * 199_000,
    "two hundred thousand tags side by side": b"<a/>" * 199_000,
    "a million references": b"<item_cd>" + b"&#65;" * 1_000_000 + b"</item_cd>",
    "two hundred thousand attributes": b"<a "
    + b" ".join(b"a%d='1'" % n for n in range(200_000))
    + b"/>",
}


@pytest.mark.parametrize("name", BIG)
def test_the_largest_replies_stay_within_two_seconds_and_half_a_gigabyte(name: str) -> None:
    part = b"<Result No='1'>" + BIG[name] + b"</Result>"
    copies = 19_000_000 // len(part) if "megabytes of rows" in name else 1
    head = b"<G><ResultSet><ResultStatus><GetStatus>success</GetStatus></ResultStatus>"
    body = head + part * copies + b"</ResultSet></G>"
    judge = Judge()
    judge.read(body, wire.read_stock)
    assert judge.slowest_s < LONGEST_S
    before = resident()
    tracemalloc.start()
    Judge().read(body, wire.read_stock)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * len(body) + 50_000_000
    assert resident() - before < MOST_MEMORY


def resident() -> int:
    """Peak resident bytes of this process; 0 where the platform does not tell."""
    try:
        import resource
    except ModuleNotFoundError:
        return 0
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
