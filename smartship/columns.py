"""Where the title line is, what kind of file it makes, and which column holds which field.

Knows titles and, for the last resort, the shape of values; turns no cell into a value.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smartship.needs import REQUIRED, lacking
from smartship.table import HEAD_ROWS
from smartship.titles import (
    Meaning,
    Role,
    TitleBook,
    TitleKey,
    book_for,
    recipient_part,
    recognised,
    title_key,
)
from smartship.types import Caution, FileKind, FileRejected, Value
from smartship.values import PACKING_SHAPE, packing_number
from smartship.vocabulary import TITLES

MIN_TITLES = 3  # import contract 11.1.2 [I]
MIN_SHAPE_SHARE = 0.8  # [D] share of filled cells that must look like packing numbers
_MAX_TITLES = 500
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"(?<![\dA-Za-z-])(?:\+81|\+82|0)\d{0,3}[-\s()]\d{1,4}[-\s()]\d{3,4}")
_POSTAL = re.compile(
    r"〒|(?:東京都|北海道|京都府|大阪府|.{2,3}県)\S{1,8}[市区町村郡]|\d{3}-\d{4}\s*$"
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The plan for reading the rows below `header_row` (from 0).

    `fields`: field -> column. `others`: column -> key in `other`. `titles`: field -> title found.
    `recipient`: name, zip -> column, for the recipient's mark alone. Other columns are never read.
    """

    kind: FileKind
    header_row: int
    width: int
    fields: Mapping[str, int]
    titles: Mapping[str, str]
    others: Mapping[int, str]
    recipient: Mapping[str, int]
    unmatched: tuple[str, ...]
    dropped: tuple[str, ...]
    cautions: tuple[Caution, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class _Header:
    points: int
    row: int
    book: TitleBook
    keys: list[TitleKey | None]
    lacks: tuple[str, ...]


def _headers(
    rows: Sequence[Sequence[str]], kind: FileKind | None, chosen: Mapping[str, str] | None
) -> list[_Header]:
    """Every reading of a line as titles, the best of each kind first found; needs 3 titles."""
    books = [book_for(kind, chosen)] if kind else [book_for(each) for each in TITLES]
    found = []
    for at, row in enumerate(rows[:HEAD_ROWS]):
        keys = [title_key(cell) for cell in row[:_MAX_TITLES]]
        if sum(key is not None for key in keys) < MIN_TITLES:
            continue
        for book in books:
            points = recognised(keys, book)
            if points >= MIN_TITLES:
                names = {
                    meaning.field
                    for key in keys
                    if key and (meaning := book.meaning(key)) and meaning.role is Role.FIELD
                }
                lacks = lacking(REQUIRED[book.kind], names)
                found.append(_Header(points, at, book, keys, lacks))
    return found


def header_score(
    rows: Sequence[Sequence[str]],
    kind: FileKind | None = None,
    chosen: Mapping[str, str] | None = None,
) -> int:
    """How much the first rows look like one of our tables; 0 for not at all."""
    found = _headers(rows, kind, chosen)
    return max((_rank(header)[0] for header in found), default=0)


def _rank(header: _Header) -> tuple[int, int]:
    """Complete kinds before incomplete, then more titles, then the upper line."""
    return (header.points + (0 if header.lacks else 10_000), -header.row)


def plan_columns(
    rows: Sequence[Sequence[str]],
    kind: FileKind | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Columns:
    """The columns of the best title line.

    Raises FileRejected: header_not_found (no line in the first 15 has 3 known titles);
    columns_missing where `kind` was asked for, kind_unknown where it was not.
    """
    found = _headers(rows, kind, chosen)
    if not found:
        raise FileRejected("header_not_found", {"rows": HEAD_ROWS, "titles": MIN_TITLES})
    header = max(found, key=_rank)
    guessed = "packing_no" in header.lacks and _guess(rows, header) is not None
    missing = tuple(name for name in header.lacks if not (guessed and name == "packing_no"))
    if missing:
        values: dict[str, Value] = {"row": header.row + 1, "recognised": header.points}
        values["missing"] = missing
        if kind is None:
            raise FileRejected("kind_unknown", values)
        raise FileRejected("columns_missing", {"kind": kind.value, **values})
    return _assigned(rows, header)


def _assigned(rows: Sequence[Sequence[str]], header: _Header) -> Columns:
    titles = rows[header.row]
    meanings = [header.book.meaning(key) if key else None for key in header.keys]
    winners: dict[str, int] = {}
    for at, meaning in enumerate(meanings):
        if meaning and meaning.role is Role.FIELD:
            rival = winners.get(meaning.field)
            if rival is None or meaning.rank < _rank_at(meanings, rival):
                winners[meaning.field] = at
    cautions = []
    if header.book.kind is FileKind.ORDERS and "packing_no" not in winners:
        guessed = _guess(rows, header)
        if guessed is not None:
            winners["packing_no"] = guessed
            values = {"field": "packing_no", "title": _shown(titles[guessed])}
            cautions.append(Caution("column_guessed_by_values", values))
    return _planned(rows, header, meanings, winners, cautions)


def _rank_at(meanings: Sequence[Meaning | None], at: int) -> tuple[int, int]:
    meaning = meanings[at]
    return meaning.rank if meaning else (9, 0)


def _planned(
    rows: Sequence[Sequence[str]],
    header: _Header,
    meanings: Sequence[Meaning | None],
    winners: Mapping[str, int],
    cautions: list[Caution],
) -> Columns:
    titles, taken = rows[header.row], set(winners.values())
    others: dict[int, str] = {}
    unmatched, dropped = [], []
    for at, meaning in enumerate(meanings):
        title = _shown(titles[at])
        if at in taken or (meaning is None and not title):
            continue
        if meaning and meaning.role is Role.DROPPED:
            dropped.append(title)
            continue
        if meaning is None:
            if _holds_people(rows, header.row, at):
                dropped.append(title)
                continue
            unmatched.append(title)
        elif meaning.role is Role.FIELD:
            used = _shown(titles[winners[meaning.field]])
            values = {"field": meaning.field, "title": title, "used": used}
            cautions.append(Caution("title_doubled", values))
        others[at] = _free_key(title, others)
    return Columns(
        kind=header.book.kind,
        header_row=header.row,
        width=len(titles),
        fields=dict(winners),
        titles={name: _shown(titles[at]) for name, at in winners.items()},
        others=others,
        recipient=_recipient(header, meanings),
        unmatched=tuple(unmatched),
        dropped=tuple(dropped),
        cautions=tuple(cautions),
        fingerprint=_fingerprint(header.keys),
    )


def _recipient(header: _Header, meanings: Sequence[Meaning | None]) -> dict[str, int]:
    """The first column of each part of the recipient, in order files."""
    found: dict[str, int] = {}
    for at, (key, meaning) in enumerate(zip(header.keys, meanings, strict=True)):
        if key is not None and meaning is not None and meaning.role is Role.DROPPED:
            part = recipient_part(key)
            if part is not None and header.book.kind is FileKind.ORDERS:
                found.setdefault(part, at)
    return found


def _shown(title: str) -> str:
    return " ".join(title.split())


def _free_key(title: str, others: Mapping[int, str]) -> str:
    used = set(others.values())
    number, key = 1, title
    while key in used:
        number += 1
        key = f"{title} ({number})"
    return key


def _fingerprint(keys: Sequence[TitleKey | None]) -> str:
    line = "\n".join("" if key is None else f"{key.code}:{key.exact}" for key in keys)
    return hashlib.sha256(line.rstrip("\n").encode("utf-8", "surrogatepass")).hexdigest()


def _column(rows: Sequence[Sequence[str]], header_row: int, at: int) -> set[str]:
    return {row[at] for row in rows[header_row + 1 :] if len(row) > at and row[at]}


def _guess(rows: Sequence[Sequence[str]], header: _Header) -> int | None:
    """An unnamed column whose values are packing numbers (11.1.3 d [I])."""
    if header.book.kind is not FileKind.ORDERS:
        return None
    for at, key in enumerate(header.keys):
        if key is not None and header.book.meaning(key) is not None:
            continue
        values = [text for text in _column(rows, header.row, at) if text.strip()]
        fitting = sum(
            PACKING_SHAPE.fullmatch(packing_number(text) or "") is not None for text in values
        )
        if values and fitting >= MIN_SHAPE_SHARE * len(values):
            return at
    return None


def _holds_people(rows: Sequence[Sequence[str]], header_row: int, at: int) -> bool:
    """True where an unknown column has a mail address, a phone number or a postal address."""
    return any(
        _MAIL.search(text) or _PHONE.search(text) or _POSTAL.search(text)
        for text in _column(rows, header_row, at)
    )
