"""The tour and the operator's guide name what is there: labels of the screen, commands, pictures, rules, documents."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import PurePosixPath

import click
import pytest

from reconcile.rules.registry import RULES
from reconcile.text import catalogue
from tests.architecture.sources import ROOT
from tests.contract.test_docs import FENCE, MARKDOWN, make_targets, parse, text_of

TWINS = (
    ("docs/tour.md", "docs/tour.ja.md"),
    ("docs/operators-guide.md", "docs/operators-guide.ja.md"),
)
GUIDES = tuple(
    (name, lang) for twins in TWINS for name, lang in zip(twins, ("en", "ja"), strict=True)
)
LABEL = {"en": re.compile(r"\*\*([^*]+)\*\*"), "ja": re.compile(r"「([^「」]+)」")}
MARKS = "●▲✓?–→◆ 。."
PIECE = re.compile(r"\{\w+\}|[。：:（）()→\n]|\. ")
UNSHOWN = ("cli.", "doctor.")  # words of the command line
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)|(?:src|srcset)=\"([^\"]+)\"")
LINK = re.compile(r"\]\((?!https?:)([^)\s]*)#([^)\s]+)\)")


def prose(name: str) -> str:
    """A document without its blocks and spans of code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text_of(name)))


@cache
def shown(lang: str) -> frozenset[str]:
    """Every text of the screens, and the pieces between its placeholders, brackets and full stops."""
    texts = [text for key, text in catalogue(lang).items() if not key.startswith(UNSHOWN)]
    pieces = [piece for text in texts for piece in (text, *PIECE.split(text))]
    return frozenset(" ".join(piece.split()).strip(MARKS) for piece in pieces)


@pytest.mark.parametrize(("name", "lang"), GUIDES)
def test_every_label_in_a_guide_is_one_of_the_screen(name: str, lang: str) -> None:
    labels = [" ".join(label.split()).strip(MARKS) for label in LABEL[lang].findall(prose(name))]
    assert len(labels) > 20, labels
    assert not set(labels) - shown(lang), sorted(set(labels) - shown(lang))


def commands_of(name: str) -> list[list[str]]:
    text = text_of(name)
    lines = [line for _, body in FENCE.findall(text) for line in body.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    return [shlex.split(line.partition("-m reconcile ")[2]) for line in lines if "-m rec" in line]


@pytest.mark.parametrize(("name", "lang"), GUIDES)
def test_every_command_in_a_guide_is_one_the_program_takes(name: str, lang: str) -> None:
    lines = commands_of(name)
    assert len(lines) > 4, lines
    for words in lines:
        try:
            parse(words)
        except click.ClickException as error:
            pytest.fail(f"{' '.join(words)}: {error.format_message()}")
    made = set(re.findall(r"(?:^|`)make ([a-z-]+)", text_of(name), re.MULTILINE))
    assert made
    assert made <= make_targets()


def pictures(name: str) -> list[str]:
    return [one or other for one, other in PICTURE.findall(text_of(name))]


@pytest.mark.parametrize("name", MARKDOWN)
def test_every_picture_in_a_document_exists_and_is_in_its_language(name: str) -> None:
    folder, lang = (ROOT / name).parent, "ja" if name.endswith(".ja.md") else "en"
    missing = [one for one in pictures(name) if not (folder / one).is_file()]
    assert not missing, missing
    foreign = [one for one in pictures(name) if {"ja", "en"} - {lang} & set(one.split("-"))]
    assert not foreign, foreign


def test_no_picture_lies_unused_and_the_folder_stays_small() -> None:
    named = [PurePosixPath(one) for name in MARKDOWN for one in pictures(name)]
    used = {one.name for one in named if one.parent.name == "images"}
    held = {one.name: one.stat().st_size for one in (ROOT / "docs" / "images").iterdir()}
    assert set(held) == used, set(held) ^ used
    assert sum(held.values()) < 6_000_000, f"{sum(held.values()):,} bytes"


@pytest.mark.parametrize(("english", "japanese"), TWINS)
def test_the_two_languages_of_a_guide_are_twins(english: str, japanese: str) -> None:
    first, second = (
        {
            "headings": re.findall(r"^#+ ", prose(name), re.MULTILINE),
            "items": len(re.findall(r"^(?:- |\d\. )", prose(name), re.MULTILINE)),
            "rows": len(re.findall(r"^\| ", prose(name), re.MULTILINE)),
            "commands": [
                [word for word in words if word not in ("--lang", "en")]
                for words in commands_of(name)
            ],
            "pictures": [re.sub(r"-(?:ja|en)\b", "", one) for one in pictures(name)],
            "marks": sorted(re.findall(r"\[[SID]\]", prose(name))),
        }
        for name in (english, japanese)
    )
    assert first == second


@pytest.mark.parametrize("name", TWINS[1])
def test_every_rule_has_one_line_in_the_operators_guide(name: str) -> None:
    rows = [line for line in text_of(name).splitlines() if line.startswith("| ")]
    named = [rule for row in rows for rule in re.findall(r"\bF\d\d\b", row)]
    assert sorted(named) == sorted(rule.id for rule in RULES)


def headings(name: str) -> set[str]:
    """The anchors that GitHub makes of the headings of a document."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(name)), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", title.lower()) for title in titles]
    return {title.strip().replace(" ", "-") for title in plain}


@pytest.mark.parametrize("name", MARKDOWN)
def test_links_into_a_document_lead_to_one_of_its_headings(name: str) -> None:
    for target, anchor in LINK.findall(text_of(name)):
        if target and not target.endswith(".md"):
            continue
        place = (ROOT / name).parent / target if target else ROOT / name
        assert anchor in headings(str(place.resolve().relative_to(ROOT))), f"{target}#{anchor}"


@pytest.mark.parametrize(("readme", "lang"), [("README.md", "en"), ("README.ja.md", "ja")])
def test_every_document_is_reached_from_the_readme(readme: str, lang: str) -> None:
    linked = set(re.findall(r"\]\((docs/[^)#]+)", text_of(readme)))
    held = {
        f"docs/{one.name}" for one in (ROOT / "docs").iterdir() if one.suffix in (".md", ".ipynb")
    }
    own = {one for one in held if one.endswith(".ja.md")}
    wanted = held - {one.replace(".ja.md", ".md") for one in own} if lang == "ja" else held - own
    assert wanted <= linked, wanted - linked
