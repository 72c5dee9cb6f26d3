"""Orders as dated facts: what is fixed, what happens when, and the state those facts add up to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crossmall.sandbox.clock import day
from crossmall.sandbox.phases import FIRST, SHIPPED

Value = str | int
NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Event:
    """One dated change of an order in CROSS MALL.

    by: mall, staff, 3pl or api. needs_phase: the change fails silently unless the account has a
    phase of exactly this name at that moment [S]; it also fails for cancelled orders [D].
    """

    at: int
    by: str
    changes: tuple[tuple[str, Value], ...]
    needs_phase: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One order line: SKU index, pieces and the price of one piece in yen."""

    sku: int
    amount: int
    unit_price: int
    option: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """One row group at the 3PL under one QSP number.

    steps: (instant, status) in time order. tracking: (instant, number) in time order, the last
    one before a moment counts. parts: (line_no, pieces) when it holds less than the order.
    """

    number: str
    by: str
    courier: str
    steps: tuple[tuple[int, str], ...]
    tracking: tuple[tuple[int, str], ...]
    parts: tuple[tuple[int, int], ...] = ()

    @property
    def registered_at(self) -> int:
        """When the row came into being, by pull or by hand."""
        return self.steps[0][0]

    def status(self, at: int) -> str:
        """The status word at that moment, empty before registration."""
        return next((word for when, word in reversed(self.steps) if when <= at), "")

    def when(self, word: str, at: int) -> int | None:
        """The instant this status was reached, None if not yet."""
        return next((when for when, step in self.steps if step == word and when <= at), None)

    def tracking_number(self, at: int) -> str:
        """The tracking number the 3PL shows at that moment, empty if none."""
        return next((text for when, text in reversed(self.tracking) if when <= at), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Everything about one order that does not depend on the time of asking.

    index: position among all orders, ascending with created_at. planted: name of the planted
    case or empty. companion: the buyer's number seed, shared by a bundle. parent: index of the
    bundle parent. variants: other line lists, the n-th in force while ``State.lines_no`` is n.
    gone_at: when staff deleted the slip.
    """

    index: int
    number: str
    shop: str
    code: str
    ordered_at: int
    created_at: int
    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    packings: tuple[Packing, ...] = ()
    planted: str = ""
    buyer: int = 0
    parent: int | None = None
    variants: tuple[tuple[Line, ...], ...] = ()
    gone_at: int = NEVER

    def lines_in(self, state: "State") -> tuple[Line, ...]:
        """The lines in force in this state."""
        return self.variants[state.lines_no - 1] if state.lines_no else self.lines


@dataclass(slots=True)
class State:
    """What CROSS MALL shows of an order at one moment."""

    updated_at: int
    phase_name: str = FIRST
    cancel_flag: int = 0
    bundle_flag: int = 0
    bundle_ahead_number: str = ""
    delivery_number: str = ""
    delivery_date: str = ""
    delivery_name: str | None = None
    delivery_time_name: str | None = None
    short_memo: str = ""
    lines_no: int = 0
    marks: dict[str, str] = field(default_factory=dict)

    def apply(self, changes: Sequence[tuple[str, Value]]) -> None:
        """Takes over each named value; ``check_mark1..3`` go to the marks."""
        for name, value in changes:
            if name.startswith("check_mark"):
                self.marks[name] = str(value)
            else:
                setattr(self, name, value)


def state_at(order: Order, at: int, phases_at: Callable[[int], Sequence[str]]) -> State:
    """The order's state at that moment: its events up to then, in order."""
    state = State(updated_at=order.created_at)
    for event in order.events:
        if event.at > at:
            break
        if takes_effect(event, state, phases_at):
            state.apply(event.changes)
            state.updated_at = event.at
    return state


def takes_effect(event: Event, state: State, phases_at: Callable[[int], Sequence[str]]) -> bool:
    """False for a write-back that CROSS MALL refuses: no such phase, or a cancelled order."""
    if not event.needs_phase:
        return True
    return state.cancel_flag != 2 and event.needs_phase in phases_at(event.at)


class Course:
    """Collects one order's events and 3PL rows in any order; ``events()`` sorts them."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self.packings: list[Packing] = []

    def change(self, at: int, by: str, **changes: Value) -> None:
        """Something in CROSS MALL changes at that moment."""
        self._events.append(Event(at, by, tuple(changes.items())))

    def repeat(self, event: Event) -> None:
        """The same change as another order's event."""
        self._events.append(event)

    def move(self, at: int, phase: str, by: str = "staff") -> None:
        """The order moves to a phase."""
        self.change(at, by, phase_name=phase)

    def write_back(self, at: int, shipped_at: int, packing: Packing) -> None:
        """The 3PL reports a shipment: phase, tracking, date and carrier."""
        changes: Mapping[str, Value] = {
            "phase_name": SHIPPED,
            "delivery_number": packing.tracking[0][1].replace("-", "").replace(" ", ""),
            "delivery_date": day(shipped_at),
            "delivery_name": packing.courier,
        }
        self._events.append(Event(at, "3pl", tuple(changes.items()), needs_phase=SHIPPED))

    def events(self) -> tuple[Event, ...]:
        """All events in time order."""
        return tuple(sorted(self._events, key=lambda event: event.at))
