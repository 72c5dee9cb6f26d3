"""HTTPS with one good certificate and four bad ones, and the authority to trust for the good one."""

import http.client
import json
import ssl
import urllib.error
import urllib.request

import pytest

MODES = {
    "expired": "expired",
    "not-yet-valid": "not yet valid",
    "self-signed": "self",
    "wrong-name": "mismatch",
}


def unchecked():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def authority(shop):
    with urllib.request.urlopen(f"{shop.control}/tls", context=unchecked(), timeout=10) as reply:
        return json.load(reply)


def fetch(shop, sign, context):
    url = f"{shop.url}/get_phase?{sign('account=ill')}"
    with urllib.request.urlopen(url, context=context, timeout=10) as reply:
        return reply.read()


def test_the_valid_certificate_is_good_for_whoever_trusts_its_authority(start, sign, envelope):
    shop = start("--tls", "valid", "--scenario", "quiet", "--orders", "30")
    assert shop.url.startswith("https://127.0.0.1:")
    told = authority(shop)
    assert told["mode"] == "valid"
    trusting = ssl.create_default_context(cadata=told["ca_pem"])
    assert envelope(fetch(shop, sign, trusting)).status == "success"
    with pytest.raises(urllib.error.URLError) as refused:
        fetch(shop, sign, ssl.create_default_context())
    assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)


@pytest.mark.parametrize("mode", MODES)
def test_a_client_that_checks_refuses_the_bad_ones(start, sign, mode):
    shop = start("--tls", mode, "--scenario", "quiet", "--orders", "30")
    trusting = ssl.create_default_context(cadata=authority(shop)["ca_pem"])
    with pytest.raises(urllib.error.URLError) as refused:
        fetch(shop, sign, trusting)
    assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)
    assert MODES[mode] in str(refused.value.reason)
    assert b"<GetPhase" in fetch(shop, sign, unchecked())


def test_without_the_option_it_is_plain_http(start):
    shop = start("--scenario", "quiet", "--orders", "30")
    assert shop.url.startswith("http://")
    assert shop.get("tls") == {"mode": None, "ca_pem": ""}


def test_faults_of_the_wire_work_under_tls_too(start, sign):
    shop = start(
        "--tls", "valid", "--fault", "reset_in_body=1", "--scenario", "quiet", "--orders", "30"
    )  # fmt: skip
    with pytest.raises((OSError, http.client.IncompleteRead)):
        fetch(shop, sign, unchecked())
