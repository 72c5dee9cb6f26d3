"""The two gates: signature over the raw query, and the IP list."""

import pytest

from crossmall.sandbox.access import AddressListError, address_list, may_call
from crossmall.sandbox.signature import expected_signing, is_signed, masked

KEY = "mXCTpnoA"
VECTORS = [
    (
        "account=ill&item_code=090115-z-01&attribute1_name=S&attribute2_name=Black",
        "db075c0464bd9cd150a1b60e397d8fb4",
    ),
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
]


@pytest.fixture(scope="module")
def sandbox(start):
    return start("--scenario", "quiet", "--clock", "frozen", "--epoch", "2024-06-01T12:00:00+09:00")


@pytest.mark.parametrize(("query", "signing"), VECTORS)
def test_the_published_vectors_hold(query, signing):
    assert expected_signing(query.encode(), KEY) == signing
    assert is_signed(f"{query}&signing={signing}".encode(), KEY)


@pytest.mark.parametrize(("query", "signing"), VECTORS[1:5])
def test_the_server_accepts_the_vectors(sandbox, envelope, query, signing):
    endpoint = "get_order"
    assert envelope(sandbox.raw(endpoint, f"{query}&signing={signing}")).status == "success"


def test_another_parameter_order_needs_another_signature(sandbox, envelope):
    signing = VECTORS[3][1]
    moved = (
        "account=ill&order_date_fr=2024-05-29&order_date_to=2024-05-29"
        "&condition=1&creating_source_type[]=99"
    )
    reply = envelope(sandbox.raw("get_order", f"{moved}&signing={signing}"))
    assert reply.status == "error"
    assert "認証エラー" in reply.message
    assert reply.rows == []


@pytest.mark.parametrize(
    "query",
    [
        f"{VECTORS[1][0]}&signing={VECTORS[1][1].upper()}",
        VECTORS[1][0],
        f"{VECTORS[1][0]}&signing=",
        f"{VECTORS[1][0]}&signing={VECTORS[1][1]}&signing={VECTORS[1][1]}",
        f"{VECTORS[1][0].lower()}&signing={VECTORS[1][1]}",
        f"&{VECTORS[1][0]}&signing={VECTORS[1][1]}",
    ],
    ids=["upper case", "missing", "empty", "twice", "other bytes, same meaning", "stray &"],
)
def test_a_signature_that_does_not_fit_the_raw_query_is_refused(sandbox, envelope, query):
    reply = envelope(sandbox.raw("get_order", query))
    assert (reply.status, "認証エラー" in reply.message) == ("error", True)


def test_another_account_or_key_is_refused(sandbox, envelope, sign):
    for query in (sign("account=other"), sign("account=ill", "wrong"), sign("item_code=1")):
        assert "認証エラー" in envelope(sandbox.raw("get_phase", query)).message


def test_the_place_of_signing_in_the_query_does_not_matter(sandbox, envelope, sign):
    signing = sign("account=ill").split("signing=")[1]
    reply = envelope(sandbox.raw("get_phase", f"signing={signing}&account=ill"))
    assert reply.status == "success"


def test_the_ip_list_has_its_three_meanings():
    assert may_call("127.0.0.1", ())
    assert not may_call("127.0.0.1", ("0.0.0.0",))
    assert may_call("192.0.2.1", ("192.0.2.9", "192.0.2.1"))
    assert not may_call("192.0.2.2", ("192.0.2.9", "192.0.2.1"))
    assert not may_call("0.0.0.0", ("0.0.0.0",))


def test_the_ip_list_holds_24_single_ipv4_addresses_and_no_more():
    assert len(address_list([f"192.0.2.{n}" for n in range(24)] + ["", " "])) == 24
    for wrong in ([f"192.0.2.{n}" for n in range(25)], ["192.0.2.0/24"], ["::1"], ["x"]):
        with pytest.raises(AddressListError):
            address_list(wrong)


def test_a_refused_address_stays_refused_whatever_headers_say(start, envelope, sign):
    httpx = pytest.importorskip("httpx")
    sandbox = start("--allow-ip", "0.0.0.0", "--scenario", "quiet")
    url = f"{sandbox.url}/get_phase?{sign('account=ill')}"
    for headers in ({}, {"X-Forwarded-For": "192.0.2.1"}, {"Forwarded": "for=192.0.2.1"}):
        assert "IPアドレス" in envelope(httpx.get(url, headers=headers).content).message
    sandbox.post("settings", allow_ip=["192.0.2.1"])
    spoofed = httpx.get(url, headers={"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1"})
    assert envelope(spoofed.content).status == "error"
    wrong = envelope(sandbox.raw("get_phase", "account=ill&signing=0"))
    assert "IPアドレス" in wrong.message  # the address is looked at first
    sandbox.post("settings", allow_ip=["192.0.2.1", "127.0.0.1"])
    assert envelope(httpx.get(url).content).status == "success"
    sandbox.post("settings", allow_ip=[])
    assert envelope(httpx.get(url).content).status == "success"


def test_the_log_never_holds_a_signature(sandbox, sign):
    query = sign("account=ill&order_number=1")
    sandbox.raw("get_order", query)
    signing = query.split("signing=")[1]
    report = sandbox.get("requests")
    assert signing not in str(report)
    assert report["requests"][-1]["query"] == "account=ill&order_number=1&signing=***"
    assert masked(b"signing=a&x=1") == "signing=***&x=1"


def test_the_key_can_be_changed_while_running(start, sign, envelope):
    sandbox = start("--scenario", "quiet", "--key", "first")
    assert sandbox.call("get_phase").status == "error"
    assert envelope(sandbox.raw("get_phase", sign("account=ill", "first"))).status == "success"
    assert "second" not in str(sandbox.post("settings", key="second"))
    assert envelope(sandbox.raw("get_phase", sign("account=ill", "first"))).status == "error"
    assert envelope(sandbox.raw("get_phase", sign("account=ill", "second"))).status == "success"
