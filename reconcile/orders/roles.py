"""What a phase name means for shipping. Phases are free text of each account, so every guess can be overruled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

BEFORE, COLLECT, AFTER, SHIPPED, CANCELLED, UNKNOWN = ROLES = (
    "before",
    "collect",
    "after",
    "shipped",
    "cancelled",
    "unknown",
)

# Names seen in public sources or plain in meaning; the role of each is our reading [D].
DEFAULT_ROLES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "注文確認",
            "確認待ち",
            "引当待ち",
            "入金待ち",
            "入荷待ち",
            "予約",
            "新規受付",
            "新規注文",
            "発送待ち",
            "出荷待ち",
        ),
        BEFORE,
    ),
    **dict.fromkeys(
        (
            "送り状印刷済み",
            "送り状発行済み",
            "印刷済み",
            "出荷済み",
            "出荷完了",
            "発送済み",
            "発送完了",
            "完了",
        ),
        AFTER,
    ),
    "キャンセル": CANCELLED,
}


def role_of(phase_name: str, *, collect_phase: str, shipped_phase: str) -> str:
    """One of ROLES for a phase name, compared exactly: no trimming, no width folding.

    The account's two expected names come first, then the default table; anything else is unknown.
    """
    if phase_name == collect_phase:
        return COLLECT
    if phase_name == shipped_phase:
        return SHIPPED
    return DEFAULT_ROLES.get(phase_name, UNKNOWN)


def default_roles(
    phase_names: Iterable[str], *, collect_phase: str, shipped_phase: str
) -> dict[str, str]:
    """The default role of every given name, see role_of."""
    return {
        name: role_of(name, collect_phase=collect_phase, shipped_phase=shipped_phase)
        for name in phase_names
    }
