"""Every fault can be seen from outside, and strikes the same requests again after a restart."""

import http.client
import socket
import time
import urllib.error
import xml.etree.ElementTree as ET

import pytest

from crossmall.sandbox.faults import FAULTS

EPOCH = ("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00")


@pytest.fixture(scope="module")
def sandbox(start):
    return start(*EPOCH)


@pytest.fixture
def only(sandbox):
    """Switches one fault to always; everything is off again afterwards."""

    def switch(name):
        sandbox.post("faults", **dict.fromkeys(FAULTS, 0))
        sandbox.post("faults", **{name: 1})

    yield switch
    sandbox.post("faults", **dict.fromkeys(FAULTS, 0))


def test_delay_answers_late_but_well(sandbox, only, envelope, sign):
    only("delay")
    began = time.monotonic()
    assert envelope(sandbox.raw("get_phase", sign("account=ill"))).status == "success"
    assert time.monotonic() - began > 1.5


def test_timeout_never_answers_and_commits_nothing(sandbox, only, sign):
    number = sandbox.rows("get_order")[0]["order_number"]
    query = f"account=ill&order_number={number}&check_mark_type=1&check_mark_value=1"
    only("timeout")
    with pytest.raises(TimeoutError):
        sandbox.raw("upd_order_check_mark", sign(query), timeout=0.5)
    only("delay")
    sandbox.post("faults", delay=0)
    assert sandbox.rows("get_order", check_mark1=1) == []


def test_timeout_after_commit_never_answers_but_has_written(sandbox, only, sign):
    number = sandbox.rows("get_order")[1]["order_number"]
    query = f"account=ill&order_number={number}&check_mark_type=3&check_mark_value=1"
    only("timeout_after_commit")
    with pytest.raises(TimeoutError):
        sandbox.raw("upd_order_check_mark", sign(query), timeout=0.5)
    sandbox.post("faults", timeout_after_commit=0)
    assert [o["order_number"] for o in sandbox.rows("get_order", check_mark3=1)] == [number]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_http_errors_come_without_an_envelope(sandbox, only, sign, status):
    only(f"http_{status}")
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.raw("get_phase", sign("account=ill"))
    assert refused.value.code == status
    assert (refused.value.headers["Retry-After"] == "1") == (status == 429)
    refused.value.close()


def test_html_is_a_maintenance_page_with_status_200(sandbox, only, sign):
    only("html")
    assert "メンテナンス" in sandbox.raw("get_phase", sign("account=ill")).decode()


def test_empty_is_a_reply_without_a_body(sandbox, only, sign):
    only("empty")
    assert sandbox.raw("get_phase", sign("account=ill")) == b""


def test_cut_xml_cannot_be_parsed(sandbox, only, sign):
    only("cut_xml")
    body = sandbox.raw("get_order", sign("account=ill"))
    assert body.startswith(b"<?xml")
    with pytest.raises(ET.ParseError):
        ET.fromstring(body)


def test_auth_error_refuses_a_good_signature(sandbox, only):
    only("auth_error")
    assert "認証エラー" in sandbox.call("get_phase").message


@pytest.mark.parametrize("query", ["account=ill", "account=ill&order_code=none"])
def test_wrong_encoding_is_not_the_utf8_it_claims_to_be(sandbox, only, sign, query):
    only("wrong_encoding")
    body = sandbox.raw("get_order", sign(query))
    assert b"encoding='UTF-8'" in body
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert "<GetStatus>success" in body.decode("cp932")


def test_doctype_brings_a_dtd_with_an_entity(sandbox, only, sign):
    only("doctype")
    body = sandbox.raw("get_phase", sign("account=ill"))
    assert b"<!DOCTYPE" in body
    assert b"&note;" in body


def test_reset_closes_the_connection_in_the_middle_of_the_body(sandbox, only, sign):
    only("reset")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        sandbox.raw("get_order", sign("account=ill"))


def test_duplicate_rows_repeats_a_row_on_the_page(sandbox, only):
    only("duplicate_rows")
    numbers = [row["order_number"] for row in sandbox.rows("get_order")]
    assert len(numbers) == 101
    assert numbers[-1] == numbers[-2]


@pytest.mark.parametrize("query", ["account=ill", "account=ill&order_code=none"])
def test_illegal_char_puts_a_control_character_into_the_text(sandbox, only, sign, query):
    only("illegal_char")
    body = sandbox.raw("get_order", sign(query))
    assert b"\x0b" in body
    with pytest.raises(ET.ParseError):
        ET.fromstring(body)


def test_without_faults_no_control_character_ever_appears(sandbox, only, sign):
    only("delay")
    sandbox.post("faults", delay=0)
    body = sandbox.raw("get_order", sign("account=ill"))
    assert not set(body) & (set(range(32)) - {10})


def struck(sandbox, times):
    return [sandbox.call("get_phase").status for _ in range(times)]


def test_the_same_seed_strikes_the_same_requests(start):
    options = (*EPOCH, "--fault", "auth_error=0.4", "--seed", "11")
    first, second = start(*options), start(*options)
    statuses = struck(first, 40)
    assert set(statuses) == {"success", "error"}
    assert struck(second, 40) == statuses
    first.post("requests/reset")
    assert struck(first, 40) == statuses
    assert first.get("faults")["struck"] == {"auth_error": 2 * statuses.count("error")}
    assert struck(start(*EPOCH, "--fault", "auth_error=0.4", "--seed", "12"), 40) != statuses


def test_unknown_faults_and_rates_are_refused_while_running(sandbox):
    for body in ({"nope": 1}, {"delay": 2}, {"delay": "x"}, {"delay": True}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            sandbox.post("faults", **body)
        assert refused.value.code == 400
        refused.value.close()
    assert sandbox.get("faults")["known"] == list(FAULTS)


def test_a_hanging_call_does_not_keep_the_sandbox_from_stopping(start, sign):
    sandbox = start("--fault", "timeout=1")
    host, port = sandbox.url.split("//")[1].split("/")[0].split(":")
    with socket.create_connection((host, int(port))) as waiting:
        line = f"GET /webapi2/get_phase?{sign('account=ill')} HTTP/1.1\r\nHost: x\r\n\r\n"
        waiting.sendall(line.encode())
        while not sandbox.get("requests")["received"]:
            time.sleep(0.02)
        began = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - began < 5
    assert sandbox.process.returncode == 0
