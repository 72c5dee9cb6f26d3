"""The 58 columns of Smartship's order upload file, as data in template order; decides nothing.

Source: import contract 3.2. Codes and Korean titles are seen [S]; English and Japanese titles are ours [I]. The code at
the end of a title is what a reader goes by.
"""

from __future__ import annotations

from collections.abc import Mapping

_COLUMNS = """
O00|販売者ID|Seller ID|판매자 ID
O01|発送者名|Sender name|발송자 이름
O02|出発国|Departure country|출발 국가
O03|到着国|Arrival country|도착 국가
O04|参照番号|Reference No.|참조 번호
O05|商品名|Item name|상품명
O06|数量|Quantity|상품 수
O07|商品価格(総額)|Item price (total)|상품 가격(총액)
O08|顧客名|Customer name|고객이름
O09|郵便番号|Zip code|우편 번호
O10|受取人住所1|Recipient address 1|수취인 주소 1
O11|受取人住所2|Recipient address 2|수취인 주소 2
O12|携帯電話|Mobile|연락처(HP)
O13|電話番号|Phone|연락처
O14|メール|Email|이메일
O15|通貨|Currency|통화
O16|備考|Remark|비고
O17|福岡路線利用|Fukuoka route use|후쿠오카 노선 이용
O18|配送等級|Service class|배송 등급
O19|フリガナ|Furigana|이름 후리가나
O20|プレミアムサービス|Premium service|프리미엄 서비스
O21|生年月日|Birth date|생년월일
O22|通関情報|Buyer customs ID|구매 고객 통관 정보
O23|商品URL|Item URL|상품 URL 정보
O24|細分類|Detailed category|세부 분류
O25|ユーザー定義商品コード|User-defined product code|사용자 정의 상품 코드
O26|代引利用|COD use|COD 서비스 사용
O27|代引金額|COD amount|COD 금액
O28|代引通貨|COD currency|COD 통화
O29|倉庫コード|Warehouse code|창고 코드
O30|SKU番号|SKU No.|SKU No.
O31|サイト番号|Site No.|사이트 번호
O32|サイトログインID|Site login ID|사이트 로그인 ID
O33|サイトカート番号|Site cart No.|사이트 장바구니 번호
O34|サイト注文番号|Site order No.|사이트 주문 번호
O35|サイト商品番号|Site product No.|사이트 상품 번호
O36|クイック配送日|Quick delivery date|퀵 배송 날짜
O37|クイック配送時間帯|Quick delivery slot|Quick 배송 시간대
O38|配送都市|Delivery City|Delivery City
O39|商品オプション|Item option|상품 옵션
O40|IOSSコード|IOSS CODE|IOSS CODE
O41|注文日|Order date|주문일
O42|販売者指定配送会社|Seller-designated courier|판매자 지정 배송사
O43|販売者指定送り状番号|Seller-designated tracking No.|판매자 지정 송장번호
O44|送り状URL|Waybill URL|화물 운송장 URL
O45|輸送手段|Transport type|운송 수단
O46|B2B注文|B2B Order YN|B2B Order YN
O47|ロット番号|Lot No.|생산/제조 단위 번호 (Lot No.)
O48|有効期限|Expiry date|유효기간
O49|破損保険|Damage Insurance|Damage Insurance
O50|ドロップオフステーションコード|Drop off station code|Drop off 스테이션 코드
O51|PUDO業者タイプ|PUDO company type|PUDO 업체 타입
O52|通関タイプ|Customs type|통관 타입
O53|事業者名/代表者名|Company/representative name|사업자명/대표자명
O54|箱総重量|Box weight|박스 총 무게
O55|箱容積|Box volume|박스 부피
O56|商品タイプ|Item type|상품 유형
O57|ピックアップステーションコード|Pick up station code|픽업 스테이션 코드
"""

LANGUAGES = ("ja", "en", "ko")
_SPLIT = [line.split("|") for line in _COLUMNS.strip().splitlines()]
CODES: tuple[str, ...] = tuple(line[0] for line in _SPLIT)
TITLES: Mapping[
    str, tuple[str, ...]
] = {  # language -> titles in template order, each with its code
    lang: tuple(f"{line[place]}({line[0]})" for line in _SPLIT)
    for place, lang in enumerate(LANGUAGES, start=1)
}

# Recipient: name, post code, addresses, telephones, mail, furigana. They are never kept here, so a person types them.
PERSONAL = ("O08", "O09", "O10", "O11", "O12", "O13", "O14", "O19")
# What the one converter seen fills [S] and an order cannot go without [I]: departure and arrival country.
COUNTRIES = ("O02", "O03")
