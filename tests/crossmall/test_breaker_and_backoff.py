"""A server in trouble is left alone: circuit breaker, halved rate, bounded concurrency, no storms."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from crossmall import breaker as breakers
from crossmall import errors, pacing
from crossmall.approval import AllowWrites
from crossmall.breaker import CircuitBreaker, shared_breaker
from crossmall.client import Client
from crossmall.pacing import TokenBucket
from crossmall.types import Credentials, OrderQuery, Secret

Envelope = Callable[..., bytes]
DOWN = errors.TransportError("down", reason="refused")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def opened(clock: Clock) -> CircuitBreaker:
    made = CircuitBreaker(clock=clock)
    for _ in range(breakers.FAILURES_TO_OPEN):
        assert made.wait_s() is None
        made.note(DOWN)
    return made


def test_the_circuit_opens_after_eight_failures_in_a_row_and_not_before() -> None:
    clock = Clock()
    made = CircuitBreaker(clock=clock)
    for _ in range(7):
        made.note(DOWN)
    made.note(None)
    for _ in range(7):
        made.note(DOWN)
    assert made.wait_s() is None
    made.note(DOWN)
    assert made.wait_s() == breakers.COOL_DOWN_S


@pytest.mark.parametrize(
    "error",
    [
        errors.AuthError("refused"),
        errors.NotFound("none"),
        errors.ApiError("no"),
        errors.UnreadableResponse("cut off"),
    ],
)
def test_any_answer_of_the_server_closes_the_circuit(error: errors.CrossmallError) -> None:
    made = CircuitBreaker(clock=Clock(), failures_to_open=2)
    for _ in range(9):
        made.note(DOWN)
        made.note(error)
    assert made.wait_s() is None


def test_throttling_and_our_own_mistakes_are_no_failures_of_the_line() -> None:
    made = CircuitBreaker(clock=Clock(), failures_to_open=1)
    made.note(errors.TransportError("slow down", reason="throttled"))
    assert made.wait_s() is None
    made.note(DOWN)
    made.note(errors.ConfigurationError("never sent"))
    assert made.wait_s() is not None


def test_after_the_cool_down_one_call_tries_and_the_others_wait_for_it() -> None:
    clock = Clock()
    made = opened(clock)
    clock.sleep(breakers.COOL_DOWN_S - 1)
    assert made.wait_s() == pytest.approx(1)
    clock.sleep(1)
    assert made.wait_s() is None
    assert made.wait_s() == breakers.COOL_DOWN_S
    made.note(None)
    assert [made.wait_s() for _ in range(5)] == [None] * 5


def test_a_trial_that_fails_costs_another_cool_down_and_a_lost_one_no_more() -> None:
    clock = Clock()
    made = opened(clock)
    clock.sleep(breakers.COOL_DOWN_S)
    assert made.wait_s() is None
    made.note(DOWN)
    assert made.wait_s() == breakers.COOL_DOWN_S
    clock.sleep(breakers.COOL_DOWN_S)
    assert made.wait_s() is None  # this one never reports back
    clock.sleep(breakers.COOL_DOWN_S)
    assert made.wait_s() is None


@pytest.mark.parametrize("bad", [{"failures_to_open": 0}, {"cool_down_s": 0}])
def test_a_breaker_that_makes_no_sense_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="failures_to_open"):
        CircuitBreaker(**bad)


def test_one_account_has_one_breaker_however_many_clients_come_and_go() -> None:
    first = shared_breaker("https://b.example/webapi2", "ill", is_local=False)
    assert shared_breaker("https://b.example/webapi2", "ill", is_local=False) is first
    assert shared_breaker("https://b.example/webapi2", "two", is_local=False) is not first


def test_clients_of_a_dead_server_stop_calling_it_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakers, "LOCAL_COOL_DOWN_S", 300.0)  # the machine may be slow

    def client() -> Client:
        credentials = Credentials(
            company_code="dead", key=Secret("k"), base_url="https://localhost:1/webapi2"
        )
        return Client(credentials, retries=0, on_call=calls.append)

    calls: list[object] = []
    reasons = []
    for _ in range(12):
        with client() as one, pytest.raises(errors.TransportError) as caught:
            one.phases()
        reasons.append(caught.value.reason)
    assert reasons == ["refused"] * 8 + ["circuit_open"] * 4
    assert len(calls) == 8
    assert caught.value.endpoint == "get_phase"
    assert 0 < (caught.value.retry_after_s or 0) <= breakers.LOCAL_COOL_DOWN_S
    assert not caught.value.retryable


def test_a_call_refused_by_the_open_circuit_is_not_repeated_and_leaves_no_record(
    desk: Any,
) -> None:
    desk.answers = [httpx.ConnectError("x")]
    with desk.client(retries=5) as client:
        for reason in ("connection", "circuit_open", "circuit_open"):
            with pytest.raises(errors.TransportError) as caught:
                client.phases()
            assert caught.value.reason == reason
    assert len(desk.requests) == len(desk.records) == 8


def test_a_change_is_not_sent_through_an_open_circuit(desk: Any, envelope: Envelope) -> None:
    clock = Clock()
    circuit = CircuitBreaker(clock=clock)
    row = {"order_number": "00000007", "phase_name": "確認待ち"}
    desk.answers = [httpx.Response(200, content=envelope(row))]

    def journal(record: Any) -> None:
        for _ in range(8 if record.stage == "intent" else 0):
            circuit.note(DOWN)

    leave = AllowWrites(approved_by="a", plan_id="p", journal=journal)
    with desk.client(breaker=circuit, allow_writes=leave) as client:
        result = client.update_order_phase("7", "完了")
    assert (result.state, result.reason, result.after) == ("not_applied", "never_left", None)
    assert result.error is not None
    assert result.error.reason == "circuit_open"
    assert not [one for one in desk.requests if "upd_" in one.url.path]


@pytest.mark.parametrize("status", [200, 401, 403, 503])
def test_a_refused_login_is_asked_once_even_when_the_status_looks_passing(
    desk: Any, envelope: Envelope, status: int
) -> None:
    body = envelope(status="error", message="認証エラー")
    desk.answers = [httpx.Response(status, content=body)]
    with desk.client(retries=9) as client:
        for calls in (1, 2, 3):
            with pytest.raises(errors.AuthError):
                client.phases()
            assert len(desk.requests) == calls
    assert desk.slept == []


def test_a_login_refused_in_the_middle_of_paging_ends_it(desk: Any, envelope: Envelope) -> None:
    rows = [{"order_number": f"{n:08d}"} for n in range(1, 101)]
    refused = envelope(status="error", message="認証エラー")
    desk.answers = [
        httpx.Response(200, content=envelope(*rows)),
        httpx.Response(200, content=refused),
    ]
    with desk.client() as client, pytest.raises(errors.AuthError):
        list(client.orders(OrderQuery()))
    assert len(desk.requests) == 2


def test_the_rate_is_halved_stays_and_rises_slowly_to_what_was_agreed() -> None:
    clock = Clock()
    bucket = TokenBucket(8, clock=clock, sleep=clock.sleep)
    bucket.slow_down()
    assert bucket.present_rate_per_s == 4
    bucket.acquire()
    assert bucket.acquire() == pytest.approx(0.25)
    clock.sleep(pacing.HOLD_S - 1)
    assert bucket.present_rate_per_s == 4
    rates = []
    for _ in range(6):
        clock.sleep(pacing.DOUBLING_S / 4)
        rates.append(bucket.present_rate_per_s or 0)
    assert rates == sorted(rates)
    assert 4 < rates[0] < 5
    assert rates[-1] == 8 == bucket.rate_per_s


def test_complaints_about_calls_under_way_halve_the_rate_once() -> None:
    clock = Clock()
    bucket = TokenBucket(8, clock=clock, sleep=clock.sleep)
    for _ in range(4):
        bucket.slow_down()
    assert bucket.present_rate_per_s == 4
    for _ in range(20):
        clock.sleep(pacing.HALVED_ONCE_PER_S)
        bucket.slow_down()
    assert bucket.present_rate_per_s == 8 * pacing.SLOWEST


def test_without_an_agreed_rate_there_is_nothing_to_halve() -> None:
    bucket = TokenBucket(None, sleep=lambda _: None)
    bucket.slow_down()
    assert bucket.present_rate_per_s is None
    assert bucket.acquire() == 0


@pytest.mark.parametrize(
    ("status", "rate"), [(429, 2.0), (503, 2.0), (500, 4.0), (200, 4.0), (404, 4.0)]
)
def test_too_many_and_too_busy_halve_the_rate_of_the_account(
    desk: Any, envelope: Envelope, status: int, rate: float
) -> None:
    desk.answers = [httpx.Response(status, content=envelope() if status == 200 else b"x")]
    with desk.client(rate_per_s=4, retries=0) as client:
        try:
            client.phases()
        except errors.TransportError:
            assert status != 200
        assert client._bucket.present_rate_per_s == rate


def test_the_lower_rate_outlives_the_client_that_was_told() -> None:
    place = ("https://slow.example/webapi2", "ill")
    pacing.shared_bucket(*place, 8).slow_down()
    assert pacing.shared_bucket(*place, 8).present_rate_per_s == 4


class Busy(http.server.ThreadingHTTPServer):
    """Counts how many requests are under way; at first every second one is told to come back."""

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.body, self.lock = body, threading.Lock()
        self.under_way = self.most = self.answered = 0


class _Counter(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        desk = self.server
        assert isinstance(desk, Busy)
        with desk.lock:
            desk.under_way += 1
            desk.answered += 1
            desk.most = max(desk.most, desk.under_way)
            busy = desk.answered <= 20 and desk.answered % 2 == 0
        time.sleep(0.005)
        with desk.lock:
            desk.under_way -= 1
        body = b"later" if busy else desk.body
        self.send_response(503 if busy else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def busy(envelope: Envelope) -> Iterator[Busy]:
    with Busy(envelope({"phase_name": "完了"})) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_real_server_never_sees_more_requests_at_once_than_agreed(
    busy: Busy, concurrency: int
) -> None:
    url = f"http://127.0.0.1:{busy.server_address[1]}/webapi2"
    credentials = Credentials(company_code="ill", key=Secret("k"), base_url=url)
    with (
        Client(credentials, concurrency=concurrency, retries=20, sleep=lambda _: None) as client,
        ThreadPoolExecutor(12) as pool,
    ):
        found = list(pool.map(lambda _: client.phases(), range(40)))
    assert [one[0].name for one in found] == ["完了"] * 40
    assert busy.answered == 50
    assert busy.most <= concurrency
    assert concurrency == 1 or busy.most > 1
