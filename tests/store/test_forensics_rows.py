"""What the store keeps of an examination: only what changed is written, what is no longer a question goes."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from reconcile.store import forensics, queries

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.fixture
def con():
    made = duckdb.connect(config={"threads": "1"})
    for _, _, statements in queries.migrations():
        made.execute(statements)
    return made


def stay(number="00000001", **given):
    usual = {
        "order_number": number,
        "entered_by": NOW - timedelta(hours=2),
        "verdict": "waiting",
        "probability": 0.25,
        "p_seen": 0.5,
        "cause": "not_due_yet",
        "evidence": '{"applicable": ["not_due_yet"], "values": {}}',
    }
    return usual | given


def put(con, *stays, pulls=(), now=NOW):
    forensics.write(con, "shop", stays=stays, pulls=pulls, print_of_inputs="x", now=now)


def test_an_answer_that_did_not_change_keeps_the_time_at_which_it_was_first_given(con):
    put(con, stay(), stay("00000002"))
    put(con, stay(), stay("00000002", probability=0.5), now=NOW + timedelta(hours=1))
    told = [forensics.stay(con, "shop", number) for number in ("00000001", "00000002")]
    assert [one["evaluated_at"] for one in told] == [NOW, NOW + timedelta(hours=1)]
    assert forensics.last_examination(con, "shop") == ("x", NOW + timedelta(hours=1))


def test_an_order_that_is_no_question_any_more_is_forgotten_and_other_accounts_are_left_alone(con):
    put(con, stay(), stay("00000002"))
    forensics.write(con, "other", stays=[stay()], pulls=[], print_of_inputs="y", now=NOW)
    put(con, stay("00000002"))
    assert forensics.stay(con, "shop", "00000001") is None
    assert forensics.stay(con, "other", "00000001")["cause"] == "not_due_yet"


def test_pulls_that_can_have_fallen_into_a_stretch_are_given_oldest_first(con):
    pulls = [
        {
            "at_from": NOW - timedelta(hours=back, minutes=2),
            "at_by": NOW - timedelta(hours=back),
            "basis": "known",
            "arrivals": back,
            "runs": 1.0,
        }
        for back in range(5)
    ]
    put(con, pulls=pulls)
    found = forensics.pulls_between(
        con, "shop", NOW - timedelta(hours=3), NOW - timedelta(minutes=1)
    )
    assert [one["arrivals"] for one in found] == [3, 2, 1, 0]


def test_the_fingerprint_changes_with_a_look_a_file_or_a_role_and_with_nothing_else(con):
    first = forensics.fingerprint(con, "shop", "on")
    assert forensics.fingerprint(con, "shop", "on") == first
    assert forensics.fingerprint(con, "shop", "off") != first
    con.execute("INSERT INTO phase_role VALUES ('shop', '発送待機', 'collect', 'default')")
    second = forensics.fingerprint(con, "shop", "on")
    con.execute("INSERT INTO phase_role VALUES ('other', '発送待機', 'collect', 'default')")
    assert second != first
    assert forensics.fingerprint(con, "shop", "on") == second
