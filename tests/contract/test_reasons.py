"""Every reason with which a call can fail has its words: the code itself says which reasons there are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import pytest

from crossmall import errors
from reconcile.text import LANGUAGES, Text, catalogue
from tests.architecture.sources import Source, calls, constant, report, sources

KINDS = {
    name
    for name, thing in vars(errors).items()
    if isinstance(thing, type) and issubclass(thing, errors.CrossmallError)
}
# Functions that make an error from the reason in their first argument.
MAKERS = {"unreadable", "no_envelope", "checked_text", "_check_token"}
# Functions whose reason is a variable -> every value it can have; a new one has to be added here.
COMPUTED: Mapping[str, frozenset[str]] = {
    "crossmall/approval.py:__post_init__": frozenset({"approved_by", "plan_id"}),
    "crossmall/bodies.py:unreadable": frozenset(),  # its callers name it
    "crossmall/bodies.py:no_envelope": frozenset(),
    "crossmall/bodies.py:refused_status": frozenset({"throttled", "redirect", "http_status"}),
    "crossmall/client.py:_transport_error": frozenset({"timeout", "tls", "dns", "refused"}),
    "crossmall/calls.py:told": frozenset(),  # the reason of another error
    "crossmall/credentials.py:_check_token": frozenset(),
    "crossmall/queries.py:checked_text": frozenset(),
    "crossmall/types.py:__post_init__": frozenset({"updated_from", "updated_to"}),
}


def raised(source: Source) -> Iterator[tuple[str, str | None]]:
    """(function, reason) of every error made in a file; None where the reason is a variable."""
    for holder in ast.walk(source.tree):
        if not isinstance(holder, ast.FunctionDef):
            continue
        for call in calls(Source(source.path, "", ast.Module(body=[holder], type_ignores=[]))):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            given = [word.value for word in call.keywords if word.arg == "reason"]
            if name in MAKERS:
                given = call.args[:1]
            if name in KINDS | MAKERS and given:
                word = constant(given[0])
                yield f"{source.path}:{holder.name}", None if word is None else str(word)


def reasons() -> set[str]:
    """Every reason of the vendor's client, from its own code."""
    found: set[str] = set().union(*COMPUTED.values())
    for source in sources("crossmall"):
        if not source.path.startswith("crossmall/sandbox/"):
            found |= {word for _, word in raised(source) if word is not None}
    return found


def test_a_reason_that_is_computed_is_listed_with_all_its_values() -> None:
    computed = {
        place for source in sources("crossmall") for place, word in raised(source) if word is None
    }
    assert computed == set(COMPUTED)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_its_word(lang: str) -> None:
    missing = sorted(reason for reason in reasons() if f"reason.{reason}" not in catalogue(lang))
    assert not missing, report(missing)


def test_no_reason_has_a_word_that_no_error_needs() -> None:
    words = {key.removeprefix("reason.") for key in catalogue("ja") if key.startswith("reason.")}
    assert words == reasons() | {"none"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_an_error_does_not_tell_leaves_no_hole(lang: str) -> None:
    told = Text(lang)("crossmall.error.transport", endpoint=None, reason=None, http_status=None)
    assert catalogue(lang)["reason.none"] in told
    assert all(
        hole not in told for hole in ("（）", "()", "、、", "、）", "HTTP ）", "HTTP )", ", ,")
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_person_reads_the_word_and_not_the_code(lang: str) -> None:
    text = Text(lang)
    told = text("crossmall.error.configuration", reason="several_skus")
    assert catalogue(lang)["reason.several_skus"] in told
    assert "several_skus" not in told
