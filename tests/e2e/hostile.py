"""A shop whose names are not its own: between the stand-in and us, every text of both vendors is exchanged for another one.

The same text stands wherever the same thing is meant, so that lines find their products and links their SKUs.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote_plus, unquote_plus

from reconcile import TriageFilter, UsageError, Workspace
from tests.integration.conftest import KEY
from tests.reliability.desk import LivingShop
from tests.reliability.proxy import Proxy

ACCOUNT, WHO = "mihon", "佐藤"
FAR = "192.0.2.1"  # nobody has it
KEPT_PHASES = ("発送待機", "QXPRESS発送済み")  # the two that the rules know by name
FILES = ("orders", "skus", "mappings", "stock", "sync-log")
_BLOCK = re.compile(r"<Result No='\d+'>.*?</Result>", re.DOTALL)
_CELL = re.compile(r"<(\w+)>([^<]+)</\1>")
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# element of a reply -> what is meant by it, and by which element beside it that is told apart from others
_MEANT = {
    "order_code": ("order", None),
    "shop_name": ("shop", "order_number"),
    "phase_name": ("phase", "order_number"),
    "delivery_number": ("tracking", None),
    "delivery_name": ("carrier", "order_number"),
    "item_code": ("item", None),
    "item_cd": ("item", None),
    "item_name": ("name", None),
    "attribute1_name": ("option", "item_code"),
    "attribute2_name": ("option", "item_code"),
    "item_option1": ("note", "order_number"),
    "item_sku_code": ("sku", None),
}
# title of a file -> what is meant by it; those of None stand for themselves in each row
_TITLED = {
    "サイト注文番号": "order",
    "参照番号": "order",
    "商品番号": "item",
    "代表商品番号": "group",
    "商品名": "name",
    "販売者コード": "sku",
    "SKU番号": "sku_no",
    "送り状番号": "tracking",
    "配送会社": None,
    "倉庫": None,
    "備考": None,
    "メッセージ": None,
}
_OPTIONS = ("オプション", "オプション名", "オプション値")
_NOW_AND_THEN = (
    "状態",
    "保留理由",
    "結果",
    "同期タイプ",
)  # most rows keep theirs, else nothing could be judged
EVERY = 7


class Names:
    """Another text for every text of a kind: the next one of `texts`, with a number before it once all are used up."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [_NO_XML.sub("", text) for text in texts]
        self._known: dict[str, dict[object, str]] = {}

    def of(self, kind: str, meant: object) -> str:
        known = self._known.setdefault(kind, {})
        if meant not in known:
            round_, place = divmod(len(known), len(self._texts))
            known[meant] = (f"{round_} " if round_ else "") + self._texts[place]
        return known[meant]

    def known(self, kind: str, meant: object) -> bool:
        return meant in self._known.get(kind, {})

    def back(self, kind: str, text: str) -> str:
        found = (meant for meant, name in self._known.get(kind, {}).items() if name == text)
        return str(next(found, text))


class RenamedShop(Proxy):  # type: ignore[misc]  # written without types
    """The line on which the names are exchanged, in what is asked too; `file` gives Smartship's files alike."""

    def __init__(self, shop: LivingShop, names: Names) -> None:
        self._shop, self._names = shop, names
        super().__init__(shop.url)

    def passed_on(self, path: str) -> tuple[int, bytes]:
        status, body = super().passed_on(self._asked(path))
        with self._lock:  # several replies at once: a text is given out once
            endpoint = path.partition("?")[0].rpartition("/")[2]
            text = _BLOCK.sub(lambda found: self._row(endpoint, found[0]), body.decode("utf-8"))
        return status, text.encode("utf-8")

    def _asked(self, path: str) -> str:
        place, _, query = path.partition("?")
        pairs = [pair.partition("=")[::2] for pair in query.split("&")]
        codes = {"item_code": "item", "sku_code": "sku"}
        own = [
            (name, quote_plus(self._names.back(codes[name], unquote_plus(value)), safe=":"))
            if name in codes
            else (name, value)
            for name, value in pairs
            if name != "signing"
        ]
        asked = "&".join(f"{name}={value}" for name, value in own)
        signing = hashlib.md5((asked + KEY).encode(), usedforsecurity=False).hexdigest()
        return f"{place}?{asked}&signing={signing}"

    def _row(self, endpoint: str, row: str) -> str:
        values = {name: html.unescape(value) for name, value in _CELL.findall(row)}
        values["item_code"] = values.get("item_code") or values.get("item_cd", "")

        def other(found: re.Match[str]) -> str:
            name, value = found[1], html.unescape(found[2])
            kind, beside = _MEANT.get(name, ("", None))
            is_group = endpoint == "get_item" and kind == "option"  # カラー, サイズ
            if not kind or is_group or endpoint == "get_phase":
                return found[0]
            if kind == "phase" and value in KEPT_PHASES:
                return found[0]
            meant = value if beside is None else (values.get(beside), value)
            return f"<{name}>{html.escape(self._names.of(kind, meant), quote=False)}</{name}>"

        return _CELL.sub(other, row)

    def file(self, kind: str) -> bytes:
        """One of Smartship's files with the names of this shop."""
        data, _ = self._shop.file(kind, encoding="utf-8-sig")
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        out = io.StringIO(newline="")
        written = csv.writer(out, lineterminator="\r\n")
        written.writerow(head)
        for place, row in enumerate(rows):
            cells = dict(zip(head, row, strict=True))
            written.writerow(self._cell(title, cells, f"{kind} {place}") for title in head)
        return out.getvalue().encode("utf-8")

    def _cell(self, title: str, cells: dict[str, str], place: str) -> str:
        value, names = cells[title], self._names
        if not value:
            return value
        if title in _OPTIONS:
            item = cells.get("商品番号", "")
            parts = [(item, part) for part in value.split(",")]
            if all(names.known("option", part) for part in parts):
                return ",".join(names.of("option", part) for part in parts)
            return names.of("their option", (item, value))
        if title in _NOW_AND_THEN:
            return names.of(title, place) if int(place.split()[1]) % EVERY == 0 else value
        if title not in _TITLED:
            return value
        kind = _TITLED[title]
        if kind == "order" and value.isdigit() and not names.known("order", value):
            return value  # 管理番号
        return names.of(title, place) if kind is None else names.of(kind, value)


def furnished(
    home: Path, texts: Sequence[str], *, orders: int = 60
) -> tuple[Workspace, Counter[str]]:
    """A desk that was read and told files full of these texts, and on which people wrote them; how many it took of each.

    The stand-in is gone afterwards: the desk shows what it holds.
    """
    shop = LivingShop(orders=orders, seed=7, scenario="demo")
    line = RenamedShop(shop, Names(texts))
    try:
        shop.post("settings", phases=[*KEPT_PHASES, *(text for text in texts if text.strip())])
        desk = told(home, line.url, line.file)
    finally:
        line.stop()
        shop.stop()
    return desk, written(desk, texts)


def told(home: Path, url: str, file: Callable[[str], bytes]) -> Workspace:
    """A desk with one account, read once and told every kind of Smartship's files."""
    desk = Workspace.open(home)
    desk.add_account(ACCOUNT, company_code="ill", key=KEY, base_url=url)
    desk.sync(ACCOUNT)
    desk.import_files(ACCOUNT, [(f"{kind}.csv", file(kind)) for kind in FILES])
    return desk


def written(desk: Workspace, texts: Sequence[str]) -> Counter[str]:
    """People's words on that desk, as many as it takes: notes, reasons, names of people, views and channels."""
    rows = [row for row in desk.triaged(TriageFilter(account=ACCOUNT)).rows if row.order_number]
    taken: Counter[str] = Counter()

    def take(name: str, act: Callable[..., object], *given: object, **values: object) -> None:
        try:
            act(*given, **values)
        except UsageError:
            return
        taken[name] += 1

    for place, text in enumerate(texts):
        on = (ACCOUNT, [rows[place % len(rows)].finding_key])
        take("note", desk.triage, *on, "note", text=text, by=WHO)
        if place < len(rows) // 2:
            take("reason", desk.triage, *on, "ignore", reason=text, by=WHO)
        take("assignee", desk.triage, *on, "assign", assignee=text, by=text)
        take("view", desk.save_view, text, {"shop": ["1"]}, by=text)
        take("channel", desk.set_alert_channel, text, kind="slack", secret=f"https://{FAR}/x")
    mail = {"host": "mail.example", "sender": "a@shop.example", "to": ("b@shop.example",)}
    user = "".join(char for char in texts[0] if char.isprintable())
    take("user", desk.set_alert_channel, "mail", kind="mail", secret="x", user=user, **mail)
    return taken
