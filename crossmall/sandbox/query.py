"""Query parameters as the server reads them after the signature held: decoded, empty ones gone."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from crossmall.sandbox.clock import DAY_S, JST

LONGEST_NUMBER = 12
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")


class RefusedError(Exception):
    """The call is answered with an error envelope carrying this text."""


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one call: name -> values in received order."""

    values: dict[str, list[str]]

    def text(self, name: str) -> str:
        """The last value of a parameter, empty when it is missing."""
        given = self.values.get(name)
        return given[-1] if given else ""

    def required(self, name: str) -> str:
        """The value of a parameter; raises RefusedError when it is missing."""
        value = self.text(name)
        if not value:
            raise RefusedError(f"{name}は必須です。[sandbox]")
        return value

    def flag(self, name: str, allowed: tuple[str, ...] = ("0", "1")) -> str:
        """One of the allowed digits or empty; raises RefusedError for anything else."""
        value = self.text(name)
        if value and value not in allowed:
            raise RefusedError(f"{name}の値が正しくありません。[sandbox]")
        return value

    def number(self, name: str) -> int | None:
        """A non-negative whole number or None; raises RefusedError for anything else."""
        value = self.text(name)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER):
            raise RefusedError(f"{name}の値が正しくありません。[sandbox]")
        return int(value)

    def date(self, name: str) -> str:
        """``yyyy-mm-dd`` or empty; raises RefusedError for anything else."""
        value = self.text(name)
        if value:
            _moment(name, value, _DAY, "%Y-%m-%d")
        return value

    def span(self, stem: str) -> tuple[int, int] | None:
        """First and last instant of ``<stem>_fr``/``<stem>_to``, both inclusive, or None.

        A date means the whole JST day; whether the real server includes the last day of a
        date-only ``_to`` is unknown, for 注文日 it does [S3].
        """
        start, end = self.text(f"{stem}_fr"), self.text(f"{stem}_to")
        if not start and not end:
            return None
        first = _edge(f"{stem}_fr", start)[0] if start else 0
        last = _edge(f"{stem}_to", end)[1] if end else 1 << 62
        return first, last


def read_query(raw: bytes) -> Query:
    """The parameters of a raw query: form-decoded UTF-8; a bare name counts as empty."""
    values: dict[str, list[str]] = {}
    for pair in raw.decode("latin-1").split("&"):
        name, _, value = pair.partition("=")
        text = unquote_plus(value, errors="replace")
        if name and text:
            values.setdefault(unquote_plus(name, errors="replace"), []).append(text)
    return Query(values)


def _edge(name: str, value: str) -> tuple[int, int]:
    if _DAY.fullmatch(value):
        first = _moment(name, value, _DAY, "%Y-%m-%d")
        return first, first + DAY_S - 1
    at = _moment(name, value, _MOMENT, "%Y-%m-%d %H:%M:%S")
    return at, at


def _moment(name: str, value: str, shape: re.Pattern[str], form: str) -> int:
    if shape.fullmatch(value):
        try:
            return int(datetime.strptime(value, form).replace(tzinfo=JST).timestamp())
        except (ValueError, OverflowError) as error:
            raise RefusedError(f"{name}の形式が正しくありません。[sandbox]") from error
    raise RefusedError(f"{name}の形式が正しくありません。[sandbox]")
