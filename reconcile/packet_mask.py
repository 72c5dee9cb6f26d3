"""What must not leave the house in a file for others: addresses, telephones, mails, links, folders, words of ours.

Personal fields are not kept in the first place; this is the second fence, for texts that somebody typed into an item
name, a phase name or a status. Numbers that support needs (orders, packings, tracking) are kept whatever they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

MASK = "■■■"
SHORT = 4  # shorter words of ours are masked as whole words only [D]
_PATTERNS = (
    r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"']+",  # links
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # mail
    r"(?<![\w/])(?:/[\w.~-]+){2,}",  # folders
    r"(?<!\w)[A-Za-z]:\\[^\s<>\"']+",
    r"(?<![\w-])(?:\+81|0)\d{0,4}[-‐－ー(（]\d{1,4}[-‐－ー)）]\d{3,4}(?![\w-])",  # telephones
    r"(?<![\w-])0[5789]0\d{8}(?![\w-])",
    r"〒\s?\d{3}[-‐－ー]?\d{4}",  # post codes
    r"(?<![\w-])\d{3}[-‐－ー]\d{4}(?![\w-])",
    r"(?:東京都|北海道|(?:京都|大阪)府|\w{2,3}県)\s?\w{1,12}?[市区町村郡]\w{0,40}?[\d０-９][\d０-９丁目番地号の\-－‐]*",
    r"[\w々ヶ]{1,12}\s?(?<![仕同模多異客皆])[様殿](?![\w々])",  # a person's name with its title
)


class Mask:
    """Texts without what must not leave: `Mask(keep, secrets)("...")`.

    keep: numbers that stay although they look like a telephone; secrets: words of ours that never stay.
    """

    def __init__(self, keep: Iterable[object], secrets: Iterable[str]) -> None:
        self._keep = frozenset(str(one) for one in keep if one not in (None, ""))
        words = [one for one in secrets if one]
        ours = [
            re.escape(one) if len(one) >= SHORT else rf"(?<!\w){re.escape(one)}(?!\w)"
            for one in sorted(words, key=len, reverse=True)
        ]
        self._pattern = re.compile("|".join((*ours, *_PATTERNS)), re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """The text with every match replaced by MASK."""
        return self._pattern.sub(lambda found: self._kept(found[0]), text)

    def values(self, value: Any) -> Any:
        """The same for every text inside mappings and sequences; instants and numbers stay."""
        if isinstance(value, str):
            return self(value) if not _is_instant(value) else value
        if isinstance(value, Mapping):
            return {name: self.values(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.values(item) for item in value]
        return value

    def _kept(self, found: str) -> str:
        return found if found in self._keep else MASK


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) >= len("2026-01-01T00:00:00")
