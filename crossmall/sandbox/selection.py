"""Which orders a ``get_order`` query selects: cursor, dates, phase, marks; all joined by AND."""

from collections.abc import Callable

from crossmall.sandbox.clock import jst_midnight
from crossmall.sandbox.query import Query
from crossmall.sandbox.rows import source_type
from crossmall.sandbox.schedule import Order, State
from crossmall.sandbox.world import World

Test = Callable[[Order, State], bool]
KNOWN_PARAMETERS = frozenset(
    {
        "account", "signing", "order_number", "condition", "order_code", "order_date_fr",
        "order_date_to", "updated_at_fr", "updated_at_to", "created_at_fr", "created_at_to",
        "delivery_date", "delivery_date_fr", "delivery_date_to", "phase_name", "check_mark1",
        "check_mark2", "check_mark3", "cancel_flag", "creating_source_type[]", "shop_code",
    }
)  # fmt: skip


def matching_orders(world: World, query: Query, at: int, most: int) -> list[Order]:
    """The first ``most`` orders that match, ascending by 管理番号.

    Raises RefusedError for malformed values.
    """
    count = world.look(at)
    first, stop = _window(world, query, count)
    span = query.span("updated_at")
    places = world.changed_within(*span, range(first, stop)) if span else range(first, stop)
    tests = _tests(query)
    found: list[Order] = []
    for index in places:
        order, state = world.orders[index], world.state(index)
        if at < order.gone_at and all(test(order, state) for test in tests):
            found.append(order)
            if len(found) == most:
                break
    return found


def _window(world: World, query: Query, count: int) -> tuple[int, int]:
    """Positions the cursor leaves: equal, above, or (without ``condition``) at or above [D]."""
    number = query.number("order_number")
    condition = query.flag("condition")
    if number is None:
        return 0, count
    if condition == "1":
        return world.first_above(number, inclusive=False), count
    first = world.first_above(number, inclusive=True)
    if condition == "0":
        return first, min(count, world.first_above(number, inclusive=False))
    return first, count


def _tests(query: Query) -> list[Test]:
    tests = [test for test in (_dated(query), _created(query)) if test]
    tests += _shipped(query)
    tests += _exact(query)
    if sources := query.values.get("creating_source_type[]"):
        tests.append(lambda order, _: source_type(order) in sources)
    return tests


def _dated(query: Query) -> Test | None:
    """注文日 counts by whole days at both ends [S3]."""
    span = query.span("order_date")
    if span is None:
        return None
    first, last = jst_midnight(span[0]), span[1]
    return lambda order, _: first <= order.ordered_at <= last


def _created(query: Query) -> Test | None:
    span = query.span("created_at")
    if span is None:
        return None
    first, last = span
    return lambda order, _: first <= order.created_at <= last


def _shipped(query: Query) -> list[Test]:
    tests: list[Test] = []
    if exact := query.date("delivery_date"):
        tests.append(lambda _, state: state.delivery_date == exact)
    if first := query.date("delivery_date_fr"):
        tests.append(lambda _, state: state.delivery_date >= first)
    if last := query.date("delivery_date_to"):
        tests.append(lambda _, state: "" < state.delivery_date <= last)
    return tests


def _exact(query: Query) -> list[Test]:
    tests: list[Test] = []
    if phase := query.text("phase_name"):
        tests.append(lambda _, state: state.phase_name == phase)
    if code := query.text("order_code"):
        tests.append(lambda order, _: order.code == code)
    if shop := query.text("shop_code"):
        tests.append(lambda order, _: order.shop == shop)
    if flag := query.flag("cancel_flag", ("0", "1", "2")):
        cancelled = int(flag)
        tests.append(lambda _, state: state.cancel_flag == cancelled)
    tests += [_marked(name, mark) for name in _MARKS if (mark := query.flag(name))]
    return tests


_MARKS = ("check_mark1", "check_mark2", "check_mark3")


def _marked(name: str, wanted: str) -> Test:
    return lambda _, state: state.marks.get(name, "0") == wanted
