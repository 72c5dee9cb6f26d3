"""What a language can be written in."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconcile import Workspace
from reconcile.exporting import WHAT


@pytest.mark.parametrize("what", WHAT)
def test_a_cp932_file_has_japanese_words_where_it_could_not_hold_korean_ones(
    demo_home: Path, what: str
) -> None:
    ja, ko = (Workspace.open(demo_home, lang=lang) for lang in ("ja", "ko"))
    expected, made = (desk.export(what, encoding="cp932") for desk in (ja, ko))
    assert (made.data, made.changed_characters) == (expected.data, expected.changed_characters)
    header = ko.export(what).data.decode("utf-8-sig").partition("\n")[0]
    assert any("가" <= letter <= "힣" for letter in header)


def test_a_file_for_machines_is_utf_8_and_keeps_its_language(demo_home: Path) -> None:
    desk = Workspace.open(demo_home, lang="ko")
    asked, plain = (
        desk.export("findings", profile="machine", encoding=e) for e in ("cp932", "utf-8-sig")
    )
    assert asked.data == plain.data
    assert any("가" <= letter <= "힣" for letter in plain.data.decode("utf-8-sig"))
