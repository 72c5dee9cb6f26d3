"""Nothing secret gets through, in any form we could think of; with the guard removed it would."""

import base64
import logging
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import httpx
import pytest

from crossmall.client import Client
from crossmall.redact import (
    HTTP_LOGGERS,
    LOG_FILTER,
    MASK,
    Redactor,
    hide_shapes,
    structure_excerpt,
)
from crossmall.types import Credentials, OrderQuery, Secret

KEY = "k7Qz+/R9 w&x"
SIGNING = "db075c0464bd9cd150a1b60e397d8fb4"
URL = f"https://crossmall.jp/webapi2/get_order?account=ill&order_code=A-55512&signing={SIGNING}"


def forms_of(secret: str) -> dict[str, str]:
    data = secret.encode()
    return {
        "plain": secret,
        "in a sentence": f"before{secret}after",
        "upper case": secret.upper(),
        "lower case": secret.lower(),
        "URL-encoded": quote(secret, safe=""),
        "URL-encoded with plus": quote_plus(secret),
        "URL-encoded in lower case": quote(secret, safe="").lower(),
        "URL-encoded twice": quote(quote(secret, safe=""), safe=""),
        "base64": base64.b64encode(data).decode(),
        "base64 after one byte": base64.b64encode(b"x" + data + b"yz").decode(),
        "base64 after two bytes": base64.b64encode(b"xy" + data + b"yz").decode(),
        "base64 for URLs": base64.urlsafe_b64encode(data).decode(),
        "hex": data.hex(),
        "split by a line break": secret[:4] + "\n    " + secret[4:],
        "in a repr": repr({"key": secret}),
    }


@pytest.mark.parametrize("form", forms_of(KEY))
@pytest.mark.parametrize("secret", [KEY, "秘密の認証鍵", "mXCTpnoA"])
def test_a_known_secret_is_hidden_in_every_form(form: str, secret: str) -> None:
    text = forms_of(secret)[form]
    hidden = Redactor([secret])(f"start {text} end")
    assert MASK in hidden
    assert text not in hidden
    assert hidden.startswith("start ")
    assert hidden.endswith(" end")


@pytest.mark.parametrize("form", forms_of(KEY))
def test_without_the_guard_the_same_forms_would_be_seen(form: str) -> None:
    text = forms_of("mXCTpnoA")[form]
    assert Redactor([])(text) == text


@pytest.mark.parametrize(
    "text",
    [
        URL,
        URL.upper(),
        quote(URL, safe=""),
        quote(quote(URL, safe=""), safe=""),
        f"<Request('GET', '{URL}')>",
        f"GET {URL} HTTP/1.1",
        f"/webapi2/get_order?account=ill&order_code=A-55512&signing={SIGNING}",
        f"signing: {SIGNING}",
        f"{{'signing': '{SIGNING}'}}",
        f'("signing", "{SIGNING}")',
        f"signing%3D{SIGNING}",
        f"signing={SIGNING[:10]}",
        SIGNING,
        SIGNING.upper(),
        f"({SIGNING})",
        base64.b64encode(URL.encode()).decode(),
        base64.urlsafe_b64encode(URL.encode()).decode().rstrip("="),
    ],
)
def test_signed_urls_and_signatures_are_hidden_by_their_shape(text: str) -> None:
    hidden = hide_shapes(f"log: {text} .")
    for part in (SIGNING, SIGNING.upper(), SIGNING[:10], "A-55512"):
        assert part not in hidden
    assert text not in hidden


def test_parameter_names_stay_readable() -> None:
    assert hide_shapes(f"GET {URL} done") == (
        "GET https://crossmall.jp/webapi2/get_order?account=***&order_code=***&signing=*** done"
    )


@pytest.mark.parametrize(
    "text",
    [
        "商品コードが見つかりません。",
        "endpoint=get_order call=0a1b2c3d attempt=1 status=200 rows=100",
        "Is it done? Yes, in 3 s.",
        "connect_tcp.complete return_value=<httpcore._backends.sync.SyncStream object>",
    ],
)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert Redactor([KEY])(text) == text


def test_values_of_a_call_are_hidden_but_short_flags_are_not() -> None:
    text = "処理フェーズ(発送待機)が見つかりません。条件 1"
    assert Redactor()(text, ["発送待機", "1"]) == "処理フェーズ(***)が見つかりません。条件 1"


def test_a_redactor_does_not_show_its_secrets() -> None:
    assert KEY not in repr(Redactor([KEY]))


def test_an_excerpt_shows_known_tags_only() -> None:
    body = (
        "<GetOrder a='taro'><ResultSet><Result><client_name>架空</client_name>"
        "<taro@example.invalid></Result>"
    ).encode()
    assert structure_excerpt(body) == "<GetOrder><ResultSet><Result><?><Result>".replace(
        "<?><Result>", "<?></Result>"
    )


class Sink(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Every log line of the process at DEBUG, whatever the HTTP loggers were told before."""
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in HTTP_LOGGERS)]
    levels = [logger.level for logger in loggers]
    handler = Sink()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


CANARIES = ("CANARYkey77", "company-canary-5", "注文カナリア番号", "canary@example.invalid")


def canary_client(base_url: str) -> Client:
    credentials = Credentials(company_code=CANARIES[1], key=Secret(CANARIES[0]), base_url=base_url)
    return Client(credentials, retries=0)


def leaks(lines: list[str]) -> list[str]:
    text = "\n".join(lines)
    wanted = [form for canary in CANARIES for form in (canary, quote_plus(canary), canary.upper())]
    return [form for form in wanted if form in text]


def test_a_real_call_logs_no_url_and_no_value_at_any_level(
    sink: Sink, tape: object, envelope: object
) -> None:
    tape.reply = envelope()  # type: ignore[attr-defined, operator]
    with canary_client(tape.base_url) as client:  # type: ignore[attr-defined]
        for name in HTTP_LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)
        client.order_page(OrderQuery(order_code=CANARIES[2], phase_name=CANARIES[3]))
    assert any("endpoint=get_order" in line for line in sink.lines)
    assert any("send_request_headers" in line for line in sink.lines)
    signing = tape.lines[0].split(b"signing=")[1][:32].decode()  # type: ignore[attr-defined]
    assert leaks(sink.lines) == []
    assert signing not in "\n".join(sink.lines)


def test_what_the_http_library_would_log_of_its_own_is_hidden_by_the_filter(
    sink: Sink, tape: object, envelope: object
) -> None:
    tape.reply = envelope()  # type: ignore[attr-defined, operator]
    code = quote_plus(CANARIES[2])
    url = f"{tape.base_url}/get_order?account=ill&order_code={code}"  # type: ignore[attr-defined]
    with canary_client(tape.base_url):  # type: ignore[attr-defined]
        httpx_logger = logging.getLogger("httpx")
        httpx_logger.setLevel(logging.DEBUG)
        httpx.get(url, trust_env=False)
        assert any("HTTP Request" in line for line in sink.lines)
        assert leaks(sink.lines) == []
        httpx_logger.removeFilter(LOG_FILTER)
        try:
            httpx.get(url, trust_env=False)
        finally:
            httpx_logger.addFilter(LOG_FILTER)
    assert code in leaks(sink.lines)


def test_the_http_librarys_loggers_are_quiet_unless_somebody_turns_them_up(
    sink: Sink, tape: object, envelope: object
) -> None:
    for name in HTTP_LOGGERS:
        logging.getLogger(name).setLevel(logging.NOTSET)
    tape.reply = envelope()  # type: ignore[attr-defined, operator]
    with canary_client(tape.base_url) as client:  # type: ignore[attr-defined]
        client.phases()
    assert [line for line in sink.lines if "HTTP Request" in line or "started" in line] == []


def test_a_logged_traceback_is_cleaned_too(sink: Sink) -> None:
    client = canary_client("http://127.0.0.1:9/webapi2")
    try:
        raise ValueError(f"{URL} {CANARIES[0]}")
    except ValueError:
        logging.getLogger("httpx").warning("failed for %s", CANARIES[0], exc_info=True)
    client.close()
    text = "\n".join(sink.lines)
    assert "ValueError" in text
    assert SIGNING not in text
    assert CANARIES[0] not in text


def test_an_error_of_a_failed_call_shows_no_value_even_when_the_vendor_echoes_it(
    envelope: object,
) -> None:
    echo = f"商品({CANARIES[2]})が見つかりません。鍵{CANARIES[0]} {CANARIES[1]}"
    reply = httpx.Response(200, content=envelope(status="error", message=echo))  # type: ignore[operator]
    credentials = Credentials(company_code=CANARIES[1], key=Secret(CANARIES[0]))
    transport = httpx.MockTransport(lambda _: reply)
    with (
        Client(credentials, transport=transport, retries=0, sleep=lambda _: None) as client,
        pytest.raises(Exception, match="見つかりません") as caught,
    ):
        client.stock(item_code=CANARIES[2])
    assert leaks([str(caught.value), repr(caught.value), str(vars(caught.value))]) == []


def test_the_exception_chain_holds_no_exception_of_the_http_library(desk: object) -> None:
    desk.answers = [httpx.ConnectError(f"cannot reach {URL}")]  # type: ignore[attr-defined]
    with (
        desk.client(retries=0) as client,  # type: ignore[attr-defined]
        pytest.raises(Exception, match="cannot be reached") as caught,
    ):
        client.phases()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
