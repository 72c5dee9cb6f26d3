"""One sync of one account: plan, fetch in parallel, apply step by step, judge.

Each step is one transaction and can be repeated without harm; the cursor moves only when the whole stretch has been
applied. So a sync that was killed anywhere, or cancelled, goes on where it stood and ends like an undisturbed one.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from crossmall.errors import CrossmallError
from crossmall.types import Phase
from reconcile.errors import ReconcileError, SyncCancelled, SyncFailed
from reconcile.ladder import facts
from reconcile.model import Account, Progress, SyncReport
from reconcile.store import boards, sync_writes
from reconcile.store.database import Cursor, naive
from reconcile.sync import hints
from reconcile.sync.catalogue import sync_catalogue, sync_stock
from reconcile.sync.orders import sync_orders
from reconcile.sync.plan import is_due
from reconcile.sync.records import call_row, phase_rows
from reconcile.sync.session import Session

STEPS_OF_GOODS = {"catalogue": sync_catalogue, "stock": sync_stock}
ENDPOINTS_OF_GOODS = {
    "catalogue": ("get_item", "get_item_sku", "get_diff_item_sku"),
    "stock": ("get_stock", "get_diff_stock"),
}

Cursors = dict[str, dict[str, datetime | None]]
Judge = Callable[[Account], tuple[dict[str, int], dict[str, int]]]


def run_sync(
    session: Session, *, parts: Collection[str], since: date | None, full: bool, judge: Judge
) -> SyncReport:
    """Run one sync to its end and give its report. Raises SyncFailed or SyncCancelled; what was applied stays."""
    started_at = session.clock()
    begun = time.monotonic()
    known = _start_run(session, started_at, parts, full=full)
    fresh = _fresh_parts(session, known, parts, started_at, full=full)
    try:
        _fetch(session, known, set(parts) - set(fresh), started_at, since, full=full)
        session.on_progress(Progress(stage="rules", done=0, total=1, unit="orders"))
        session.db.checkpoint()  # what the rules read lies packed in the file, not loose in memory
        findings, cannot_tell = judge(session.account)
    except CrossmallError as error:
        failure = sync_failure(error, session.account.name)
        _finish_run(session, "failed", failure, type(error).__name__)
        raise failure from None
    except ReconcileError as error:
        state = "cancelled" if isinstance(error, SyncCancelled) else "failed"
        _finish_run(session, state, error, type(error).__name__)
        raise
    _finish_run(session, "complete", None, None)
    session.db.checkpoint()
    return SyncReport(
        account=session.account.name,
        run_id=session.run_id,
        kind=session.kind,
        complete=True,
        orders_new=session.orders_new,
        orders_changed=session.orders_changed,
        rows_skipped=session.rows_skipped,
        calls=session.calls.count,
        seconds=time.monotonic() - begun,
        findings=findings,
        cannot_tell=cannot_tell,
        skipped_parts=fresh,
        clock_skew_s=session.clock_skew_s,
    )


def sync_failure(error: CrossmallError, account: str) -> SyncFailed:
    """The vendor's or the network's refusal as our error: a text key with facts, never a URL or a value."""
    return SyncFailed(error.help_key, account=account, **facts(error))


def new_run_id() -> str:
    """An identifier for a run, unique on its own."""
    return uuid.uuid4().hex


def compare_phases_again(cursor: Cursor, account: Account) -> None:
    """Compare the phases as last read with the account's expected names, which have changed."""
    known = [phase for phase in boards.phases(cursor, account) if phase.position is not None]
    present = [phase for phase in known if phase.present]
    if present and present[0].seen_at is not None:
        rows = phase_rows(
            account, [Phase(name=phase.name) for phase in present], present[0].seen_at
        )
        sync_writes.put_table(cursor, "put_phases", "cm_phase", rows, account=account.name)


def _phases(session: Session, seen_at: datetime) -> None:
    phases = session.client.phases()
    session.on_progress(Progress(stage="phases", done=1, total=1, unit="windows"))
    with session.db.write() as cursor:
        sync_writes.put_table(
            cursor,
            "put_phases",
            "cm_phase",
            phase_rows(session.account, phases, seen_at),
            account=session.account.name,
        )
        sync_writes.run(
            cursor,
            "put_cursor",
            account=session.account.name,
            feed="phases",
            cursor_at=None,
            complete_at=naive(seen_at),
            reaches_back_to=None,
        )


def _fresh_parts(
    session: Session,
    known: Cursors,
    parts: Collection[str],
    now: datetime,
    *,
    full: bool,
) -> dict[str, float]:
    """Parts that are young enough not to be fetched again: part -> age in seconds.

    Where a diff feed tells what moved, a part is never left out: asking costs one call.
    """
    limits = {
        "catalogue": timedelta(hours=session.settings.catalogue_max_age_h),
        "stock": timedelta(minutes=session.settings.stock_max_age_min),
    }
    fresh = {}
    for part, limit in limits.items():
        complete_at = known.get(part, {}).get("complete_at")
        told = hints.are_on(session, part)
        if part in parts and not full and not told and not is_due(complete_at, now, limit):
            assert complete_at is not None
            fresh[part] = (now - complete_at).total_seconds()
    return fresh


def _start_run(
    session: Session, started_at: datetime, parts: Collection[str], *, full: bool
) -> Cursors:
    """Open the run's record, close those of killed runs, and give the cursors as they stand."""
    account = session.account.name
    with session.db.write() as cursor:
        known = sync_writes.cursors(cursor, account)
        before = known.get("orders", {}).get("cursor_at")
        session.kind = "first" if before is None else "full" if full else "increment"
        session.cursor_after = before
        sync_writes.run(
            cursor,
            "close_interrupted_runs",
            account=account,
            now=naive(started_at),
            error_key="error.sync.interrupted",
        )
        sync_writes.run(
            cursor,
            "start_run",
            run_id=session.run_id,
            account=account,
            kind=session.kind,
            parts=",".join(sorted(parts)),
            started_at=naive(started_at),
            window_from=None,
            cursor_before=naive(before),
        )
    return known


def _fetch(
    session: Session,
    known: Cursors,
    parts: Collection[str],
    started_at: datetime,
    since: date | None,
    *,
    full: bool,
) -> None:
    """The steps in their order. The phases are read again once their list is old or lacks an order's phase."""
    phases_age = timedelta(minutes=session.settings.phases_max_age_min)
    phases_due = full or is_due(known.get("phases", {}).get("complete_at"), started_at, phases_age)
    _expect(session, parts)
    if phases_due:
        _phases(session, started_at)
    if "orders" in parts:
        sync_orders(session, known.get("orders", {}), started_at, since=since, full=full)
        with session.db.read() as cursor:
            unknown = sync_writes.has_unknown_phase(cursor, session.account.name, session.run_id)
        if unknown and not phases_due:
            _phases(session, started_at)
    for part, step in STEPS_OF_GOODS.items():
        if part in parts:
            session.ahead.pop(part, None)
            step(session, started_at)


def _expect(session: Session, parts: Collection[str]) -> None:
    """Note how many calls the later steps will take, going by the last complete run that had them."""
    with session.db.read() as cursor:
        past = sync_writes.past_calls(cursor, session.account.name)
    for part, endpoints in ENDPOINTS_OF_GOODS.items():
        if part in parts:
            session.ahead[part] = sum(past.get(endpoint, 0) for endpoint in endpoints)


def _finish_run(
    session: Session, state: str, error: ReconcileError | None, error_class: str | None
) -> None:
    now = session.clock()
    with session.db.write() as cursor:
        rows = [
            call_row(session.account.name, session.run_id, call) for call in session.calls.take()
        ]
        sync_writes.put_table(cursor, "add_calls", "api_call", rows)
        oldest = now - timedelta(days=session.settings.api_call_days)
        sync_writes.run(
            cursor, "forget_old_calls", account=session.account.name, before=naive(oldest)
        )
        sync_writes.run(
            cursor,
            "finish_run",
            run_id=session.run_id,
            state=state,
            finished_at=naive(now),
            cursor_after=naive(session.cursor_after),
            calls=session.calls.count,
            orders_new=session.orders_new,
            orders_changed=session.orders_changed,
            rows_skipped=session.rows_skipped,
            error_class=error_class,
            error_key=error.help_key if error else None,
            clock_skew_s=session.clock_skew_s,
        )
