"""Each waiting order has exactly one answer: waiting, missing, dead shop, or cannot tell."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.rules import RuleLimits
from tests.rules.world import World, ago

LIMITS = RuleLimits()
minutes = st.integers(min_value=0, max_value=600) | st.sampled_from([70, 129, 130, 131, 260, 261])
waits = st.tuples(minutes, st.sampled_from(["1", "2", "3"]))


def slow_answer(waited: int, file_ages: list[int], *, in_dead_shop: bool) -> tuple[str, str]:
    """The rule and kind by the plain definition, minutes only."""
    absent_for = max((waited - age for age in file_ages), default=-1)
    if waited <= LIMITS.pull_lag_error_min:
        return ("F02", "finding" if absent_for >= 0 else "cannot_tell")
    if absent_for <= LIMITS.pull_lag_error_min:
        return ("F03", "cannot_tell")
    return ("F04", "finding") if in_dead_shop else ("F03", "finding")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    orders=st.lists(waits, min_size=1, max_size=12),
    file_ages=st.lists(minutes, min_size=1, max_size=3),
    arrivals=st.lists(waits, max_size=3),
)
def test_every_waiting_order_has_exactly_one_answer(
    orders: list[tuple[int, str]], file_ages: list[int], arrivals: list[tuple[int, str]]
) -> None:
    world = World()
    for n, (waited, shop) in enumerate(orders):
        world.order(f"{n:08d}", shop_code=shop, created_at=ago(waited), updated_at=ago(waited))
    for age in file_ages:
        world.file(ago(age), covers_from=ago(days=30))
    for age, shop in arrivals:
        world.shipment(site_order_no="elsewhere", shop_id=shop, registered_at=ago(age))
    world.judge()

    def stuck(waited: int, shop: str) -> bool:
        proven = max(waited - age for age in file_ages) > LIMITS.pull_lag_error_min
        return proven and all(age >= waited for age, other in arrivals if other == shop)

    crowd = {
        shop: sum(1 for order in orders if order[1] == shop and stuck(*order)) for shop in "123"
    }
    dead = {shop for shop, count in crowd.items() if count >= LIMITS.dead_shop_min_orders}
    given_rows = {
        row["order_number"]: [] for row in world.found() if row["order_number"] is not None
    }
    for row in world.found():
        if row["order_number"] is not None:
            given_rows[row["order_number"]].append((row["rule"], row["kind"]))
    assert {row["subject"] for row in world.found("F04")} == dead
    for n, (waited, shop) in enumerate(orders):
        expected = slow_answer(waited, file_ages, in_dead_shop=shop in dead and stuck(waited, shop))
        answers = given_rows.get(f"{n:08d}", [])
        case = world.case(f"{n:08d}")
        assert answers == ([] if expected[0] == "F04" else [expected])
        assert case["primary_rule"] == expected[0]
        assert (
            case["state"]
            == {
                "cannot_tell": "cannot_tell",
                "finding": "at_risk" if expected[0] == "F02" else "act_now",
            }[expected[1]]
        )


def test_the_plain_definition_knows_all_four_answers() -> None:
    long = int(timedelta(hours=4).total_seconds() // 60)
    assert slow_answer(10, [0], in_dead_shop=False) == ("F02", "finding")
    assert slow_answer(10, [20], in_dead_shop=False) == ("F02", "cannot_tell")
    assert slow_answer(long, [long], in_dead_shop=False) == ("F03", "cannot_tell")
    assert slow_answer(long, [0], in_dead_shop=True) == ("F04", "finding")
