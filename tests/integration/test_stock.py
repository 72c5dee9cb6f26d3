"""Stock from end to end on the demo: every cause has a row, parts add up, and facade and command line say the same."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconcile import Paging, UsageError, Workspace
from reconcile.cli import main
from reconcile.demo import NAME
from reconcile.model import STOCK_PARTS
from reconcile.stock import STOCK_CAUSES

SKU = ("item_code", "attribute1", "attribute2")
OF_AN_ACCOUNT = {"no_smartship_file", "no_crossmall_stock"}  # nothing imported, nothing read yet
FIRST, SECOND = "TXFC-TYO1", "TXFC-OSA1"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = Workspace.open(tmp_path_factory.mktemp("stock"), lang="en")
    workspace.provision_demo()
    yield workspace
    workspace.remove_account(NAME)


def run(desk: Workspace, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["--data", str(desk.data), "--lang", "en", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_every_part_has_a_row_and_parts_add_up(
    desk: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = run(desk, capsys, "stock")
    assert code == 1
    parts = [row["because"]["parts"] for row in document["rows"]]
    for row, of in zip(document["rows"], parts, strict=True):
        assert (row["gap"] is None) == (of is None)
        assert of is None or sum(of.values()) == row["gap"] == row["crossmall"] - row["smartship"]
    assert {cause for of in parts if of for cause in of} == set(STOCK_PARTS)
    assert {row["cause"] for row in document["rows"]} == set(STOCK_CAUSES) - OF_AN_ACCOUNT
    assert {row["because"]["reason"] for row in document["rows"]} == {None, "age"}
    assert sum(document["causes"].values()) == document["total"] == len(document["rows"])


def test_the_total_is_the_sum_of_the_rows(
    desk: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    total = desk.stock_total(NAME)
    rows = desk.stock(NAME, paging=Paging(size=10_000)).table.rows
    told = rows[rows["gap"].notna()]
    assert (total.gap, total.told, total.skus) == (told["gap"].sum(), len(told), len(rows))
    assert total.gap == total.crossmall - total.smartship == sum(total.parts.values())
    assert total.exposure == rows["exposure"].sum() > 0
    assert sum(total.untold.values()) == total.skus - total.told
    assert total.trend[-1][1] == total.exposure
    assert run(desk, capsys, "stock-total")[1]["parts"] == dict(total.parts)


def test_an_account_without_figures_has_no_sums(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing to compare is not a gap of zero; a SKU that can be compared no more is not exposed as it was."""
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    empty = Workspace.open(tmp_path / "data")
    empty.add_account(
        "shop", company_code="1", key="mXCTpnoA", base_url="http://127.0.0.1:9/webapi2"
    )
    code, document = run(empty, capsys, "stock-total")
    assert (code, document["told"]) == (1, 0)
    sums = ("gap", "crossmall", "smartship", "exposure", "exposure_soon")
    assert {document[name] for name in sums} == {None}
    put = "INSERT INTO stock_gap_history (account, case_key, judged_at, exposure, cause) VALUES ('shop', 'k', ?, ?, 'held')"
    now = datetime.now(UTC).replace(tzinfo=None)
    with empty._db.write() as cursor:
        cursor.execute(put, [now - timedelta(days=2), 5])
        cursor.execute(put, [now - timedelta(days=1), None])
    assert [pieces for _, pieces in empty.stock_total("shop").trend[-3:]] == [5, None, None]


def test_rows_are_filtered_and_paged(desk: Workspace) -> None:
    rows = desk.stock(NAME, paging=Paging(size=10_000)).table.rows
    held = desk.stock(NAME, causes=("overwritten", "held"))
    assert held.table.total == rows["cause"].isin(["overwritten", "held"]).sum() > 0
    assert desk.stock(NAME, least=5).table.total == (rows["gap"].abs() >= 5).sum() > 0
    assert desk.stock(NAME).warehouses == (SECOND, FIRST)
    for house in (FIRST, SECOND):
        there = [house in names.split(" ") for names in rows["warehouses"].fillna("")]
        assert desk.stock(NAME, warehouse=house).table.total == sum(there) > 0
    assert desk.stock(NAME, warehouse="nowhere").table.total == 0
    assert desk.stock(NAME, shops=("nowhere",)).table.total == 0
    paging = Paging(page=2, size=10, sort="gap", descending=True)
    gaps = rows["gap"].dropna().sort_values(ascending=False).tolist()
    assert desk.stock(NAME, paging=paging).table.rows["gap"].tolist() == gaps[10:20]


def test_a_risk_shows_as_many_rows_as_are_counted_and_a_rule_the_skus_it_found(
    desk: Workspace,
) -> None:
    counted = desk.stock_total(NAME).risks
    assert sum(counted.values()) > 0
    for risk, skus in counted.items():
        assert desk.stock(NAME, risks=(risk,)).table.total == skus, risk
    for cause, skus in desk.stock_total(NAME).untold.items():
        assert desk.stock(NAME, causes=(cause,), risks=("untold",)).table.total == skus, cause
    everything = Paging(size=10_000)
    for rule in ("F11", "F12", "F13", "F14", "F15", "F47"):
        found = {one.subject for one in desk.findings(NAME, rule=rule, kind="finding")}
        rows = desk.stock(NAME, risks=(rule,), paging=everything).table.rows
        keys = rows[["item_code", "attribute1", "attribute2"]].agg("|".join, axis=1)
        assert {f"cm|{key}" for key in keys} == found != set(), rule
    both = desk.stock(NAME, risks=("F12", "F13"), paging=everything).table.total
    assert both >= desk.stock(NAME, risks=("F12",), paging=everything).table.total > 0


def test_a_shop_shows_what_its_orders_hold(desk: Workspace) -> None:
    rows = desk.stock(NAME, paging=Paging(size=10_000)).table.rows
    with desk._db.read() as cursor:
        sold = cursor.execute(
            "SELECT DISTINCT c.shop_code, l.item_code, l.attribute1_name, l.attribute2_name FROM order_case c JOIN ("
            "SELECT order_number, item_code, attribute1_name, attribute2_name FROM cm_order_line UNION ALL"
            " SELECT order_number, item_code, attribute1_name, attribute2_name FROM cm_component) l USING (order_number)"
        ).fetchall()
    shops = [code for code, _ in desk.stock(NAME).shops]
    assert len(shops) > 1
    counts = set()
    for code in shops:
        wanted = {(item, a1 or "", a2 or "") for shop, item, a1, a2 in sold if shop == code}
        found = desk.stock(NAME, shops=(code,), paging=Paging(size=10_000)).table.rows
        every = {tuple(row) for row in rows[list(SKU)].itertuples(index=False)}
        assert {tuple(row) for row in found[list(SKU)].itertuples(index=False)} == wanted & every
        counts.add(len(found))
    assert max(counts) < len(rows)


def test_one_sku_shows_what_moved_it_on_both_sides(
    desk: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = desk.stock(NAME, causes=("overwritten",)).table.rows.to_dict("records")
    cases = [desk.stock_case(NAME, *(one[name] for name in SKU)) for one in rows]
    for one in cases:  # what else happened to it depends on the hour of the demo
        told = next(row for row in one.rows if row["cause"] == "overwritten")
        assert sum(told["parts"].values()) == told["gap"]
        assert told["parts"]["overwritten"] == max(map(abs, told["parts"].values())) > 0
        assert told["exposure"] == max(told["crossmall"] - told["expected"], 0)
    row, past = rows[0], desk.stock_history(cases[0])
    assert {"figure", "order", "pushed"} <= set(past.moves["movement"])
    assert {"crossmall", "smartship"} == set(past.moves["side"])
    assert past.moves["happened_at"].is_monotonic_increasing
    assert past.gaps.iloc[-1]["cause"] == "overwritten"
    code, document = run(
        desk, capsys, "stock-sku", row["item_code"], f"{row['attribute1']},{row['attribute2']}"
    )
    assert (code, len(document["history"])) == (1, len(past.moves))
    with pytest.raises(UsageError):
        desk.stock_case(NAME, "no-such-item")


def test_corrections_name_a_side_and_a_figure_and_write_nothing(desk: Workspace) -> None:
    sheet = desk.stock_corrections(NAME)
    assert set(sheet["side"]) == {"crossmall", "smartship"}
    figures = sheet[sheet["stock_act"].isin(["set_stock", "release", "take_off"])]
    assert len(figures) > 5
    assert (figures["set_to"].notna() & (figures["set_to"] != figures["now_at"])).all()
    assert (figures["change"] == figures["set_to"] - figures["now_at"]).all()
    rows = desk.stock(NAME, paging=Paging(size=10_000)).table.rows
    paired = figures.merge(rows[rows["set_of"] == 0], on=["sku_no", *SKU])
    assert (paired["change"] == -paired["off_by"]).all(), "too many are taken off, too few put on"
    assert sheet.loc[sheet["stock_act"].isin(["link", "relink", "unlink"]), "set_to"].isna().all()
    for profile in ("people", "machine"):
        made = desk.export("stock_corrections", account=NAME, profile=profile)
        rows = list(csv.reader(io.StringIO(made.data.decode("utf-8-sig"))))
        assert len(rows) == made.rows + 1 == len(sheet) + 1
    everything = desk.export("stock", account=NAME, profile="machine")
    assert everything.data.decode().splitlines()[0].endswith("p_unexplained")


def test_what_counts_is_a_setting_of_the_account(
    desk: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = desk.stock(NAME).by_cause["in_step"]
    code, document = run(desk, capsys, "stock-scope", "--tolerance", "3", "--warehouse", FIRST)
    assert (code, document["tolerance"], document["warehouses"]) == (0, 3, [FIRST])
    assert desk.stock(NAME).by_cause["in_step"] > before
    with pytest.raises(UsageError):
        desk.set_stock_scope(NAME, warehouses=["nowhere"])
    with pytest.raises(UsageError):
        desk.set_stock_scope(NAME, tolerance=-1)
    run(desk, capsys, "stock-scope", "--tolerance", "0", "--all-warehouses")
    assert desk.stock(NAME).by_cause["in_step"] == before


def test_stock_findings_stand_in_the_same_lists(desk: Workspace) -> None:
    found = desk.findings(NAME, kind="finding")
    stock = [one for one in found if one.subject_kind == "sku"]
    assert {"F11", "F12", "F13", "F14", "F15", "F47"} <= {one.rule for one in stock}
    for one in stock:
        words = desk.explain(one)
        assert one.because["item_code"] in words.saw
        assert len(words.cure) >= 3


def test_an_old_file_of_one_warehouse_holds_up_its_skus_until_it_is_left_out(
    desk: Workspace,
) -> None:
    apart = desk.stock(NAME, causes=("not_comparable",)).table.rows
    assert set(apart["warehouses"]) == {f"{SECOND} {FIRST}"}
    every = desk.stock(NAME, paging=Paging(size=10_000)).table
    try:
        desk.set_stock_scope(NAME, warehouses=[FIRST])
        rows = desk.stock(NAME, paging=Paging(size=10_000)).table.rows
        assert len(rows) == every.total
        assert set(rows["warehouses"].dropna()) == {FIRST}
        assert not (rows["cause"] == "not_comparable").any()
        chosen = rows.set_index(list(SKU)).loc[apart.set_index(list(SKU)).index]
        assert chosen["gap"].notna().all()
        assert (chosen["smartship"].to_numpy() < apart["smartship"].to_numpy()).all()
        desk.set_stock_scope(NAME, warehouses=[SECOND])
        only = desk.stock(NAME, paging=Paging(size=10_000)).table.rows
        assert set(only["warehouses"].dropna()) == {SECOND}
        assert (only["cause"] == "no_smartship_stock").any()
    finally:
        desk.set_stock_scope(NAME, warehouses=[])
    assert set(desk.stock(NAME, causes=("not_comparable",)).table.rows["item_code"]) == set(
        apart["item_code"]
    )
