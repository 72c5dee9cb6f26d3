"""The command: one ready line, loopback only, clean ends, one-line complaints; and its controls."""

import json
import signal
import sys
import time
import urllib.error
import urllib.request

import pytest


@pytest.fixture(scope="module")
def quiet(start):
    return start("--scenario", "quiet")


def test_it_prints_one_ready_line_and_ends_with_its_input(launcher):
    process = launcher()
    line = process.stdout.readline()
    assert line.startswith("CROSS MALL sandbox ready: http://127.0.0.1:")
    assert line.endswith("/webapi2\n")
    rest, complaints = process.communicate(timeout=10)
    assert (rest, complaints, process.returncode) == ("", "", 0)


def test_it_is_ready_within_three_seconds(launcher):
    took = []
    for _ in range(3):  # the best of three: other processes may keep the machine busy
        began = time.monotonic()
        process = launcher()
        process.stdout.readline()
        took.append(time.monotonic() - began)
        process.communicate(timeout=10)
    assert min(took) < 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(launcher, number):
    process = launcher()
    process.stdout.readline()
    process.send_signal(number)
    _, complaints = process.communicate(timeout=10)
    assert (process.returncode, complaints) == (0, "")


@pytest.mark.parametrize(
    "options",
    [
        ("--scenario", "nope"),
        ("--fault", "nope=1"),
        ("--fault", "delay=7"),
        ("--fault", "delay"),
        ("--allow-ip", "nowhere"),
        ("--epoch", "yesterday"),
        ("--orders", "0"),
        ("--speed", "-1"),
        ("--clock", "sundial"),
        ("--port", "70000"),
        ("--nonsense",),
        tuple(part for n in range(25) for part in ("--allow-ip", f"192.0.2.{n}")),
    ],
)
def test_a_bad_option_gets_one_line_on_stderr_and_exit_code_2(launcher, options):
    out, complaints = launcher(*options).communicate(timeout=10)
    assert out == ""
    assert len(complaints.splitlines()) == 1
    assert "Traceback" not in complaints


def test_a_taken_port_is_one_line_too(start, launcher):
    port = start("--scenario", "quiet").url.split(":")[2].split("/")[0]
    process = launcher("--port", port)
    _, complaints = process.communicate(timeout=10)
    assert process.returncode == 2
    assert complaints.startswith(f"crossmall.sandbox: port {port}")
    assert len(complaints.splitlines()) == 1


def test_the_key_can_come_from_the_environment(start, sign, envelope, monkeypatch):
    monkeypatch.setenv("CROSSMALL_SANDBOX_KEY", "fromEnv1")
    sandbox = start("--scenario", "quiet")
    for key, status in (("fromEnv1", "success"), ("mXCTpnoA", "error")):
        reply = envelope(sandbox.raw("get_phase", sign("account=ill", key)))
        assert reply.status == status


def test_the_clock_control_moves_the_shop(start):
    sandbox = start("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00")
    assert sandbox.get("clock")["now"] == "2026-05-20T12:00:00+09:00"
    assert sandbox.post("clock", advance_s=90)["now"] == "2026-05-20T12:01:30+09:00"
    assert sandbox.post("clock", set="2026-05-21T00:00:00Z")["now"] == "2026-05-21T09:00:00+09:00"
    before = len(sandbox.all_orders())
    assert sandbox.post("clock", speed=86400, freeze=False)["frozen"] is False
    while len(sandbox.all_orders()) == before:
        time.sleep(0.02)
    assert sandbox.post("clock", freeze=True)["frozen"] is True


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"set": "noon"}),
        ("clock", {"speed": 0}),
        ("clock", {"advance_s": "x"}),
        ("clock", {"freeze": "yes"}),
        ("clock", {"what": 1}),
        ("settings", {"phases": ["a", "a"]}),
        ("settings", {"allow_ip": ["x"]}),
        ("settings", {"key": ""}),
        ("settings", {"what": 1}),
        ("faults", []),
    ],
)
def test_senseless_control_calls_are_refused_with_the_reason(quiet, path, body):
    sandbox = quiet
    request = urllib.request.Request(
        f"{sandbox.control}/{path}", data=json.dumps(body).encode(), method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 400
    assert json.load(refused.value)["error"]


def test_the_3pl_files_say_what_they_cover(start):
    sandbox = start("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00")
    rows, headers = sandbox.file("orders", encoding="cp932", lang="ja")
    assert headers["X-Snapshot-At"] == headers["X-Coverage-To"] == "2026-05-20T12:00:00+09:00"
    assert headers["X-Coverage-From"] == "2026-04-20T12:00:00+09:00"
    assert "cp932" in headers["Content-Type"]
    times = [row["登録日時"] for row in rows]
    assert times == sorted(times)
    assert {row["登録日時"][14:16] for row in rows if row["登録方式"] == "API"} == {"40"}
    past, headers = sandbox.file("orders", at="2026-05-10T00:00:00+09:00")
    assert headers["X-Snapshot-At"] == "2026-05-10T00:00:00+09:00"
    assert max(row["登録日時"] for row in past) < "2026-05-10 00:00:00"
    for query in ("orders?lang=en", "orders?encoding=utf-16", "nothing", "orders?at=x"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            sandbox.get(f"smartship/{query}")
        assert refused.value.code in (400, 404)
        refused.value.close()


def test_ten_thousand_orders_are_served(start):
    """How fast is a matter of benchmarks/sync.py: no test is timed."""
    sandbox = start("--orders", "10000")
    page = sandbox.rows("get_order")
    assert len(page) == 100
    number = page[7]["order_number"]
    assert {
        row["order_number"] for row in sandbox.rows("get_order_detail", order_number=number)
    } == {number}
