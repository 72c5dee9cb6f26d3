"""Credentials are checked on creation and never shown."""

import copy
import pickle
from dataclasses import asdict

import pytest

from crossmall.errors import ConfigurationError
from crossmall.types import Credentials, Secret


def make(code: str = "ill", key: str = "mXCTpnoA", url: str = "https://crossmall.jp/webapi2"):
    return Credentials(company_code=code, key=Secret(key), base_url=url)


def test_a_secret_is_shown_only_when_revealed() -> None:
    secret = Secret("mXCTpnoA")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", "%s" % secret]  # noqa: UP031
    assert not any("mXCTpnoA" in text for text in shown)
    assert secret.reveal() == "mXCTpnoA"


def test_secrets_compare_by_content_and_hash_alike() -> None:
    assert Secret("鍵") == Secret("鍵")
    assert Secret("鍵") != Secret("錠")
    assert Secret("鍵") != "鍵"
    assert len({Secret("a"), Secret("a")}) == 1


def test_a_secret_cannot_be_pickled_but_can_be_copied() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(make())
    assert copy.deepcopy(make()) == make()
    assert "mXCTpnoA" not in repr(asdict(make()))


def test_credentials_show_neither_company_code_nor_key() -> None:
    assert repr(make(code="company-77")) == "Credentials(base_url='https://crossmall.jp/webapi2')"


def test_a_trailing_slash_of_the_base_url_is_dropped() -> None:
    assert make(url="https://crossmall.jp/webapi2/").base_url == "https://crossmall.jp/webapi2"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000/webapi2", "http://localhost/webapi2", "http://[::1]:9/webapi2"],
)
def test_plain_http_is_allowed_on_this_machine(url: str) -> None:
    assert make(url=url).is_local


def test_a_real_host_is_not_local() -> None:
    assert not make().is_local


@pytest.mark.parametrize(
    "url",
    [
        "http://crossmall.jp/webapi2",
        "http://127.0.0.1.evil.example/webapi2",
        "http://localhost.evil.example/webapi2",
        "ftp://crossmall.jp/webapi2",
        "crossmall.jp/webapi2",
        "https:///webapi2",
        "https://user:pw@crossmall.jp/webapi2",
        "https://crossmall.jp/webapi2?account=ill",
        "https://crossmall.jp/webapi2#x",
        "https://crossmall.jp/web api2",
        "https://crossmall.jp/webapi2\n",
        "https://crossmall.jp:99999/webapi2",
        "https://[::1/webapi2",
        "https://クロスモール.jp/webapi2",
        "",
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(url=url)
    assert caught.value.reason == "base_url"
    assert not url or url not in str(caught.value)


@pytest.mark.parametrize(
    "bad", ["", " ill", "ill\n", "i ll", "ill\u3000", "i\u200bll", "\ufeffill"]
)
def test_blanks_and_invisible_characters_are_refused_with_their_place(bad: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(code=bad)
    assert caught.value.reason == "company_code"
    with pytest.raises(ConfigurationError) as caught:
        make(key=bad)
    assert caught.value.reason == "key"
    assert not bad or bad not in str(caught.value)


def test_a_bare_text_is_not_a_key() -> None:
    with pytest.raises(ConfigurationError):
        Credentials(company_code="ill", key="mXCTpnoA")  # type: ignore[arg-type]
