"""The request log: what was asked, how it went and what was risky about it; never a signature."""

from collections import Counter, deque
from dataclasses import asdict, dataclass

from crossmall.sandbox.query import Query
from crossmall.sandbox.selection import KNOWN_PARAMETERS
from crossmall.sandbox.updates import ADD_TO, STOCK_MODE

MOST_ENTRIES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request. at: shop time, ISO 8601. query: raw, with the signing value masked."""

    no: int
    at: str
    endpoint: str
    query: str
    http_status: int
    outcome: str
    rows: int
    fault: str
    flags: tuple[str, ...]


class Journal:
    """The last 5,000 requests and the counts of all."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._counts: Counter[str] = Counter()
        self._last_update = ""
        self.received = 0

    def next_number(self) -> int:
        """The running number of a request that just arrived, from 1; reset starts over."""
        self.received += 1
        return self.received

    def add(self, entry: Entry) -> None:
        """Keeps a finished request."""
        self._entries.append(entry)
        self._counts[entry.endpoint] += 1

    def reset(self) -> None:
        """Forgets all requests and starts numbering from 1, so faults repeat too."""
        self._entries.clear()
        self._counts.clear()
        self._last_update = ""
        self.received = 0

    def flags(self, endpoint: str, query: Query, masked_query: str) -> tuple[str, ...]:
        """What is legal but risky about a call, by name."""
        found = []
        if endpoint == "get_order" and query.text("order_number") and not query.text("condition"):
            found.append("order_number_without_condition")
        if endpoint == "get_order" and set(query.values) - KNOWN_PARAMETERS:
            found.append("unknown_parameter")
        if endpoint == "upd_stock" and query.text(STOCK_MODE) == ADD_TO:
            found.append("upd_stock_mode_a")
        if endpoint.startswith("upd_"):
            call = f"{endpoint}?{masked_query}"
            if call == self._last_update:
                found.append("repeated_identical_update")
            self._last_update = call
        return tuple(found)

    def report(self) -> dict[str, object]:
        """What the control path answers: newest last."""
        return {
            "received": self.received,
            "counts": dict(self._counts),
            "requests": [asdict(entry) for entry in self._entries],
        }
