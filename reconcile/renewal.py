"""What is renewed before it is shown, or beside it where that takes long: verdicts because of time, and what rests on files."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from reconcile.errors import ReconcileError

PATIENCE_S = 1.0  # [D] longer than this nobody waits for verdicts that are old
PATIENCE_FOR_AGE = 1 / 600  # [D] and of what is a minute old no longer than a tenth of a second
SPACING = 40  # [D] it slows the callers beside it, so it runs no more than a fortieth of the time
log = logging.getLogger(__name__)


class Renewals:
    """Runs the renewals of accounts and remembers how long each took; at most one an account runs beside the callers."""

    def __init__(self) -> None:
        self._took_s: dict[str, float] = {}
        self._guard = threading.Lock()
        self._beside: dict[str, threading.Thread] = {}

    def run(
        self, account: str, renew: Callable[[], object], *, patience_s: float | None = None
    ) -> None:
        """Renew before returning; with a patience in a thread, which nobody awaits longer, or at all if it took longer before.

        Raises what `renew` raised meanwhile; a thread notes one of our errors in the log, and the next caller starts another.
        """
        if patience_s is None:
            self._timed(account, renew)
            return
        failed: list[ReconcileError] = []

        def work() -> None:
            try:
                self._timed(account, renew)
            except ReconcileError as error:
                failed.append(error)
                raise

        thread = self.begin(account, work)
        if self._took_s.get(account, 0.0) <= patience_s:
            thread.join(patience_s)
            if failed:
                raise failed[0]

    def due(self, account: str, age_s: float, limit_s: float, *, beside: bool) -> bool:
        """Whether what is so old is to be renewed. beside: what takes long rests longer, for it slows the callers."""
        rest_s = SPACING * self._took_s.get(account, 0.0) if beside else 0.0
        return age_s > max(limit_s, rest_s)

    def begin(self, name: str, work: Callable[[], object]) -> threading.Thread:
        """Work in a thread beside the callers, unless work of that name is under way. One of our errors goes to the log."""
        with self._guard:
            thread = self._beside.get(name)
            if thread is None or not thread.is_alive():
                thread = threading.Thread(target=_quietly, args=(name, work), daemon=True)
                self._beside[name] = thread
                thread.start()
            return thread

    def _timed(self, account: str, renew: Callable[[], object]) -> None:
        begun = time.monotonic()
        renew()
        self._took_s[account] = time.monotonic() - begun

    def running(self) -> tuple[threading.Thread, ...]:
        """The threads at work beside the callers."""
        with self._guard:
            return tuple(thread for thread in self._beside.values() if thread.is_alive())


def patience(age_s: float) -> float:
    """So many seconds one waits for something newer than what is so many seconds old."""
    return min(PATIENCE_S, age_s * PATIENCE_FOR_AGE)


def _quietly(name: str, work: Callable[[], object]) -> None:
    try:
        work()
    except ReconcileError as error:
        log.warning("renewal account=%s trouble=%s", name, error.help_key)
