"""What only a browser can show: deep links, the grid, downloads."""

from __future__ import annotations

import csv
import http.client
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from reconcile import OrderFilter, Paging, Text, TriageFilter, Workspace
from tests.e2e.browser.driving import BOX_PX, CELL_PX, GRID, HEADER_PX, ROW_PX, says, settled

pytestmark = pytest.mark.browser
TEXT = Text("ja")


def test_a_deep_link_into_a_fresh_server_shows_our_frame(
    tmp_path: Path, keys: Path, page: Any, serve: Callable[..., Any]
) -> None:
    with serve(tmp_path / "home", keys, TOTSUGO_NO_DEMO="1") as address:
        page.goto(f"{address}orders")
        settled(page)
        assert page.locator("h1").inner_text() == TEXT("orders.title")
        assert page.locator("[role=dialog]").count() == 0
        links = page.locator("[data-testid=stTopNavLink]").all_inner_texts()
        assert [link.strip() for link in links] == [
            TEXT(f"{screen}.title")
            for screen in ("overview", "connections", "orders", "mapping", "stock", "glossary")
        ]


def test_the_first_start_sets_up_the_demo_and_labels_it(desk: str, page: Any) -> None:
    page.goto(desk)
    settled(page)
    says(page, ".st-key-frame_freshness", TEXT("frame.demo"))
    assert int(page.locator(".st-key-count_act_now a").first.inner_text().replace(",", "")) > 0


def test_a_count_leads_to_its_orders_and_back(desk: str, page: Any) -> None:
    page.goto(desk)
    settled(page)
    count = page.locator(".st-key-count_at_risk a").first.inner_text()
    page.locator(".st-key-count_at_risk a").first.click()
    page.wait_for_url("**/orders?*state=at_risk*")
    settled(page)
    says(page, ".st-key-above_orders", TEXT("frame.total", n=int(count)))
    page.go_back()
    page.wait_for_selector(".st-key-cause_F01")
    assert page.locator("h1").inner_text() == TEXT("overview.title")


def test_clicking_a_row_opens_its_case_and_puts_it_into_the_address(desk: str, page: Any) -> None:
    page.goto(f"{desk}orders?state=act_now")
    settled(page)
    page.locator("[data-testid=stDataFrame]").first.click(
        position={"x": CELL_PX, "y": HEADER_PX + ROW_PX // 2}
    )
    page.wait_for_selector(".st-key-case")
    page.wait_for_url("**order=*")
    number = page.url.split("order=")[1].split("&")[0]
    says(page, ".st-key-case_facts", number)
    page.reload()
    page.wait_for_selector(".st-key-case")
    says(page, ".st-key-case_facts", number)
    page.locator(".st-key-case-close button").click()
    page.wait_for_selector(".st-key-case", state="detached")


def test_what_is_done_in_a_part_of_a_screen_draws_that_part_alone(desk: str, page: Any) -> None:
    runs: list[bool] = []  # of each run of a script: whether it drew a part alone

    def noted(frame: bytes | str) -> None:
        message = ForwardMsg.FromString(frame) if isinstance(frame, bytes) else ForwardMsg()
        if message.WhichOneof("type") == "new_session":
            runs.append(bool(message.metadata.run.fragment_ids))

    page.on("websocket", lambda socket: socket.on("framereceived", noted))
    page.goto(f"{desk}orders?desk=all")
    settled(page)
    assert runs[0] is False
    row = {"x": CELL_PX, "y": HEADER_PX + ROW_PX // 2}
    for act, shown in (
        (lambda: page.locator(".st-key-chips_rule button").first.click(), ".st-key-clear-filter"),
        (lambda: page.locator(GRID).first.click(position=row), ".st-key-case"),
        (
            lambda: page.locator(".st-key-case_next button").first.click(),
            "[class*=st-key-recovery_]",
        ),
    ):
        before = len(runs)
        act()
        page.wait_for_selector(shown)
        settled(page)
        assert runs[before], shown


def test_checked_rows_are_acknowledged_from_the_bar_and_that_is_undone(
    desk: str, page: Any, workspace: Workspace
) -> None:
    page.goto(f"{desk}orders?rule=F07")
    settled(page)
    for row in (0, 1):
        page.locator("[data-testid=stDataFrame]").last.click(
            position={"x": BOX_PX, "y": HEADER_PX + ROW_PX * row + ROW_PX // 2}
        )
        page.get_by_text(TEXT("desk.bar.count", n=row + 1)).wait_for()
        settled(page)
    bar = page.locator(".st-key-desk_bar")
    bar.get_by_text(TEXT("desk.act.ack"), exact=True).click()
    bar.get_by_label(TEXT("desk.person")).fill("佐藤")
    bar.locator("[data-testid=stFormSubmitButton] button").click()
    done = page.locator(".st-key-desk_done")
    done.wait_for()
    taken = workspace.triaged(TriageFilter(account="demo", states=("acknowledged",))).rows
    assert len({row.order_number for row in taken}) == 2
    assert {row.assignee for row in taken} == {"佐藤"}
    done.get_by_text(TEXT("desk.undo"), exact=True).click()
    done.get_by_text(TEXT("desk.redo"), exact=True).wait_for()
    assert not workspace.triaged(TriageFilter(account="demo", states=("acknowledged",))).rows


def test_a_downloaded_file_holds_exactly_the_filtered_rows(
    desk: str, page: Any, workspace: Workspace
) -> None:
    page.goto(f"{desk}orders?state=at_risk")
    settled(page)
    page.locator(".st-key-csv_orders button").first.dispatch_event("click")
    with page.expect_download() as caught:
        page.get_by_text(TEXT("frame.csv.people"), exact=True).first.dispatch_event("click")
    taken = Path(caught.value.path()).read_bytes()
    wanted = workspace.export(
        "orders",
        account="demo",
        order_filter=OrderFilter(account="demo", states=("at_risk",)),
        paging=Paging(sort="state"),
    )
    assert taken == wanted.data
    rows = list(csv.reader(io.StringIO(taken.decode("utf-8-sig"))))
    assert len(rows) == wanted.rows + 1 > 1


def test_nothing_outside_this_machine_is_asked_for_anything(desk: str, page: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for screen in ("", "connections", "orders", "sku_mapping", "stock"):
        page.goto(desk + screen)
        settled(page)
    foreign = [url for url in asked if not url.startswith((desk, "data:", "blob:", "ws://127."))]
    assert not foreign, foreign


def test_a_stranger_host_name_is_refused(desk: str) -> None:
    host = desk.removeprefix("http://").rstrip("/")
    statuses = {}
    for name in (host, "evil.example"):
        connection = http.client.HTTPConnection(host, timeout=5)
        handshake = {
            "Host": name,
            "Origin": f"http://{name}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        connection.request("GET", "/_stcore/stream", headers=handshake)
        statuses[name] = connection.getresponse().status
        connection.close()
    assert statuses == {host: 101, "evil.example": 403}
