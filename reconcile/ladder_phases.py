"""The rungs for the two phase names Smartship needs: there to the character, there with a twin, nearly there, or not."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from reconcile.ladder_rungs import Rungs
from reconcile.mapping.difference import difference
from reconcile.orders.keys import is_blank
from reconcile.orders.lookalike import check_phase
from reconcile.orders.roles import DEFAULT_ROLES

KINDS = ("width", "case", "composed", "blank", "quotes", "missing", "extra", "other")
_QUOTES = frozenset("\"'`´‘’‚‛“”„‟〝〞〟「」『』＂＇")


def check_name(rungs: Rungs, step_id: str, expected: str, names: Sequence[str]) -> None:
    """Whether a phase is spelled exactly as expected; `unlike` holds, per look-alike, the differing characters.

    `unlike`: [{"name", "kind", "parts"}], `parts` as `Workspace.difference` gives them, expected left, found right.
    """
    found = check_phase(expected, names, other_roles=DEFAULT_ROLES)
    unlike = [_unlike(expected, alike.name) for alike in found.lookalikes]
    if not unlike:
        unlike = [_unlike(expected, name) for name in names if _is_quoted(expected, name)]
    near = [one["name"] for one in unlike]
    values = {
        "expected": expected,
        "found": [shown(name) for name in near],
        "points": [_points(one["parts"]) for one in unlike],
        "unlike": unlike,
        "phases": len(names),
    }
    if found.is_exact and not near:
        rungs.ok(step_id, "ladder.phase.ok", **values)
    elif found.is_exact:
        rungs.warning(step_id, "ladder.phase.twin", **values)
    elif near:
        rungs.failed(step_id, f"ladder.phase.near.{unlike[0]['kind']}", **values)
    else:
        rungs.failed(step_id, "ladder.phase.absent", **values)


def kind_of(expected: str, found: str) -> str:
    """In what the found name differs from the expected one, the most telling kind first (see KINDS)."""
    if unicodedata.normalize("NFC", found) == expected:
        return "composed"
    if _bare(found) == expected:
        return "blank"
    if _unquoted(found) == expected:
        return "quotes"
    if unicodedata.normalize("NFKC", found) == unicodedata.normalize("NFKC", expected):
        return "width"
    if found.casefold() == expected.casefold():
        return "case"
    ops = {change.op for change in difference(expected, found)} - {"equal"}
    return {frozenset({"delete"}): "missing", frozenset({"insert"}): "extra"}.get(
        frozenset(ops), "other"
    )


def shown(name: str) -> str:
    """A phase name as text where nothing hides: blanks, marks and invisible characters stand as their code points."""
    return "".join(
        f"<U+{ord(c):04X}>" if is_blank(c) or unicodedata.category(c) == "Mn" else c for c in name
    )


def _unlike(expected: str, name: str) -> dict[str, Any]:
    parts = [change._asdict() for change in difference(expected, name)]
    return {"name": name, "kind": kind_of(expected, name), "parts": parts}


def _points(parts: Sequence[dict[str, Any]]) -> str:
    """The differing stretches as `み U+307F → –`, for a terminal."""
    return ", ".join(
        f"{_side(part['left'])} → {_side(part['right'])}" for part in parts if part["op"] != "equal"
    )


def _side(text: str) -> str:
    if not text:
        return "–"
    points = " ".join(f"U+{ord(c):04X}" for c in text)
    return points if any(is_blank(c) for c in text) else f"{text} {points}"


def _bare(name: str) -> str:
    return "".join(c for c in name if not is_blank(c))


def _unquoted(name: str) -> str:
    return "".join(c for c in name if c not in _QUOTES)


def _is_quoted(expected: str, name: str) -> bool:
    return name != expected and _unquoted(name).strip() == expected
