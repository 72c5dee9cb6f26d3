"""What an OLE container (.xls and its relatives) holds, before a spreadsheet reader sees it.

Reads just enough of the container ([MS-CFB], [MS-XLS]) to tell a workbook from other documents,
to see encryption, and to bound the sheet: the reader allocates the whole rectangle between the
outermost cells, so two far-off cells would cost gigabytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from smartship.archive import MAX_CELLS, too_large
from smartship.types import FileRejected

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_HEADER = 512
_DIFAT_AT, _DIFAT_IN_HEADER = 76, 109
_ENTRY = 128
_STREAM, _ROOT = 2, 5
_LAST_SECTOR = 0xFFFFFFFA  # this and above are marks, not sectors
_FILEPASS, _BOF, _DIMENSIONS, _SHARED_TEXTS = 0x2F, 0x809, 0x200, 0xFC
_MULTI = frozenset({0xBD, 0xBE})  # MULRK, MULBLANK: first column .. last column
_CELLS = frozenset({0x06, 0x201, 0x203, 0x204, 0x205, 0x27E, 0xD6, 0xFD}) | _MULTI


def check_workbook(data: bytes) -> None:
    """Returns where `data` is an .xls worth reading.

    Raises FileRejected: unreadable_archive for a broken container; encrypted_workbook for a
    password (an encrypted .xlsx is an OLE container too); not_a_table for another document;
    too_large (limit `cells`).
    """
    try:
        container = _Container(data)
        streams = {name.lower(): place for name, place in container.streams()}
        if "encryptedpackage" in streams or "encryptioninfo" in streams:
            raise FileRejected("encrypted_workbook")
        place = streams.get("workbook") or streams.get("book")
        if place is None:
            raise FileRejected("not_a_table", {"found": "ole"})
        _check_records(container.read(*place))
    except (struct.error, IndexError, OverflowError) as error:
        raise FileRejected("unreadable_archive", {"error": type(error).__name__}) from None


class _Container:
    """The sector chains and directory of one OLE file; every chain ends or is cut at the file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise FileRejected("unreadable_archive", {"error": "sector_size"})
        self._size, self._mini = 1 << shift, 1 << mini_shift
        first_directory, _, self._cutoff, first_mini = struct.unpack_from("<4I", data, 48)
        self._fat = self._numbers(self._fat_sectors())
        self._directory = self._chain(first_directory)
        self._mini_fat = self._numbers(self._sectors(first_mini))
        root = next(iter(self._entries()), None)
        if root is None or root[1] != _ROOT:
            raise FileRejected("unreadable_archive", {"error": "no_root"})
        self._mini_data = self._chain(root[2])

    def streams(self) -> list[tuple[str, tuple[int, int]]]:
        """Name, (first sector, bytes) of every stream."""
        return [
            (name, (start, size)) for name, kind, start, size in self._entries() if kind == _STREAM
        ]

    def read(self, start: int, size: int) -> bytes:
        """The stream's bytes, from the small-stream area where it is below the cutoff."""
        if size >= self._cutoff:
            return self._chain(start)[:size]
        pieces, seen = [], set()
        while start < _LAST_SECTOR and start not in seen and start < len(self._mini_fat):
            seen.add(start)
            pieces.append(self._mini_data[start * self._mini : (start + 1) * self._mini])
            start = self._mini_fat[start]
        return b"".join(pieces)[:size]

    def _entries(self) -> Iterator[tuple[str, int, int, int]]:
        for at in range(0, len(self._directory) - _ENTRY + 1, _ENTRY):
            entry = self._directory[at : at + _ENTRY]
            (length,) = struct.unpack_from("<H", entry, 64)
            name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", entry, 116)
            yield name, entry[66], start, size

    def _fat_sectors(self) -> list[int]:
        header = struct.unpack_from(f"<{_DIFAT_IN_HEADER}I", self._data, _DIFAT_AT)
        sectors = [sector for sector in header if sector < _LAST_SECTOR]
        following, _ = struct.unpack_from("<II", self._data, 68)
        seen: set[int] = set()
        while following < _LAST_SECTOR and following not in seen:
            seen.add(following)
            numbers = self._numbers([following])
            if not numbers:
                break
            sectors += [sector for sector in numbers[:-1] if sector < _LAST_SECTOR]
            following = numbers[-1]
        return sectors

    def _sectors(self, start: int) -> list[int]:
        chain: list[int] = []
        seen: set[int] = set()
        while start < len(self._fat) and start not in seen:
            seen.add(start)
            chain.append(start)
            start = self._fat[start]
        return chain

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._data[at : at + self._size]

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in self._sectors(start))

    def _numbers(self, sectors: list[int]) -> list[int]:
        raw = b"".join(self._sector(number) for number in sectors)
        return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))


def _check_records(stream: bytes) -> None:
    at = height = width = 0
    sheets = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = at + 4
        at = body + length
        if kind == _FILEPASS:
            raise FileRejected("encrypted_workbook")
        if kind == _BOF:
            sheets += 1
            height = width = 0
        if at > len(stream):
            break
        if kind in (_DIMENSIONS, _SHARED_TEXTS):
            _check_announced(kind, stream[body:at], len(stream))
        if kind not in _CELLS or length < 6:
            continue
        row, column = struct.unpack_from("<HH", stream, body)
        if kind in _MULTI:
            (column,) = struct.unpack_from("<H", stream, at - 2)
        height, width = max(height, row + 1), max(width, column + 1)
        if height * width > MAX_CELLS:
            raise too_large("cells", MAX_CELLS, height * width)
    if not sheets:
        raise FileRejected("not_a_table", {"found": "ole"})


def _check_announced(kind: int, record: bytes, stream_bytes: int) -> None:
    """Refuse sizes that a record only announces: the reader reserves memory for them at once."""
    if kind == _SHARED_TEXTS:
        _, texts = struct.unpack_from("<II", record)
        if texts > stream_bytes:
            raise FileRejected("unreadable_archive", {"error": "shared_texts"})
        return
    form = "<IIHH" if len(record) >= 14 else "<4H"
    top, bottom, left, right = struct.unpack_from(form, record)
    if top > bottom or left > right:
        raise FileRejected("unreadable_archive", {"error": "dimensions"})
    cells = (bottom - top + 1) * (right - left + 1)
    if cells > MAX_CELLS:
        raise too_large("cells", MAX_CELLS, cells)
