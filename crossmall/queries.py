"""What is asked, as the exact text that is signed and sent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import quote_plus

from crossmall.endpoints import Endpoint
from crossmall.errors import ConfigurationError
from crossmall.types import CONDITION_AFTER, CONDITION_EQUALS, OrderQuery
from crossmall.values import JST

ParameterValue = str | Sequence[str]


def build_query(
    endpoint: Endpoint,
    account: str,
    parameters: Mapping[str, ParameterValue] | None = None,
    *,
    spelt: Mapping[str, str] | None = None,
) -> str:
    """The exact query text to sign and to send: ``account`` first, then the endpoint's own order.

    Values are form-encoded in UTF-8 with ``:`` left alone; names are untouched; several values
    repeat the name; empty ones are left out (crossmall-webapi 2.3). spelt: names on the wire where
    they differ from ours. Raises ConfigurationError for a parameter the endpoint does not have, or
    text that has no UTF-8 form.
    """
    given, wire_names = dict(parameters or {}), spelt or {}
    pairs: list[tuple[str, str]] = [("account", account)]
    for name in endpoint.parameters:
        value = given.pop(name, "")
        several = (value,) if isinstance(value, str) else tuple(value)
        pairs += [(wire_names.get(name, name), one) for one in several if one]
    if given:
        unknown = ", ".join(sorted(given))
        raise ConfigurationError(f"no such parameter: {unknown}", endpoint=endpoint.name)
    try:
        return "&".join(f"{name}={quote_plus(value, safe=':')}" for name, value in pairs)
    except UnicodeEncodeError:
        raise ConfigurationError(
            "a parameter holds half a character", endpoint=endpoint.name
        ) from None


def _day(value: date | None) -> str:
    return "" if value is None else f"{value.year:04}-{value.month:02}-{value.day:02}"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _moment(value: datetime | None, *, round_up: bool) -> str:
    """The instant in JST, cut to whole seconds downwards, or upwards for the end of a window."""
    if value is None:
        return ""
    try:
        local = value.astimezone(JST)
        if round_up and local.microsecond:
            local += timedelta(seconds=1)
    except OverflowError:
        raise ConfigurationError("a moment lies outside the calendar") from None
    return f"{_day(local)} {local.hour:02}:{local.minute:02}:{local.second:02}"


def order_parameters(query: OrderQuery, after: str | None = None) -> dict[str, str]:
    """The parameters of one ``get_order`` page; ``condition`` always travels with a number [S2].

    after: 管理番号 of the last row already seen; the filters stay the same on every page.
    Raises ConfigurationError when ``after`` is no number or the query names a single order.
    """
    number, condition = query.order_number, query.condition
    if after is not None:
        if query.is_single or not (after.isascii() and after.isdigit()):
            raise ConfigurationError(
                "a single order has no next page" if query.is_single else "after must be digits",
                endpoint="get_order",
            )
        number, condition = after, CONDITION_AFTER
    elif number is not None and condition is None:
        condition = CONDITION_EQUALS
    return {
        "order_number": number or "",
        "condition": _number(condition),
        "order_code": query.order_code or "",
        "order_date_fr": _day(query.order_date_from),
        "order_date_to": _day(query.order_date_to),
        "updated_at_fr": _moment(query.updated_from, round_up=False),
        "updated_at_to": _moment(query.updated_to, round_up=True),
        "phase_name": query.phase_name or "",
        "check_mark1": _number(query.check_mark1),
        "check_mark2": _number(query.check_mark2),
        "check_mark3": _number(query.check_mark3),
        "cancel_flag": _number(query.cancel_flag),
    }


def item_parameters(after: str | None = None) -> dict[str, str]:
    """The parameters of one ``get_item`` page over all items; the first has no item_code [S2]."""
    return {"item_code": after or "", "condition": _number(CONDITION_AFTER)}


def checked_number(order_number: str) -> str:
    """The 管理番号 as it will be sent; raises ConfigurationError unless it is digits."""
    if not (order_number.isascii() and order_number.isdigit()):
        raise ConfigurationError("order_number must be digits", reason="order_number")
    return order_number


def checked_text(name: str, value: str) -> str:
    """The value as it will be sent; raises ConfigurationError when it is empty."""
    if not value:
        raise ConfigurationError(f"{name} is empty", reason=name)
    return value


def stock_parameters(
    item_code: str | None,
    sku_code: str | None,
    jan_code: str | None,
    attribute_names: tuple[str | None, str | None] = (None, None),
) -> dict[str, str]:
    """The parameters of one ``get_stock``; exactly one code, attribute names only with item_code.

    Raises ConfigurationError otherwise: there is no way to list all stock [S2].
    """
    codes = {"item_code": item_code, "sku_code": sku_code, "jan_code": jan_code}
    if sum(bool(code) for code in codes.values()) != 1:
        raise ConfigurationError(
            "exactly one of item_code, sku_code and jan_code is needed", endpoint="get_stock"
        )
    if any(attribute_names) and not item_code:
        raise ConfigurationError("attribute names need an item_code", endpoint="get_stock")
    codes |= {"attribute1_name": attribute_names[0], "attribute2_name": attribute_names[1]}
    return {name: value for name, value in codes.items() if value}


def change_parameters(after: datetime) -> dict[str, str]:
    """The parameters of one page of a diff feed: strictly after this moment, whole seconds [S].

    Raises ConfigurationError when the moment carries no time zone.
    """
    if after.utcoffset() is None:
        raise ConfigurationError("the moment must carry its time zone", reason="updated_at_fr")
    return {
        "updated_at_fr": _moment(after, round_up=False),
        "condition": _number(CONDITION_AFTER),
    }


def attribute_parameters(item_code: str, attribute_type: int) -> dict[str, str]:
    """The parameters of one ``get_item_attribute``; attribute_type is 1 or 2 [S]."""
    if attribute_type not in (1, 2):
        raise ConfigurationError("attribute_type must be 1 or 2", reason="attribute_type")
    return {
        "item_code": checked_text("item_code", item_code),
        "attribute_type": _number(attribute_type),
    }


def day_text(value: date | None) -> str:
    """The day as every date parameter takes it, ``yyyy-mm-dd`` [S3]; empty for None."""
    return _day(value)
