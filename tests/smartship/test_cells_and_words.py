"""Cells, words and titles on their own: what is understood and what is never guessed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smartship import FileKind, statuses, values
from smartship.titles import book_for, title_key
from smartship.vocabulary import TITLES


@pytest.mark.parametrize("kind", list(FileKind))
def test_every_title_means_its_own_field_and_nothing_personal(kind: FileKind) -> None:
    book = book_for(kind)
    wrong = []
    for name, titles in TITLES[kind].items():
        for title in titles:
            key = title_key(title)
            meaning = book.meaning(key) if key else None
            if meaning is None or meaning.field != name:
                wrong.append((title, name, meaning))
    assert not wrong


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234),
        ("１２", 12),
        ("3.0", 3),
        ("3.00", 3),
        ("+5", 5),
        ("△4", -4),
        ("−2", -2),
        ("0", 0),
    ],
)
def test_whole_numbers_are_understood(text: str, number: int) -> None:
    assert values.quantity(text) == number


@pytest.mark.parametrize(
    "text", ["1.5", "3個", "1,23", "12,34", "", "1e3", "9999999999", "٣٤x", "--1"]
)
def test_what_is_no_whole_number_is_not_guessed(text: str) -> None:
    assert values.quantity(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20 09:30", "2026-11-20T00:30:00"),
        ("2026-11-20 09:30:15", "2026-11-20T00:30:15"),
        ("2026/11/20", "2026-11-19T15:00:00"),
        ("2026.11.20 9:05", "2026-11-20T00:05:00"),
        ("2026年11月20日 9時5分", "2026-11-20T00:05:00"),
        ("2026. 11. 20. 오후 3:20", "2026-11-20T06:20:00"),
        ("2026/11/20(金) 12:00 AM", "2026-11-19T15:00:00"),
        ("20261120", "2026-11-19T15:00:00"),
        ("20261120093015", "2026-11-20T00:30:15"),
        ("46346.5", "2026-11-20T03:00:00"),
        ("2026-11-20T00:30:00Z", "2026-11-20T00:30:00"),
        ("2026-11-20 00:30:00+02:00", "2026-11-19T22:30:00"),
    ],
)  # fmt: skip
def test_dates_become_utc(text: str, moment: str) -> None:
    found = values.instant(text)
    assert found is not None
    assert found[0] == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert found[1] is not ("Z" in text or "+" in text)


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-02-30", "11/20/2026", "1234", "99999", "昨日", "2026-11-20 25:00"]
)
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert values.instant(text) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("出荷完了", "SHIPPED"), ("ＳＨＩＰＰＥＤ", "SHIPPED"), ("出荷完了 (TxFC)", "SHIPPED"), ("Pick & Pack", "INSTRUCTED"),
        ("품절", "ERROR"), ("ASCF", "ERROR"), ("Claimed Order", "CLAIMED"), ("P1", "UNKNOWN"), ("", "UNKNOWN"),
    ],
)  # fmt: skip
def test_status_words_have_one_meaning(word: str, status: str) -> None:
    assert statuses.canonical_status(word).value == status
