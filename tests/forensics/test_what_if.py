"""Shares of missed orders with intervals that hold the truth as often as they say."""

import math
from statistics import NormalDist

import numpy as np

from reconcile.orders.simulate import Shop, simulate
from reconcile.orders.stay_shapes import fit_stays
from reconcile.orders.stay_times import StayData
from reconcile.orders.what_if import advised_stay, at_risk, missed_share, share_curve
from tests.forensics.shops import look_at

PERIOD_S = 3600.0


def observed(rng, lengths, look_every_s):
    """Stays as looks leave them: exact where a look fell into one, else at most the gap; one in ten still lasts."""
    start = rng.uniform(0, 86_400.0, len(lengths))
    end = start + lengths
    last_look = np.floor(end / look_every_s) * look_every_s
    seen = last_look > start
    low = np.where(seen, np.floor(lengths), 0.0)
    high = np.where(seen, np.floor(lengths), np.maximum(end - last_look, 1.0))
    stop = rng.uniform(0, 7200.0, len(lengths))
    lasting = (rng.uniform(size=len(lengths)) < 0.1) & (stop < lengths)
    low, high = np.where(lasting, stop, low), np.where(lasting, np.inf, high)
    return StayData(low=low, high=high, sure_low=low, sure_high=high)


def quantiles(shape):
    share = (np.arange(100_000) + 0.5) / 100_000
    if shape == "weibull":
        return 2800.0 * (-np.log1p(-share)) ** (1 / 0.8)
    normal = NormalDist()
    return 2400.0 * np.exp([normal.inv_cdf(one) for one in share])


def coverage(shape, rounds, stays, seed):
    lengths = quantiles(shape)
    truth = float(np.maximum(1 - lengths / PERIOD_S, 0).mean())
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(rounds):
        data = observed(rng, lengths[rng.integers(0, len(lengths), stays)], 600.0)
        answer = missed_share(data, period_s=PERIOD_S)
        hits += answer.low <= truth <= answer.high
    return hits / rounds


def test_the_interval_of_the_missed_share_holds_the_truth_in_95_of_100(sized, tally):
    """93 to 97 %; everyday the bounds are widened by three standard errors of so few rounds."""
    rounds = sized(60, 1_000)
    slack = 3.0 * math.sqrt(0.95 * 0.05 / rounds) if rounds < 1_000 else 0.0
    for shape in ("log_normal", "weibull"):
        share = coverage(shape, rounds, 150, seed=1)
        tally("R18", rounds=rounds, least_coverage=share)
        assert 0.93 - slack <= share <= 0.97 + slack, shape


def test_the_better_shape_is_chosen_and_its_parameters_found():
    rng = np.random.default_rng(2)
    for shape in ("log_normal", "weibull"):
        lengths = quantiles(shape)
        fit = fit_stays(observed(rng, rng.choice(lengths, 2_000), 300.0))
        assert fit.shape == shape
    assert abs(math.exp(fit.location) / 2800.0 - 1) < 0.15


def test_no_order_is_missed_when_all_stay_a_full_period():
    data = observed(np.random.default_rng(3), quantiles("weibull")[::400], 300.0)
    assert missed_share(data, period_s=PERIOD_S, minimum_stay_s=PERIOD_S).share == 0.0
    shares = [
        missed_share(data, period_s=PERIOD_S, minimum_stay_s=m).share for m in (0, 900, 1800, 2700)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1] > 0


def test_the_advised_stay_reaches_its_target():
    data = observed(np.random.default_rng(4), quantiles("log_normal")[::200], 300.0)
    advice = advised_stay(data, period_s=PERIOD_S, target=0.01)
    reached = missed_share(data, period_s=PERIOD_S, minimum_stay_s=advice.minimum_stay_s)
    assert advice.low <= advice.minimum_stay_s <= advice.high <= PERIOD_S
    assert 0.0099 <= reached.share <= 0.01
    assert advice.share_now > 0.2


def test_too_few_stays_cannot_tell():
    few = observed(np.random.default_rng(5), quantiles("weibull")[::10_000], 300.0)
    assert missed_share(few, period_s=PERIOD_S).missing == "stays"
    assert advised_stay(few, period_s=PERIOD_S).missing == "stays"


def test_a_shape_that_misses_the_data_is_said_to_fit_badly():
    rng = np.random.default_rng(6)
    two = np.where(
        rng.uniform(size=600) < 0.5, rng.lognormal(5.9, 0.3, 600), rng.lognormal(9.8, 0.2, 600)
    )
    bad = missed_share(observed(rng, two, 300.0), period_s=PERIOD_S)
    good = missed_share(
        observed(rng, rng.choice(quantiles("log_normal"), 600), 300.0), period_s=PERIOD_S
    )
    assert bad.fits_badly
    assert not good.fits_badly
    true = float(np.maximum(1 - two / PERIOD_S, 0).mean())
    assert bad.bracket_low <= true <= bad.bracket_high


def test_orders_at_risk_come_most_urgent_first_and_never_name_one_that_arrived():
    sim = simulate(Shop(orders=2_000, dwell="exponential", file_age_h=1.0), seed=8)
    examined = look_at(sim)
    rows = at_risk(
        sim.orders, examined.stays, examined.pulls, examined.lengths, now=sim.now.timestamp()
    )
    waiting = rows[rows["passed_pulls"] == 0]
    assert len(waiting) > 0
    assert waiting["p_missed"].is_monotonic_decreasing
    assert waiting["p_missed"].between(0, 1).all()
    assert not set(rows["order_number"]) & set(sim.arrivals["order_number"])
    assert (rows["next_pull_at"] > sim.now).all()


def test_the_curve_says_at_each_stay_what_is_said_of_that_stay_alone():
    rng = np.random.default_rng(3)
    lengths = quantiles("weibull")
    data = observed(rng, lengths[rng.integers(0, len(lengths), 150)], 600.0)
    minimums = (0.0, 600.0, 1800.0, 5000.0)
    curve = share_curve(data, period_s=PERIOD_S, minimums_s=minimums, run_rate=0.9)
    alone = [
        missed_share(data, period_s=PERIOD_S, minimum_stay_s=one, run_rate=0.9) for one in minimums
    ]
    assert list(curve) == alone
    assert [one.share for one in curve] == sorted((one.share for one in curve), reverse=True)
    assert all(one.low <= one.share <= one.high for one in curve)


def test_the_certain_stay_keeps_the_target_whatever_the_shape():
    rng = np.random.default_rng(4)
    lengths = quantiles("weibull")
    data = observed(rng, lengths[rng.integers(0, len(lengths), 150)], 600.0)
    advice = advised_stay(data, period_s=PERIOD_S, target=0.05)
    kept = missed_share(data, period_s=PERIOD_S, minimum_stay_s=advice.sure_stay_s)
    assert kept.bracket_high <= 0.05
    assert advice.sure_stay_s >= advice.minimum_stay_s
