"""What goes over the wire and back, without a wire: exact query text out, XML bytes in, errors chosen.

The only home of the XML reader. Every failure is one of ours: TransportError when the body is no
envelope at all, UnreadableResponse when it is not a sound one, ApiError when it says ``error``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from lxml import etree

from crossmall import rows as kinds
from crossmall.bodies import check_body, no_envelope, unreadable, without_illegal_characters
from crossmall.errors import (
    ApiError,
    AuthError,
    NotFound,
)
from crossmall.provisional import respelt
from crossmall.queries import build_query
from crossmall.rows import RowRule
from crossmall.types import (
    Item,
    ItemAttribute,
    ItemSku,
    KeepPersonal,
    Order,
    OrderComponent,
    OrderLine,
    Page,
    Phase,
    ServiceStatus,
    SkippedRow,
    SkuChange,
    Stock,
    StockChange,
)
from crossmall.values import BrokenValue

__all__ = [
    "Envelope",
    "build_query",
    "choose_error",
    "read_envelope",
    "read_item_attributes",
    "read_item_skus",
    "read_items",
    "read_order_components",
    "read_order_lines",
    "read_orders",
    "read_phases",
    "read_services",
    "read_sku_changes",
    "read_stock",
    "read_stock_changes",
    "read_update",
]

T = TypeVar("T")
Fields = Mapping[str, str] | None  # names on the wire that differ from ours, to ours

MAX_DEPTH: Final = 64  # [D] real envelopes have four levels
MAX_VENDOR_TEXT: Final = 500  # characters kept of a Message [D]
AUTH_FRAGMENT: Final = "認証"  # [S]
NOT_FOUND_FRAGMENT: Final = "見つかりません"  # [S]

_TOO_DEEP = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A Result that is not a flat list of fields."""

    reason: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sound reply: ``success`` or ``error``, the vendor's text, and raw rows in order."""

    status: str
    message: str | None
    rows: tuple[dict[str, str] | BrokenRow, ...]
    repaired: bool


def choose_error(envelope: Envelope) -> ApiError | None:
    """The error the envelope states, or None on success; matched by fragments [S], never equality.

    ``vendor_text`` is still as the vendor sent it: redact before showing.
    """
    if envelope.status == "success":
        return None
    text = (envelope.message or "")[:MAX_VENDOR_TEXT] or None
    if text and AUTH_FRAGMENT in text:
        return AuthError("the call was refused", vendor_text=text, reason="auth")
    if text and NOT_FOUND_FRAGMENT in text:
        return NotFound("there is no such thing", vendor_text=text, reason="not_found")
    return ApiError("the vendor answered with an error", vendor_text=text, reason="api")


def _parse(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(body, parser)


def _tree(body: bytes) -> tuple[etree._Element, bool]:
    """The root element, and whether forbidden characters had to be stripped first."""
    cleaned, repaired = body, False
    try:
        try:
            root = _parse(body)
        except etree.XMLSyntaxError:
            cleaned = without_illegal_characters(body)
            repaired = cleaned != body
            if not repaired:
                raise
            root = _parse(cleaned)
    except etree.XMLSyntaxError as failure:
        line, column = failure.position
        where = f"line {line}, column {column}"
        raise unreadable(
            "malformed", f"the reply is cut off or not well-formed at {where}", body, retryable=True
        ) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]  # missing in the stubs
        raise unreadable("doctype", "the reply declares a document type", body)
    if _TOO_DEEP(root):
        raise unreadable("too_deep", f"the reply nests deeper than {MAX_DEPTH}", body)
    return root, repaired


def _name(element: etree._Element) -> str:
    tag = str(element.tag)
    return tag.rpartition("}")[2] if tag[0] == "{" else tag


def _row(result: etree._Element) -> dict[str, str] | BrokenRow:
    row: dict[str, str] = {}
    for field in result:
        name, value = _name(field), field.text or ""
        if len(field):
            return BrokenRow(f"{name[:40]}: holds elements instead of text")
        if row.setdefault(name, value) != value:
            return BrokenRow(f"{name[:40]}: given twice with different values")
    return row


def read_envelope(body: bytes) -> Envelope:
    """The reply by structure: root, ResultSet, then ResultStatus and Result; names of roots vary.

    Raises TransportError (empty, HTML, not XML) or UnreadableResponse (anything unsound).
    """
    body = check_body(body)
    root, repaired = _tree(body)
    sets = [child for child in root if _name(child) == "ResultSet"]
    blocks = [c for one in sets for c in one if _name(c) == "ResultStatus"]
    parts = {_name(c): (c.text or "").strip() for block in blocks for c in block}
    states = [parts[name] for name in ("GetStatus", "UpdStatus") if name in parts]
    if len(sets) != 1 or len(blocks) != 1 or len(states) != 1:
        if _name(root).lower() == "html":
            raise no_envelope("html", "a web page came back instead of data", body)
        raise unreadable("structure", "the reply has no single ResultSet with one status", body)
    if states[0] not in ("success", "error"):
        raise unreadable("structure", "the reply has a status other than success or error", body)
    results = tuple(_row(c) for c in sets[0] if _name(c) == "Result")
    return Envelope(states[0], parts.get("Message") or None, results, repaired)


def _page(
    body: bytes, rule: RowRule[T], keep_personal: KeepPersonal, fields: Fields = None
) -> Page[T]:
    """The rows of a reply; an absent element reads as an empty one, and is told where the reply writes empty ones [S]."""
    envelope = read_envelope(body)
    error = choose_error(envelope)
    if error is not None:
        raise error
    good: list[T] = []
    skipped: list[SkippedRow] = []
    partial: list[tuple[T, SkippedRow]] = []
    names: set[str] = set()
    last_key: str | None = None
    fills_up = any("" in row.values() for row in envelope.rows if not isinstance(row, BrokenRow))
    for position, row in enumerate(envelope.rows, start=1):
        if isinstance(row, BrokenRow):
            skipped.append(SkippedRow(position=position, reason=row.reason))
            continue
        row = respelt(row, fields) if fields else row
        names.update(row)
        key = rule.key_of(row)
        last_key = key or last_key
        try:
            good.append(rule.read(row, keep_personal))
        except BrokenValue as broken:
            skipped.append(SkippedRow(position=position, reason=str(broken), key=key))
            continue
        if fills_up and (lacking := rule.lacking(row)):
            reason = f"{lacking}: no such element"
            partial.append((good[-1], SkippedRow(position=position, reason=reason, key=key)))
    return Page(
        rows=tuple(good),
        skipped=tuple(skipped),
        partial=tuple(partial),
        raw_count=len(envelope.rows),
        last_key=last_key,
        repaired=envelope.repaired,
        unknown_fields=rule.unknown(names),
    )


def read_phases(body: bytes, fields: Fields = None) -> Page[Phase]:
    """The account's phase names in the order sent [I]; raises as read_envelope, or ApiError."""
    return _page(body, kinds.PHASE, False, fields)


def read_orders(body: bytes, keep_personal: KeepPersonal = False) -> Page[Order]:
    """Order headers; raises as read_envelope, or ApiError."""
    return _page(body, kinds.ORDER, keep_personal)


def read_order_lines(body: bytes, keep_personal: KeepPersonal = False) -> Page[OrderLine]:
    """Order lines; raises as read_envelope, or ApiError."""
    return _page(body, kinds.ORDER_LINE, keep_personal)


def read_order_components(body: bytes) -> Page[OrderComponent]:
    """Parts of a set line; raises as read_envelope, or ApiError."""
    return _page(body, kinds.ORDER_COMPONENT, False)


def read_items(body: bytes) -> Page[Item]:
    """Items; raises as read_envelope, or ApiError."""
    return _page(body, kinds.ITEM, False)


def read_item_skus(body: bytes) -> Page[ItemSku]:
    """SKUs; raises as read_envelope, or ApiError."""
    return _page(body, kinds.ITEM_SKU, False)


def read_stock(body: bytes) -> Page[Stock]:
    """Stock figures; raises as read_envelope, or ApiError."""
    return _page(body, kinds.STOCK, False)


def read_item_attributes(body: bytes, fields: Fields = None) -> Page[ItemAttribute]:
    """Values of an item's attribute; raises as read_envelope, or ApiError."""
    return _page(body, kinds.ITEM_ATTRIBUTE, False, fields)


def read_stock_changes(body: bytes, fields: Fields = None) -> Page[StockChange]:
    """Stock figures that moved; raises as read_envelope, or ApiError."""
    return _page(body, kinds.STOCK_CHANGE, False, fields)


def read_sku_changes(body: bytes, fields: Fields = None) -> Page[SkuChange]:
    """SKUs that changed; raises as read_envelope, or ApiError."""
    return _page(body, kinds.SKU_CHANGE, False, fields)


def read_services(body: bytes, fields: Fields = None) -> Page[ServiceStatus]:
    """States of the services; raises as read_envelope, or ApiError."""
    return _page(body, kinds.SERVICE, False, fields)


def read_update(body: bytes) -> Page[None]:
    """An empty page when an update says ``success``; raises as read_envelope, or ApiError."""
    envelope = read_envelope(body)
    error = choose_error(envelope)
    if error is not None:
        raise error
    return Page(rows=(), raw_count=len(envelope.rows), repaired=envelope.repaired)
