"""S6: texts that try to be more stand in every field of both vendors and of people, on every screen; none is more."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from pages.ui import stockcase
from reconcile import MappingFilter, Paging, Workspace, visible
from tests.conftest import Sized, Tally
from tests.e2e.browser.driving import SCREENS, settled, unfold, went
from tests.e2e.hostile import ACCOUNT, furnished
from tests.e2e.payloads import payloads

pytestmark = pytest.mark.browser
ALL, BATCH = 1000, 100
# Attributes that no element of ours has, and addresses that are not those of this server.
MORE_THAN_TEXT = """() => [...document.querySelectorAll('*')].flatMap(element => [...element.attributes].filter(one => {
  if (one.name.startsWith('on')) return true;
  if (one.name === 'style') return /url\\([^)]*192\\.0\\.2/.test(one.value);
  if (!/^(href|xlink:href|src|srcset|data|action|formaction|background|poster)$/.test(one.name)) return false;
  try { const to = new URL(one.value, location.href);
        return !/^(https?|blob|data):$/.test(to.protocol) || to.href.startsWith('data:text') || to.host.includes('192.0.2'); }
  catch { return false; }
}).map(one => `${element.tagName} ${one.name}=${one.value}`))"""
READ = "() => document.body.innerText + [...document.querySelectorAll('table td')].map(one => one.textContent).join(' ')"


def places(desk: Workspace, texts: Sequence[str], every: int) -> list[str]:
    """Every screen, each with such a text in its filters, and the cases of orders, products and stock."""
    given = itertools.cycle(quote(text, safe="") for text in texts)
    asked = [
        f"orders?numbers={next(given)}&order={next(given)}&of={ACCOUNT}&shop={next(given)}&phase={next(given)}",
        f"sku_mapping?section=table&search={next(given)}&cause={next(given)}",
        f"stock?search={next(given)}&warehouse={next(given)}&cause={next(given)}&sku={next(given)}",
        f"connections?tab={next(given)}&of={next(given)}",
        f"glossary?q={next(given)}",
    ]
    numbers = desk.orders(paging=Paging(size=200)).table.rows["order_number"]
    orders = [
        f"orders?desk=all&order={quote(number, safe='')}&of={ACCOUNT}&next={following}"
        for number, following in zip(numbers, itertools.cycle(("sheet", "packet")), strict=False)
    ]
    queue = desk.mapping_queue(ACCOUNT, MappingFilter(), size=20)
    products = [f"sku_mapping?case={quote(row.case_key, safe='')}" for row in queue]
    keys = desk.stock(ACCOUNT).table.rows[list(stockcase.KEY)].fillna("")
    stock = [
        "stock?" + "&".join(f"sku={quote(part, safe='')}" for part in key)
        for key in keys.itertuples(index=False)
    ]
    cases = [*orders[:: 5 * every], *products[:: 2 * every], *stock[:: 10 * every]]
    return [*asked[: 5 if every == 1 else 3], *SCREENS[every - 1 :: every], *cases]


def is_far(address: str) -> bool:
    return urlsplit(address).hostname not in (None, "127.0.0.1")


def test_no_text_of_anybody_is_more_than_text(
    tmp_path: Path,
    keys: Path,
    own_keys: None,
    page: Any,
    serve: Callable[..., Any],
    sized: Sized,
    tally: Tally,
) -> None:
    every, texts = sized(28, 1), payloads(ALL)[:: sized(ALL // BATCH, 1)]
    far: list[str] = []
    page.on("dialog", lambda dialog: (far.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: far.append(request.url) if is_far(request.url) else None)
    seen: set[str] = set()
    screens = 0
    for number, batch in enumerate(texts[at : at + BATCH] for at in range(0, len(texts), BATCH)):
        home = tmp_path / str(number)
        desk, taken = furnished(home, batch)
        assert taken["note"] == len(batch)
        with serve(home, keys) as address:
            for place in places(desk, batch, every):
                went(page, address + place)
                unfold(page)
                for chart in page.locator(".js-plotly-plot").all()[:2]:
                    chart.hover(force=True)  # its labels are drawn by Plotly, which knows links
                settled(page)
                assert page.evaluate("window.hit") is None, place
                assert page.evaluate(MORE_THAN_TEXT) == [], place
                assert page.locator("[data-testid=stException]").count() == 0, place
                read = "".join(page.evaluate(READ).split())
                seen |= {text for text in batch if "".join(visible(text).split()) in read}
                screens += 1
    assert far == []
    assert len(seen) > sized(len(texts) // 2, len(texts) * 9 // 10), set(texts) - seen
    tally("S6", payloads=len(texts), seen=len(seen), screens=screens, executions=0)
