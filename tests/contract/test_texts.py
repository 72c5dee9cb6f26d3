"""The languages are twins, every word asked for exists, and no word lies unused."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from reconcile import errors
from reconcile.frames import FRAMES
from reconcile.mapping import LINK_CAUSES, MAPPING_CLASSES
from reconcile.mapping.decisions import (
    ARRIVALS,
    DECISIONS,
    EVENTS,
    FIX_ACTIONS,
    LEFT_OUT,
    PROPOSALS,
    TWIN_KINDS,
)
from reconcile.model import ORDER_STATES
from reconcile.orders.roles import ROLES
from reconcile.stock import NOT_COMPARABLE, STOCK_CAUSES, SYNC_STATES
from reconcile.store import queries
from reconcile.text import LANGUAGES, Text, catalogue
from reconcile.triage_acts import STATES
from smartship.types import CanonicalStatus
from tests.architecture.sources import ROOT, Source, calls, constant, product, report, sources

FOLDER = ROOT / "reconcile" / "text"
KEY = re.compile(r"^[a-z][a-z0-9_]*(\.[A-Za-z0-9_+-]+)+$")
PLACEHOLDER = re.compile(r"^[a-z][a-z0-9_]*$")
RAISED = {
    name
    for name, thing in vars(errors).items()
    if isinstance(thing, type) and issubclass(thing, errors.ReconcileError)
}


def words_of(column: str) -> tuple[str, ...]:
    """The codes that stock_desk.sql writes into a column, by its first use on."""
    sql = "\n".join(queries.load("stock_desk").values())
    if column == "stock_act":
        sql = sql[sql.index("WHEN cause = 'mapping_none' THEN 'link'") : sql.index("AS stock_act")]
        return tuple(sorted({*re.findall(r"THEN '(\w+)'", sql), *re.findall(r"ELSE '(\w+)'", sql)}))
    sql = sql[sql.index("moved AS (") : sql.index("SELECT DISTINCT happened_at")]
    return tuple(sorted(set(re.findall(r"'(figure|order|cancelled|collected|push\w*)'", sql))))


# Families whose first part is looked up in a table before the code is put behind it: prefix -> its codes.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "ss_status": tuple(CanonicalStatus),
    "connections.role": ROLES,
    "orders.matched_by": tuple(
        sorted(set(re.findall(r"'(\w+)' AS matched_by", "\n".join(queries.load("links").values()))))
    ),
    "mapping_class": MAPPING_CLASSES,
    "stock_cause": STOCK_CAUSES,
    "cause": LINK_CAUSES,
    "state": ORDER_STATES,
    "desk.triage": STATES,
    "desk.ageing": ("overdue", "in_time"),
    "mapping.decision": DECISIONS,
    "mapping.arrival": ARRIVALS,
    "mapping.proposal": PROPOSALS,
    "mapping.fix_action": FIX_ACTIONS,
    "mapping.event": EVENTS,
    "mapping.twin_kind": TWIN_KINDS,
    "mapping.left_out": LEFT_OUT,
    "stock_sync": SYNC_STATES,
    "stock_sync_type": tuple("NSPBZL"),
    "stock_reason": NOT_COMPARABLE,
    "stock_act": words_of("stock_act"),
    "stock_movement": words_of("movement"),
}
SEPARATORS = {"value.comma"}  # its blank is part of it
# Words that look like keys of ours and are none: names of files, modules and loggers.
NOT_KEYS = re.compile(
    r"(\.(py|toml|sql|csv|json|md|css|svg|png|duckdb|lock|log|xlsx?|parquet|com|jp)$)"
)


@cache
def files(lang: str) -> Mapping[str, Mapping[str, str]]:
    found = sorted(FOLDER.glob(f"*{lang}.toml"))
    return {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in found}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_every_file_has_its_twin(lang: str) -> None:
    ja, twins = ({name.removesuffix(f"{one}.toml") for name in files(one)} for one in ("ja", lang))
    assert ja == twins


@pytest.mark.parametrize("lang", LANGUAGES)
def test_keys_are_flat_and_stand_in_one_file_only(lang: str) -> None:
    seen: dict[str, str] = {}
    for name, texts in files(lang).items():
        for key, text in texts.items():
            assert isinstance(text, str), f"{name}: {key} is not a flat key; write it in quotes"
            assert KEY.match(key), f"{name}: {key}"
            assert key not in seen, f"{key} in {seen[key]} and {name}"
            seen[key] = name


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_every_language_says_the_same_things(lang: str) -> None:
    ja, twin = catalogue("ja"), catalogue(lang)
    assert set(ja) == set(twin), sorted(set(ja) ^ set(twin))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty_or_has_loose_blanks(lang: str) -> None:
    """Lists of the command line are indented; everything else begins and ends with a word."""
    loose = [
        key
        for key, text in catalogue(lang).items()
        if not text.strip()
        or text != text.rstrip()
        or (text != text.lstrip() and not key.startswith("cli."))
    ]
    assert set(loose) <= SEPARATORS, loose


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_twins_ask_for_the_same_values_by_name(lang: str) -> None:
    wrong = []
    for key, japanese in catalogue("ja").items():
        asked = placeholders(japanese)
        wrong += [f"{key}: {{{name}}}" for name in asked if not PLACEHOLDER.match(name)]
        if asked != placeholders(catalogue(lang)[key]):
            wrong.append(f"{key}: {asked} against {placeholders(catalogue(lang)[key])}")
    assert not wrong, report(wrong)


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_twins_have_as_many_lines_as_each_is_a_step(lang: str) -> None:
    wrong = [
        key
        for key, japanese in catalogue("ja").items()
        if len(japanese.splitlines()) != len(catalogue(lang)[key].splitlines())
    ]
    assert not wrong, report(wrong)


def test_korean_is_korean_and_quotes_only_what_its_twins_quote() -> None:
    """Japanese stands in it only as on the vendors' screens and in data, exactly as a twin has it."""
    japanese = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f々]+")
    wrong = []
    for key, text in catalogue("ko").items():
        twins = catalogue("ja")[key], catalogue("en")[key]
        foreign = [run for run in japanese.findall(text) if not any(run in one for one in twins)]
        if foreign or (
            not re.search("[가-힣]", text) and not any(same(text, one) for one in twins)
        ):
            wrong.append(f"{key}: {foreign or text}")
    assert not wrong, report(wrong)


def same(one: str, other: str) -> bool:
    """Whether two texts differ in signs and blanks at most."""
    first, second = (re.sub(r"[\W_]", "", text) for text in (one, other))
    return first == second


def test_no_korean_particle_depends_on_a_value() -> None:
    """은/는, 이/가, 을/를, 와/과, 으로/로 follow the last letter of a word, which nobody knows of a value: 은(는), (으)로."""
    bare = re.compile(r"\}[\"”」』]?(은|는|이|가|을|를|과|와|으로|로|이라|라)(?=[\s,.:·」)\n]|$)")
    wrong = [f"{key}: {text}" for key, text in catalogue("ko").items() if bare.search(text)]
    assert not wrong, report(wrong)


def docstrings(source: Source) -> set[int]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(source.tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }


def asks_for_text(call: ast.Call) -> bool:
    """`text("key")`, `self.text("key")`, `ImportRejected("key")`: the first argument is a key."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {"text", "_text", *RAISED}


@cache
def certain_keys() -> tuple[tuple[str, str, ast.Call | None], ...]:
    """(place, key, call) of every literal that must be a key because of where it stands."""
    found: list[tuple[str, str, ast.Call | None]] = []
    for source in product():
        for call in calls(source):
            if asks_for_text(call) and call.args:
                options = [call.args[0]]
                if isinstance(call.args[0], ast.IfExp):
                    options = [call.args[0].body, call.args[0].orelse]
                found += [
                    (source.at(call), str(constant(one)), call)
                    for one in options
                    if isinstance(constant(one), str) and "." in str(constant(one))
                ]
            found += [
                (source.at(call), str(constant(word.value)), None)
                for word in call.keywords
                if word.arg == "help_key" and isinstance(constant(word.value), str)
            ]
        found += class_keys(source)
    return tuple(found)


def class_keys(source: Source) -> Iterator[tuple[str, str, None]]:
    for node in ast.walk(source.tree):
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        if isinstance(target, ast.Name) and target.id == "help_key":
            value = constant(node.value)  # type: ignore[attr-defined]
            if isinstance(value, str):
                yield source.at(node), value, None


@cache
def likely_keys() -> tuple[tuple[str, str], ...]:
    """(place, literal) of every literal shaped like a key whose first word is an area of the texts."""
    areas = {key.split(".")[0] for key in catalogue("ja")} - {"reconcile", "crossmall", "smartship"}
    found = []
    for source in product():
        skip = docstrings(source) | {
            id(part)
            for node in ast.walk(source.tree)
            if isinstance(node, ast.JoinedStr)
            for part in node.values
        }
        for node in ast.walk(source.tree):
            value = constant(node) if isinstance(node, ast.Constant) else None
            if not isinstance(value, str) or id(node) in skip or not KEY.match(value):
                continue
            if value in FAMILIES or value.split(".")[0] not in areas:
                continue
            if not NOT_KEYS.search(value):
                found.append((source.at(node), value))
    return tuple(found)


def put_together(node: ast.AST) -> list[str | None]:
    """The parts of an f-string or of `"literal" + value`; None for a part that is not literal."""
    if isinstance(node, ast.JoinedStr):
        return [
            str(constant(part)) if isinstance(part, ast.Constant) else None for part in node.values
        ]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        head = constant(node.left)
        return [head, None] if isinstance(head, str) else []
    return []


@cache
def families() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(place, pattern) of every key put together as f"area.{part}..."; its first part is always literal."""
    found = []
    for source in product():
        for node in ast.walk(source.tree):
            parts = put_together(node)
            if not parts or not re.match(r"^[a-z][a-z0-9_]*\.[A-Za-z0-9_.]*$", parts[0] or ""):
                continue
            pattern = "".join(re.escape(part) if part else r"[A-Za-z0-9_.+-]+" for part in parts)
            found.append((source.at(node), re.compile(pattern + "$")))
    return tuple(found)


@cache
def tails() -> frozenset[str]:
    """Endings that are put behind another key, as ".cure" in f"{key}.cure"."""
    return frozenset(
        str(node.values[1].value)
        for source in product()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.JoinedStr)
        and len(node.values) == 2
        and isinstance(node.values[0], ast.FormattedValue)
        and isinstance(node.values[1], ast.Constant)
        and re.match(r"^\.[a-z_]+$", str(node.values[1].value))
    )


def test_every_key_in_the_code_has_its_text() -> None:
    known = catalogue("ja")
    asked = {(place, key) for place, key, _ in certain_keys()} | set(likely_keys())
    wrong = sorted(f"{place}: {key}" for place, key in asked if key not in known)
    assert not wrong, report(wrong)


def test_every_text_gets_the_values_it_asks_for() -> None:
    wrong = []
    for place, key, call in certain_keys():
        if call is None or any(word.arg is None for word in call.keywords):
            continue
        given = {word.arg for word in call.keywords}
        missing = placeholders(catalogue("ja").get(key, "")) - given
        if missing:
            wrong.append(f"{place}: {key} lacks {sorted(missing)}")
    assert not wrong, report(wrong)


def test_no_text_lies_unused() -> None:
    literals = {
        str(node.value)
        for source in (*product(), *sources("scripts"))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    def is_used(key: str) -> bool:
        if key in literals or key.rpartition(".")[0] in FAMILIES:
            return True
        if any(pattern.match(key) for _, pattern in families()):
            return True
        return any(key.endswith(tail) and is_used(key.removesuffix(tail)) for tail in tails())

    unused = [key for key in catalogue("ja") if not is_used(key)]
    assert not unused, f"{len(unused)} unused" + report(unused)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_code_of_a_family_has_its_word(family: str) -> None:
    missing = [code for code in FAMILIES[family] if f"{family}.{code}" not in catalogue("ja")]
    assert not missing, missing
    assert any(key.startswith(f"{family}.") for key in catalogue("ja")), "a family without members"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_of_every_frame_has_a_label(lang: str) -> None:
    missing = {
        f"column.{column.name}"
        for frame in FRAMES.values()
        for column in frame.columns
        if f"column.{column.name}" not in catalogue(lang)
    }
    assert not missing, sorted(missing)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_can_be_written_with_values_in_its_places(lang: str) -> None:
    text = Text(lang)
    wrong = []
    for key, words in catalogue(lang).items():
        if placeholders(words) & {"self", "key"}:
            wrong.append(f"{key}: a placeholder may not be called like a parameter of Text")
        elif "{" in text(key, **dict.fromkeys(placeholders(words), "x")) and "{{" not in words:
            wrong.append(key)
    assert not wrong, report(wrong)
