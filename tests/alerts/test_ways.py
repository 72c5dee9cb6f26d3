"""The way of a message: the host that was judged and no other, what a server answers, and when it is given up."""

import socket
import time
from ipaddress import ip_address

import pytest

from reconcile.alerts import web
from reconcile.alerts.hosts import address_of
from reconcile.alerts.outcomes import NotSent


@pytest.mark.parametrize(
    ("path", "private", "reason"),
    [
        ("redirect", True, "redirect"),
        ("ok", False, "private"),
        ("status/404", True, "status"),
        ("ok", True, None),
    ],
)
def test_the_test_button_says_plainly_what_became_of_it(desk, path, private, reason):
    desk.channel(path=path)
    if not private:  # as where a name that was public when it was stored now leads inside
        desk.channel(path=path)
        address = desk.receiver.url.replace("http:", "https:")
        desk.workspace.set_alert_channel(
            "ops", kind="webhook", secret=f"{address}/ok", allow_private=False
        )
    found = desk.workspace.test_alert_channel("ops")
    assert (found.ok, found.reason) == (reason is None, reason)
    assert len(desk.receiver.taken()) == (reason is None), "and it went nowhere else"


def test_an_answer_that_drips_without_end_is_given_up(desk, monkeypatch):
    monkeypatch.setattr(web, "LONGEST_S", 1.0)
    desk.channel(path="drip")
    begun = time.monotonic()
    found = desk.workspace.test_alert_channel("ops")
    assert (found.ok, found.reason) == (False, "lost"), "taken or not: that is not known"
    assert 1.0 <= time.monotonic() - begun < web.TIMEOUT_S


def test_recipients_that_a_mail_server_refuses_are_counted(desk):
    def post(*to):
        desk.workspace.set_alert_channel(
            "post", kind="mail", host="127.0.0.1", port=desk.receiver.mail_port, security="none",
            allow_private=True, sender="desk@example.jp", to=to,
        )  # fmt: skip
        return desk.workspace.test_alert_channel("post")

    some = post("ops@example.jp", "refused@example.jp")
    assert (some.ok, some.refused) == (True, 1)
    assert post("refused@example.jp").reason == "recipients"
    desk.workspace.set_alert_channel("post", kind="mail", security="starttls")
    assert desk.workspace.test_alert_channel("post").reason == "starttls", "never in the open"


@pytest.mark.parametrize(
    ("address", "public", "allowed"),
    [
        ("8.8.8.8", True, True),
        ("2606:4700::1111", True, True),
        ("127.0.0.1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.0.9", False, True),
        ("100.64.0.1", False, True),
        ("::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("64:ff9b::a00:1", False, True),
        ("2002:a00:1::1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
    ],
)
def test_addresses_inside_a_network_are_refused_unless_allowed(address, public, allowed):
    def may(allow_private):
        try:
            found = address_of(address, 443, allow_private=allow_private)
            return ip_address(found) == ip_address(address)
        except NotSent as error:
            assert error.reason == "private"
            return False

    assert (may(False), may(True)) == (public, allowed)


def test_a_name_with_one_address_inside_a_network_is_refused(monkeypatch):
    both = [(2, 1, 6, "", (address, 443)) for address in ("8.8.8.8", "10.1.2.3")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(NotSent) as refused:
        address_of("both.example", 443, allow_private=False)
    assert refused.value.reason == "private"
    assert address_of("both.example", 443, allow_private=True) == "8.8.8.8"


@pytest.mark.parametrize("kind", ["webhook", "mail"])
def test_a_name_is_looked_up_once_and_that_very_address_is_spoken_to(desk, monkeypatch, kind):
    """The name leads to the receiver when it is judged, and elsewhere ever after."""
    asked, plain = [], socket.getaddrinfo

    def look_up(host, *more, **named):
        if host == "hooks.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "127.0.0.77"
        return plain(host, *more, **named)

    desk.workspace.set_alert_channel(
        "ops", kind=kind, host="hooks.example", port=desk.receiver.mail_port, security="none",
        secret=desk.receiver.url.replace("127.0.0.1", "hooks.example") + "/ok", allow_private=True,
        sender="desk@example.jp", to=("ops@example.jp",),
    )  # fmt: skip
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert desk.workspace.test_alert_channel("ops").ok
    assert asked == ["hooks.example"]
    assert [one.get("host", "").partition(":")[0] for one in desk.receiver.taken()] in (
        ["hooks.example"],
        [""],
    )


def test_the_environment_sends_no_message_another_way(desk, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    desk.channel()
    assert desk.workspace.test_alert_channel("ops").ok
