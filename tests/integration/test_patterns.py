"""Changes since yesterday, hours of misses, and decisions about additions to order numbers, on a mirror filled by hand."""

import csv
import io
import json

import pytest

from reconcile import Workspace
from reconcile.cli import main
from reconcile.errors import UsageError
from tests.integration.conftest import KEY, rows
from tests.rules.world import NOW, SHIPPED, World, ago


@pytest.fixture
def desk(tmp_path):
    """A workspace at NOW with one account that nobody synced yet."""
    made = Workspace.open(tmp_path / "data", clock=lambda: NOW)
    made.add_account("shop", company_code="7301", key=KEY, base_url="http://127.0.0.1:1/webapi2")
    return made


def fill(desk, put):
    """Put rows into the mirror of `desk` as a sync or an import would."""
    with desk._db.write() as cursor:
        world = World.__new__(World)
        world.con, world._count = cursor, 0
        put(world)


def synced(world, *hours):
    for number, at in enumerate(hours):
        world.put(
            "sync_run",
            run_id=f"run-{number}",
            account="shop",
            kind="increment",
            parts="orders",
            state="complete",
            started_at=ago(hours=at),
            finished_at=ago(hours=at),
        )


def found(world, key, **given):
    world.put(
        "finding",
        **(
            {
                "account": "shop",
                "finding_key": key,
                "rule": "F07",
                "kind": "finding",
                "severity": "high",
                "subject_kind": "order",
                "subject": key,
                "because": "{}",
                "state": "open",
                "opened_at": ago(hours=30),
                "refreshed_at": ago(),
            }
            | given
        ),
    )


def lively(world):
    """A day with one of everything, beside the same from the day before."""
    synced(world, 50, 1)
    found(world, "a", order_number="00000001", opened_at=ago(hours=2))
    found(world, "b", subject_kind="phase", opened_at=ago(hours=3))
    found(world, "c", order_number="00000002")
    found(world, "d", order_number="00000003", state="resolved", resolved_at=ago(hours=4))
    found(world, "e", order_number="00000004", state="resolved", resolved_at=ago(hours=28))
    found(world, "f", kind="cannot_tell", opened_at=ago(hours=1))
    world.put("phase_role", account="shop", phase_name=SHIPPED, role="shipped", origin="default")
    for number, moved in (("00000005", 5), ("00000006", 40)):
        world.look(number, ago(hours=48), ago(hours=moved))
        world.look(number, ago(hours=moved), ago(), phase_name=SHIPPED)
    world.look("00000006", ago(hours=3), ago(), phase_name=SHIPPED)  # seen again, not shipped again
    world.look("00000007", ago(hours=2), ago(), phase_name=SHIPPED)  # first seen as shipped


def test_the_last_day_is_told_in_counts_with_the_orders_behind_them(desk):
    fill(desk, lively)
    seen = desk.changes()
    assert (seen.opened.count, seen.opened.orders) == (2, ("00000001",))
    assert (seen.resolved.count, seen.resolved.orders) == (1, ("00000003",))
    assert (seen.shipped.count, seen.shipped.orders) == (1, ("00000005",))
    assert seen.untold == ()


@pytest.mark.parametrize(
    ("looks", "reason"), [((), "no_look"), ((5, 1), "too_young"), ((80, 30), "too_old")]
)
def test_an_account_that_did_not_look_then_and_since_cannot_tell(desk, looks, reason):
    fill(desk, lambda world: synced(world, *looks))
    seen = desk.changes("shop")
    assert (seen.opened, seen.resolved, seen.shipped) == (None, None, None)
    assert [(name, why) for name, why, _ in seen.untold] == [("shop", reason)]


def test_a_cell_of_the_week_gives_exactly_the_orders_it_counts(desk):
    def put(world):
        for number, hours, verdict in (("1", 2, "missed"), ("2", 26, "missed"), ("3", 2, "pulled")):
            world.put(
                "order_stay",
                account="shop",
                order_number=number,
                left_by=ago(hours=hours),
                verdict=verdict,
                probability=0.0,
                p_seen=0.0,
                cause="between_pulls",
                evidence="{}",
                evaluated_at=ago(),
            )

    fill(desk, put)
    cells = desk.misses_by_hour("shop")
    for cell in cells[cells["orders"] > 0].to_dict("records"):
        numbers = desk.missed_in_hour("shop", cell["weekday"], cell["hour_of_day"])
        assert len(numbers) == cell["orders"]
    assert desk.missed_in_hour("shop", 4, 13) == ("1",)  # NOW is a Friday, 15:00 JST
    made = desk.pattern_csv("shop", "misses_by_hour", profile="machine", encoding="utf-8-sig")
    table = list(csv.DictReader(io.StringIO(made.data.decode("utf-8-sig"))))
    assert len(table) == 168
    assert sum(int(row["orders"]) for row in table) == 2


def test_only_tables_of_the_patterns_are_written_as_csv(desk):
    with pytest.raises(UsageError):
        desk.pattern_csv("shop", "audit", profile="machine", encoding="utf-8-sig")


def taught(world):
    """Four orders whose numbers Smartship shows with R- in front; their references join three of them."""
    for n in range(4):
        world.order(f"0000000{n}", order_code=f"100{n}")
        given = {"site_order_no": f"R-100{n}"}
        if n < 3:
            given["reference_no"] = f"0000000{n}"
        world.shipment(**given)
    world.file()


@pytest.fixture
def taught_desk(desk):
    fill(desk, taught)
    desk._judge(desk.accounts()[0])
    return desk


def linked(desk):
    return dict(rows(desk, "SELECT order_number, matched_by FROM order_link"))


def test_a_confirmed_addition_joins_at_once_and_a_second_decision_takes_it_back(taught_desk):
    (one,) = taught_desk.affixes("shop")
    assert (one.id, one.state, one.support, one.alone) == (
        "1:smartship:R-*",
        "proposed",
        3,
        1,
    )
    assert one.examples[0] == ("1003", "R-1003")
    assert "00000003" not in linked(taught_desk)
    taught_desk.decide_affix("shop", "R-*", "confirmed", by="佐藤")
    assert linked(taught_desk)["00000003"] == "number_with_affix"
    (one,) = taught_desk.affixes("shop")
    assert (one.state, one.alone, one.decided_by) == ("confirmed", 1, "佐藤")
    taught_desk.decide_affix("shop", one.id, "rejected", by="鈴木")
    assert "00000003" not in linked(taught_desk)
    (one,) = taught_desk.affixes("shop")
    assert (one.state, one.decided_by) == ("rejected", "鈴木")


def test_a_decision_outlives_the_mirror(taught_desk, tmp_path):
    taught_desk.decide_affix("shop", "R-*", "confirmed", by="佐藤")
    (tmp_path / "again").mkdir()
    ledger = (tmp_path / "data" / "ledger.jsonl").read_bytes()
    (tmp_path / "again" / "ledger.jsonl").write_bytes(ledger)
    (one,) = Workspace.open(tmp_path / "again", clock=lambda: NOW).affixes("shop")
    assert (one.pattern, one.state, one.decided_by) == ("R-*", "confirmed", "佐藤")


@pytest.mark.parametrize(("wanted", "state"), [("X-*", "confirmed"), ("R-*", "maybe")])
def test_an_addition_or_a_decision_that_does_not_exist_changes_nothing(taught_desk, wanted, state):
    with pytest.raises(UsageError):
        taught_desk.decide_affix("shop", wanted, state)
    assert [one.state for one in taught_desk.affixes("shop")] == ["proposed"]


def test_the_command_lists_confirms_and_says_what_waits(taught_desk, capsys):
    data = str(taught_desk.data)
    assert main(["--data", data, "account", "affixes", "shop", "--json"]) == 1
    (one,) = json.loads(capsys.readouterr().out)["affixes"]
    assert (one["pattern"], one["state"]) == ("R-*", "proposed")
    decide = ["--data", data, "account", "affixes", "shop", "--confirm", "R-*", "--by", "sato"]
    assert main([*decide, "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["affixes"]
    assert (one["state"], one["decided_by"]) == ("confirmed", "sato")
    assert main([*decide, "--reject", "R-*"]) == 2
