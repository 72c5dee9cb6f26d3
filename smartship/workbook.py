"""Tables of text as an .xlsx workbook of plain strings, written with the standard library; knows no columns.

Every cell is a shared string: a spreadsheet neither runs it as a formula nor turns it into a number or date, and its
text stays exactly as it is. The same bytes come out for the same tables.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

Place = tuple[int, int]  # row and column, from 0

PLAIN, HEAD, MARKED = 0, 1, 2  # cell formats, by their place in _STYLES
MAX_CELL_CHARS = 32_767  # the format's own limit
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Yu Gothic"/></font>'
    '<font><b/><sz val="11"/><name val="Yu Gothic"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFFE699"/><bgColor indexed="64"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name (at most 31 characters), rows of text whose first is the titles, and marked cells."""

    name: str
    rows: Sequence[Sequence[str]]
    marked: frozenset[Place] = field(default_factory=frozenset)


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as .xlsx bytes; marked cells have a yellow ground, the title row is bold and stays in view.

    Raises ValueError for a cell longer than the format can hold.
    """
    strings: dict[str, int] = {}
    parts = {
        f"xl/worksheets/sheet{at}.xml": _sheet(sheet, strings) for at, sheet in enumerate(sheets, 1)
    }
    numbers = range(1, len(sheets) + 1)
    files = {
        "[Content_Types].xml": _content_types(numbers),
        "_rels/.rels": _relations({"rId1": (f"{_RELS}/officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": _workbook([sheet.name for sheet in sheets]),
        "xl/_rels/workbook.xml.rels": _relations(
            {f"rId{at}": (f"{_RELS}/worksheet", f"worksheets/sheet{at}.xml") for at in numbers}
            | {
                f"rId{len(sheets) + 1}": (f"{_RELS}/styles", "styles.xml"),
                f"rId{len(sheets) + 2}": (f"{_RELS}/sharedStrings", "sharedStrings.xml"),
            }
        ),
        "xl/styles.xml": _STYLES,
        **parts,
        "xl/sharedStrings.xml": _shared(strings),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(
                zipfile.ZipInfo(name, _EPOCH), text.encode("utf-8"), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()


def column_letters(column: int) -> str:
    """The letters of a column counted from 0: A, B, ... Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheet(sheet: Sheet, strings: dict[str, int]) -> str:
    lines = []
    for at, row in enumerate(sheet.rows):
        cells = []
        for column, text in enumerate(row):
            if len(text) > MAX_CELL_CHARS:
                raise ValueError(f"a cell holds more than {MAX_CELL_CHARS} characters")
            style = HEAD if at == 0 else MARKED if (at, column) in sheet.marked else PLAIN
            place = f'r="{column_letters(column)}{at + 1}" s="{style}"'
            if text:
                cells.append(
                    f'<c {place} t="s"><v>{strings.setdefault(text, len(strings))}</v></c>'
                )
            else:
                cells.append(f"<c {place}/>")
        lines.append(f'<row r="{at + 1}">{"".join(cells)}</row>')
    width = max((len(row) for row in sheet.rows), default=1)
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{width}" width="18" customWidth="1"/></cols>'
        f"<sheetData>{''.join(lines)}</sheetData></worksheet>"
    )


def _text(text: str) -> str:
    """The text as the format holds it: what XML cannot carry, and what looks like it, as _xHHHH_."""
    kept = _LOOKS_ESCAPED.sub("_x005F_", text)
    kept = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", kept)
    return escape(kept, quote=True)


def _shared(strings: Mapping[str, int]) -> str:
    items = "".join(f'<si><t xml:space="preserve">{_text(text)}</t></si>' for text in strings)
    return f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(strings)}">{items}</sst>'


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{_text(name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, 1)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>{sheets}</sheets></workbook>'


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _content_types(numbers: Sequence[int]) -> str:
    parts = {f"/xl/worksheets/sheet{at}.xml": "worksheet+xml" for at in numbers} | {
        "/xl/workbook.xml": "sheet.main+xml",
        "/xl/styles.xml": "styles+xml",
        "/xl/sharedStrings.xml": "sharedStrings+xml",
    }
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{_TYPE}.{kind}"/>'
        for name, kind in parts.items()
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
