"""Writes docs/rules.md from the rule registry, the limits and the texts; `--check` only says whether it is up to date."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from reconcile.rules import (  # noqa: E402
    MISSING_CODES,
    NOT_RULES,
    RULES,
    Rule,
    RuleLimits,
    missing_title,
    title,
)
from reconcile.text import Text  # noqa: E402
from scripts.generated import keep  # noqa: E402

TARGET = ROOT / "docs" / "rules.md"
HEAD = """# Rules

Generated from `reconcile/rules/` and `reconcile/text/rules_*.toml`; do not edit. Renew with
`python scripts/make_rule_docs.py`.

Each rule is one SQL block, one entry in every language, a sample that triggers it and near misses that must not. It
answers with findings, or with "cannot tell" and what would settle it. The ids are those of the failure catalogue.

| rule | 日本語 | English | severity | subject |
|---|---|---|---|---|
"""
AREAS = {
    "collection": "Smartship should have collected the order; nothing is judged before an orders file was imported.",
    "moved": "A special case of F07 with a proven history; silent before an orders file was imported.",
    "order": "Both sides know the order and disagree.",
    "connection": "The account, a shop, or many orders at once.",
    "stock": "A product whose stock the two sides tell differently; see docs/stock.md.",
}
ORDERED = """
## Which rule speaks when several fit

An order has one primary rule: findings before warnings (F02) before "cannot tell", then the lowest priority number.
A finding of low severity informs and leaves its order in step.

Rules that would tell one fact twice exclude each other; the most specific proven cause speaks:

- Missing at Smartship and past 発送待機: F40 (its stay lies between two collections) before F39 (never was there) before
  F37 (seen there, moved elsewhere) before F07 (anything else). F01 leaves an order that was seen in 発送待機 to F37 or F40.
- Back in 発送待機 after the shipped phase: F41 instead of F02, F03, F04, F05, F07 and F18.
- A line standing still at Smartship: F35 (balance) before F24 (no waybill number) before F08 (error) before F23 (hold).
- Pieces: more than ordered on several packings is F19, any other difference F22, no difference on several packings F20.
- A dead shop is one F04 instead of an F03 for each order. F46 groups single misses: they stay and name it.
"""


def section(rule: Rule) -> str:
    """One rule of the document."""
    japanese, english = Text("ja"), Text("en")
    area, block = rule.block.split(".")
    parts = [
        f"\n## {rule.id} {title(rule.id, 'ja')} / {title(rule.id, 'en')}\n",
        japanese(f"rule.{rule.id}.why") + "\n",
        english(f"rule.{rule.id}.why") + "\n",
        f"- Area: {rule.area}. {AREAS[rule.area]}",
        f"- SQL: `reconcile/store/sql/{area}.sql`, block `{block}`; priority {rule.priority}",
        f"- Needs: {', '.join(f'`{column}`' for column in rule.needs)}",
        f"- Cannot tell without: {', '.join(f'`{code}`' for code in rule.missing) or 'nothing more'}\n",
        "| evidence | type | unit |",
        "|---|---|---|",
        *(f"| `{name}` | {kind} | {unit or '–'} |" for name, kind, unit in rule.evidence),
    ]
    return "\n".join(parts) + "\n"


def limits() -> str:
    """The table of limits with defaults, units and evidence marks."""
    rows = [
        f"| `{item.name}` | {item.default} | {item.metadata['unit']} | {item.metadata['mark']} |"
        for item in fields(RuleLimits)
    ]
    marks = "S = seen in the vendor's text, I = inferred, D = our decision."
    return "\n".join(
        [
            "\n## Limits\n",
            f"{marks}\n",
            "| limit | default | unit | mark |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def missing() -> str:
    """The table of what may be wanting before a rule can tell."""
    rows = [
        f"| `{code}` | {missing_title(code, 'ja')} | {missing_title(code, 'en')} |"
        for code in MISSING_CODES
    ]
    return "\n".join(
        [
            '\n## What settles a "cannot tell"\n',
            "| code | 日本語 | English |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def catalogue() -> str:
    """Every number of the failure catalogue: a rule, or not visible and why."""
    japanese, english = Text("ja"), Text("en")
    known = {rule.id for rule in RULES}
    rows = []
    for number in (f"F{place:02d}" for place in range(1, 37)):
        if number in known:
            rows.append(f"| {number} | 規則 | rule |")
            continue
        key = NOT_RULES[number]
        rows.append(f"| {number} | {japanese(key)} | {english(key)} |")
    return "\n".join(
        ["\n## The whole catalogue\n", "| number | 日本語 | English |", "|---|---|---|", *rows, ""]
    )


def document() -> str:
    """The whole of docs/rules.md. Raises KeyError for a rule or code without words."""
    table = [
        f"| {rule.id} | {title(rule.id, 'ja')} | {title(rule.id, 'en')} | {rule.severity} | {rule.subject_kind} |\n"
        for rule in RULES
    ]
    sections = "".join(section(rule) for rule in RULES)
    return HEAD + "".join(table) + ORDERED + catalogue() + sections + limits() + missing()


if __name__ == "__main__":
    sys.exit(keep(TARGET, document(), sys.argv[1:]))
