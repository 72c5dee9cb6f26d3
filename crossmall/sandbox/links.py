"""The 3PL's own SKU list and its links to CROSS MALL goods, with planted near misses.

A link holds when 商品コード, 商品名 and ``属性1,属性2`` are equal to the letter, blanks included [S].
"""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from crossmall.sandbox.arrivals import SHOPS
from crossmall.sandbox.catalogue import Catalogue, Sku
from crossmall.sandbox.clock import DAY_S
from crossmall.sandbox.scenario import LINK_PLANTS, Scenario

SKU_NO_FIRST = 7_100_001
GROUP_NO_FIRST = 510_001
NAME_ADDITION = "【送料無料】"
FORMER_ADDITION = "新発売 "  # what a product's name began with before staff renamed it
RENAMED_BEFORE_S = 2 * DAY_S  # how long before the epoch they did
CHOON, FULL_WIDTH_HYPHEN = "ー", "－"
_FULL = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォッャュョー"
_HALF = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｯｬｭｮｰ"
_VOICED = dict(zip("ガギグゲゴザジズゼゾダヂヅデドバビブベボ", "ｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ", strict=True))
_ROUND = dict(zip("パピプペポ", "ﾊﾋﾌﾍﾎ", strict=True))
_TO_HALF = str.maketrans(
    dict(zip(_FULL, _HALF, strict=True))
    | {full: f"{half}ﾞ" for full, half in _VOICED.items()}
    | {full: f"{half}ﾟ" for full, half in _ROUND.items()}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One SKU of the 3PL with the CROSS MALL texts it is linked by.

    planted: the kind of near miss or empty. sku: index in the catalogue, None for stale rows.
    linked: False when the SKU exists but no mapping row does. listed: False when not even the SKU exists there.
    """

    sku_no: str
    group_no: str
    seller_code: str
    barcode: str
    product_no: str
    name: str
    option: str
    is_set: bool
    sku: int | None
    planted: str = ""
    linked: bool = True
    listed: bool = True


def all_links(seed: int, scenario: Scenario, catalogue: Catalogue) -> tuple[Link, ...]:
    """Links of every SKU, the planted ones altered, duplicates and stale rows appended."""
    links, twice = _own_links(catalogue)
    rng = random.Random(f"{seed}:{scenario.name}:links")
    extra: list[Link] = []
    free = list(links)
    rng.shuffle(free)
    free = [index for index in free if index not in twice]
    for number in twice:
        own = _renumbered(_with_name(_wide)(links[number]))
        links[number] = replace(own, planted="twice")
    for kind in LINK_PLANTS:
        for ordinal in range(scenario.links.get(kind, 0)):
            if kind == "twice":
                continue
            if kind == "stale":
                extra.append(_stale(ordinal))
                continue
            index = next((i for i in free if _suits(kind, links[i])), None)
            if index is None:
                continue
            free.remove(index)
            if kind != "duplicate":
                links[index] = replace(ALTERATIONS[kind](links[index]), planted=kind)
            if kind in ("duplicate", "ambiguous"):
                extra.append(_twin(links[index], len(links) + len(extra), kind))
    return (*links.values(), *extra)


def _own_links(catalogue: Catalogue) -> tuple[dict[int, Link], list[int]]:
    """The link of every SKU the 3PL has, and which of them stand for goods that are registered twice."""
    known = {sku.index: catalogue.item_of(sku) for sku in catalogue.skus}
    again = {item.again for item in known.values() if item.again}
    links = {
        index: _true_link(catalogue, catalogue.skus[index])
        for index, item in known.items()
        if not item.again
    }
    return links, [index for index, item in known.items() if item.code in again]


def sku_no(index: int) -> str:
    """The 3PL's number of the SKU at this position."""
    return str(SKU_NO_FIRST + index * 3)


def option_text(sku: Sku) -> str:
    """``属性1,属性2``; one attribute stands alone and none is empty [I]."""
    return ",".join(name for _, name in (sku.attribute1, sku.attribute2) if name)


def half_width(text: str) -> str:
    """The text with full-width katakana written in half-width forms."""
    return text.translate(_TO_HALF)


def former_names(links: Iterable[Link]) -> dict[str, str]:
    """Item code -> the name that the product had before staff renamed it, which the 3PL still has."""
    return {link.product_no: link.name for link in links if link.planted == "renamed"}


def odd_skus(links: Iterable[Link]) -> set[int]:
    """Positions of the SKUs whose link is altered, is not there, or is not the only one."""
    every = list(links)
    twins = {(link.product_no, link.option) for link in every if link.sku is None}
    return {
        link.sku
        for link in every
        if link.sku is not None and (link.planted or (link.product_no, link.option) in twins)
    }


def link_shops() -> tuple[str, ...]:
    """The shops each link is listed for; every linked SKU is sold in all of them."""
    return tuple(SHOPS)


def _true_link(catalogue: Catalogue, sku: Sku) -> Link:
    item = catalogue.item_of(sku)
    return Link(
        sku_no=sku_no(sku.index),
        group_no=str(GROUP_NO_FIRST + item.index),
        seller_code=sku.code,
        barcode=sku.jan,
        product_no=item.code,
        name=item.name,
        option=option_text(sku),
        is_set=bool(sku.components),
        sku=sku.index,
    )


def _stale(ordinal: int) -> Link:
    code = f"OLD-{ordinal + 1:04d}"
    return Link(
        sku_no=str(SKU_NO_FIRST - 3 * (ordinal + 1)), group_no=str(GROUP_NO_FIRST - ordinal - 1),
        seller_code=code, barcode="", product_no=code, name=f"廃番商品 {ordinal + 1}",
        option="ホワイト", is_set=False, sku=None, planted="stale",
    )  # fmt: skip


def _twin(link: Link, position: int, kind: str) -> Link:
    return replace(
        link, sku_no=sku_no(position), seller_code=f"{link.seller_code}-2", planted=kind, sku=None
    )


def _suits(kind: str, link: Link) -> bool:
    """Whether the near miss would really change this link's text, and only as it says."""
    if kind in ("duplicate", "ambiguous", "unlisted"):
        return not link.is_set
    if kind in ("name_differs", "missing"):
        return True
    if kind == "renamed":
        return not link.is_set and not link.option
    if kind in ("full_width_comma", "swapped") and "," not in link.option:
        return False
    changed = ALTERATIONS[kind](link)
    return (changed.name, changed.option, changed.product_no) != (
        link.name, link.option, link.product_no
    )  # fmt: skip


def _with_option(change: Callable[[str], str]) -> Callable[[Link], Link]:
    return lambda link: replace(link, option=change(link.option))


def _with_name(change: Callable[[str], str]) -> Callable[[Link], Link]:
    return lambda link: replace(link, name=change(link.name))


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalpha() else c for c in text)


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


def _renumbered(link: Link) -> Link:
    return replace(link, product_no=f"{link.product_no}R")


def _other_figure(text: str) -> str:
    return re.sub(
        r"[1-9](?=[足点包袋色個])", lambda found: str(int(found[0]) % 9 + 1), text, count=1
    )


def _blank_inside(text: str) -> str:
    return text.replace(",", ",　") if "," in text else f"{text[:1]}　{text[1:]}"


ALTERATIONS: dict[str, Callable[[Link], Link]] = {
    "half_width_kana": _with_option(half_width),
    "ideographic_blank": _with_option(_blank_inside),
    "trailing_blank": _with_option(lambda text: f"{text} "),
    "full_width_comma": _with_option(lambda text: text.replace(",", "，")),
    "swapped": _with_option(lambda text: ",".join(reversed(text.split(",")))),
    "hyphen_choon": _with_option(lambda text: text.replace(CHOON, FULL_WIDTH_HYPHEN)),
    "name_differs": lambda link: replace(link, name=f"{NAME_ADDITION}{link.name}"),
    "missing": lambda link: replace(link, linked=False),
    "full_width_letters": _with_name(_full_width),
    "middle_dot": _with_name(lambda text: text.replace("・", "･")),
    "brackets": _with_name(lambda text: text.translate(str.maketrans("【】", "［］"))),
    "letter_case": _with_name(str.lower),
    "times_sign": _with_name(lambda text: text.replace("×", "x")),
    "old_kanji": _with_name(lambda text: text.translate(str.maketrans("国万", "國萬"))),
    "unit_sign": _with_name(lambda text: text.replace("cm", "㎝")),
    "double_blank": _with_name(lambda text: text.replace(" ", "  ")),
    "other_figure": _with_name(_other_figure),
    "renumbered": _renumbered,
    "blank_name": _with_name(lambda _: ""),
    "renamed": _with_name(lambda text: f"{FORMER_ADDITION}{text}"),
    "ambiguous": _with_name(lambda text: f"{text} "),
    "unlisted": lambda link: replace(link, linked=False, listed=False),
}
