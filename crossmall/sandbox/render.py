"""Replies as the vendor's XML: declaration, single-quoted attributes, empty as ``<tag/>``.

Form: API note 1.1 ([S] for the envelope and the quotes, [I] for roots not listed there).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

SUCCESS, ERROR = "success", "error"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[&<>]|" + _FORBIDDEN.pattern)


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answers: rows under the given element names, or an error text.

    rendered: the elements of each row as bytes, where an endpoint keeps them at hand.
    """

    fields: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()
    error: str = ""
    rendered: Sequence[bytes] | None = None

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows if self.rendered is None else self.rendered)


def root_name(endpoint: str) -> str:
    """``get_order_detail`` becomes ``GetOrderDetail``."""
    return "".join(part.capitalize() for part in endpoint.split("_"))


def escaped(text: str) -> str:
    """The text with what XML reserves replaced and what it forbids left out."""
    if _SPECIAL.search(text) is None:
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _FORBIDDEN.sub("", text)


def document(endpoint: str, reply: Reply) -> bytes:
    """The whole reply of an endpoint."""
    root = root_name(endpoint)
    kind = "UpdStatus" if endpoint.startswith("upd_") else "GetStatus"
    message = f"<Message>{escaped(reply.error)}</Message>" if reply.error else "<Message/>"
    head = (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f"<{root} version='1.0'>\n"
        f"  <ResultSet TotalResult='{reply.count}'>\n"
        "    <ResultStatus>\n"
        f"      <{kind}>{ERROR if reply.error else SUCCESS}</{kind}>\n"
        f"      {message}\n"
        "    </ResultStatus>\n"
    )
    cells = reply.rendered
    if cells is None:
        cells = [row_elements(reply.fields, row) for row in reply.rows]
    parts = [head.encode()]
    for number, inside in enumerate(cells, start=1):
        parts += (b"    <Result No='%d'>\n" % number, inside, b"    </Result>\n")
    parts.append(f"  </ResultSet>\n</{root}>\n".encode())
    return b"".join(parts)


class RowForm:
    """A row's elements with the names already in place, for rows that are made by the thousand.

    filled: names that are never empty.
    """

    def __init__(
        self, fields: Sequence[str], filled: Collection[str], used: Collection[str]
    ) -> None:
        self._open = tuple(name for name in fields if name in used and name not in filled)
        self._text = "".join(self._line(name, filled, used) for name in fields)

    @staticmethod
    def _line(name: str, filled: Collection[str], used: Collection[str]) -> str:
        if name in filled:
            return f"      <{name}>%({name})s</{name}>\n"
        return f"      %({name})s\n" if name in used else f"      <{name}/>\n"

    def elements(self, values: dict[str, str]) -> bytes:
        """The elements of the row with these values; the dict is used up."""
        if _SPECIAL.search("".join(values.values())) is not None:
            values = {name: escaped(value) for name, value in values.items()}
        for name in self._open:
            value = values[name]
            values[name] = f"<{name}>{value}</{name}>" if value else f"<{name}/>"
        return (self._text % values).encode()


def row_elements(fields: Sequence[str], row: Sequence[str]) -> bytes:
    """The elements of one row, each on its line."""
    if _SPECIAL.search("".join(row)) is not None:
        row = [escaped(value) for value in row]
    return "".join(
        [
            f"      <{name}>{value}</{name}>\n" if value else f"      <{name}/>\n"
            for name, value in zip(fields, row, strict=True)
        ]
    ).encode()
