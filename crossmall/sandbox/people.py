"""Buyers, addresses and memos: obviously invented people, with the characters that break parsers.

Post codes and phone numbers of zeros, mail addresses of the reserved example.jp domain.
"""

import random
from dataclasses import dataclass
from functools import lru_cache

REMEMBERED = 20_000

FAMILY = (
    ("見本", "ミホン"), ("例示", "レイジ"), ("試験", "シケン"), ("架空", "カクウ"),
    ("仮名", "カメイ"), ("雛形", "ヒナガタ"), ("練習", "レンシュウ"), ("髙見本", "タカミホン"),
)  # fmt: skip
GIVEN = (
    ("太郎", "タロウ"), ("花子", "ハナコ"), ("一郎", "イチロウ"), ("さくら", "サクラ"),
    ("次郎", "ジロウ"), ("はな", "ハナ"), ("喜一", "キイチ"), ("めぐみ", "メグミ"),
)  # fmt: skip
TOWNS = ("東京都見本区例示町", "大阪府架空市試験町", "北海道雛形郡練習町", "福岡県仮名市見本")
COMPANIES = ("", "", "", "", "", "（株）見本商会", "例示 & 架空株式会社")
MEMOS = (
    "", "", "", "", "",
    "配達前にお電話ください。\n不在の場合は宅配ボックスへ。",
    "のし希望 <内祝> 名入れ: 見本 & 架空",
    "[配送日時指定:]\n午前中\n\n[備考]\n\"ギフト\" 'ラッピング' 希望です",
    "領収書の宛名は「見本　太郎」様で。金額 > 3,000円",
    "よろしくお願いします🎁",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """An invented buyer; the recipient is the buyer unless ``ship_name`` differs."""

    name: str
    kana: str
    company: str
    address1: str
    address2: str
    zip_code: str
    tel: str
    mail: str
    ship_name: str
    ship_kana: str
    memo: str
    wish: int
    payment: int


@lru_cache(maxsize=REMEMBERED)
def buyer(seed: int, number: int) -> Buyer:
    """The buyer of the order with this 管理番号 (or of its bundle parent)."""
    rng = random.Random(f"{seed}:buyer:{number}")
    family, given = rng.choice(FAMILY), rng.choice(GIVEN)
    name, kana = f"{family[0]} {given[0]}", f"{family[1]} {given[1]}"
    other = rng.choice(GIVEN) if rng.random() < 0.12 else given
    return Buyer(
        name=name,
        kana=kana,
        company=rng.choice(COMPANIES),
        address1=f"{rng.choice(TOWNS)}{rng.randint(1, 9)}-{rng.randint(1, 30)}",
        address2=rng.choice(("", "", f"見本マンション{rng.randint(101, 909)}号室")),
        zip_code="000-0000",
        tel=f"000-0000-{rng.randint(0, 9999):04d}",
        mail=f"mihon{number % 100000:05d}@example.jp",
        ship_name=f"{family[0]} {other[0]}",
        ship_kana=f"{family[1]} {other[1]}",
        memo=rng.choice(MEMOS),
        wish=rng.randint(0, 9),
        payment=rng.randint(0, 3),
    )
