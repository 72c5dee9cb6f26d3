"""A ledger that somebody changed is found, whatever was changed, in one file or in both."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from reconcile import UsageError, Workspace
from reconcile.store import chain
from reconcile.store.audit import examined, read_mark
from reconcile.store.ledger import Ledger

ACTS = 40
NAMES = ("ledger.jsonl", "ledger-copy.jsonl")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.jsonl", by="佐藤")
    for number in range(ACTS):
        ledger.append("view.saved", None, {"name": f"朝の確認 {number}", "was": number - 1})
    assert ledger.path.read_bytes() == ledger.copy.read_bytes()
    return ledger.path.read_bytes()


def mark(content: bytes) -> tuple[int, str]:
    lines = content.splitlines()
    return len(lines), str(json.loads(lines[-1])["digest"])


def chained(bodies: list[dict[str, object]]) -> bytes:
    """A ledger with every digest right, as somebody would make it who knows how."""
    made, digest = b"", chain.GENESIS
    for number, body in enumerate(bodies, 1):
        line, entry = chain.made(body | {"sequence": number}, digest)
        made, digest = made + line, entry.digest
    return made


def bodies(content: bytes) -> list[dict[str, object]]:
    return [json.loads(json.loads(line)["body"]) for line in content.splitlines()]


def other(line: bytes, dice: random.Random) -> bytes:
    """The line with one word, name or instant of its act changed and its own digest left, or made anew."""
    outer = json.loads(line)
    body = json.loads(outer["body"])
    what = dice.choice(("actor", "event", "at", "account", "values"))
    body[what] = {"actor": "誰か", "event": "x", "at": "2020-01-01T00:00:00+00:00"}.get(
        what, {"n": 1}
    )
    outer["body"] = json.dumps(body, ensure_ascii=False, sort_keys=True)
    if dice.random() < 0.5:
        outer["digest"] = f"{dice.getrandbits(256):064x}"
    return json.dumps(outer, ensure_ascii=False).encode()


def changed(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")[:-1]
    place = dice.randrange(len(lines))
    lines[place] = other(lines[place], dice)
    return b"\n".join(lines) + b"\n"


def removed(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")[:-1]
    first = dice.randrange(len(lines))
    del lines[first : first + dice.randint(1, 5)]
    return b"\n".join([*lines, b""])


def swapped(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")[:-1]
    one, two = dice.sample(range(len(lines)), 2)
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines) + b"\n"


def added(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")[:-1]
    lines.insert(dice.randrange(len(lines)), dice.choice(lines))
    return b"\n".join(lines) + b"\n"


def bit(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << dice.randrange(8)]) + content[at + 1 :]


def cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))]


def rewritten(content: bytes, dice: random.Random) -> bytes:
    """Another past with a chain that holds from end to end."""
    acts = bodies(content)
    acts[dice.randrange(len(acts))] |= {"actor": "誰か"}
    return chained(acts)


def shortened(content: bytes, dice: random.Random) -> bytes:
    acts = bodies(content)
    del acts[dice.randrange(len(acts))]
    return chained(acts)


WAYS = (changed, removed, swapped, added, bit, cut, rewritten, shortened)


@pytest.mark.parametrize("way", WAYS)
def test_every_tampered_ledger_is_found(
    way: Callable[[bytes, random.Random], bytes],
    sound: bytes,
    sized: Callable[[int, int], int],
    tally: Callable[..., None],
) -> None:
    dice, found, tries = random.Random(way.__name__), 0, sized(25, 125)
    for turn in range(tries):
        content = sound
        while content == sound:
            content = way(sound, dice)
        first = content if turn % 3 != 1 else sound
        copy = content if turn % 3 != 2 else sound
        found += bool(examined(first, copy, [mark(sound)], NAMES))
    tally("S11", tampered=tries, found=found)
    assert found == tries


def test_a_ledger_as_it_was_written_is_sound(sound: bytes) -> None:
    assert examined(sound, sound, [mark(sound)], NAMES) == []
    assert examined(b"", b"", [], NAMES) == []


def test_the_folder_remembers_a_past_that_was_written_anew_in_both_files(
    tmp_path: Path,
) -> None:
    workspace = Workspace.open(tmp_path)
    for name in ("朝", "昼", "夕"):
        workspace.save_view(name, {"state": "act_now"}, by="佐藤")
    before = workspace.audit()
    assert before.sound
    assert before.acts == 3
    ledger = workspace._ledger
    content = chained(bodies(ledger.path.read_bytes())[:2])
    ledger.path.write_bytes(content)
    ledger.copy.write_bytes(content)
    assert [one.kind for one in workspace.audit().problems] == ["cut"]
    Workspace.open(tmp_path).save_view("夜", {"state": "act_now"}, by="佐藤")
    assert [one.kind for one in workspace.audit().problems] == ["rewritten"]
    assert [one.kind for one in workspace.audit(before.mark).problems] == ["rewritten"] * 2


@pytest.mark.parametrize("text", ["", "3", "0:" + "a" * 64, "3:xyz", "3:" + "A" * 64])
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_mark(text)
