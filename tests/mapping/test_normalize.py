"""Which texts share a key, and which must not."""

from __future__ import annotations

import time
import unicodedata

import pytest

from reconcile.mapping.normalize import canonical_key, keys_of, order_key, skeleton_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2〜3営業日", "2~3営業日"),
        ("マフラ−", "マフラー"),
        ("A－01", "a-01"),
        ("A‐01", "a-01"),
        ("Aー01", "a-01"),
        ("カ\u3099", "ガ"),
        ("ｶﾞ", "ガ"),
        ("a\u200bb\ufeff", "ab"),
        ("・･·•", "・・・・"),
        ("髙﨑⻑", "高崎長"),
        ("あ゛", "あ\u3099"),
        ("T&amp;amp;Y", "t&y"),
        ("ﾀｵﾙ　ホワイト", "タオルホワイト"),
        ("㎝㈱", "cm(株)"),
        ("①Ⅱ", "1ii"),
        ("ス―ツ", "スーツ"),
        ("ﾏﾌﾗｰ", "マフラー"),
    ],
)
def test_known_traps_of_japanese_text_get_their_key(text: str, key: str) -> None:
    assert canonical_key(text) == key


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2 3", "23"),
        ("2　3", "23"),
        ("2〜3", "23"),
        ("1.5", "15"),
        ("1①", "11"),
        ("10²", "102"),
        ("1½", "112"),
        ("A+", "A"),
        ("ホワイト", "ブラック"),
        ("斎藤", "斉藤"),
        ("バッグ", "バック"),
    ],
)
def test_different_things_never_share_a_key(left: str, right: str) -> None:
    assert canonical_key(left) != canonical_key(right)
    assert skeleton_key(left) != skeleton_key(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("サーバー", "サーバ"),
        ("キヤノン", "キャノン"),
        ("たおる", "タオル"),
        ("力ード", "カード"),
        ("スーツ", "ス一ツ"),
        ("【新品】タオル★", "新品タオル"),
        ("ホワイト/S", "ホワイト,S"),
        ("ホワイト S", "ホワイト,S"),
        ("ホワイト,", "ホワイト"),
    ],
)
def test_loose_writing_shares_the_skeleton_but_not_the_key(left: str, right: str) -> None:
    assert canonical_key(left) != canonical_key(right)
    assert skeleton_key(left) == skeleton_key(right)


def test_swapped_attributes_share_the_order_key_only() -> None:
    left, right = "ホワイト,Sサイズ", "Sサイズ、ホワイト"
    assert skeleton_key(left) != skeleton_key(right)
    assert order_key(left) == order_key(right)
    assert order_key("ホワイト,S,綿") != order_key("S,ホワイト,綿"), (
        "three parts have no known order"
    )


def test_punctuation_between_digits_stays_in_the_skeleton() -> None:
    assert skeleton_key("No.1-2") == "no1-2"
    assert len({skeleton_key(text) for text in ("1-2", "1/2", "1.2", "12")}) == 4


def test_keys_of_many_texts_are_those_of_each_text() -> None:
    texts = ["ﾀｵﾙ　白", "タオル 白", "白,タオル", "", "A-1"]
    keys = keys_of([*texts, *texts])
    assert set(keys) == set(texts)
    for text in texts:
        assert keys[text].canonical == canonical_key(text)
        assert keys[text].skeleton == skeleton_key(text)
        assert keys[text].order == order_key(text)


def test_every_assigned_character_has_a_stable_key() -> None:
    """Also between two digits and after kana, where several steps look at the neighbours."""
    wrong = []
    for point in range(0x3400):
        char = chr(point)
        if unicodedata.category(char) == "Cn":
            continue
        for text in (char, f"カ{char}", f"1{char}2"):
            key = canonical_key(text)
            if canonical_key(key) != key:
                wrong.append((text, key))
    assert not wrong


def test_a_hundred_thousand_texts_take_seconds() -> None:
    """About 3 s on a free core; the limit leaves room for a busy machine."""
    texts = [f"ﾀｵﾙ　ホワイト Ａ－{number} マフラ− 2〜3営業日" for number in range(100_000)]
    started = time.process_time()
    assert len(keys_of(texts)) == 100_000
    assert time.process_time() - started < 15
