"""How near a candidate is to the product, as parts of a sentence: name, each attribute, and the product number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from reconcile.mapping.classify import NUMBER, TEXT, causes
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
    if not why:
        yield Told("name_same", "same")
    elif not {NUMBER, TEXT} & set(why):
        yield Told("name_written", "written", classes=why)
    else:
        if NUMBER in why:
            yield Told("name_number", "other")
        if TEXT in why:
            yield Told(_band(float(candidate.parts.get("name", 0.0))), "other")


def _band(likeness: float) -> str:
    if likeness >= NEARLY:
        return "name_nearly"
    return "name_partly" if likeness >= PARTLY else "name_other"


def _option(case: MappingCase, candidate: Candidate) -> Iterator[Told]:
    ours, theirs = case.option_text or "", candidate.option_text or ""
    why = causes(ours, theirs)
    if not why:
        if ours:
            yield Told("option_same", "same")
    elif not {NUMBER, TEXT} & set(why):
        yield Told("option_written", "written", classes=why)
    else:
        for left, right in zip_longest(
            ours.split(_SEPARATOR), theirs.split(_SEPARATOR), fillvalue=""
        ):
            if {NUMBER, TEXT} & set(causes(left, right)):
                code = "attribute_other" if left and right else "attribute_alone"
                yield Told(code, "other", left, right)
