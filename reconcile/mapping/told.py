"""How near a candidate is to the product, as parts of a sentence: name, each attribute, and the product number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reconcile.mapping.classify import NUMBER, TEXT, WORDING, causes
from reconcile.mapping.decisions import Candidate, MappingCase

NEARLY, PARTLY = 80.0, 50.0  # [D] likeness from which a name reads as nearly, as partly the same
_SEPARATOR = ","  # between attributes [S]


class Told(NamedTuple):
    """One part: `mapping.told.<code>`. grade: same | written (only the writing differs) | other.

    ours, theirs: the texts it is about, where a person should read them; classes: how the writing differs.
    """

    code: str
    grade: str
    ours: str = ""
    theirs: str = ""
    classes: tuple[str, ...] = ()


def candidate_told(case: MappingCase, candidate: Candidate) -> tuple[Told, ...]:
    """What a person has to weigh before taking the candidate: what differs in meaning first, what agrees last."""
    parts = [*_number(case, candidate), *_name(case, candidate), *_option(case, candidate)]
    return tuple(sorted(parts, key=lambda part: ("other", "written", "same").index(part.grade)))


def _number(case: MappingCase, candidate: Candidate) -> Iterator[Told]:
    ours, theirs = case.item_code, candidate.product_no
    if ours and theirs and ours != theirs:
        yield Told("product_no", "other", ours, theirs)


def _name(case: MappingCase, candidate: Candidate) -> Iterator[Told]:
    if case.item_name is None or candidate.product_name is None:
        yield Told("name_unknown", "other")
        return
    why = causes(case.item_name, candidate.product_name)
    if not why or not {NUMBER, TEXT} & set(why):
        yield _writing("name", why)
        return
    if NUMBER in why:
        yield Told("name_number", "other")
    if TEXT in why:
        yield Told(_band(float(candidate.parts.get("name", 0.0))), "other")


def _writing(field: str, why: tuple[str, ...]) -> Told:
    """The same words: letter by letter, only written differently, or but for a word or a slip."""
    if not why:
        return Told(f"{field}_same", "same")
    return Told(
        f"{field}_{'wording' if set(WORDING) & set(why) else 'written'}", "written", classes=why
    )


def _band(likeness: float) -> str:
    if likeness >= NEARLY:
        return "name_nearly"
    return "name_partly" if likeness >= PARTLY else "name_other"


def _option(case: MappingCase, candidate: Candidate) -> Iterator[Told]:
    ours, theirs = case.option_text or "", candidate.option_text or ""
    why = causes(ours, theirs)
    ours_each, theirs_each = ours.split(_SEPARATOR), theirs.split(_SEPARATOR)
    if not {NUMBER, TEXT, *WORDING} & set(
        why
    ):  # one letter makes another size: no slip is taken for granted
        if ours or theirs:
            yield _writing("option", why)
    elif len(ours_each) != len(theirs_each):
        yield Told("attribute_alone", "other")
    else:
        for left, right in zip(ours_each, theirs_each, strict=True):
            if causes(left, right):
                yield Told("attribute_other", "other", left, right)
