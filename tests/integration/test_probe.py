"""The probe over a real shop: what it settles, what it keeps, and that nobody can be found in what it keeps."""

import hashlib
import json
import tomllib
import urllib.parse
import urllib.request
from datetime import UTC, datetime

import pytest

from crossmall.masking import Masker, structure
from crossmall.probe import run_probe
from crossmall.probe_files import write_probe
from crossmall.probe_send import RawReply, sender
from crossmall.probe_verdicts import verdicts
from crossmall.types import Credentials, Secret
from reconcile import LANGUAGES
from reconcile.cli import main
from tests.crossmall import test_samples as samples
from tests.integration.conftest import KEY, frozen_shop

COMPANY = "7301955"
PEOPLE = (
    "client_name", "client_kana", "client_address1", "client_address2", "client_tel", "client_mail",
    "client_section_name1", "ship_name", "ship_kana", "ship_address1", "ship_tel", "order_memo",
    "comment", "delivery_memo", "delivery_number",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop():
    running = frozen_shop("--account", COMPANY)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def known(shop):
    return Credentials(company_code=COMPANY, key=Secret(KEY), base_url=shop.url)


@pytest.fixture(scope="module")
def probed(shop, known, tmp_path_factory):
    """(folder, calls, verdicts) of one probe."""
    folder = tmp_path_factory.mktemp("probe") / "out"
    shop.post("requests/reset")
    calls = run_probe(known, sender(known))
    judged = verdicts(calls)
    write_probe(folder, known, calls, judged)
    return folder, calls, judged


def everything_in(folder):
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def raw_page(shop, endpoint, query):
    """A signed page, made here without the client, as a second opinion about what the shop holds."""
    signing = hashlib.md5((query + KEY).encode(), usedforsecurity=False).hexdigest()
    with urllib.request.urlopen(f"{shop.url}/{endpoint}?{query}&signing={signing}") as reply:
        return reply.read().decode()


def people_of(shop):
    """Every personal value the shop would send, by the plainest reading there is."""
    page = raw_page(shop, "get_order", f"account={COMPANY}")
    values = set()
    for name in PEOPLE:
        for piece in page.split(f"<{name}>")[1:]:
            values.add(piece.partition("<")[0])
    return {value for value in values if set(value) - set("0-")}


def test_the_canary_no_person_and_no_secret_is_in_any_file(shop, probed):
    folder, _, _ = probed
    people = people_of(shop)
    assert len(people) > 60, "the shop must have somebody to lose"
    kept = everything_in(folder)
    assert [value for value in people if value.encode() in kept] == []
    for secret in (KEY, COMPANY, "signing"):
        assert secret.encode() not in kept
    signatures = {hashlib.md5((call.query + KEY).encode()).hexdigest() for call in probed[1]}
    assert not [one for one in signatures if one.encode() in kept]
    assert COMPANY.encode() in probed[1][0].query.encode(), "it was sent, and still is not kept"


def test_the_calls_are_made_in_the_order_of_the_list_and_only_read(shop, probed):
    cases = [(call.endpoint, call.case) for call in probed[1]]
    expected = [
        ("get_phase", "phases"), ("get_order", "today"), ("get_order", "condition-last"),
        ("get_order", "condition-first"), ("get_order", "recent"), ("get_order_detail", "detail"),
        ("get_stock", "wrong-code"), ("get_order", "time-plain"), ("get_order", "time-encoded"),
        ("get_order", "number-alone"), ("get_order", "number-equals"), ("get_order", "number-after"),
    ]  # fmt: skip
    assert [one for one in cases if one in expected] == [one for one in expected if one in cases]
    assert {*expected} - {*cases} <= {("get_order", "recent")}, "asked only while today is empty"
    asked = shop.get("requests")["requests"]
    assert [entry["endpoint"] for entry in asked][: len(cases)] == [one for one, _ in cases]


def test_the_same_time_in_two_spellings_went_out_as_two_texts(probed):
    by_case = {call.case: call.query for call in probed[1]}
    assert "%3A" in by_case["time-encoded"]
    assert "%3A" not in by_case["time-plain"]
    assert urllib.parse.unquote(by_case["time-encoded"]) == by_case["time-plain"]
    assert by_case["condition-first"].startswith(f"account={COMPANY}&condition=1&order_date_fr=")
    assert by_case["condition-last"].endswith("&condition=1")


def test_every_question_has_an_answer_or_is_said_to_be_open(probed):
    folder, _, judged = probed
    said = {one.topic: one.word for one in judged}
    assert said["errors"] == "exact"
    assert (said["raw_times"], said["raw_order"]) == ("raw", "raw")
    assert said["number_alone"] == "from"
    assert said["phase_field"] == "confirmed"
    assert said["total"] == "open", "no page of this shop is full"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["questions"]) == len(judged)
    assert {one["state"] for one in manifest["questions"]} == {"answered", "still open"}
    first = manifest["calls"][0]
    assert first["parameters"] == ["account"]
    assert first["headers"]["content-type"]
    assert all((folder / one["file"]).is_file() for one in manifest["calls"])


def test_kept_replies_are_samples_as_our_own_samples_are(probed):
    paths = sorted(probed[0].glob("*/*/meta.toml"))
    assert len(paths) >= 12
    for path in paths:
        samples.test_a_sample_states_its_source_and_its_evidence(path)
        samples.test_a_sample_is_read_as_its_meta_file_says(path)
    sizes = {path.parent.name: tomllib.loads(path.read_text("utf-8"))["expect"] for path in paths}
    assert sizes["wrong-code"]["error"] == "NotFound"
    assert sizes["number-equals"]["rows"] == 1


@pytest.mark.parametrize("fault", ["cut_xml", "html", "wrong_encoding", "illegal_char", "doctype"])
def test_a_reply_that_is_no_sound_document_is_kept_without_anybody_in_it(
    shop, known, tmp_path, fault
):
    people = people_of(shop)
    shop.post("faults", **{fault: 1.0})
    try:
        send = sender(known)
        replies = [send("get_order", f"account={COMPANY}") for _ in range(3)]
    finally:
        shop.post("faults", **{fault: 0.0})
    masker = Masker(secrets=(KEY, COMPANY))
    for reply in replies:
        masker.learn(reply.body)
        kept = masker.masked(reply.body)
        assert kept
        assert not [value for value in people if value in kept]


def test_structure_keeps_known_tags_and_lengths_only():
    body = "<GetOrder><Result><client_name>架空 花子</client_name><Hanako>1</Hanako><b".encode()
    assert structure(body).startswith(
        "<GetOrder><Result><client_name>[13]</client_name><?>[1]</?><?>"
    )


def test_masks_have_the_shape_of_what_they_hide():
    masker = Masker(secrets=("k3y", "7301"))
    body = (
        "<?xml version='1.0' encoding='UTF-8'?><GetOrder version='1.0'><ResultSet TotalResult='1'>"
        "<ResultStatus><GetStatus>success</GetStatus><Message>7301 架空 花子 様 &amp; 12345678</Message>"
        "</ResultStatus><Result No='1' by='花子'><order_number>00001234</order_number>"
        "<client_name>架空 花子</client_name><client_mail>Hana.ko1@example.jp</client_mail>"
        "<ship_kana>カクウ ﾊﾅ</ship_kana><order_memo>玄関へ &lt;午前&gt;</order_memo>"
        "<phase_name>架空 花子</phase_name><new_field>abc花</new_field></Result></ResultSet></GetOrder>"
    ).encode()
    masker.learn(body)
    kept = masker.masked(body)
    assert "<client_name>〇〇 〇〇</client_name>" in kept
    assert "<client_mail>Xxxx.xx0@xxxxxxx.xx</client_mail>" in kept
    assert "<ship_kana>アアア ｱｱ</ship_kana>" in kept
    assert "<order_memo>〇〇〇〇〇〇〇〇</order_memo>" in kept
    assert "<order_number>00001234</order_number>" in kept
    assert "<phase_name>〇〇 〇〇</phase_name>" in kept, (
        "a name that stands elsewhere is masked too"
    )
    assert "<new_field>xxx〇</new_field>" in kept
    assert "<Message>0000 〇〇 〇〇 様 &amp; 00000000</Message>" in kept
    assert "花子" not in kept
    assert "TotalResult='1'" in kept


def test_a_refused_account_is_asked_once_and_the_reason_is_kept(shop, tmp_path, known):
    wrong = Credentials(company_code=COMPANY, key=Secret("wrongKey1"), base_url=known.base_url)
    calls = run_probe(wrong, sender(wrong))
    assert len(calls) == 1
    judged = verdicts(calls)
    assert {one.topic: one.word for one in judged}["errors"] == "refused"
    write_probe(tmp_path / "out", wrong, calls, judged)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert "認証エラー" in manifest["calls"][0]["vendor_text"]


def test_rules_other_than_the_stand_ins_are_recognised_in_the_answers(known):
    """Replies of vendors that work otherwise, put together here; only the transport is not real."""

    def reply(status, inside, rows=""):
        head = f"<ResultStatus><GetStatus>{status}</GetStatus>{inside}</ResultStatus>"
        body = f"<A><ResultSet TotalResult='9'>{head}{rows}</ResultSet></A>"
        return RawReply(status=200, body=body.encode())

    def orders(numbers):
        made = [f"<order_number>{number:08d}</order_number>" for number in numbers]
        return reply("success", "", "".join(f"<Result No='1'>{one}</Result>" for one in made))

    def send(endpoint, query):
        if "%3A" in query or query.endswith("order_date_to=2026-11-23&condition=1"):
            return reply("error", "<Message>認証エラー</Message>")
        after = "condition=1" in query
        return orders([3, 4] if after else [2] if "order_number=" in query else [1, 2, 3])

    calls = run_probe(known, send, now=datetime(2026, 11, 23, 3, tzinfo=UTC))
    said = {one.topic: one.word for one in verdicts(calls)}
    assert (said["raw_times"], said["raw_order"], said["number_alone"]) == ("canonical", "sorted", "equals")  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_refuses_a_folder_with_something_in_it_before_it_sends_anything(
    shop, tmp_path, capsys, monkeypatch, lang
):
    monkeypatch.setenv("TOTSUGO_API_KEY", KEY)
    common = ["--data", str(tmp_path / "data"), "--lang", lang]
    add = ["account", "add", "shop", "--company-code", COMPANY, "--base-url", shop.url]
    assert main([*common, *add]) == 0
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("keep", encoding="utf-8")
    shop.post("requests/reset")
    assert main([*common, "account", "probe", "shop", "--out", str(full)]) == 2
    assert shop.get("requests")["requests"] == []
    assert [path.name for path in full.iterdir()] == ["mine.txt"]
    capsys.readouterr()
    fresh = tmp_path / "fresh"
    assert main([*common, "account", "probe", "shop", "--out", str(fresh), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["calls"] == len(shop.get("requests")["requests"])
    assert "manifest.json" in told["files"]
