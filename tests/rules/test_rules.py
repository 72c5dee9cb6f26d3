"""Every rule says what it must about its sample, its near misses and its borders."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from reconcile.rules import RULES
from reconcile.text import as_jsonable
from tests.rules import (
    collection_cases,
    moved_cases,
    order_cases,
    parcel_cases,
    pattern_cases,
    smartship_cases,
    stock_cases,
)
from tests.rules.collection_cases import Case
from tests.rules.world import World

CASES = (
    *collection_cases.CASES,
    *moved_cases.CASES,
    *order_cases.CASES,
    *smartship_cases.CASES,
    *parcel_cases.CASES,
    *pattern_cases.CASES,
    *stock_cases.CASES,
)


def answer(world: World, rule: str) -> tuple[str, dict[str, Any]]:
    """What the rule said about the first subject it spoke of, and its evidence."""
    rows = world.found(rule)
    if not rows:
        return "nothing", {}
    finding = next((row for row in rows if row["kind"] == "finding"), rows[0])
    assert all((row["kind"] == "finding") == (row["missing"] is None) for row in rows)
    return finding["missing"] or finding["kind"], json.loads(finding["because"])


def everyday(place: int, given: Case) -> Any:
    """The case as a parameter; of the near misses two in three run with ``make soak`` only."""
    rare = given.says == "nothing" and place % 3
    return pytest.param(
        given, id=f"{given.rule}-{given.name}", marks=[pytest.mark.soak] if rare else []
    )


@pytest.mark.parametrize("given", [everyday(*one) for one in enumerate(CASES)])
def test_a_rule_says_what_its_case_demands(given: Case) -> None:
    world = World()
    given.build(world)
    world.judge()
    says, because = answer(world, given.rule)
    assert says == given.says
    expected = {
        name: as_jsonable(value) if isinstance(value, datetime) else value
        for name, value in given.because
    }
    assert {name: because.get(name) for name in expected} == expected


def test_every_rule_has_a_sample_and_two_near_misses() -> None:
    count = Counter((given.rule, given.says == "nothing") for given in CASES)
    for rule in RULES:
        assert any(one.rule == rule.id and one.name == "sample" for one in CASES), rule.id
        assert count[rule.id, True] >= 2, rule.id


def test_every_missing_code_of_a_rule_occurs_in_a_case() -> None:
    said = {(given.rule, given.says) for given in CASES}
    silent = [
        (rule.id, code)
        for rule in RULES
        for code in rule.missing
        if code != "smartship_orders_file" and (rule.id, code) not in said
    ]
    assert silent == []


def test_every_answer_of_a_case_is_announced_by_its_rule() -> None:
    announced = {rule.id: {"finding", "nothing", *rule.missing} for rule in RULES}
    assert [given for given in CASES if given.says not in announced[given.rule]] == []
