"""Scenario files: phases, dead connections, planted cases and orders written one by one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossmall.sandbox.phases import DEFAULT_PHASES
from crossmall.sandbox.written import WrittenError, WrittenOrder, check_dates, written_orders

FOLDER = Path(__file__).parent / "scenarios"
DEFAULT_SCENARIO = "demo"
ORDER_PLANTS = (
    "F01", "F02", "F03", "F04", "F05", "F07", "F16", "F17", "F19", "F27",
    "healthy_split", "tracking_format", "shared_code", "burst", "day_end", "day_start",
)  # fmt: skip
LINK_PLANTS = (
    "half_width_kana", "ideographic_blank", "trailing_blank", "full_width_comma", "swapped",
    "hyphen_choon", "name_differs", "missing", "duplicate", "stale", "full_width_letters",
    "middle_dot", "brackets", "letter_case", "times_sign", "old_kanji", "unit_sign", "double_blank",
    "other_figure", "renumbered", "blank_name", "renamed", "ambiguous", "unlisted",
    "twice",
)  # fmt: skip
STOCK_PLANTS = (
    "damaged", "overwritten", "orphaned", "not_received", "safety", "not_synced", "switched_off", "failing",
    "keep_minimum", "late_receipt", "wrong_link", "pushed_over", "second_house", "no_figure", "unlimited",
)  # fmt: skip
MOST_OF_ONE_PLANT = 50
MOST_BY_NAME = {"burst": 5_000, "day_end": 500, "day_start": 500}
SHOP_CODES = frozenset({"1", "2", "3", "4"})
SHORTEST_BREAK_DAYS = 0.5
KEYS = ("title", "phases", "disconnected", "plants", "links", "stock", "order")


class ScenarioError(ValueError):
    """The scenario does not exist or says something the sandbox does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One shop's special circumstances.

    dead: shop code -> days before the epoch since when the 3PL no longer collects its orders.
    plants, links, stock: name of a planted case -> how many. orders: those written one by one.
    """

    name: str
    title: str
    phases: tuple[str, ...] = DEFAULT_PHASES
    dead: Mapping[str, float] = field(default_factory=dict)
    plants: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    stock: Mapping[str, int] = field(default_factory=dict)
    orders: tuple[WrittenOrder, ...] = ()


def scenario_names() -> tuple[str, ...]:
    """Names that ``--scenario`` takes, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_scenario(name: str) -> Scenario:
    """The named scenario, or the one in the given ``.toml`` file.

    Raises ScenarioError with a one-line text for unknown names and unreadable files.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    known = ", ".join(scenario_names())
    if not path.is_file() or (not name.endswith(".toml") and name not in scenario_names()):
        raise ScenarioError(f"unknown scenario {name!r}; known: {known}")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"scenario {name!r} is not readable TOML: {error}") from error
    return read_scenario(path.stem, table)


def read_scenario(name: str, table: Mapping[str, Any]) -> Scenario:
    """The scenario a parsed file describes.

    Raises ScenarioError for unknown keys, unknown cases and counts outside 0-50.
    """
    if unknown := sorted(set(table) - set(KEYS)):
        allowed = ", ".join(KEYS)
        raise ScenarioError(f"scenario {name!r}: {unknown[0]}: unknown key; allowed: {allowed}")
    plants = _counts(name, table.get("plants", {}), ORDER_PLANTS)
    dead = _dead(name, table.get("disconnected", []))
    if plants.get("F04") and not dead:
        raise ScenarioError(f"scenario {name!r}: F04 needs a [[disconnected]] shop")
    return Scenario(
        name=name,
        title=str(table.get("title", name)),
        phases=phase_names(table.get("phases", DEFAULT_PHASES)),
        dead=dead,
        plants=plants,
        links=_counts(name, table.get("links", {}), LINK_PLANTS),
        stock=_counts(name, table.get("stock", {}), STOCK_PLANTS),
        orders=_written(name, table.get("order", [])),
    )


def check_epoch(scenario: Scenario, epoch: int) -> None:
    """Raises ScenarioError when a written order does not fit a shop with this epoch."""
    try:
        check_dates(scenario.name, scenario.orders, epoch)
    except WrittenError as error:
        raise ScenarioError(str(error)) from error


def _written(name: str, rows: object) -> tuple[WrittenOrder, ...]:
    try:
        return written_orders(name, rows)
    except WrittenError as error:
        raise ScenarioError(str(error)) from error


def phase_names(names: object) -> tuple[str, ...]:
    """The names as a tuple; raises ScenarioError unless they are distinct, non-empty texts."""
    if not isinstance(names, list | tuple) or not names:
        raise ScenarioError("phases must be a list of names")
    if not all(isinstance(n, str) and n for n in names) or len(set(names)) != len(names):
        raise ScenarioError("phases must be distinct, non-empty texts")
    return tuple(names)


def _dead(name: str, rows: list[Mapping[str, Any]]) -> dict[str, float]:
    try:
        dead = {str(row["shop"]): float(row["days_before"]) for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise ScenarioError(f"scenario {name!r}: disconnected needs shop, days_before") from error
    if set(dead) - SHOP_CODES or not all(SHORTEST_BREAK_DAYS <= d <= 30 for d in dead.values()):
        raise ScenarioError(f"scenario {name!r}: disconnected: shop 1-4, days_before 0.5-30")
    if set(dead) == SHOP_CODES:
        raise ScenarioError(f"scenario {name!r}: at least one shop must stay connected")
    return dead


def _counts(name: str, table: object, known: tuple[str, ...]) -> dict[str, int]:
    if not isinstance(table, dict):
        raise ScenarioError(f"scenario {name!r}: cases must be a table of counts, got {table!r}")
    for key, count in table.items():
        if key not in known:
            allowed = ", ".join(known)
            raise ScenarioError(f"scenario {name!r}: unknown case {key!r}; allowed: {allowed}")
        most = MOST_BY_NAME.get(key, MOST_OF_ONE_PLANT)
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= most:
            raise ScenarioError(f"scenario {name!r}: {key} must be 0-{most}")
    return dict(table)
