"""Who an order goes to, where it is kept: until when, and shown only to who asks, which is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from reconcile.errors import UsageError
from reconcile.store import recipients as store
from reconcile.wiring import Wiring

SHOWN = "order_recipient.shown"  # the ledger's word for it


class RecipientDesk(Wiring):
    """Recipients of orders as people ask for them."""

    def recipient_kept_until(self, account: str, order_number: str) -> date | None:
        """The last day (JST) on which an order's recipient can be shown; None where it is not kept. order_number: 管理番号."""
        with self._db.read() as cursor:
            found = store.sealed(cursor, account, order_number)
        return self._recipients.kept_until(found[0]) if found else None

    def show_recipient(
        self, account: str, order_number: str, *, by: str | None = None
    ) -> Mapping[str, str]:
        """The recipient by field of the API (`ship_name` and so on), empty ones left out; first it is recorded who asked.

        Raises UsageError where it is not kept, SecretsUnavailable without its key.
        """
        with self._db.read() as cursor:
            found = store.sealed(cursor, account, order_number)
        who = self._recipients.open(*found) if found else None
        if who is None:
            raise UsageError("error.recipient.none", number=order_number)
        self._ledger.append(SHOWN, account, {"order_number": order_number}, actor=by)
        return who
