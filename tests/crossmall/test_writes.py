"""Changes: one call each, journalled on both sides, and judged by what is there afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pytest

from crossmall import errors
from crossmall.approval import AllowWrites, WriteRecord
from crossmall.client import Client
from crossmall.endpoints import UPD_STOCK
from crossmall.outcomes import judged
from crossmall.provisional import Names
from crossmall.types import Credentials, Secret
from crossmall.wire import read_update

Envelope = Callable[..., bytes]
NUMBER = "00001234"


def update_reply(status: str = "success", message: str = "") -> httpx.Response:
    body = (
        "<?xml version='1.0' encoding='UTF-8'?><UpdOrderPhase version='1.0'>"
        f"<ResultSet TotalResult='0'><ResultStatus><UpdStatus>{status}</UpdStatus>"
        f"<Message>{message}</Message></ResultStatus></ResultSet></UpdOrderPhase>"
    )
    return httpx.Response(200, content=body.encode())


@dataclass
class Shop:
    """One order and one SKU; knobs say whether an update takes effect and how it is answered."""

    envelope: Envelope
    credentials: Credentials
    order: dict[str, str] = field(
        default_factory=lambda: {
            "order_number": NUMBER,
            "phase_name": "確認待ち",
            "check_mark1": "0",
            "delivery_date": "",
            "delivery_number": "",
            "delivery_name": "",
        }
    )
    pieces: int | None = 5
    takes_effect: bool = True
    answer: httpx.Response | Exception = field(default_factory=update_reply)
    meddle: Callable[["Shop"], None] | None = None
    requests: list[httpx.Request] = field(default_factory=list)
    records: list[WriteRecord] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    blind: bool = False
    late: int = 0  # reads after which a lost change comes through

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        name, asked = request.url.path.rpartition("/")[2], request.url.params
        if name.startswith("upd_"):
            if self.takes_effect:
                self.apply(name, asked)
            if self.meddle:
                self.meddle(self)
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer
        if self.updates() and self.blind:
            return httpx.Response(500)
        if self.late and self.updates():
            self.late -= 1
            if not self.late:
                self.apply("upd_order_phase", self.updates()[0].url.params)
        if name == "get_order":
            rows = [self.order] if asked["order_number"] == NUMBER else []
            assert asked["condition"] == "0"
        elif self.pieces is None:
            return httpx.Response(
                200, content=self.envelope(status="error", message="商品コードが見つかりません。")
            )
        else:
            rows = [{"item_cd": "a", "stock": str(self.pieces)}]
        return httpx.Response(200, content=self.envelope(*rows))

    def apply(self, name: str, asked: Any) -> None:
        if name == "upd_order_phase":
            self.order["phase_name"] = asked["after_phase_name"]
            for ours, theirs in (("delivery_number", "delivery_no"), ("delivery_name",) * 2):
                self.order[ours] = asked.get(theirs, self.order[ours])
            if asked.get("delivery_date_update") == "1":
                self.order["delivery_date"] = asked["delivery_date"]
        elif name == "upd_order_check_mark":
            self.order[f"check_mark{asked['check_mark_type']}"] = asked["check_mark_value"]
        elif asked["update_type"] == "d":
            self.pieces = None
        else:
            start = (self.pieces or 0) if asked["update_type"] == "a" else 0
            self.pieces = start + int(asked["stock"])

    def updates(self) -> list[httpx.Request]:
        return [one for one in self.requests if "/upd_" in one.url.path]

    def client(self, **options: Any) -> Client:
        leave = AllowWrites(approved_by="架空 花子", plan_id="plan-7", journal=self.records.append)
        settings: dict[str, Any] = {
            "transport": httpx.MockTransport(self.handle),
            "sleep": self.slept.append,
            "allow_writes": leave,
        }
        return Client(self.credentials, **(settings | options))


@pytest.fixture
def shop(envelope: Envelope, credentials: Credentials) -> Shop:
    return Shop(envelope, credentials)


def test_a_phase_move_is_confirmed_by_reading_the_order_again(shop: Shop) -> None:
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert (result.state, result.reason) == ("applied", "confirmed")
    assert (result.before.phase_name, result.after and result.after.phase_name) == (
        "確認待ち",
        "発送待ち",
    )
    names = [request.url.path.rpartition("/")[2] for request in shop.requests]
    assert names == ["get_order", "upd_order_phase", "get_order"]
    assert shop.requests[1].method == "GET"


def test_a_date_always_travels_with_the_order_to_replace_an_older_one(shop: Shop) -> None:
    with shop.client() as client:
        result = client.update_order_phase(
            NUMBER,
            "確認待ち",
            delivery_date=date(2026, 11, 20),
            delivery_number="400000000001",
            delivery_name="佐川急便",
        )
    assert (result.state, result.reason) == ("applied", "confirmed")
    query = shop.updates()[0].url.query.decode().partition("&signing=")[0]
    assert query == (
        f"account=ill&order_number={NUMBER}&after_phase_name=%E7%A2%BA%E8%AA%8D%E5%BE%85%E3%81%A1"
        "&delivery_date=2026-11-20&delivery_date_update=1&delivery_no=400000000001"
        "&delivery_name=%E4%BD%90%E5%B7%9D%E6%80%A5%E4%BE%BF&delivery_time_convert_error=0"
    )


def test_what_is_not_given_is_not_sent(shop: Shop) -> None:
    with shop.client() as client:
        client.update_order_phase(NUMBER, "発送待ち")
    assert [name for name, _ in shop.updates()[0].url.params.multi_items()] == [
        "account",
        "order_number",
        "after_phase_name",
        "signing",
    ]


@pytest.mark.parametrize(("given", "sent"), [({}, "0"), ({"delivery_time_convert_error": 1}, "1")])
def test_a_carrier_always_travels_with_what_to_do_about_the_time_slot(
    shop: Shop, given: dict[str, int], sent: str
) -> None:
    with shop.client() as client:
        client.update_order_phase(NUMBER, "完了", delivery_name="日本郵便", **given)  # type: ignore[arg-type]
    assert shop.updates()[0].url.params["delivery_time_convert_error"] == sent


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.update_order_phase("12a", "完了"),
        lambda c: c.update_order_phase(NUMBER, ""),
        lambda c: c.update_order_phase(NUMBER, "完了", delivery_time_convert_error=1),
        lambda c: c.update_order_phase(
            NUMBER, "完了", delivery_name="x", delivery_time_convert_error=2
        ),
        lambda c: c.update_check_mark(NUMBER, 4, 1),
        lambda c: c.update_check_mark(NUMBER, 1, 2),
        lambda c: c.update_stock("x", 1, sku_code="a"),
        lambda c: c.update_stock("u", None, sku_code="a"),
        lambda c: c.update_stock("d", 1, sku_code="a"),
        lambda c: c.update_stock("a", 0, sku_code="a"),
        lambda c: c.update_stock("u", 10**8, sku_code="a"),
        lambda c: c.update_stock("u", 1),
    ],
)
def test_a_change_that_cannot_be_right_is_refused_before_anything_is_sent(
    shop: Shop, ask: Callable[[Client], object]
) -> None:
    with shop.client() as client, pytest.raises(errors.ConfigurationError):
        ask(client)
    assert shop.requests == []
    assert shop.records == []


def test_an_order_or_sku_that_is_not_there_is_not_written_to(shop: Shop) -> None:
    shop.pieces = None
    with shop.client() as client:
        with pytest.raises(errors.NotFound):
            client.update_order_phase("999", "完了")
        with pytest.raises(errors.NotFound):
            client.update_stock("u", 1, sku_code="a")
    assert shop.updates() == []
    assert shop.records == []


def test_a_bundled_child_is_left_to_its_parent(shop: Shop) -> None:
    shop.order["bundle_ahead_number"] = "00009999"
    with shop.client() as client, pytest.raises(errors.ConfigurationError, match="bundled"):
        client.update_order_phase(NUMBER, "完了")
    assert shop.updates() == []


def test_the_journal_has_one_line_before_the_call_and_one_after(shop: Shop) -> None:
    sent_at_intent: list[int] = []

    def journal(record: WriteRecord) -> None:
        sent_at_intent.append(len(shop.updates()))
        shop.records.append(record)

    leave = AllowWrites(approved_by="架空 花子", plan_id="plan-7", journal=journal)
    with shop.client(allow_writes=leave) as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert sent_at_intent == [0, 1]
    intent, outcome = shop.records
    assert (intent.stage, outcome.stage) == ("intent", "outcome")
    assert intent.write_id == outcome.write_id == result.write_id
    assert intent.subject == {"order_number": NUMBER}
    assert (intent.before, intent.asked) == (
        {"phase_name": "確認待ち"},
        {"phase_name": "発送待ち"},
    )
    assert (intent.state, intent.after) == (None, None)
    assert (outcome.state, outcome.reason) == ("applied", "confirmed")
    assert outcome.after == {"phase_name": "発送待ち"}
    assert outcome.call_id == result.call_id
    assert outcome.at >= intent.at
    assert {intent.approved_by, outcome.plan_id} == {"架空 花子", "plan-7"}
    for record in shop.records:
        assert "mXCTpnoA" not in repr(record)
        assert "signing" not in repr(record)


def test_nothing_is_sent_when_the_journal_cannot_be_written(shop: Shop) -> None:
    def journal(_: WriteRecord) -> None:
        raise OSError("disk full")

    leave = AllowWrites(approved_by="a", plan_id="p", journal=journal)
    with shop.client(allow_writes=leave) as client, pytest.raises(OSError, match="disk full"):
        client.update_order_phase(NUMBER, "発送待ち")
    assert shop.updates() == []
    assert shop.order["phase_name"] == "確認待ち"


@pytest.mark.parametrize("missing", ["approved_by", "plan_id", "journal"])
def test_leave_to_write_needs_a_name_a_plan_and_a_journal(missing: str) -> None:
    whole: dict[str, Any] = {"approved_by": "a", "plan_id": "p", "journal": print}
    with pytest.raises(errors.ConfigurationError):
        AllowWrites(**(whole | {missing: " " if missing != "journal" else None}))


def test_a_refusal_is_not_applied_with_the_vendors_words(shop: Shop) -> None:
    shop.takes_effect = False
    shop.answer = update_reply("error", "処理フェーズが見つかりません。")
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "無い")
    assert (result.state, result.reason) == ("not_applied", "refused")
    assert result.vendor_text == "処理フェーズが見つかりません。"
    assert isinstance(result.error, errors.NotFound)
    assert result.after == result.before
    assert shop.records[1].vendor_text == result.vendor_text
    assert len(shop.updates()) == 1


def test_a_refused_login_is_not_applied_and_not_asked_again(shop: Shop) -> None:
    shop.takes_effect = False
    shop.answer = update_reply("error", "認証エラー")
    with shop.client() as client:
        result = client.update_check_mark(NUMBER, 1, 1)
    assert result.state == "not_applied"
    assert isinstance(result.error, errors.AuthError)
    assert len(shop.updates()) == 1


def test_a_refusal_that_changed_something_needs_a_person(shop: Shop) -> None:
    shop.answer = update_reply("error", "更新できません")
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert (result.state, result.reason) == ("unknown", "refused_but_changed")


def test_success_that_changed_nothing_is_not_applied(shop: Shop) -> None:
    shop.takes_effect = False
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert (result.state, result.reason) == ("not_applied", "no_effect")


def test_a_lost_race_is_found_by_reading_back(shop: Shop) -> None:
    shop.meddle = lambda one: one.order.update(phase_name="キャンセル")
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert (result.state, result.reason) == ("unknown", "changed_otherwise")
    assert result.after is not None
    assert result.after.phase_name == "キャンセル"


LOST = {
    "timeout": httpx.ReadTimeout("x"),
    "broken off": httpx.RemoteProtocolError("x"),
    "reading failed": httpx.ReadError("x"),
    "500": httpx.Response(500),
    "502": httpx.Response(502),
    "504": httpx.Response(504),
    "429": httpx.Response(429, headers={"retry-after": "1"}),
    "redirect": httpx.Response(302, headers={"location": "http://127.0.0.1:9/webapi2/x"}),
    "web page": httpx.Response(200, content=b"<html></html>"),
    "empty": httpx.Response(200),
    "cut off": httpx.Response(200, content=b"<U><ResultSet>"),
    "document type": httpx.Response(200, content=b"<!DOCTYPE U><U/>"),
    "no status": httpx.Response(200, content=b"<U><ResultSet><ResultStatus/></ResultSet></U>"),
}
MAY_COME_LATE = {"timeout", "502", "504"}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_reply_is_one_call_and_applied_when_the_change_is_there(
    shop: Shop, name: str
) -> None:
    shop.answer = LOST[name]
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert (result.state, result.reason) == ("applied", "confirmed")
    assert type(result.error) is errors.OutcomeUnknown
    assert len(shop.updates()) == 1
    assert shop.slept == []


@pytest.mark.parametrize("name", LOST)
def test_a_lost_reply_without_the_change_is_looked_at_again_before_it_is_judged(
    shop: Shop, name: str
) -> None:
    shop.answer, shop.takes_effect = LOST[name], False
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    late = name in MAY_COME_LATE
    assert result.state == ("unknown" if late else "not_applied")
    assert result.reason == ("may_still_happen" if late else "unchanged")
    assert len(shop.updates()) == 1
    assert shop.slept == [1.0, 4.0]


def test_a_change_that_comes_late_is_still_seen(shop: Shop) -> None:
    shop.answer, shop.takes_effect, shop.late = httpx.ReadTimeout("x"), False, 2
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert (result.state, result.reason) == ("applied", "confirmed")
    assert shop.slept == [1.0]


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
)
def test_a_call_that_never_left_is_not_applied(shop: Shop, failure: Exception) -> None:
    shop.answer, shop.takes_effect = failure, False
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert (result.state, result.reason) == ("not_applied", "never_left")
    assert not isinstance(result.error, errors.OutcomeUnknown)
    assert len(shop.updates()) == 1


def test_when_the_order_cannot_be_read_again_the_outcome_is_unknown(shop: Shop) -> None:
    shop.blind = True
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    assert (result.state, result.reason, result.after) == ("unknown", "read_back_failed", None)
    assert shop.records[1].after is None
    assert shop.records[1].state == "unknown"


def test_a_mark_is_set_and_cleared(shop: Shop) -> None:
    with shop.client() as client:
        first = client.update_check_mark(NUMBER, 1, 1)
        again = client.update_check_mark(NUMBER, 1, 1)
        second = client.update_check_mark(NUMBER, 1, 0)
    assert [one.reason for one in (first, again, second)] == [
        "confirmed",
        "already_so",
        "confirmed",
    ]
    assert shop.order["check_mark1"] == "0"


def test_a_field_the_account_does_not_show_cannot_confirm_anything(shop: Shop) -> None:
    del shop.order["check_mark1"]
    shop.takes_effect = False
    with shop.client() as client:
        result = client.update_check_mark(NUMBER, 1, 1)
    assert (result.state, result.reason) == ("unknown", "not_shown")


@pytest.mark.parametrize(
    ("mode", "pieces", "left"), [("u", 7, 7), ("a", -9, -4), ("a", 3, 8), ("u", -1, -1)]
)
def test_stock_is_overwritten_or_added_to_and_read_again(
    shop: Shop, mode: Any, pieces: int, left: int
) -> None:
    with shop.client() as client:
        result = client.update_stock(mode, pieces, sku_code="a")
    assert (result.state, result.reason) == ("applied", "confirmed")
    assert shop.pieces == left
    assert shop.records[0].asked == {"stock": str(left)}
    assert shop.records[0].subject == {"sku_code": "a"}
    assert f"&sku_code=a&update_type={mode}&stock={pieces}&" in str(shop.updates()[0].url)


def test_a_deleted_figure_is_gone_or_zero(shop: Shop) -> None:
    with shop.client() as client:
        result = client.update_stock("d", item_code="a")
        assert (result.state, result.after) == ("applied", None)
    assert "stock=" not in str(shop.updates()[0].url)


def test_an_addition_is_judged_by_the_figures_before_and_after(shop: Shop) -> None:
    shop.meddle = lambda one: setattr(one, "pieces", (one.pieces or 0) - 2)
    with shop.client() as client:
        taken = client.update_stock("a", 10, sku_code="a")
        assert (taken.state, taken.reason) == ("unknown", "changed_otherwise")
        undone = client.update_stock("a", 2, sku_code="a")
    assert (undone.state, undone.reason) == ("unknown", "no_effect")
    assert len(shop.updates()) == 2


def test_a_lost_addition_is_never_sent_twice(shop: Shop) -> None:
    shop.answer = httpx.ReadTimeout("x")
    with shop.client(retries=9) as client:
        result = client.update_stock("a", 10, sku_code="a")
    assert (result.state, shop.pieces, len(shop.updates())) == ("applied", 15, 1)


def test_keys_that_name_several_skus_change_none(desk: Any, envelope: Envelope) -> None:
    rows = [{"item_cd": "a", "stock": "1"}, {"item_cd": "a", "stock": "2"}]
    desk.answers = [httpx.Response(200, content=envelope(*rows))]
    leave = AllowWrites(approved_by="a", plan_id="p", journal=lambda _: None)
    with (
        desk.client(allow_writes=leave) as client,
        pytest.raises(errors.ConfigurationError, match="one SKU"),
    ):
        client.update_stock("u", 1, item_code="a")
    assert len(desk.requests) == 1


def test_stock_is_not_written_to_a_real_host_until_its_names_are_confirmed(
    shop: Shop,
) -> None:
    shop.credentials = Credentials(
        company_code="ill", key=Secret("k"), base_url="https://crossmall.jp/webapi2"
    )
    with shop.client() as client, pytest.raises(errors.ConfigurationError) as caught:
        client.update_stock("u", 1, sku_code="a")
    assert (caught.value.reason, shop.requests) == ("unconfirmed", [])
    with shop.client(confirmed=["upd_stock"]) as client:
        assert client.update_stock("u", 1, sku_code="a").state == "applied"
        assert client.update_order_phase(NUMBER, "完了").state == "applied"


def test_a_change_cannot_be_sent_along_the_repeating_road(shop: Shop) -> None:
    with shop.client() as client, pytest.raises(errors.ConfigurationError, match="never repeated"):
        client._call(UPD_STOCK, {}, read_update)
    assert shop.requests == []


@pytest.mark.parametrize("before", ["x", "goal", "other", None])
@pytest.mark.parametrize("after", ["x", "goal", "other", None])
@pytest.mark.parametrize(
    "error",
    [None, errors.ApiError("e"), errors.OutcomeUnknown("o"), errors.TransportError("t")],
)
def test_applied_is_said_only_when_the_goal_is_there(
    error: errors.CrossmallError | None, before: str | None, after: str | None
) -> None:
    state, reason = judged(error, {"f": before}, {"f": after}, {"f": "goal"})
    if state == "applied":
        assert after == "goal"
        assert error is None or isinstance(error, errors.OutcomeUnknown)
    if state == "not_applied" and reason not in ("never_left", "refused"):
        assert before == after != "goal"


def test_true_spellings_of_stock_parameters_are_sent_in_place_of_the_guesses(shop: Shop) -> None:
    names = Names({"upd_stock": {"update_type": "mode", "stock": "quantity"}})
    shop.takes_effect = False
    with shop.client(names=names) as client:
        client.update_stock("u", 7, sku_code="a")
    assert "&sku_code=a&mode=u&quantity=7&signing=" in str(shop.updates()[0].url)


def test_vendor_words_in_the_journal_hold_neither_key_nor_signature(shop: Shop) -> None:
    shop.takes_effect = False
    shop.answer = update_reply("error", "account=ill&amp;signing=0123456789abcdef mXCTpnoA")
    with shop.client() as client:
        result = client.update_order_phase(NUMBER, "発送待ち")
    for shown in (repr(result), repr(result.error), repr(shop.records)):
        assert "mXCTpnoA" not in shown
        assert "0123456789abcdef" not in shown


def test_a_journal_that_fails_afterwards_is_not_kept_quiet(shop: Shop) -> None:
    def journal(record: WriteRecord) -> None:
        if record.stage == "outcome":
            raise OSError("disk full")
        shop.records.append(record)

    leave = AllowWrites(approved_by="a", plan_id="p", journal=journal)
    with shop.client(allow_writes=leave) as client, pytest.raises(OSError, match="disk full"):
        client.update_order_phase(NUMBER, "発送待ち")
    assert len(shop.updates()) == 1
    assert [record.stage for record in shop.records] == ["intent"]
