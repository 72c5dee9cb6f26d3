"""A page of pairs as the desk shows them, for the pictures in docs/: `python -m streamlit run scripts/diff_gallery.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pages.ui import diffview, frame
from reconcile import Text
from reconcile.mapping import causes, corrected_text, difference

PAIRS = {
    "wave-dash": ("ワンタッチテント 2〜3人用 −5℃対応", "ワンタッチテント 2~3人用 −5℃対応"),
    "no-break-space": ("フェイスタオル ホワイト 34×80cm", "フェイスタオル\u00a0ホワイト 34×80cm"),
    "half-width-kana": ("北欧風 ガーゼケット（ゴム付き）", "北欧風 ｶﾞｰｾﾞｹｯﾄ（ゴム付き）"),
    "many": (
        "【送料無料】ルミエール 折りたたみ・軽量　マウンテンパーカー 2〜3人用 (収納袋付き) ABC-1234/5 オフホワイト Sサイズ",
        "ルミエール 折り畳み･軽量 マウンテンパ−カー 2～3人用 （収納袋付）\u200b ABC－1235/5 オフ白 Ｓサイズ ",
    ),
    "hostile": (
        "<b onmouseover=alert(1)>ﾀｵﾙ</b>\u202eתוא \ud800か\u3099",
        "<b onmouseover=alert(1)>タオル</b>\u202dתוא \ue000が",
    ),
    "lost": ("宮﨑商店 Café−ブレンド 𠮷", "宮?商店 Caf?-ブレンド 吉"),
}

text = Text(st.query_params.get("lang", "ja"))
st.set_page_config(layout="wide")
st.html(frame.STYLE)
for name, (left, right) in PAIRS.items():
    with st.container(border=True, key=f"diff_{name}"):
        diffview.show(
            text,
            [part._asdict() for part in difference(left, right)],
            left=text("frame.crossmall"),
            right=text("frame.smartship"),
        )
        diffview.causes(text, causes(left, right))
        diffview.refusal(text, corrected_text(left, right, "right").unholdable)
