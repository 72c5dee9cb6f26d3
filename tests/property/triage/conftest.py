"""Keys of tests never reach the machine's own keyring; every test acts under one name unless it says another."""

import pytest


@pytest.fixture(autouse=True)
def a_desk_of_its_own(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path_factory.getbasetemp() / "keys"))
    monkeypatch.setenv("TOTSUGO_USER", "佐藤")
