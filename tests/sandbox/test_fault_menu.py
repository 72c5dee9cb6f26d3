"""The whole menu: every fault strikes as its line in FAULTS.md says, and nobody else suffers."""

import http.client
import re
import socket
import threading
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest

from crossmall.sandbox.faults import FAULTS, MENU, FaultError, Faults, read_rules
from crossmall.sandbox.scenario import FOLDER

EPOCH = ("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00", "--hang-s", "0.4")


@pytest.fixture(scope="module")
def shop(start):
    return start(*EPOCH, "--orders", "250", "--scenario", "quiet")


@pytest.fixture
def under(shop):
    """`under(name, ...)`: that fault alone is on; everything is off again afterwards."""

    def switch(name, rate=1, **limits):
        shop.post("faults", **dict.fromkeys(FAULTS, 0))
        shop.post("faults", **{name: {"rate": rate, **limits}})
        return shop

    yield switch
    shop.post("faults", **dict.fromkeys(FAULTS, 0))


def address(shop):
    host, port = shop.url.split("//")[1].split("/")[0].split(":")
    return host, int(port)


def on_the_wire(shop, endpoint, query, patience=5):
    """All bytes of one raw exchange, and how it ended: closed or reset."""
    with socket.create_connection(address(shop), timeout=patience) as plug:
        plug.sendall(f"GET /webapi2/{endpoint}?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        heard = b""
        try:
            while piece := plug.recv(65536):
                heard += piece
        except ConnectionResetError:
            return heard, "reset"
        return heard, "closed"


def status_of(shop, query, endpoint="get_phase"):
    try:
        with urllib.request.urlopen(f"{shop.url}/{endpoint}?{query}", timeout=5) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_the_documented_menu_is_the_menu():
    text = (FOLDER.parent / "FAULTS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (yes|no) \| (\w+) \|$", text, re.MULTILINE)
    assert rows == [
        (one.name, one.tells, "yes" if one.applied else "no", one.strikes) for one in MENU.values()
    ]
    assert len(FAULTS) >= 60


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_strikes_and_leaves_the_shop_able_to_answer(shop, under, sign, name):
    seconds = 0.01 if name in ("delay", "drip", "slow_close") else None
    before = shop.get("faults")["struck"].get(name, 0)
    under(name, times=1, **({} if seconds is None else {"seconds": seconds}))
    endpoint, tail = ("get_phase", "") if name == "drip" else ("get_order", "&condition=1")
    connection = http.client.HTTPConnection(*address(shop), timeout=10)
    try:
        connection.request("GET", f"/webapi2/{endpoint}?{sign('account=ill' + tail)}")
        connection.getresponse().read()
    except (http.client.HTTPException, OSError):
        pass  # what the client sees is told by the tests below
    finally:
        connection.close()
    assert shop.get("faults")["struck"].get(name, 0) == before + 1
    assert len(shop.rows("get_order", condition=1)) == 100


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504])
def test_every_status_comes_without_an_envelope(under, sign, status):
    code, _, body = status_of(under(f"http_{status}"), sign("account=ill"))
    assert (code, body) == (status, b"[sandbox]")


@pytest.mark.parametrize(
    ("name", "wait"),
    [
        ("http_429", "1"), ("http_429_bare", None), ("http_429_absurd", "1000000000"),
        ("http_429_garbled", "soon"),
    ],
)  # fmt: skip
def test_429_comes_with_every_kind_of_retry_after(under, sign, name, wait):
    code, headers, _ = status_of(under(name), sign("account=ill"))
    assert (code, headers["Retry-After"]) == (429, wait)


def test_a_redirect_points_to_another_host_and_carries_no_signature(under, sign):
    shop = under("redirect")
    connection = http.client.HTTPConnection(*address(shop), timeout=5)
    connection.request("GET", f"/webapi2/get_phase?{sign('account=ill')}")
    reply = connection.getresponse()
    assert (reply.status, reply.headers["Location"]) == (302, "https://redirect.invalid/webapi2/")
    connection.close()


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("bom", lambda b: b.startswith(b"\xef\xbb\xbf<?xml")),
        ("two_documents", lambda b: b.count(b"<?xml") == 2),
        ("no_declaration", lambda b: b.startswith(b"<GetOrder")),
        (
            "no_encoding",
            lambda b: b.startswith(b"<?xml version='1.0'?>") and "楽天" in b.decode("cp932"),
        ),
        ("shift_jis_label", lambda b: b"'Shift_JIS'" in b and "楽天" in b.decode()),
        ("unknown_encoding", lambda b: b"'x-sandbox'" in b),
        ("utf_16", lambda b: "楽天" in b.decode("utf-16")),
        ("invalid_bytes", lambda b: b"\xff\xfe" in b),
        ("nul_char", lambda b: b"\x00" in b),
        ("control_reference", lambda b: b"&#11;" in b),
        ("external_entity", lambda b: b"SYSTEM" in b and b"&out;" in b),
        ("billion_laughs", lambda b: b.count(b"<!ENTITY") == 10 and len(b) < 500_000),
        ("quadratic_entity", lambda b: b.count(b"&q;") == 1000),
        ("huge_field", lambda b: len(b) > 10_000_000),
        ("deep_nesting", lambda b: b.count(b"<a>") == 200_000),
        ("odd_status", lambda b: b"<GetStatus>completed</GetStatus>" in b),
        ("no_status", lambda b: b"GetStatus" not in b and b"<Result No='1'>" in b),
        ("wrong_root", lambda b: b"<Unexpected version" in b and b"</Unexpected>" in b),
        ("json", lambda b: b.startswith(b"{")),
        ("blank", lambda b: not b.strip()),
        ("no_total", lambda b: b"TotalResult" not in b),
    ],
)
def test_documents_are_spoiled_as_their_name_says(under, sign, name, check):
    shop = under(name)
    assert check(shop.raw("get_order", sign("account=ill")))


def test_an_error_envelope_may_come_with_status_500(under, sign):
    code, _, body = status_of(under("http_error_xml"), sign("account=ill"))
    assert code == 500
    assert b"<GetStatus>error</GetStatus>" in body


@pytest.mark.parametrize("name", ["odd_status", "no_status"])
def test_an_update_with_an_odd_answer_has_taken_effect(under, sign, name):
    shop = under(name, endpoints=["upd_order_check_mark"])
    number = shop.rows("get_order")[4]["order_number"]
    query = f"account=ill&order_number={number}&check_mark_type=2&check_mark_value=1"
    body = shop.raw("upd_order_check_mark", sign(query))
    assert b"<UpdStatus>success" not in body
    shop.post("faults", **{name: 0})
    marked = shop.rows("get_order", check_mark2=1)
    assert [row["order_number"] for row in marked] == [number]
    shop.rows("upd_order_check_mark", order_number=number, check_mark_type=2, check_mark_value=0)


def cells(body):
    rows = ET.fromstring(body).iterfind("ResultSet/Result")
    return [[(cell.tag, cell.text or "") for cell in row] for row in rows]


def test_fields_go_missing_twice_renamed_and_reordered(shop, under, sign):
    query = sign("account=ill")
    clean = cells(shop.raw("get_order", query))

    def spoiled(name):
        rows = cells(under(name).raw("get_order", query))
        assert len(rows) == len(clean)
        return [(a, b) for a, b in zip(clean, rows, strict=True) if a != b]

    [(was, now)] = spoiled("missing_field")
    assert len(now) == len(was) - 1
    [(was, now)] = spoiled("doubled_field")
    names = [name for name, _ in now]
    assert len(names) == len(set(names)) + 1
    [(was, now)] = spoiled("renamed_field")
    assert [n for n, _ in now if n.endswith("_new")]
    changed = spoiled("reordered_fields")
    assert len(changed) > 90
    assert all(sorted(was) == sorted(now) for was, now in changed)
    for name, text in (
        ("number_as_text", "千円"), ("decimal_number", "12.5"), ("empty_date", ""),
        ("bad_date", "2026/13/45 99:99:99"), ("empty_number", ""),
    ):  # fmt: skip
        [(was, now)] = spoiled(name)
        [(_, (_, value))] = [pair for pair in zip(was, now, strict=True) if pair[0] != pair[1]]
        assert value == text


def test_totals_and_page_sizes_lie(shop, under, sign):
    body = under("total_differs").raw("get_order", sign("account=ill"))
    assert int(re.search(rb"TotalResult='(\d+)'", body)[1]) > 100
    assert len(under("short_page").rows("get_order")) == 99
    numbers = [row["order_number"] for row in under("unsorted_rows").rows("get_order")]
    assert numbers != sorted(numbers)
    assert len(set(numbers)) == 100


def test_pages_repeat_and_overlap(shop, under):
    first = [row["order_number"] for row in shop.rows("get_order", condition=1)]
    cursor = {"condition": 1, "order_number": first[-1]}
    same = under("same_page").rows("get_order", **cursor)
    assert [row["order_number"] for row in same] == first
    over = under("overlapping_page").rows("get_order", **cursor)
    assert over[0]["order_number"] == first[-1]
    shop.post("faults", overlapping_page=0)
    right = shop.rows("get_order", **cursor)
    assert over[1]["order_number"] == right[0]["order_number"]


def test_orders_move_in_front_of_and_behind_the_cursor(start):
    shop = start(*EPOCH, "--orders", "300", "--scenario", "quiet")
    first = shop.rows("get_order", condition=1)
    cursor = first[-1]["order_number"]
    for name, behind in (("order_moves_behind", True), ("order_moves_ahead", False)):
        shop.post("clock", advance_s=1)
        now = shop.get("clock")["now"][:19].replace("T", " ")
        shop.post("faults", **{name: {"times": 1}})
        shop.rows("get_order", condition=1, order_number=cursor)
        moved = shop.rows("get_order", updated_at_fr=now)
        touched = [row for row in moved if "[sandbox]" in row["short_memo"]]
        assert [row["order_number"] <= cursor for row in touched] == [behind]
        history = shop.get(f"oracle?order_number={touched[0]['order_number']}")["orders"]
        assert ("short_memo", "staff") in [(e["what"], e["by"]) for e in history[0]["events"]]


def test_an_order_that_vanishes_is_gone_for_good_and_its_pieces_are_back(start):
    shop = start(*EPOCH, "--orders", "150", "--scenario", "quiet")
    before = {row["order_number"] for row in shop.all_orders()}
    stock = {row["item_sku_code"]: int(row["stock"]) for row in shop.get("state/stock")["rows"]}
    shop.post("faults", order_vanishes={"times": 1})
    page = shop.rows("get_order")
    after = {row["order_number"] for row in shop.all_orders()}
    [gone] = before - after
    assert gone not in {row["order_number"] for row in page}
    assert len(page) == 100
    assert shop.call("get_order_detail", order_number=gone).status == "error"
    told = shop.get(f"oracle?order_number={gone}")["orders"][0]
    assert told["deleted_at"] == "2026-05-20T12:00:00+09:00"
    now = {row["item_sku_code"]: int(row["stock"]) for row in shop.get("state/stock")["rows"]}
    cancelled = any(step["cancel_flag"] == 2 for step in told["cancels"])
    assert (sum(now.values()) > sum(stock.values())) != cancelled


def test_a_replica_that_lags_shows_the_past(start):
    shop = start(*EPOCH, "--orders", "300", "--scenario", "quiet")
    newest = max(row["updated_at"] for row in shop.all_orders())
    shop.post("faults", stale={"seconds": 7200})
    lagging = max(row["updated_at"] for row in shop.all_orders())
    assert lagging <= "2026/05/20 10:00:00" < newest


@pytest.mark.parametrize(("name", "sign_of"), [("clock_ahead", 1), ("clock_behind", -1)])
def test_the_server_clock_can_be_wrong_in_header_and_data(under, sign, name, sign_of):
    shop = under(name, seconds=7200)
    _, headers, _ = status_of(shop, sign("account=ill"))
    shop_now = datetime.fromisoformat(shop.get("clock")["utc"])
    off = parsedate_to_datetime(headers["Date"]) - shop_now
    assert abs(off.total_seconds() - sign_of * 7200) < 30
    newest = max(row["updated_at"] for row in shop.all_orders())
    assert (newest > "2026/05/20 12:00:00") == (sign_of > 0)


@pytest.mark.parametrize(
    ("name", "heard", "end"),
    [
        ("reset_before", "nothing", "reset"), ("lost_reply", "nothing", "reset"),
        ("close_early", "nothing", "closed"), ("reset_in_head", "half a head", "reset"),
        ("reset", "half a body", "closed"), ("reset_in_body", "half a body", "reset"),
        ("reset_after", "all", "reset"), ("cut_chunks", "half a body", "closed"),
        ("slow_close", "all", "closed"), ("not_http", "noise", "closed"),
    ],
)  # fmt: skip
def test_connections_end_in_every_bad_way(under, sign, name, heard, end):
    limits = {"seconds": 0.5} if name == "slow_close" else {}
    shop = under(name, **limits)
    began = time.monotonic()
    data, ended = on_the_wire(shop, "get_phase", sign("account=ill"))
    assert ended == end
    kinds = {
        "nothing": data == b"",
        "noise": not data.startswith(b"HTTP/") and data != b"",
        "half a head": data.startswith(b"HTTP/") and b"\r\n\r\n" not in data,
        "half a body": b"<?xml" in data and b"</GetPhase>" not in data,
        "all": data.rstrip().endswith(b"</GetPhase>"),
    }
    assert kinds[heard], data[-200:]
    if name == "slow_close":
        assert b"content-length" not in data.lower()
        assert time.monotonic() - began >= 0.5


def test_a_lost_reply_has_been_applied_and_a_refused_connection_has_not(start, sign):
    shop = start(*EPOCH, "--orders", "90")
    number = shop.rows("get_order")[0]["order_number"]
    for name, mark, written in (("lost_reply", 1, True), ("reset_before", 2, False)):
        query = f"account=ill&order_number={number}&check_mark_type={mark}&check_mark_value=1"
        shop.post("faults", **{name: {"times": 1}})
        assert on_the_wire(shop, "upd_order_check_mark", sign(query)) == (b"", "reset")
        assert bool(shop.rows("get_order", **{f"check_mark{mark}": 1})) == written


def test_a_late_commit_happens_after_the_client_gave_up(start, sign):
    shop = start(*EPOCH, "--orders", "90")
    number = shop.rows("get_order")[0]["order_number"]
    query = f"account=ill&order_number={number}&check_mark_type=1&check_mark_value=1"
    shop.post("faults", late_commit={"endpoints": ["upd_order_check_mark"], "seconds": 0.6})
    with pytest.raises(TimeoutError):
        shop.raw("upd_order_check_mark", sign(query), timeout=0.2)
    assert shop.rows("get_order", check_mark1=1) == []
    deadline = time.monotonic() + 10
    while not shop.rows("get_order", check_mark1=1):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_drip_sends_single_bytes_while_others_are_served(under, sign):
    shop = under("drip", seconds=0.02, endpoints=["get_phase"])
    host, port = address(shop)
    with socket.create_connection((host, port), timeout=5) as plug:
        line = f"GET /webapi2/get_phase?{sign('account=ill')} HTTP/1.1\r\nHost: x\r\n\r\n"
        plug.sendall(line.encode())
        first = b""
        while b"\r\n\r\n" not in first:
            first += plug.recv(4096)
        sizes = []
        for _ in range(5):
            sizes.append(len(plug.recv(4096)))
            assert shop.call("get_service_status").status == "success"
        assert sum(sizes) < 400


def test_long_and_huge_replies_do_not_block_other_calls(under, sign):
    shop = under("huge_field", endpoints=["get_order"])
    done = threading.Event()

    def load():
        for _ in range(4):
            shop.raw("get_order", sign("account=ill"), timeout=30)
        done.set()

    loader = threading.Thread(target=load)
    loader.start()
    worst, calls = 0.0, 0
    while not done.is_set():
        began = time.monotonic()
        shop.raw("get_phase", sign("account=ill"))
        worst, calls = max(worst, time.monotonic() - began), calls + 1
    loader.join()
    assert calls > 3
    assert worst < 2


def test_a_fault_can_be_limited_to_endpoints_and_to_a_number_of_strikes(under):
    shop = under("auth_error", endpoints=["get_stock", "get_item"], times=2)
    seen = [
        shop.call(endpoint, item_code="LF-0001").status
        for endpoint in ("get_phase", "get_item", "get_stock", "get_stock")
    ]
    assert seen == ["success", "error", "error", "success"]
    rule = shop.get("faults")["rules"]["auth_error"]
    assert rule == {"rate": 1, "endpoints": ["get_stock", "get_item"], "times": 0, "seconds": None}


def test_a_row_fault_without_rows_is_no_strike(under):
    shop = under("missing_field", times=1)
    before = shop.get("faults")["struck"].get("missing_field", 0)
    assert shop.rows("get_order", order_code="none") == []
    assert shop.get("faults")["struck"].get("missing_field", 0) == before
    assert shop.get("faults")["rules"]["missing_field"]["times"] == 1


@pytest.mark.parametrize(
    "rule",
    [
        {"rate": 2}, {"rate": True}, {"times": 0}, {"times": 1.5}, {"seconds": -1},
        {"seconds": "x"}, {"endpoints": ["get_nothing"]}, {"endpoints": "get_order"},
        {"what": 1}, "often", None,
    ],
)  # fmt: skip
def test_senseless_rules_are_refused(rule):
    with pytest.raises(FaultError):
        read_rules({"delay": rule})


def test_rules_keep_to_the_order_of_the_menu_and_to_their_meaning():
    faults = Faults(1)
    faults.set_rules(read_rules({"short_page": 1, "http_500": 1, "delay": 0}))
    assert list(faults.rules) == ["delay", "http_500", "short_page"]
    assert faults.draw(1, "get_order").name == "http_500"
    faults.set_rules(read_rules({"http_500": 0}))
    assert faults.draw(1, "get_order").name == "short_page"
    assert faults.draw(1, "upd_order_phase").name == ""


def test_the_key_and_the_address_list_change_in_the_middle_of_a_run(start):
    shop = start(*EPOCH, "--orders", "90")
    assert shop.post("settings", key="another", after=2)["pending"] == 1
    seen = [shop.call("get_phase").status for _ in range(4)]
    assert seen == ["success", "success", "error", "error"]
    shop.post("settings", key="mXCTpnoA")
    shop.post("settings", allow_ip=["0.0.0.0"], after=1)
    assert shop.call("get_phase").status == "success"
    assert "IPアドレス" in shop.call("get_phase").message
    assert shop.post("settings", allow_ip=[], latency_ms=3, hang_s=1) == {
        "allow_ip": [], "phases": shop.post("settings")["phases"], "latency_ms": 3.0,
        "hang_s": 1.0, "pending": 0,
    }  # fmt: skip


def test_latency_is_slept_at_the_same_time_by_all(start, sign):
    shop = start(*EPOCH, "--orders", "90", "--latency-ms", "200")
    took = []

    def call():
        began = time.monotonic()
        shop.raw("get_phase", sign("account=ill"))
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=call) for _ in range(16)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(took) >= 0.2
    assert time.monotonic() - began < 16 * 0.2 / 2
