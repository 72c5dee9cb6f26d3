"""One cell's text turned into an identifier, a quantity or an instant; knows no columns."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

# Source JST/KST without zone [I]: both are UTC+9 all year.
ASSUMED_ZONE = timezone(timedelta(hours=9))
ASSUMED_ZONE_NAME = "UTC+09:00"
MAX_QUANTITY = 999_999_999  # [D] more is a number in the wrong column
FIRST_YEAR, LAST_YEAR = 1990, 2100  # [D] outside it is a slip, not a date
_SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel's day 0, a wall clock without zone
_SERIAL_DAYS = (20_000, 80_000)  # 1954 to 2119

_EDGE = " \t\r\n\f\v\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_INNER_BLANKS = re.compile(r"[\s\u200b-\u200d\u2060\ufeff-]+")
PACKING_SHAPE = re.compile(r"QSP\d{8,10}", re.IGNORECASE)  # 9 digits seen [S], 8-10 allowed [I]
_DAMAGED = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+?\d{1,3}")
_TRAILING_ZERO = re.compile(r"(\d+)\.0")
_QUANTITY = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.0*)?")
_RATIO = re.compile(r"\d{1,3}(?:\.\d+)?")
_ZERO_DATES = frozenset({"0000-00-00", "0000-00-00 00:00:00", "0000/00/00", "-"})
_DATE = re.compile(
    r"(?P<y>\d{4})\s*[-/.年년]\s*(?P<m>\d{1,2})\s*[-/.月월]\s*(?P<d>\d{1,2})\s*[.日일]?"
    r"(?:\s*\([^()]{1,3}\))?"
    r"(?:[T\s]\s*(?P<half>오전|오후|午前|午後|AM|PM)?\s*(?P<h>\d{1,2})[:時시]\s*(?P<min>\d{1,2})"
    r"(?:[:分분]\s*(?P<s>\d{1,2})(?:\.(?P<frac>\d{1,6})\d*)?)?[分분秒초]?"
    r"\s*(?P<half2>AM|PM)?)?\s*(?P<zone>Z|UTC|GMT|JST|KST|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_AFTERNOON = frozenset({"오후", "午後", "pm"})


def shape_of(text: str, limit: int = 20) -> str:
    """The text's form without its content: digits as 9, letters as x, cut to `limit` characters."""
    return "".join(
        "9" if char.isdigit() else "x" if char.isalpha() else char if char.isprintable() else "?"
        for char in text[:limit]
    )


def identifier(text: str) -> str | None:
    """The identifier with outer blanks, a leading apostrophe and a trailing `.0` undone, or None.

    Leading zeros, case, width and inner characters stay as they are.
    """
    if text.isalnum():
        return text
    found = text.strip(_EDGE)
    if found.startswith("'"):
        found = found[1:].strip(_EDGE)
    if found.endswith(".0") and (whole := _TRAILING_ZERO.fullmatch(found)):
        found = whole.group(1)
    return found or None


def packing_number(text: str) -> str | None:
    """A packing number without any blanks: printed captions break it after the fifth digit [S].

    Hyphens go too where what remains is QSP and 8 to 10 digits; anything else is kept.
    """
    if text.isalnum() and text.isupper():
        return text
    found = identifier(text)
    if found is None:
        return None
    joined = _INNER_BLANKS.sub("", found)
    if PACKING_SHAPE.fullmatch(joined):
        return joined.upper()
    return "".join(found.split())


def is_damaged(text: str) -> bool:
    """True for `1.23E+11`: a spreadsheet turned a long number into a rounded one."""
    return ("E" in text or "e" in text) and _DAMAGED.fullmatch(text.strip(_EDGE)) is not None


def quantity(text: str) -> int | None:
    """The whole number in a cell, or None where there is none.

    Full-width digits, thousands separators at every third digit, `.0`, and `-`, `−`, `△`, `▲`
    as minus are understood; a fraction, a unit or more than nine digits is not.
    """
    plain = unicodedata.normalize("NFKC", text).strip(_EDGE)
    plain = plain.replace("−", "-").replace("△", "-").replace("▲", "-")
    found = _QUANTITY.fullmatch(plain)
    if not found or len(plain) > 24:
        return None
    number = int(found.group(2).replace(",", ""))
    if number > MAX_QUANTITY:
        return None
    return -number if found.group(1) == "-" else number


def ratio_pct(text: str) -> float | None:
    """A share in per cent from 0 to 100 (`80`, `80%`, `12.5 %`), or None."""
    plain = unicodedata.normalize("NFKC", text).strip(_EDGE).removesuffix("%").strip()
    if not _RATIO.fullmatch(plain):
        return None
    value = float(plain)
    return value if value <= 100 else None


def is_no_date(text: str) -> bool:
    """True for a blank and for the zero dates that databases print for "none"."""
    plain = text.strip(_EDGE)
    return not plain or plain in _ZERO_DATES


@lru_cache(maxsize=8192)
def instant(text: str) -> tuple[datetime, bool] | None:
    """The moment in a cell as aware UTC, and whether its zone was assumed; None if unreadable.

    Forms of 11.1.6 [I]: year first with - / . or 年月日, time optional (then midnight), zone
    optional (then UTC+9), `YYYYMMDD[hhmm[ss]]`, and Excel serial days.
    """
    plain = unicodedata.normalize("NFKC", text).strip(_EDGE)
    if len(plain) > 48:
        return None
    if found := _DATE.fullmatch(plain):
        return _from_parts(found)
    if found := _COMPACT.fullmatch(plain):
        numbers = [int(part) if part else 0 for part in found.groups()]
        return _in_zone(numbers, ASSUMED_ZONE, assumed=True)
    if _SERIAL.fullmatch(plain):
        return _from_serial(float(plain))
    return None


def _from_parts(found: re.Match[str]) -> tuple[datetime, bool] | None:
    part = found.groupdict()
    hour = int(part["h"] or 0)
    half = (part["half"] or part["half2"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    frac = int((part["frac"] or "0").ljust(6, "0"))
    numbers = [int(part["y"]), int(part["m"]), int(part["d"]), hour]
    numbers += [int(part["min"] or 0), int(part["s"] or 0), frac]
    if not part["zone"]:
        return _in_zone(numbers, ASSUMED_ZONE, assumed=True)
    zone = _zone(part["zone"])
    return _in_zone(numbers, zone, assumed=False) if zone else None


def _zone(text: str) -> timezone | None:
    if text.upper() in {"JST", "KST"}:
        return ASSUMED_ZONE
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    sign = -1 if text[0] == "-" else 1
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(sign * timedelta(minutes=minutes)) if minutes < 24 * 60 else None


def _in_zone(numbers: list[int], zone: timezone, *, assumed: bool) -> tuple[datetime, bool] | None:
    if not FIRST_YEAR <= numbers[0] <= LAST_YEAR:
        return None
    year, month, day, hour, minute, second, micro = (*numbers, 0, 0, 0)[:7]
    try:
        moment = datetime(year, month, day, hour, minute, second, micro, tzinfo=zone)
    except ValueError:
        return None
    return moment.astimezone(UTC), assumed


def _from_serial(days: float) -> tuple[datetime, bool] | None:
    if not _SERIAL_DAYS[0] <= days <= _SERIAL_DAYS[1]:
        return None
    moment = _SERIAL_EPOCH + timedelta(seconds=round(days * 86_400))
    return moment.replace(tzinfo=ASSUMED_ZONE).astimezone(UTC), True
