"""R8: the borders of pages and times: many rows in one second, rows that move while we page, a vendor's clock put back."""

import random

import pytest

from tests.reliability.checker import Checker
from tests.reliability.desk import open_desk

ORDERS = 130
PAGE_ROWS = 100
LIFE = 50  # timelines of one shop: its history grows with each


def marked(raw):
    return "0" if raw["check_mark2"] == "1" else "1"


def change(shop, known, numbers):
    """Change these orders in the shop's present second."""
    for number in numbers:
        shop.reader.mark(number, marked(known[number]))
        known[number]["check_mark2"] = marked(known[number])


def burst(shop, desk, truth, dice):
    """At least a page of orders changes in one second, in two halves with a sync between, some orders twice."""
    known = truth.look()
    count = min(dice.choice((PAGE_ROWS, PAGE_ROWS + 1, 120, len(known))), len(known))
    chosen = dice.sample(sorted(known), count)
    cut = dice.choice((0, 1, count // 2, PAGE_ROWS, count))
    change(shop, known, chosen[:cut])
    truth.look()
    if dice.random() < 0.3:
        shop.trouble(duplicate_rows=0.5)
    desk.sync("shop", parts=("orders",))
    shop.trouble()
    change(shop, known, chosen[cut:] + dice.sample(chosen[:cut], cut // 10))
    truth.look()
    desk.sync("shop", parts=("orders",))
    return truth.orders(desk) + truth.invented(desk)


@pytest.mark.soak
@pytest.mark.minutes(12)
def test_a_hundred_rows_in_one_second_are_all_read(begin, tmp_path, sized, tally):
    timelines, missing = sized(1, 500), []
    for number in range(timelines):
        if number % LIFE == 0:
            shop = begin("--epoch", "2026-11-20T13:00:00+09:00", orders=ORDERS, seed=300 + number)
            desk, truth = open_desk(tmp_path / f"burst{number}", shop), Checker(shop.reader)
            truth.look()
            desk.sync("shop", parts=("orders",))
        dice = random.Random(f"burst:{number}")
        shop.advance(dice.choice((1, 60, 1800, 7200)))
        missing += burst(shop, desk, truth, dice)
        assert missing == [], f"timeline {number}"
    tally("R8", timelines=timelines, missing=len(missing))


def between_pages(shop, truth, dice):
    """What the proxy does after a first page: orders before and behind the cursor change, one of them its phase."""
    known = truth.look()
    numbers = sorted(known)
    before, behind = numbers[:PAGE_ROWS], numbers[PAGE_ROWS:]

    def strike():
        change(shop, known, [*dice.sample(before, 3), *dice.sample(behind, min(3, len(behind)))])
        shop.reader.move(dice.choice(behind), dice.choice(("確認待ち", "発送待機")))
        truth.look()

    return strike


@pytest.mark.minutes(20)
def test_rows_that_move_between_pages_are_there_one_cycle_later(
    begin, between, tmp_path, sized, tally
):
    timelines, missing = sized(1, 500), []
    for number in range(timelines):
        if number % LIFE == 0:
            shop = begin("--epoch", "2026-11-20T13:00:00+09:00", orders=ORDERS, seed=900 + number)
            proxy = between(shop)
            desk = open_desk(tmp_path / f"moving{number}", shop, url=proxy.url)
            truth = Checker(shop.reader)
            truth.look()
            desk.sync("shop", parts=("orders",))
        dice = random.Random(f"moving:{number}")
        shop.advance(dice.choice((1, 1800)))
        known = truth.look()
        change(shop, known, dice.sample(sorted(known), min(PAGE_ROWS + 5, len(known))))
        proxy.after_a_full_page = between_pages(shop, truth, dice)
        desk.sync("shop", parts=("orders",), full=dice.random() < 0.2)
        assert proxy.after_a_full_page is None, "no second page was asked for"
        missing += truth.invented(desk)
        desk.sync("shop", parts=("orders",))
        missing += truth.orders(desk)
        assert missing == [], f"timeline {number}"
    tally("R8", timelines=timelines, missing=len(missing))


@pytest.mark.soak
@pytest.mark.minutes(3)
def test_a_vendor_clock_put_back_by_an_hour_hides_no_change(begin, tmp_path, sized, tally):
    lives, missing = sized(1, 50), []
    for life in range(lives):
        shop = begin("--epoch", "2026-11-20T13:00:00+09:00", seed=500 + life)
        desk, truth = open_desk(tmp_path / f"back{life}", shop), Checker(shop.reader)
        dice = random.Random(f"back:{life}")
        known = truth.look()
        desk.sync("shop", parts=("orders",))
        recent = {
            number for number, raw in known.items() if raw["updated_at"] >= "2026/11/20 11:30:00"
        }
        calm = sorted(known.keys() - recent)
        change(shop, known, dice.sample(calm, 2))
        shop.advance(1800)
        change(shop, known, dice.sample(calm, 1))
        truth.look()
        desk.sync("shop", parts=("orders",))
        shop.post("clock", advance_s=-3600)
        calm = [number for number in calm if known[number]["check_mark2"] == "0"]
        for _ in range(8):
            change(shop, known, [calm.pop()])
            truth.look()
            desk.sync("shop", parts=("orders",))
            shop.advance(900)
        truth.look()
        desk.sync("shop", parts=("orders",))
        missing += truth.orders(desk)
    tally("R8", vendor_clock_back=lives, missing=len(missing))
    assert missing == []
