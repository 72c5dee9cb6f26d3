"""The words of the desk, as docs/glossary.md and its Japanese twin say them; the documents are the only source."""

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
    """One word in both languages. section, meaning: by language; identifier: its name in files and code, or ""."""

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
    japanese = {cells[0]: (section, cells[1]) for section, cells in _rows("glossary.ja.md")}
    return tuple(
        Term(
            section={"ja": japanese[cells[0]][0], "en": section},
            word={"ja": cells[0], "en": cells[1]},
            identifier="" if cells[2] == "–" else cells[2].strip("`"),
            meaning={"ja": _plain(japanese[cells[0]][1]), "en": _plain(cells[3])},
        )
        for section, cells in _rows("glossary.md")
    )


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
