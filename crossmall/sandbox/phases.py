"""The phase names of a usual account; phases are free text, so scenarios may have others."""

AWAITING = "発送待機"  # the only phase the 3PL collects [S]
SHIPPED = "QXPRESS発送済み"  # the phase it needs for its write-back [S]
FIRST = "注文確認"
CHECKING = "確認待ち"
ALLOCATING = "引当待ち"
PRINTED = "送り状印刷済み"
DONE = "完了"
CANCELLED = "キャンセル"
DEFAULT_PHASES = (FIRST, CHECKING, ALLOCATING, AWAITING, PRINTED, SHIPPED, DONE, CANCELLED)
