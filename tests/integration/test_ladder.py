"""The connection test over a real shop: what it reads, what it says of each trouble, and what the command answers."""

import json
from datetime import UTC, datetime

import pytest

from reconcile.cli import main
from reconcile.ladder import EGRESS_VARIABLE, STEPS
from reconcile.model import SMARTSHIP_OPTIONS
from reconcile.text import LANGUAGES, Text
from scripts.make_ladder_docs import TARGET, cases, laboratory, telling

KEY = "mXCTpnoA"
MOST_CALLS = 20
GOOD_PHASES = ["注文確認", "発送待機", "QXPRESS発送済み", "完了"]
PERSONAL_MARKS = ("見本 太郎", "@example.jp", KEY, "signing")


@pytest.fixture
def complete(workspace, sandbox):
    """The account with everything stated, on a shop whose phases are as they should be."""
    sandbox.post("settings", phases=GOOD_PHASES)
    sandbox.post("clock", set=datetime.now(UTC).isoformat())
    options = dict.fromkeys(SMARTSHIP_OPTIONS, "on")
    workspace.change_account("shop", shop_ids=["1"], options=options)
    return workspace


def requests_of(sandbox):
    return sandbox.get("requests")["requests"]


def states(ladder):
    return {step.id: step.state for step in ladder.steps}


def test_a_complete_account_passes_every_rung_within_twenty_reads(complete, sandbox):
    sandbox.post("requests/reset")
    seen = []
    ladder = complete.test_account("shop", on_step=seen.append)
    assert ladder.ok
    assert tuple(step.id for step in ladder.steps) == STEPS
    assert [step.id for step in seen][-1] == "summary"
    assert states(ladder)["summary"] == "ok", [s for s in ladder.steps if s.state != "ok"]
    asked = [entry["endpoint"] for entry in requests_of(sandbox)]
    assert len(asked) <= MOST_CALLS
    assert {name for name in asked if not name.startswith("get_")} == set()
    assert {"get_phase", "get_order", "get_order_detail", "get_item", "get_item_sku", "get_stock"} <= {*asked}  # fmt: skip


def test_what_stands_on_a_failed_rung_is_skipped_and_costs_no_call(complete, sandbox):
    sandbox.post("faults", http_503=1.0)
    sandbox.post("requests/reset")
    found = states(complete.test_account("shop"))
    assert found["http"] == "failed"
    assert {found[one] for one in ("access", "phases", "orders", "stock", "volume")} == {"skipped"}
    assert len(requests_of(sandbox)) == 1


def test_one_endpoint_that_fails_does_not_hide_the_others(workspace, sandbox):
    sandbox.post("settings", phases=["発送待機", "ＱＸＰＲＥＳＳ発送済み"])
    ladder = workspace.test_account("shop")
    found = states(ladder)
    assert (found["shipped_phase"], found["collect_phase"], found["stock"]) == (
        "failed",
        "ok",
        "ok",
    )
    assert not ladder.ok


def test_the_address_an_operator_states_is_shown_when_we_are_refused(
    complete, sandbox, monkeypatch
):
    monkeypatch.setenv(EGRESS_VARIABLE, "203.0.113.7")
    sandbox.post("settings", allow_ip=["203.0.113.9"])
    ladder = complete.test_account("shop")
    by_id = {step.id: step for step in ladder.steps}
    assert by_id["ip_list"].state == "failed"
    assert by_id["egress"].detail[0] == "ladder.not_needed.egress_local"
    assert by_id["access"].detail[0] == "ladder.unknown.access"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_says_each_rung_in_words_and_gives_the_facts_as_json(
    complete, capsys, tmp_path, lang
):
    common = ["--data", str(tmp_path / "data"), "--lang", lang, "account", "test", "shop"]
    assert main(common) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(STEPS)
    assert main([*common, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["verdict"], len(told["steps"])) == (True, "ok", len(STEPS))
    assert all({"id", "state", "detail", "cure", "group", "because"} <= step.keys() for step in told["steps"])  # fmt: skip
    shown = "\n".join(lines) + json.dumps(told, ensure_ascii=False)
    assert not [mark for mark in PERSONAL_MARKS if mark in shown]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ({"faults": {"http_500": 1.0}}, 3),
        ({"settings": {"phases": ["発送待機"]}}, 1),
        ({"settings": {"allow_ip": ["0.0.0.0"]}}, 3),
    ],
)
def test_the_exit_code_tells_who_has_to_act(complete, sandbox, capsys, tmp_path, trouble, code):
    for path, body in trouble.items():
        sandbox.post(path, **body)
    assert main(["--data", str(tmp_path / "data"), "account", "test", "shop", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["ok"] is False


@pytest.fixture(scope="module")
def climbed():
    """Every trouble of the document with the ladder it gave."""
    with laboratory() as lab:
        return {name: run(lab) for name, run in cases()}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_at_least_twelve_troubles_are_told_apart_by_their_words(climbed, lang):
    text = Text(lang)
    words = {}
    for name, ladder in climbed.items():
        told = telling(ladder)
        if told:
            words[name] = text(told[0].detail[0], **told[0].detail[1])
            assert told[0].cure is not None, name
            assert text(told[0].cure[0], **told[0].cure[1])
    assert len(words) == len(climbed) - 1, "one case is in order, every other one says something"
    assert len(set(words.values())) >= 12


def test_the_case_in_order_is_the_only_one_that_ends_as_fine(climbed):
    fine = [name for name, ladder in climbed.items() if ladder.steps[-1].state == "ok"]
    assert fine == [cases()[0][0]]


def test_the_document_holds_every_trouble(climbed):
    shown = TARGET.read_text(encoding="utf-8")
    assert [name for name in climbed if f"## {name}\n" not in shown] == []
