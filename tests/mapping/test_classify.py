"""Every class is named for its sample, and not for its near miss."""

from __future__ import annotations

import csv

import pytest

from reconcile.mapping import CLASS_CODES, causes
from tests.architecture.sources import ROOT

# class -> (sample pair, near miss that must not be called so)
SAMPLES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "invisible": (("タオル\u200b白", "タオル白"), ("タオル 白", "タオル白")),
    "space_exotic": (("タオル\u00a0白", "タオル 白"), ("タオル　白", "タオル 白")),
    "space_ideographic": (("タオル　白", "タオル 白"), ("タオル　白", "タオル白")),
    "cp932_change": (("2〜3", "2～3"), ("2〜3", "2~3")),
    "compat": (("㈱A", "(株)A"), ("10ｃｍ", "10cm")),
    "width_alnum": (("Ａ１", "A1"), ("Ａ１", "Ａ2")),
    "width_symbol": (("（赤）", "(赤)"), ("（赤）", "「赤」")),
    "kanji_variant": (("髙級", "高級"), ("高級", "低級")),
    "hyphen_variant": (("A‐1", "A-1"), ("A－1", "A-1")),
    "wave_dash": (("2〜3", "2~3"), ("2～3", "2~3")),
    "middle_dot": (("A･B", "A・B"), ("A.B", "A・B")),
    "quote": (("“A”", '"A"'), ("「A」", '"A"')),
    "bracket_style": (("「赤」", "【赤】"), ("（赤）", "(赤)")),
    "comma": (("白、S", "白,S"), ("白/S", "白,S")),
    "times_sign": (("10×20", "10x20"), ("10*20", "10x20")),
    "case": (("Tシャツ", "tシャツ"), ("Ｔシャツ", "Tシャツ")),
    "width_kana": (("ﾀｵﾙ", "タオル"), ("たおる", "タオル")),
    "numeral": (("三枚組", "3枚組"), ("No１", "No1")),
    "unit": (("30㎝", "30センチ"), ("30cm", "40cm")),
    "space_count": (("タオル 白", "タオル白"), ("タオル 白", "タオル　白")),
    "entity": (("T&amp;Y", "T&Y"), ("T＆Y", "T&Y")),
    "nfd": (("カ\u3099", "ガ"), ("ｶﾞ", "ガ")),
    "choon_symbol": (("マフラ−", "マフラー"), ("A−1", "A-1")),
    "one_attr": (("ホワイト,", "ホワイト"), ("ホワイト,S", "ホワイトS")),
    "homoglyph": (("力ード", "カード"), ("刀ード", "カード")),
    "kana_script": (("たおる", "タオル"), ("ﾀｵﾙ", "タオル")),
    "kana_small": (("キヤノン", "キャノン"), ("キノン", "キャノン")),
    "choon_drop": (("サーバー", "サーバ"), ("サ-バ", "サーバ")),
    "kana_variant": (("ヴェール", "ベール"), ("ベール", "ペール")),
    "bracket_add": (("【白】皿", "白皿"), ("【白】皿", "「白」皿")),
    "attr_order": (("白,S", "S,白"), ("白,S", "S,赤")),
    "orthography": (("取り付け金具", "取付金具"), ("取付金具", "取手金具")),
    "synonym": (("ホワイト", "白"), ("ホワイト", "黒")),
    "axis_label": (("サイズ:M", "M"), ("サイズ:M", "サイズ:L")),
    "promo": (("【送料無料】皿", "皿"), ("【小鉢】皿", "皿")),
    "word_order": (("リネン タオル 白", "タオル 白 リネン"), ("リネン 白", "リネン 皿")),
    "omission": (("リネン 今治 タオル", "リネン タオル"), ("リネン タオル", "リネンタオル")),
    "truncated": (
        ("オーガニックコットンの長いタオ", "オーガニックコットンの長いタオルケット"),
        ("タオ", "タオル"),
    ),
    "cp932_lost": (("宮﨑商店", "宮?商店"), ("宮崎商店", "宮?商店")),
    "typo": (("テーブルクロス", "テーブルクスロ"), ("テーブルクロス", "テーブルライト")),
    "separator": (("白/S", "白,S"), ("白、S", "白,S")),
    "number": (("100ml", "200ml"), ("１００ml", "100ml")),
    "text": (("ホワイト", "ブラック"), ("ホワイト", "白")),
}
CP932_CHANGES = ("〜", "−", "‖", "¢", "£", "¬")


def test_every_class_has_a_sample_and_a_near_miss() -> None:
    assert set(SAMPLES) == set(CLASS_CODES)


@pytest.mark.parametrize("code", SAMPLES)
def test_a_sample_of_one_class_gets_that_class_alone(code: str) -> None:
    sample, near_miss = SAMPLES[code]
    assert causes(*sample) == (code,)
    assert code not in causes(*near_miss)
    assert causes(*near_miss), "a near miss differs as well"


@pytest.mark.parametrize("code", SAMPLES)
def test_classes_do_not_depend_on_the_side(code: str) -> None:
    for left, right in SAMPLES[code]:
        assert causes(left, right) == causes(right, left)


@pytest.mark.parametrize("before", CP932_CHANGES)
def test_what_cp932_changes_without_a_word_is_named_as_such(before: str) -> None:
    after = before.encode("cp932").decode("cp932")
    assert after != before
    assert causes(f"A{before}B", f"A{after}B") == ("cp932_change",)
    assert "cp932_change" not in causes(f"A{before}B", "AxB")


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("ﾀｵﾙ　ホワイト", "タオル ホワイト", ("space_ideographic", "width_kana")),
        ("ホワイト,Sサイズ", "Ｓサイズ、ホワイト", ("width_alnum", "comma", "attr_order")),
        ("ﾀｵﾙ 100ml", "タオル 200ml", ("width_kana", "number")),
        ("ﾀｵﾙ（白）", "タオル「ホワイト」", ("bracket_style", "width_kana", "synonym")),
        ("1,000枚", "1000枚", ("numeral",)),
        ("1l", "1000ml", ("unit",)),
        ("A−1〜3", "A－1～3", ("cp932_change",)),
        ("A−1", "A-1", ("hyphen_variant",)),
        ("【送料無料】ﾀｵﾙ 100ml", "タオル 200ml", ("width_kana", "promo", "number")),
        ("タオル 1", "タオル 10", ("number",)),
        ("皿 5kg", "皿 5g", ("number",)),
        ("赤いタオル 白", "白 青いタオル", ("word_order", "text")),
        ("カード　テーブル", "テーブル 力ード", ("space_ideographic", "homoglyph", "word_order")),
        ("2 3枚", "23枚", ("number",)),
        ("x錠", "x錠（1）", ("number",)),
        ("ｶﾞ", "カ\u3099", ("width_kana", "nfd")),
        ("Tシャツ Mサイズ", "Tシャツ Sサイズ", ("text",)),
        ("Tシャツ XL", "Tシャツ XS", ("text",)),
    ],
)
def test_mixed_differences_are_all_named(left: str, right: str, found: tuple[str, ...]) -> None:
    assert causes(left, right) == found


def test_only_equal_code_points_have_no_cause() -> None:
    assert causes("ガ", "ガ") == ()
    assert causes("", "") == ()
    assert causes("", "\u200b") == ("invisible",)


def real_changes() -> list[dict[str, str]]:
    path = ROOT / "tests/samples/mhlw/name_changes_excerpt.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


OTHER_WORDS = {"omission", "typo", "orthography", "synonym", "word_order", "truncated", "text"}


def test_real_name_changes_get_the_class_they_were_judged_to_have() -> None:
    """The judgements are older than our classes: `text` was any change of words. Where figures differ, words may too."""
    rows = real_changes()
    assert len(rows) >= 40
    for row in rows:
        judged = set(row["classes"].replace("NUMBER", "number").split("|"))
        found = {"text" if one in OTHER_WORDS else one for one in causes(row["from"], row["to"])}
        if "number" in judged:
            assert judged <= found <= {"number", "text"}, row
        else:
            assert found == judged, row


def test_real_changes_of_writing_share_their_key_and_others_do_not() -> None:
    from reconcile.mapping import canonical_key

    for row in real_changes():
        writing_only = not {"NUMBER", "text"} & set(row["classes"].split("|"))
        assert (canonical_key(row["from"]) == canonical_key(row["to"])) is writing_only, row
