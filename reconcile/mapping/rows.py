"""A table of products as numbers: the keys of every row, and its distinct names and options."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reconcile.frames import FrameError
from reconcile.mapping.arrays import Flags, Numbers, Places, mixed
from reconcile.mapping.spelling import Spelling, spelled

STEPS = (
    "exact",
    "surface",
    "skeleton",
    "bag",
    "alternate",
)  # from the strictest key to the loosest
T = TypeVar("T", bound=Hashable)
_EMPTY = mixed(np.zeros(1, dtype=np.uint64))[0]


class Fields(NamedTuple):
    """The columns of a table of products."""

    ids: list[str]
    text: list[str]
    attr1: list[str]
    attr2: list[str]

    def chosen(self, rows: list[int]) -> Fields:
        """Some of the rows."""
        return Fields(*([column[row] for row in rows] for column in self))

    def texts(self, row: int, *, by_field: bool) -> tuple[str, ...]:
        """The texts that have to be equal: the fields, or all of them joined by a blank."""
        texts = self.text[row], self.attr1[row], self.attr2[row]
        return texts if by_field else (" ".join(filter(None, texts)),)

    def __add__(self, other: object) -> Fields:
        """The rows of both."""
        if not isinstance(other, Fields):
            return NotImplemented
        return Fields(*(one + two for one, two in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of one side. fields: ids and texts as given. names, options: distinct texts, those of each row by their places
    name_of and option_of.

    keys: for every step a number per row, equal where the step sees no difference. figures: the same for all figures of
    a row. has_text, has_letters: whether its name has any text, and any letter, digit or meaningful mark. hints: for each
    name the attributes that were joined into it, None where they stand apart or there are none.
    """

    fields: Fields
    names: list[str]
    options: list[str]
    name_of: Places
    option_of: Places
    name_spelling: Spelling
    option_spelling: Spelling
    keys: dict[str, Numbers]
    figures: Numbers
    condition: Numbers
    has_text: Flags
    has_letters: Flags
    hints: Spelling | None

    def has_key(self, step: str) -> Flags:
        """Which rows can be compared in a step."""
        return self.has_text if step in ("exact", "surface") else self.has_letters


def has_fields(frame: pd.DataFrame) -> bool:
    """Whether a table holds attributes apart from the text."""
    return "attr1" in frame.columns or "attr2" in frame.columns


def fields_of(frame: pd.DataFrame) -> Fields:
    """The columns id, text and, where there are any, attr1 and attr2. Raises FrameError when id or text is missing."""
    missing = [column for column in ("id", "text") if column not in frame.columns]
    if missing:
        raise FrameError(f"missing {missing}")
    return Fields(*(_texts(frame, column) for column in ("id", "text", "attr1", "attr2")))


def rows_of(fields: Fields, *, by_field: bool) -> Rows:
    """The rows of a table; without by_field text and attributes are joined by a blank."""
    text, first, second = fields.text, fields.attr1, fields.attr2
    of_pair, pairs = _distinct(list(zip(first, second, strict=True)))
    of_option, options = _distinct([",".join(filter(None, pair)) for pair in pairs])
    option_of = of_option[of_pair]
    hints = None
    if not by_field and options not in ([], [""]):
        text = [fields.texts(row, by_field=False)[0] for row in range(len(text))]
    name_of, names = _distinct(text)
    if not by_field:
        if options not in ([], [""]):
            hint = np.zeros(len(names), dtype=np.int64)
            hint[name_of] = option_of
            hints = spelled([options[one] for one in hint.tolist()])
        pairs, options = [("", "")], [""]
        of_pair = option_of = np.zeros(len(text), dtype=np.int64)
    name, option = spelled(names), spelled(options)
    has_text = (name.surface != _EMPTY)[name_of]
    return Rows(
        fields=fields,
        names=names,
        options=options,
        name_of=name_of,
        option_of=option_of,
        name_spelling=name,
        option_spelling=option,
        keys={
            "exact": _joined(_hashes(names)[name_of], _hashes(pairs)[of_pair]),
            "surface": _joined(name.surface[name_of], option.surface[option_of]),
            "skeleton": _joined(name.skeleton[name_of], option.skeleton[option_of]),
            "bag": name.bag[name_of] + option.bag[option_of],
            "alternate": name.core[name_of] + option.core[option_of],
        },
        figures=name.figures[name_of] + option.figures[option_of],
        condition=name.condition[name_of] + option.condition[option_of],
        has_text=has_text,
        has_letters=has_text & (name.skeleton != _EMPTY)[name_of],
        hints=hints,
    )


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    if column not in frame.columns:
        return [""] * len(frame)
    values, missing = frame[column].tolist(), frame[column].isna()
    if missing.any():
        return ["" if none else str(value) for value, none in zip(values, missing, strict=True)]
    return values if all(type(value) is str for value in values) else list(map(str, values))


def _distinct(values: list[T]) -> tuple[Places, list[T]]:
    """For every value its place among the distinct ones, and those in order of appearance."""
    codes: dict[T, int] = {}
    of = [codes.setdefault(value, len(codes)) for value in values]
    return np.array(of, dtype=np.int64), list(codes)


def _hashes(values: Sequence[object]) -> Numbers:
    """Python's keyed hashes: equal within this process only."""
    hashes: NDArray[np.int64] = np.fromiter(map(hash, values), dtype=np.int64, count=len(values))
    return hashes.view(np.uint64)


def _joined(name: Numbers, option: Numbers) -> Numbers:
    return mixed(mixed(name) * np.uint64(3) + option)
