"""Smartship's words for states and choices, turned into our closed sets; unknown words stay raw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from smartship.titles import normalise_title
from smartship.types import CanonicalStatus, RegisteredBy, ServiceType

# All words [I], except: CNSAB and ASCF, courier assignment failed [S]; Claimed Order [S];
# D4, seen as a delivery web hook's code and probably "delivered" [I]. The other two-letter codes
# (RG, OC, OP, ER, PI, P0, P1, D0, D1) are known to exist but not what they mean: UNKNOWN.
_STATUS_WORDS: Mapping[CanonicalStatus, str] = {
    CanonicalStatus.COLLECTED: "新規|新規注文|注文登録|New|New order|Registered|신규|신규주문|주문등록",
    CanonicalStatus.CONFIRMED: "注文確認|確認済み|確認済|注文確認済み|Confirmed|주문확인",
    CanonicalStatus.INSTRUCTED: "出荷指示|出荷指示済み|出荷指示済|ピッキング|Pick&Pack|Pick & Pack|"
    "Shipping instruction|Instructed|출하지시",
    CanonicalStatus.WAYBILL_ASSIGNING: "送り状割当中|送り状採番中|Assigning|Waybill assigning|송장할당중",
    CanonicalStatus.WAYBILL_READY: "送り状出力|送り状出力済み|運送状出力|請求書出力|ラベル出力|"
    "Waybill printed|Label printed|송장출력",
    CanonicalStatus.PICKUP_REQUESTED: "ピックアップ申請|ピックアップ申請済み|集荷依頼|Pickup requested|"
    "픽업신청",
    CanonicalStatus.SHIPPED: "出荷完了|出荷済み|出荷済|発送済み|発送済|発送処理済み|発送完了|Shipped|"
    "Dispatched|출고완료|발송처리|발송완료",
    CanonicalStatus.IN_TRANSIT: "配送中|輸送中|In transit|배송중",
    CanonicalStatus.DELIVERED: "配送完了|配達完了|配達済み|Delivered|배송완료|D4",
    CanonicalStatus.DELIVERY_FAILED: "配送失敗|配達失敗|Failed|Delivery failed|배송실패",
    CanonicalStatus.RETURNED: "返送|返送済み|Returned|반송",
    CanonicalStatus.HOLD: "保留|Hold|On hold|보류",
    CanonicalStatus.ERROR: "エラー|品切れ|在庫切れ|ペンディング|Error|Out of stock|Pending|품절|펜딩|오류|"
    "CNSAB|ASCF",
    CanonicalStatus.CLAIMED: "クレーム|Claimed|Claimed Order|클레임",
    CanonicalStatus.CANCELLED: "キャンセル|キャンセル済み|Cancelled|Canceled|취소|삭제",
    CanonicalStatus.DELETED: "削除|削除済み|Deleted",
}

_SERVICE_WORDS: Mapping[ServiceType, str] = {
    ServiceType.SELLER: "SS|売り手出庫|販売者出庫|セラー出庫|Seller shipping|판매자 출고",
    ServiceType.FULFILMENT: "FF|フルフィルメント|フルフィルメント出庫|QFC|QFC出庫|TxFC|Fulfillment|"
    "Fulfilment|풀필먼트",
    ServiceType.SMART_WAREHOUSE: "SW|スマート倉庫|スマートウェアハウス|Smart warehouse|스마트 창고",
}

_REGISTERED_WORDS: Mapping[RegisteredBy, str] = {
    RegisteredBy.API: "API|API連携|API収集|自動収集|API 연동",
    RegisteredBy.EXCEL: "EXCEL|エクセル|エクセル登録|Excel upload|엑셀",
    RegisteredBy.MANUAL: "MANUAL|手動|手動登録|個別登録|Single entry|수동",
}

# KR words [S]; JP and EN [I].
_SYNC_TYPE_WORDS: Mapping[str, str] = {
    "N": "N|同期しない|No sync|동기화 안함",
    "S": "S|サイト設定|Site setting|사이트 셋팅",
    "P": "P|比率|Ratio|비율",
    "B": "B|安全在庫|Safety stock|안전재고",
    "Z": "Z|早期品切れ|Quick sold-out|빠른 품절",
    "L": "L|最小数量維持|Keep minimum|최소 수량 유지",
}

_FLAG_WORDS: Mapping[bool, str] = {
    True: "Y|YES|TRUE|T|1|ON|OK|○|◯|〇|✓|はい|有|有り|あり|使用|使用中|販売中|済|済み|完了|処理済み|成功|"
    "Success|Succeeded|Done|Use|In use|예|사용|완료|성공",
    False: "N|NO|FALSE|F|0|OFF|NG|×|✕|✗|いいえ|無|無し|なし|未使用|使用しない|販売停止|停止|未|未処理|"
    "未完了|失敗|エラー|Fail|Failed|Failure|Error|Not used|아니오|미사용|사용안함|미완료|실패|오류",
}

_TAIL = re.compile(r"\s*[(\[][^()\[\]]*[)\]]$")


@lru_cache(maxsize=1024)
def _key(word: str) -> str:
    return normalise_title(word).replace(" ", "")


_T = TypeVar("_T")


def _table(words: Mapping[_T, str]) -> dict[str, _T]:
    return {_key(word): value for value, text in words.items() for word in text.split("|")}


_STATUS = _table(_STATUS_WORDS)
_SERVICE = _table(_SERVICE_WORDS)
_REGISTERED = _table(_REGISTERED_WORDS)
_SYNC_TYPE = _table(_SYNC_TYPE_WORDS)
_FLAG = _table(_FLAG_WORDS)


def _look_up(table: Mapping[str, _T], raw: str | None) -> _T | None:
    if not raw:
        return None
    key = _key(raw)
    found = table.get(key)
    return table.get(_TAIL.sub("", key)) if found is None else found


def canonical_status(raw: str | None) -> CanonicalStatus:
    """Our status for a raw word, UNKNOWN where the lists do not hold it; brackets at its end and
    width, case and blanks do not matter (`出荷完了 (TxFC)` is SHIPPED).
    """
    return _look_up(_STATUS, raw) or CanonicalStatus.UNKNOWN


def service_type(raw: str | None) -> ServiceType | None:
    """SS, FF, SW, or OTHER for a word we do not know; None for a blank."""
    return (_look_up(_SERVICE, raw) or ServiceType.OTHER) if raw else None


def registered_by(raw: str | None) -> RegisteredBy | None:
    """API, EXCEL or MANUAL; None for a blank or a word we do not know."""
    return _look_up(_REGISTERED, raw)


def sync_type(raw: str | None) -> str | None:
    """The code N, S, P, B, Z or L behind a sync rule's code or word; None when unknown."""
    return _look_up(_SYNC_TYPE, raw)


def flag(raw: str | None) -> bool | None:
    """Yes or no for the usual marks in three languages; None when blank or neither."""
    return _look_up(_FLAG, raw)
