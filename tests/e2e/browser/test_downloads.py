"""Every file a screen offers is the table it shows: three profiles, opened again, against the store and the grid."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from reconcile import FRAMES, Export, MappingFilter, OrderFilter, Paging, Text, Workspace
from tests.e2e.browser.driving import downloaded, settled, table, went

pytestmark = pytest.mark.browser
TEXT = Text("ja")
# entry of the menu -> (profile, encoding as the store is asked for it, encoding of the file)
PROFILES = {
    "people": ("people", "utf-8-sig", "utf-8-sig"),
    "people_cp932": ("people", "cp932", "cp932"),
    "machine": ("machine", "utf-8-sig", "utf-8"),
}
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A table with its file. asked: its filter for the store; told: columns whose cells the grid shows as the file has them."""

    what: str
    address: str
    frame: str
    asked: dict[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()


OFFERS = (
    Offer(what="findings", address="", frame="findings"),
    Offer(
        what="orders",
        address="orders?rule=F07&sort=ordered_at&dir=down",
        frame="orders",
        asked={
            "order_filter": OrderFilter(account="demo", rules=("F07",)),
            "paging": Paging(sort="ordered_at", descending=True),
        },
        told=("order_number", "order_code", "shop_name", "phase_name"),
    ),
    Offer(
        what="mapping",
        address="sku_mapping?section=table&state=near_miss",
        frame="sku_mapping",
        asked={
            "mapping_filter": MappingFilter(states=("near_miss",)),
            "paging": Paging(sort="waiting_orders", descending=True),
        },
        told=("item_code", "item_name", "ss_product_name"),
    ),
    Offer(
        what="stock_corrections",
        address="stock?section=sheet",
        frame="stock_corrections",
        told=("item_code", "set_to"),
    ),
)
PATTERNS = {"hours": "misses_by_hour", "pulls": "pulls"}
soak = pytest.mark.soak  # made by the same hands as those of every run
CASE = (
    "timeline",
    pytest.param("order_lines", marks=soak),
    pytest.param("shipment_lines", marks=soak),
)


def opened(data: bytes, encoding: str) -> list[list[str]]:
    """The rows of a file as a program opens it; written again they are the same bytes."""
    assert data.startswith(BOM) == (encoding == "utf-8-sig")
    read = list(csv.reader(io.StringIO(data.decode(encoding), newline=""), strict=True))
    again = io.StringIO()
    csv.writer(again, lineterminator="\r\n").writerows(read)
    assert again.getvalue().encode(encoding) == data
    return read


def same_in_every_profile(
    page: Any, what: str, frame: str, export: Callable[[str, str], Export]
) -> dict[str, list[list[str]]]:
    """The rows of each profile; each file is what the store gives, and CP932 differs by what the menu warns of alone."""
    files: dict[str, list[list[str]]] = {}
    for name, (profile, asked, encoding) in PROFILES.items():
        for _ in range(2):  # an hour of waiting may become full between the two
            data, wanted = downloaded(page, what, name), export(profile, asked)
            if data == wanted.data:
                break
        assert data == wanted.data
        files[name] = opened(data, encoding)
        assert len(files[name]) == wanted.rows + 1 > 1
        if encoding == "cp932":
            lost = {ord(one["character"]): one["becomes"] for one in wanted.changed_characters}
            kept = [[cell.translate(lost) for cell in row] for row in files["people"]]
            assert files[name] == kept
    columns = FRAMES[frame].names
    assert files["machine"][0] == list(columns)
    assert files["people"][0] == [TEXT(f"column.{column}") for column in columns]
    return files


@pytest.mark.parametrize(
    "offer",
    [pytest.param(one, id=one.what, marks=() if one.what == "orders" else soak) for one in OFFERS],
)
def test_the_file_of_a_table_opens_as_the_rows_on_the_screen(
    desk: str, page: Any, workspace: Workspace, offer: Offer
) -> None:
    went(page, f"{desk}{offer.address}")

    def export(profile: str, encoding: str) -> Export:
        return workspace.export(
            offer.what, account="demo", profile=profile, encoding=encoding, **offer.asked
        )

    files = same_in_every_profile(page, offer.what, offer.frame, export)
    if not offer.told:
        return
    shown = table(page, 1)
    for column in offer.told:
        title = TEXT(f"column.{column}")
        cells = [row[shown[0].index(title)] for row in shown[1:]]
        assert len(cells) > 1
        for name, head in (("people", title), ("machine", column)):
            place = files[name][0].index(head)
            assert cells == [row[place] for row in files[name][1 : len(cells) + 1]], column


@pytest.mark.parametrize("name", CASE)
def test_the_file_of_a_case_opens_as_what_happened_to_the_order(
    desk: str, page: Any, workspace: Workspace, name: str
) -> None:
    found = workspace.orders(OrderFilter(account="demo", desk="all", flow="shipped")).table.rows
    case = workspace.order("demo", str(found["order_number"].iloc[0]))
    went(page, f"{desk}orders?order={case.order_number}&of=demo")
    page.locator(".st-key-case").wait_for()
    if name == "timeline":
        page.get_by_text(TEXT("orders.case.timeline.table"), exact=True).click()
        page.locator(".st-key-csv_timeline button").wait_for()  # it is drawn only now
        settled(page)

    def export(profile: str, encoding: str) -> Export:
        return workspace.order_csv(case, name, profile=profile, encoding=encoding)

    files = same_in_every_profile(page, name, name, export)
    table_of = workspace.order_table(case, name)
    assert len(files["machine"]) == len(table_of) + 1


@pytest.mark.parametrize("part", ["hours", pytest.param("pulls", marks=soak)])
def test_the_file_of_a_pattern_opens_as_its_rows(
    desk: str, page: Any, workspace: Workspace, part: str
) -> None:
    name = PATTERNS[part]
    went(page, f"{desk}orders?section=patterns&part={part}")

    def export(profile: str, encoding: str) -> Export:
        return workspace.pattern_csv("demo", name, profile=profile, encoding=encoding)

    same_in_every_profile(page, name, name, export)
