"""What a rule is made of: data about one way in which two vendors get out of step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HEAD: Final = (
    "kind",
    "subject_kind",
    "subject",
    "order_number",
    "order_code",
    "shop_code",
    "since",
    "missing",
    "severity",
)

Evidence = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `evidence`: (name, type, unit), type = text | instant | count | flag | word | difference |
    causes (codes of the SKU mapping).

    area: collection | moved | order | connection | stock. Collection rules need an imported Smartship orders file at all and
    say so where there is none; moved rules are their special cases and stay silent then.
    priority: the lowest one names the cause of an order that several rules hit.
    block: `<file of store/sql>.<name>`. needs: `table.column` the block cannot do without.
    missing: codes of what may be wanting before the rule can tell.
    """

    id: str
    severity: str
    subject_kind: str
    area: str
    block: str
    priority: int
    needs: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """What the SQL block returns, in order."""
        return (*HEAD, *(name for name, _, _ in self.evidence))
