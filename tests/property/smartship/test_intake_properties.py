"""Properties of the intake: it fails only in its own way, and text comes back as it went."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartship import FileKind, FileRejected, ShipmentLine, read_file
from smartship.writer import TextWouldChange, write_table

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "samples"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
PATHS = sorted(SAMPLES.glob("[!R]*.*"))
TITLES = ["QSP番号", "注文番号", "商品名", "オプション", "数量", "状態"]
RELAXED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# Texts of one cell: everything but NUL (removed on reading) and lone surrogates (not text).
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
) | st.text(st.sampled_from("=+-@'\"＝＋－＠ \t\r\n,;　０１アｱ①髙～〜\u200b"), max_size=12)


def attempt(data: bytes, name: str) -> str | None:
    """The refusal's code, None where the file was read; anything else raised fails the test."""
    try:
        result = read_file(data, name, now=NOW)
    except FileRejected as error:
        return error.code
    assert result.rows_read == len(result.accepted) + len(result.rejected)
    return None


@RELAXED
@given(st.binary(max_size=3000), st.text(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    attempt(data, name)


@RELAXED
@given(st.lists(st.lists(TEXT, max_size=7), max_size=8), st.sampled_from([",", "\t", ";"]))
def test_any_table_under_our_titles_is_read(rows: list[list[str]], delimiter: str) -> None:
    data = write_table([TITLES, *rows], delimiter=delimiter, formula_safe=False)
    result = read_file(data, "a.csv", kind=FileKind.ORDERS, now=NOW)
    assert result.rows_read == len(result.accepted) + len(result.rejected)
    assert all(rejection.row >= 2 and rejection.reason for rejection in result.rejected)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
@RELAXED
@given(seed=st.integers(0, 2**32))
def test_a_damaged_sample_is_read_or_refused(path: Path, seed: int) -> None:
    dice = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(dice.randint(1, 10)):
        data[dice.randrange(len(data))] = dice.choice((0, 255, dice.randrange(256)))
    attempt(bytes(data[: dice.randrange(len(data))] if dice.random() < 0.1 else data), path.name)


@RELAXED
@given(seed=st.integers(0, 2**32))
def test_a_workbook_with_damaged_parts_is_read_or_refused(seed: int) -> None:
    dice = random.Random(seed)
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(SAMPLES / "orders_en.xlsx") as old,
        zipfile.ZipFile(packed, "w") as new,
    ):
        for name in old.namelist():
            part = bytearray(old.read(name))
            for _ in range(dice.choice((0, 0, 1, 4))):
                part[dice.randrange(len(part))] = dice.choice(b'<>/"=0159AZ c\xff')
            new.writestr(name, bytes(part))
    attempt(packed.getvalue(), "orders.xlsx")


@RELAXED
@given(
    names=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6),
    encoding=st.sampled_from(["utf-8-sig", "utf-8", "cp932"]),
)
def test_text_written_safely_comes_back_unchanged(
    names: list[tuple[str, str]], encoding: str
) -> None:
    rows = [
        [f"QSP9{number:08d}", f"{number:06d}", name, option, "1", "新規"]
        for number, (name, option) in enumerate(names)
    ]
    try:
        data = write_table([TITLES, *rows], encoding=encoding)
    except TextWouldChange as error:
        assert encoding == "cp932"
        assert error.places
        return
    result = read_file(data, "a.csv", kind=FileKind.ORDERS, now=NOW)
    lines = result.rows_of(ShipmentLine)
    assert [(line.item_name, line.option_text) for line in lines] == names
    assert [line.site_order_no for line in lines] == [row[1] for row in rows]


@RELAXED
@given(
    st.lists(
        st.tuples(
            st.text("0123456789", min_size=1, max_size=14),
            st.text('０１２アイウ漢字 　,;"Aａ', max_size=20),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_exact_text_without_quoting_comes_back_unchanged(rows: list[tuple[str, str]]) -> None:
    table = [["QSP900000001", number, name, "", "2", "新規"] for number, name in rows]
    data = write_table([TITLES, *table], formula_safe=False)
    lines = read_file(data, "a.csv", now=NOW).rows_of(ShipmentLine)
    assert [(line.site_order_no, line.item_name, line.option_text) for line in lines] == [
        (number, name, "") for number, name in rows
    ]
