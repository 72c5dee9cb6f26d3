"""Documents say what the code does: every command and option, every column, every rule."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from functools import cache

import click
import pytest

from reconcile import errors
from reconcile.frames import FRAMES
from reconcile.glossary import terms
from reconcile.rules.registry import RULES
from reconcile.settings import Settings
from reconcile.text import LANGUAGES
from tests.architecture.sources import ROOT, product

READMES = ("README.md", "README.ja.md")
GENERATED = ("make_columns.py", "make_rule_docs.py", "make_class_docs.py")
MARKDOWN = (
    *READMES,
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/alerts.md",
    "docs/board-speed.md",
    "docs/glossary.md",
    "docs/glossary.ja.md",
    "docs/glossary.ko.md",
    "docs/columns.md",
    "docs/commands.md",
    "docs/connection-test.md",
    "docs/cron.md",
    "docs/forensics.md",
    "docs/mapping-classes.md",
    "docs/login.md",
    "docs/matching.md",
    "docs/operators-guide.md",
    "docs/operators-guide.ja.md",
    "docs/reliability.md",
    "docs/rules.md",
    "docs/security.md",
    "docs/stock.md",
    "docs/sync-speed.md",
    "docs/tour.md",
    "docs/tour.ja.md",
    "docs/ui-speed.md",
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
EVERYWHERE = {"--json", "--help", "--version"}


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text_of(name)) if kind == language]


def program() -> click.Group:
    module = importlib.import_module("reconcile.cli")
    groups = [thing for thing in vars(module).values() if isinstance(thing, click.Group)]
    tops = [one for one in groups if not any(one in other.commands.values() for other in groups)]
    assert len(tops) == 1, "reconcile.cli holds one program"
    return tops[0]


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def options(command: click.Command) -> set[str]:
    return {
        option
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }


@pytest.mark.parametrize("name", READMES)
def test_every_command_stands_in_the_readme(name: str) -> None:
    missing = [path for path, _ in commands(program()) if f"`{path}" not in text_of(name)]
    assert not missing, missing


def test_every_option_stands_in_the_readme_or_the_documents() -> None:
    names = ("README.md", "docs/cron.md", "docs/commands.md", "docs/alerts.md")
    words = "".join(text_of(name) for name in names)
    asked = {("", option) for option in options(program())}
    asked |= {
        (path, option) for path, command in commands(program()) for option in options(command)
    }
    missing = sorted(
        f"{path} {option}".strip()
        for path, option in asked
        if option not in EVERYWHERE and not re.search(rf"{option}\b", words)
    )
    assert not missing, missing


def command_lines(name: str) -> list[list[str]]:
    """The words after `python -m reconcile` of every command line in the code blocks of a document."""
    found = []
    for _, body in FENCE.findall(text_of(name)):
        for line in re.findall(r"python(?:\.exe)? -m reconcile ([^\n|>\"]*)", body):
            found.append(re.split(r"\s+(?:2?>|\|\||#)", line)[0].split())
    return found


def parse(words: list[str]) -> None:
    """Reads a command line as the program would, without running it. Raises click.ClickException."""
    group: click.Group = program()
    context: click.Context | None = None
    while True:
        context = group.make_context(
            "reconcile", words, parent=context, allow_interspersed_args=False
        )
        name, command, words = group.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        if not isinstance(command, click.Group):
            assert command is not None
            command.make_context(name, words, parent=context)
            return
        group = command


@pytest.mark.parametrize("name", [*READMES, "docs/cron.md", "docs/alerts.md"])
def test_command_lines_in_documents_are_ones_the_program_takes(name: str) -> None:
    lines = command_lines(name)
    assert lines
    for words in lines:
        try:
            parse(words)
        except click.ClickException as error:
            pytest.fail(f"{' '.join(words)}: {error.format_message()}")


@pytest.mark.parametrize("name", READMES)
def test_options_of_the_stand_in_are_all_documented(name: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "crossmall.sandbox", "--help"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    given = set(re.findall(r"--[a-z][a-z-]+", shown)) - EVERYWHERE
    assert given, shown
    missing = {option for option in given if option not in text_of(name)}
    assert not missing, missing


@pytest.mark.parametrize("name", READMES)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text_of(name), re.MULTILINE))
    known = {
        one.name: "–" if one.name == "access" else one.default
        for one in fields(Settings)
        if one.name != "origin"
    }
    assert set(known) <= set(rows), set(known) - set(rows)
    for setting, default in known.items():
        shown = "–" if default is None else default if isinstance(default, str) else f"{default:g}"
        assert rows[setting].strip() == shown, setting


@pytest.mark.parametrize("name", READMES)
def test_every_variable_of_the_environment_is_documented(name: str) -> None:
    asked = {
        variable
        for source in product()
        for variable in re.findall(r"[\"'](TOTSUGO_[A-Z_]+[A-Z])[\"']", source.text)
    }
    assert asked
    missing = {variable for variable in asked if f"`{variable}" not in text_of(name)}
    assert not missing, missing


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md"])
def test_every_make_target_in_a_document_exists(name: str) -> None:
    asked = set(re.findall(r"(?:^|`)make ([a-z-]+)", text_of(name), re.MULTILINE))
    assert asked
    assert asked <= make_targets()


def test_the_two_readmes_are_twins() -> None:
    english, japanese = (
        {
            "headings": [
                len(marks) for marks in re.findall(r"^(#+) ", text_of(name), re.MULTILINE)
            ],
            "code": [
                re.sub(r"#.*|\bja\b|\ben\b", "", line).strip()
                for _, body in FENCE.findall(text_of(name))
                for line in body.splitlines()
            ],
            "first cells": re.findall(r"^\| (`\w+`)", text_of(name), re.MULTILINE),
            "items": len(re.findall(r"^(?:- |\d\. )", text_of(name), re.MULTILINE)),
        }
        for name in READMES
    )
    assert english == japanese


def test_exit_codes_in_the_documents_are_those_of_the_errors() -> None:
    table = set(re.findall(r"^\| (\d+) \|", text_of("docs/cron.md"), re.MULTILINE))
    raised = {
        str(thing.exit_code)
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, errors.ReconcileError)
    }
    assert raised | {"0", "1"} == table


@pytest.mark.parametrize("script", GENERATED)
def test_generated_documents_are_as_the_code_would_write_them(script: str) -> None:
    run = subprocess.run(
        [sys.executable, f"scripts/{script}", "--check"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr


def glossary() -> list[list[str]]:
    rows = [
        line.strip("|").split("|")
        for line in text_of("docs/glossary.md").splitlines()
        if line.startswith("| ")
    ]
    cells = [[cell.strip() for cell in row] for row in rows]
    return [row for row in cells if row[0] != "言葉"]


def test_the_glossary_names_every_column() -> None:
    known = {word for row in glossary() for word in re.findall(r"`(\w+)`", row[2])}
    missing = {column.name for frame in FRAMES.values() for column in frame.columns} - known
    assert not missing, sorted(missing)


@pytest.mark.parametrize("twin", ["docs/glossary.ja.md", "docs/glossary.ko.md"])
def test_every_word_has_its_meaning_in_every_language(twin: str) -> None:
    english = [one for one in glossary() if not one[0].startswith("--")]
    words = re.findall(r"^\| ([^|]+) \|", text_of(twin), re.MULTILINE)
    assert [one for one in words if one != "言葉"] == [row[0] for row in english]
    headings = [
        len(re.findall(r"^## ", text_of(name), re.MULTILINE)) for name in ("docs/glossary.md", twin)
    ]
    assert headings[0] == headings[1]


def test_every_word_and_its_meaning_stand_on_the_screen() -> None:
    english = [one for one in glossary() if not one[0].startswith("--")]
    assert [one.word["ja"] for one in terms()] == [row[0] for row in english]
    shown = "\n".join(text for one in terms() for text in one.meaning.values())
    assert not re.search(r"\]\(|`|\[[SID]\]", shown), "marks of the documents are not shown"
    assert all(all(one.meaning.values()) for one in terms())
    assert all(set(one.word) == set(one.section) == set(LANGUAGES) for one in terms())
    korean = [one.word["ko"] for one in terms()]
    assert not {word for word in korean if korean.count(word) > 1}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_glossary_has_one_word_for_one_thing(place: int) -> None:
    words = [row[place] for row in glossary() if row[place] != "–"]
    twice = {word for word in words if words.count(word) > 1}
    assert not twice, twice


def test_every_rule_stands_in_its_document_once() -> None:
    named = re.findall(r"^#+ (F\d\d)\b", text_of("docs/rules.md"), re.MULTILINE)
    assert sorted(named) == sorted(rule.id for rule in RULES)


@pytest.mark.parametrize("name", MARKDOWN)
def test_links_between_documents_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of(name))
    missing = [target for target in targets if not (folder / target).exists()]
    assert not missing, missing
