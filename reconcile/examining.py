"""The forensics of one account from its store and back: stays, pulls and causes, renewed when something changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.model import Account
from reconcile.orders.examine import Examined
from reconcile.orders.recorded import Frames, outcome, pull_rows, stay_rows
from reconcile.rules.limits import RuleLimits
from reconcile.store import forensics
from reconcile.store.database import Cursor

VERSION = 1  # of what is stored: a new one has everything examined again
DAYS = 30  # an order in step that nothing changed for longer is no question [D]
MOST = 20_000  # questions examined at once, the latest changed first [D]
SAMPLE = 5_000  # newest orders from which the shop's habits are learned [D]
RENEW_AFTER = timedelta(minutes=10)  # waiting orders ripen without any new data [D]


def renew(cursor: Cursor, account: Account, now: datetime) -> bool:
    """Examine the account again and store what came of it; False where nothing changed and nothing can have ripened.

    Runs inside the caller's transaction, after the rules: it reads order_case and writes order_stay and pull_time.
    """
    basis = forensics.fingerprint(cursor, account.name, VERSION, account.options["auto_orders"])
    last = forensics.last_examination(cursor, account.name)
    if last is not None and last[0] == basis and timedelta(0) <= now - last[1] < RENEW_AFTER:
        return False
    frames, found = examined(cursor, account, now)
    forensics.write(
        cursor,
        account.name,
        stays=stay_rows(frames, found) if found else (),
        pulls=pull_rows(found.pulls, frames, now) if found else (),
        print_of_inputs=basis,
        now=now,
    )
    return True


def examined(cursor: Cursor, account: Account, now: datetime) -> tuple[Frames, Examined | None]:
    """The stored frames of an account and what their examination says, as of `now`; None where no order is known."""
    frames = forensics.read(
        cursor,
        account.name,
        now=now,
        days=DAYS,
        most=MOST,
        sample=SAMPLE,
        coverage_grace_min=RuleLimits().coverage_grace_min,
    )
    return frames, outcome(frames, auto_orders=account.options["auto_orders"], now=now)
