"""The ledger: durable, chained, whole again after damage, and honest where that is not possible."""

import errno
import json
import os
import random

import pytest

from reconcile.errors import LedgerUnusable, StoreError
from reconcile.store.ledger import Ledger
from tests.store.damage import mutated


@pytest.fixture
def ledger(tmp_path):
    return filled(Ledger(tmp_path / "ledger.jsonl"), 3)


def filled(made, acts):
    for number in range(acts):
        made.append("note", "shop", {"text": f"注記{number}"}, actor="tester")
    return made


def texts(ledger):
    return [entry.values["text"] for entry in ledger.entries()]


def afresh(ledger):
    """The ledger as another process would meet it."""
    Ledger._verified.clear()
    return Ledger(ledger.path)


def tampered(path, line):
    lines = path.read_text("utf-8").splitlines()
    outer = json.loads(lines[line])
    outer["body"] = outer["body"].replace("注記", "別物")
    lines[line] = json.dumps(outer, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def aside(ledger, what="ledger"):
    return list(ledger.path.parent.glob(f"{what}-damaged-*.jsonl"))


def test_acts_come_back_in_order_with_who_and_when(ledger):
    entries = ledger.entries()
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert entries[2].values == {"text": "注記2"}
    assert entries[0].actor == "tester"
    assert entries[0].at.tzinfo is not None


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_line_is_found_and_comes_back_from_the_copy(ledger, line):
    tampered(ledger.path, line)
    changed = ledger.path.read_bytes()
    assert texts(ledger) == ["注記0", "注記1", "注記2"]
    assert [path.read_bytes() for path in aside(ledger)] == [changed]
    assert filled(afresh(ledger), 1).entries()[3].sequence == 4


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_line_changed_in_both_files_is_found_and_nothing_is_touched(ledger, line):
    for path in (ledger.path, ledger.copy):
        tampered(path, line)
    before = [path.read_bytes() for path in (ledger.path, ledger.copy)]
    for attempt in (ledger.entries, lambda: filled(ledger, 1), lambda: ledger.after(0)):
        with pytest.raises(LedgerUnusable) as caught:
            attempt()
        assert caught.value.values["line"] == line + 1
    assert [path.read_bytes() for path in (ledger.path, ledger.copy)] == before


@pytest.mark.parametrize(
    "how", ["all of both", "one cut, the other changed", "both cut and changed"]
)
def test_nothing_is_dropped_where_neither_file_has_it_whole(ledger, how):
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    spoilt = [line.replace(b"digest", b"d1gest") for line in lines]
    if how == "all of both":
        first, second = spoilt, spoilt
    elif how == "one cut, the other changed":
        first, second = lines[:1], [lines[0], spoilt[1], lines[2]]
    else:
        first, second = lines[:2], [*lines[:2], spoilt[2]]
    ledger.path.write_bytes(b"".join(first))
    ledger.copy.write_bytes(b"".join(second))
    for attempt in (afresh(ledger).entries, lambda: filled(afresh(ledger), 1)):
        with pytest.raises(LedgerUnusable):
            attempt()
    assert (ledger.path.read_bytes(), ledger.copy.read_bytes()) == (
        b"".join(first),
        b"".join(second),
    )


def test_zeros_at_the_end_which_a_crash_of_the_system_leaves_do_no_harm(ledger):
    ledger.path.write_bytes(ledger.path.read_bytes() + bytes(100))
    filled(afresh(ledger), 1)
    assert texts(ledger) == ["注記0", "注記1", "注記2", "注記0"]


def test_different_lines_changed_in_the_two_files_are_put_together(ledger):
    tampered(ledger.path, 0)
    tampered(ledger.copy, 2)
    assert texts(ledger) == ["注記0", "注記1", "注記2"]
    assert (len(aside(ledger)), len(aside(ledger, "ledger-copy"))) == (1, 1)
    assert ledger.path.read_bytes() == ledger.copy.read_bytes()


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_lines_missing_at_the_end_are_found_which_no_chain_shows(ledger, lines):
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(b"".join(whole.splitlines(keepends=True)[:lines]))
    assert texts(ledger) == ["注記0", "注記1", "注記2"]
    assert ledger.path.read_bytes() == whole


def test_a_file_that_is_gone_comes_back(ledger):
    whole = ledger.path.read_bytes()
    ledger.path.unlink()
    assert texts(afresh(ledger)) == ["注記0", "注記1", "注記2"]
    assert ledger.path.read_bytes() == whole


def test_a_damaged_copy_is_found_at_the_next_start_and_made_anew(ledger):
    tampered(ledger.copy, 1)
    assert len(afresh(ledger).entries()) == 3
    assert ledger.copy.read_bytes() == ledger.path.read_bytes()
    assert len(aside(ledger, "ledger-copy")) == 1


def test_a_ledger_from_before_there_were_copies_gets_one_at_its_next_start(ledger):
    ledger.copy.unlink()
    assert not ledger.has_copy()
    afresh(ledger).after(0)
    assert ledger.has_copy()
    assert ledger.copy.read_bytes() == ledger.path.read_bytes()


def test_a_line_cut_by_a_crash_is_set_aside_and_work_goes_on(ledger):
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + b'{"body": "half')
    assert len(ledger.entries()) == 3
    ledger.append("note", "shop", {"text": "続き"}, actor="tester")
    assert [entry.sequence for entry in ledger.entries()] == [1, 2, 3, 4]
    torn = list(ledger.path.parent.glob("ledger-torn-*.txt"))
    assert [path.read_bytes() for path in torn] == [b'{"body": "half']


def test_an_act_that_could_not_be_made_durable_is_not_there_later(ledger, monkeypatch):
    def refuse(_handle):
        raise OSError(errno.EIO, "refused")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreError) as caught:
        filled(ledger, 1)
    assert caught.value.help_key == "error.ledger.unwritable"
    monkeypatch.undo()
    assert texts(ledger) == ["注記0", "注記1", "注記2"]
    assert texts(filled(afresh(ledger), 1)) == ["注記0", "注記1", "注記2", "注記0"]


def test_an_acknowledged_line_that_lost_its_end_is_no_torn_one(ledger):
    ledger.path.write_bytes(ledger.path.read_bytes()[:-1])
    filled(ledger, 1)
    assert texts(ledger) == ["注記0", "注記1", "注記2", "注記0"]
    assert list(ledger.path.parent.glob("ledger-torn-*.txt")) == []


def test_no_act_is_lost_to_damage_of_one_file(tmp_path, sized, tally):
    dice, rounds, lost = random.Random(3), sized(60, 2_000), 0
    for number in range(rounds):
        made = filled(Ledger(tmp_path / str(number) / "ledger.jsonl"), 5)
        struck = made.path if number % 2 else made.copy
        struck.write_bytes(mutated(struck.read_bytes(), dice))
        if number % 10 == 0:
            struck.unlink()
        lost += texts(afresh(made)) != [f"注記{act}" for act in range(5)]
    assert lost == 0
    tally("R3", ledgers=rounds, lost=lost)
