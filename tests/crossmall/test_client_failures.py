"""Each way a call can fail is one clear error, and what may pass is tried again."""

import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from crossmall import errors
from crossmall.client import Client
from crossmall.types import Credentials, OrderQuery, Secret

Envelope = Callable[..., bytes]


HTML = b"<!DOCTYPE html><html><body>canary@example.invalid</body></html>"
FAILURES: dict[str, tuple[httpx.Response | Exception, type[errors.CrossmallError], str, int]] = {
    "server down": (httpx.ConnectError("x"), errors.TransportError, "connection", 4),
    "slow": (httpx.ReadTimeout("x"), errors.TransportError, "timeout", 4),
    "slow to connect": (httpx.ConnectTimeout("x"), errors.TransportError, "timeout", 4),
    "broken off": (httpx.RemoteProtocolError("x"), errors.TransportError, "connection", 4),
    "web page": (httpx.Response(200, content=HTML), errors.TransportError, "html", 4),
    "empty": (httpx.Response(200, content=b""), errors.TransportError, "empty", 4),
    "cut": (httpx.Response(200, content=b"<G><Res"), errors.UnreadableResponse, "malformed", 4),
    "document type": (
        httpx.Response(200, content=b"<!DOCTYPE G><G/>"),
        errors.UnreadableResponse,
        "doctype",
        1,
    ),
    "500 page": (httpx.Response(500, content=HTML), errors.TransportError, "http_status", 4),
    "500 empty": (httpx.Response(500), errors.TransportError, "http_status", 4),
    "502 cut": (httpx.Response(502, content=b"<G><R"), errors.TransportError, "http_status", 4),
    "429": (httpx.Response(429, content=b"slow"), errors.TransportError, "throttled", 4),
    "404 page": (httpx.Response(404, content=HTML), errors.TransportError, "http_status", 1),
    "403 empty": (httpx.Response(403), errors.TransportError, "http_status", 1),
    "redirect": (
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        errors.TransportError,
        "redirect",
        1,
    ),
    "bad packing": (
        httpx.Response(200, headers={"content-encoding": "gzip"}, content=b""),
        errors.TransportError,
        "empty",
        4,
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_way_to_fail_is_one_clear_error(desk: Any, name: str) -> None:
    answer, kind, reason, tries = FAILURES[name]
    desk.answers = [answer]
    with desk.client() as client, pytest.raises(errors.CrossmallError) as caught:
        client.phases()
    error = caught.value
    assert type(error) is kind
    assert error.reason == reason
    assert error.endpoint == "get_phase"
    assert error.http_status == (answer.status_code if isinstance(answer, httpx.Response) else None)
    assert len(desk.requests) == len(desk.records) == tries
    assert len(desk.slept) == tries - 1
    assert [record.attempt for record in desk.records] == list(range(1, tries + 1))
    assert {record.error_class for record in desk.records} == {kind.__name__}
    assert {record.call_id for record in desk.records} == {error.call_id}
    assert "canary" not in repr(error)
    assert "signing" not in repr(error)


@pytest.mark.parametrize(
    ("cause", "reason", "retryable"),
    [
        (ssl.SSLCertVerificationError("bad certificate"), "tls", False),
        (socket.gaierror("no such name"), "dns", True),
        (ConnectionRefusedError("refused"), "refused", True),
    ],
)
def test_the_cause_of_a_failed_connection_is_told_apart(
    desk: Any, cause: Exception, reason: str, retryable: bool
) -> None:
    failure = httpx.ConnectError("x")
    failure.__cause__ = cause
    desk.answers = [failure]
    with desk.client() as client, pytest.raises(errors.TransportError) as caught:
        client.phases()
    assert caught.value.reason == reason
    assert len(desk.requests) == (4 if retryable else 1)


def test_a_name_that_does_not_exist_and_a_closed_port_are_told_apart_for_real() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for base_url, reason in (
        (f"http://127.0.0.1:{port}/webapi2", "refused"),
        (f"https://127.0.0.1:{port}/webapi2", "refused"),
    ):
        credentials = Credentials(company_code="ill", key=Secret("k"), base_url=base_url)
        with Client(credentials, retries=0) as client:
            with pytest.raises(errors.TransportError) as caught:
                client.phases()
            assert caught.value.reason == reason


def test_a_plain_server_behind_an_https_address_is_a_tls_error() -> None:
    def answer_in_plain_text(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        served = pool.submit(answer_in_plain_text, listener)
        base_url = f"https://127.0.0.1:{listener.getsockname()[1]}/webapi2"
        credentials = Credentials(company_code="ill", key=Secret("k"), base_url=base_url)
        with (
            Client(credentials, timeout_s=5) as client,
            pytest.raises(errors.TransportError) as caught,
        ):
            client.phases()
        served.result(timeout=5)
    assert caught.value.reason == "tls"
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<GetPhase>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_a_server_that_breaks_off_or_talks_nonsense_is_a_broken_connection(
    tape: Any, reply: bytes
) -> None:
    tape.raw, tape.reply = True, reply
    credentials = Credentials(company_code="ill", key=Secret("k"), base_url=tape.base_url)
    with Client(credentials, retries=0) as client, pytest.raises(errors.TransportError) as caught:
        client.phases()
    assert caught.value.reason == "connection"
    assert caught.value.retryable


def test_silence_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/webapi2"
        credentials = Credentials(company_code="ill", key=Secret("k"), base_url=base_url)
        with Client(credentials, retries=0, timeout_s=0.1) as client:
            with pytest.raises(errors.TransportError) as caught:
                client.phases()
            assert caught.value.reason == "timeout"


class Drip(httpx.SyncByteStream):
    def __init__(self, piece: bytes, count: int, wait: float = 0.0) -> None:
        self.piece, self.count, self.wait = piece, count, wait
        self.given = 0

    def __iter__(self) -> Any:
        for _ in range(self.count):
            threading.Event().wait(self.wait)
            self.given += 1
            yield self.piece


def test_an_endless_reply_is_cut_off_at_the_cap(credentials: Credentials) -> None:
    stream = Drip(b"x" * 1_000_000, 1_000)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=stream))
    with (
        Client(credentials, transport=transport) as client,
        pytest.raises(errors.TransportError) as caught,
    ):
        client.phases()
    assert caught.value.reason == "too_large"
    assert stream.given <= 22


def test_a_reply_that_drips_for_ever_is_given_up(credentials: Credentials) -> None:
    stream = Drip(b"x", 10_000, wait=0.01)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=stream))
    with (
        Client(credentials, transport=transport, timeout_s=0.1, retries=0) as client,
        pytest.raises(errors.TransportError) as caught,
    ):
        client.phases()
    assert caught.value.reason == "timeout"
    assert stream.given < 100


def test_a_passing_failure_is_survived(desk: Any, envelope: Envelope) -> None:
    desk.answers = [
        httpx.Response(503),
        httpx.ReadTimeout("x"),
        httpx.Response(200, content=envelope({"phase_name": "完了"})),
    ]
    with desk.client() as client:
        assert client.phases()[0].name == "完了"
    assert [record.status for record in desk.records] == [503, None, 200]
    assert [record.error_class for record in desk.records] == [
        "TransportError",
        "TransportError",
        None,
    ]


def test_the_same_signed_text_is_sent_again(desk: Any, envelope: Envelope) -> None:
    desk.answers = [httpx.Response(503), httpx.Response(200, content=envelope())]
    with desk.client() as client:
        client.order_page(OrderQuery(phase_name="発送待機"))
    first, second = (request.url.raw_path for request in desk.requests)
    assert first == second


@pytest.mark.parametrize(("hint", "least", "most"), [("45", 45, 45), ("999999", 120, 120)])
def test_retry_after_holds_back_the_whole_account_up_to_a_cap(
    desk: Any, envelope: Envelope, hint: str, least: float, most: float
) -> None:
    desk.answers = [
        httpx.Response(429, headers={"retry-after": hint}),
        httpx.Response(200, content=envelope()),
    ]
    with desk.client() as client:
        client.phases()
    assert len(desk.slept) == 1
    assert least - 1 <= desk.slept[0] <= most


def test_retry_after_comes_with_the_error_when_all_tries_are_spent(desk: Any) -> None:
    desk.answers = [httpx.Response(429, headers={"retry-after": "7"})]
    with desk.client(retries=0) as client, pytest.raises(errors.TransportError) as caught:
        client.phases()
    assert caught.value.retry_after_s == 7.0
    assert caught.value.retryable
