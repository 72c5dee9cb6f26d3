"""The channels as the ledger tells them; read on from where it was read last, and usable without the mirror."""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.alerts.channels import Channel, fold
from reconcile.store.ledger import Ledger


class ChannelBook:
    """The alert channels of one data folder."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: tuple[int, Mapping[str, Channel]] = (0, {})

    def all(self) -> Mapping[str, Channel]:
        """Every channel by name. Raises LedgerUnusable."""
        position, channels = self._known
        count, acts = self._ledger.after(position)
        if count < position:
            channels = {}
            count, acts = self._ledger.after(0)
        if acts or count != position:
            self._known = (count, fold(acts, channels))
        return self._known[1]
