"""How an order hangs together with packings and other orders, and what of that is no proof."""

from datetime import UTC, datetime

import pytest

from reconcile.orders.relations import UNPROVEN, relation_words, relations
from reconcile.text import LANGUAGES, Text

SEEN = datetime(2026, 11, 20, 5, tzinfo=UTC)
NOTHING = {"packings": [], "bundles": [], "twins": [], "possible_links": []}


def packing(number, qty=1, **fields):
    usual = {"is_active": True, "is_weak": False, "shared_with": None, "snapshot_at": SEEN}
    told = {"matched_by": "site_order_no", "statuses": "SHIPPED"}
    return usual | told | {"packing_no": number, "qty": qty} | fields


def kinds(ordered_qty=2, **kin):
    return [one["kind"] for one in relations(NOTHING | kin, ordered_qty)]


def test_an_order_in_one_packing_of_its_own_has_no_relations():
    assert kinds(packings=[packing("QSP1", 2)]) == []


def test_several_packings_are_a_split_while_they_hold_no_more_than_was_ordered():
    assert kinds(packings=[packing("QSP1"), packing("QSP2")]) == ["split"]
    assert kinds(packings=[packing("QSP1", 2), packing("QSP2", 2)]) == ["split_more"]
    assert kinds(packings=[packing("QSP1", 2), packing("QSP2", None)]) == ["split"]


def test_a_packing_that_has_ended_makes_no_split():
    assert kinds(packings=[packing("QSP1"), packing("QSP2", is_active=False)]) == []


def test_a_combined_packing_names_the_other_orders_up_to_a_limit():
    others = [f"{number:08}" for number in range(30)]
    (found,) = relations(NOTHING | {"packings": [packing("QSP1", shared_with=" ".join(others))]}, 1)
    assert (found["kind"], found["count"], found["others"]) == ("combined", 30, others[:20])


def test_weak_and_possible_pairs_stand_last_and_are_unproven():
    possible = {
        "packing_no": "QSP9",
        "item_name": "見本",
        "qty": 1,
        "dated_at": SEEN,
        "rivals": 2,
        "snapshot_at": SEEN,
    }
    weak = packing("QSP8", is_weak=True, shared_with="00000007")
    found = kinds(packings=[weak, packing("QSP1"), packing("QSP2")], possible_links=[possible])
    assert found == ["split", "weak", "possible"]
    assert set(found[1:]) == set(UNPROVEN)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_relation_can_be_told(lang):
    bundle = {"other_number": "00000002", "phase_name": None, "packings": None}
    twin = {"other_number": "3", "order_code": "A-1", "other_created_at": SEEN, "packings": ""}
    possible = packing("QSP9") | {"item_name": "見本", "dated_at": None, "rivals": 0}
    kin = {
        "packings": [
            packing("QSP1", shared_with="5 6"),
            packing("QSP2"),
            packing("Q3", is_weak=True),
        ],
        "bundles": [bundle | {"relation": "parent"}, bundle | {"relation": "child"}],
        "twins": [twin],
        "possible_links": [possible],
    }
    found = relations(kin, 2)
    told = [relation_words(one, Text(lang)) for one in found]
    assert len({one["kind"] for one in found}) == 7
    assert not [words for words in told if "{" in words or "None" in words]
    assert "2026-11-20 14:00:00" in told[-2]
