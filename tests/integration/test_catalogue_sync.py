"""Catalogue and stock against the sandbox process: the fewest calls, no figure older than promised, nothing made up."""

import hashlib
import os
import subprocess
import sys
import time
import urllib.request
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

import httpx
import pytest

from reconcile import SyncCancelled, Workspace
from reconcile.store import ages
from reconcile.store.database import naive
from reconcile.sync.catalogue import sync_stock
from reconcile.sync.run import new_run_id
from reconcile.sync.session import CallLog, Session
from tests.integration.conftest import KEY, frozen_shop

GOODS = ("catalogue", "stock")


def call(sandbox, endpoint, **parameters):
    """One signed call of the tests' own, so that the truth does not come through the client under test."""
    pairs = {"account": "ill", **parameters}
    query = "&".join(f"{name}={quote_plus(str(text), safe=':')}" for name, text in pairs.items())
    signing = hashlib.md5((query + KEY).encode()).hexdigest()
    with urllib.request.urlopen(f"{sandbox.url}/{endpoint}?{query}&signing={signing}") as reply:
        found = ET.fromstring(reply.read()).iterfind("ResultSet/Result")
    return [{cell.tag: cell.text or "" for cell in row} for row in found]


def truth(sandbox, codes):
    """Every figure as the shop has it now."""
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda code: call(sandbox, "get_stock", item_code=code), codes)
        return {
            (row["item_cd"], row["attribute1_name"], row["attribute2_name"]): int(row["stock"])
            for rows in found
            for row in rows
        }


class Shop:
    """A workspace on a sandbox, both clocks moved together, and what the sandbox was asked for."""

    def __init__(self, data, sandbox, **settings):
        self.sandbox, self.data, self.settings = sandbox, data, settings
        shop_clock = datetime.fromisoformat(sandbox.get("clock")["now"])
        self.shift = shop_clock - datetime.now(UTC)
        self.workspace = self.open()
        self.workspace.add_account("shop", company_code="ill", key=KEY, base_url=sandbox.url)

    def open(self, **changes):
        self.settings |= changes
        self.workspace = Workspace.open(self.data, clock=self.now, **self.settings)
        return self.workspace

    def now(self):
        return datetime.now(UTC) + self.shift

    def later(self, minutes, *, shop_too=True):
        self.shift += timedelta(minutes=minutes)
        if shop_too:
            self.sandbox.post("clock", advance_s=minutes * 60)

    def asked(self, step):
        """Counts of the calls that a step makes, by endpoint."""
        self.sandbox.post("requests/reset")
        step()
        return {
            name: count for name, count in self.sandbox.get("requests")["counts"].items() if count
        }

    def sync(self, *parts):
        return self.asked(lambda: self.workspace.sync("shop", parts=parts or GOODS))

    def rows(self, statement):
        with self.workspace._db.read() as cursor:
            return cursor.execute(statement).fetchall()

    def codes(self):
        return [code for (code,) in self.rows("SELECT item_code FROM cm_item ORDER BY 1")]

    def figures(self):
        found = self.rows("SELECT item_code, attribute1_name, attribute2_name, stock FROM cm_stock")
        return {(code, one, two): stock for code, one, two, stock in found}

    def ages(self):
        with self.workspace._db.read() as cursor:
            return ages.figure_ages(cursor, "shop", self.now(), self.workspace.settings)

    def swept_at(self):
        """Since when every item has been asked for its stock."""
        return self.ages()[1].swept_at

    def change_stock(self, *codes):
        """Overwrite the figure of one SKU of each item, a second later by the shop's clock."""
        self.later(1)
        for place, code in enumerate(codes):
            (sku, *_) = call(self.sandbox, "get_item_sku", item_code=code)
            pieces = {"update_type": "u", "stock": 4000 + place}
            call(self.sandbox, "upd_stock", sku_code=sku["item_sku_code"], **pieces)


@pytest.fixture
def shop(tmp_path, sandbox):
    return Shop(tmp_path / "data", sandbox)


def test_the_first_load_asks_once_per_item_and_ends_with_every_figure_as_it_is(shop):
    asked = shop.sync()
    items = len(shop.codes())
    assert items > 50
    assert (asked["get_item"], asked["get_item_sku"], asked["get_stock"]) == (1, items, items)
    assert shop.figures() == truth(shop.sandbox, shop.codes())
    assert min(shop.figures().values()) < 0, "negative stock stays negative"
    for age in shop.ages():
        assert (age.older, age.without, age.items) == (0, {}, items)
        assert age.swept_at is not None
        assert shop.now() - age.oldest_at < timedelta(minutes=1)


def test_an_unchanged_shop_costs_one_call_of_a_diff_feed(shop):
    shop.sync()
    shop.later(61, shop_too=False)
    asked = shop.sync("stock")
    assert {name: n for name, n in asked.items() if name != "get_phase"} == {"get_diff_stock": 1}
    (_, stock) = shop.ages()
    assert stock.older == stock.figures, "a figure that was not read again is not shown as fresh"


def test_changed_items_cost_one_call_each_and_one_of_the_feed(shop):
    shop.sync()
    changed = [code for code in shop.codes() if not code.startswith("ST-")][5:12]
    shop.change_stock(*changed[:3])
    shop.later(61, shop_too=False)
    asked = shop.sync("stock")
    assert (asked["get_diff_stock"], asked["get_stock"]) == (1, 3)
    assert shop.figures() == truth(shop.sandbox, shop.codes())
    assert shop.sync("stock").get("get_stock", 0) == 0, "what was read is no longer named"


def test_a_feed_that_answered_from_an_hour_ahead_hides_no_later_change(shop):
    shop.sync()
    fault = {"rate": 1, "endpoints": ["get_diff_stock"], "times": 1, "seconds": 3600}
    shop.sandbox.post("faults", clock_ahead=fault)
    shop.later(1)
    shop.sync("stock")
    assert shop.sandbox.get("faults")["struck"] == {"clock_ahead": 1}
    shop.change_stock(*shop.codes()[5:8])
    shop.later(1)
    shop.sync("stock")
    assert shop.figures() == truth(shop.sandbox, shop.codes())
    shop.later(60)
    shop.sync("stock")
    assert shop.figures() == truth(shop.sandbox, shop.codes()), "what it told too early came true"


@pytest.mark.parametrize("endpoint", ["get_stock", "get_item_sku"])
def test_an_answer_from_an_hour_ago_is_not_taken_and_asked_for_again(shop, endpoint):
    shop.sync()
    shop.later(25 * 60)
    shop.change_stock(*shop.codes())
    late = {"rate": 0.5, "endpoints": [endpoint], "times": 20, "seconds": 3600}
    shop.sandbox.post("faults", clock_behind=late)
    report = shop.workspace.sync("shop", full=True)
    assert report.rows_skipped >= 20
    assert shop.sandbox.get("faults")["struck"] == {"clock_behind": 20}
    shop.later(1)
    shop.sync()
    assert shop.figures() == truth(shop.sandbox, shop.codes())


@pytest.mark.parametrize("trouble", ["number_as_text", "error_xml"])
def test_an_item_of_which_not_all_could_be_read_is_asked_for_again(shop, trouble):
    shop.sync()
    changed = next(code for code in shop.codes() if not code.startswith("ST-"))
    shop.change_stock(changed)
    once = {"rate": 1, "endpoints": ["get_stock"], "times": 1}
    shop.sandbox.post("faults", **{trouble: once})
    shop.later(1)
    shop.sync("stock")
    assert shop.sandbox.get("faults")["struck"] == {trouble: 1}
    shop.later(1)
    assert shop.sync("stock")["get_stock"] == 1
    assert shop.figures() == truth(shop.sandbox, shop.codes())
    assert shop.sync("stock").get("get_stock", 0) == 0, "what was read is no longer due"


def test_a_part_that_changed_brings_its_sets_up_to_date(shop):
    shop.workspace.sync("shop")
    (part, bundle), *_ = shop.rows(
        "SELECT DISTINCT c.item_code, l.item_code FROM cm_component c JOIN cm_order_line l"
        " USING (account, order_number, line_no) ORDER BY 1, 2"
    )
    shop.change_stock(part)
    shop.later(61, shop_too=False)
    asked = shop.sync("stock")
    assert 2 <= asked["get_stock"] <= 4
    assert shop.figures() == truth(shop.sandbox, shop.codes())
    read_at = dict(shop.rows("SELECT item_code, asked_at FROM cm_reading WHERE feed = 'stock'"))
    still = max(at for code, at in read_at.items() if code not in (part, bundle))
    assert read_at[part] > still - timedelta(minutes=1)
    assert read_at[bundle] > min(read_at.values()) + timedelta(minutes=30)


def test_without_feeds_a_sweep_takes_its_calls_and_is_through_only_at_its_end(shop):
    shop.open(diff_feeds="off", stock_calls_per_sync=25)
    assert shop.sync()["get_stock"] == len(shop.codes()), "the first load is never cut off"
    begun = shop.swept_at()
    shop.change_stock(*shop.codes()[:4])
    shop.later(60)
    left = len(shop.codes())
    while left > 0:
        assert shop.swept_at() - begun < timedelta(minutes=1), "a part of a sweep is no sweep"
        asked = shop.sync("stock")
        assert "get_diff_stock" not in asked
        assert asked["get_stock"] == min(25, left)
        left -= 25
    assert shop.swept_at() - begun > timedelta(minutes=59)
    assert shop.figures() == truth(shop.sandbox, shop.codes())


@pytest.mark.parametrize("feeds", ["auto", "off"])
def test_hours_of_trade_end_with_every_figure_right_and_none_older_than_promised(shop, feeds):
    shop.open(diff_feeds=feeds)
    shop.workspace.sync("shop")
    promised = timedelta(hours=24) if feeds == "auto" else timedelta(minutes=61)
    for _ in range(4):
        shop.later(20)
        shop.workspace.sync("shop", parts=("orders", "stock"))
        (_, stock) = shop.ages()
        assert shop.now() - stock.oldest_at < promised
    shop.later(61, shop_too=False)
    shop.workspace.sync("shop", parts=("orders", "stock"))
    assert shop.figures() == truth(shop.sandbox, shop.codes())


ENVELOPE = (
    "<?xml version='1.0' encoding='UTF-8'?><GetDiffStock version='1.0'><ResultSet TotalResult='0'>"
    "<ResultStatus><GetStatus>{status}</GetStatus><Message>{message}</Message></ResultStatus>{rows}"
    "</ResultSet></GetDiffStock>"
)
ODD_FEEDS = {
    "refuses": {"status": "error", "message": "使えません。", "rows": ""},
    "has other fields": {
        "status": "success",
        "message": "",
        "rows": "<Result No='1'><code>AP-0001</code><zaiko>3</zaiko></Result>",
    },
    "never names anything": {"status": "success", "message": "", "rows": ""},
}


class OddFeed(httpx.HTTPTransport):
    """The way to the sandbox, on which get_diff_stock is answered by somebody else."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def handle_request(self, request):
        if request.url.path.endswith("get_diff_stock"):
            return httpx.Response(200, content=self.body.encode())
        return super().handle_request(request)


@pytest.mark.parametrize("oddity", ODD_FEEDS)
def test_a_feed_that_cannot_be_relied_on_is_done_without(shop, oddity):
    shop.open(diff_feeds="off")
    shop.sync()
    shop.change_stock(*shop.codes()[:2])
    shop.later(61, shop_too=False)
    account = shop.open(diff_feeds="auto").accounts()[0]
    transport = OddFeed(ENVELOPE.format(**ODD_FEEDS[oddity]))
    with shop.workspace._client(account, transport=transport) as client:
        session = Session(
            db=shop.workspace._db,
            client=client,
            calls=CallLog(lambda: datetime.now(UTC)),
            account=account,
            settings=shop.workspace.settings,
            clock=shop.now,
            run_id=new_run_id(),
            on_progress=lambda _: None,
            cancelled=lambda: False,
        )
        asked = shop.asked(lambda: sync_stock(session, shop.now()))
    assert asked["get_stock"] == len(shop.codes()), "silence of such a feed proves nothing"
    assert shop.figures() == truth(shop.sandbox, shop.codes())


def test_an_item_the_vendor_does_not_know_has_no_figure_and_is_named(shop):
    shop.sync()
    with shop.workspace._db.write() as cursor:
        cursor.execute(
            "INSERT INTO cm_item (account, item_code, seen_at) VALUES ('shop', 'ZZ-9999', ?)",
            [naive(shop.now())],
        )
    shop.later(61, shop_too=False)
    assert shop.sync("stock")["get_stock"] == 1
    assert not [key for key in shop.figures() if key[0] == "ZZ-9999"]
    with shop.workspace._db.read() as cursor:
        (gone,) = ages.items_without_figure(cursor, "shop", "stock")
    assert (gone.item_code, gone.why) == ("ZZ-9999", "unknown")
    shop.later(24 * 60, shop_too=False)
    shop.sync()
    assert "ZZ-9999" not in shop.codes(), "a complete list drops what it does not show"


def test_a_cancelled_load_keeps_what_was_read_and_goes_on_there(shop):
    shop.sync("catalogue")
    shop.sandbox.post("settings", latency_ms=40)
    stop = []

    def watch(progress):
        if progress.stage == "stock" and progress.done >= 20:
            stop.append(progress.done)

    with pytest.raises(SyncCancelled):
        shop.workspace.sync(
            "shop", parts=("stock",), on_progress=watch, cancelled=lambda: bool(stop)
        )
    held = len(shop.rows("SELECT 1 FROM cm_reading WHERE feed = 'stock' AND asked_at IS NOT NULL"))
    assert held >= 20
    shop.sandbox.post("settings", latency_ms=0)
    assert not shop.rows("SELECT 1 FROM sync_cursor WHERE feed = 'stock'")
    assert shop.sync("stock")["get_stock"] == len(shop.codes()) - held
    assert shop.figures() == truth(shop.sandbox, shop.codes())


@pytest.mark.soak
def test_a_killed_load_goes_on_where_it_stood(tmp_path):
    sandbox = frozen_shop("--latency-ms", "150")
    try:
        shop = Shop(tmp_path / "data", sandbox)
        shop.sync("catalogue")
        shop.workspace._db.close()
        sandbox.post("requests/reset")
        command = [sys.executable, "-m", "reconcile", "--data", str(shop.data), "sync"]
        child = subprocess.Popen(
            [*command, "--only", "stock"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ,
        )
        deadline = time.monotonic() + 30
        while sandbox.get("requests")["counts"].get("get_stock", 0) < 45:
            assert child.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        child.kill()
        child.wait(10)
        shop.shift = timedelta()  # the child went by the machine's clock
        asked = shop.sync("stock")
        assert 0 < asked["get_stock"] <= len(shop.codes()) - 15
        assert shop.figures() == truth(sandbox, shop.codes())
    finally:
        sandbox.stop()
