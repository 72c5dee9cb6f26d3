"""Samples and near misses of the rules about shops and many orders at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.rules.collection_cases import Case, case
from tests.rules.world import World, ago


def dying(times: int = 3, **given: Any) -> Any:
    """The key was refused so many times, each after a good sync, 90 days apart."""

    def build(world: World) -> None:
        for place in range(times):
            for state, minutes in (("complete", 10), ("failed", 0)):
                at = ago(minutes, days=90 * place)
                values = {
                    "run_id": f"{state}{place}",
                    "account": "shop",
                    "kind": "increment",
                    "parts": "orders",
                    "state": state,
                    "started_at": at,
                    "error_class": "AuthError" if state == "failed" else None,
                }
                world.put("sync_run", **(values | (given if state == "failed" else {})))

    return build


def shared(shop: str | None = None, *, other: str = "2", **given: Any) -> Any:
    """Order M-1 of shop 1, another of the same number in shop `other`, and a line of `shop`."""

    def build(world: World) -> None:
        world.order("00000001", order_code="M-1", shop_code="1")
        world.order("00000002", order_code="M-1", shop_code=other)
        world.shipment(**({"site_order_no": "M-1", "shop_id": shop} | given))

    return build


def a_file(**given: Any) -> Any:
    def build(world: World) -> None:
        world.order()
        world.file(**given)

    return build


def silent(
    hours: float = 48, *, every: float = 24, orders: int = 20, others: int = 5, seen: float = 0
) -> Any:
    """Shop 4 silent for so many hours after orders in a fixed rhythm, up to the sync `seen` hours ago."""

    def arrive(world: World, shop: str, at: datetime) -> None:
        world.order(f"{world.next():08d}", shop_code=shop, created_at=at, phase_name="完了")

    def build(world: World) -> None:
        world.put(
            "sync_cursor",
            account="shop",
            feed="orders",
            complete_at=ago(hours=seen),
            cursor_at=ago(),
        )
        for place in range(orders):
            arrive(world, "4", ago(hours=hours + seen + place * every))
        for place in range(others):
            arrive(world, "1", ago(place, hours=seen))

    return build


def misses(count: int = 5, *, stragglers: int = 0, **given: Any) -> Any:
    """Orders that waited since 01:10 JST of this day and never arrived, and others of an hour later."""

    def build(world: World) -> None:
        for place in range(count + stragglers):
            at = ago(hours=13 - (place >= count), minutes=50 - place)
            values = {"created_at": at, "updated_at": at} | given
            world.order(f"0000010{place}", **values)
        world.shipment(site_order_no="elsewhere", registered_at=ago(30))
        world.file()

    return build


CASES: tuple[Case, ...] = (
    case("F31", "sample", dying(), "finding", times=3, every_days=90, died_where="account"),
    case("F31", "two_times", dying(2), "nothing"),
    case("F31", "another_trouble", dying(error_class="TransportError"), "nothing"),
    case("F31", "cancelled_by_hand", dying(state="cancelled"), "nothing"),
    case("F32", "sample", shared(), "finding", hit_how="no_shop", shops="1 2"),
    case("F32", "a_third_shop", shared("3"), "finding", hit_how="other_shop", line_shop="3"),
    case("F32", "the_line_names_its_shop", shared("2"), "nothing"),
    case("F32", "split_slips_of_one_shop", shared(other="1"), "nothing"),
    case("F32", "no_number", shared(site_order_no=None), "nothing"),
    case("F34", "sample", a_file(filtered=True), "finding", differs_by="filtered"),
    case("F34", "period_unknown", a_file(covers_from=None), "finding", differs_by="period_unknown"),
    case("F34", "a_whole_file", a_file(), "nothing"),
    case("F34", "another_kind_of_file", a_file(filtered=True, kind="stock"), "nothing"),
    case("F45", "sample", silent(), "finding", silent_h=48, longest_pause_h=24, shop="4"),
    case("F45", "an_hour_short_of_twice", silent(47), "nothing"),
    case("F45", "exactly_half_a_day", silent(12, every=1), "finding"),
    case("F45", "a_minute_short_of_half_a_day", silent(12 - 1 / 60, every=1), "nothing"),
    case("F45", "too_few_orders_for_a_rhythm", silent(orders=19), "nothing"),
    case("F45", "the_others_are_silent_too", silent(others=4), "nothing"),
    case("F45", "silent_only_since_we_stopped_looking", silent(1, seen=48), "nothing"),
    case("F46", "sample", misses(), "finding", missed_orders=5, missed_rule="F03"),
    case("F46", "one_order_short", misses(4), "nothing"),
    case("F46", "one_of_them_an_hour_later", misses(4, stragglers=1), "nothing"),
    case("F46", "they_are_cancelled", misses(cancel_flag=2), "nothing"),
)
