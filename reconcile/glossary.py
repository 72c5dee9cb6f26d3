"""The words of the desk, as docs/glossary.md and its Japanese and Korean twins say them; the documents are the only source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DOCS = Path(__file__).resolve().parents[1] / "docs"
_HEADS = ("言葉", "---")
_LINK = re.compile(r"\s*\(?\[[^\]]*\]\([^)]*\)\)?")
_MARK = re.compile(r"\s*\[[SID]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word in every language. section, word, meaning: by language; identifier: its name in files and code, or ""."""

    section: dict[str, str]
    word: dict[str, str]
    identifier: str
    meaning: dict[str, str]

    def holds(self, search: str) -> bool:
        """Whether the text stands in it, whatever the case."""
        held = (*self.word.values(), self.identifier, *self.meaning.values())
        return search.casefold() in "\n".join(held).casefold()


@cache
def terms() -> tuple[Term, ...]:
    """Every word, in the order of the document."""
    japanese, korean = (
        {cells[0]: (section, *cells[1:]) for section, cells in _rows(name)}
        for name in ("glossary.ja.md", "glossary.ko.md")
    )
    found = []
    for english_section, (ja, en, identifier, english) in _rows("glossary.md"):
        section, meaning = japanese[ja]
        korean_section, ko, korean_meaning = korean[ja]
        found.append(
            Term(
                section={"ja": section, "en": english_section, "ko": korean_section},
                word={"ja": ja, "en": en, "ko": ko},
                identifier="" if identifier == "–" else identifier.strip("`"),
                meaning={
                    "ja": _plain(meaning),
                    "en": _plain(english),
                    "ko": _plain(korean_meaning),
                },
            )
        )
    return tuple(found)


def _rows(name: str) -> Iterator[tuple[str, list[str]]]:
    """The rows of a document's tables with the heading above them."""
    section = ""
    for line in (_DOCS / name).read_text("utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not cells[0].startswith(_HEADS):
                yield section, cells


def _plain(meaning: str) -> str:
    """A meaning without links, code marks and marks of evidence."""
    return _MARK.sub("", _LINK.sub("", meaning)).replace("`", "")
