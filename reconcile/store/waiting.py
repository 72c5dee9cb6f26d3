"""The sign that a process waits for the store: a file beside it, touched for as long as it waits."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

LASTS_S = 1.0  # so long a touch counts: one that waits touches it far more often


class WaitingSign:
    """The sign beside one file. What the disk refuses is no matter: then nobody gives way before the file is idle."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}.wanted")

    def is_up(self) -> bool:
        """Whether another process waits for the file."""
        try:
            return abs(time.time() - self._path.stat().st_mtime) < LASTS_S
        except OSError:
            return False

    def put_up(self) -> None:
        """Says that this process waits."""
        with contextlib.suppress(OSError):
            self._path.touch()

    def take_down(self) -> None:
        """Says that it waits no more."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
