"""Makes a raw reply safe to keep: the same shape, without what tells who somebody is.

A reply that the wire reader accepts keeps its text except for personal, unknown and secret values; any other
is reduced to known tags and lengths. Nothing is kept because it was not recognised.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final

from crossmall import rows
from crossmall.errors import CrossmallError
from crossmall.fields import PERSONAL_FIELDS, is_label, is_personal
from crossmall.wire import read_envelope

# Written by people, so masked whole: letters of any kind may tell something.
MEMO_FIELDS: Final = frozenset(
    {"order_memo", "comment", "delivery_memo", "short_memo", "postit_memo"}
)
# Not personal by itself, but opens the carrier's page about somebody's parcel [D].
TRACEABLE_FIELDS: Final = frozenset({"delivery_number"})
UNCONFIRMED_FIELDS: Final = frozenset(
    {
        "updated_at",
        "attribute_type",
        "attribute_code",
        "attribute_name",
        "service_type",
        "service_status",
    }
)
SHORTEST_SECRET: Final = 3  # shorter ones are hidden as whole words only [D]
SHORTEST_PERSONAL: Final = 2  # characters of a value in Japanese that is looked for elsewhere [D]
SHORTEST_ASCII: Final = 5  # likewise of one in ASCII, which would hit codes and counts [D]

_KEPT = (
    rows.ORDER.known
    | rows.ORDER_LINE.known
    | rows.ORDER_COMPONENT.known
    | rows.PHASE.known
    | rows.ITEM.known
    | rows.ITEM_SKU.known
    | rows.STOCK.known
    | UNCONFIRMED_FIELDS
) - TRACEABLE_FIELDS
_ENVELOPE = frozenset({"ResultSet", "ResultStatus", "Result", "GetStatus", "UpdStatus", "Message"})
_ROOT = re.compile(r"(?:Get|Upd)[A-Za-z]{1,30}")
_HTML = frozenset({"html", "head", "title", "body", "h1", "p", "form", "input", "script", "div"})
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z_][\w.-]*)"
    r"(?P<attributes>(?:\s+[\w.:-]+\s*=\s*(?:'[^'<]*'|\"[^\"<]*\"))*)\s*(?P<empty>/?)>"
)
_ATTRIBUTE = re.compile(r"([\w.:-]+)(\s*=\s*)(['\"])(.*?)\3", re.DOTALL)
_DECLARATION = re.compile(r"\s*<\?xml[^<>?]{0,100}\?>")
_PLAIN_ATTRIBUTES = {
    "version": re.compile(r"[\d.]{1,8}"),
    "TotalResult": re.compile(r"\d{1,9}"),
    "No": re.compile(r"\d{1,9}"),
}
_SHAPES = (
    ("0", re.compile(r"[0-9]")),
    ("x", re.compile(r"[a-z]")),
    ("X", re.compile(r"[A-Z]")),
    ("０", re.compile(r"[０-９]")),
    ("ｘ", re.compile(r"[ａ-ｚ]")),
    ("Ｘ", re.compile(r"[Ａ-Ｚ]")),
    ("あ", re.compile(r"[ぁ-ゖ]")),
    ("ア", re.compile(r"[ァ-ヺ]")),
    ("ｱ", re.compile(r"[ｦ-ﾝ]")),
    ("〇", re.compile(r"[㐀-鿿豈-﫿々〇]")),
)
WHOLE: Final = "〇"


@dataclass(slots=True)
class Masker:
    """Masks the replies of one account; remembers personal values, so that they are found in other places too.

    secrets: key and company code, hidden wherever they stand. Read every reply before writing the first:
    what a later reply shows to be personal is masked in an earlier one as well.
    """

    secrets: tuple[str, ...] = field(repr=False)
    personal: set[str] = field(default_factory=set, repr=False)

    def learn(self, body: bytes) -> None:
        """Remember the personal values of a reply."""
        for name, value in _values(body):
            shortest = SHORTEST_ASCII if value.isascii() else SHORTEST_PERSONAL
            if (is_personal(name) or name in TRACEABLE_FIELDS) and len(value) >= shortest:
                self.personal.add(value)

    def is_sound(self, body: bytes) -> bool:
        """Whether the reply can be kept as masked XML."""
        return _readable(body) is not None

    def masked(self, body: bytes) -> str:
        """The reply with its shape: masked XML, or the structure alone when it cannot be read."""
        text = _readable(body)
        return structure(body) if text is None else self._masked_xml(text)

    def told(self, text: str) -> str:
        """A text for people, such as the vendor's message, without secrets, personal values and long numbers."""
        return re.sub(r"\d{4,}", lambda run: shape(run[0]), self._scrubbed(text))

    def _masked_xml(self, text: str) -> str:
        pieces: list[str] = []
        path: list[str] = []
        at = 0
        start = _DECLARATION.match(text)
        if start:
            pieces.append("<?xml version='1.0' encoding='UTF-8'?>")
            at = start.end()
        while at < len(text):
            tag = _TAG.match(text, at)
            if tag is None:
                end = text.find("<", at)
                end = len(text) if end < 0 else end
                pieces.append(self._text(path[-1] if path else "", text[at:end]))
                at = end
                continue
            pieces.append(self._tag(tag))
            if tag["end"]:
                path.pop()
            elif not tag["empty"]:
                path.append(tag["name"])
            at = tag.end()
        return "".join(pieces)

    def _tag(self, tag: re.Match[str]) -> str:
        attributes = _ATTRIBUTE.sub(self._attribute, tag["attributes"])
        return f"<{tag['end']}{tag['name']}{attributes}{tag['empty']}>"

    def _attribute(self, found: re.Match[str]) -> str:
        name, equals, quote, value = found.groups()
        plain = _PLAIN_ATTRIBUTES.get(name)
        kept = value if plain and plain.fullmatch(value) else shape(unescape(value))
        return f"{name}{equals}{quote}{escape(kept)}{quote}"

    def _text(self, name: str, raw: str) -> str:
        if not raw.strip():
            return raw
        value = unescape(raw)
        if name in ("GetStatus", "UpdStatus") and value.strip() in ("success", "error"):
            return raw
        if name == "Message":
            return escape(self.told(value), quote=False)
        if is_personal(name):
            return escape(whole(value) if _is_memo(name) else shape(value), quote=False)
        if name in _KEPT or is_label(name):
            return escape(self._scrubbed(value), quote=False)
        return escape(shape(value), quote=False)

    def _scrubbed(self, text: str) -> str:
        for secret in sorted(self.secrets, key=len, reverse=True):
            word = re.escape(secret)
            pattern = word if len(secret) > SHORTEST_SECRET else rf"(?<!\w){word}(?!\w)"
            text = re.sub(pattern, lambda found: shape(found[0]), text)
        for value in sorted(self.personal, key=len, reverse=True):
            if value in text:
                text = text.replace(value, shape(value))
        return text


def shape(text: str) -> str:
    """The text with every letter and digit replaced by one of its kind; blanks and punctuation stay."""
    return "".join(_shaped(character) for character in text)


def whole(text: str) -> str:
    """The text with every character but line breaks replaced by the same sign."""
    return "".join(c if c in "\r\n" else WHOLE for c in text)


def structure(body: bytes) -> str:
    """Known tags in order and the length of the text between them, for a reply that cannot be read."""
    lines = []
    for piece in re.split(r"(<[^<>]*>?)", body.decode("latin-1")):
        if piece.startswith("<"):
            lines.append(_known_tag(piece))
        elif piece.strip():
            lines.append(f"[{len(piece)}]")
    return "".join(lines) + f"\n({len(body)} bytes)\n"


def _is_memo(name: str) -> bool:
    return name in MEMO_FIELDS or name.startswith(("order_option", "item_option"))


def _shaped(character: str) -> str:
    for sign, pattern in _SHAPES:
        if pattern.match(character):
            return sign
    category = unicodedata.category(character)
    return WHOLE if category[0] in "LNM" or category in ("So", "Co", "Cn", "Cs") else character


def _readable(body: bytes) -> str | None:
    """The text when the wire reader accepts it and every tag is plain; comments and CDATA are not."""
    try:
        read_envelope(body)
        text = body.decode("utf-8-sig")
    except (CrossmallError, UnicodeDecodeError):
        return None
    rest = _DECLARATION.sub("", text, count=1)
    names = [tag["name"] for tag in _TAG.finditer(rest)]
    if rest.count("<") != len(names):
        return None
    return text


def _values(body: bytes) -> Iterable[tuple[str, str]]:
    """(field, value) of all rows of a readable reply; personal values of others are found by tags alone."""
    text = body.decode("utf-8", "replace")
    for found in re.finditer(r"<([A-Za-z_][\w.-]*)>([^<]+)</\1>", text):
        yield found[1], unescape(found[2]).strip()


def _known_tag(piece: str) -> str:
    found = re.match(r"<(/?)([A-Za-z_][\w.-]*)", piece)
    if not found:
        return "<?>"
    name = found[2]
    known = (
        name in _ENVELOPE
        or name in _KEPT
        or name.lower() in _HTML
        or _ROOT.fullmatch(name)
        or any(is_personal(name) and name.startswith(one.rstrip("*")) for one in PERSONAL_FIELDS)
    )
    return f"<{found[1]}{name if known and len(name) <= 40 else '?'}>"
