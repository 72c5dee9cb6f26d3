"""S7: files that would unpack to far more than they are, and names that would lead somewhere: none costs time, none is a path."""

from __future__ import annotations

import struct
import time
from itertools import product
from pathlib import Path

import pytest

from tests.smartship.test_bad_files import ROW, TITLES, read, refusal, zipped

GENEROUS_S = 5.0  # the goal is 1 s on an idle machine; a busy one is slow, not unsafe
PARTS = (
    "xl/workbook.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/media/image1.png",
    "docProps/core.xml",
    "xl/vbaProject.bin",
    "customXml/item1.xml",
)
FILLERS = (b"a", b"\0", b"<c/>", b" ", b"<row><c t='s'><v>1</v></c></row>")
SIZE = 3_000_000


def swollen(part: str, filler: bytes) -> bytes:
    return zipped({"[Content_Types].xml": b"x", part: filler * (SIZE // len(filler))})


def understated(part: str) -> bytes:
    """The same, its sizes given as a hundred bytes in the list of contents and before the part."""
    told = struct.pack("<I", SIZE)
    return swollen(part, b"a").replace(told, struct.pack("<I", 100))


BOMBS = {
    **{
        f"{part} of {filler!r}": (swollen, part, filler) for part, filler in product(PARTS, FILLERS)
    },
    **{f"{part} understated": (understated, part) for part in PARTS},
    **{
        f"{count} parts": (lambda count: zipped({f"xl/{n}.xml": b"a" for n in range(count)}), count)
        for count in (1_001, 1_100, 1_500, 2_000)
    },
}
STEPS = (
    "../",
    "..\\",
    "/",
    "\\\\host\\share\\",
    "C:\\",
    "file:///",
    "~/",
    "./././",
    "%2e%2e/",
    "‥/",
    "．．／",
)
GOALS = (
    "etc/passwd",
    "con",
    "nul.csv",
    "ledger.jsonl",
    "store.duckdb",
    "a.csv::$DATA",
    "x|touch y",
    "$(id).csv",
)
TAILS = ("", "\0.csv", "\n.csv", "\u202evsc.exe")
NAMES = [
    *("".join(parts) for parts in product(STEPS, GOALS, TAILS)),
    "",
    ".",
    "..",
    " ",
    "\0",
    "x" * 5_000,
    "\udc80.csv",
    "😀" * 300,
]


def test_every_bomb_is_refused_at_once() -> None:
    assert len(BOMBS) >= 50
    for name, (made, *how) in BOMBS.items():
        data = made(*how)  # type: ignore[operator]  # each with its own arguments
        start = time.perf_counter()
        error = refusal(data, "orders.xlsx")
        assert time.perf_counter() - start < GENEROUS_S, name
        assert error.code in ("too_large", "unreadable_archive", "not_a_table"), name


def test_no_hostile_name_is_ever_used_as_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(set(NAMES)) >= 200
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        assert len(read(TITLES + ROW, name).accepted) == 1
    assert list(tmp_path.iterdir()) == []
