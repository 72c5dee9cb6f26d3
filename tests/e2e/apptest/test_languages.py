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
