"""What the vendor's diff feeds name as changed: hints that make a sync cheap, never proof that the rest stood still.

Nothing about their rows is confirmed [I], so against a real host they are off until somebody confirms them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crossmall.credentials import is_loopback
from crossmall.endpoints import GET_DIFF_ITEM_SKU, GET_DIFF_STOCK
from crossmall.errors import ApiError, AuthError, UnreadableResponse
from reconcile.settings import Settings
from reconcile.store import catalogue_writes, sync_writes
from reconcile.store.database import naive
from reconcile.sync.plan import is_credible
from reconcile.sync.session import Session

FIRST_LOOK = timedelta(
    days=1
)  # how far back a feed is asked the first time, to see that it names anything [D]
ENDPOINTS = {"catalogue": GET_DIFF_ITEM_SKU.name, "stock": GET_DIFF_STOCK.name}
CURSORS = {"catalogue": "sku_changes", "stock": "stock_changes"}


@dataclass(frozen=True, slots=True)
class Hints:
    """What a diff feed gave: whether silence of it means anything, and how many named items are not in our list.

    credible: it answered, every row could be read, and it has named an item of ours at least once. A feed that never
    names anything may be one that we ask wrongly.
    """

    credible: bool
    unlisted: int = 0


def confirmed_calls(settings: Settings) -> tuple[str, ...]:
    """The calls that an operator confirms with diff_feeds = on, for the client's `confirmed`; none otherwise."""
    return tuple(ENDPOINTS.values()) if settings.diff_feeds == "on" else ()


def are_on(session: Session, feed: str) -> bool:
    """Whether the diff feed (catalogue or stock) may be asked: not with diff_feeds = off, else where it is confirmed.

    On this machine it always is; elsewhere where the client was told so (see confirmed_calls).
    """
    if session.settings.diff_feeds == "off":
        return False
    return is_local(session.account.base_url) or session.client.is_confirmed(ENDPOINTS[feed])


def is_local(base_url: str) -> bool:
    """Whether an account talks to this machine, that is, to a sandbox."""
    return is_loopback(urlsplit(base_url).hostname or "")


def take(session: Session, feed: str, started_at: datetime) -> Hints:
    """Ask the feed for what changed since it was last asked, and note the items it names.

    Marks and cursor are stored together, so a hint survives a kill until its item has been read. A feed that answers
    with an error gives no hints; only a refused login is raised, and what the client raises when nothing answers.
    """
    account = session.account.name
    with session.db.read() as cursor:
        cursors = sync_writes.cursors(cursor, account)
    since = _since(session, cursors, CURSORS[feed], started_at)
    overlap = timedelta(minutes=session.settings.overlap_min)
    newest: dict[str, datetime] = {}
    reached, skipped = since, session.rows_skipped
    try:
        for item_code, updated_at in _changes(session, feed, since - overlap):
            known_at = min(updated_at, session.clock())  # told too early: news again in its time
            newest[item_code] = max(known_at, newest.get(item_code, known_at))
            if is_credible(updated_at, started_at):
                reached = max(reached, updated_at)
    except AuthError:
        raise
    except (ApiError, UnreadableResponse):
        return Hints(credible=False)
    with session.db.write() as cursor:
        unlisted = catalogue_writes.name_items(
            cursor, account, feed, newest, since=since, now=session.clock()
        )
        sync_writes.run(
            cursor,
            "put_cursor",
            account=account,
            feed=CURSORS[feed],
            cursor_at=naive(reached),
            complete_at=naive(started_at),
            reaches_back_to=None,
        )
        has_named = catalogue_writes.has_named(cursor, account, feed)
    readable = session.rows_skipped == skipped
    return Hints(credible=has_named and readable, unlisted=unlisted)


def _since(
    session: Session, cursors: Mapping[str, Mapping[str, datetime | None]], feed: str, now: datetime
) -> datetime:
    """From where on a feed's rows may be new, vendor's clock: its newest row, but nothing later than when it was last asked.

    The latter where a reply of a wrong clock, or of one put back since, has led the cursor into the future. The first
    time: some time before now by our clock and by the vendor's, as orders show it.
    """
    known, orders_at = cursors.get(feed, {}), cursors.get("orders", {}).get("cursor_at")
    cursor_at, asked_at = known.get("cursor_at"), known.get("complete_at")
    if cursor_at is None or asked_at is None:
        return (min(now, orders_at) if orders_at else now) - FIRST_LOOK
    asked_at += timedelta(seconds=session.calls.ahead_s or 0.0)
    return min(cursor_at, asked_at)


def _changes(session: Session, feed: str, since: datetime) -> Iterator[tuple[str, datetime]]:
    if feed == "stock":
        for stock_page in (page.whole() for page in session.client.stock_changes(since)):
            session.rows_skipped += len(stock_page.skipped)
            for moved in stock_page.rows:
                yield moved.stock.item_code, moved.updated_at
    else:
        for sku_page in (page.whole() for page in session.client.sku_changes(since)):
            session.rows_skipped += len(sku_page.skipped)
            for changed in sku_page.rows:
                yield changed.item_sku.item_code, changed.updated_at
