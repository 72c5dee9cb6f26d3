"""From where the server may be reached without a login: this machine, and nothing else."""

from __future__ import annotations

import pytest

from pages.ui.reach import refusal

LOGIN = {"redirect_uri": "https://desk.example/oauth2callback"}
HERE = ["localhost", "127.0.0.1"]


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
def test_this_machine_needs_no_login(address: str) -> None:
    assert refusal(address=address, hosts=HERE, auth=None) is None


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("0.0.0.0", HERE),
        ("::", HERE),
        ("", HERE),
        (None, HERE),
        ("192.168.1.5", HERE),
        ("desk.example", HERE),
        ("unix:///run/desk.sock", HERE),
        ("localhost.attacker.example", HERE),
        ("127.0.0.1", [*HERE, "desk.example"]),
        ("127.0.0.1", []),
    ],
)
def test_everything_else_needs_one(address: str | None, hosts: list[str]) -> None:
    refused = refusal(address=address, hosts=hosts, auth=None)
    assert refused is not None
    assert refused[0] == "error.access.reach"
    assert refusal(address=address, hosts=hosts, auth=LOGIN) is None


def test_a_login_for_other_machines_goes_over_https() -> None:
    plain = {"redirect_uri": "http://desk.example/oauth2callback"}
    refused = refusal(address="0.0.0.0", hosts=["desk.example"], auth=plain)
    assert refused == ("error.access.plain", plain["redirect_uri"])
    here = {"redirect_uri": "http://localhost:8501/oauth2callback"}
    assert refusal(address="127.0.0.1", hosts=HERE, auth=here) is None
