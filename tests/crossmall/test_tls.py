"""Which certificates the client accepts: none that it cannot verify, and nothing is sent to whoever shows one (S17)."""

import inspect
import json
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from crossmall import client as client_module
from crossmall.client import Client
from crossmall.errors import ConfigurationError, TransportError
from crossmall.types import Credentials, Secret
from reconcile.settings import Settings
from tests.crossmall.conftest import KEY, Shop

BAD = ("expired", "not-yet-valid", "self-signed", "wrong-name")
SWITCHES = ("verify", "tls", "ssl", "cert", "insecure", "trust")


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Shop], None]]:
    """`trusting(shop)`: this machine's list of authorities holds the shop's own, so that only the certificate can be wrong."""
    client_module._trusted.cache_clear()

    def trust(shop: Shop) -> None:
        listed = tmp_path / "authorities.pem"
        listed.write_text(authority(shop), encoding="ascii")
        monkeypatch.setattr("certifi.where", lambda: str(listed))
        client_module._trusted.cache_clear()

    yield trust
    monkeypatch.undo()
    client_module._trusted.cache_clear()


def authority(shop: Shop) -> str:
    """The certificate of the authority behind a shop, asked for without looking at anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = shop.url.removesuffix("/webapi2") + "/_sandbox/tls"
    with urllib.request.urlopen(place, context=context, timeout=30) as reply:
        return str(json.load(reply)["ca_pem"])


def refusal(shop: Shop) -> tuple[str, bool]:
    with shop.client(retries=0) as client, pytest.raises(TransportError) as refused:
        client.phases()
    return refused.value.reason or "", refused.value.retryable


def test_the_good_certificate_is_good_only_for_whoever_trusts_its_authority(
    start_shop: Callable[..., Shop],
    trusting: Callable[[Shop], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    shop = start_shop("--tls", "valid", "--scenario", "quiet", "--orders", "5")
    assert refusal(shop) == ("tls", False), "an unknown authority"
    elsewhere = tmp_path / "elsewhere.pem"
    elsewhere.write_text(authority(shop), encoding="ascii")
    monkeypatch.setenv("SSL_CERT_FILE", str(elsewhere))
    client_module._trusted.cache_clear()
    assert refusal(shop) == ("tls", False), "the environment may not add an authority"
    trusting(shop)
    with shop.client(retries=0) as client:
        assert client.phases()


@pytest.mark.parametrize("mode", BAD)
def test_a_bad_certificate_is_refused_even_from_an_authority_that_is_trusted(
    start_shop: Callable[..., Shop], trusting: Callable[[Shop], None], mode: str
) -> None:
    shop = start_shop("--tls", mode, "--scenario", "quiet", "--orders", "5")
    trusting(shop)
    assert refusal(shop) == ("tls", False)


def test_there_is_no_switch_for_it() -> None:
    given = {
        *inspect.signature(Client.__init__).parameters,
        *(one.name for one in fields(Settings)),
    }
    given |= {one.name for one in fields(Credentials)}
    assert not [name for name in given if any(part in name.lower() for part in SWITCHES)]


@pytest.mark.parametrize("address", ["http://api.example.com/webapi2", "ftp://127.0.0.1/x", "//x"])
def test_an_address_without_https_is_taken_for_this_machine_only(address: str) -> None:
    with pytest.raises(ConfigurationError):
        Credentials(company_code="ill", key=Secret(KEY), base_url=address)
