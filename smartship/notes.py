"""What reading a file had to decide or could not know, counted and turned into cautions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from smartship.types import Caution, Value
from smartship.values import ASSUMED_ZONE_NAME, shape_of

_MAX_WORDS = 20
_MAX_ROWS = 5
_MAX_WORD_CHARS = 40


class Notes:
    """Collects while rows are read; cell text leaves only as short words of closed vocabularies."""

    def __init__(self) -> None:
        self._cautions: list[Caution] = []
        self._cells: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._words: dict[str, Counter[str]] = defaultdict(Counter)
        self._characters: Counter[str] = Counter()
        self._zones: set[str] = set()

    def add(self, code: str, **values: Value) -> None:
        """A caution that concerns the whole file."""
        self._cautions.append(Caution(code, values))

    def cell(self, code: str, field: str, title: str, row: int) -> None:
        """A cell that could not be understood, in file row `row` (from 1)."""
        self._cells[code, field, title].append(row)

    def word(self, code: str, word: str) -> None:
        """A word missing from a closed list; overlong ones are kept as their shape only."""
        self._words[code][word if len(word) <= _MAX_WORD_CHARS else shape_of(word)] += 1

    def characters(self, found: Iterable[str]) -> None:
        """Characters that a CP932 file cannot carry both ways."""
        self._characters.update(found)

    def zone_assumed(self, field: str) -> None:
        """A column whose instants name no zone."""
        self._zones.add(field)

    def cautions(self, encoding: str | None) -> tuple[Caution, ...]:
        """Everything noted; `encoding` tells which way the CP932 characters went."""
        found = list(self._cautions)
        if self._zones:
            values: dict[str, Value] = {"zone": ASSUMED_ZONE_NAME}
            values["fields"] = tuple(sorted(self._zones))
            found.append(Caution("time_zone_assumed", values))
        for (code, field, title), rows in self._cells.items():
            values = {"field": field, "title": title, "count": len(rows)}
            values["rows"] = tuple(rows[:_MAX_ROWS])
            found.append(Caution(code, values))
        for code, words in self._words.items():
            values = {"count": words.total()}
            values["words"] = tuple(word for word, _ in words.most_common(_MAX_WORDS))
            found.append(Caution(code, values))
        if self._characters:
            code = "cp932_ambiguous_characters" if encoding == "cp932" else "cp932_would_change"
            values = {"count": self._characters.total()}
            values["characters"] = tuple(f"U+{ord(char):04X}" for char in sorted(self._characters))
            found.append(Caution(code, values))
        return tuple(found)
