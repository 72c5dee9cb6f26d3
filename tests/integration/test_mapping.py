"""The mapping desk on the demo's shop, over the command line: every state, decisions, lists, fixes that arrive."""

import json

import pytest

from reconcile import Paging
from reconcile.cli import main
from reconcile.mapping import MAPPING_CLASSES
from reconcile.mapping_candidates import is_ready
from smartship.types import FileKind


@pytest.fixture
def shop(workspace, sandbox, tmp_path, monkeypatch):
    """The account synced and the 3PL's files taken in."""
    monkeypatch.setenv("TOTSUGO_DATA", str(workspace.data))
    monkeypatch.setenv("TOTSUGO_USER", "佐藤")
    workspace.sync("shop")
    for kind in (FileKind.SKUS, FileKind.MAPPINGS, FileKind.ORDERS):
        data, _ = sandbox.file(kind.value, encoding="utf-8-sig")
        workspace.import_files("shop", [(f"{kind.value}.csv", data)], kind=kind.value)
    workspace._db.close()
    return workspace


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = main([*arguments, "--json"])
        out = capsys.readouterr().out
        return code, json.loads(out)

    return call


def test_every_state_and_many_classes_are_told_and_can_be_decided(shop, run, tmp_path):
    code, found = run("match")
    assert code == 1
    assert set(found["states"]) == set(MAPPING_CLASSES)
    assert len(found["classes"]) >= 12
    assert not set(found["classes"]) & set(MAPPING_CLASSES)
    first = {}
    for place, pair in enumerate(found["pairs"]):
        first.setdefault(pair["case"], place)
    assert max(first.values()) < len(found["pairs"])
    assert {pair["decision"] for pair in found["pairs"]} == {"exact", "auto", "review", "none"}
    assert all(pair["decision"] == "exact" for pair in found["pairs"] if pair["state"] == "linked")

    code, listed = run("mapping", "list")
    assert code == 1
    assert [one["waiting_orders"] for one in listed["cases"]] == sorted(
        (one["waiting_orders"] for one in listed["cases"]), reverse=True
    )
    near = next(one for one in listed["cases"] if one["state"] == "near_miss")
    code, case = run("mapping", "case", near["case_key"])
    assert (code, case["candidates"][0]["sku_no"]) == (1, near["sku_no"])

    act = ("mapping", "decide", "accept", near["case_key"], "--version", near["version"])
    code, done = run(*act)
    assert (code, done["done"]) == (0, 1)
    code, refused = run(*act)
    assert (code, refused["error"]["code"]) == (2, "error.mapping.conflict")
    assert "佐藤" in refused["error"]["message"]
    assert run("mapping", "undo", str(done["act"]))[1]["done"] == 1
    assert run("mapping", "redo", str(done["act"]))[1]["done"] == 1

    code, preview = run("mapping", "decide", "accept", "--class", "width_kana")
    assert preview["count"] == 2
    code, bulk = run("mapping", "decide", "accept", "--list", preview["list"], "--yes")
    assert (code, bulk["done"]) == (0, 2)
    record = run("mapping", "record")[1]
    assert record["acts"][0]["count"] == 2
    assert next(one for one in record["classes"] if one["code"] == "width_kana")["right"] == 2

    code, fixes = run("mapping", "fixes", "--changes-only")
    assert code == 1
    assert {one["arrival"] for one in fixes["fixes"]} == {"waiting"}
    file = tmp_path / "list.csv"
    other = next(one for one in listed["cases"] if one["state"] == "missing")
    name = shop.mapping_case("shop", other["case_key"])
    file.write_text(
        "item_code,attribute1_name,attribute2_name,sku_no,decision\n"
        f"{name.item_code},{name.attribute1_name},{name.attribute2_name},,no_counterpart\n",
        "utf-8",
    )
    shop._db.close()
    code, diff = run("mapping", "import", str(file))
    assert (code, diff["counts"]["new"]) == (0, 1)
    assert run("mapping", "import", "--apply", diff["id"])[1]["done"] == 1
    assert run("mapping", "import")[0] == 2
    assert run("mapping", "twins")[1]["twins"]
    assert run("mapping", "events")[1]["events"] == []


def test_findings_and_order_lines_lead_to_their_case(shop):
    shop._judge(shop.accounts()[0])
    keys = set(shop.mapping("shop", paging=Paging(size=10_000)).table.rows["case_key"])
    found = shop.findings("shop", rule="F10")
    assert found
    for finding in found:
        case = shop.mapping_case("shop", finding.because["case_key"])
        assert (case.state, case.item_code) == ("near_miss", finding.because["item_code"])
    lines = shop.order("shop", shop.orders().table.rows["order_number"].iloc[0]).lines
    assert set(lines["case_key"].dropna()) <= keys
    assert lines["mapping_class"].notna().all()


def test_health_says_when_the_orders_were_judged(workspace, sandbox):
    begun = workspace.now()
    workspace.sync("shop")
    (health,) = workspace.health()
    assert begun <= health.judged_at <= workspace.now()


def test_a_file_taken_in_on_the_desk_is_ready_for_the_first_case(workspace, sandbox):
    workspace.sync("shop")
    workspace.renews_beside = True
    data, _ = sandbox.file(FileKind.MAPPINGS.value, encoding="utf-8-sig")
    workspace.import_files("shop", [("mappings.csv", data)])
    for thread in workspace._readying.running():
        thread.join(60)
    with workspace._db.read() as cursor:
        assert is_ready(cursor, "shop", str(workspace._db.path))
