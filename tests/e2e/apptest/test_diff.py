"""The character diff is safe against any text: nothing of it becomes markup or turns a row, and nothing of it gets lost."""

from __future__ import annotations

import random
import unicodedata
from functools import cache
from html.parser import HTMLParser

from streamlit.testing.v1 import AppTest

from benchmarks.noise import NOISE, shop
from reconcile.mapping import difference
from reconcile.text import Text

TEXT = Text("ja")
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "タオル\u202eﾙｵﾀ\u202c白",
    "\u2066a\u2069\u200f\u061c",
    "\ud800か\u3099\udfff",
    "\u3099\u0301ア",
    "👨\u200d👩\u200d👧 ⚠\ufe0f",
    "תווית العربية",
    "&lt;b&gt; &amp; &#x27;",
    "\x00\x07\x1b[31m\t\r\n",
    " 　\u00a0 ",
    "",
)
TAGS = {"div", "span", "bdi", "p", "i", "code", "details", "summary", "table", "tr", "th", "td"} | {
    "br"
}
ATTRIBUTES = {"class", "dir", "aria-hidden", "title"}
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class Rows(HTMLParser):
    """The two rows as a browser would read them: the text of each side without the boxes, and every tag and attribute."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.sides = ["", ""]
        self._open: list[str] = []
        self._side = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        names = dict(attrs).get("class") or ""
        if tag != "br":
            self._open.append(names or tag)
        if "column" in names.split():
            self._side = -1
        if tag == "bdi":
            self._side += 1

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        inside = [one.split()[0] for one in self._open]
        if "flow" in inside and not {"unseen", "gap", "tip"} & set(inside):
            self.sides[self._side] += data


def pairs() -> list[tuple[str, str]]:
    dice = random.Random(5)
    found = [(one, other) for one in NASTY for other in (*dice.sample(NASTY, 3), one)]
    products = shop(dice, 3000)
    for noise in NOISE.values():
        changed = ((one, noise(dice, one)) for one in dice.sample(products, 300))
        one, other = next((pair for pair in changed if pair[1] is not None), (products[0], None))
        found.append((one.name, other.name if other else one.name))
    return found


@cache
def app() -> AppTest:
    def page() -> None:
        import streamlit as st

        from pages.ui import diffview
        from reconcile.text import Text

        diffview.show(Text("ja"), st.session_state["parts"], left="L", right="R")

    return AppTest.from_function(page, default_timeout=60)


def shown(left: str, right: str) -> str:
    app().session_state["parts"] = [part._asdict() for part in difference(left, right)]
    app().run()
    assert not app().exception
    (html,) = app().get("html")
    return str(html.proto.body)


def seen(raw: str) -> str:
    unseen = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs", "Mn", "Me"}
    return "".join(char for char in raw if unicodedata.category(char) not in unseen)


def test_no_text_becomes_markup_turns_the_row_or_gets_lost() -> None:
    for left, right in pairs():
        html = shown(left, right)
        rows = Rows(html)
        assert rows.tags <= TAGS, (left, right)
        assert rows.attributes <= ATTRIBUTES, (left, right)
        assert not set(TURNING) & set(html), (left, right)
        html.encode("utf-8")
        assert [seen(side) for side in rows.sides] == [seen(left), seen(right)]


def test_what_cannot_be_seen_is_a_box_with_its_name() -> None:
    html = shown("タオル\u200b白", "タオル　白")
    for char in ("\u200b", "\u3000"):
        assert f'<span class="unseen">{TEXT(f"frame.char.u{ord(char):04x}")}</span>' in html
        assert f"U+{ord(char):04X}</code> {unicodedata.name(char)}" in html
    assert TEXT("frame.diff.codes", n=1) in html
    assert "<details" not in shown("同じ", "同じ")
