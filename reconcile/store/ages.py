"""How old the catalogue and stock figures are, and which items have none: what a page may say about their freshness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconcile.settings import Settings
from reconcile.store.database import Cursor, aware, naive
from reconcile.store.queries import load

WITHOUT_FIGURE = ("never", "none", "unknown", "refused", "partial")


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureAges:
    """Ages of what one account holds of one feed: catalogue (SKUs) or stock (figures).

    figures: how many are held, from oldest_at to newest_at (None without any); older: how many of them were read before
    limit_at. items: items of the catalogue. without: items by why they have no (or no whole) figure, one of
    WITHOUT_FIGURE: never asked for, an answer without rows, unknown to the vendor, refused, read in part. swept_at:
    every item has been asked since then; None until the first sweep is through.
    """

    account: str
    feed: str
    figures: int
    oldest_at: datetime | None
    newest_at: datetime | None
    older: int
    limit_at: datetime
    items: int
    without: Mapping[str, int]
    swept_at: datetime | None

    def words(self) -> dict[str, Any]:
        """The values of the texts `ages.catalogue` and `ages.stock`."""
        return {
            "account": self.account,
            "figures": self.figures,
            "newest": self.newest_at,
            "oldest": self.oldest_at,
            "older": self.older,
            "limit": self.limit_at,
            "without": sum(self.without.values()),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWithoutFigure:
    """One item that has no whole figure, why (WITHOUT_FIGURE), and when it was last asked for."""

    item_code: str
    item_name: str | None
    why: str
    asked_at: datetime | None


def figure_ages(
    cursor: Cursor, account: str | None, now: datetime, settings: Settings
) -> tuple[FigureAges, ...]:
    """Ages by account and feed; the limits are `catalogue_max_age_h` and `stock_max_age_min` before now."""
    limits = {
        "catalogue": now - timedelta(hours=settings.catalogue_max_age_h),
        "stock": now - timedelta(minutes=settings.stock_max_age_min),
    }
    sql = load("catalogue")
    without: dict[tuple[str, str], dict[str, int]] = {}
    for name, feed, answer, items in cursor.execute(
        sql["answers"], {"account": account}
    ).fetchall():
        if answer in WITHOUT_FIGURE:
            without.setdefault((name, feed), {})[answer] = int(items)
    rows = cursor.execute(
        sql["ages"],
        {
            "account": account,
            "stock_limit_at": naive(limits["stock"]),
            "catalogue_limit_at": naive(limits["catalogue"]),
        },
    ).fetchall()
    return tuple(
        FigureAges(
            account=name,
            feed=feed,
            figures=int(figures),
            oldest_at=aware(oldest_at),
            newest_at=aware(newest_at),
            older=int(older),
            limit_at=limits[feed],
            items=int(items),
            without=without.get((name, feed), {}),
            swept_at=aware(swept_at),
        )
        for name, feed, figures, oldest_at, newest_at, older, items, swept_at in rows
    )


def clock_skews(cursor: Cursor) -> dict[str, float]:
    """Seconds by which the vendor's clock was ahead of ours at the last sync, by account, where it is over a minute."""
    return dict(cursor.execute(load("schedule")["clock_skews"]).fetchall())


def items_without_figure(cursor: Cursor, account: str, feed: str) -> tuple[ItemWithoutFigure, ...]:
    """The items of a feed that have no whole figure, by code; a set without own stock is one of them."""
    rows = cursor.execute(
        load("catalogue")["items_without_figure"], {"account": account, "feed": feed}
    ).fetchall()
    return tuple(
        ItemWithoutFigure(item_code=code, item_name=name, why=why, asked_at=aware(asked_at))
        for code, name, why, asked_at in rows
    )
