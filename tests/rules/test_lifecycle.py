"""Findings open, refresh, resolve and reopen; every order ends in one state; accounts do not touch each other."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from reconcile.rules import RULES, RuleLimits, evaluate
from tests.rules.collection_cases import silent_shop, waiting
from tests.rules.moved_cases import between, returned, skipped
from tests.rules.order_cases import in_work, packings, phase_list, shipped
from tests.rules.pattern_cases import misses
from tests.rules.world import COLLECT, NOW, PHASES, SHIPPED, World, ago


def counts(world: World) -> tuple[int, int, int, int]:
    result = world.judge()
    return (result.opened, result.refreshed, result.resolved, result.reopened)


def test_a_finding_opens_refreshes_resolves_and_reopens() -> None:
    world = World()
    phase_list(*PHASES)(world)
    waiting(200)(world)
    assert counts(world) == (1, 0, 0, 0)
    assert counts(world) == (0, 1, 0, 0)
    key = world.shipment(site_order_no="M-00000001")
    assert counts(world) == (0, 0, 1, 0)
    assert counts(world) == (0, 0, 0, 0)
    world.con.execute("DELETE FROM ss_shipment_line WHERE line_key = $key", {"key": key})
    assert counts(world) == (0, 0, 0, 1)
    (row,) = world.found("F03")
    assert (row["state"], row["reopened"], row["resolved_at"]) == ("open", 1, None)


def test_an_open_finding_keeps_its_opening_time_until_it_resolves() -> None:
    world = World()
    waiting(200)(world)
    world.judge()
    world.judge(NOW + timedelta(hours=1))
    (row,) = world.found("F03")
    assert row["opened_at"] == ago()
    assert row["refreshed_at"] == ago(hours=-1)


def test_a_cannot_tell_that_becomes_a_finding_counts_as_opened() -> None:
    world = World()
    phase_list(*PHASES)(world)
    waiting(200, file=ago(190))(world)
    assert world.judge().cannot_tell == {"F03": 1}
    world.file()
    result = world.judge()
    assert (result.findings, result.opened, result.refreshed) == ({"F03": 1}, 1, 0)
    (row,) = world.found("F03")
    assert (row["kind"], row["missing"]) == ("finding", None)


def test_waiting_turns_into_missing_as_time_goes_by() -> None:
    world = World()
    waiting(100)(world)
    world.judge()
    assert world.case()["state"] == "at_risk"
    assert world.case()["primary_rule"] == "F02"
    world.file(ago(-60))
    world.judge(NOW + timedelta(hours=1))
    assert (world.case()["state"], world.case()["primary_rule"]) == ("act_now", "F03")
    assert world.found("F02") == []


def test_without_any_orders_file_each_collection_rule_says_so_once() -> None:
    world = World()
    for n in range(3):
        world.order(f"0000000{n}")
    world.order("00000009", phase_name="確認待ち", created_at=ago(hours=2))
    result = world.judge()
    rows = [row for row in world.found() if row["missing"] == "smartship_orders_file"]
    assert Counter(row["rule"] for row in rows) == {
        rule.id: 1 for rule in RULES if rule.area == "collection"
    }
    assert {row["subject_kind"] for row in rows} == {"account"}
    assert result.states == {"cannot_tell": 3, "in_step": 1}
    assert world.case("00000000")["primary_rule"] == "F03"


def test_waiting_orders_of_a_dead_shop_act_now_with_the_shop_as_cause() -> None:
    world = World()
    silent_shop()(world)
    world.judge()
    for n in range(3):
        case = world.case(f"0000010{n}")
        assert (case["state"], case["primary_rule"]) == ("act_now", "F04")
    assert world.case("00000200")["state"] == "in_step"
    assert world.found("F03") == []


def test_the_cause_that_can_still_be_stopped_comes_first() -> None:
    world = World()
    in_work()(world)
    world.lines("00000001", 1)
    world.shipment(site_order_no="M-00000001", status="INSTRUCTED")
    result = world.judge()
    assert (result.findings["F17"], result.findings["F19"]) == (1, 1)
    assert world.case()["primary_rule"] == "F17"


def test_a_cannot_tell_never_hides_a_finding_of_the_same_order() -> None:
    world = World()
    shipped(180)(world)
    world.shipment(site_order_no="M-00000001")
    result = world.judge()
    assert result.cannot_tell == {"F19": 1}
    assert (world.case()["state"], world.case()["primary_rule"]) == ("act_now", "F05")


def test_orders_of_shops_that_are_not_connected_are_not_judged_by_collection_rules() -> None:
    world = World(shop_ids=json.dumps(["2", "3"]))
    waiting(200)(world)
    assert world.judge().states == {"in_step": 1}
    world.con.execute("""UPDATE account SET shop_ids = '["1"]'""")
    assert world.judge().findings == {"F03": 1}


def test_a_role_given_by_a_person_beats_the_default() -> None:
    world = World()
    waiting(60, phase_name="倉庫連携")(world)
    assert world.judge().cannot_tell["F07"] == 1
    world.con.execute(
        "UPDATE phase_role SET role = 'after', origin = 'person' WHERE phase_name = '倉庫連携'"
    )
    assert world.judge().findings == {"F07": 1}


def test_default_roles_follow_the_expected_names_of_the_account() -> None:
    world = World()
    world.order(phase_name="出荷待機")
    world.judge()
    assert world.case()["phase_role"] == "unknown"
    world.con.execute("UPDATE account SET collect_phase = '出荷待機'")
    world.judge()
    assert world.case()["phase_role"] == "collect"


def test_limits_are_settings() -> None:
    world = World()
    waiting(60)(world)
    assert world.judge().findings == {"F02": 1}
    assert world.judge(limits=RuleLimits(pull_lag_error_min=59)).findings == {"F03": 1}


def test_the_next_pull_is_counted_from_the_last_arrival() -> None:
    world = World()
    waiting(60)(world)
    world.shipment(site_order_no="other", registered_at=ago(95))
    world.judge()
    (row,) = world.found("F02")
    assert json.loads(row["because"])["next_pull_at"] == "2026-11-20T06:25:00+00:00"


def test_one_account_never_changes_the_rows_of_another() -> None:
    world = World()
    packings(2, 2)(world)
    world.judge()
    before = world.con.execute("SELECT * FROM finding ORDER BY finding_key").fetchall()
    world.put(
        "account",
        account="other",
        company_code="1",
        base_url="http://127.0.0.1",
        shop_ids="[]",
        collect_phase=COLLECT,
        shipped_phase=SHIPPED,
        created_at=ago(),
    )
    evaluate(world.con, "other", NOW)
    after = world.con.execute(
        "SELECT * FROM finding WHERE account = 'shop' ORDER BY finding_key"
    ).fetchall()
    assert after == before
    assert world.case()["state"] == "act_now"


def test_a_rolled_back_run_leaves_nothing() -> None:
    world = World()
    waiting(200)(world)
    world.con.execute("BEGIN TRANSACTION")
    evaluate(world.con, "shop", NOW)
    world.con.execute("ROLLBACK")
    assert world.found() == []
    assert world.judge().findings == {"F03": 1}


def test_an_unknown_account_and_a_naive_clock_are_refused() -> None:
    world = World()
    with pytest.raises(LookupError):
        evaluate(world.con, "nobody", NOW)
    with pytest.raises(ValueError, match="aware"):
        evaluate(world.con, "shop", NOW.replace(tzinfo=None))


def test_single_misses_stay_and_name_the_burst_that_groups_them() -> None:
    world = World()
    misses(5, stragglers=1)(world)
    world.judge()
    (burst,) = world.found("F46")
    named = {row["order_number"]: json.loads(row["because"])["burst"] for row in world.found("F03")}
    assert named.pop("00000105") is None
    assert set(named.values()) == {burst["subject"]}
    assert len(named) == json.loads(burst["because"])["missed_orders"] == 5
    assert world.case("00000100")["primary_rule"] == "F03"


def test_a_finding_that_only_informs_leaves_its_order_in_step() -> None:
    world = World()
    packings(1, 1)(world)
    assert world.judge().findings["F20"] == 1
    assert (world.case()["state"], world.case()["primary_rule"]) == ("in_step", None)


@pytest.mark.parametrize(
    ("build", "rule"), [(between(), "F40"), (skipped(0), "F39"), (returned(), "F41")]
)
def test_the_most_specific_proven_cause_speaks_alone(build: object, rule: str) -> None:
    world = World()
    build(world)  # type: ignore[operator]
    world.judge()
    spoken = {row["rule"] for row in world.found() if row["order_number"] == "00000001"}
    assert spoken == {rule}
    assert world.case()["primary_rule"] == rule
