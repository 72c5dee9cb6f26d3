"""The gate every .xlsx passes before a spreadsheet reader sees it; knows zip parts, not cells.

An .xlsx is a zip. Its parts are inflated here under fixed limits and packed again without
compression, so what the reader gets can no longer grow; macros, links, images and the names stored
in the archive are left behind.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from smartship.types import FileRejected

MAX_FILE_BYTES = 20 * 1024 * 1024  # reliability goal S7
MAX_UNPACKED_BYTES = 100 * 1024 * 1024  # S7
MAX_GROWTH = 100  # S7
MAX_PARTS = 1_000  # S7
MAX_CELLS = 4_000_000  # [D] 60,000 lines (the vendor's Excel limit [S]) x 58 columns, and room
_ENCRYPTED_FLAG = 0x1
_KEPT = (".xml", ".rels")
_COLUMN = re.compile(rb"<(?:\w+:)?c\s[^<]*?\br\s*=\s*[\"']([A-Za-z]{1,3})[0-9]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ROW_NUMBER = re.compile(
    rb"<(?:\w+:)?(?:row\s[^<]*?\br\s*=\s*[\"']|c\s[^<]*?\br\s*=\s*[\"'][A-Za-z]{1,3})0*([0-9]{1,9})"
)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
    IndexError,
)


def too_large(limit: str, most: int, found: int) -> FileRejected:
    """The refusal that names which limit (`file`, `parts`, `unpacked`, `growth`, `cells`)."""
    return FileRejected("too_large", {"limit": limit, "max": most, "found": found})


def checked_workbook(data: bytes) -> bytes:
    """The same workbook as a plain, uncompressed zip of its XML parts, safe to hand to a reader.

    Raises FileRejected: unreadable_archive; encrypted_workbook; too_large (limit `parts`,
    `unpacked`, `growth` or `cells`); not_a_table where the zip is no .xlsx (`found` names it).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_parts(parts, len(data))
            _check_is_xlsx({part.filename for part in parts})
            contents = {
                part.filename: archive.read(part)
                for part in parts
                if part.filename.lower().endswith(_KEPT)
            }
    except _BROKEN as error:
        raise FileRejected("unreadable_archive", {"error": type(error).__name__}) from None
    for content in contents.values():
        _check_cells(content)
    return _packed(contents)


def _check_parts(parts: list[zipfile.ZipInfo], packed_bytes: int) -> None:
    if len(parts) > MAX_PARTS:
        raise too_large("parts", MAX_PARTS, len(parts))
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED_BYTES:
        raise too_large("unpacked", MAX_UNPACKED_BYTES, unpacked)
    if unpacked > MAX_GROWTH * packed_bytes:
        raise too_large("growth", MAX_GROWTH, unpacked // packed_bytes)
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise FileRejected("encrypted_workbook")
    names = [part.filename for part in parts]
    plain = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if len(set(names)) < len(names) or any(part.compress_type not in plain for part in parts):
        raise FileRejected("unreadable_archive", {"error": "unusual_parts"})


def _check_is_xlsx(names: set[str]) -> None:
    if "[Content_Types].xml" in names and any(
        name.lower().endswith("workbook.xml") for name in names
    ):
        return
    for ending, found in (("workbook.bin", "xlsb"), ("word/document.xml", "docx"), ("", "zip")):
        if any(name.lower().endswith(ending) for name in names) or not ending:
            raise FileRejected("not_a_table", {"found": found})


def _check_cells(sheet: bytes) -> None:
    """Refuse a sheet whose outermost cells span more than MAX_CELLS.

    The reader allocates the whole rectangle, so two far-off cells would cost gigabytes.
    """
    if not _CELL.search(sheet):
        return
    columns = set(_COLUMN.findall(sheet))
    width = max((_column_number(letters) for letters in columns), default=0)
    if len(_CELL.findall(sheet)) > len(_COLUMN.findall(sheet)):
        width += max(len(_CELL.findall(row)) for row in _ROW.split(sheet))
    height = max(map(int, _ROW_NUMBER.findall(sheet)), default=0) + len(_ROW.findall(sheet))
    # A row with a number is counted twice in `height`; half the product is a safe bound.
    if width * height > 2 * MAX_CELLS:
        raise too_large("cells", MAX_CELLS, width * height // 2)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _packed(contents: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()
