"""The catalogue side as values: items, attributes, SKUs, stock, what changed, and the services' state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

SERVICE_STARTED: Final = "3"  # 開始 [S]
SERVICE_STOPPED: Final = "0"  # 停止 [S]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A 標準商品; attribute1_group and attribute2_group are labels such as カラー, not values."""

    item_code: str
    item_name: str | None = None
    attribute1_group: str | None = None
    attribute2_group: str | None = None
    unit_price: int | None = None
    other: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSku:
    """An item in one attribute combination; keep_stock is 確保在庫 in pieces, sku_code SKUコード."""

    item_code: str
    attribute1_code: str | None = None
    attribute1_name: str | None = None
    attribute2_code: str | None = None
    attribute2_name: str | None = None
    sku_code: str | None = None
    jan_code: str | None = None
    keep_stock: int | None = None
    stock_unlimit_flag: int | None = None
    other: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Free quantity of one SKU in pieces; negative is normal (売り越し) [S2]."""

    item_code: str
    attribute1_code: str | None = None
    attribute1_name: str | None = None
    attribute2_code: str | None = None
    attribute2_name: str | None = None
    stock: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAttribute:
    """One value of attribute 1 or 2 of an item, e.g. ホワイト; only the name is seen [S], code [I]."""

    name: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChange:
    """A stock figure and when it last moved; rows of this feed are not confirmed [I]."""

    stock: Stock
    updated_at: datetime

    @property
    def sku(self) -> tuple[str | None, ...]:
        """What tells this SKU from others: item code, attribute codes, attribute names."""
        one = self.stock
        codes = (one.attribute1_code, one.attribute2_code)
        return (one.item_code, *codes, one.attribute1_name, one.attribute2_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuChange:
    """A SKU's master data and when they last changed; rows of this feed are not confirmed [I]."""

    item_sku: ItemSku
    updated_at: datetime

    @property
    def sku(self) -> tuple[str | None, ...]:
        """What tells this SKU from others: item code, attribute codes, attribute names, SKUコード."""
        one = self.item_sku
        codes = (one.attribute1_code, one.attribute2_code)
        return (one.item_code, *codes, one.attribute1_name, one.attribute2_name, one.sku_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """State of one 送受信サービス; service_type: 1 受信 (orders), 2 送信 (stock) [S]; status is raw."""

    service_type: str
    status: str

    @property
    def is_started(self) -> bool | None:
        """True for 開始, False for 停止 [S], None for anything else (停止中, 開始中 presumably) [I]."""
        return {SERVICE_STARTED: True, SERVICE_STOPPED: False}.get(self.status)
