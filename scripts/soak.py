"""Turns what a soak counted into the table of docs/reliability.md, beside the goals.

``python scripts/soak.py FIGURES...``: files that TOTSUGO_SOAK_FIGURES named, one JSON object a line. Figures of one test
add up; the rows of the table between the two marks are replaced, everything else stays.
"""

from __future__ import annotations

import json
import platform
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from operator import add
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
HEADER = ("| goal | test | counted |", "|---|---|---|")

Figures = dict[tuple[str, str], dict[str, float]]


def read(*files: Path) -> Figures:
    """(goal, test) -> what it counted: the notes of one test added up, but the most of `worst_*` and the least of `least_*`.

    Raises ValueError naming the line that is not a note of ``tally``.
    """
    found: Figures = defaultdict(dict)
    lines = [
        (file.name, number, line)
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
    ]
    for name_of_file, number, line in lines:
        try:
            note = json.loads(line)
            goal, test = note.pop("goal"), note.pop("test")
            counted = found[goal, test]
            for name, figure in note.items():
                counted[name] = _joined(name)(counted[name], figure) if name in counted else figure
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"{name_of_file}, line {number}: not a note of a test") from error
    return found


def _joined(name: str) -> Callable[[float, float], float]:
    if name.startswith("worst_"):
        return max
    return min if name.startswith("least_") else add


def table(figures: Figures, at: datetime) -> str:
    """The Markdown between the marks, goals in the order of their numbers."""
    rows = [
        f"| {goal} | {test.removeprefix('test_').replace('_', ' ')} | "
        + ", ".join(f"{name.replace('_', ' ')} {figure:,.6g}" for name, figure in counted.items())
        + " |"
        for (goal, test), counted in sorted(figures.items(), key=lambda row: (_rank(row[0][0]), row[0]))
    ]  # fmt: skip
    told = f"Soak of {at:%Y-%m-%d}, Python {platform.python_version()}, {platform.system()}."
    return "\n".join([BEGIN, told, "", *HEADER, *rows, END])


def _rank(goal: str) -> int:
    digits = "".join(letter for letter in goal if letter.isdigit())
    return int(digits) if digits else 0


def renewed(page: str, figures: Figures, at: datetime) -> str:
    """The page with its table replaced. Raises ValueError when the marks are missing."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{BEGIN} and {END} are not both in the page")
    return head + table(figures, at) + tail


def main(arguments: list[str]) -> int:
    """0 after the page was written, 2 with one line on stderr otherwise."""
    if not arguments:
        print("usage: python scripts/soak.py FIGURES...", file=sys.stderr)
        return 2
    try:
        figures = read(*map(Path, arguments))
        page = renewed(PAGE.read_text(encoding="utf-8"), figures, datetime.now(UTC))
    except (OSError, ValueError) as error:
        print(f"soak: {error}", file=sys.stderr)
        return 2
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
