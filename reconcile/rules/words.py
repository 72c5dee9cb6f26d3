"""A finding in the words of one language: what it is, why it matters, what we saw, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconcile.model import Explanation
from reconcile.rules.registry import RULE_BY_ID
from reconcile.text import Text


def explain(
    rule: str, because: Mapping[str, Any], lang: str, missing: str | None = None
) -> Explanation:
    """The finding in words; `cure` has one step per entry, `missing` says what would settle a "cannot tell".

    because: the finding's evidence as stored (instants as ISO 8601 text in UTC, shown in JST). Evidence that is
    absent reads as "none". Raises KeyError for a rule, language word or missing code that does not exist.
    """
    known = RULE_BY_ID[rule]
    text = Text(lang)
    shown = {name: _shown(text, name, kind, because.get(name)) for name, kind, _ in known.evidence}
    return Explanation(
        title=title(rule, lang),
        why=text(f"rule.{rule}.why"),
        saw=text(f"rule.{rule}.saw", **shown),
        cure=tuple(text(f"rule.{rule}.cure", **shown).strip().splitlines()),
        missing=None if missing is None else text(f"missing.{missing}", **shown),
    )


def title(rule: str, lang: str) -> str:
    """The rule's name in one short line. Raises KeyError for a rule that does not exist."""
    return Text(lang)(f"rule.{rule}.title")


def missing_title(code: str, lang: str) -> str:
    """What would settle a "cannot tell", in one short line without values. Raises KeyError for an unknown code."""
    return Text(lang)(f"missing.{code}.title")


def _shown(text: Text, name: str, kind: str, value: Any) -> str:
    if kind == "difference":
        parts = [text(f"rule.difference.{part['op']}", **part) for part in value or ()]
        return text.value(parts) or text("rule.none")
    if kind == "causes":
        return text.value([text(f"cause.{code}") for code in value or ()]) or text("rule.none")
    if value is None or value == "":
        return text("rule.unknown_time" if kind == "instant" else "rule.none")
    if kind == "instant":
        return text.time(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    if kind == "word":
        return text(f"rule.word.{name}.{value}")
    return text.value(value)
