"""Fast enough to be measured against: figures in processor time, so that a busy machine does no harm."""

import gc
import http.client
import time

from crossmall.sandbox.clock import DAY_S, instant
from crossmall.sandbox.endpoints import Account, get_order, get_order_detail
from crossmall.sandbox.oracle import truth
from crossmall.sandbox.query import Query
from crossmall.sandbox.render import document
from crossmall.sandbox.scenario import load_scenario
from crossmall.sandbox.world import Plan, World

EPOCH = instant("2026-05-20T12:00:00+09:00")
LEAST_FIRST_PAGES, LEAST_PAGES, LEAST_DETAILS = 30, 300, 1500  # half of what a slow core reached
DELAYED_ACK_S = 0.035


def make(orders):
    plan = Plan(seed=1, scenario=load_scenario("demo"), epoch=EPOCH, orders=orders)
    return World(plan)


def per_second(work, count):
    """The rate of the work itself: the garbage of other tests is not collected meanwhile (as in timeit)."""
    gc.disable()
    try:
        began = time.process_time()
        work()
        return count / (time.process_time() - began)
    finally:
        gc.enable()


def test_pages_and_details_are_made_quickly_and_pages_are_kept(tally):
    account = Account(make(2000))
    numbers = [order.number for order in account.world.orders[:2000]]

    def pages():
        for number in numbers[:1900:100]:
            query = Query({"condition": ["1"], "order_number": [number]})
            assert document("get_order", get_order(account, query, EPOCH)).count(b"<Result ") == 100

    def details():
        for order in account.world.orders[:1000]:
            if order.parent is None:
                query = Query({"order_number": [order.number]})
                document("get_order_detail", get_order_detail(account, query, EPOCH))

    first, again, lines = per_second(pages, 19), per_second(pages, 19), per_second(details, 1000)
    tally("sandbox speed", first_pages=first, pages=again, details=lines)
    assert first > LEAST_FIRST_PAGES
    assert again > LEAST_PAGES
    assert lines > LEAST_DETAILS


def test_a_kept_page_is_made_anew_when_an_order_changes():
    account = Account(make(120))
    query = Query({"cancel_flag": ["0"]})
    before = document("get_order", get_order(account, query, EPOCH))
    shown = int(before.split(b"<order_number>")[1][:8])
    order = account.world.find(str(shown), EPOCH)
    account.world.write(order, EPOCH, {"delivery_number": "999999999999"})
    after = document("get_order", get_order(account, query, EPOCH))
    assert (b"999999999999" in before, b"999999999999" in after) == (False, True)
    fresh = Account(make(120))
    assert document("get_order", get_order(fresh, query, EPOCH)) == before


def test_a_month_passes_in_less_than_two_seconds_and_is_the_same_month():
    jumped, walked = make(3000), make(3000)
    jumped.look(EPOCH)
    began = time.process_time()
    jumped.look(EPOCH + 30 * DAY_S)
    assert time.process_time() - began < 2
    for day in range(31):
        walked.look(EPOCH + day * DAY_S)
    at = EPOCH + 30 * DAY_S
    assert [walked.state(n) for n in range(4000)] == [jumped.state(n) for n in range(4000)]
    assert len(truth(jumped, at)["orders"]) > 5900


def test_a_clock_at_a_hundred_thousand_tells_the_same_shop(start):
    options = ("--epoch", "2026-05-20T12:00:00+09:00", "--orders", "300")
    fast = start(*options, "--speed", "100000", "--start", "2026-05-20T12:00:00+09:00")
    deadline = time.monotonic() + 30
    while instant(fast.get("clock")["now"]) < EPOCH + 3 * DAY_S:
        assert time.monotonic() < deadline
        assert fast.rows("get_order")
    now = fast.post("clock", freeze=True)["now"]
    still = start(*options, "--clock", "frozen", "--start", now)
    assert fast.all_orders() == still.all_orders()
    assert len(still.all_orders()) > 325


def test_small_replies_on_a_kept_connection_leave_at_once(start, sign):
    shop = start("--scenario", "quiet", "--orders", "30")
    host = shop.url.split("//")[1].split("/")[0]
    connection = http.client.HTTPConnection(host, timeout=10)
    took = []
    for _ in range(40):
        began = time.monotonic()
        connection.request("GET", f"/webapi2/get_phase?{sign('account=ill')}")
        assert connection.getresponse().read().startswith(b"<?xml")
        took.append(time.monotonic() - began)
    connection.close()
    assert min(took[20:]) < DELAYED_ACK_S
