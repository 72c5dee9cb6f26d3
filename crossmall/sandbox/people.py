"""Buyers, addresses and memos: obviously invented people, with the characters that break parsers.

Post codes and phone numbers of zeros, mail addresses of the reserved example.jp domain.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

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


Chosen = TypeVar("Chosen")


def _below(rng: random.Random, end: int) -> int:
    """``rng.randrange(end)`` without its checks: buyers are made by the thousand."""
    bits = end.bit_length()
    drawn = rng.getrandbits(bits)
    while drawn >= end:
        drawn = rng.getrandbits(bits)
    return drawn


def _pick(rng: random.Random, words: Sequence[Chosen]) -> Chosen:
    return words[_below(rng, len(words))]


@lru_cache(maxsize=REMEMBERED)
def buyer(seed: int, number: int) -> Buyer:
    """The buyer of the order with this 管理番号 (or of its bundle parent)."""
    rng = random.Random(f"{seed}:buyer:{number}")
    family, given = _pick(rng, FAMILY), _pick(rng, GIVEN)
    name, kana = f"{family[0]} {given[0]}", f"{family[1]} {given[1]}"
    other = _pick(rng, GIVEN) if rng.random() < 0.12 else given
    return Buyer(
        name=name,
        kana=kana,
        company=_pick(rng, COMPANIES),
        address1=f"{_pick(rng, TOWNS)}{1 + _below(rng, 9)}-{1 + _below(rng, 30)}",
        address2=_pick(rng, ("", "", f"見本マンション{101 + _below(rng, 809)}号室")),
        zip_code="000-0000",
        tel=f"000-0000-{_below(rng, 10000):04d}",
        mail=f"mihon{number % 100000:05d}@example.jp",
        ship_name=f"{family[0]} {other[0]}",
        ship_kana=f"{family[1]} {other[1]}",
        memo=_pick(rng, MEMOS),
        wish=_below(rng, 10),
        payment=_below(rng, 4),
    )
