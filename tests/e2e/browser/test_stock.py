"""The journey through stock in a real browser: list, filter, one SKU, the way back, and the files a person takes along."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from reconcile import FRAMES, Paging, Text, Workspace
from tests.e2e.browser.driving import BOX_PX, HEADER_PX, ROW_PX, says, settled, table

pytestmark = pytest.mark.browser
TEXT = Text("ja")
CAUSE, LEAST = "held", 1
PROFILES = {"people": "utf-8-sig", "people_cp932": "cp932", "machine": "utf-8"}
COMPARED = ("item_code", "crossmall", "smartship", "expected")  # cells without a sign or a word


def opened(page: Any) -> str:
    page.wait_for_selector(".st-key-stock_case .js-plotly-plot")
    settled(page)
    return str(page.locator(".st-key-stock_case").inner_text())


def downloaded(page: Any, name: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_text(TEXT(f"frame.csv.{name}"), exact=True).first.dispatch_event("click")
    return Path(caught.value.path()).read_bytes()


def test_from_the_list_to_one_sku_and_back_and_what_is_taken_along(
    desk: str, page: Any, workspace: Workspace
) -> None:
    wanted = workspace.stock(
        "demo", causes=(CAUSE,), least=LEAST, paging=Paging(sort="gap", descending=True)
    ).table
    assert wanted.total > 1
    page.goto(f"{desk}stock?least={LEAST}")
    settled(page)
    page.locator(".st-key-chips_cause button", has_text=TEXT.word("cause", CAUSE)).first.click()
    page.wait_for_url(f"**cause={CAUSE}*")
    settled(page)
    says(page, ".st-key-above_stock", TEXT("frame.total", n=wanted.total))
    shown = table(page, wanted.total)
    assert len(shown) == wanted.total + 1

    page.locator("[data-testid=stDataFrame]").first.click(
        position={"x": BOX_PX, "y": HEADER_PX + ROW_PX // 2}
    )
    page.wait_for_url("**sku=*")
    row = wanted.rows.iloc[0]
    told = opened(page)
    assert row["item_code"] in told
    assert TEXT("stock.case.waterfall") in told
    assert TEXT("stock.case.history") in told
    assert page.locator(".st-key-stock_case .js-plotly-plot").count() == 2

    link = page.url
    page.go_back()
    page.wait_for_selector(".st-key-stock_case", state="detached")
    assert f"cause={CAUSE}" in page.url
    page.goto(link)
    assert row["item_code"] in opened(page)
    assert f"cause={CAUSE}" in page.url
    assert table(page, wanted.total) == shown

    page.locator(".st-key-csv_stock button").first.dispatch_event("click")
    names = {column.name: TEXT(f"column.{column.name}") for column in FRAMES["stock"].columns}
    for name, encoding in PROFILES.items():
        data = downloaded(page, name)
        read = list(csv.reader(io.StringIO(data.decode(encoding), newline="")))
        assert len(read) == wanted.total + 1
        title = (lambda column: column) if name == "machine" else names.__getitem__
        for column in COMPARED:
            cells = [line[shown[0].index(names[column])].replace(",", "") for line in shown[1:]]
            assert cells == [line[read[0].index(title(column))] for line in read[1:]]
        again = io.StringIO()
        csv.writer(again, lineterminator="\r\n").writerows(read)
        assert again.getvalue().encode(encoding) == data
