"""Samples and near misses of the rules about orders that both sides know, and about phase names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.rules.collection_cases import SECOND, Case, case
from tests.rules.world import PHASES, SHIPPED, World, ago


def shipped(minutes: float = 180, **given: Any) -> Callable[[World], None]:
    """An order of 発送待機 that Smartship shipped so many minutes ago."""
    order: dict[str, Any] = given.pop("order", {})
    phases: tuple[str, ...] = given.pop("phases", PHASES)

    def build(world: World) -> None:
        world.order(**order)
        line = {"status": "SHIPPED", "shipped_at": ago(minutes), "tracking_no": "4001-2345-6789"}
        world.shipment(**({"site_order_no": "M-00000001"} | line | given))
        world.file()
        world.phases(*phases)

    return build


def cancelled(*, seen: bool = True, lines: tuple[dict[str, Any], ...] = (), **order: Any) -> Any:
    """Cancelled between 120 (last look at it, normal) and 100 minutes ago (its change time)."""

    def build(world: World) -> None:
        world.order(**({"cancel_flag": 2, "updated_at": ago(100)} | order))
        if seen:
            world.look("00000001", ago(hours=5), ago(120))
            world.look("00000001", ago(90), ago(), cancel_flag=2, updated_at=ago(100))
        for line in lines or ({},):
            world.shipment(**({"site_order_no": "M-00000001"} | line))

    return build


def cancelled_then(**line: Any) -> Any:
    return cancelled(lines=({"status": "SHIPPED"} | line,))


def in_work(**given: Any) -> Any:
    """Cancelled 100 minutes ago, and a file of `file` with the line still in work."""
    file: Any = given.pop("file", ago())
    line_at: Any = given.pop("line_at", file)
    build = cancelled(lines=({"status": "INSTRUCTED", "snapshot_at": line_at} | given,))

    def together(world: World) -> None:
        build(world)
        world.file(file)

    return together


def packings(*quantities: int, ordered: int | None = 2, **given: Any) -> Any:
    """An order of so many pieces, on one packing number per quantity."""
    lines_for: Any = given.pop("lines_for", None)
    second: dict[str, Any] = given.pop("second", {})

    def build(world: World) -> None:
        world.order()
        if ordered is not None:
            world.lines("00000001", ordered, lines_for=lines_for)
        for place, quantity in enumerate(quantities):
            line = {"site_order_no": "M-00000001", "qty": quantity} | given
            world.shipment(**(line | (second if place else {})))
        world.file()

    return build


def tracked(ours: str | None, *theirs: str | None, **line: Any) -> Any:
    def build(world: World) -> None:
        world.order(phase_name=SHIPPED, delivery_number=ours)
        for number in theirs:
            world.shipment(
                **(
                    {"site_order_no": "M-00000001", "tracking_no": number, "status": "SHIPPED"}
                    | line
                )
            )

    return build


def phase_list(*names: str, sitting: str | None = None) -> Any:
    def build(world: World) -> None:
        world.phases(*names)
        if sitting is not None:
            world.order(phase_name=sitting)

    return build


def twin(build: Callable[[World], None]) -> Any:
    """The same, and a second order of another shop with the same number, so that no line names one of them."""

    def together(world: World) -> None:
        build(world)
        world.order("00000002", order_code="M-00000001", shop_code="2", phase_name="完了")
        world.con.execute("UPDATE ss_shipment_line SET shop_id = NULL")

    return together


NEARLY = "QXPRESS発送済"
BESIDE = (*PHASES, NEARLY)
INSTEAD = tuple(NEARLY if name == SHIPPED else name for name in PHASES)
GONE = tuple(name for name in PHASES if name != SHIPPED)
MIDNIGHT = ago(hours=15)  # 00:00 JST of NOW's day: a bare date
CASES: tuple[Case, ...] = (
    case(
        "F05", "sample", shipped(180), "finding", phase_check="exact", tracking_no="4001-2345-6789"
    ),
    case("F05", "exactly_at_the_limit", shipped(120), "finding"),
    case("F05", "a_minute_before_the_limit", shipped(119), "nothing"),
    case("F05", "phase_is_a_lookalike", shipped(phases=INSTEAD), "finding", found=NEARLY),
    case("F05", "phase_is_missing", shipped(phases=GONE), "finding", phase_check="absent"),
    case("F05", "phases_never_read", shipped(phases=()), "finding", phase_check="unknown"),
    case("F05", "it_was_written_back", shipped(order={"phase_name": SHIPPED}), "nothing"),
    case("F05", "it_is_cancelled", shipped(order={"cancel_flag": 2}), "nothing"),
    case("F05", "not_shipped_yet", shipped(status="WAYBILL_READY", shipped_at=None), "nothing"),
    case("F05", "we_looked_at_the_limit", shipped(180, order={"seen_at": ago(60)}), "finding"),
    case(
        "F05",
        "we_looked_a_second_early",
        shipped(180, order={"seen_at": ago(60) - SECOND}),
        "crossmall_newer_than",
        needed_at=ago(60),
    ),
    case("F05", "a_bare_date_may_mean_just_now", shipped(shipped_at=MIDNIGHT), "nothing"),
    case("F05", "weakly_linked", twin(shipped(180)), "weak_link"),
    case("F06", "sample", phase_list(*GONE), "finding", phase_check="absent", expected=SHIPPED),
    case(
        "F06",
        "lookalike_instead",
        phase_list(*INSTEAD, sitting=NEARLY),
        "finding",
        phase_check="lookalike_instead",
        found=NEARLY,
        orders_in_lookalike=1,
    ),
    case("F06", "lookalike_beside", phase_list(*BESIDE), "finding", phase_check="lookalike_beside"),
    case("F06", "all_names_right", phase_list(*PHASES), "nothing"),
    case(
        "F06",
        "another_role_is_no_lookalike",
        phase_list(*PHASES, "発送待ち", "発送済み"),
        "nothing",
    ),
    case("F06", "no_list_read", phase_list(), "phase_list"),
    case("F16", "sample", cancelled_then(shipped_at=ago(60)), "finding", cancel_by=ago(100)),
    case("F16", "a_second_after", cancelled_then(shipped_at=ago(100) + SECOND), "finding"),
    case("F16", "at_the_upper_bound", cancelled_then(shipped_at=ago(100)), "cancel_time"),
    case(
        "F16",
        "a_second_into_the_bracket",
        cancelled_then(shipped_at=ago(120) + SECOND),
        "cancel_time",
    ),
    case("F16", "at_the_lower_bound_is_a_return", cancelled_then(shipped_at=ago(120)), "nothing"),
    case("F16", "not_shipped", cancelled(), "nothing"),
    case("F16", "returned", cancelled_then(status="RETURNED", shipped_at=ago(60)), "nothing"),
    case("F16", "a_bare_date", cancelled_then(shipped_at=MIDNIGHT), "shipped_time"),
    case("F16", "time_unknown", cancelled_then(shipped_at=None), "shipped_time"),
    case("F16", "normal_order", shipped(60), "nothing"),
    case(
        "F16",
        "cancelled_by_its_phase",
        cancelled(
            phase_name="キャンセル",
            cancel_flag=0,
            seen=False,
            lines=({"status": "DELIVERED", "shipped_at": ago(99)},),
        ),
        "finding",
        cancel_by=ago(100),
    ),
    case("F16", "weakly_linked", twin(cancelled_then(shipped_at=ago(60))), "weak_link"),
    case("F17", "sample", in_work(), "finding", ss_status="INSTRUCTED", cancel_by=ago(100)),
    case("F17", "file_exactly_at_the_bound", in_work(file=ago(100)), "finding"),
    case(
        "F17", "file_a_second_early", in_work(file=ago(100) - SECOND), "smartship_file_newer_than"
    ),
    case("F17", "line_gone_from_a_newer_file", in_work(line_at=ago(50)), "smartship_line_gone"),
    case("F17", "it_shipped", in_work(status="SHIPPED", shipped_at=ago(60)), "nothing"),
    case("F17", "cancelled_on_both_sides", in_work(status="CANCELLED"), "nothing"),
    case("F17", "claimed_on_both_sides", in_work(status="CLAIMED"), "nothing"),
    case("F17", "weakly_linked", twin(in_work()), "weak_link"),
    case("F19", "sample", packings(2, 2), "finding", ss_qty=4, ordered_qty=2),
    case("F19", "one_piece_too_many", packings(2, 1), "finding", packing_quantities="2 + 1"),
    case("F19", "a_split", packings(1, 1), "nothing"),
    case("F19", "one_packing", packings(4), "nothing"),
    case(
        "F19", "the_other_is_cancelled", packings(2, 2, second={"status": "CANCELLED"}), "nothing"
    ),
    case("F19", "lines_not_held", packings(2, 2, ordered=None), "order_lines"),
    case("F19", "lines_out_of_date", packings(2, 2, lines_for=ago(hours=6)), "order_lines"),
    case(
        "F19",
        "the_other_left_the_file",
        packings(2, 2, second={"snapshot_at": ago(60)}),
        "smartship_line_gone",
    ),
    case("F19", "weakly_linked", twin(packings(2, 2)), "weak_link"),
    case("F27", "sample", tracked("4001-0000-0001", "400100000002"), "finding"),
    case("F27", "one_digit_off", tracked("400100000001", "400100000011"), "finding"),
    case("F27", "other_writing", tracked("4001－0000 0001", "4001-0000-0001"), "nothing"),
    case(
        "F27",
        "one_of_two_parcels",
        tracked("400100000002", "400100000001", "400100000002"),
        "nothing",
    ),
    case(
        "F27",
        "several_in_one_field",
        tracked("400100000001,400100000002", "400100000002"),
        "nothing",
    ),
    case("F27", "ours_is_blank", tracked(None, "400100000002"), "nothing"),
    case("F27", "theirs_is_blank", tracked("400100000002", None), "nothing"),
    case("F27", "theirs_is_cancelled", tracked("4001", "4002", status="CANCELLED"), "nothing"),
    case("F27", "weakly_linked", twin(tracked("4001", "4002")), "weak_link"),
)
