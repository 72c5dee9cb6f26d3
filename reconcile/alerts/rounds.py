"""Alerts beside the schedule: looked at about once a minute and after each sync, in a thread that delays no sync."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from reconcile.errors import ReconcileError

EVERY_S = 60.0  # [D]

log = logging.getLogger(__name__)


class Rounds:
    """Runs `check` from time to time, never twice at once."""

    def __init__(self, check: Callable[[], object]) -> None:
        self._check = check
        self._due_at = 0.0
        self._thread: threading.Thread | None = None

    def soon(self) -> None:
        """Something has changed: look at the next tick."""
        self._due_at = 0.0

    def tick(self) -> None:
        """Begin a round if it is time and none is under way."""
        busy = self._thread is not None and self._thread.is_alive()
        if busy or time.monotonic() < self._due_at:
            return
        self._due_at = time.monotonic() + EVERY_S
        self._thread = threading.Thread(target=self._round, name="alerts", daemon=True)
        self._thread.start()

    def wait(self, longest_s: float) -> None:
        """Wait for the round under way, at most so long."""
        if self._thread is not None:
            self._thread.join(longest_s)

    def _round(self) -> None:
        try:
            self._check()
        except ReconcileError as error:
            log.warning("alerts trouble=%s", error.help_key)
