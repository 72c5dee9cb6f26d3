"""What one column title means: a field of ours, a known extra, something personal, or nothing.

Knows titles only, never cells. The titles themselves are data in `smartship.vocabulary`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from smartship.types import FileKind
from smartship.vocabulary import (
    DROPPED_CODES,
    EXTRA_TITLES,
    FIELD_OF_CODE,
    LAST_CODE,
    PERSONAL_FRAGMENTS,
    PERSONAL_TITLES,
    RECIPIENT_CODES,
    RECIPIENT_TITLES,
    TITLES,
)

MAX_TITLE_CHARS = 120  # [D] longer cells are prose, not titles
_CODE = re.compile(r"\(\s*o(\d{2})\s*\)\s*$")
_DECORATION = re.compile(r"[*※]|\((?:必須|required|필수)\)|\[(?:必須|required|필수)\]")
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_LATIN_PERSONAL = re.compile(r"\b(?:tel|fax|zip|dob|mail)\b")


class Role(StrEnum):
    """What becomes of a column."""

    FIELD = "field"
    EXTRA = "extra"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A title's role; for a field its name and `rank`, lower = surer (code, exact, loose)."""

    role: Role
    field: str = ""
    rank: tuple[int, int] = (9, 0)


@dataclass(frozen=True, slots=True)
class TitleKey:
    """A title as looked up: its O-code or None, normalised text, and that without punctuation."""

    code: int | None
    exact: str
    bare: str


def normalise_title(title: str) -> str:
    """The title after NFKC, one blank for any run of blanks, lower case, required-marks removed.

    Source of the steps: import contract 11.1.3 [I].
    """
    text = unicodedata.normalize("NFKC", title).lower()
    return _BLANKS.sub(" ", _DECORATION.sub(" ", text)).strip()


def title_key(title: str) -> TitleKey | None:
    """The three forms a title is looked up by, or None where the text cannot be a title."""
    if not title or len(title) > MAX_TITLE_CHARS:
        return None
    text = normalise_title(title)
    code = None
    if found := _CODE.search(text):
        code = int(found.group(1))
        code = code if code <= LAST_CODE else None
        text = text[: found.start()].strip()
    bare = "".join(char for char in text if char.isalnum())
    return TitleKey(code, text, bare) if bare or code is not None else None


def is_personal(key: TitleKey) -> bool:
    """True where an unknown title speaks of a person or a secret by one of its parts."""
    return bool(_LATIN_PERSONAL.search(key.exact)) or any(
        part in key.bare for part in _PERSONAL_PARTS
    )


def recipient_part(key: TitleKey) -> str | None:
    """Name | zip where a column of an order file describes the recipient, else None."""
    return RECIPIENT_CODES.get(key.code) if key.code is not None else _RECIPIENT.get(key.bare)


def _bare(title: str) -> str:
    key = title_key(title)
    return key.bare if key else ""


_PERSONAL_PARTS = tuple(_bare(part) for part in PERSONAL_FRAGMENTS)
_RECIPIENT = {_bare(title): part for part, titles in RECIPIENT_TITLES.items() for title in titles}


@dataclass(frozen=True)
class TitleBook:
    """All titles of one kind of file, ready for lookup."""

    kind: FileKind
    exact: Mapping[str, Meaning]
    bare: Mapping[str, Meaning]
    chosen: Mapping[str, Meaning]

    def meaning(self, key: TitleKey) -> Meaning | None:
        """The surest meaning: the user's choice, the O-code, the exact title, the bare title.

        The O-code counts for order files only, where the template carries it [S]; it beats any
        text before it. Personal and extra titles count for every kind.
        """
        if key.exact in self.chosen:
            return self.chosen[key.exact]
        if key.code is not None and self.kind is FileKind.ORDERS:
            return _meaning_of_code(key.code)
        found = self.exact.get(key.exact) or self.bare.get(key.bare)
        if found is None and is_personal(key):
            return Meaning(Role.DROPPED)
        return found


def _meaning_of_code(code: int) -> Meaning:
    if code in DROPPED_CODES:
        return Meaning(Role.DROPPED)
    name = FIELD_OF_CODE.get(code)
    return Meaning(Role.FIELD, name, (1, 0)) if name else Meaning(Role.EXTRA)


def book_for(kind: FileKind, chosen: Mapping[str, str] | None = None) -> TitleBook:
    """The lookup for one kind; `chosen` maps titles a user picked by hand to our field names.

    Raises ValueError where a chosen field does not exist for this kind.
    """
    book = _plain_book(kind)
    if not chosen:
        return book
    unknown = sorted(set(chosen.values()) - set(TITLES[kind]))
    if unknown:
        raise ValueError(f"not a column of {kind.value}: {', '.join(unknown)}")
    picked = {
        key.exact: Meaning(Role.FIELD, name, (0, 0))
        for title, name in chosen.items()
        if (key := title_key(title))
    }
    return TitleBook(kind, book.exact, book.bare, picked)


@cache
def _plain_book(kind: FileKind) -> TitleBook:
    exact: dict[str, Meaning] = {}
    bare: dict[str, Meaning] = {}
    for name, titles in TITLES[kind].items():
        for order, title in enumerate(titles):
            key = title_key(title)
            assert key is not None
            exact.setdefault(key.exact, Meaning(Role.FIELD, name, (2, order)))
            bare.setdefault(key.bare, Meaning(Role.FIELD, name, (3, order)))
    _add(exact, bare, PERSONAL_TITLES, Role.DROPPED)
    _add(exact, bare, EXTRA_TITLES, Role.EXTRA)
    return TitleBook(kind, exact, bare, {})


def _add(
    exact: dict[str, Meaning], bare: dict[str, Meaning], titles: Iterable[str], role: Role
) -> None:
    for title in titles:
        if key := title_key(title):
            exact.setdefault(key.exact, Meaning(role))
            bare.setdefault(key.bare, Meaning(role))


def recognised(keys: Sequence[TitleKey | None], book: TitleBook) -> int:
    """How many titles of a line this book knows, each field counted once."""
    seen: set[str] = set()
    others = 0
    for key in keys:
        meaning = book.meaning(key) if key else None
        if meaning is None:
            continue
        if meaning.role is Role.FIELD:
            seen.add(meaning.field)
        else:
            others += 1
    return len(seen) + others
