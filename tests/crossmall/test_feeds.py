"""Calls whose names are partly guessed: what they read, how they page, and when they stay off."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crossmall import endpoints, errors, provisional
from crossmall.client import Client
from crossmall.paging import STEP_BACK
from crossmall.provisional import Names
from crossmall.types import Credentials, Secret
from crossmall.values import JST

Envelope = Callable[..., bytes]
START = datetime(2026, 11, 20, 9, 0, 0, tzinfo=JST)
REAL = "https://crossmall.jp/webapi2"


def stamp(second: float) -> str:
    return (START + timedelta(seconds=second)).strftime("%Y/%m/%d %H:%M:%S")


def stock_row(sku: int, second: float, pieces: int = 1) -> dict[str, str]:
    return {"item_cd": f"sku-{sku}", "stock": str(pieces), "updated_at": stamp(second)}


def feed(
    desk: Any, envelope: Envelope, rows: Sequence[dict[str, str]]
) -> Callable[[httpx.Request], httpx.Response]:
    """A server that answers as the note says: strictly after, oldest first, a hundred a call."""

    def answer(request: httpx.Request) -> httpx.Response:
        desk.requests.append(request)
        assert request.url.params["condition"] == "1"
        after = request.url.params["updated_at_fr"].replace("-", "/")
        later = sorted(
            (row for row in rows if row["updated_at"] > after), key=lambda row: row["updated_at"]
        )
        return httpx.Response(200, content=envelope(*later[:100]))

    return answer


def read_feed(desk: Any, envelope: Envelope, rows: Sequence[dict[str, str]]) -> list[Any]:
    transport = httpx.MockTransport(feed(desk, envelope, rows))
    with desk.client(transport=transport) as client:
        return list(client.stock_changes(START))


def test_changes_come_once_each_and_begin_a_little_before_the_moment(
    desk: Any, envelope: Envelope
) -> None:
    rows = [stock_row(1, -3), stock_row(2, 0), stock_row(3, 10, -4)]
    (page,) = read_feed(desk, envelope, rows)
    assert [row.stock.item_code for row in page.rows] == ["sku-1", "sku-2", "sku-3"]
    assert page.rows[2].stock.stock == -4
    assert page.rows[2].updated_at == datetime(2026, 11, 20, 0, 0, 10, tzinfo=UTC)
    (request,) = desk.requests
    assert request.url.query.startswith(
        b"account=ill&updated_at_fr=2026-11-20+08:59:55&condition=1&signing="
    )


def test_rows_that_share_the_second_of_a_page_break_are_not_lost(
    desk: Any, envelope: Envelope
) -> None:
    rows = [stock_row(n, n // 7) for n in range(450)]
    pages = read_feed(desk, envelope, rows)
    got = [row.stock.item_code for page in pages for row in page.rows]
    assert sorted(got) == sorted(f"sku-{n}" for n in range(450))
    assert len(pages) > 4
    asked = [request.url.params["updated_at_fr"] for request in desk.requests]
    assert asked == sorted(asked)


def test_a_sku_that_changed_again_comes_again_and_an_unchanged_one_does_not(
    desk: Any, envelope: Envelope
) -> None:
    rows = [stock_row(n, n) for n in range(100)] + [stock_row(99, 101, 7)]
    first, second = read_feed(desk, envelope, rows)
    assert len(first.rows) == 100
    assert second.raw_count > 1
    assert [(row.stock.item_code, row.stock.stock) for row in second.rows] == [("sku-99", 7)]


def test_a_busy_few_seconds_that_fill_a_page_are_still_read_whole(
    desk: Any, envelope: Envelope
) -> None:
    rows = [stock_row(n, n // 60) for n in range(300)]  # 60 a second: 5 seconds hold 300
    pages = read_feed(desk, envelope, rows)
    assert len({row.stock.item_code for page in pages for row in page.rows}) == 300


@pytest.mark.parametrize("block", [100, 101, 250])
def test_a_second_that_fills_a_page_is_an_error_and_no_endless_loop(
    desk: Any, envelope: Envelope, block: int
) -> None:
    rows = [stock_row(n, 0) for n in range(30)] + [stock_row(100 + n, 60) for n in range(block)]
    with pytest.raises(errors.UnreadableResponse, match="same second") as caught:
        read_feed(desk, envelope, rows)
    assert (caught.value.reason, caught.value.endpoint) == ("paging", "get_diff_stock")
    assert len(desk.requests) <= 4


def test_ninety_nine_changes_in_one_second_are_read(desk: Any, envelope: Envelope) -> None:
    rows = [stock_row(n, 0) for n in range(99)] + [stock_row(200 + n, 60) for n in range(99)]
    pages = read_feed(desk, envelope, rows)
    assert sum(len(page.rows) for page in pages) == 198


def test_a_full_page_out_of_order_or_without_times_is_an_error(
    desk: Any, envelope: Envelope
) -> None:
    turned = [stock_row(n, 100 - n) for n in range(100)]
    timeless = [{"item_cd": f"sku-{n}", "stock": "1"} for n in range(100)]
    for rows, message in ((turned, "ascending"), (timeless, "no row")):
        desk.answers = [httpx.Response(200, content=envelope(*rows))]
        with desk.client() as client, pytest.raises(errors.UnreadableResponse, match=message):
            list(client.stock_changes(START))


def test_a_change_without_its_time_is_set_aside(desk: Any, envelope: Envelope) -> None:
    rows = [stock_row(1, 0), {"item_cd": "sku-2", "stock": "1", "updated_at": ""}]
    desk.answers = [httpx.Response(200, content=envelope(*rows))]
    with desk.client() as client:
        (page,) = client.stock_changes(START)
    assert [row.reason for row in page.skipped] == ["updated_at: missing"]


def test_a_moment_without_its_time_zone_is_refused_before_sending(desk: Any) -> None:
    with desk.client() as client, pytest.raises(errors.ConfigurationError, match="time zone"):
        client.stock_changes(START.replace(tzinfo=None))
    assert desk.requests == []


def test_changed_skus_are_read_with_their_master_data(desk: Any, envelope: Envelope) -> None:
    row = {"item_code": "a", "item_sku_code": "a-1", "jan_code": "", "keep_stock": "2"}
    desk.answers = [httpx.Response(200, content=envelope(row | {"updated_at": stamp(1)}))]
    with desk.client() as client:
        (page,) = client.sku_changes(START)
    (change,) = page.rows
    assert (change.item_sku.sku_code, change.item_sku.jan_code, change.item_sku.keep_stock) == (
        "a-1",
        None,
        2,
    )
    assert change.sku == ("a", None, None, None, None, "a-1")


def test_attribute_values_need_only_their_name(desk: Any, envelope: Envelope) -> None:
    rows = [{"attribute_name": "ホワイト", "attribute_code": "WH"}, {"attribute_name": "黒"}]
    desk.answers = [httpx.Response(200, content=envelope(*rows))]
    with desk.client() as client:
        page = client.item_attributes("item-1", 2)
        with pytest.raises(errors.ConfigurationError):
            client.item_attributes("item-1", 3)
    assert [(row.name, row.code) for row in page.rows] == [("ホワイト", "WH"), ("黒", None)]
    (request,) = desk.requests
    assert b"item_code=item-1&attribute_type=2" in request.url.query


def test_the_state_of_a_service_is_told_only_where_its_code_is_known(
    desk: Any, envelope: Envelope
) -> None:
    rows = [
        {"service_type": str(kind), "service_status": state}
        for kind, state in ((1, "3"), (2, "0"), (2, "1"))
    ]
    desk.answers = [httpx.Response(200, content=envelope(*rows))]
    with desk.client() as client:
        page = client.service_statuses()
    assert [row.is_started for row in page.rows] == [True, False, None]


OFF: dict[str, Callable[[Client], object]] = {
    "get_diff_stock": lambda client: client.stock_changes(START),
    "get_diff_item_sku": lambda client: client.sku_changes(START),
    "get_service_status": lambda client: client.service_statuses(),
}


def real(seen: list[httpx.Request] | None = None, confirmed: Sequence[str] = ()) -> Client:
    """A client of the real host whose server only fails."""
    requests = [] if seen is None else seen

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(500)

    return Client(
        Credentials(company_code="ill", key=Secret("k"), base_url=REAL),
        transport=httpx.MockTransport(answer),
        retries=0,
        sleep=lambda _: None,
        confirmed=confirmed,
    )


@pytest.mark.parametrize("name", OFF)
def test_an_unconfirmed_call_stays_off_against_a_real_host_until_it_is_named(name: str) -> None:
    seen: list[httpx.Request] = []
    with real(seen=seen) as client:
        assert not client.is_confirmed(name)
        with pytest.raises(errors.ConfigurationError) as caught:
            OFF[name](client)
    assert caught.value.reason == "unconfirmed"
    assert provisional.UNCONFIRMED[name] in str(caught.value)
    assert seen == []
    with real(seen=seen, confirmed=[name]) as client:
        assert client.is_confirmed(name)
        with pytest.raises(errors.TransportError):
            list(OFF[name](client))  # type: ignore[call-overload]
    assert len(seen) == 1


def test_calls_whose_names_are_seen_need_no_confirmation() -> None:
    with real() as client:
        on = {name for name in endpoints.ENDPOINTS if client.is_confirmed(name)}
    assert endpoints.ENDPOINTS.keys() - on == provisional.UNCONFIRMED.keys()
    assert {"get_order", "get_phase", "upd_order_phase", "upd_order_check_mark"} <= on


@pytest.mark.parametrize("name", endpoints.NOT_IMPLEMENTED)
def test_what_is_not_offered_says_why(name: str) -> None:
    with real() as client, pytest.raises(errors.ConfigurationError) as caught:
        client.is_confirmed(name)
    assert endpoints.NOT_IMPLEMENTED[name] in str(caught.value)
    with pytest.raises(errors.ConfigurationError, match="not offered"):
        real(confirmed=[name])
    assert not hasattr(Client, name)


def test_a_call_nobody_knows_cannot_be_confirmed() -> None:
    with pytest.raises(errors.ConfigurationError, match="no such endpoint"):
        real(confirmed=["get_everything"])


def test_every_unconfirmed_call_and_every_guess_belongs_to_an_endpoint_with_its_mark() -> None:
    assert provisional.UNCONFIRMED.keys() <= provisional.GUESSED.keys()
    assert provisional.GUESSED.keys() <= endpoints.ENDPOINTS.keys()
    for name, guesses in provisional.GUESSED.items():
        assert set(guesses.values()) <= {"M", "I", "D"}
        assert endpoints.ENDPOINTS[name].evidence in {"I", "D"}


def test_a_true_spelling_is_read_and_sent_in_place_of_the_guess(
    desk: Any, envelope: Envelope
) -> None:
    names = Names(
        {
            "get_phase": {"phase_name": "phase"},
            "get_diff_stock": {"updated_at": "changed_at", "item_cd": "item_code"},
        }
    )
    row = {"item_code": "a", "stock": "1", "changed_at": stamp(0), "updated_at": "never"}
    desk.answers = [
        httpx.Response(200, content=envelope({"phase": "完了", "phase_name": "x"})),
        httpx.Response(200, content=envelope(row)),
    ]
    with desk.client(names=names) as client:
        assert [phase.name for phase in client.phases()] == ["完了"]
        (page,) = client.stock_changes(START)
    assert page.rows[0].stock.item_code == "a"
    assert page.rows[0].updated_at == START


@pytest.mark.parametrize(
    "spelt",
    [
        {"get_order": {"order_number": "x"}},
        {"get_phase": {"phase": "x"}},
        {"get_phase": {"phase_name": ""}},
        {"get_phase": {"phase_name": "a&b"}},
        {"get_phase": {"phase_name": "名前"}},
        {"upd_stock": {"stock": "update_type"}},
        {"upd_stock": {"stock": "n", "update_type": "n"}},
    ],
)
def test_a_spelling_that_cannot_be_right_is_refused(spelt: dict[str, dict[str, str]]) -> None:
    with pytest.raises(errors.ConfigurationError):
        Names(spelt)


def test_the_step_back_is_longer_than_a_second() -> None:
    assert timedelta(seconds=1) < STEP_BACK < timedelta(minutes=1)
