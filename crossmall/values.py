"""Single values out of a raw row; a value that breaks its rule raises BrokenValue.

Numbers, dates and 管理番号 are trimmed; text never is, because exact links are made on raw text.
Digits are ASCII digits only.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

JST = timezone(timedelta(hours=9), "JST")  # every vendor value is JST [I]
MAX_DIGITS = 18  # the longest whole number a 64-bit column always holds [D]

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_INSTANT = re.compile(
    r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})[ T]([0-9]{1,2}):([0-9]{2}):([0-9]{2})", re.ASCII
)

Row = Mapping[str, str]


class BrokenValue(ValueError):
    """A field breaks its rule; the text names field and rule, never the value."""


def text(row: Row, name: str) -> str | None:
    """The field's text untouched, or None when it is absent or empty."""
    return row.get(name) or None


def number_text(row: Row, name: str) -> str:
    """The field as ASCII digits with its leading zeros, trimmed; required."""
    value = row.get(name, "").strip()
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
        raise BrokenValue(f"{name}: {'missing' if not value else 'not a number of digits'}")
    return value


def required_text(row: Row, name: str) -> str:
    """The field's text untouched; required."""
    value = row.get(name)
    if not value:
        raise BrokenValue(f"{name}: missing")
    return value


def whole(row: Row, name: str) -> int | None:
    """The field as an integer (``1200.00`` counts as 1200), or None when absent or empty."""
    value = row.get(name, "").strip()
    if not value:
        return None
    if len(value) > MAX_DIGITS * 2 or not _NUMBER.fullmatch(value):
        raise BrokenValue(f"{name}: not a number")
    number = Decimal(value)
    if number != number.to_integral_value():
        raise BrokenValue(f"{name}: not a whole number")
    if abs(number) >= 10**MAX_DIGITS:
        raise BrokenValue(f"{name}: too many digits")
    return int(number)


def required_whole(row: Row, name: str) -> int:
    """The field as an integer; required."""
    number = whole(row, name)
    if number is None:
        raise BrokenValue(f"{name}: missing")
    return number


def day(row: Row, name: str) -> date | None:
    """The field as a JST calendar day (``yyyy-mm-dd`` [S3]; slashes accepted), or None."""
    value = row.get(name, "").strip()
    if not value:
        return None
    match = _DAY.fullmatch(value)
    if match is None:
        raise BrokenValue(f"{name}: not yyyy-mm-dd")
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        raise BrokenValue(f"{name}: no such day") from None


def instant(row: Row, name: str) -> datetime | None:
    """The field as an aware UTC instant (``yyyy/MM/dd HH:mm:ss`` in JST [S2]), or None."""
    value = row.get(name, "").strip()
    if not value:
        return None
    match = _INSTANT.fullmatch(value)
    if match is None:
        raise BrokenValue(f"{name}: not yyyy/MM/dd HH:mm:ss")
    year, _, month, dom, hour, minute, second = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(dom), int(hour), int(minute), int(second), tzinfo=JST
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BrokenValue(f"{name}: no such moment") from None


def required_instant(row: Row, name: str) -> datetime:
    """The field as an aware UTC instant; required."""
    moment = instant(row, name)
    if moment is None:
        raise BrokenValue(f"{name}: missing")
    return moment
