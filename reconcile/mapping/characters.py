"""Which characters stand for the same thing in product names, as data: one table per class of difference.

Own tables, because the libraries for Japanese text lose what matters here: 2〜3 must keep its digits apart, A－01 must not
become Aー01, マフラ− is a long vowel mark (measured, matching note 4.5). Which characters belong together is ours [D].
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

# Inside [...]: after one of these a dash is a long vowel mark. The kanji are the ones people take for katakana.
KANA = "ぁ-ゖゝゞァ-ヺヽヾｦ-ﾟ\u3099\u309a口力二八夕工卜千才"
NUMERALS = (  # inside [...]: one sign that stands for a number
    "²³¹⁰⁴-⁹₀-₉①-⒛⓪⓫-⓴⓵-⓾⓿❶-➓㉑-㉟㊱-㊿㋀-㋋㍘-㍰㏠-㏾\U0001d7ce-\U0001d7ff\U0001f100-\U0001f10a"
)
ROMAN = "Ⅰ-ⅿ"
EXOTIC_BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029" + "".join(
    chr(point)
    for point in range(0x20, 0x3000)
    if unicodedata.category(chr(point)) == "Zs" and point != 0x20
)
IDEOGRAPHIC_BLANK = "\u3000"
_ORNAMENTS = "★☆◆◇■□●▲▼♪♡♥❤※"
MEANINGFUL_MARKS = "%&#@*‰+<>="  # never dropped as mere punctuation: A+ is not A
_FILLERS = (
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # blank to the eye, but letters to Unicode
)

HYPHENS = dict.fromkeys("‐‑‒–—―⁃−˗﹘﹣－─━⸺⸻\u207b\u208b", "-")
WAVES = dict.fromkeys("〜～∼∾〰˜", "~")
MIDDLE_DOTS = dict.fromkeys("･·•∙⋅‧·⸱", "・")
QUOTES = dict.fromkeys("“”„‟〝〞〟″＂", '"') | dict.fromkeys("‘’‚‛′‵`´ʼ＇", "'")
BRACKETS = dict.fromkeys("「『【〔〖〘〚［｛《〈〈≪＜«‹[{<（｢⦅｟﹁﹃", "(") | dict.fromkeys(
    "」』】〕〗〙〛］｝》〉〉≫＞»›]}>）｣⦆｠﹂﹄", ")"
)
COMMAS = dict.fromkeys("，、､﹐﹑،", ",")
TIMES = dict.fromkeys("×✕✖╳⨯☓", "x")
CP932_CHANGES = dict(
    zip("〜−‖¢£¬", "～－∥￠￡￢", strict=True)
)  # what a CP932 file makes of them [M]
SPACING_MARKS = {
    "\u309b": "\u3099",
    "\u309c": "\u309a",
}  # the spacing marks, without NFKC's extra blank

_KANJI = (  # rare or old form, ordinary form
    "髙高 﨑崎 嵜崎 嶌嶋 冨富 寶宝 黑黒 濵浜 濱浜 邊辺 邉辺 齋斎 齊斉 澤沢 櫻桜 國国 廣広 德徳 瀨瀬 瀧滝 眞真 彌弥 "
    "𠮷吉 龍竜 嶽岳 靑青 淸清 榮栄 豐豊 舊旧 藏蔵 壽寿 與与 圓円 學学 醫医 藥薬 麥麦 惠恵 緣縁 綠緑 戶戸 步歩 每毎 "
    "鷗鴎 摑掴 頰頬 剝剥 𠮟叱 塡填 麵麺 麪麺 鹼鹸 蠟蝋 醬醤 蟬蝉 噓嘘 繡繍 萊莱 蔣蒋 屢屡 簞箪 瘦痩 搔掻 囊嚢 禱祷 "
    "顚顛 驒騨 瀆涜 潑溌 攪撹 軀躯 俠侠 嚙噛 俱倶 繫繋 姸妍 吞呑 增増 寬寛 橫横 黃黄 劍剣 團団 圖図 實実 佛仏 體体 "
    "聲声 關関 顯顕 鐵鉄 錢銭 點点 戀恋 變変 條条 卷巻 亞亜 惡悪 壓圧 圍囲 爲為 壹壱 稻稲 飮飲 隱隠 營営 驛駅 鹽塩 "
    "奧奥 應応 歐欧 毆殴 溫温 穩穏 假仮 價価 畫画 會会 懷懐 繪絵 擴拡 殼殻 覺覚 樂楽 觀観 歸帰 氣気 龜亀 僞偽 戲戯 "
    "犧犠 據拠 擧挙 峽峡 狹狭 曉暁 區区 驅駆 勳勲 徑径 經経 輕軽 莖茎 鷄鶏 藝芸 縣県 儉倹 險険 驗験 嚴厳 廢廃 效効 "
    "號号 碎砕 濟済 劑剤 雜雑 參参 蠶蚕 棧桟 絲糸 齒歯 兒児 濕湿 寫写 釋釈 收収 從従 澁渋 獸獣 縱縦 肅粛 處処 敍叙 "
    "將将 稱称 燒焼 證証 乘乗 淨浄 剩剰 疊畳 讓譲 釀醸 觸触 屬属 續続 愼慎 盡尽 粹粋 醉酔 穗穂 隨随 數数 樞枢 靜静 "
    "攝摂 專専 淺浅 潛潜 纖繊 禪禅 雙双 壯壮 搜捜 插挿 爭争 總総 莊荘 裝装 臟臓 帶帯 滯滞 對対 臺台 擇択 單単 擔担 "
    "膽胆 斷断 彈弾 遲遅 晝昼 蟲虫 鑄鋳 廳庁 聽聴 鎭鎮 遞逓 轉転 傳伝 燈灯 當当 黨党 盜盗 稅税 獨独 讀読 貳弐 腦脳 "
    "霸覇 拜拝 賣売 發発 髮髪 拔抜 蠻蛮 祕秘 甁瓶 竝並 寳宝 辯弁 瓣弁 舖舗 飜翻 萬万 滿満 默黙 餠餅 譯訳 豫予 餘余 "
    "譽誉 搖揺 樣様 謠謡 來来 賴頼 亂乱 覽覧 畧略 兩両 獵猟 壘塁 勵励 禮礼 靈霊 齡齢 爐炉 勞労 樓楼 ⻑長 ⻘青 ⻝食 "
    "⻄西 ⻤鬼 ⻩黄 ⻫斉 ⻭歯 ⻯竜 ⻲亀 ⻨麦 ⻁虎 ⺟母 ⺠民 ⻣骨"
)
KANJI: Mapping[str, str] = {pair[0]: pair[1] for pair in _KANJI.split()}

_HOMOGLYPHS = (
    "口ロ 力カ 二ニ 八ハ 夕タ 工エ 卜ト 千チ 才オ "
    "аa еe оo рp сc уy хx іi ѕs јj кk мm тt вb нh αa οo νv ρp υu κk ιi τt χx "
    "АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЅS ЈJ "
    "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX"
)
HOMOGLYPHS: Mapping[str, str] = {pair[0]: pair[1] for pair in _HOMOGLYPHS.split()}
SMALL_KANA: Mapping[str, str] = dict(
    zip(
        "ァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎゕゖ",
        "アイウエオツヤユヨワカケあいうえおつやゆよわかけ",
        strict=True,
    )
)

KANA_VARIANTS = dict(zip("ヂヅヰヱヲ", "ジズイエオ", strict=True))
V_SOUNDS = {"ヴ": "ブ"} | {
    f"ヴ{vowel}": plain for vowel, plain in zip("アイエオァィェォ", "バビベボバビベボ", strict=True)
}

_NAMED = frozenset().union(
    HYPHENS, WAVES, MIDDLE_DOTS, QUOTES, BRACKETS, COMMAS, TIMES, SPACING_MARKS, EXOTIC_BLANKS
)


class Lazy(dict[int, str]):
    """A table for `str.translate` that asks its rule once per character and remembers the answer.

    idle: the characters met so far that the rule leaves as they are.
    """

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self._rule = rule
        self.idle: set[str] = set()

    def __missing__(self, point: int) -> str:
        char = chr(point)
        self[point] = self._rule(char)
        if self[point] == char:
            self.idle.add(char)
        return self[point]


def is_invisible(char: str) -> bool:
    """Whether the character shows nothing and takes no room: format and control characters, selectors, fillers."""
    return char in _FILLERS or (
        char not in EXOTIC_BLANKS
        and (
            unicodedata.category(char) in ("Cf", "Cc")
            or "\ufe00" <= char <= "\ufe0f"
            or "\u180b" <= char <= "\u180f"
            or "\U000e0100" <= char <= "\U000e01ef"
        )
    )


def is_blank(char: str) -> bool:
    """Whether the character is a blank of any width: space, tab, line break, no-break and ideographic space."""
    return char == " " or char == IDEOGRAPHIC_BLANK or char in EXOTIC_BLANKS


def narrow_alnum(char: str) -> str:
    """Ａ -> A, ０ -> 0; other characters as they are."""
    return chr(ord(char) - 0xFEE0) if char in _WIDE_ALNUM else char


def narrow_symbol(char: str) -> str:
    """（ -> (, ￥ -> ¥, ｢ -> 「: full-width symbols narrow, half-width Japanese ones wide; commas have their own class."""
    if char in _WIDE_SYMBOLS:
        return chr(ord(char) - 0xFEE0)
    return _OTHER_WIDTHS.get(char, char)


def plain_kanji(char: str) -> str:
    """髙 -> 高, and compatibility ideographs and radicals (⼀, ⻑) as the ordinary character."""
    if (
        "\uf900" <= char <= "\ufaff"
        or "\u2f00" <= char <= "\u2fdf"
        or "\U0002f800" <= char <= "\U0002fa1f"
    ):
        char = unicodedata.normalize("NFKC", char)
    return KANJI.get(char, char)


def plain_unit(char: str) -> str:
    """㎝ -> cm, ㌔ -> キロ, ℓ -> l: a unit in one sign written out."""
    return plain_form(char) if "\u3300" <= char <= "\u33ff" or char in "ℓ℃℉" else char


def plain_form(char: str) -> str:
    """㈱ -> (株), ™ -> TM: compatibility characters that no other class names; numbers are left to `numeral`."""
    if "Ⅰ" <= char <= "ⅿ":
        return char
    plain = "No." if char == "№" else unicodedata.normalize("NFKC", char)
    if plain == char or char in _NAMED or _has_own_class(char):
        return char
    if " " in plain:  # spacing accents: no blank may come out of a mark
        return unicodedata.normalize("NFC", char)
    return char if plain[0].isdigit() or plain[-1].isdigit() or "⁄" in plain else plain


def number_of(char: str) -> str:
    """① -> 1, ❶ -> 1, Ⅱ -> II: a numeral sign written out."""
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain != char else str(int(unicodedata.numeric(char)))


def katakana(char: str) -> str:
    """が -> ガ; other characters as they are."""
    return chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" or char in "ゝゞ" else char


def is_mark(char: str) -> bool:
    """Whether the character is punctuation that carries no meaning of its own; scripts beyond U+FFFF have none here."""
    return (
        char < "\uffff"
        and char not in MEANINGFUL_MARKS
        and (unicodedata.category(char)[0] == "P" or char in "~∥|^_" or char in _ORNAMENTS)
    )


def _has_own_class(char: str) -> bool:
    return (
        ("\uff00" <= char <= "\uffef" and char != "\uffa0" and not "\uffa1" <= char <= "\uffdc")
        or plain_kanji(char) != char
        or char == IDEOGRAPHIC_BLANK
    )


_WIDE_ALNUM = frozenset(chr(p) for p in range(0xFF01, 0xFF5F) if chr(p - 0xFEE0).isalnum())
_WIDE_SYMBOLS = frozenset(chr(p) for p in range(0xFF01, 0xFF5F)) - _WIDE_ALNUM - {"，"}
_OTHER_WIDTHS = dict(zip("￠￡￢￣￤￥￦｡｢｣｟｠￨￩￪￫￬￭￮‖", "¢£¬¯¦¥₩。「」⦅⦆│←↑→↓■○∥", strict=True))
