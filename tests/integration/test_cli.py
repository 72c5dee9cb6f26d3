"""The command line as a contract: JSON keys, exit codes, one message per error, in the language asked for."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconcile import LANGUAGES
from reconcile.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """`run("findings", "--json")` -> (exit code, parsed JSON or text, stderr)."""

    def call(*arguments, data=tmp_path / "data"):
        code = main(["--data", str(data), *arguments])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in arguments else out, err

    return call


def test_an_account_from_its_first_day_to_its_last(run, sandbox, monkeypatch, tmp_path):
    monkeypatch.setenv("TOTSUGO_API_KEY", "mXCTpnoA")
    add = ("account", "add", "shop", "--company-code", "ill", "--base-url", sandbox.url)
    code, added, _ = run(*add, "--shop-id", "1", "--option", "auto_orders=on", "--json")
    assert (code, added["account"], added["options"]["auto_orders"]) == (0, "shop", "on")
    assert "mXCTpnoA" not in json.dumps(added)
    sandbox.post("clock", set=datetime.now(UTC).isoformat())
    code, ladder, _ = run("account", "test", "shop", "--json")
    assert code in (0, 1)
    assert ladder["ok"]
    assert {step["id"] for step in ladder["steps"]} >= {
        "settings",
        "reach",
        "access",
        "shipped_phase",
    }

    code, synced, err = run("sync", "--json")
    assert code == 1
    assert synced.keys() >= {
        "account", "complete", "orders_new", "orders_changed", "calls", "seconds", "findings"
    }  # fmt: skip
    assert err.strip(), "progress belongs on stderr"

    for kind in ("orders", "skus", "mappings", "stock"):
        data, headers = sandbox.file(kind, encoding="cp932")
        (tmp_path / f"{kind}.csv").write_bytes(data)
    stated = ("--from", headers["X-Coverage-From"], "--to", headers["X-Coverage-To"])
    files = [str(tmp_path / f"{kind}.csv") for kind in ("orders", "skus", "mappings", "stock")]
    code, imported, _ = run(
        "import", *files, "--snapshot-at", headers["X-Snapshot-At"], *stated, "--json"
    )
    assert code == 0
    assert [file["kind"] for file in imported["files"]] == ["orders", "skus", "mappings", "stock"]
    assert imported["files"][0].keys() >= {
        "file", "kind", "encoding", "rows", "accepted", "rejected", "columns", "unmatched"
    }  # fmt: skip

    code, found, _ = run("findings", "--json")
    assert code == 1
    assert found["findings"][0].keys() >= {
        "rule", "severity", "account", "order_number", "order_code", "subject", "since", "because", "title"
    }  # fmt: skip
    only, rule = run("findings", "--rule", "F05", "--json")[1]["findings"], "F05"
    assert {one["rule"] for one in only} == {rule}

    code, case, _ = run("order", only[0]["order_number"], "--json")
    assert (code, case["verdict"]["cause"]) == (1, "collected")
    assert case["timeline"]

    _, compared, _ = run("stock", "--json")
    assert compared["rows"][0].keys() >= {
        "item_code", "attribute1", "attribute2", "sku_no", "crossmall", "smartship", "expected", "gap",
        "cause", "because", "crossmall_seen_at", "smartship_seen_at",
    }  # fmt: skip
    _, matched, _ = run("match", "--json")
    assert matched["pairs"][0].keys() >= {
        "left_id",
        "right_id",
        "class",
        "score",
        "parts",
        "decision",
    }

    for what in ("orders", "findings", "mapping", "stock", "observations", "audit"):
        target = tmp_path / f"{what}_out.csv"
        code, written, _ = run(
            "export", what, "--out", str(target), "--profile", "machine", "--json"
        )
        assert (code, written["file"]) == (0, str(target))
        assert written["rows"] == len(target.read_text("utf-8").splitlines()) - 1 or what in (
            "mapping",
            "audit",
        )
    assert target.read_text("utf-8").startswith("sequence,at,actor,event,account,values")

    assert run("account", "list", "--json")[1]["accounts"][0]["key_state"] == "stored"
    assert run("account", "remove", "shop", "--json")[0] == 0
    assert run("account", "list", "--json")[1] == {"accounts": []}


def test_several_accounts_answer_together_or_one_by_name(run, sandbox, monkeypatch):
    monkeypatch.setenv("TOTSUGO_API_KEY", "mXCTpnoA")
    for name in ("a", "b"):
        run("account", "add", name, "--company-code", "ill", "--base-url", sandbox.url, "--json")
    _, both, _ = run("sync", "--only", "orders", "--json")
    assert [one["account"] for one in both["accounts"]] == ["a", "b"]
    assert "findings" in run("--account", "a", "findings", "--json")[1]
    assert run("import", "x.csv", "--json")[0] == 2


ERRORS = [
    (("findings",), 2, "error.account.none"),
    (("--account", "nobody", "findings"), 2, "error.account.unknown"),
    (("nonsense",), 2, "error.cli.usage"),
    (("sync", "--since", "yesterday"), 2, "error.cli.date"),
    (("match", "--left", "only.csv"), 2, "error.cli.match_sides"),
    (("serve", "--every", "often"), 2, "error.cli.every"),
    (("account", "remove", "nobody"), 2, "error.account.unknown"),
]


@pytest.mark.parametrize(("arguments", "expected", "key"), ERRORS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_error_is_one_message_with_its_exit_code(run, arguments, expected, key, lang):
    code, _, err = run("--lang", lang, *arguments)
    assert code == expected
    assert "Traceback" not in err
    japanese = any("\u3040" <= character <= "\u30ff" for character in err)
    assert japanese == (lang == "ja")
    if "serve" not in arguments:
        document = run("--lang", lang, *arguments, "--json")[1]
        assert document["error"]["code"] == key


def test_a_vendor_that_refuses_is_exit_code_3(run, sandbox, monkeypatch):
    monkeypatch.setenv("TOTSUGO_API_KEY", "wrong-key")
    run("account", "add", "shop", "--company-code", "ill", "--base-url", sandbox.url, "--json")
    code, document, err = run("sync", "--json")
    assert (code, document["error"]["code"]) == (3, "crossmall.error.auth")
    assert "wrong-key" not in err
    assert run("account", "test", "shop", "--json")[0] == 3


def test_a_key_that_cannot_be_read_is_said_to_be_so(run, sandbox, monkeypatch, tmp_path):
    monkeypatch.setenv("TOTSUGO_API_KEY", "mXCTpnoA")
    run("account", "add", "shop", "--company-code", "ill", "--base-url", sandbox.url, "--json")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "elsewhere"))
    assert run("account", "list", "--json")[1]["accounts"][0]["key_state"] == "unreadable"
    code, document, _ = run("sync", "--json")
    assert (code, document["error"]["code"]) == (2, "error.secrets.unreadable")
    assert {one["id"]: one["state"] for one in run("doctor", "--json")[1]["checks"]}[
        "key"
    ] == "failed"


def test_the_doctor_names_every_setting_with_its_origin(run, monkeypatch):
    monkeypatch.setenv("TOTSUGO_CONCURRENCY", "2")
    _, report, _ = run("doctor", "--json")
    (settings,) = [check for check in report["checks"] if check["id"] == "settings"]
    assert "concurrency=2 (environment)" in settings["detail"]
    assert "first_days=30 (default)" in settings["detail"]


def test_a_store_that_cannot_be_used_is_exit_code_4(run, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "store.duckdb").mkdir()
    assert run("findings", "--json")[0] == 4


def test_two_csv_files_are_matched_by_their_texts(run, tmp_path):
    left, right = tmp_path / "left.csv", tmp_path / "right.csv"
    left.write_text("id,text\n1,ﾀｵﾙ ホワイト\n2,マグカップ\n3,無関係の品\n", "utf-8")
    right.write_bytes("id,text\na,タオル　ホワイト\nb,マグカップ\n".encode("cp932"))
    code, document, _ = run("match", "--left", str(left), "--right", str(right), "--json")
    assert code == 1
    decided = {pair["left_id"]: (pair["right_id"], pair["decision"]) for pair in document["pairs"]}
    assert decided["1"] == ("a", "auto")
    assert decided["2"] == ("b", "exact")
    assert "3" in document["unmatched_left"]
    right.write_text("name\nx\n", "utf-8")
    assert run("match", "--left", str(left), "--right", str(right), "--json")[0] == 2


def test_the_demo_command_finds_every_rule_in_its_own_process(tmp_path):
    command = [
        sys.executable,
        "-m",
        "reconcile",
        "--data",
        str(tmp_path / "demo"),
        "demo",
        "--json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", env=os.environ)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["orders"] >= 500
    assert report["shops"] >= 3
    wanted = ("F01", "F02", "F03", "F04", "F05", "F06", "F07", "F16", "F17", "F19", "F27")
    assert set(report["findings"]) >= set(wanted)
    again = subprocess.run(
        [*command[:-2], "sync", "--json"], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert json.loads(again.stdout)["calls"] < report["orders"] / 20  # the demo lives on meanwhile
