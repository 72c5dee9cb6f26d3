"""All words that people read, in three languages, and how numbers, times and ages are written.

`ja.toml` is the source, `en.toml` and `ko.toml` its twins: flat keys, named placeholders. Machine values are never translated.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

LANGUAGES = ("ja", "en", "ko")
UNWRITABLE = {"cp932": ("ko",)}  # encodings without the letters of a language
JST = ZoneInfo("Asia/Tokyo")


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Every text of one language by key. Raises ValueError for a language we do not have."""
    if lang not in LANGUAGES:
        raise ValueError(f"no texts in {lang!r}; there are {', '.join(LANGUAGES)}")
    texts: dict[str, str] = {}
    for path in sorted(resources.files("reconcile.text").iterdir(), key=lambda path: path.name):
        if path.name.endswith(f"{lang}.toml"):
            texts |= tomllib.loads(path.read_text("utf-8"))
    return texts


# Columns that hold codes -> the family of texts that has their words; any other column of states uses `state`.
FAMILIES: Mapping[str, str] = {
    "ss_status": "ss_status",
    "status": "ss_status",
    "mapping_class": "mapping_class",
    "cause": "stock_cause",
    "causes": "cause",
    "phase_role": "connections.role",
    "triage": "desk.triage",
    "ageing": "desk.ageing",
    "matched_by": "orders.matched_by",
    "decision": "mapping.decision",
    "arrival": "mapping.arrival",
    "proposal": "mapping.proposal",
    "fix_action": "mapping.fix_action",
    "side": "frame",
    "mapping_event": "mapping.event",
    "state_before": "mapping_class",
    "twin_kind": "mapping.twin_kind",
    "movement": "stock_movement",
    "sync_state": "stock_sync",
    "sync_type": "stock_sync_type",
    "reason": "stock_reason",
    "stock_act": "stock_act",
}


class Text:
    """The words of one language: `text("orders.title")`, `text("sync.done", calls=3)`.

    signs: values that hold characters nobody sees are written with a sign for each, for a screen; else as they are.
    """

    def __init__(self, lang: str = "ja", *, signs: bool = False) -> None:
        self.lang = lang
        self._texts = catalogue(lang)
        self._signs = signs

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of `key` with its placeholders filled. Raises KeyError for a key that does not exist."""
        return self._texts[key].format_map(
            {name: self._shown(name, value) for name, value in values.items()}
        )

    def written_in(self, encoding: str) -> Text:
        """The words for a file in that encoding: Japanese ones where it lacks the letters of this language."""
        return Text(LANGUAGES[0]) if self.lang in UNWRITABLE.get(encoding, ()) else self

    def has(self, key: str) -> bool:
        """Whether there is a text of that key."""
        return key in self._texts

    def word(self, column: str, code: str, *, plain: bool = False) -> str:
        """The word of a code in a column; the raw code where the vendor's value is not one of ours.

        plain: without the mark in front of it (● ▲ ? ✓), which a screen shows and a file does not.
        """
        word = self._texts.get(f"{FAMILIES.get(column, 'state')}.{code}") or self.value(code)
        mark, _, rest = word.partition(" ")
        return rest if plain and rest and len(mark) == 1 and not mark.isalnum() else word

    def event(self, event: Mapping[str, Any], *, brief: bool = False) -> str:
        """One event of an order's timeline in words; an empty value reads as a dash, `brief` leaves the packing out."""
        values = {
            name: "–" if value in (None, "") else value for name, value in event["values"].items()
        }
        words = self(f"event.{event['kind']}", **values)
        if brief or "packing_no" not in values:
            return words
        return self("event.packing", event=words, packing_no=values["packing_no"])

    def value(self, value: object) -> str:
        """One value as people write it: counts with separators, instants in JST, lists with the language's comma."""
        if isinstance(value, bool):
            return self._texts["value.yes" if value else "value.no"]
        if isinstance(value, int):
            return f"{value:,}"
        if isinstance(value, float):
            return f"{value:,.1f}"
        if isinstance(value, datetime):
            return self.time(value)
        if isinstance(value, (list, tuple)):
            return self._texts["value.comma"].join(self.value(item) for item in value)
        written = "" if value is None else str(value)
        return visible(written, lines=True) if self._signs else written

    def _shown(self, name: str, value: object) -> str:
        """A placeholder's value; the code of a `reason` by its word where there is one, and what is not known in words."""
        if value is None and name in ("reason", "endpoint", "http_status"):
            return self._texts["reason.none"] if name == "reason" else "–"
        word = self._texts.get(f"reason.{value}") if name == "reason" else None
        return word or self.value(value)

    def time(self, at: datetime | None, *, full: bool = False) -> str:
        """An instant in JST, `11/23 14:05`, or with year and seconds when `full`; a dash for None."""
        if at is None:
            return "–"
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(JST)
        return local.strftime("%Y-%m-%d %H:%M:%S" if full else "%m/%d %H:%M")

    def age(self, at: datetime | None, now: datetime) -> str:
        """How long ago, in the largest fitting unit; the "never" word for None."""
        if at is None:
            return self._texts["age.never"]
        passed = now - (at if at.tzinfo else at.replace(tzinfo=UTC))
        return self._texts["age.ago"].format(span=self.span(passed))

    def span(self, length: timedelta) -> str:
        """A length of time in the largest fitting unit, seconds to days."""
        seconds = max(0, int(length.total_seconds()))
        for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= 2 * size or (unit != "days" and seconds >= size):
                return self._texts[f"age.{unit}"].format(n=seconds // size)
        return self._texts["age.seconds"].format(n=seconds)


# Letters and signs that nobody sees: fillers, the empty Braille cell, the joiner of graphemes.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def visible(text: str, *, lines: bool = False) -> str:
    """The text with a sign for every character that nobody sees or that turns a line: ␊, `[U+202E]`, `[U+00A0]`.

    Blanks and the wide blank stay; `lines` keeps line breaks. A screen escapes it besides; what is kept, copied or
    compared is the text itself.
    """
    if text.isprintable() and _FILLERS.isdisjoint(text):
        return text
    return "".join(
        char if lines and char == "\n" else _sign(char) if _is_hidden(char) else char
        for char in text
    )


def _is_hidden(char: str) -> bool:
    if char in " \u3000":
        return False
    kinds = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")
    return unicodedata.category(char) in kinds or char in _FILLERS


def _sign(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"[U+{code:04X}]"


def as_jsonable(value: Any) -> Any:
    """The value as JSON holds it: instants as ISO 8601 in UTC, mappings and sequences by their items."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_jsonable(item) for item in value]
    return value
