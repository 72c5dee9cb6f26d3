"""What nobody sees, or what turns a line, has a sign on every screen; in files, copies and comparisons the text is as it was."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import stockcase
from reconcile import MappingFilter, Paging, Text, Workspace, visible
from tests.e2e.hostile import ACCOUNT, furnished

OpenApp = Callable[..., AppTest]
HIDDEN = (
    *("\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u00a0"),
    *("\u2002", "\u2028", "\u0085", "\u007f", "\u115f", "\u3164", "\u2800", "\U000e0041", "\ue000"),
)
NAMES = tuple(f"タオル{char}白{place}" for place, char in enumerate(HIDDEN))
PLACES: tuple[tuple[str, dict[str, str]], ...] = (
    ("overview", {}),
    ("glossary", {"q": NAMES[0]}),
    *(("connections", {"tab": tab}) for tab in ("sync", "phases", "settings", "import")),
    *(("orders", {"section": "patterns", "part": part}) for part in ("risk", "hours", "moves", "pulls")),
    ("orders", {"desk": "all", "size": "200", "shop": NAMES[4], "phase": NAMES[5], "numbers": NAMES[6]}),
    *(("sku_mapping", {"section": name}) for name in ("review", "table", "bulk", "fixes", "events", "twins", "acts")),
    ("sku_mapping", {"section": "table", "cause": NAMES[7], "search": NAMES[8]}),
    *(("stock", {"section": name}) for name in ("list", "total", "sheet", "scope")),
    ("stock", {"cause": NAMES[9], "search": NAMES[10], "warehouse": NAMES[0], "shop": NAMES[1]}),
)  # fmt: skip
SIGN = re.compile(r"\[U\+|[\u2400-\u2421]")
OURS = frozenset("\n\t\u2002\u2009")  # blanks that pages set themselves
UNSHOWN = {  # names of things, and what a person typed and may go on typing
    *("id", "key", "user_key", "element_id", "url", "query_string", "page_script_hash", "form_id"),
    *(
        "value",
        "default",
        "set_value",
        "string_value",
        "raw_values",
        "delta_path",
        "selection_mode",
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hidden") / "home"
    _, taken = furnished(folder, NAMES)
    assert taken["note"] == taken["assignee"] == taken["view"] == len(NAMES)
    return folder


def is_hidden(char: str) -> bool:
    kinds = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")
    known = unicodedata.category(char) in kinds or char in "\u115f\u3164\u2800"
    return known and char not in " \u3000"


def is_message(value: object) -> bool:
    return hasattr(value, "ListFields")


def texts_of(message: Any) -> Iterator[str]:
    """Every text that an element hands to the browser to be shown."""
    for field, value in message.ListFields():
        if field.name in UNSHOWN:
            continue
        several = (
            [value] if isinstance(value, (str, bytes, int, float)) or is_message(value) else value
        )
        for one in several.values() if hasattr(several, "values") else several:
            if is_message(one):
                yield from texts_of(one)
            elif isinstance(one, str):
                yield from of_json(one) if one.startswith(("{", '["', "[{")) else [one]


def of_json(said: str) -> Iterator[str]:
    """The texts in a chart's or a component's JSON, but the one that a button copies."""

    def inner(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for name, one in value.items():
                yield from inner(one) if name != "raw" else ()
        elif isinstance(value, list):
            for one in value:
                yield from inner(one)

    try:
        yield from inner(json.loads(said))
    except json.JSONDecodeError:
        yield said


def shown(app: AppTest) -> Iterator[str]:
    """All texts of the page as it stands, cells of tables and names of menus among them."""
    for node in app._tree:
        if is_message(getattr(node, "proto", None)):
            yield from texts_of(node.proto)
        if node.type == "dataframe":
            cells: pd.DataFrame = node.value
            yield from (str(cell) for cell in cells.to_numpy().ravel() if cell is not None)


def wrong_on(app: AppTest, place: str) -> list[str]:
    return [
        f"{place}: {said[max(0, said.index(char) - 40) :][:80]!r}"
        for said in shown(app)
        for char in sorted(set(said) - OURS)
        if is_hidden(char)
    ]


def signs_on(app: AppTest) -> int:
    """How many texts have a sign: a code point in brackets, or the picture of a control character."""
    return sum(SIGN.search(said) is not None for said in shown(app))


@pytest.mark.parametrize("lang", ["ja", pytest.param("en", marks=pytest.mark.soak)])
def test_every_screen_shows_a_sign_for_what_nobody_sees(
    lang: str, home: Path, open_app: OpenApp
) -> None:
    wrong, signs = [], {}
    for screen, parameters in PLACES if lang == "ja" else PLACES[::3]:
        app = open_app(home, screen, lang, **parameters)
        wrong += wrong_on(app, f"{screen} {parameters}")
        signs[screen] = signs.get(screen, 0) + signs_on(app)
    assert wrong == []
    if lang == "ja":
        told = ("orders", "sku_mapping", "stock", "connections")
        assert min(signs[name] for name in told) > 5, signs


def test_every_case_shows_a_sign_for_what_nobody_sees(home: Path, open_app: OpenApp) -> None:
    desk = Workspace.open(home)
    places: list[tuple[str, dict[str, Any]]] = []
    numbers = list(desk.orders(paging=Paging(size=200)).table.rows["order_number"])
    for number, following in zip(
        numbers[::12], ("sheet", "packet", "sheet", "packet"), strict=False
    ):
        places.append(
            ("orders", {"order": str(number), "of": ACCOUNT, "desk": "all", "next": following})
        )
    for row in desk.mapping_queue(ACCOUNT, MappingFilter(), size=4):
        places.append(("sku_mapping", {"case": row.case_key}))
    for row in desk.stock(ACCOUNT).table.rows.iloc[:3].to_dict("records"):
        places.append(("stock", {"sku": [str(row[name] or "") for name in stockcase.KEY]}))
    wrong = []
    for screen, parameters in places:
        app = open_app(home, screen, "ja", **parameters)
        wrong += wrong_on(app, f"{screen} {parameters}")
        assert signs_on(app), parameters
    assert wrong == []


def test_the_exact_text_reaches_files_copies_and_comparisons(home: Path) -> None:
    desk = Workspace.open(home)
    rows = desk.orders(paging=Paging(size=200)).table.rows
    name = next(one for one in rows["shop_name"].dropna() if visible(one) != one)
    for profile in ("people", "machine"):
        assert name in desk.export("orders", account=ACCOUNT, profile=profile).data.decode(
            "utf-8-sig"
        )
    assert Text("ja").value(name) == name


def test_a_sign_for_every_kind_and_nothing_else() -> None:
    for char in HIDDEN:
        assert visible(f"a{char}b") == (f"a[U+{ord(char):04X}]b" if char != "\x7f" else "a\u2421b")
    plain = "ﾀｵﾙ　白 100g～200g ㈱ ｶﾞ が 葛\U000e0100 😀 é Ω"
    assert visible(plain) == plain
    assert visible("a\nb\tc", lines=True) == "a\nb\u2409c"
