"""Which encodings a file's bytes can be read in, in the order we prefer; knows no tables.

Order: byte order mark, UTF-8, CP932, CP949 (import contract 11.1.1 [I]). Never `shift_jis`, which
refuses ①㈱髙 and turns ¥ into a backslash (measured).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from smartship.types import FileRejected

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ("cp932", "cp949")
# Not read, only recognised, so that the refusal can name them.
_NAMED_ONLY = ("euc_jp", "utf-16-le", "utf-16-be", "gb18030")
_ISO_2022 = re.compile(rb"\x1b\$[@B]|\x1b\([JI]|\x1b\$\)C")
_MAGIC = (
    (b"\x89PNG", "png"),
    (b"GIF8", "gif"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"%PDF", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "rar"),
    (b"SQLite format 3", "sqlite"),
    (b"\x7fELF", "program"),
    (b"MZ\x90", "program"),
)
_CONTROL = bytes(set(range(32)) - set(b"\0\t\n\r\f\x1a\x1b")) + b"\x7f"
_MAX_CONTROL_SHARE = 0.01  # [D]
_MAX_NUL_SHARE = 0.2  # [D] more NULs than this are two-byte text or no text at all
_SAMPLE_BYTES = 200_000
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_MAX_HALF_KANA_SHARE = 0.5  # [D] EUC-JP read as CP932 is mostly half-width katakana


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text in one encoding; `nuls` were removed from it."""

    encoding: str
    text: str
    nuls: int = 0


def check_is_text(data: bytes) -> None:
    """Returns where the bytes may be text; raises FileRejected not_a_table or unknown_encoding."""
    for magic, found in _MAGIC:
        if data.startswith(magic):
            raise FileRejected("not_a_table", {"found": found})
    if any(data.startswith(mark) for mark, _ in _MARKS):
        return
    nuls = data.count(b"\0")
    if nuls == len(data):
        raise FileRejected("not_a_table", {"found": "zeros"})
    if nuls > _MAX_NUL_SHARE * len(data):
        even = data[::2].count(b"\0")
        looks_like = "utf-16-be" if even > nuls - even else "utf-16-le"
        raise FileRejected("unknown_encoding", {"looks_like": looks_like})
    if _ISO_2022.search(data):
        raise FileRejected("unknown_encoding", {"looks_like": "iso-2022-jp"})


def check_is_not_binary(data: bytes) -> None:
    """Returns where control characters are rare; to be asked once no table was found."""
    control = len(data) - len(data.translate(None, _CONTROL))
    if control > _MAX_CONTROL_SHARE * len(data):
        raise FileRejected("not_a_table", {"found": "binary"})


def decodings(data: bytes) -> list[Decoded]:
    """Every reading of the bytes worth a look, preferred first; UTF-8 and marks stand alone.

    Raises FileRejected unknown_encoding where none fits; `looks_like` names a near one.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return [_decoded(data, encoding)]
    try:
        return [_clean("utf-8", data.decode("utf-8"))]
    except UnicodeDecodeError:
        pass
    found = list(_legacy(data))
    if not found:
        check_is_not_binary(data)
    if not found or _is_euc_jp(data, found):
        values = {"looks_like": "euc_jp"} if _fits(data, "euc_jp") else {}
        raise FileRejected("unknown_encoding", {"tried": ("utf-8", *_LEGACY), **values})
    return found


def other_readings(data: bytes) -> Iterator[Decoded]:
    """Readings in encodings we refuse, and UTF-8 with its damage marked, to name the likely one."""
    for encoding in _NAMED_ONLY:
        try:
            yield _clean(encoding, data.decode(encoding))
        except UnicodeDecodeError:
            continue
    yield _clean("utf-8", data.decode("utf-8", "replace"))


def _decoded(data: bytes, encoding: str) -> Decoded:
    try:
        return _clean(encoding, data.decode(encoding))
    except UnicodeDecodeError as error:
        raise FileRejected(
            "unknown_encoding", {"looks_like": encoding, "offset": error.start}
        ) from None


def _legacy(data: bytes) -> Iterator[Decoded]:
    for encoding in _LEGACY:
        try:
            yield _clean(encoding, data.decode(encoding))
        except UnicodeDecodeError:
            continue


def _clean(encoding: str, text: str) -> Decoded:
    nuls = text.count("\0")
    return Decoded(encoding, text.replace("\0", "").removeprefix("\ufeff"), nuls)


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_euc_jp(data: bytes, found: list[Decoded]) -> bool:
    """True for EUC-JP bytes that CP932 would swallow as half-width katakana without an error."""
    if not _fits(data, "euc_jp"):
        return False
    text = found[0].text[:_SAMPLE_BYTES]
    if found[0].encoding != "cp932":
        return False
    beyond = len(_BEYOND_ASCII.findall(text))
    return len(_HALF_KANA.findall(text)) > _MAX_HALF_KANA_SHARE * beyond
