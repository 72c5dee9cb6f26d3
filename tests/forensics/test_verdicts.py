"""Verdicts are right as often as they say, and `missed` is said only where it is so."""

import math

import numpy as np
import pandas as pd
import pytest

from reconcile.orders.instants import instants
from reconcile.orders.pulls import known_pulls
from reconcile.orders.simulate import START_S, Shop, simulate
from reconcile.orders.stay_times import direct_share
from tests.forensics.shops import look_at, market, tenths

POINTS = 0.05
FULL = 120_000  # orders; a tenth then has some 900, a standard error of 1.7 points
SURE = 3.0  # standard errors: a wrong alarm in about one of 400 tenths


def allowed(row, orders):
    """5 points at full size; a small size adds what chance allows for its number of orders."""
    chance = SURE * math.sqrt(row["stated"] * (1 - row["stated"]) / row["orders"])
    return POINTS + (chance if orders < FULL else 0.0)


@pytest.mark.parametrize("others", [False, True], ids=["shapes", "other_shapes"])
def test_stated_probabilities_are_right_within_five_points_per_tenth(sized, tally, others):
    size = sized(3_000, FULL)
    verdicts, _ = market(size, others=others)
    open_ones = verdicts[verdicts["verdict"] == "cannot_tell"]
    for said, true in (("probability", "was_taken"), ("p_seen", "was_seen")):
        table = tenths(open_ones, said, true)
        worst = float((table["true"] - table["stated"]).abs().max())
        tally("R18", orders=len(verdicts), worst_points=worst)
        assert len(table) == 10
        for tenth, row in table.iterrows():
            near = allowed(row, size)
            assert abs(row["true"] - row["stated"]) <= near, (said, tenth, dict(row))


def test_missed_is_right_in_98_of_100_in_shops_of_every_shape(sized, tally):
    """Everyday the bound is relaxed by what chance allows at that size."""
    size = sized(3_000, FULL)
    verdicts, _ = market(size)
    missed = verdicts[verdicts["verdict"] == "missed"]
    assert len(missed) > 300
    for shape, part in missed.groupby("dwell"):
        precision = 1.0 - part["was_taken"].mean()
        tally("R18", missed=len(part), least_precision=precision)
        chance = SURE * math.sqrt(0.98 * 0.02 / len(part)) if size < FULL else 0.0
        assert precision >= 0.98 - chance, shape


def test_an_absent_order_that_waited_through_pulls_may_have_been_deleted():
    sim = simulate(Shop(orders=1_000, dwell="batch", skip_rate=0.0), seed=9)
    examined = look_at(sim)
    rows = examined.verdicts[examined.verdicts["missing"] == "smartship_cancelled_orders"]
    truth = sim.truth.set_index("order_number")["was_taken"].reindex(rows["order_number"])
    assert len(rows) >= 3
    assert truth.mean() > 0.5
    assert rows["probability"].between(0.1, 1.0).all()
    assert 0.001 < examined.pulls.lost_rate < 0.02


def test_an_order_left_by_a_pull_is_not_missed_before_the_nights_catch_up():
    sim = simulate(Shop(orders=600, dwell="batch", capacity=1, file_age_h=30.0), seed=10)
    verdicts = look_at(sim).verdicts
    left = verdicts[(verdicts["sure_pulls"] >= 1) & verdicts["needed_at"].notna()]
    left = left[left["verdict"].isin(("missed", "cannot_tell")) & left["absent_until"].notna()]
    jst = left["needed_at"].dt.tz_convert("Asia/Tokyo")
    assert len(left) > 20
    assert ((jst - jst.dt.normalize()) == pd.Timedelta(hours=4, minutes=10)).all()
    assert (left["needed_at"] > left["exit_by"]).all()
    early = sim.files["snapshot_at"].max() < left["needed_at"]
    assert (left.loc[early, "verdict"] == "cannot_tell").all()
    assert (left.loc[~early, "verdict"] == "missed").any()


def test_a_rate_of_taking_is_learned_from_orders_that_pulls_left():
    full = look_at(simulate(Shop(orders=600, dwell="batch"), seed=11)).pulls
    crowded = look_at(simulate(Shop(orders=600, dwell="batch", capacity=1), seed=11)).pulls
    assert full.take_rate > 0.97
    assert crowded.take_rate < 0.8


def test_shipping_that_no_look_showed_is_not_taken_for_a_move_by_smartship():
    gap = np.random.default_rng(12).uniform(60.0, 3600.0, 4_000)
    rate = 1.0 / 10_800.0
    left = gap * np.random.default_rng(13).uniform(size=4_000)
    shipped = np.random.default_rng(14).exponential(1.0 / rate, 4_000)
    hidden = left + shipped < gap
    at = np.where(hidden, left + shipped, left)
    assert hidden.mean() > 0.05
    assert direct_share(at, hidden, rate) < 0.02
    moved = np.random.default_rng(15).uniform(size=4_000) < 0.3
    assert abs(direct_share(np.where(moved, left, at), hidden | moved, rate) - 0.3) < 0.03


def test_pulled_is_said_only_of_orders_that_were_pulled(sized):
    verdicts, _ = market(sized(3_000, FULL))
    pulled = verdicts[verdicts["verdict"] == "pulled"]
    assert len(pulled) > 500
    assert pulled["was_taken"].all()


def test_without_a_smartship_file_no_order_is_called_pulled_or_missed():
    examined = look_at(simulate(Shop(orders=200, file_age_h=None), seed=7))
    assert set(examined.verdicts["verdict"]) <= {"cannot_tell", "waiting"}
    told = examined.verdicts[examined.verdicts["verdict"] == "cannot_tell"]
    assert set(told["missing"]) == {"smartship_orders_file"}


def test_the_minute_of_the_pulls_is_found_from_the_arrivals():
    sim = simulate(Shop(orders=300, dwell="batch", jitter_s=30.0), seed=3)
    model = look_at(sim).pulls
    minute = float(np.median(sim.pulls % 3600.0))
    away = (model.minute_s - minute + 1800.0) % 3600.0 - 1800.0
    assert model.basis == "known"
    assert abs(away) < 60.0


def test_known_pulls_hold_a_true_pull_each():
    sim = simulate(Shop(orders=300, dwell="batch"), seed=4)
    pulls = known_pulls(sim.arrivals)
    first, last = (
        pd.DatetimeIndex(pulls[name]).as_unit("us").astype("int64") / 1e6
        for name in ("pull_from", "pull_by")
    )
    inside = (sim.pulls[:, None] >= first.to_numpy() - 1) & (
        sim.pulls[:, None] <= last.to_numpy() + 1
    )
    assert len(pulls) > 50
    assert inside.any(axis=0).all()


def test_dates_without_time_tell_no_pull():
    days = instants(START_S + np.arange(10) * 86_400.0)
    arrivals = pd.DataFrame({"registered_at": days, "registered_by": "API"})
    assert known_pulls(arrivals).empty
    by_hand = pd.DataFrame(
        {"registered_at": days + pd.Timedelta(minutes=7), "registered_by": "MANUAL"}
    )
    assert known_pulls(by_hand).empty


def test_an_interval_of_a_full_period_holds_a_pull_and_an_empty_one_none():
    model = look_at(simulate(Shop(orders=300, skip_rate=0.0), seed=5)).pulls
    start = np.full(200, START_S + 2 * 86_400.0) + np.arange(200) * 100.0
    whole = model.chance(start, start + 2 * 3600.0)
    assert whole.min() > 0.9
    assert (model.chance(start, start) == 0).all()
    half = model.chance(start, start + 1800.0)
    assert 0.4 < half.mean() < 0.6


def test_longer_intervals_never_have_a_smaller_chance():
    for age in (1.0, None):
        model = look_at(simulate(Shop(orders=300, file_age_h=age), seed=6)).pulls
        start = np.full(300, START_S + 86_400.0 + 777.0)
        chance = model.chance(start, start + np.arange(300) * 60.0)
        assert (np.diff(chance) >= -1e-9).all()
        assert ((chance >= 0) & (chance <= 1)).all()
