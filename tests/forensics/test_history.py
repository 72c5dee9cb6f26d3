"""Brackets of phases and stays hold the truth, and say no more than the looks prove."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from reconcile.orders.phases import Clocks, confirmed, spans, stays
from tests.forensics.shops import market

EXACT = Clocks(skew_s=0.0, read_lag_s=0.0)
ROLES = {"確認待ち": "before", "発送待機": "collect", "送り状印刷済み": "after"}


def at(hour, minute=0):
    return pd.Timestamp(datetime(2026, 11, 20, hour, minute, tzinfo=UTC))


def seen(*looks, number="1"):
    """looks: (first seen, last confirmed, phase, updated[, cancel flag])"""
    return pd.DataFrame(
        [
            {
                "order_number": number,
                "first_seen_at": look[0],
                "last_confirmed_at": look[1],
                "phase_name": look[2],
                "updated_at": look[3],
                "cancel_flag": look[4] if len(look) > 4 else 0,
            }
            for look in looks
        ]
    )


ORDERS = pd.DataFrame({"order_number": ["1"], "created_at": [at(0)]})
STORY = seen(
    (at(1), at(2), "確認待ち", at(0, 30)),
    (at(3), at(5), "発送待機", at(2, 40)),
    (at(6), at(7), "送り状印刷済み", at(5, 10)),
)


@pytest.mark.parametrize("trusted", [True, False])
def test_every_bracket_holds_the_truth(sized, tally, trusted):
    _, brackets = market(sized(1_500, 10_000), trusted)
    wrong = int((~brackets[["entry_holds", "exit_holds"]].all(axis=1)).sum())
    tally("R18", brackets=len(brackets), brackets_wrong=wrong)
    assert len(brackets) > 900
    assert wrong == 0


def test_a_move_lies_between_the_last_look_before_and_the_vendors_change_time():
    rows = spans(STORY, ORDERS, EXACT)
    assert list(rows["phase_name"]) == ["確認待ち", "発送待機", "送り状印刷済み"]
    middle = rows.iloc[1]
    assert (middle["entry_from"], middle["entry_by"]) == (at(2), at(2, 40))
    assert (middle["exit_from"], middle["exit_by"]) == (at(5), at(5, 10))
    assert rows.iloc[0]["entry_from"] == at(0)
    assert pd.isna(rows.iloc[2]["exit_by"])


def test_without_trust_in_change_times_brackets_end_at_our_looks():
    blind = Clocks(skew_s=0.0, read_lag_s=0.0, every_change_moves_updated_at=False)
    middle = spans(STORY, ORDERS, blind).iloc[1]
    assert (middle["entry_by"], middle["exit_by"]) == (at(3), at(6))


def test_clocks_that_disagree_by_a_day_give_no_negative_stay():
    wrong = STORY.assign(updated_at=STORY["updated_at"] - pd.Timedelta(days=1))
    for rows in (spans(wrong, ORDERS, EXACT), spans(STORY, ORDERS, Clocks(skew_s=86_400.0))):
        assert (rows["entry_from"].dropna() <= rows["entry_by"][rows["entry_from"].notna()]).all()
        ended = rows[rows["exit_by"].notna()]
        assert (ended["exit_from"] <= ended["exit_by"]).all()


def test_a_complete_run_that_did_not_return_the_order_proves_it_unchanged():
    looks = pd.DataFrame(
        {
            "started_at": [at(2, 10), at(2, 30), at(2, 59)],
            "finished_at": [at(2, 11), at(2, 31), at(3)],
        }
    )
    rows = confirmed(STORY, looks, EXACT)
    assert rows["last_confirmed_at"].iloc[0] == at(2, 30), (
        "the run that saw the change proves nothing"
    )
    blind = Clocks(every_change_moves_updated_at=False)
    assert confirmed(STORY, looks, blind)["last_confirmed_at"].iloc[0] == at(2)


def test_a_jump_over_the_phase_is_a_passage_that_may_hide_a_stay():
    jump = seen((at(1), at(2), "確認待ち", at(0, 30)), (at(3), at(4), "送り状印刷済み", at(2, 40)))
    rows = stays(jump, ORDERS, ROLES, EXACT)
    assert list(rows["kind"]) == ["passage"]
    assert (rows["entry_from"].iloc[0], rows["exit_by"].iloc[0]) == (at(2), at(2, 40))


def test_an_order_never_touched_since_its_making_hides_no_stay():
    born = seen((at(1), at(2), "送り状印刷済み", at(0)))
    assert stays(born, ORDERS, ROLES, EXACT).empty


def test_a_held_order_cannot_be_collected():
    held = seen(
        (at(1), at(2), "発送待機", at(1)),
        (at(3), at(4), "発送待機", at(2, 40), 1),
        (at(5), at(6), "発送待機", at(4, 30)),
    )
    rows = stays(held, ORDERS, ROLES, EXACT)
    assert len(rows) == 2
    assert rows["exit_by"].iloc[0] == at(2, 40)
    assert rows["left_for"].iloc[0] == "collect"
    assert len(spans(held, ORDERS, EXACT)) == 1


def test_nothing_observed_gives_empty_frames():
    nothing = STORY.iloc[:0]
    assert spans(nothing, ORDERS).empty
    assert stays(nothing, ORDERS, ROLES).empty
    assert np.all(
        confirmed(nothing, pd.DataFrame({"started_at": [], "finished_at": []})).shape == (0, 6)
    )
