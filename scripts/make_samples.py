"""Writes data/samples: fictional Smartship files in every shape the intake accepts.

Run from the project's folder: python scripts/make_samples.py [FOLDER]. Needs openpyxl and xlwt
(requirements-dev.txt). The same bytes come out each time, except for compression inside .xlsx.
"""

from __future__ import annotations

import io
import re
import sys
import tomllib
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from smartship.writer import write_table

FOLDER = Path(__file__).resolve().parent.parent / "data" / "samples"
DAY = datetime(2026, 11, 20, 9, 0)  # noqa: DTZ001  vendor clock, no zone


def cells(line: str) -> list[str]:
    """A line of cells separated by `|`."""
    return line.split("|")


def table(lines: str) -> list[list[str]]:
    """Rows of cells, one a line."""
    return [cells(line) for line in lines.strip("\n").split("\n")]


WORDS = tomllib.loads((Path(__file__).parent / "sample_words.toml").read_text(encoding="utf-8"))
ITEMS, PEOPLE = table(WORDS["items"]), table(WORDS["people"])


def words(name: str) -> list[str]:
    """A list of titles or statuses from the word file."""
    return cells("|".join(WORDS[name]))


JA_TITLES, KO_TITLES = words("ja_titles"), words("ko_titles")
EN_TITLES, CODE_TITLES = words("en_titles"), words("code_titles")
STATUSES_JA, STATUSES_KO = words("statuses_ja"), words("statuses_ko")
STATUSES_EN = words("statuses_en")


def stamp(minutes: int, form: str) -> str:
    """The sample day's clock, some minutes on."""
    return (DAY + timedelta(minutes=minutes)).strftime(form)


def packing(number: int) -> str:
    """A fictional packing number."""
    return f"QSP{900_000_000 + number}"


def japanese_row(number: int) -> list[str]:
    """One order line of the Japanese orders file."""
    item, person = ITEMS[number % len(ITEMS)], PEOPLE[number % len(PEOPLE)]
    status = STATUSES_JA[number % len(STATUSES_JA)]
    shipped = status == "出荷完了"
    sent = f"見本運輸|9000-0000-{number:04d}" if shipped else "|"
    return cells(
        f'{packing(number)}|="{number:08d}"|CM-{number:06d}|CROSS MALL|1|'
        f"{('フルフィルメント', 'SS')[number % 2]}|{('API', 'エクセル登録', '手動')[number % 3]}|"
        f"{'|'.join(item[:5])}|{'1,200' if number == 3 else number % 3 + 1}|{status}|"
        f"{'住所確認中' if status == '保留' else ''}|{sent}|JP-TYO|"
        f"{stamp(number * 7, '%Y/%m/%d %H:%M')}|{stamp(number * 7 + 60, '%Y/%m/%d %H:%M:%S')}|"
        f"{stamp(number * 7 + 300, '%Y/%m/%d') if shipped else ''}|{'済' if shipped else '未'}|"
        f"{'|'.join(person)}|玄関前に置いてください|{('あり', 'なし')[number % 2]}"
    )


def japanese_csv() -> bytes:
    """CP932: two lines above the titles, a totals row, unknown status and column, ①㈱髙～."""
    rows = [["注文一覧"], ["出力日時: 2026/11/20 15:30"], JA_TITLES]
    rows += [japanese_row(number) for number in range(1, 25)]
    second = japanese_row(23)
    second[:7], second[13:22] = [""] * 7, [""] * 9  # a second item, order cells left blank
    rows.insert(-1, second)
    broken = japanese_row(25)
    broken[12] = "1.5"
    rows += [broken, [], ["合計"] + [""] * 11 + ["1,248"]]
    return write_table(rows, encoding="cp932", formula_safe=False)


def korean_csv() -> bytes:
    """CP949: Korean titles, dates with points, two lines under one packing number."""
    rows = [KO_TITLES]
    for number in range(1, 15):
        shipped = number % len(STATUSES_KO) >= 3
        sent = f"견본택배|8000{number:08d}" if shipped else "|"
        left = stamp(number + 400, "%Y.%m.%d %H:%M") if shipped else ""
        line = (
            f"{packing(100 + number // 2)}|00{number // 2:06d}|CROSS MALL|1|FF|item-{number:03d}|"
        )
        line += f"견본 수건 {number}|화이트,S|{120100 + number:010d}|KR-{number:03d}|{number}|"
        line += (
            f"{STATUSES_KO[number % len(STATUSES_KO)]}|{sent}|KR-ICN|{stamp(number, '%Y.%m.%d')}|"
        )
        rows.append(
            cells(f"{line}{stamp(number + 65, '%Y.%m.%d %H:%M')}|{left}|홍길동|010-0000-0000|문 앞")
        )
    return write_table(rows, encoding="cp949", formula_safe=False)


def english_rows() -> list[list[object]]:
    """Typed cells: numbers, dates, an order number too long for a spreadsheet."""
    rows: list[list[object]] = [["Order list (sample)"], [], list(EN_TITLES)]
    for number in range(1, 13):
        item = ITEMS[number % len(ITEMS)]
        status = STATUSES_EN[number % len(STATUSES_EN)]
        when = DAY + timedelta(minutes=number * 11)
        shipped = status in ("Shipped", "In transit", "Delivered")
        line: list[object] = [packing(200 + number), f"{number:07d}", f"R-{number}", "CROSS MALL"]
        line += [10012, "FF", "API", *item[:5], number, status]
        line += ["Sample Express", 700000000000 + number] if shipped else [None, None]
        line += ["JP-OSA", when, when + timedelta(minutes=70)]
        line += [when + timedelta(hours=6) if shipped else None, "Jane Sample", "yes"]
        rows.append(line)
    rows[6][1] = 12345678901234567  # loses its last digits in any spreadsheet
    for at in (8, 9):  # two further items of one order, order cells merged with the row above
        rows[at][:8] = [None] * 7 + [rows[at][7]]
        rows[at][13:22] = [None] * 9
    return rows


def english_xlsx() -> bytes:
    """A workbook: notes on the first sheet, orders on the second, merged order cells."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active["A1"] = "Fictional data"
    sheet = book.create_sheet("Orders")
    for row in english_rows():
        sheet.append(row)
    for column in (*range(1, 8), *range(14, 22)):
        sheet.merge_cells(start_row=8, end_row=10, start_column=column, end_column=column)
    sheet.merge_cells("A1:E1")
    raw = io.BytesIO()
    book.save(raw)
    return _with_fixed_dates(raw.getvalue())


def _with_fixed_dates(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("docProps/"):
                part = re.sub(rb"20\d\d-\d\d-\d\dT[\d:]+Z", b"2026-11-20T00:00:00Z", part)
            info = zipfile.ZipInfo(name, (2026, 11, 20, 0, 0, 0))
            new.writestr(info, part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def template_csv() -> bytes:
    """UTF-8 with mark: the 58 columns of the order upload template, each with its O-code."""
    rows = [[f"{title}(O{code:02d})" for code, title in enumerate(CODE_TITLES)]]
    for number in range(1, 7):
        item, person = ITEMS[number % len(ITEMS)], PEOPLE[number % len(PEOPLE)]
        row = {0: "sample-seller", 1: "見本商店", 2: "JP", 3: "JP", 4: f"CM-{number:06d}"}
        row |= {5: item[1], 6: str(number), 7: "1,980", 8: person[0], 9: person[1]}
        row |= {10: person[2], 12: person[3], 14: "someone@example.com", 15: "JPY"}
        row |= {16: "玄関前", 18: "RM", 19: "ミホン", 21: "1990-01-01", 25: item[4]}
        row |= {29: "JP-TYO", 30: item[3], 31: "77", 32: "1", 34: f"{number:08d}"}
        row |= {35: item[0], 39: item[2], 41: stamp(number, "%Y-%m-%d %H:%M")}
        row |= {44: "https://example.com/label?key=not-a-key", 53: "見本商店 代表 見本"}
        rows.append([row.get(code, "") for code in range(len(CODE_TITLES))])
    return write_table(rows, encoding="utf-8-sig", formula_safe=True)


def html_xls() -> bytes:
    """An HTML table named .xls: spans for an order of two items, layout blanks around the cells."""
    lines = ["".join(f"<th>{title}</th>" for title in words("html_titles"))]
    for number in range(1, 11):
        first, second = (
            f"<td>\n      {escape(item[1])}\n    </td><td>{escape(item[2])}</td><td>1</td>"
            for item in (ITEMS[number % len(ITEMS)], ITEMS[(number + 1) % len(ITEMS)])
        )
        tail = _spanned("配送中", f"6000{number:08d}", stamp(number, "%Y年%m月%d日"))
        lines += [_spanned(packing(300 + number), f"{number:06d}") + first + tail, second]
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    title = '<meta charset="utf-8"><title>配送状況</title>'
    page = f"<html><head>{title}</head><body>\n<table border=1>\n{body}\n</table></body></html>\n"
    return page.encode("utf-8")


def _spanned(*texts: str) -> str:
    return "".join(f'<td rowspan="2">{text}</td>' for text in texts)


def binary_xls() -> bytes:
    """A real .xls: Japanese titles, numbers and dates as typed cells."""
    import xlwt

    sheet = (book := xlwt.Workbook(encoding="utf-8")).add_sheet("注文一覧")
    plain, day = xlwt.Style.default_style, xlwt.easyxf(num_format_str="YYYY/MM/DD HH:MM")
    rows: list[list[object]] = [list(words("xls_titles"))]
    for number in range(1, 11):
        item = ITEMS[number % len(ITEMS)]
        line: list[object] = [packing(400 + number), f"{number:06d}", *item[:2], float(number)]
        line += ["出荷完了", DAY + timedelta(minutes=number), 46346 + number / 4]
        rows.append(line)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell, day if isinstance(cell, datetime) else plain)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def shipping_tsv() -> bytes:
    """UTF-8 with tabs, a dump of the shipping grid: one row per packing number, no quantity."""
    rows = [words("shipping_titles")]
    for number in range(1, 16):
        done = stamp(number + 1500, "%Y-%m-%d %H:%M+09:00") if number % 3 == 0 else ""
        line = f"{packing(number)}|{number:08d}|{'Delivered' if done else 'In transit'}|"
        line += f"Sample Express|7000{number:08d}|{stamp(number, '%Y-%m-%d %H:%M')}|{done}"
        rows.append(cells(line))
    return write_table(rows, encoding="utf-8", delimiter="\t", formula_safe=False)


def skus_csv() -> bytes:
    """The SKU list, UTF-8 with mark, names as exact as the links need them."""
    rows = [words("sku_titles")]
    for number, (_, name, option, sku_no, code, barcode) in enumerate(ITEMS):
        marks = f"{'Y' if number == 4 else 'N'}|{'未使用' if number == 5 else '使用'}"
        line = f"{sku_no}|G{number // 2:05d}|{code}|{name}|{option}|{barcode}|{marks}|JP-TYO|"
        rows.append(cells(line + stamp(number, "%Y/%m/%d")))
    return write_table(rows, formula_safe=True)


def mappings_csv() -> bytes:
    """Links between SKUs and CROSS MALL items: near misses in the text, every sync type."""
    rows = [words("mapping_titles")]
    kinds = words("sync_kinds")
    for number, (site_no, name, text, sku_no, code, _) in enumerate(ITEMS):
        option = text.replace("，", ",") if number == 2 else text
        line = f"{sku_no}|{code}|CROSS MALL|1|{site_no}|{name}|{option}|連携済み|"
        line += f"{kinds[number].replace(';', '|')}|{number * 10}|2026-11-20 09:0{number}:00|"
        rows.append(cells(line + ("失敗" if number == 3 else "成功")))
    return write_table(rows, formula_safe=False)


def stock_csv() -> bytes:
    """Stock of two warehouses, CP932, thousands separators, a negative figure, a totals row."""
    rows = [["在庫状況"], words("stock_titles")]
    for number, (_, name, option, sku_no, code, _) in enumerate(ITEMS):
        for warehouse, many in (("JP-TYO", 1200 + number), ("JP-OSA", number - 1)):
            figures = f"{many:,}|3|{many - 3:,}|0|-"
            rows.append(cells(f"{warehouse}|{sku_no}|{code}|{name}|{option}|{figures}|A-{number}"))
    rows.append(cells("合計|||||7,224|36|7,188|0|0|"))
    return write_table(rows, encoding="cp932", formula_safe=False)


def sync_log_csv() -> bytes:
    """A day's quantity updates with results, UTF-8 with mark, semicolons."""
    rows = [words("log_titles")]
    for number in range(12):
        site_no, _, option, sku_no, *_ = ITEMS[number % len(ITEMS)]
        result = "NG|商品が見つかりません" if number % 5 == 4 else "OK|"
        when = stamp(number * 30, "%Y-%m-%d %H:%M:%S")
        line = f"{when}|{sku_no}|CROSS MALL|{site_no}|{option}|{100 - number}|{result}"
        rows.append(cells(line))
    return write_table(rows, delimiter=";", formula_safe=False)


SAMPLES: dict[str, Callable[[], bytes]] = {
    "orders_ja_cp932_20261120_1530.csv": japanese_csv,
    "orders_ko_cp949.csv": korean_csv,
    "orders_en.xlsx": english_xlsx,
    "orders_template_codes.csv": template_csv,
    "orders_html.xls": html_xls,
    "orders_binary.xls": binary_xls,
    "shipping_20261101-20261120.tsv": shipping_tsv,
    "skus.csv": skus_csv,
    "mappings.csv": mappings_csv,
    "stock_20261120_1800.csv": stock_csv,
    "sync_log_20261120.csv": sync_log_csv,
}


def main(folder: Path) -> None:
    """Write every sample into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SAMPLES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
