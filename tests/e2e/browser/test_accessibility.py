"""axe-core over every screen in both themes: nothing serious or critical is left in what is ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe

from reconcile import LANGUAGES, OrderFilter, Text, Workspace
from tests.conftest import Sized
from tests.e2e.browser.driving import SCREENS, unfold, went

pytestmark = pytest.mark.browser
SKU = ("item_code", "attribute1", "attribute2", "sku_no")
THEMES = ("light", "dark")
GRAVE = ("serious", "critical")
FEW = 12  # in every run each theme looks at one screen in so many, apart from the other's; in full at all of them


def barriers(page: Any) -> list[str]:
    """What axe calls serious or critical, each with its element and the reason; nothing of Streamlit's is left out."""
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} | "
        + " ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
        for one in Axe().run(page).response["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def addresses(workspace: Workspace) -> list[str]:
    """Every screen, and the case of an order and of a product in stock."""
    missed = workspace.orders(OrderFilter(account="demo", rules=("F07",), desk="all")).table.rows
    order = f"order={missed['order_number'].iloc[0]}&of=demo"
    stock = workspace.stock("demo", causes=("held",)).table.rows.iloc[0]
    key = "&".join(
        f"sku={quote(stock[name] if isinstance(stock[name], str) else '')}" for name in SKU
    )
    cases = [f"orders?{order}", f"orders?{order}&next=sheet", f"orders?{order}&next=packet"]
    return [*SCREENS, *cases, f"stock?{key}"]


@pytest.mark.parametrize("theme", THEMES)
def test_no_grave_barrier_stands_on_any_screen(
    desk: str, page: Any, workspace: Workspace, theme: str, sized: Sized
) -> None:
    page.emulate_media(color_scheme=theme)
    every = sized(FEW, 1)
    left: list[str] = []
    for address in addresses(workspace)[THEMES.index(theme) :: every]:
        went(page, desk + address)
        unfold(page)
        assert page.locator("[data-testid=stException]").count() == 0, address
        left += [f"{address or 'overview'}: {words}" for words in barriers(page)]
    assert not left, "\n" + "\n".join(left)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_in_which_language_it_is(desk: str, page: Any, lang: str) -> None:
    went(page, f"{desk}glossary?lang={lang}")
    page.locator(f"html[lang={lang}]").wait_for(state="attached")


@pytest.mark.parametrize(("asked", "lang"), [("en-GB", "en"), ("ko-KR", "ko"), ("de-DE", "ja")])
def test_the_first_words_are_in_the_language_that_the_browser_asks_for(
    desk: str, browser: Any, asked: str, lang: str
) -> None:
    page = browser.new_context(locale=asked).new_page()
    went(page, f"{desk}glossary")
    page.locator(f"html[lang={lang}]").wait_for(state="attached")
    page.get_by_role("radio", name=Text("ja")("frame.language.ja")).click()
    page.locator("html[lang=ja]").wait_for(state="attached")
    page.reload()
    page.locator("html[lang=ja]").wait_for(state="attached")
    page.context.close()
