"""Replies as the vendor's XML text: declaration, single-quoted attributes, empty as ``<tag/>``.

Form: API note 1.1 ([S] for the envelope and the quotes, [I] for roots not listed there).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SUCCESS, ERROR = "success", "error"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answers: rows under the given element names, or an error text."""

    fields: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()
    error: str = ""


def root_name(endpoint: str) -> str:
    """``get_order_detail`` becomes ``GetOrderDetail``."""
    return "".join(part.capitalize() for part in endpoint.split("_"))


def escaped(text: str) -> str:
    """The text with the characters XML reserves replaced; line breaks stay as they are."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text or ">" in text:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    return text


def document(endpoint: str, reply: Reply) -> str:
    """The whole reply of an endpoint; characters XML forbids are left out."""
    root = root_name(endpoint)
    kind = "UpdStatus" if endpoint.startswith("upd_") else "GetStatus"
    message = f"<Message>{escaped(reply.error)}</Message>" if reply.error else "<Message/>"
    parts = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        f"<{root} version='1.0'>",
        f"  <ResultSet TotalResult='{len(reply.rows)}'>",
        "    <ResultStatus>",
        f"      <{kind}>{ERROR if reply.error else SUCCESS}</{kind}>",
        f"      {message}",
        "    </ResultStatus>",
    ]
    parts += [_row(number, reply.fields, row) for number, row in enumerate(reply.rows, start=1)]
    parts += ["  </ResultSet>", f"</{root}>", ""]
    return _FORBIDDEN.sub("", "\n".join(parts))


def _row(number: int, fields: Sequence[str], row: Sequence[str]) -> str:
    cells = [
        f"      <{name}>{escaped(value)}</{name}>" if value else f"      <{name}/>"
        for name, value in zip(fields, row, strict=True)
    ]
    return "\n".join((f"    <Result No='{number}'>", *cells, "    </Result>"))
