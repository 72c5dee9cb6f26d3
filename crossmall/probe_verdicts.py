"""What the calls of a probe settle, question by question of crossmall-webapi 9, and what stays open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crossmall.endpoints import PAGE_SIZE
from crossmall.errors import AuthError
from crossmall.fields import is_personal
from crossmall.probe import Call, is_not_found, is_refused
from crossmall.provisional import TRIED

STOCK_NOT_FOUND: Final = "商品コードが見つかりません。"  # [S] exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to one question. no: row of crossmall-webapi 9. facts: counts and names only, no values.

    topic: short word for the question. says: a word for the answer, a colon, the answer in English.
    """

    no: int
    topic: str
    question: str
    answered: bool
    says: str
    facts: Mapping[str, int | str | list[str]] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The word for the answer alone; ``open`` when there is none."""
        return self.says.partition(":")[0]


def verdicts(calls: Sequence[Call]) -> tuple[Verdict, ...]:
    """One verdict per question that the probe asks, in the order of their numbers."""
    by_case = {(call.endpoint, call.case): call for call in calls}

    def orders(case: str) -> Call | None:
        return by_case.get(("get_order", case))

    judged = (
        _errors(by_case.get(("get_stock", "wrong-code")), by_case.get(("get_phase", "phases"))),
        _raw_text(orders("time-plain"), orders("time-encoded")),
        _order_of_parameters(orders("condition-last"), orders("condition-first")),
        _number_alone(orders("number-alone"), orders("number-equals"), orders("number-after")),
        _total(calls),
        _phase_field(by_case.get(("get_phase", "phases"))),
        *(_unconfirmed(name, by_case.get((name, "once"))) for name in TRIED),
        _transport(calls),
    )
    return tuple(sorted(judged, key=lambda one: one.no))


_TOPICS: Final = {
    "errors": (1, "error texts"),
    "raw_times": (2, "signature over the raw text: times with : and with %3A"),
    "raw_order": (2, "signature over the raw text: condition last and first"),
    "number_alone": (3, "order_number without condition"),
    "total": (4, "TotalResult: page or all matches"),
    "phase_field": (5, "field names of get_phase"),
    "get_diff_item_sku": (5, "get_diff_item_sku: parameters and fields"),
    "get_service_status": (5, "get_service_status: parameters and fields"),
    "get_item_attribute": (5, "get_item_attribute: parameters and fields"),
    "get_diff_stock": (6, "get_diff_stock: parameters and fields"),
    "transport": (20, "content type, compression, connection"),
}


def _verdict(topic: str, says: str, **facts: int | str | list[str]) -> Verdict:
    no, question = _TOPICS[topic]
    answered = not says.startswith("open")
    return Verdict(no=no, topic=topic, question=question, answered=answered, says=says, facts=facts)


def _errors(stock: Call | None, first: Call | None) -> Verdict:
    if first is not None and isinstance(first.error, AuthError):
        return _verdict("errors", "refused: the account was not let in")
    if stock is None or not is_refused(stock):
        return _verdict("errors", "open: no error was seen")
    exact = stock.error is not None and stock.error.vendor_text == STOCK_NOT_FOUND
    says = (
        "exact: the known text of get_stock" if exact else "other: another text than the known one"
    )
    return _verdict("errors", says, found_by_fragment=int(is_not_found(stock)))


def _raw_text(plain: Call | None, encoded: Call | None) -> Verdict:
    return _pair(
        "raw_times",
        (plain, encoded),
        both="raw: both spellings are accepted as sent",
        first="canonical: only the literal colon is accepted",
        second="canonical: only %3A is accepted",
    )


def _order_of_parameters(last: Call | None, first: Call | None) -> Verdict:
    return _pair(
        "raw_order",
        (last, first),
        both="raw: both orders are accepted as sent",
        first="fixed: only condition last is accepted",
        second="sorted: only condition first is accepted",
    )


def _pair(
    topic: str, calls: tuple[Call | None, Call | None], *, both: str, first: str, second: str
) -> Verdict:
    one, other = calls
    if one is None or other is None:
        return _verdict(topic, "open: not asked")
    if one.is_success and other.is_success:
        return _verdict(topic, both, rows=one.rows, rows_of_the_other=other.rows)
    if one.is_success and isinstance(other.error, AuthError):
        return _verdict(topic, first)
    if other.is_success and isinstance(one.error, AuthError):
        return _verdict(topic, second)
    return _verdict(topic, "open: neither outcome tells")


def _number_alone(alone: Call | None, equals: Call | None, after: Call | None) -> Verdict:
    if alone is None or equals is None or after is None:
        return _verdict("number_alone", "open: there was no order to ask for")
    if not (alone.is_success and equals.is_success and after.is_success):
        return _verdict("number_alone", "open: one of the three calls failed")
    facts = {"alone": alone.rows, "equals": equals.rows, "after": after.rows}
    if not after.numbers:
        return _verdict("number_alone", "open: nothing comes after that order", **facts)
    return _verdict("number_alone", _number_rule(alone, equals, after), **facts)


def _number_rule(alone: Call, equals: Call, after: Call) -> str:
    if alone.numbers == equals.numbers:
        return "equals: as condition=0"
    if alone.numbers == after.numbers:
        return "after: as condition=1"
    if alone.numbers == (equals.numbers + after.numbers)[:PAGE_SIZE]:
        return "from: this number and the ones after it"
    return "open: the rows fit no rule we know"


def _total(calls: Sequence[Call]) -> Verdict:
    full = [one for one in calls if one.is_success and one.rows == PAGE_SIZE]
    if not full:
        return _verdict("total", "open: no reply filled a page")
    told = {total_of(one) for one in full}
    if told == {PAGE_SIZE}:
        return _verdict("total", "page: a full page says its own length", full_pages=len(full))
    more = any(total is not None and total > PAGE_SIZE for total in told)
    says = "all: a full page says more than its length" if more else "open: it says neither"
    return _verdict("total", says, full_pages=len(full))


def total_of(call: Call) -> int | None:
    """TotalResult as the reply states it."""
    head = call.reply.body[:2000].decode("utf-8", "replace")
    _, _, rest = head.partition("TotalResult=")
    digits = rest[1:12].partition(rest[:1] or "'")[0]
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _phase_field(call: Call | None) -> Verdict:
    if call is None or not call.is_success or not call.rows:
        return _verdict("phase_field", "open: no row came")
    names = field_names(call)
    says = (
        "confirmed: phase_name" if "phase_name" in names else "other: phase_name is not among them"
    )
    return _verdict("phase_field", says, fields=names, rows=call.rows)


def _unconfirmed(name: str, call: Call | None) -> Verdict:
    if call is None:
        return _verdict(name, "open: not asked")
    if call.reply.status == 404:
        return _verdict(name, "absent: not offered")
    if is_refused(call):
        return _verdict(name, "refused: it answers with an error to these parameters")
    if not call.is_success:
        return _verdict(name, "open: no readable answer")
    if not call.rows:
        return _verdict(name, "open: accepted, but no row came")
    return _verdict(name, "answers: rows came", rows=call.rows, fields=field_names(call))


def field_names(call: Call) -> list[str]:
    """Names of the fields of the first row; those of people are counted as one."""
    rows = [row for row in (call.envelope.rows if call.envelope else ()) if isinstance(row, dict)]
    names = list(rows[0]) if rows else []
    return [name for name in names if not is_personal(name)]


def _transport(calls: Sequence[Call]) -> Verdict:
    replies = [one.reply for one in calls if one.reply.status is not None]
    if not replies:
        return _verdict("transport", "open: nothing answered")

    def seen(name: str) -> list[str]:
        return sorted({one.headers.get(name, "none") for one in replies})

    return _verdict(
        "transport",
        "seen: as listed",
        content_type=seen("content-type"),
        content_encoding=seen("content-encoding"),
        connection=seen("connection"),
    )
