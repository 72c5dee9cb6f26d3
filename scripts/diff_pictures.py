"""Pictures of the character diff for docs/images/, in both themes, from the page scripts/diff_gallery.py.

    python scripts/diff_pictures.py [OUT_FOLDER] [--all]

--all takes every pair of the page in both languages too, to be looked at; docs/ needs three pairs in Japanese.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.screenshots import chromium, serving  # noqa: E402

IN_DOCS = ("wave-dash", "no-break-space", "half-width-kana")
OTHERS = ("many", "hostile", "lost")
PAGE = "scripts/diff_gallery.py"
WAIT_MS = 180_000
SETTLE_MS = 3_000
UNFOLD = "document.querySelectorAll('details.codes').forEach((one) => { one.open = true; })"


def main() -> None:
    """Starts the page, takes the pictures, stops it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "images")
    options.add_argument("--all", action="store_true")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    names = (*IN_DOCS, *OTHERS) if given.all else IN_DOCS
    with (
        tempfile.TemporaryDirectory() as data,
        serving(Path(data), PAGE) as address,
        chromium() as browser,
    ):
        for lang in ("ja", "en") if given.all else ("ja",):
            for theme in ("light", "dark"):
                page = browser.new_page(
                    viewport={"width": 760, "height": 4000},
                    color_scheme="dark" if theme == "dark" else "light",
                )
                page.goto(f"{address}?lang={lang}")
                page.wait_for_selector(f".st-key-diff_{OTHERS[-1]}", timeout=WAIT_MS)
                page.evaluate(
                    "for (const one of document.querySelectorAll('details')) one.open = true"
                )
                page.wait_for_timeout(SETTLE_MS)
                page.evaluate(UNFOLD)
                page.wait_for_timeout(SETTLE_MS)
                for name in names:
                    ending = f"-{lang}" if given.all else ""
                    page.locator(f".st-key-diff_{name}").screenshot(
                        path=given.folder / f"diff-{name}-{theme}{ending}.png"
                    )
                page.close()


if __name__ == "__main__":
    main()
