"""The project's own Python files, parsed once, for the tests that judge their shape."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("crossmall", "smartship", "reconcile")


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the project root with slashes, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    def at(self, node: ast.AST) -> str:
        """File and line of a node, as editors understand it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def read(path: str) -> Source:
    """One file by its path from the project root."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return Source(path, text, ast.parse(text, filename=path))


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The files below some folders (or single files) of the project, in order of their paths."""
    found: set[Path] = set()
    for folder in folders:
        place = ROOT / folder
        found |= {place} if place.is_file() else set(place.rglob("*.py"))
    return tuple(read(path.relative_to(ROOT).as_posix()) for path in sorted(found))


def product() -> tuple[Source, ...]:
    """What users run: the packages, the pages and app.py."""
    return sources(*PACKAGES, "pages", "app.py")


def calls(source: Source) -> Iterator[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def constant(node: ast.expr | None) -> object:
    """The value of a literal, None for anything else."""
    return node.value if isinstance(node, ast.Constant) else None


def report(wrong: list[str]) -> str:
    """One finding per line, for the message of a failed test."""
    return "\n" + "\n".join(wrong)
