"""Samples and near misses of the rules about orders Smartship should have collected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.rules.world import SHIPPED, World, ago

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Case:
    """A world and what the rule must say about it: "finding", "nothing", or the code of what is missing."""

    rule: str
    name: str
    build: Callable[[World], object]
    says: str
    because: tuple[tuple[str, Any], ...] = ()


def waiting(minutes: float = 0, **given: Any) -> Callable[[World], None]:
    """An order that entered 発送待機 so many minutes ago, and a Smartship file of `file` minutes ago."""
    file: Any = given.pop("file", ago())
    covers: dict[str, Any] = given.pop("covers", {})
    since = ago(minutes)

    def build(world: World) -> None:
        world.order(**({"created_at": since, "updated_at": since} | given))
        world.file(file, **covers)

    return build


def before(hours: float = 25, minutes: float = 0, **given: Any) -> Callable[[World], None]:
    return waiting(hours * 60 + minutes, **({"phase_name": "確認待ち"} | given))


def after(minutes: float = 60, **given: Any) -> Callable[[World], None]:
    return waiting(
        minutes, **({"phase_name": "送り状印刷済み", "created_at": ago(hours=5)} | given)
    )


def linked(build: Callable[[World], None], **line: Any) -> Callable[[World], None]:
    def together(world: World) -> None:
        build(world)
        world.shipment(**({"site_order_no": "M-00000001"} | line))

    return together


def weakly(build: Callable[[World], None]) -> Callable[[World], None]:
    """The only line fits two orders of two shops, and names no shop."""

    def together(world: World) -> None:
        build(world)
        world.order("00000002", order_code="M-00000001", shop_code="2", cancel_flag=1)
        world.shipment(site_order_no="M-00000001", shop_id=None)

    return together


def silent_shop(orders: int = 3, *, proven: int | None = None, line: Any = None) -> Any:
    """Orders of shop 4 waiting since three days; shop 1 still gets its orders."""

    def build(world: World) -> None:
        for n in range(orders):
            late = proven is not None and n >= proven
            at = ago(minutes=100) if late else ago(days=3, minutes=-n)
            world.order(f"0000010{n}", shop_code="4", created_at=at, updated_at=at)
        world.order("00000200", created_at=ago(days=1), updated_at=ago(days=1))
        world.shipment(site_order_no="M-00000200", registered_at=ago(hours=20))
        if line is not None:
            world.shipment(site_order_no="other", shop_id="4", registered_at=line)
        world.file()

    return build


def case(rule: str, name: str, build: Callable[[World], Any], says: str, **because: Any) -> Case:
    return Case(rule, name, build, says, tuple(because.items()))


OLD = ago(200)
CASES: tuple[Case, ...] = (
    case("F01", "sample", before(25), "finding", age_h=25, phase_name="確認待ち"),
    case("F01", "one_minute_past_the_limit", before(24, 1), "finding", age_h=24),
    case("F01", "exactly_at_the_limit", before(24), "nothing"),
    case("F01", "one_minute_before_the_limit", before(24, -1), "nothing"),
    case("F01", "it_moved_on", before(phase_name="発送待機"), "nothing"),
    case("F01", "it_is_cancelled", before(cancel_flag=2), "nothing"),
    case("F01", "it_is_held", before(cancel_flag=1), "nothing"),
    case("F01", "it_is_a_bundled_child", before(is_bundle_child=True), "nothing"),
    case("F01", "it_is_linked", linked(before()), "nothing"),
    case("F01", "weakly_linked", weakly(before()), "weak_link"),
    case("F01", "file_as_old_as_the_change", before(file=ago(hours=25)), "finding"),
    case(
        "F01",
        "file_ends_a_second_early",
        before(file=ago(hours=25) - SECOND),
        "smartship_file_newer_than",
        needed_at=ago(hours=25),
    ),
    case("F01", "file_is_filtered", before(covers={"filtered": True}), "smartship_coverage"),
    case("F01", "period_unknown", before(covers={"covers_from": None}), "smartship_coverage"),
    case(
        "F01",
        "period_starts_a_second_late",
        before(covers={"covers_from": ago(hours=25) + SECOND}),
        "smartship_coverage",
    ),
    case(
        "F01",
        "period_starts_with_the_order",
        before(covers={"covers_from": ago(hours=25)}),
        "finding",
    ),
    case("F01", "period_ends_within_grace", before(covers={"covers_to": ago(10)}), "finding"),
    case(
        "F01",
        "period_ends_before_grace",
        before(covers={"covers_to": ago(10, seconds=1)}),
        "smartship_coverage",
    ),
    case("F02", "sample", waiting(60), "finding", past_warn=False, waited_min_at_least=60),
    case("F02", "exactly_at_the_warning", waiting(70), "finding", past_warn=False),
    case("F02", "a_minute_past_the_warning", waiting(71), "finding", past_warn=True),
    case("F02", "exactly_at_the_limit", waiting(130), "finding"),
    case("F02", "a_minute_past_the_limit", waiting(131), "nothing"),
    case("F02", "file_as_old_as_the_change", waiting(60, file=ago(60)), "finding"),
    case(
        "F02",
        "file_ends_a_second_early",
        waiting(60, file=ago(60) - SECOND),
        "smartship_file_newer_than",
        needed_at=ago(60),
    ),
    case("F02", "no_file_covers_it", waiting(60, covers={"filtered": True}), "smartship_coverage"),
    case("F02", "it_is_linked", linked(waiting(60)), "nothing"),
    case("F02", "weakly_linked", weakly(waiting(60)), "weak_link"),
    case("F02", "it_is_held", waiting(60, cancel_flag=1), "nothing"),
    case(
        "F02",
        "cancelled_line_counts_as_arrived",
        linked(waiting(60), status="CANCELLED"),
        "nothing",
    ),
    case("F03", "sample", waiting(200), "finding", waited_min_at_least=200),
    case("F03", "a_minute_past_the_limit", waiting(131), "finding"),
    case("F03", "exactly_at_the_limit", waiting(130), "nothing"),
    case("F03", "file_just_past_the_limit", waiting(200, file=ago(70) + SECOND), "finding"),
    case(
        "F03",
        "file_exactly_at_the_limit",
        waiting(200, file=ago(70)),
        "smartship_file_newer_than",
        needed_at=ago(70),
    ),
    case("F03", "no_file_covers_it", waiting(200, covers={"filtered": True}), "smartship_coverage"),
    case("F03", "linked_in_another_shop", linked(waiting(200), shop_id="2"), "finding"),
    case("F03", "it_is_linked", linked(waiting(200)), "nothing"),
    case("F03", "weakly_linked", weakly(waiting(200)), "weak_link"),
    case("F03", "its_shop_is_dead", silent_shop(), "nothing"),
    case(
        "F04",
        "sample",
        silent_shop(),
        "finding",
        waiting_orders=3,
        waiting_since=ago(days=3),
        other_shop_arrivals=1,
        last_arrival_at=None,
    ),
    case("F04", "one_order_short", silent_shop(2), "nothing"),
    case("F04", "one_of_three_not_overdue", silent_shop(3, proven=2), "nothing"),
    case("F04", "something_arrived_since", silent_shop(line=ago(days=2)), "nothing"),
    case(
        "F04",
        "last_arrival_with_the_first_wait",
        silent_shop(line=ago(days=3)),
        "finding",
        last_arrival_at=ago(days=3),
    ),
    case("F04", "an_older_straggler_does_not_hide_it", silent_shop(4, line=ago(days=3)), "finding"),
    case("F07", "sample", after(60), "finding", was_seen_waiting=False),
    case("F07", "in_the_shipped_phase", after(60, phase_name=SHIPPED), "finding"),
    case("F07", "file_exactly_past_grace", after(60, file=ago(50)), "finding"),
    case(
        "F07",
        "file_a_second_before_grace",
        after(60, file=ago(50) - SECOND),
        "smartship_file_newer_than",
        needed_at=ago(50),
    ),
    case(
        "F07",
        "period_starts_later",
        after(covers={"covers_from": ago(hours=4)}),
        "smartship_coverage",
    ),
    case("F07", "unknown_phase", after(phase_name="倉庫連携"), "phase_role"),
    case("F07", "it_is_cancelled", after(cancel_flag=2), "nothing"),
    case("F07", "it_is_held", after(cancel_flag=1), "nothing"),
    case("F07", "it_is_a_bundled_child", after(is_bundle_child=True), "nothing"),
    case("F07", "linked_by_its_own_number", linked(after(), site_order_no="00000001"), "nothing"),
    case("F07", "weakly_linked", weakly(after()), "weak_link"),
)
