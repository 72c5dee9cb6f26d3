"""Samples and near misses of the rules about phases that moved where Smartship could not follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.rules.collection_cases import SECOND, Case, case, linked, weakly
from tests.rules.world import COLLECT, SHIPPED, World, ago

PRINTED, CHECKING = "送り状印刷済み", "確認待ち"
Look = tuple[str, float, float]  # phase, changed so many minutes ago, last seen so many minutes ago


def life(*looks: Look, **given: Any) -> Callable[[World], None]:
    """An order with these looks (each first seen when it changed), created with the first; a Smartship file of `file`."""
    file: Any = given.pop("file", ago())
    covers: dict[str, Any] = given.pop("covers", {})
    pulls: tuple[float, ...] = given.pop("pulls", ())

    def build(world: World) -> None:
        last = looks[-1]
        values = {
            "phase_name": last[0],
            "created_at": ago(looks[0][1]),
            "updated_at": ago(last[1]),
        }
        number = world.order(**(values | given))
        for phase, changed, seen in looks:
            flag = given.get("cancel_flag", 0)
            world.look(number, ago(changed), ago(seen), phase_name=phase, cancel_flag=flag)
        for place, minutes in enumerate(pulls):
            world.shipment(site_order_no=f"elsewhere-{place}", registered_at=ago(minutes))
        world.file(file, **covers)

    return build


def moved(phase: str = PRINTED, **given: Any) -> Callable[[World], None]:
    """Seen in 発送待機 from 290 to 250 minutes ago, in `phase` since 240 minutes ago."""
    return life((CHECKING, 300, 295), (COLLECT, 290, 250), (phase, 240, 0), **given)


def skipped(hidden: float = 1, **given: Any) -> Callable[[World], None]:
    """Seen in 確認待ち until `hidden` minutes before it was printed, 240 minutes ago."""
    return life((CHECKING, 300, 240 + hidden), (PRINTED, 240, 0), **given)


def between(*pulls: float, **given: Any) -> Callable[[World], None]:
    """In 発送待機 from 275 to 245 minutes ago at the longest, with pulls so many minutes ago."""
    looks = ((CHECKING, 300, 275), (COLLECT, 270, 250), (PRINTED, 245, 0))
    return life(*looks, pulls=pulls or (280, 240), **given)


def returned(phase: str = SHIPPED, back: str = COLLECT, **given: Any) -> Callable[[World], None]:
    return life((COLLECT, 600, 500), (phase, 400, 200), (back, 100, 0), **given)


LATER = ago(hours=1)
CASES: tuple[Case, ...] = (
    case("F37", "sample", moved(), "finding", left_from=ago(250), left_by=ago(240)),
    case("F37", "into_an_unknown_phase", moved("倉庫連携"), "finding"),
    case("F37", "back_before", moved(CHECKING), "finding"),
    case("F37", "file_exactly_past_grace", moved(file=ago(230)), "finding"),
    case(
        "F37",
        "file_a_second_before_grace",
        moved(file=ago(230) - SECOND),
        "smartship_file_newer_than",
        needed_at=ago(230),
    ),
    case("F37", "no_file_covers_it", moved(covers={"filtered": True}), "smartship_coverage"),
    case("F37", "weakly_linked", weakly(moved()), "weak_link"),
    case("F37", "it_is_linked", linked(moved()), "nothing"),
    case("F37", "into_the_shipped_phase_is_f07", moved(SHIPPED), "nothing"),
    case("F37", "never_seen_waiting", skipped(60), "nothing"),
    case("F37", "it_is_cancelled", moved(cancel_flag=2), "nothing"),
    case("F37", "proven_between_two_pulls_is_f40", between(), "nothing"),
    case("F07", "seen_waiting_then_shipped", moved(SHIPPED), "finding", was_seen_waiting=True),
    case("F07", "seen_waiting_then_printed_is_f37", moved(), "nothing"),
    case("F07", "proven_skipped_is_f39", skipped(), "nothing"),
    case("F01", "seen_waiting_is_f37", moved(CHECKING, created_at=ago(days=3)), "nothing"),
    case("F39", "sample", skipped(0), "finding", longest_hidden_min=0),
    case("F39", "exactly_a_minute_unseen", skipped(1), "finding", longest_hidden_min=1),
    case("F39", "a_second_more_unseen", skipped(1 + 1 / 60), "nothing"),
    case("F39", "created_before_we_looked", skipped(created_at=ago(302)), "nothing"),
    case("F39", "it_was_seen_waiting", moved(), "nothing"),
    case("F39", "no_history", life((PRINTED, 240, 0), created_at=ago(300)), "nothing"),
    case("F39", "born_printed", life((PRINTED, 240, 0)), "finding"),
    case("F39", "it_is_linked", linked(skipped()), "nothing"),
    case("F39", "file_exactly_past_grace", skipped(file=ago(230)), "finding"),
    case(
        "F39",
        "file_a_second_before_grace",
        skipped(file=ago(230) - SECOND),
        "smartship_file_newer_than",
    ),
    case("F39", "no_file_covers_it", skipped(covers={"filtered": True}), "smartship_coverage"),
    case("F39", "weakly_linked", weakly(skipped()), "weak_link"),
    case(
        "F40",
        "sample",
        between(),
        "finding",
        entered_from=ago(275),
        left_by=ago(245),
        pull_before=ago(280),
        pull_after=ago(240),
    ),
    case("F40", "a_pull_inside", between(280, 260, 240), "nothing"),
    case("F40", "a_pull_as_it_may_have_entered", between(275, 240), "nothing"),
    case("F40", "a_pull_as_it_left", between(280, 245), "nothing"),
    case("F40", "pulls_exactly_at_the_limit", between(330, 200), "finding"),
    case("F40", "a_pull_may_be_unknown_between", between(331, 200), "nothing"),
    case("F40", "no_pull_after", between(340, 280), "nothing"),
    case("F40", "it_is_linked", linked(between()), "nothing"),
    case(
        "F40",
        "file_a_second_before_grace",
        between(file=ago(235) - SECOND),
        "smartship_file_newer_than",
    ),
    case("F40", "no_file_covers_it", between(covers={"filtered": True}), "smartship_coverage"),
    case("F40", "weakly_linked", weakly(between()), "weak_link"),
    case(
        "F41",
        "sample",
        returned(),
        "finding",
        shipped_since=ago(400),
        shipped_until=ago(200),
        returned_by=ago(100),
    ),
    case("F41", "shipped_at_smartship_too", linked(returned(), status="SHIPPED"), "finding"),
    case("F41", "from_a_printed_phase", returned(PRINTED), "nothing"),
    case("F41", "to_another_phase", returned(back="完了"), "nothing"),
    case("F41", "it_is_cancelled", returned(cancel_flag=2), "nothing"),
    case("F41", "never_left", life((COLLECT, 600, 0)), "nothing"),
    case("F05", "returned_is_f41", linked(returned(), status="SHIPPED"), "nothing"),
    case("F03", "returned_is_f41", returned(), "nothing"),
)
