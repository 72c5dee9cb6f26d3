"""Verdicts renewed because time has passed: before they are shown, or beside it where that takes long."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from reconcile.errors import ReconcileError

PATIENCE_S = 1.0  # [D] longer than this nobody waits for verdicts that are a little old
log = logging.getLogger(__name__)


class Renewals:
    """Runs the renewals of accounts and remembers how long each took; at most one an account runs beside the callers."""

    def __init__(self) -> None:
        self._took_s: dict[str, float] = {}
        self._guard = threading.Lock()
        self._beside: dict[str, threading.Thread] = {}

    def run(self, account: str, renew: Callable[[], object], *, beside: bool) -> None:
        """Renew before returning; with `beside`, in a thread where the last time took longer than PATIENCE_S.

        Raises what `renew` raises; a thread notes one of our errors in the log, and the next caller starts another.
        """
        if not beside or self._took_s.get(account, 0.0) <= PATIENCE_S:
            self._timed(account, renew)
            return
        with self._guard:
            running = self._beside.get(account)
            if running is None or not running.is_alive():
                thread = threading.Thread(target=self._quietly, args=(account, renew), daemon=True)
                self._beside[account] = thread
                thread.start()

    def _timed(self, account: str, renew: Callable[[], object]) -> None:
        begun = time.monotonic()
        renew()
        self._took_s[account] = time.monotonic() - begun

    def _quietly(self, account: str, renew: Callable[[], object]) -> None:
        try:
            self._timed(account, renew)
        except ReconcileError as error:
            log.warning("renewal account=%s trouble=%s", account, error.help_key)
