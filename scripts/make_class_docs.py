"""Writes docs/mapping-classes.md from the classes of difference and their words; `--check` says whether it is up to date."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from reconcile.mapping import CLASS_CODES, cause_words, causes  # noqa: E402
from reconcile.mapping.difference import code_point  # noqa: E402
from reconcile.mapping.normalize import canonical_key, order_key, skeleton_key  # noqa: E402
from reconcile.text import Text  # noqa: E402
from scripts.generated import keep  # noqa: E402

TARGET = ROOT / "docs" / "mapping-classes.md"
HEAD = """# Why two names are not the same

Generated from `reconcile/mapping/` and `reconcile/text/mapping_causes_*.toml`; do not edit. Renew with
`python scripts/make_class_docs.py`.

A link needs equal code points. Where they differ, every pair gets the classes that explain it, one or several, and what is
to be done. In 300 generated pairs for each of 44 ways of writing (`tests/mapping/test_noise.py`) the right class is named in
at least 99.5 % for characters and 98.5 % over all, with fewer than 0.08 other names per pair; different texts are never shown
as equal.

PICTURES
Key: the strictest key that joins the example. `canonical` other writing only; `skeleton` folded and without marks; `order` with
the attributes in a fixed order; `none` a person looks at each. A class makes no link by itself: what may be linked in bulk or
automatically is decided by unique keys, and never where figures differ.

| class | 違い | difference | example | key | cure |
|---|---|---|---|---|---|
"""
PICTURES = ("wave-dash", "no-break-space", "half-width-kana")
EXAMPLES: dict[str, tuple[str, str]] = {
    "cp932_change": ("2〜3人用", "2～3人用"),
    "invisible": ("タオル\u200b白", "タオル白"),
    "space_exotic": ("タオル\u00a0白", "タオル 白"),
    "space_ideographic": ("タオル　白", "タオル 白"),
    "unit": ("30㎝", "30センチ"),
    "compat": ("㈱青葉", "(株)青葉"),
    "width_alnum": ("Ａ１", "A1"),
    "width_symbol": ("（赤）", "(赤)"),
    "kanji_variant": ("髙級", "高級"),
    "hyphen_variant": ("A‐1", "A-1"),
    "wave_dash": ("2〜3人用", "2~3人用"),
    "middle_dot": ("A･B", "A・B"),
    "quote": ("“極”", '"極"'),
    "bracket_style": ("「赤」", "【赤】"),
    "comma": ("白、S", "白,S"),
    "times_sign": ("10×20", "10x20"),
    "case": ("Tシャツ", "tシャツ"),
    "width_kana": ("ﾀｵﾙ", "タオル"),
    "numeral": ("三枚組", "3枚組"),
    "space_count": ("タオル 白", "タオル白"),
    "entity": ("T&amp;Y", "T&Y"),
    "nfd": ("カ\u3099ーゼ", "ガーゼ"),
    "choon_symbol": ("マフラ−", "マフラー"),
    "one_attr": ("ホワイト,", "ホワイト"),
    "homoglyph": ("力ード", "カード"),
    "kana_script": ("たおる", "タオル"),
    "kana_small": ("キヤノン", "キャノン"),
    "choon_drop": ("サーバー", "サーバ"),
    "kana_variant": ("ヴェール", "ベール"),
    "bracket_add": ("【白】皿", "白皿"),
    "separator": ("白/S", "白,S"),
    "attr_order": ("白,S", "S,白"),
    "orthography": ("取り付け金具", "取付金具"),
    "synonym": ("ホワイト", "白"),
    "axis_label": ("サイズ:M", "M"),
    "promo": ("【送料無料】皿", "皿"),
    "word_order": ("リネン タオル 白", "タオル 白 リネン"),
    "omission": ("リネン 今治 タオル", "リネン タオル"),
    "truncated": ("オーガニックコットンの長いタオ", "オーガニックコットンの長いタオルケット"),
    "cp932_lost": ("宮﨑商店", "宮?商店"),
    "typo": ("テーブルクロス", "テーブルクスロ"),
    "number": ("100ml", "200ml"),
    "text": ("ホワイト", "ブラック"),
}
_KEYS = {"canonical": canonical_key, "skeleton": skeleton_key, "order": order_key}


def example(code: str) -> str:
    """The example of a class, what cannot be seen by its code point. Raises ValueError where it shows another class."""
    pair = EXAMPLES[code]
    if causes(*pair) != (code,):
        raise ValueError(f"{code}: {pair} is {causes(*pair)}")
    return escaped(" ↔ ".join("".join(map(_shown, side)) for side in pair))


def escaped(words: str) -> str:
    """Words for a cell of a Markdown table, where &amp; and ~ would be read as markup."""
    return re.sub(r"([&|~*<])", r"\\\1", words)


def _shown(char: str) -> str:
    point = code_point(char)
    return f"[{point.split()[0]}]" if " " in point and char != " " else char


def key_of(code: str) -> str:
    """The strictest key that joins the example of a class, or none."""
    left, right = EXAMPLES[code]
    return next((name for name, key in _KEYS.items() if key(left) == key(right)), "none")


def pictures() -> str:
    """The diff in both themes, one row each."""
    rows = [
        "| "
        + " | ".join(f"![{name}, {theme}](images/diff-{name}-{theme}.png)" for name in PICTURES)
        + " |\n"
        for theme in ("light", "dark")
    ]
    return f"| {' | '.join(PICTURES)} |\n|---|---|---|\n" + "".join(rows)


def document() -> str:
    """The whole of docs/mapping-classes.md."""
    japanese, english = Text("ja"), Text("en")
    rows, cures = "", dict[str, None]()
    for code in CLASS_CODES:
        words = cause_words(code)
        cure = str(words.cure)
        cures[cure] = None
        kind = cure.removeprefix("cause_cure.")
        rows += (
            f"| `{code}` | {japanese(words.label)} | {english(words.label)} | {example(code)} "
            f"| {key_of(code)} | [{kind}](#{kind}) |\n"
        )
    meanings = "\n## What each class means\n\n| class | 日本語 | English |\n|---|---|---|\n"
    for code in CLASS_CODES:
        said = (escaped(text(f"cause.{code}.help")) for text in (japanese, english))
        meanings += f"| `{code}` | {' | '.join(said)} |\n"
    mended = "\n## Cures\n" + "".join(
        f"\n### {cure.removeprefix('cause_cure.')}\n\n{japanese(cure)}\n\n{english(cure)}\n"
        for cure in cures
    )
    return HEAD.replace("PICTURES", pictures()) + rows + meanings + mended


if __name__ == "__main__":
    sys.exit(keep(TARGET, document(), sys.argv[1:]))
