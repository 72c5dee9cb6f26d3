"""The exact text that is signed and sent."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from crossmall.endpoints import GET_ITEM, GET_ORDER, GET_ORDER_DETAIL, GET_STOCK
from crossmall.errors import ConfigurationError
from crossmall.queries import item_parameters, order_parameters, stock_parameters
from crossmall.signing import sign, signed_query
from crossmall.types import OrderQuery, Secret
from crossmall.wire import build_query

DOCUMENTATION_KEY = Secret("mXCTpnoA")
PUBLISHED_QUERY = "account=ill&item_code=090115-z-01&attribute1_name=S&attribute2_name=Black"
PUBLISHED_SIGNING = "db075c0464bd9cd150a1b60e397d8fb4"


def test_the_published_vector_is_reproduced_from_its_parameters() -> None:
    query = build_query(
        GET_STOCK,
        "ill",
        {"attribute2_name": "Black", "item_code": "090115-z-01", "attribute1_name": "S"},
    )
    assert query == PUBLISHED_QUERY
    assert signed_query(query, DOCUMENTATION_KEY) == f"{query}&signing={PUBLISHED_SIGNING}"


@pytest.mark.parametrize(
    ("query", "signing"),
    [
        (
            "account=ill&phase_name=%E7%99%BA%E9%80%81%E5%BE%85%E3%81%A1",
            "07981a072dcf9972e20ccb30c326b8cf",
        ),
        ("account=ill&updated_at_fr=2024-05-29+13:00:00", "b030ace47910fbb3355c0ce3da598bc9"),
        (
            "account=ill&condition=1&creating_source_type[]=99"
            "&order_date_fr=2024-05-29&order_date_to=2024-05-29",
            "ab636051ddcb694354caf1e2a027a553",
        ),
        (
            "account=ill&order_date_fr=2024-05-29&order_date_to=2024-05-29&condition=1",
            "4d4118a9b4dffc20f4d051e5c59027e0",
        ),
        (
            "account=ill&order_number=00001234&after_phase_name=%E5%AE%8C%E4%BA%86"
            "&delivery_date=2024-05-29&delivery_date_update=1",
            "03472980f26057a6d41458f39fb92c7d",
        ),
    ],
)
def test_each_further_vector_is_reproduced(query: str, signing: str) -> None:
    assert sign(query, DOCUMENTATION_KEY) == signing


def test_the_same_parameters_in_another_order_do_not_carry_the_signature() -> None:
    other_order = (
        "account=ill&creating_source_type[]=99&condition=1"
        "&order_date_fr=2024-05-29&order_date_to=2024-05-29"
    )
    assert sign(other_order, DOCUMENTATION_KEY) != "ab636051ddcb694354caf1e2a027a553"


def test_another_key_gives_another_signature() -> None:
    assert sign(PUBLISHED_QUERY, Secret("mXCTpnoB")) != PUBLISHED_SIGNING


def test_a_phase_name_is_sent_as_upper_case_utf8_hex() -> None:
    query = build_query(GET_ORDER, "ill", order_parameters(OrderQuery(phase_name="発送待ち")))
    assert query == "account=ill&phase_name=%E7%99%BA%E9%80%81%E5%BE%85%E3%81%A1"


def test_a_moment_is_sent_in_japan_time_with_a_plus_and_bare_colons() -> None:
    moment = datetime(2024, 5, 29, 4, 0, tzinfo=UTC)
    query = build_query(GET_ORDER, "ill", order_parameters(OrderQuery(updated_from=moment)))
    assert query == "account=ill&updated_at_fr=2024-05-29+13:00:00"


def test_a_window_is_widened_to_whole_seconds_at_both_ends() -> None:
    start = datetime(2024, 5, 29, 23, 59, 59, 400_000, tzinfo=timezone(timedelta(hours=9)))
    parameters = order_parameters(OrderQuery(updated_from=start, updated_to=start))
    assert parameters["updated_at_fr"] == "2024-05-29 23:59:59"
    assert parameters["updated_at_to"] == "2024-05-30 00:00:00"


def test_days_are_sent_as_days_even_when_given_as_moments() -> None:
    day = datetime(2024, 5, 29, 13, 0, tzinfo=UTC)
    parameters = order_parameters(OrderQuery(order_date_from=day, order_date_to=date(985, 1, 2)))
    assert parameters["order_date_fr"] == "2024-05-29"
    assert parameters["order_date_to"] == "0985-01-02"


def test_several_values_repeat_the_name_with_its_brackets() -> None:
    query = build_query(GET_ORDER, "ill", {"creating_source_type[]": ("99", "1")})
    assert query == "account=ill&creating_source_type[]=99&creating_source_type[]=1"


def test_empty_parameters_are_left_out() -> None:
    assert build_query(GET_ORDER, "ill", order_parameters(OrderQuery())) == "account=ill"


def test_a_number_alone_is_sent_with_condition_equals() -> None:
    parameters = order_parameters(OrderQuery(order_number="00001234"))
    assert build_query(GET_ORDER, "ill", parameters).endswith("order_number=00001234&condition=0")


def test_the_next_page_keeps_the_filters_and_asks_for_later_numbers() -> None:
    query = OrderQuery(order_number="00000005", condition=1, cancel_flag=0)
    assert build_query(GET_ORDER, "ill", order_parameters(query, "00000105")) == (
        "account=ill&order_number=00000105&condition=1&cancel_flag=0"
    )


def test_a_single_order_has_no_next_page() -> None:
    with pytest.raises(ConfigurationError, match="no next page"):
        order_parameters(OrderQuery(order_number="1"), "2")


def test_the_first_page_of_items_has_a_condition_and_no_code() -> None:
    assert build_query(GET_ITEM, "ill", item_parameters()) == "account=ill&condition=1"
    assert (
        build_query(GET_ITEM, "ill", item_parameters("a b&c"))
        == "account=ill&item_code=a+b%26c&condition=1"
    )


def test_a_parameter_the_endpoint_lacks_is_refused_by_name_only() -> None:
    with pytest.raises(ConfigurationError) as caught:
        build_query(GET_ORDER_DETAIL, "ill", {"phase_name": "ひみつ"})
    assert "phase_name" in str(caught.value)
    assert "ひみつ" not in str(caught.value)


def test_half_a_character_is_refused_before_sending() -> None:
    with pytest.raises(ConfigurationError):
        build_query(GET_STOCK, "ill", {"item_code": "\ud800"})


@pytest.mark.parametrize(
    "codes", [(None, None, None), ("a", "b", None), ("", "", ""), ("a", None, "c")]
)
def test_stock_needs_exactly_one_code(codes: tuple[str | None, str | None, str | None]) -> None:
    with pytest.raises(ConfigurationError, match="exactly one"):
        stock_parameters(*codes)


def test_stock_attribute_names_need_an_item_code() -> None:
    with pytest.raises(ConfigurationError, match="item_code"):
        stock_parameters(None, "sku-1", None, ("ホワイト", None))


@pytest.mark.parametrize(
    "bad",
    [
        {"order_number": "12a"},
        {"order_number": "１２"},
        {"order_number": ""},
        {"condition": 2},
        {"condition": 0},
        {"updated_from": datetime(2024, 5, 29)},  # noqa: DTZ001
    ],
)
def test_a_query_that_cannot_be_sent_is_refused_when_it_is_made(bad: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        OrderQuery(**bad)  # type: ignore[arg-type]
