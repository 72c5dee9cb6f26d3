"""What every script that writes a document does at its end: write it, or tell whether it is out of date."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def keep(target: Path, text: str, arguments: Sequence[str]) -> int:
    """0 = written or up to date, 1 = `--check` found it out of date."""
    if list(arguments) != ["--check"]:
        target.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return 0
    script = Path(sys.argv[0]).name
    print(f"docs/{target.name} is out of date; run: python scripts/{script}", file=sys.stderr)
    return 1
