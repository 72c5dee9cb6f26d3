"""Whether a reply about a set line is believed at once."""

import pytest

from crossmall.types import OrderComponent
from reconcile.sync.pieces import is_certain


def part(code: str | None, set_code: str | None) -> OrderComponent:
    return OrderComponent(
        order_number="00000001",
        line_no=3,
        item_code=code,
        set_item_code=set_code,
        component_count=1,
    )


@pytest.mark.parametrize(
    ("parts", "certain"),
    [
        ([part("LF-0006", "SET-2"), part("LF-0009", "SET-2")], True),
        ([part("LF-0006", None)], True),  # the vendor does not say whose part it is
        ([], False),
        ([part(None, "SET-2")], False),
        ([part("LF-0006", "SET-2"), part("LF-0009", "SET-1")], False),
    ],
    ids=["of that set", "of no set", "none", "without its code", "of another set"],
)
def test_parts_are_certain_if_they_are_of_the_set_that_was_asked_about(parts, certain):
    assert is_certain(parts, "SET-2") is certain
