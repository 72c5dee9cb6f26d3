"""What a fault is: its name, whether the call still takes effect, and where it can strike."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ANY, READS, PAGES, ORDERS = "any", "reads", "pages", "orders"
PAGED = frozenset({"get_order", "get_item", "get_diff_stock", "get_diff_item_sku"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One kind of fault.

    applied: an update struck by it still takes effect. strikes: any call, reads, calls that
    come in pages, or get_order alone. seconds: the wait, lag or skew unless a rule says another.
    """

    name: str
    tells: str
    applied: bool = True
    strikes: str = ANY
    seconds: float = 0.0

    def can_strike(self, endpoint: str) -> bool:
        """Whether this fault has a meaning for calls to that endpoint."""
        if self.strikes == ORDERS:
            return endpoint == "get_order"
        if self.strikes == PAGES:
            return endpoint in PAGED
        return self.strikes == ANY or endpoint.startswith("get_")


@dataclass(slots=True)
class Outgoing:
    """A reply about to leave: status, headers and body."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Damage = Callable[[str, random.Random], "str | bytes"]
Damages = Mapping[str, Damage]
