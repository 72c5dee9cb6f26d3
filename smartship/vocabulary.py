"""The titles Smartship's columns go by, in three languages, as data; decides nothing.

Marks: Korean titles with an O-code are seen [S] in the order upload template; every other title is
our proposal [I], since no real download header was found. Titles are separated by `|`, best first.
"""

from __future__ import annotations

from collections.abc import Mapping

from smartship.types import FileKind

_ORDERS = {
    "packing_no": "QSP番号|QSPパッキング番号|パッキング番号|梱包番号|配送番号|QSP No.|"
    "QSP packing number|Packing No.|Shipping No.|QSP 번호|QSP 패킹번호|패킹번호|배송번호",
    "site_order_no": "販売サイト注文番号|サイト注文番号|注文番号|受注番号|Sales site order no.|"
    "Site order no.|Order No.|사이트 주문 번호|쇼핑몰 주문번호|주문번호",
    "site_cart_no": "カート番号|サイトカート番号|Site cart no.|Cart No.|사이트 장바구니 번호|"
    "장바구니번호",
    "reference_no": "参照番号|リファレンス番号|管理番号|Reference No.|Ref No.|Ref. Order No.|참조 번호",
    "sales_site": "販売サイト|サイト|ショッピングモール|サイト番号|Sales site|Site|Channel|Site no|"
    "판매사이트|쇼핑몰|사이트 번호",
    "shop_id": "ショップID|サイトログインID|Shop ID|Site login ID|샵 ID|사이트 로그인 ID",
    "service_type": "配送タイプ|出庫タイプ|サービスタイプ|Service type|Shipping type|서비스 타입|"
    "출고 유형",
    "registered_by": "登録方式|登録方法|Registration type|등록 방식",
    "site_product_no": "サイト商品番号|商品番号|商品コード|Site product no.|Site item no|Item No.|"
    "사이트 상품 번호|상품번호",
    "item_name": "商品名|Item name|Product name|상품명",
    "option_text": "オプション|オプション名|商品オプション|オプション値|Option|Item option|"
    "Option value|상품 옵션|옵션|옵션명",
    "sku_no": "SKU番号|SKU No.|SKU Number|SKU 번호",
    "seller_code": "販売者コード|販売者定義コード|販売者商品コード|SKU販売者管理コード|"
    "ユーザー定義商品コード|Seller code|Seller defined code|SKU Seller Management Code|"
    "User-defined product code|Custom item code|사용자 정의 상품 코드|판매자 정의코드|판매자코드",
    "qty": "数量|商品数|個数|Qty|Quantity|Item count|상품 수|수량",
    "status_raw": "状態|ステータス|注文状態|配送状態|Status|Order status|Shipping status|상태|"
    "주문상태|배송상태",
    "hold_raw": "保留|保留理由|ペンディング理由|エラー内容|Hold|Pending reason|Error|보류|펜딩사유|"
    "오류내용",
    "courier": "配送会社|運送会社|販売者指定配送会社|Courier|Delivery company|Carrier|"
    "Seller-designated courier|배송사|택배사|판매자 지정 배송사",
    # 請求書番号: the vendor's guides write "invoice" where the waybill is meant [S], slip [I].
    "tracking_no": "送り状番号|運送状番号|追跡番号|お問い合わせ番号|請求書番号|販売者指定送り状番号|"
    "Tracking No.|Waybill No.|Invoice No.|Seller-designated tracking no|송장번호|운송장번호|"
    "판매자 지정 송장번호",
    "warehouse": "倉庫コード|倉庫|出荷倉庫|センター|Warehouse code|Warehouse|DPC|"
    "Fulfillment center|창고 코드|창고|센터",
    "ordered_at": "注文日時|注文日|決済日|Order date|Payment date|주문일|결제일",
    "registered_at": "登録日時|登録日|Registered date|Reg. date|등록일",
    "confirmed_at": "注文確認日|Confirmed date|주문확인일",
    "instructed_at": "出荷指示日|Instruction date|출하지시일",
    "printed_at": "送り状出力日|出力日|Printed date|송장출력일|출력일",
    "shipped_at": "出荷日|発送日|発送処理日|出庫日|Shipped date|Ship date|Dispatch date|출고일|발송일|"
    "발송처리일",
    "delivered_at": "配達完了日|配送完了日|Delivered date|배송완료일",
    "site_notified": "発送処理|発送処理結果|Site update|Shipping process|발송처리|발송처리 여부",
}

_SKUS = {
    "sku_no": "SKU番号|SKU No.|SKU Number|SKU 번호",
    "group_no": "代表商品番号|Representative product no.|대표상품번호",
    "seller_code": _ORDERS["seller_code"],
    "product_name": "商品名|Product name|Item name|inv_name|상품명|재고명",
    "option_name": "オプション名|詳細在庫オプション名|Option name|Detailed inventory option name|"
    "inv_option_name|옵션명|상세 재고 옵션명",
    "barcode": "バーコード|JANコード|JAN|EAN|Barcode|바코드",
    "is_set": "セット|セット商品|Set|Set SKU|세트",
    "is_gift": "ギフト|ギフト商品|Gift|Gift SKU|사은품",
    "shared_type": "共有タイプ|SKU共有|Shared type|Sharing|공유 유형",
    "in_use": "使用|使用可否|販売状態|Use|Use YN|사용여부",
    "warehouse": _ORDERS["warehouse"],
    "registered_at": _ORDERS["registered_at"],
}

_MAPPINGS = {
    "sku_no": _SKUS["sku_no"],
    "seller_code": _ORDERS["seller_code"],
    "sales_site": _ORDERS["sales_site"],
    "shop_id": _ORDERS["shop_id"],
    "site_product_no": _ORDERS["site_product_no"],
    "site_product_name": "サイト商品名|販売サイト商品名|商品名|Site product name|Product name|"
    "Item name|사이트 상품명|상품명",
    "site_option_text": "オプション値|サイトオプション|オプション|オプション名|Option value|"
    "Site option|Option|옵션값|옵션|옵션명",
    "order_mapping_state": "注文マッピング|注文連携状態|Order mapping|Order mapping state|주문 매핑",
    "sync_type_raw": "同期タイプ|同期方式|同期設定|Sync type|동기화 타입|동기화 유형",
    "sync_enabled": "同期使用|同期使用可否|Sync use|동기화 사용",
    "ratio_pct": "比率|Ratio|비율",
    "safety_qty": "安全在庫|安全在庫数|Safety stock|안전재고",
    "min_qty": "最小数量維持|最小数量|Keep min qty|최소 수량 유지",
    "last_sync_qty": "最終同期数量|Last synced qty|최종 동기화 수량",
    "last_sync_at": "最終同期日時|Last sync time|최종 동기화 시간",
    "last_sync_result": "結果|結果メッセージ|Result|결과 메시지|결과",
}

_STOCK = {
    "snapshot_at": "基準日時|基準日|Snapshot time|As of|기준일시|기준일",
    "warehouse": _ORDERS["warehouse"],
    "sku_no": _SKUS["sku_no"],
    "seller_code": _ORDERS["seller_code"],
    "barcode": _SKUS["barcode"],
    "product_name": _SKUS["product_name"],
    "option_name": _SKUS["option_name"],
    "on_hand": "在庫数|現在庫|総在庫|在庫数量|数量|Stock qty|On hand|Quantity|Qty|재고수량|현재고|수량",
    "reserved": "引当|引当数|出荷予定|出荷指示数|Reserved|Allocated|할당|출고예정|출하지시",
    "available": "販売可能|販売可能数|可用在庫|フリー在庫|有効在庫|Available|Usable|가용재고|"
    "판매가능재고",
    "inbound": "入庫予定|入庫予定数|Inbound|Incoming|입고예정",
    "damaged": "破損|不良|破損在庫|Damaged|Defective|파손|불량",
    "eot_qty": "カンダッシュ在庫|Guaranteed arrival stock|도착보장 재고",
    "safety_qty": _MAPPINGS["safety_qty"],
    "expiry": "有効期限|使用期限|Expiry|Expiry date|유효기간",
    "lot": "ロット番号|ロット|Lot No.|Lot|생산/제조 단위 번호",
}

_SYNC_LOG = {
    "event_at": "送信日時|同期日時|処理日時|日時|Event time|Sync time|Sent at|Date|동기화 시간|"
    "전송일시|일시",
    "sku_no": _SKUS["sku_no"],
    "sales_site": _ORDERS["sales_site"],
    "shop_id": _ORDERS["shop_id"],
    "site_product_no": _ORDERS["site_product_no"],
    "option_text": _MAPPINGS["site_option_text"],
    "sent_qty": "送信数量|同期数量|数量|Sent qty|Synced qty|Quantity|Qty|전송수량|동기화 수량|수량",
    "result_raw": "結果|処理結果|Result|결과",
    "message": "メッセージ|結果メッセージ|Message|Result message|메시지|결과 메시지",
}


def _list(titles: str) -> tuple[str, ...]:
    return tuple(titles.split("|"))


def _split(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: _list(titles) for name, titles in table.items()}


TITLES: Mapping[FileKind, Mapping[str, tuple[str, ...]]] = {
    FileKind.ORDERS: _split(_ORDERS),
    FileKind.SYNC_LOG: _split(_SYNC_LOG),
    FileKind.MAPPINGS: _split(_MAPPINGS),
    FileKind.STOCK: _split(_STOCK),
    FileKind.SKUS: _split(_SKUS),
}

# O-code of the upload template -> our field [S for the code and its Korean title].
FIELD_OF_CODE: Mapping[int, str] = {
    4: "reference_no",
    5: "item_name",
    6: "qty",
    25: "seller_code",
    29: "warehouse",
    30: "sku_no",
    31: "sales_site",
    32: "shop_id",
    33: "site_cart_no",
    34: "site_order_no",
    35: "site_product_no",
    39: "option_text",
    41: "ordered_at",
    42: "courier",
    43: "tracking_no",
}

# Sender, recipient, address, phone, mail, remark, furigana, birth date, customs identity, company
# representative; 44 is the waybill URL, which embeds the seller's key [S].
DROPPED_CODES = frozenset({1, 8, 9, 10, 11, 12, 13, 14, 16, 19, 21, 22, 44, 53})
LAST_CODE = 57

# Of the recipient, by which a shipment can be told to go to the same person (smartship.md 11.8, step 5 [I]): never read
# into a row, only shown to the function that makes the hash.
RECIPIENT_CODES = {8: "name", 9: "zip"}
RECIPIENT_TITLES = {  # [I]
    "name": _list(
        "受取人名|受取人|受取人氏名|お届け先|お届け先氏名|届け先氏名|顧客名|Recipient|Recipient name|Receiver|Receiver name|"
        "Customer name|수취인|수취인명|고객이름"
    ),
    "zip": _list(
        "郵便番号|受取人郵便番号|お届け先郵便番号|Zip|Zip code|Zipcode|Postal code|Postcode|우편 번호|우편번호"
    ),
}

# Known titles of no use to us: kept in `other`, and they count towards finding the title line.
EXTRA_TITLES = _list(
    "販売者ID|セラーID|出発国|到着国|届け先国|商品価格(総額)|商品価格|販売価格|通貨|福岡路線利用|"
    "配送等級|プレミアムサービス|商品URL|細分類|代引利用|代引金額|代引通貨|クイック配送日|"
    "クイック配送時間帯|配送都市|IOSSコード|輸送手段|B2B注文|破損保険|通関タイプ|箱総重量|箱容積|"
    "商品タイプ|受注確認|Seller ID|Departure country|From nation|Arrival country|Destination|"
    "Item price (total)|Currency|Fukuoka route use|Service class|Delivery grade|Premium service|"
    "Item URL|Detailed category|COD use|COD amount|COD currency|Quick delivery date|"
    "Quick delivery slot|Delivery City|IOSS CODE|Transport type|B2B Order YN|Damage Insurance|"
    "Drop off station code|Pick up station code|PUDO company type|Customs type|Box weight|"
    "Box volume|Item type|판매자 ID|출발 국가|도착 국가|상품 가격(총액)|통화|후쿠오카 노선 이용|"
    "배송 등급|프리미엄 서비스|상품 URL 정보|세부 분류|퀵 배송 날짜|Quick 배송 시간대|운송 수단|"
    "통관 타입|박스 총 무게|박스 부피|상품 유형"
)

# Whole titles that mean a person or a secret.
PERSONAL_TITLES = _list(
    "備考|メモ|フリガナ|ふりがな|カナ|電話|TEL|FAX|郵便番号|住所|メール|携帯|通関情報|送り状URL|"
    "事業者名|事業者名/代表者名|名前|氏名|担当者|Remark|Remarks|Memo|Note|Tel|Fax|Mobile|Zip|Name|"
    "Furigana|Kana|Waybill URL|Address|비고|메모|연락처|연락처(HP)|이름|이름 후리가나|성명|"
    "화물 운송장 URL|사업자명/대표자명"
)

# Fragments, punctuation removed and lower case, that make an unknown title personal [D]: we would
# rather lose a harmless column than keep a harmful one.
PERSONAL_FRAGMENTS = _list(
    "氏名|住所|電話|携帯|メールアドレス|mail|郵便|フリガナ|ふりがな|受取人|お届け先|届け先|届先|送付先|配送先|"
    "購入者|注文者|顧客|お客様|依頼主|差出人|発送者|代表者|担当者|生年月日|誕生日|旅券|パスポート|通関番号|"
    "備考|メモ|phone|mobile|address|zipcode|postal|postcode|recipient|receiver|consignee|buyer|"
    "customer|sender|shipper|addressee|birth|passport|customsid|memo|remark|furigana|personname|"
    "fullname|firstname|lastname|수취인|받는|보내는|구매자|주문자|고객|발송자|주소|전화|연락처|휴대|이메일|우편|"
    "생년월일|통관고유|통관정보|여권|비고|메모|apikey|token|waybillurl|labelurl|운송장url"
)
