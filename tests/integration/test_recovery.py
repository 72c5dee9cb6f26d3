"""Before shipping by hand: a real shop checked, its missed orders in an upload file, the packet for support."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import quote

import openpyxl
import pytest

from reconcile import LANGUAGES, Workspace
from reconcile.cli import main
from reconcile.errors import UsageError
from smartship import FileKind, ShipmentLine, read_file
from tests.integration.conftest import KEY, frozen_shop

PEOPLE = ("見本太郎様", "090-1234-5678", "taro@example.test", "〒150-0001", "東京都渋谷区架空1-2-3")
LINK = "https://example.test/api?signing=SIGNATURE-CANARY"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A synced workspace with Smartship's files; read by most tests, so each must leave it as it was but for the ledger."""
    keys = pytest.MonkeyPatch()
    keys.setenv("TOTSUGO_KEYRING", "off")
    keys.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path_factory.getbasetemp() / "keys"))
    running = frozen_shop()
    workspace = Workspace.open(tmp_path_factory.mktemp("recovery") / "data", lang="ja")
    workspace.add_account("shop-canary", company_code="ill", key=KEY, base_url=running.url)
    workspace.sync("shop-canary")
    for kind in ("skus", "mappings", "stock", "orders"):
        data, headers = running.file(kind)
        stated = {
            "snapshot_at": datetime.fromisoformat(headers["X-Snapshot-At"]),
            "covers_from": datetime.fromisoformat(headers["X-Coverage-From"]),
            "covers_to": datetime.fromisoformat(headers["X-Coverage-To"]),
        }
        (report,) = workspace.import_files(
            "shop-canary", [(f"{kind}.csv", data)], kind=kind, **stated
        )
        assert report.rejected_file is None
    yield workspace
    running.stop()
    keys.undo()


@pytest.fixture
def missed(shop):
    """Orders that went on without being collected."""
    found = [one.order_number for one in shop.findings(rule="F07", kind="finding")]
    assert found
    return found


@pytest.fixture
def collected(shop, look):
    """An order that stands at Smartship under its own number."""
    (number,) = look(
        shop,
        "SELECT min(k.order_number) FROM order_link k JOIN order_case c USING (account, order_number)"
        " WHERE NOT k.is_weak AND NOT c.is_cancelled AND c.ss_status = 'DELIVERED'",
    )[0]
    return number


@pytest.fixture
def run(shop, capsys):
    """`run("recovery", "check", ...)` -> (exit code, parsed JSON or text)."""

    def call(*arguments):
        code = main(["--data", str(shop.data), *arguments])
        out, _ = capsys.readouterr()
        return code, json.loads(out) if "--json" in arguments else out

    return call


def test_missed_orders_are_clear_and_collected_ones_are_blocked(shop, missed, collected):
    checks = {one.order_number: one for one in shop.shipment_check(None, [*missed, collected])}
    assert checks.keys() == {*missed, collected}
    assert "at_smartship" in {risk.code for risk in checks[collected].risks}
    assert checks[collected].verdict == "blocked"
    assert all(checks[number].verdict in ("clear", "warn") for number in missed)
    assert all(checks[number].clear_as_of is not None for number in missed)


def test_an_order_is_found_by_its_mall_number_and_an_unknown_one_is_refused(shop, missed, look):
    (code,) = look(shop, f"SELECT order_code FROM cm_order WHERE order_number = '{missed[0]}'")[0]
    (check,) = shop.shipment_check("shop-canary", [f" {code} ", code])
    assert check.order_number == missed[0]
    for numbers in (["no-such-order"], [" "], []):
        with pytest.raises(UsageError):
            shop.shipment_check(None, numbers)


def test_the_sheet_holds_the_missed_orders_and_comes_back_through_our_reader(shop, missed, look):
    made = shop.recovery_sheet(None, missed, title_language="en")
    lines = read_file(made.data, made.file_name, kind=FileKind.ORDERS, now=datetime.now(UTC))
    assert not lines.rejected
    rows = list(lines.rows_of(ShipmentLine))
    wanted = look(
        shop,
        "SELECT CASE WHEN o.shop_code IN (SELECT c.shop_code FROM order_case c JOIN ss_shipment_line l"
        " ON l.site_order_no = c.order_number) THEN o.order_number ELSE o.order_code END,"
        " o.shop_code, n.item_code, n.item_name, n.amount, o.ordered_at FROM cm_order_line n"
        f" JOIN cm_order o USING (account, order_number) WHERE order_number IN ({', '.join(map(repr, missed))})",
    )
    assert sorted(
        (
            row.site_order_no,
            row.shop_id,
            row.site_product_no,
            row.item_name,
            row.qty,
            row.ordered_at,
        )
        for row in rows
    ) == sorted((*values[:5], values[5].replace(tzinfo=UTC)) for values in wanted)
    assert made.rows == len(rows)
    exact = dict(look(shop, "SELECT item_code, min(sku_no) FROM mapping_case WHERE mapping_class = 'linked'"
                            " AND item_code IS NOT NULL GROUP BY ALL HAVING count(*) = 1"))  # fmt: skip
    filled = [row for row in rows if row.sku_no]
    assert filled
    assert all(row.sku_no == exact.get(row.site_product_no, row.sku_no) for row in filled)


def test_a_blocked_order_is_left_out_unless_a_person_says_why(shop, missed, collected):
    made = shop.recovery_sheet(None, [missed[0], collected])
    assert (made.orders, made.left_out) == ((missed[0],), (collected,))
    with pytest.raises(UsageError):
        shop.recovery_sheet(None, [collected], including_blocked={collected: " "})
    forced = shop.recovery_sheet(None, [collected], including_blocked={collected: "破損のため再送"})
    assert (forced.orders, forced.left_out) == ((collected,), ())
    note = shop._ledger.entries()[-1]
    assert (note.event, note.account) == ("recovery_sheet.made", "shop-canary")
    assert note.values["including_blocked"] == {collected: "破損のため再送"}


def test_a_sheet_without_any_order_is_not_noted(shop, collected):
    before = len(shop._ledger.entries())
    made = shop.recovery_sheet(None, [collected])
    assert (made.rows, made.left_out) == (0, (collected,))
    assert len(shop._ledger.entries()) == before


def test_the_next_check_knows_who_made_a_sheet_and_when(shop, missed):
    shop.recovery_sheet(None, missed[:1])
    (check,) = shop.shipment_check(None, missed[:1])
    (risk,) = [risk for risk in check.risks if risk.code == "sheet_made"]
    assert (datetime.now(UTC) - risk.because["made_at"]).total_seconds() < 120
    assert risk.because["made_by"] in shop.risk_words(risk.code, risk.because)


def test_the_workbook_marks_what_is_left_to_type_and_lists_it(shop, missed):
    made = shop.recovery_sheet(None, missed)
    book = openpyxl.load_workbook(io.BytesIO(made.data))
    upload, legend = book.worksheets
    yellow = {
        (cell.row, str(upload.cell(1, cell.column).value)[-4:-1])
        for row in upload.iter_rows(min_row=2)
        for cell in row
        if cell.fill.fgColor.rgb == "FFFFE699"
    }
    listed = {(row, code) for one in made.to_type for row in one.rows for code in one.codes}
    assert yellow == listed
    assert {number for (number, *_) in legend.iter_rows(min_row=2, values_only=True)} >= set(missed)
    assert all(upload.cell(row, 9).value is None for row in range(2, made.rows + 2))


def test_a_csv_sheet_has_the_template_only_and_its_remarks_apart(shop, missed):
    made = shop.recovery_sheet(None, missed, format="csv", encoding="cp932")
    table = list(csv.reader(io.StringIO(made.data.decode("cp932"), newline="")))
    assert {len(row) for row in table} == {58}
    assert len(table) == made.rows + 1
    remarks = made.companion.data.decode("utf-8-sig")
    assert all(number in remarks for number in missed)
    assert "O08" in remarks


class Page(HTMLParser):
    """Tags, attributes and text of a page, and whether every tag that was opened was closed."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.links, self.open, self.texts = set(), [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [
            value for name, value in attrs if name in ("href", "src", "onload", "onclick")
        ]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_packet_is_one_whole_page_without_scripts_or_links(shop, missed, lang):
    made = shop.packet(None, missed[0], lang=lang)
    page = Page(made.data.decode("utf-8"))
    assert page.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "table", "tr", "th", "td", "ul",
        "li", "pre",
    }  # fmt: skip
    assert (page.links, page.open) == ([], [])
    text = "".join(page.texts)
    assert missed[0] in text
    assert "F07" in text
    assert re.fullmatch(r"totsugo_packet_\d+_\d{8}_\d{4}\.html", made.file_name)
    machine = json.loads(next(text for text in page.texts if text.startswith("{")))
    assert machine["findings"][0]["rule"] == "F07"


def test_a_packet_of_a_finding_that_is_not_there_is_refused(shop, missed, collected):
    with pytest.raises(UsageError):
        shop.packet(None, missed[0], rule="F05")
    assert b"F07" in shop.packet(None, missed[0], rule="F07").data
    assert shop.packet(None, collected).data


def test_no_canary_reaches_a_packet_and_markup_stays_text(shop, missed, look):
    """Somebody typed a customer into item names, phases and statuses, and our own secrets stand beside them."""
    number = missed[-1]
    dirt = [
        *PEOPLE,
        LINK,
        KEY,
        str(shop.data),
        "shop-canary",
        "<script>alert(1)</script>",
        '"><img src=x>',
    ]
    with shop._db.write() as cursor:
        kept = cursor.execute(
            "SELECT line_no, item_name FROM cm_order_line WHERE order_number = ?", [number]
        ).fetchall()
        cursor.execute(
            "UPDATE cm_order_line SET item_name = ? WHERE order_number = ?",
            [" ".join(dirt), number],
        )
        because = json.dumps({"phase_name": " / ".join(dirt)}, ensure_ascii=False)
        stored = cursor.execute(
            "SELECT finding_key, because FROM finding WHERE order_number = ?", [number]
        ).fetchall()
        cursor.execute("UPDATE finding SET because = ? WHERE order_number = ?", [because, number])
    try:
        with shop._db.read() as cursor:
            assert cursor.execute(
                "SELECT count(*) FROM finding WHERE order_number = ? AND because = ?",
                [number, because],
            ).fetchone() != (0,)
        pages = [shop.packet(None, number, lang=lang).data.decode("utf-8") for lang in LANGUAGES]
    finally:
        with shop._db.write() as cursor:
            for line_no, name in kept:
                cursor.execute(
                    "UPDATE cm_order_line SET item_name = ? WHERE order_number = ? AND line_no = ?",
                    [name, number, line_no],
                )
            for key, value in stored:
                cursor.execute("UPDATE finding SET because = ? WHERE finding_key = ?", [value, key])
    base_url = shop.accounts()[0].base_url
    for page in pages:
        for secret in (*PEOPLE, LINK, "SIGNATURE-CANARY", str(shop.data), "shop-canary", base_url):
            assert secret not in page, secret
            assert quote(secret) not in page
        assert KEY not in page
        assert "<script>" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page
        assert "■■■" in page


def test_the_commands_answer_with_their_documents_and_exit_codes(run, missed, collected, tmp_path):
    code, document = run("recovery", "check", missed[-1], collected, "--json")
    assert code == 1
    assert [one["verdict"] for one in document["orders"] if one["order_number"] == collected] == [
        "blocked"
    ]
    assert all(risk["text"] for one in document["orders"] for risk in one["risks"])
    code, text = run("--lang", "en", "recovery", "check", collected)
    assert code == 1
    assert "Do not ship" in text

    for name in ("sheet.xlsx", "sheet.csv"):
        code, document = run(
            "recovery", "sheet", *missed, collected, "--out", str(tmp_path / name), "--json"
        )
        assert (code, document["left_out"]) == (1, [collected])
        assert (
            read_file((tmp_path / name).read_bytes(), name, now=datetime.now(UTC)).rows_read
            == document["rows"]
        )
        assert document["to_type"][0]["columns"]
    assert (tmp_path / "sheet_to_type.csv").exists()
    code, document = run(
        "recovery", "sheet", collected, "--out", str(tmp_path / "none.xlsx"), "--json"
    )
    assert (code, document["rows"], document["file"]) == (1, 0, None)
    assert not (tmp_path / "none.xlsx").exists()

    code, document = run(
        "recovery", "packet", missed[0], "--out", str(tmp_path / "p.html"), "--json"
    )
    assert (code, document["bytes"]) == (0, (tmp_path / "p.html").stat().st_size)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("check", "no-such-order"), "error.order.unknown"),
        (("sheet", "1", "--out", "x.pdf"), "error.recovery.format"),
        (("sheet", "1", "--out", "x.csv", "--include-blocked", "1"), "error.recovery.include"),
        (("packet", "no-such-order", "--out", "x.html"), "error.order.unknown"),
    ],
)
def test_a_mistake_on_the_command_line_is_said_before_anything_is_written(run, arguments, key):
    code, document = run("recovery", *arguments, "--json")
    assert (code, document["error"]["code"]) == (2, key)
