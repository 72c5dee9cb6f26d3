"""Each rule is complete: data it needs exist, its block returns what it announces, words stand in every language, docs agree."""

from __future__ import annotations

import string
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from reconcile.orders import ROLES
from reconcile.rules import (
    MISSING_CODES,
    NOT_RULES,
    RULES,
    RuleLimits,
    explain,
    missing_title,
    title,
)
from reconcile.store import queries
from reconcile.text import LANGUAGES, catalogue
from smartship.types import CanonicalStatus
from tests.architecture.sources import ROOT
from tests.rules.world import World

AREAS = sorted({rule.block.split(".")[0] for rule in RULES})
PARTS = ("title", "why", "saw", "cure")


def asked(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_ids_and_priorities_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert len({rule.priority for rule in RULES}) == len(RULES)


def test_every_number_of_the_failure_catalogue_is_a_rule_or_says_why_not() -> None:
    numbers = {f"F{place:02d}" for place in range(1, 37)}
    ours = {rule.id for rule in RULES}
    assert {one for one in ours if one <= "F36"} | set(NOT_RULES) == numbers
    assert not ours & set(NOT_RULES)


def test_every_column_a_rule_needs_exists() -> None:
    world = World()
    known = {
        f"{table}.{column}"
        for table, column in world.con.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
        ).fetchall()
    }
    assert [(rule.id, need) for rule in RULES for need in rule.needs if need not in known] == []


def test_every_block_returns_the_columns_its_rule_announces() -> None:
    world = World()
    world.file()
    world.judge()
    values = {
        "account": "shop",
        "now": datetime.now(UTC).replace(tzinfo=None),
        **RuleLimits().parameters(),
    }
    for rule in RULES:
        area, block = rule.block.split(".")
        statement = queries.load(area)[block]
        bound = {name: value for name, value in values.items() if f"${name}" in statement}
        result = world.con.execute(statement, bound)
        columns = tuple(column[0] for column in result.description or ())
        result.fetchall()
        assert columns == rule.columns, rule.id


def test_every_rule_block_of_the_sql_files_belongs_to_a_rule() -> None:
    blocks = {
        f"{area}.{name}" for area in AREAS for name in queries.load(area) if name.startswith("F")
    }
    assert blocks == {rule.block for rule in RULES}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_has_all_words_and_asks_only_for_its_evidence(lang: str) -> None:
    texts = catalogue(lang)
    for rule in RULES:
        evidence = {name for name, _, _ in rule.evidence}
        for part in PARTS:
            assert asked(texts[f"rule.{rule.id}.{part}"]) <= evidence, f"{rule.id}.{part}"
        assert asked(texts[f"rule.{rule.id}.title"]) == set()
        for code in rule.missing:
            assert asked(texts[f"missing.{code}"]) <= evidence, f"{rule.id} {code}"


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_twins_ask_for_the_same_evidence_and_give_as_many_steps(lang: str) -> None:
    ja, twin = catalogue("ja"), catalogue(lang)
    for rule in RULES:
        for part in PARTS:
            key = f"rule.{rule.id}.{part}"
            assert asked(ja[key]) == asked(twin[key]), key
        steps = [len(texts[f"rule.{rule.id}.cure"].splitlines()) for texts in (ja, twin)]
        assert steps[0] == steps[1] >= 3, rule.id


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_missing_code_has_a_title_and_is_used_by_a_rule(lang: str) -> None:
    assert {code for rule in RULES for code in rule.missing} == set(MISSING_CODES)
    for code in MISSING_CODES:
        assert asked(missing_title(code, lang)) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_closed_word_has_its_text(lang: str) -> None:
    words = {
        "auto_orders": ("on", "off", "unknown"),
        "role": ("collect", "shipped"),
        "phase_check": ("exact", "absent", "lookalike_instead", "lookalike_beside", "unknown"),
        "ss_status": tuple(status.value for status in CanonicalStatus),
        "stuck_by": ("error", "sku_blank", "out_of_stock"),
        "vanished_how": ("gone", "cancelled"),
        "died_where": ("shop", "account"),
        "hit_how": ("no_shop", "other_shop"),
        "differs_by": ("filtered", "period_unknown"),
        "exposed": ("now", "soon"),
        "stopped": ("off", "frozen"),
        "sync_type": ("P", "B", "Z"),
    }
    used = {name for rule in RULES for name, kind, _ in rule.evidence if kind == "word"}
    assert used == set(words)
    assert set(words["role"]) <= set(ROLES)
    for name, values in words.items():
        for value in values:
            assert catalogue(lang)[f"rule.word.{name}.{value}"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_rule_speaks_even_without_evidence(lang: str) -> None:
    for rule in RULES:
        for code in (None, *rule.missing):
            said = explain(rule.id, {}, lang, missing=code)
            assert said.title == title(rule.id, lang)
            assert "{" not in said.saw + "".join(said.cure) + (said.missing or "")


def test_every_limit_names_its_unit_and_evidence_mark() -> None:
    for item in fields(RuleLimits):
        assert item.metadata["unit"] in {"min", "h", "days", "orders", "times"}, item.name
        assert item.metadata["mark"] in {"S", "I", "D"}, item.name


def test_the_rules_document_is_up_to_date() -> None:
    check = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_rule_docs.py"), "--check"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert check.returncode == 0, check.stderr
    document = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert all(f"## {rule.id} " in document for rule in RULES)
