"""S1, S2: keys, signatures, company codes and customers stand nowhere they may not; and the scan would find them there."""

import hashlib
import io
import logging
import random
import zipfile

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossmall.client import Client
from crossmall.errors import CrossmallError
from crossmall.redact import LOG_FILTER
from crossmall.types import Credentials, OrderQuery, Secret
from reconcile import Workspace
from tests.conftest import SOAK
from tests.integration.conftest import SandboxProcess
from tests.reliability import story
from tests.reliability.canaries import Canary, hits
from tests.reliability.plain import PlainReader
from tests.reliability.story import Listening, Sinks

KEY = "CaNary/kEy+7Q&x%91"
CODE = "canary-co-93"
PEOPLE = (
    "client_name",
    "client_kana",
    "client_address1",
    "client_tel",
    "client_mail",
    "ship_address2",
)
SHOWS_CODE = (  # the user's own setting, shown to that user; and the command line of the stand-in that these tests start
    "command account list", "command account test", "download audit", "file store.duckdb", "file ledger",
    "table account", "screen connections", "screen overview", "process list",
    "out backup.zip", "repr of objects", "pickle", "file demo",
)  # fmt: skip
LEAST_SINKS = 30
QUIET_FAULTS = (
    "auth_error",
    "error_xml",
    "html",
    "http_500",
    "redirect",
    "cut_xml",
    "not_http",
    "reset_in_body",
)


class CanaryShop(SandboxProcess):
    """A shop whose key and company code are canaries, and whose customers we know."""

    def __init__(self):
        super().__init__(
            "--account", CODE, "--orders", "20", "--seed", "5", "--clock", "frozen", key=KEY
        )
        self.post("settings", hang_s=0.6)

    def people(self):
        """Personal values of customers, each long enough not to stand anywhere by chance."""
        reader = PlainReader(self.url, KEY, CODE)
        rows = reader.orders().values()
        reader.close()
        found = {row[name] for row in rows for name in PEOPLE if len(row[name].encode()) >= 9}
        return sorted(found)

    def signatures(self):
        """Every signature of a call so far; the shop's own record does not keep them."""
        asked = (
            one["query"].removesuffix("&signing=***") for one in self.get("requests")["requests"]
        )
        return {hashlib.md5((query + KEY).encode()).hexdigest() for query in asked}


@pytest.fixture(scope="module")
def shop():
    made = CanaryShop()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def day(shop, tmp_path_factory):
    """The sinks of a day, the canaries, the signatures."""
    home = tmp_path_factory.mktemp("day")
    sinks = Sinks()
    with pytest.MonkeyPatch.context() as patch, Listening(sinks).everywhere():
        patch.setenv("TOTSUGO_KEYRING", "off")
        patch.setenv("TOTSUGO_KEY_FOLDER", str(home / "keys"))
        patch.setenv("TOTSUGO_SCHEDULE", "off")
        patch.setenv("TMPDIR", str(home / "tmp"))
        (home / "tmp").mkdir()
        desk = Workspace.open(home / "data")
        desk.add_account("shop", company_code=CODE, key=KEY, base_url=shop.url)
        story.syncs(sinks, desk, shop, QUIET_FAULTS)
        desk.change_account("shop", key=KEY)
        desk.sync("shop", on_progress=story.loud)
        story.import_files(desk, shop)
        story.commands(sinks, desk, home / "out", in_full=SOAK)
        story.processes(sinks, desk.data, KEY)
        story.screens(sinks, desk.data, patch, in_full=SOAK)
        story.kept(sinks, desk)
    story.written(sinks, home / "out", "out")
    story.written(sinks, home / "tmp", "temporary")
    story.written(sinks, home / "keys", "folder of keys")
    return sinks, shop.signatures()


@pytest.fixture(scope="module")
def canaries(shop):
    return [
        Canary("key", KEY),
        Canary("code", CODE),
        *(Canary("person", text) for text in shop.people()[:12]),
    ]


def test_no_secret_stands_anywhere_in_any_form(day, canaries, tally):
    sinks, signatures = day
    assert len(signatures) > 50
    assert len(sinks) >= LEAST_SINKS
    assert {"log DEBUG", "process list", "session", "pickle"} <= sinks.keys()
    found = []
    for name, content in sinks.items():
        watched = [one for one in canaries if one.kind != "code" or not name.startswith(SHOWS_CODE)]
        found += hits(name, content, watched, hashes=signatures)
    assert found == []
    size = sum(len(content) for content in sinks.values())
    tally(
        "S1",
        sinks=len(sinks),
        bytes=size,
        canaries=len(canaries),
        signatures=len(signatures),
        hits=len(found),
    )


def test_places_where_the_company_code_may_stand_are_the_users_own(day):
    sinks, _ = day
    shown = {}
    for name, content in sinks.items():
        if hits(name, content, [Canary("code", CODE)]):
            at = content.find(CODE.encode())
            shown[name] = content[max(0, at - 60) : at + 60]
    assert shown, "the list of exceptions would be of no use"
    assert {name: where for name, where in shown.items() if not name.startswith(SHOWS_CODE)} == {}


def packed(kind, content):
    """The content as it would stand in a file of that kind."""
    if kind == "zip in zip":
        for name in ("inner.txt", "outer.zip"):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(name, content)
            content = buffer.getvalue()
    elif kind == "parquet":
        buffer = io.BytesIO()
        pq.write_table(
            pa.table({"text": [content.decode("latin-1")] * 50}), buffer, compression="zstd"
        )
        content = buffer.getvalue()
    return content


@pytest.mark.parametrize("kind", ["text", "zip in zip", "parquet"])
def test_the_scan_finds_every_canary_in_every_form(canaries, kind):
    for canary in (canaries[0], canaries[1], canaries[2]):
        forms = {**canary.any_case(), **canary.exact_case()}
        if kind == "parquet":  # text only, written as text
            forms = {name: form for name, form in forms.items() if form.isascii()}
        for name, form in forms.items():
            content = packed(kind, b"before " + form + b" after")
            assert any(
                found[1:] == (canary.kind, name) for found in hits("x", content, [canary])
            ), name
    for cut in (b"\n  ", b'" + "', b"<b>", b"\\n", b"', '"):
        data = KEY.encode()
        content = packed("text", data[:5] + cut + data[5:])
        assert hits("x", content, [canaries[0]])[0][1:] == ("key", "split"), cut
    signature = hashlib.md5(b"x").hexdigest()
    assert hits("x", f"signing={signature.upper()}".encode(), [], hashes={signature})
    assert hits("x", b"nothing of interest", canaries, hashes={signature}) == []


def test_without_the_filter_the_same_scan_finds_the_signature_in_the_log(shop, canaries):
    query = f"account={CODE}"
    signing = hashlib.md5((query + KEY).encode()).hexdigest()
    httpx_log = logging.getLogger("httpx")

    def heard():
        sinks = Sinks()
        with Listening(sinks).everywhere(), client(shop):
            story.loud()
            httpx.get(f"{shop.url}/get_phase?{query}&signing={signing}", trust_env=False)
        assert b"HTTP Request" in sinks["log INFO"]
        return {
            kind
            for name, content in sinks.items()
            for _, kind, _ in hits(name, content, canaries, hashes={signing})
        }

    assert heard() == set()
    httpx_log.removeFilter(LOG_FILTER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx_log, "addFilter", lambda _: None)  # a new client would put it back
        found = heard()
    httpx_log.addFilter(LOG_FILTER)
    assert {"signature", "code"} <= found


def client(shop):
    credentials = Credentials(company_code=CODE, key=Secret(KEY), base_url=shop.url)
    return Client(credentials, retries=0, timeout_s=0.4, sleep=lambda _: None)


VALUE = "-".join(
    ("canary", "value", "55")
)  # not in one piece, for a traceback shows lines of this file
CALLS = (
    lambda one: one.phases(),
    lambda one: one.order_page(OrderQuery(order_code=VALUE)),
    lambda one: one.stock(item_code=VALUE),
)


@pytest.mark.minutes(6)
def test_no_fault_brings_a_signed_address_to_light(shop, canaries, sized, tally):
    dice, kinds = random.Random(9), tuple(shop.get("faults")["known"])
    sinks, runs, failed = Sinks(), sized(60, 10_000), 0
    watched = [*canaries, Canary("value", VALUE)]
    with Listening(sinks).everywhere():
        for number in range(runs):
            kind = dice.choice(kinds)
            shop.post("faults", **{kind: 1})
            with client(shop) as open_client:
                story.loud()
                try:
                    dice.choice(CALLS)(open_client)
                except CrossmallError as error:
                    failed += 1
                    sinks.error("error", error)
            shop.post("faults", **{kind: 0})
            if number % 200 == 199 or number == runs - 1:
                signatures = shop.signatures()
                assert [
                    hit
                    for name, content in sinks.items()
                    for hit in hits(name, content, watched, hashes=signatures)
                ] == []
                sinks.clear()
    assert failed > runs / 5
    tally("S2", runs=runs, failed=failed, hits=0)
