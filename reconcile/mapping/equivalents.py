"""What shops write for the same thing in other words, as data: names of axes, colours, sizes and people, shop talk in brackets.

Used for a key that has to be unique on both sides, never to make a link of two texts that look alike. XXL is LL for one
maker and 3L for another: sizes that contradict each other are in no group. All lists are ours [D].
"""

from __future__ import annotations

import re

AXES = (  # what an attribute says it is about
    "カラー", "色", "color", "colour", "サイズ", "size", "寸法", "種類", "タイプ", "type", "バリエーション", "=",
)  # fmt: skip
CONDITIONS = (  # words that make another article of the same name
    "旧", "旧型", "旧品", "旧版", "旧作", "品", "中古", "アウトレット", "訳", "ジャンク", "used", "outlet", "old",
)  # fmt: skip
SYNONYMS: tuple[tuple[str, ...], ...] = tuple(
    tuple(group.split())
    for group in (
        "ホワイト 白 白色 white",
        "ブラック 黒 黒色 black",
        "レッド 赤 赤色 red",
        "ブルー 青 青色 blue",
        "グリーン 緑 緑色 green",
        "イエロー 黄 黄色 yellow",
        "ピンク 桃 桃色 pink",
        "オレンジ 橙 橙色 orange",
        "パープル 紫 紫色 purple",
        "グレー グレイ 灰 灰色 gray grey",
        "ブラウン 茶 茶色 brown",
        "ネイビー 紺 紺色 navy",
        "ベージュ beige",
        "カーキ khaki",
        "アイボリー ivory",
        "ゴールド 金 金色 gold",
        "シルバー 銀 銀色 silver",
        "フリー フリーサイズ ワンサイズ free",
        "スモール s small",
        "ミディアム m medium",
        "ラージ l large",
        "メンズ 紳士 紳士用 男性用 mens men",
        "レディース レディス 婦人 婦人用 女性用 ladies womens women",
        "キッズ 子供用 kids",
        "日本製 国産",
        "cm センチ センチメートル",
        "mm ミリ ミリメートル",
        "ml ミリリットル",
        "g グラム",
        "kg キロ キログラム",
        "mg ミリグラム",
        "w ワット",
        "v ボルト",
        "% パーセント",
    )
)
_ORNAMENTS = "★☆◆◇■□●▲▼♪♡♥❤※"
_TALK = (
    "送料無料|送料込み?|新品|新作|新商品|新着|再入荷|再販|予約(?:商品|販売)?|期間限定|数量限定|在庫処分|在庫限り|限定|特価|お買い得|"
    "あす楽(?:対応)?|即納|即日発送|当日発送|翌日発送|メール便(?:対応|可)?|ネコポス(?:対応|可)?|公式|人気|おすすめ|正規品|(?:タイム|スーパー)?セール|sale|new|"
    r"ポイント\d+倍|(?:最大)?\d+%off|クーポン"
)
PROMOTION = re.compile(f"[({_ORNAMENTS}]+(?:{_TALK})!*[){_ORNAMENTS}]+")  # in a canonical key
