"""Why a message did not go out, as a code that the texts have words for."""

from __future__ import annotations


class NotSent(Exception):
    """A message was not accepted. Never holds an address, a key or what the other side wrote.

    reason: code of `alerts.reason.*`. status: what the server answered, 0 for nothing. is_unknown: it may have gone out
    all the same (the answer was lost), so that another try may repeat it.
    """

    def __init__(self, reason: str, *, status: int = 0, is_unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.is_unknown = is_unknown
