"""What is renewed before it is shown, or beside it where that takes long: verdicts because of time, and what rests on files."""

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
        self.begin(account, lambda: self._timed(account, renew))

    def begin(self, name: str, work: Callable[[], object]) -> None:
        """Work in a thread beside the callers, unless work of that name is under way. One of our errors goes to the log."""
        with self._guard:
            running = self._beside.get(name)
            if running is None or not running.is_alive():
                thread = threading.Thread(target=_quietly, args=(name, work), daemon=True)
                self._beside[name] = thread
                thread.start()

    def _timed(self, account: str, renew: Callable[[], object]) -> None:
        begun = time.monotonic()
        renew()
        self._took_s[account] = time.monotonic() - begun

    def running(self) -> tuple[threading.Thread, ...]:
        """The threads at work beside the callers."""
        with self._guard:
            return tuple(thread for thread in self._beside.values() if thread.is_alive())


def _quietly(name: str, work: Callable[[], object]) -> None:
    try:
        work()
    except ReconcileError as error:
        log.warning("renewal account=%s trouble=%s", name, error.help_key)
