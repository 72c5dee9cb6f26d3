"""S12, S14: nothing but an account's own API host is asked for anything, and no account ever shows a row of another."""

import random
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from reconcile import LANGUAGES, OrderFilter, TriageFilter, Workspace
from tests.integration.conftest import KEY, ROOT
from tests.reliability.desk import LivingShop

SESSIONS = 8
NAMES = ("east", "west")


class Wire:
    """Where this process connects to and which names it asks for, told by the interpreter itself."""

    asked: list | None = None

    @classmethod
    def hear(cls, event, arguments):
        if cls.asked is None:
            return
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            cls.asked.append(f"{arguments[1][0]}:{arguments[1][1]}")
        elif event == "socket.getaddrinfo":
            cls.asked.append(f"{arguments[0]}:{arguments[1]}")


sys.addaudithook(Wire.hear)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A desk with two accounts on two shops, read once, and the files of each."""
    shops = [LivingShop(orders=20, seed=seed, scenario="demo") for seed in (3, 4)]
    desk = Workspace.open(tmp_path_factory.mktemp("two") / "data", clock=shops[0].clock)
    for name, shop in zip(NAMES, shops, strict=True):
        desk.add_account(name, company_code="ill", key=KEY, base_url=shop.url)
        desk.sync(name)
        import_files_of(desk, name, shop)
    yield desk, shops
    for shop in shops:
        shop.stop()


def codes(desk, name):
    """The 注文番号 of every order; taken in twice, one stands there twice."""
    with desk._db.read() as cursor:
        found = cursor.execute("SELECT order_code FROM cm_order WHERE account = $n", {"n": name})
        return [code for (code,) in found.fetchall()]


def cases(desk, name):
    """How many products or rows of Smartship there are to link."""
    with desk._db.read() as cursor:
        asked = "SELECT count(*) FROM mapping_desk WHERE account = $n AND case_place = 1"
        return cursor.execute(asked, {"n": name}).fetchone()[0]


def strange(desk, name, own, to_link):
    """What one account is shown that is not its own, in every table that a screen asks for."""
    orders, stock, links = (
        desk.orders(OrderFilter(account=name)),
        desk.stock(name),
        desk.mapping(name),
    )
    board = orders.table.rows
    said = [f"order {code}" for code in board["order_code"] if code not in own]
    counted = {
        "orders": (orders.facets["total"]["orders"], len(own)),
        "states": (sum(orders.by_state.values()), len(own)),
        "causes of stock": (sum(stock.by_cause.values()), stock.table.total),
        "classes of links": (sum(links.by_class.values()), to_link),
        "decisions about links": (sum(links.by_decision.values()), to_link),
    }
    said += [f"{what}: {n} of {own_n}" for what, (n, own_n) in counted.items() if n != own_n]
    said += [f"finding of {one.account}" for one in desk.findings(name) if one.account != name]
    listed = desk.triaged(TriageFilter(account=name)).rows
    said += [f"triage of {one.account}" for one in listed if one.account != name]
    tables = {
        "board": board,
        "stock": stock.table.rows,
        "mapping": links.table.rows,
    }
    for what, rows in tables.items():
        if "account" in rows.columns:
            said += [f"{what} of {one}" for one in set(rows["account"]) - {name}]
    health = desk.overview(name).health
    return said + [f"health of {one.account.name}" for one in health if one.account.name != name]


@pytest.mark.minutes(20)
def test_no_row_of_another_account_is_ever_shown(two, sized, tally):
    desk, _ = two
    own = {name: (codes(desk, name), cases(desk, name)) for name in NAMES}
    assert all(own["east"]) and all(own["west"]) and own["east"] != own["west"]
    switches = sized(3, 1_000)

    def session(number):
        dice, said = random.Random(number), []
        mine = Workspace.open(desk.data, lang=LANGUAGES[number % len(LANGUAGES)], clock=desk._clock)
        for _ in range(switches):
            name = dice.choice(NAMES)
            said += strange(mine, name, *own[name])
        return said

    with ThreadPoolExecutor(SESSIONS) as pool:
        assert [said for said in pool.map(session, range(SESSIONS)) if said] == []
    tally("S14", sessions=SESSIONS, switches=switches, strange=0)


def test_a_session_that_switches_accounts_sees_the_chosen_one_only(two, monkeypatch, sized):
    desk, _ = two
    own = {name: codes(desk, name) for name in NAMES}
    monkeypatch.setenv("TOTSUGO_DATA", str(desk.data))
    monkeypatch.setenv("TOTSUGO_SCHEDULE", "off")
    shown = 0
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.switch_page("pages/screens/orders.py")
    for number in range(sized(2, 100)):
        name = NAMES[number % 2]
        app.query_params["account"] = name
        app.run()
        assert not app.exception
        other = set(own[NAMES[1 - number % 2]]) - set(own[name])
        seen = {str(cell) for one in app.dataframe for cell in one.value.to_numpy().ravel()}
        assert not seen & other
        shown += len(seen & set(own[name]))
    assert shown


def test_only_the_accounts_own_host_is_asked_for_anything(two, tmp_path):
    desk, shops = two
    Wire.asked = []
    try:
        for name, shop in zip(NAMES, shops, strict=True):
            desk.test_account(name)
            desk.sync(name, full=True)
            Wire.asked = [one for one in Wire.asked if one not in places(shop)]
        kept, Wire.asked = Wire.asked, None
        import_files_of(desk, NAMES[0], shops[0])
        Wire.asked = kept
        desk.overview()
        desk.doctor()
        desk.export("orders")
        desk.backup(tmp_path / "backup.zip")
        assert Wire.asked == []
    finally:
        Wire.asked = None


def places(shop):
    host, _, port = shop.url.removeprefix("http://").partition("/")[0].partition(":")
    return {f"{host}:{port}", f"{host}:None"}


def import_files_of(desk, name, shop):
    for kind in ("orders", "skus", "mappings", "stock"):
        data, _ = shop.file(kind, encoding="utf-8-sig")
        desk.import_files(name, [(f"{kind}.csv", data)])
