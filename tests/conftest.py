"""Sizes of tests that repeat themselves: small in every run, in full with ``make soak``."""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # no test is timed; two workers share two cores
settings.load_profile("untimed")

LONGEST = {
    "reliability": 0,
    "integration": 1,
}  # folders of long tests, by the order in which they run
SOAK = os.environ.get("TOTSUGO_SOAK") == "1"
FIGURES = os.environ.get("TOTSUGO_SOAK_FIGURES")  # a file that collects what the soak counted


# Of a long test that is played in parts, each from a seed of its own.
PARTS = range(10 if SOAK else 1)


def stay_here(event: str, arguments: tuple[object, ...]) -> None:
    """No test reaches the world: what would connect to a public address fails, whatever library it comes from."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    try:
        is_public = ipaddress.ip_address(str(arguments[1][0]).partition("%")[0]).is_global
    except ValueError:
        return  # a name: it is asked for, and connected to by its address
    if is_public:
        raise AssertionError(f"a test would connect to {arguments[1][0]}")


sys.addaudithook(stay_here)


def minutes(item: pytest.Item) -> int:
    """How long a test takes at full size, by its mark; 0 without one."""
    mark = item.get_closest_marker("minutes")
    return int(mark.args[0]) if mark else 0


Sized = Callable[[int, int], int]
Tally = Callable[..., None]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked ``soak`` run with ``make soak`` alone; tests that ask for ``sized`` run always, there at full size.

    Files of few long tests come first, lest they end the run alone; at full size those marked with the most minutes.
    """
    left_out = [item for item in items if item.get_closest_marker("soak") and not SOAK]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: LONGEST.get(item.path.parent.name, len(LONGEST)))
    if SOAK:
        items.sort(key=minutes, reverse=True)
    for item in items:
        if "sized" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.soak)


@pytest.fixture
def sized() -> Sized:
    """``sized(300, 10_000)``: the first number in every run, the second with ``make soak``."""
    return lambda everyday, full: full if SOAK else everyday


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """``tally("R1", faults=300, lost=0)``: notes what a test counted, for the soak's table; parts of one test as one."""
    node = request.node
    name = node.originalname if "part" in node.fixturenames else node.name

    def note(goal: str, **figures: float) -> None:
        if FIGURES:
            line = json.dumps({"goal": goal, "test": name, **figures})
            with Path(FIGURES).open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    return note
