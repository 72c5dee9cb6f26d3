"""A desk with products that differ in one colour, for tests that need nothing else."""

import pytest

from tests.mapping.desk import Desk

COLOURS = "白黒青赤緑紫"


@pytest.fixture
def towels(tmp_path, monkeypatch):
    """`towels(4)`: so many products, each under the same name in narrow kana at Smartship, judged."""
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    monkeypatch.setenv("TOTSUGO_USER", "佐藤")

    def made(count):
        desk = Desk(tmp_path / "data")
        for number in range(count):
            desk.pair(number, f"タオル {COLOURS[number]}", f"ﾀｵﾙ {COLOURS[number]}")
        desk.judge()
        return desk

    return made
