"""An order's history as events, with brackets where only a bracket is known."""

from datetime import UTC, datetime, timedelta

from reconcile.orders.timeline import stretch, timeline


def at(hour, minute=0):
    return datetime(2026, 11, 20, hour, minute, tzinfo=UTC)


ROW = {"ordered_at": at(0), "created_at": at(0, 7), "seen_at": at(9)}


def seen(first, last, phase, updated, **fields):
    usual = {"cancel_flag": 0, "delivery_number": None}
    times = {"first_seen_at": first, "last_confirmed_at": last, "updated_at": updated}
    return usual | times | {"phase_name": phase} | fields


def test_a_change_lies_between_the_last_look_and_the_vendors_own_time():
    events = timeline(
        ROW,
        [
            seen(at(1), at(3), "注文確認", at(0, 30)),
            seen(at(4), at(4), "発送待機", at(3, 40)),
        ],
        [],
    )
    move = next(event for event in events if event["values"].get("after") == "発送待機")
    assert (move["at"], move["at_latest"], move["seen_at"]) == (at(3), at(3, 40), at(4))


def test_events_of_both_sides_stand_in_order_of_time():
    shipment = dict.fromkeys(
        (
            "registered_at",
            "confirmed_at",
            "instructed_at",
            "printed_at",
            "shipped_at",
            "delivered_at",
        )
    )
    shipment |= {
        "packing_no": "QSP1",
        "registered_at": at(2),
        "shipped_at": at(6),
        "snapshot_at": at(8),
    }
    events = timeline(ROW, [seen(at(1), at(9), "発送待機", at(1))], [shipment])
    assert [(event["side"], event["kind"]) for event in events] == [
        ("crossmall", "ordered"),
        ("crossmall", "imported"),
        ("crossmall", "phase"),
        ("smartship", "registered"),
        ("smartship", "shipped"),
    ]


def test_a_cancellation_and_a_tracking_number_are_events_of_their_own():
    events = timeline(
        ROW,
        [
            seen(at(1), at(2), "発送待機", at(1)),
            seen(at(3), at(3), "発送待機", at(2, 30), cancel_flag=2, delivery_number="4000"),
        ],
        [],
    )
    assert {event["kind"] for event in events} >= {"cancel_flag", "tracking"}


def pull(hour, basis="known"):
    return {
        "at_from": at(hour),
        "at_by": at(hour, 2),
        "basis": basis,
        "arrivals": 3,
        "runs": 0.951,
    }


def test_a_pull_is_a_bracket_on_smartships_side_and_a_planned_one_says_how_likely_it_ran():
    events = timeline(ROW, [], [], pulls=[pull(2), pull(3, "estimated")])
    pulls = [event for event in events if event["side"] == "pulls"]
    assert [event["kind"] for event in pulls] == ["pull", "pull_planned"]
    assert (pulls[0]["at"], pulls[0]["at_latest"]) == (at(2), at(2, 2))
    assert pulls[1]["values"] == {"arrivals": 3, "pct": 95}


def test_of_very_many_pulls_those_between_the_first_and_the_last_are_one_event_that_counts_them():
    starts = [at(0) + timedelta(hours=hour) for hour in range(100)]
    pulls = [
        pull(0) | {"at_from": start, "at_by": start + timedelta(minutes=2)} for start in starts
    ]
    events = timeline(ROW, [], [], pulls=pulls)
    shown = [event["at"] for event in events if event["kind"] == "pull"]
    (between,) = [event for event in events if event["kind"] == "pulls"]
    assert shown == [*starts[:36], *starts[-36:]]
    assert between["values"] == {"count": 28, "arrivals": 84}
    assert (between["at"], between["at_latest"]) == (starts[36], starts[63] + timedelta(minutes=2))


def test_a_pull_that_can_have_found_the_order_waiting_is_told_apart():
    stay = {"entered_from": at(2), "entered_by": at(2, 30), "left_by": at(4)}
    pulls = [pull(1), pull(3), pull(4, "estimated"), pull(5)]
    kinds = [
        event["kind"]
        for event in timeline(ROW, [], [], pulls=pulls, stay=stay)
        if event["side"] == "pulls"
    ]
    assert kinds == ["pull", "pull_reaching", "pull_planned_reaching", "pull"]
    lasting = timeline(ROW, [], [], pulls=pulls, stay=stay | {"left_by": None})
    assert [e["kind"] for e in lasting if e["side"] == "pulls"][-1] == "pull_reaching"


def test_what_people_did_is_an_event_with_its_name_and_time():
    act = {"acted_at": at(7), "event": "snoozed", "actor": "sato", "rule": "F07"}
    (event,) = [one for one in timeline(ROW, [], [], acts=[act]) if one["side"] == "people"]
    assert (event["at"], event["kind"]) == (at(7), "act_snoozed")
    assert event["values"] == {"by": "sato", "rule": "F07"}


def test_of_our_looks_the_first_and_the_last_at_each_state_are_events():
    looks = [
        seen(at(1), at(3), "注文確認", at(0, 30)),
        seen(at(4), at(4), "発送待機", at(3, 40)),
    ]
    events = [event for event in timeline(ROW, [], [], looks=looks) if event["side"] == "ours"]
    assert [(event["at"], event["values"]["phase"]) for event in events] == [
        (at(1), "注文確認"),
        (at(3), "注文確認"),
        (at(4), "発送待機"),
    ]


def test_pulls_matter_around_the_stay_else_around_the_arrival():
    stay = {"entered_from": at(2), "entered_by": at(2, 20), "left_by": None}
    row = ROW | {"ss_registered_at": at(5)}
    assert stretch(row, stay) == (at(1), at(10))
    assert stretch(row, stay | {"left_by": at(3)}) == (at(1), at(4))
    assert stretch(row, None) == (at(4), at(5))
    first, last = stretch(ROW | {"ss_registered_at": None}, None)
    assert first > last, "nothing is known, so no pull matters"
