"""Orders a person wrote into a scenario file: read, checked, and dated from the epoch.

Every complaint is one line that names the file, the key and what is allowed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from crossmall.sandbox.catalogue import Catalogue, Sku, make_catalogue
from crossmall.sandbox.clock import DAY_S, HOUR_S, instant, iso
from crossmall.sandbox.schedule import Line, Value

ORDER_KEYS = ("name", "shop", "items", "arrived", "bundled_into", "smartship", "event")
EVENT_KEYS = ("at", "phase", "hold", "cancel", "tracking", "lines")
ITEM_KEYS = ("item", "option", "sku", "amount", "unit_price", "note")
SHOP_CODES = ("1", "2", "3", "4")
COLLECTS, MISSES, SHIPS_AT = "collects", "misses", "ships at "
EARLIEST_S, LATEST_S = -30 * DAY_S, 365 * DAY_S
MOST_PIECES, MOST_YEN = 99_999, 99_999_999
ITEM_FORM = '"CODE / option xN"'
TIME_FORM = 'an offset from the epoch such as "-2h30m" or "+1d", or ISO 8601'
_OFFSET = re.compile(r"([+-]?)(?=.)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?|0")
_ITEM = re.compile(r"(?P<code>[^/]+?)(?:\s*/\s*(?P<option>.+?))?(?:\s+x(?P<amount>\d+))?")


class WrittenError(ValueError):
    """An order of a scenario file cannot be; one line with file, key and what is allowed."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant of its own, or seconds from the epoch."""

    seconds: int
    relative: bool

    def at(self, epoch: int) -> int:
        """Seconds since 1970 UTC."""
        return epoch + self.seconds if self.relative else self.seconds


@dataclass(frozen=True, slots=True)
class WrittenEvent:
    """Something staff do: values that change, or other lines."""

    at: Moment
    changes: tuple[tuple[str, Value], ...]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOrder:
    """One ``[[order]]``. parent: name of the order it is bundled into; ships: when, if said."""

    name: str
    shop: str
    lines: tuple[Line, ...]
    arrived: Moment
    events: tuple[WrittenEvent, ...] = ()
    parent: str = ""
    smartship: str = COLLECTS
    ships: Moment | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which file we are, for complaints."""

    file: str
    path: str

    def key(self, name: str) -> "_Place":
        return _Place(self.file, f"{self.path}.{name}" if self.path else name)

    def wrong(self, allowed: str, got: object) -> WrittenError:
        return WrittenError(f"scenario {self.file!r}: {self.path}: must be {allowed}, got {got!r}")

    def known(self, table: Mapping[str, Any], keys: Sequence[str]) -> None:
        if unknown := sorted(set(table) - set(keys)):
            raise WrittenError(
                f"scenario {self.file!r}: {self.key(unknown[0]).path}: unknown key; "
                f"allowed: {', '.join(keys)}"
            )


@cache
def goods() -> Catalogue:
    """The shop's goods; codes, options and prices are the same for every seed."""
    return make_catalogue(0, 1.0)


def written_orders(file: str, rows: object) -> tuple[WrittenOrder, ...]:
    """The orders of a parsed ``[[order]]`` list; raises WrittenError."""
    place = _Place(file, "order")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise place.wrong("[[order]] tables", rows)
    made = tuple(_order(_Place(file, f"order[{n}]"), row) for n, row in enumerate(rows, start=1))
    named = {one.name: one for one in made if one.name}
    for n, one in enumerate(made, start=1):
        here = _Place(file, f"order[{n}]")
        if one.name and named[one.name] is not one:
            raise here.key("name").wrong("a name used once", one.name)
        if one.parent:
            _check_bundle(here.key("bundled_into"), one, named.get(one.parent))
    return made


def _check_bundle(place: _Place, one: WrittenOrder, parent: WrittenOrder | None) -> None:
    if parent is None or parent.parent or parent is one:
        raise place.wrong("the name of an unbundled order", one.parent)
    if parent.shop != one.shop:
        raise place.wrong(f"an order of shop {one.shop}", one.parent)
    if one.events or one.ships or one.smartship != COLLECTS:
        raise place.wrong("without event and smartship: it goes where its parent goes", one.parent)
    both = (parent.arrived, one.arrived)
    dated = all(moment.relative and moment.seconds <= 0 for moment in both)
    if not dated or parent.arrived.seconds >= one.arrived.seconds:
        raise place.wrong("an order that arrived earlier, both by offsets up to 0", one.parent)


def check_dates(file: str, orders: Sequence[WrittenOrder], epoch: int) -> None:
    """Raises WrittenError for an order outside the shop's time, or an event before its arrival."""
    for n, one in enumerate(orders, start=1):
        here = _Place(file, f"order[{n}]")
        arrived = one.arrived.at(epoch)
        if not epoch + EARLIEST_S <= arrived <= epoch + LATEST_S:
            raise here.key("arrived").wrong("30 days before to 365 after the epoch", iso(arrived))
        for place, event in enumerate(one.events, start=1):
            if event.at.at(epoch) < arrived:
                early = iso(event.at.at(epoch))
                raise here.key(f"event[{place}].at").wrong(f"after arrived, {iso(arrived)}", early)
        if one.ships is not None and one.ships.at(epoch) < arrived + HOUR_S:
            early = iso(one.ships.at(epoch))
            raise here.key("smartship").wrong("at least an hour after arrived", early)


def _order(place: _Place, row: Mapping[str, Any]) -> WrittenOrder:
    place.known(row, ORDER_KEYS)
    shop = str(row.get("shop", ""))
    if shop not in SHOP_CODES:
        raise place.key("shop").wrong('"1" to "4"', row.get("shop"))
    events = row.get("event", [])
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise place.key("event").wrong("[[order.event]] tables", events)
    way, ships = _smartship(place.key("smartship"), row.get("smartship", COLLECTS))
    return WrittenOrder(
        name=_text(place.key("name"), row.get("name", "")),
        shop=shop,
        lines=_lines(place.key("items"), row.get("items")),
        arrived=_moment(place.key("arrived"), row.get("arrived")),
        events=tuple(
            _event(place.key(f"event[{n}]"), event) for n, event in enumerate(events, start=1)
        ),
        parent=_text(place.key("bundled_into"), row.get("bundled_into", "")),
        smartship=way,
        ships=ships,
    )


def _text(place: _Place, value: object) -> str:
    if not isinstance(value, str):
        raise place.wrong("a text", value)
    return value


def _smartship(place: _Place, value: object) -> tuple[str, Moment | None]:
    if isinstance(value, str) and value.startswith(SHIPS_AT):
        return SHIPS_AT.strip(), _moment(place, value.removeprefix(SHIPS_AT))
    if value not in (COLLECTS, MISSES):
        raise place.wrong(f'"{COLLECTS}", "{MISSES}" or "{SHIPS_AT}-1h"', value)
    return str(value), None


def _moment(place: _Place, value: object) -> Moment:
    text = value.isoformat() if hasattr(value, "isoformat") else value  # a TOML date is fine too
    if not isinstance(text, str):
        raise place.wrong(TIME_FORM, value)
    if found := _OFFSET.fullmatch(text):
        sign = -1 if found[1] == "-" else 1
        days, hours, minutes, seconds = (int(found[n] or 0) for n in range(2, 6))
        offset = sign * (days * DAY_S + hours * HOUR_S + minutes * 60 + seconds)
        if not EARLIEST_S <= offset <= LATEST_S:
            raise place.wrong('between "-30d" and "+365d"', text)
        return Moment(offset, relative=True)
    try:
        return Moment(instant(text), relative=False)
    except ValueError:
        raise place.wrong(TIME_FORM, text) from None


def _event(place: _Place, row: Mapping[str, Any]) -> WrittenEvent:
    place.known(row, EVENT_KEYS)
    at = _moment(place.key("at"), row.get("at"))
    changes: list[tuple[str, Value]] = []
    for name, field in (("phase", "phase_name"), ("tracking", "delivery_number")):
        if name in row:
            text = _text(place.key(name), row[name])
            if name == "phase" and not text:
                raise place.key(name).wrong("a phase name", text)
            changes.append((field, text))
    for name, flag in (("hold", 1), ("cancel", 2)):
        if name in row:
            if not isinstance(row[name], bool):
                raise place.key(name).wrong("true or false", row[name])
            changes.append(("cancel_flag", flag if row[name] else 0))
    lines = _lines(place.key("lines"), row["lines"]) if "lines" in row else ()
    if not changes and not lines:
        raise place.wrong(f"a table with any of {', '.join(EVENT_KEYS[1:])}", dict(row))
    return WrittenEvent(at, tuple(changes), lines)


def _lines(place: _Place, value: object) -> tuple[Line, ...]:
    if not isinstance(value, list) or not value:
        raise place.wrong(f"a list of {ITEM_FORM} or tables", value)
    return tuple(_line(place, n, one) for n, one in enumerate(value, start=1))


def _line(place: _Place, number: int, one: object) -> Line:
    here = _Place(place.file, f"{place.path}[{number}]")
    if isinstance(one, str):
        found = _ITEM.fullmatch(one.strip())
        table: dict[str, Any] = {}
        if found:
            table = {"item": found["code"], "option": found["option"] or ""}
            table["amount"] = int(found["amount"] or 1)
    elif isinstance(one, dict):
        table = one
    else:
        raise here.wrong(f"{ITEM_FORM} or a table", one)
    here.known(table, ITEM_KEYS)
    sku = _sku(here, table, one)
    price = goods().item_of(sku).unit_price
    amount = _whole(here.key("amount"), table.get("amount", 1), 1, MOST_PIECES)
    unit_price = _whole(here.key("unit_price"), table.get("unit_price", price), 0, MOST_YEN)
    return Line(sku.index, amount, unit_price, _text(here.key("note"), table.get("note", "")))


def _whole(place: _Place, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise place.wrong(f"{low}-{high}", value)
    return value


def _sku(place: _Place, table: Mapping[str, Any], given: object) -> Sku:
    catalogue = goods()
    if code := table.get("sku"):
        found = [sku for sku in catalogue.skus if sku.code == code]
        if not found:
            raise place.key("sku").wrong("a SKU code such as AP-0001-WH-S", code)
        return found[0]
    item = catalogue.item_by_code(str(table.get("item", "")))
    if item is None:
        codes = f"{catalogue.items[0].code} ... {catalogue.items[-1].code}"
        raise place.wrong(f"{ITEM_FORM} with an item code out of {codes}", given)
    options = {option_of(sku): sku for sku in catalogue.skus_of(item)}
    option = str(table.get("option", ""))
    if option not in options:
        allowed = " | ".join(options) if any(options) else "no option"
        raise place.wrong(f"an option out of: {allowed}", given)
    return options[option]


def option_of(sku: Sku) -> str:
    """The option as scenario files write it: attribute values joined by a comma."""
    return ",".join(name for _, name in (sku.attribute1, sku.attribute2) if name)
