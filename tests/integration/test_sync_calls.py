"""What a sync asks: exactly the calls that are needed, each state of an order once, nothing when nothing changed."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from benchmarks.sync import calls_needed
from reconcile import Workspace
from tests.integration.conftest import KEY, SandboxProcess, last_noon

ORDERS = 220
CHANGES = "SELECT order_number, updated_at FROM cm_order"


@pytest.fixture
def shop():
    """Enough orders for pages of 100."""
    running = SandboxProcess(
        *("--orders", str(ORDERS), "--seed", "7", "--clock", "frozen"),
        *("--epoch", last_noon().isoformat()),
    )
    yield running
    running.stop()


def desk(folder, shop, now=None, **settings):
    """A workspace on the shop whose clock shows the shop's time."""
    now = now or last_noon
    made = Workspace.open(folder, clock=now, **{"concurrency": 16, **settings})
    made.add_account("shop", company_code="ill", key=KEY, base_url=shop.url)
    return made


def asked(shop):
    """The requests since the last reset: (endpoint, parameters)."""
    log = shop.get("requests")["requests"]
    return [(one["endpoint"], parse_qs(one["query"])) for one in log]


def numbers(requests, endpoint):
    return [given["order_number"][0] for name, given in requests if name == endpoint]


def phases_of(shop):
    """The phase of every order, as the shop's own history has it."""
    orders = shop.get("oracle")["orders"]
    return {one["order_number"]: one["phases"][-1]["phase"] for one in orders}


def touched_by_the_oracle(shop, since):
    """Orders made, moved or cancelled after that instant; other changes the history does not tell."""
    touched = set()
    for one in shop.get("oracle")["orders"]:
        times = [one["created_at"], *(span["from"] for span in one["phases"])]
        times += [cancel["at"] for cancel in one["cancels"]]
        if max(datetime.fromisoformat(at) for at in times) > since:
            touched.add(one["order_number"])
    return touched


def test_a_first_sync_makes_exactly_the_calls_that_are_needed_and_none_twice(tmp_path, shop):
    workspace = desk(tmp_path / "data", shop)
    report = workspace.sync("shop", parts=("orders",))
    (account,) = workspace.accounts()
    with workspace._db.read() as cursor:
        needed = calls_needed(
            cursor,
            now=last_noon(),
            settings=workspace.settings,
            collect_phase=account.collect_phase,
        )
    requests = asked(shop)
    assert report.orders_new >= ORDERS * 0.9
    assert len(requests) == report.calls == needed
    assert max(Counter(str(one) for one in requests).values()) == 1
    assert len(numbers(requests, "get_order_component")) > 0
    assert max(Counter(numbers(requests, "get_order_detail")).values()) == 1


def test_changed_orders_cost_their_pages_and_one_detail_each(tmp_path, shop, look):
    clock = [last_noon()]
    workspace = desk(tmp_path / "data", shop, now=lambda: clock[0])
    workspace.sync("shop", parts=("orders",))
    for days in (0.5, 9):
        before = dict(look(workspace, CHANGES))
        clock[0] += timedelta(days=days)
        shop.post("clock", advance_s=days * 86400)
        shop.post("requests/reset")
        report = workspace.sync("shop", parts=("orders",))
        after = dict(look(workspace, CHANGES))
        changed = {number for number, at in after.items() if before.get(number) != at}
        children = {
            number
            for (number,) in look(
                workspace, "SELECT order_number FROM cm_order WHERE is_bundle_child"
            )
        }
        requests = asked(shop)
        pages = [given for name, given in requests if name == "get_order"]
        since = datetime.strptime(pages[0]["updated_at_fr"][0] + "+0900", "%Y-%m-%d %H:%M:%S%z")
        first = since.astimezone(UTC).replace(tzinfo=None)
        read = sum(at >= first for at in after.values())
        assert report.orders_new + report.orders_changed == len(changed) > 0
        assert touched_by_the_oracle(shop, clock[0] - timedelta(days=days)) <= changed
        assert len(pages) == read // 100 + 1
        assert sorted(numbers(requests, "get_order_detail")) == sorted(changed - children)
        assert phases_of(shop) == dict(
            look(workspace, "SELECT order_number, phase_name FROM cm_order")
        )
    assert len(changed) > 100, "the second step must need more than one page"


def test_an_account_where_nothing_changed_costs_one_call_and_two_when_the_phases_are_old(
    tmp_path, sandbox
):
    clock = [last_noon()]
    workspace = desk(tmp_path / "data", sandbox, now=lambda: clock[0], phases_max_age_min=1)
    workspace.sync("shop", parts=("orders",))
    spent = []
    for seconds in (10, 20, 31, 10):
        clock[0] += timedelta(seconds=seconds)
        sandbox.post("requests/reset")
        workspace.sync("shop", parts=("orders",))
        spent.append(dict(Counter(name for name, _ in asked(sandbox))))
    once = {"get_order": 1}
    assert spent == [once, once, once | {"get_phase": 1}, once]


def test_an_order_in_a_phase_we_do_not_know_makes_us_read_the_phases_again(tmp_path, sandbox, look):
    clock = [last_noon()]
    workspace = desk(tmp_path / "data", sandbox, now=lambda: clock[0])
    workspace.sync("shop", parts=("orders",))
    with workspace._db.write() as cursor:
        cursor.execute("UPDATE cm_phase SET present = FALSE WHERE phase_name = '発送待機'")
    sandbox.post("clock", advance_s=40 * 60)
    clock[0] += timedelta(minutes=40)
    sandbox.post("requests/reset")
    workspace.sync("shop", parts=("orders",))
    waiting = look(workspace, "SELECT present FROM cm_phase WHERE phase_name = '発送待機'")
    assert Counter(name for name, _ in asked(sandbox))["get_phase"] == 1
    assert waiting == [(True,)]


CODELESS = """
SELECT DISTINCT o.order_number, o.lines_state FROM cm_order o JOIN cm_order_line l USING (account, order_number)
WHERE l.item_code IS NULL
"""


@pytest.mark.parametrize("is_true", [False, True], ids=["a slip", "told twice"])
def test_a_line_without_its_code_is_asked_for_once_more_and_then_believed(
    tmp_path, shop, look, is_true
):
    workspace = desk(tmp_path / "data", shop)
    once = {"rate": 1, "endpoints": ["get_order_detail"], "times": 1}
    shop.post("faults", empty_number=once)
    workspace.sync("shop", parts=("orders",))
    ((number, state),) = look(workspace, CODELESS)
    assert state == "unsure"
    shop.post("faults", empty_number=once if is_true else 0)
    shop.post("requests/reset")
    for _ in range(3):
        workspace.sync("shop", parts=("orders",))
    assert look(workspace, CODELESS) == ([(number, "held")] if is_true else [])
    assert numbers(asked(shop), "get_order_detail") == [str(number)], "once more, not for ever"


PARTS = "SELECT * EXCLUDE (seen_at) FROM cm_component ORDER BY ALL"


def test_the_parts_of_a_set_are_the_same_in_whatever_order_a_reply_tells_them(tmp_path, shop, look):
    told = set()
    for place in range(4):
        shop.post("requests/reset")
        shop.post("faults", unsorted_rows={"rate": place / 3, "endpoints": ["get_order_component"]})
        workspace = desk(tmp_path / f"data{place}", shop)
        workspace.sync("shop", parts=("orders",))
        told.add(tuple(look(workspace, PARTS)))
    assert shop.get("faults")["struck"]["unsorted_rows"] > 0
    (parts,) = told
    assert parts


@pytest.mark.parametrize("damage", ["empty_date", "missing_field", "renamed_field", "bad_date"])
def test_a_damaged_header_is_not_taken_and_asked_for_again(tmp_path, shop, look, damage):
    """Ten damaged replies of one page each; the store never holds an order without what every order has."""
    workspace = desk(tmp_path / "data", shop)
    every = "SELECT count(*) FILTER (shop_name IS NOT NULL AND ordered_at IS NOT NULL AND updated_at IS NOT NULL) "
    every += "= count(*), count(*) FROM cm_order"
    shop.post("faults", **{damage: {"rate": 1, "endpoints": ["get_order"], "times": 10}})
    skipped = 0
    for _ in range(4):
        skipped += workspace.sync("shop", parts=("orders",), full=True).rows_skipped
        assert look(workspace, every)[0][0]
    assert skipped
    workspace.sync("shop", parts=("orders",))
    assert look(workspace, every) == [(True, ORDERS)]
