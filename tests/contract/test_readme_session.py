"""The command-line session of the README runs as printed, against the demo."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from reconcile.cli import main
from tests.architecture.sources import ROOT

LINE = re.compile(r"^python -m reconcile (.+)$", re.MULTILINE)
FINDS_SOMETHING = {"demo", "findings", "match", "stock"}


def session(name: str) -> list[list[str]]:
    text = (ROOT / name).read_text(encoding="utf-8")
    block = re.search(r"```sh\nexport TOTSUGO_DATA=.*?```", text, re.DOTALL)
    assert block, name
    return [line.split() for line in LINE.findall(block[0])]


def command_of(words: list[str]) -> str:
    return next(word for word in words if word in FINDS_SOMETHING | {"account", "export", "doctor"})


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOTSUGO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_session_of_the_readme_runs_as_printed(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = session("README.md")
    assert len(lines) >= 9
    for words in lines:
        code = main(words)
        told = capsys.readouterr()
        expected = 1 if command_of(words) in FINDS_SOMETHING else 0
        assert code == expected, f"{' '.join(words)} ended with {code}: {told.err[-500:]}"
        if "--json" in words:
            assert json.loads(told.out), words
    people = (elsewhere / "findings.csv").read_bytes().decode("cp932")
    machine = (elsewhere / "orders.csv").read_text(encoding="utf-8")
    assert people.count("\r\n") > 10
    assert machine.startswith("account,order_number,order_code,")
