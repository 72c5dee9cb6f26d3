"""Writes docs/columns.md from the frame contracts and the texts; `--check` only says whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from reconcile.frames import FRAMES, Frame  # noqa: E402
from reconcile.text import Text  # noqa: E402
from scripts.generated import keep  # noqa: E402

TARGET = ROOT / "docs" / "columns.md"
HEAD = """# Columns

Generated from `reconcile/frames.py` and `reconcile/text/`; do not edit. Renew with `python scripts/make_columns.py`.

Every table of the screens, of the CSV files and of a notebook keeps one of these contracts. The people profile of a
CSV file is headed by the words of the language, the machine profile by the names of the first column.

| kind | in a frame and in the machine profile | on screen and in the people profile |
|---|---|---|
| id | text, untouched: leading zeros stay | the same text |
| text | text, untouched | the same text |
| count | integer, may be negative; empty = not known | the same, with separators on screen |
| yen | integer | the same, with separators on screen |
| instant | UTC, ISO 8601 | Japan time |
| date | ISO 8601 | the same |
| state | a code of a closed list | the word of the language |
| codes | one code, or several | the words of the language |
| flag | true or false | yes or no |
| number | a number that nobody adds up | as it is |
"""


def section(frame: Frame) -> str:
    """One table of the document."""
    japanese, english = Text("ja"), Text("en")
    rows = [
        f"\n## {frame.name}\n\nOne row per: {', '.join(f'`{name}`' for name in frame.key)}.\n",
        "| column | 日本語 | English | kind | shown |",
        "|---|---|---|---|---|",
    ]
    for column in frame.columns:
        label = f"column.{column.name}"
        where = "screen and files" if column.shown else "files only"
        rows.append(
            f"| `{column.name}` | {japanese(label)} | {english(label)} | {column.kind} | {where} |"
        )
    return "\n".join(rows) + "\n"


def document() -> str:
    """The whole of docs/columns.md. Raises KeyError for a column without a label."""
    return HEAD + "".join(section(frame) for frame in FRAMES.values())


if __name__ == "__main__":
    sys.exit(keep(TARGET, document(), sys.argv[1:]))
