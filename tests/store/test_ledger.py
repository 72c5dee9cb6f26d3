"""The ledger: durable, chained, and honest about damage."""

import json

import pytest

from reconcile.errors import StoreError
from reconcile.store.ledger import Ledger


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "ledger.jsonl")
    for number in range(3):
        made.append("note", "shop", {"text": f"注記{number}"}, actor="tester")
    return made


def test_acts_come_back_in_order_with_who_and_when(ledger):
    entries = ledger.entries()
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert entries[2].values == {"text": "注記2"}
    assert entries[0].actor == "tester"
    assert entries[0].at.tzinfo is not None


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_line_is_found(ledger, line):
    lines = ledger.path.read_text("utf-8").splitlines()
    outer = json.loads(lines[line])
    outer["body"] = outer["body"].replace("注記", "別物")
    lines[line] = json.dumps(outer, ensure_ascii=False)
    ledger.path.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(StoreError) as caught:
        ledger.entries()
    assert caught.value.values["line"] == line + 1


def test_a_missing_line_is_found(ledger):
    lines = ledger.path.read_text("utf-8").splitlines()
    ledger.path.write_text("\n".join([lines[0], lines[2]]) + "\n", "utf-8")
    with pytest.raises(StoreError):
        ledger.entries()


def test_a_line_cut_by_a_crash_is_set_aside_and_work_goes_on(ledger):
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + b'{"body": "half')
    ledger.append("note", "shop", {"text": "続き"}, actor="tester")
    assert [entry.sequence for entry in ledger.entries()] == [1, 2, 3, 4]
    torn = list(ledger.path.parent.glob("ledger-torn-*.txt"))
    assert [path.read_bytes() for path in torn] == [b'{"body": "half']
