"""Remembers, beside the store, that it could not be used and that people were told: once a day is enough."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from reconcile.store.files import write_whole

AGAIN_AFTER = timedelta(days=1)  # [D]
LOOKS = 2  # a store that another process holds may be free at the next look


class Trouble:
    """The note of one data folder. Where it cannot be kept, people are told at each look."""

    def __init__(self, data: Path) -> None:
        self._file = data / "alerts-trouble.json"

    def is_to_tell(self, now: datetime, *, patient: bool) -> bool:
        """Count a failed look; whether people are to be told. patient: not before a second look in a row has failed."""
        note = self._note()
        looks = int(note.get("looks", 0)) + 1
        self._write(note | {"looks": looks})
        told_at = note.get("told_at")
        if told_at and timedelta() <= now - datetime.fromisoformat(told_at) < AGAIN_AFTER:
            return False
        return looks >= LOOKS or not patient

    def told(self, now: datetime) -> None:
        """Somebody was told."""
        self._write(self._note() | {"told_at": now.isoformat()})

    def over(self) -> None:
        """The store can be used."""
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _note(self) -> dict[str, Any]:
        try:
            found = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, note: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            write_whole(self._file, json.dumps(note).encode())
