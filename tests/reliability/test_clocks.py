"""R13: our clock wrong by a day, put back, put forward; midnights, ends of months and of years."""

import csv
import io
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from reconcile import Workspace
from tests.reliability.checker import Checker
from tests.reliability.desk import OurClock, open_desk

HOUR = timedelta(hours=1)
SKEWS = (-24 * HOUR, -HOUR, HOUR, 24 * HOUR)
BORDERS = (
    "2026-12-31T23:50:00+09:00",  # a year ends in Japan
    "2027-01-01T08:50:00+09:00",  # the same year ends in UTC, where instants are kept
    "2028-02-28T23:50:00+09:00",  # a leap day comes
    "2026-11-30T23:50:00+09:00",
    "2026-11-20T23:50:00+09:00",
)
LATEST = 8  # orders whose timeline is looked at: those that changed last
JUMPS = (-24 * HOUR, -HOUR, -timedelta(seconds=1), HOUR, 24 * HOUR)


def phase_times(shop):
    """Per order: every (phase, moment it was entered) of its true history."""
    return {
        order["order_number"]: {
            (span["phase"], datetime.fromisoformat(span["from"]).astimezone(UTC).replace(tzinfo=None))
            for span in order["phases"]
        }
        for order in shop.get("oracle")["orders"]
    }  # fmt: skip


def dwell_faults(desk, shop):
    """Stays that last less than no time, and brackets that leave out the moment at which the phase really changed."""
    said, times = [], phase_times(shop)
    for number in sorted(times, key=lambda one: max(at for _, at in times[one]))[-LATEST:]:
        entered = times[number]
        case = desk.order("shop", number)
        phases = [event for event in case.timeline if event["kind"] == "phase"]
        for event in phases:
            if event["at_latest"] < event["at"]:
                said.append(f"{number}: {event['values']['after']} ends before it begins")
            if not any(
                phase == event["values"]["after"]
                and plain(event["at"]) <= moment <= plain(event["at_latest"])
                for phase, moment in entered
            ):
                said.append(
                    f"{number}: {event['values']['after']} was never entered within "
                    f"{event['at']} to {event['at_latest']}"
                )
        for one, following in pairwise(phases):
            if plain(following["at_latest"]) < plain(one["at"]):
                said.append(f"{number}: {one['values']['after']} was left before it was entered")
    return said


def plain(at):
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def wrong_days(desk, orders):
    """Orders whose date, as people are shown it, is not the date the vendor shows."""
    export = desk.export("orders", account="shop", profile="people", encoding="utf-8-sig")
    table = list(csv.reader(io.StringIO(export.data.decode("utf-8-sig"))))
    assert len(table) > len(orders), "the export is not complete"
    said = []
    for number, raw in orders.items():
        row = next(cells for cells in table[1:] if number in cells)
        for name in ("order_date", "updated_at"):
            day = raw[name][:10]
            if not any(cell.replace("-", "/").startswith(day) for cell in row):
                said.append(f"{number}: {name} {day} is not among {row}")
    return said


@pytest.mark.soak
@pytest.mark.minutes(5)
def test_a_clock_wrong_by_up_to_a_day_loses_no_row_and_no_day(begin, tmp_path, sized, tally):
    said, lives = {}, sized(1, 15)
    for life in range(lives):
        for skew in SKEWS[:: sized(3, 1)]:
            shop = begin("--epoch", "2026-11-20T13:00:00+09:00", seed=40 + life, orders=50)
            wrong = OurClock(shop.clock() + skew)
            data, truth = tmp_path / f"skew{life}{skew}", Checker(shop.reader)
            mirror = open_desk(data, shop, clock=wrong)
            desk = open_desk(data, shop, kind=Workspace, add=False, clock=wrong)
            truth.look()
            mirror.sync("shop", parts=("orders",))
            for left in reversed(range(sized(3, 6))):
                wrong.shift(3 * 3600)
                shop.advance(3 * 3600)
                truth.look()
                (mirror if left else desk).sync("shop", parts=("orders",))
            wrong_rows = truth.orders(desk) + truth.invented(desk) + wrong_days(desk, truth.look())
            wrong_rows += dwell_faults(desk, shop)
            if wrong_rows:
                said[life, str(skew)] = wrong_rows[:3]
            shop.stop()
    tally("R13", skewed_lives=lives * len(SKEWS[:: sized(3, 1)]), wrong=len(said))
    assert said == {}


@pytest.mark.parametrize(
    "skew",
    [SKEWS[1], *(pytest.param(one, marks=pytest.mark.soak) for one in (SKEWS[0], *SKEWS[2:]))],
    ids=str,
)
def test_a_clock_wrong_by_more_than_a_minute_is_told(skew, begin, tmp_path):
    shop = begin()
    told = {}
    for name, clock in (("right", shop.clock), ("wrong", OurClock(shop.clock() + skew))):
        desk = open_desk(tmp_path / f"{name}{skew}", shop, kind=Workspace, clock=clock)
        report = desk.sync("shop", parts=("orders",))
        steps, checks = desk.test_account("shop").steps, desk.doctor()
        told[name] = {
            "report": report.clock_skew_s is not None,
            "ladder": {one.state for one in steps if "clock" in one.id or "skew" in one.id}
            - {"ok"},
            "doctor": {one.state for one in checks if "clock" in one.id or "skew" in one.id}
            - {"ok"},
        }
    assert not any(told["right"].values()), told["right"]
    assert all(told["wrong"].values()), told["wrong"]


@pytest.mark.soak
@pytest.mark.minutes(5)
def test_a_clock_that_jumps_loses_no_row_and_turns_no_history_round(begin, tmp_path, sized, tally):
    said, lives = {}, sized(1, 20)
    for life in range(lives):
        for jump in JUMPS[:: sized(3, 1)]:
            shop = begin("--epoch", "2026-11-20T13:00:00+09:00", seed=60 + life, orders=50)
            ours = OurClock(shop.clock())
            desk, truth = (
                open_desk(tmp_path / f"jump{life}{jump}", shop, clock=ours), Checker(shop.reader)
            )  # fmt: skip
            dice, wrong = random.Random(f"jump:{life}:{jump}"), []
            known = truth.look()
            chosen = dice.sample(sorted(known), 5)
            desk.sync("shop", parts=("orders",))
            for step in range(sized(4, 6)):
                ours.shift(900)
                shop.advance(900)
                if step == 2:
                    ours.shift(jump.total_seconds())
                for number in chosen:
                    shop.reader.mark(number, step % 2)
                truth.look()
                desk.sync("shop", parts=("orders",))
                wrong += truth.history(desk)
            wrong += truth.orders(desk) + truth.invented(desk)
            if wrong:
                said[life, str(jump)] = wrong[:3]
            shop.stop()
    tally("R13", jumps=lives * len(JUMPS[:: sized(3, 1)]), wrong=len(said))
    assert said == {}


@pytest.mark.soak
def test_midnights_and_ends_of_years_shift_no_day(begin, tmp_path, sized, tally):
    said, borders = {}, BORDERS[: sized(1, 5)]
    for place, epoch in enumerate(borders):
        shop = begin("--epoch", epoch, seed=80 + place, orders=200)
        desk, truth = (
            open_desk(tmp_path / f"border{place}", shop, kind=Workspace),
            Checker(shop.reader),
        )
        known = truth.look()
        desk.sync("shop", parts=("orders",))
        dice = random.Random(f"border:{place}")
        for _ in range(sized(4, 8)):
            shop.advance(150)
            shop.reader.move(dice.choice(sorted(known)), dice.choice(("確認待ち", "引当待ち")))
            truth.look()
            desk.sync("shop", parts=("orders",))
        wrong = truth.orders(desk) + truth.invented(desk) + wrong_days(desk, truth.look())
        if wrong:
            said[epoch] = wrong[:3]
        shop.stop()
    tally("R13", borders=len(borders), wrong=len(said))
    assert said == {}
