"""What a caller must hold to change anything, and what is written down about each change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crossmall.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRecord:
    """One line for the journal of changes: ``intent`` before the call leaves, ``outcome`` after.

    write_id joins the two. subject: 管理番号, or the SKU's keys. before, asked: the fields concerned
    as they were and as they were asked for. state, reason and vendor_text are None on an intent.
    An intent without its outcome means: unknown, read the subject again.
    """

    stage: Literal["intent", "outcome"]
    write_id: str
    at: datetime
    approved_by: str
    plan_id: str
    endpoint: str
    subject: Mapping[str, str] = field(hash=False)
    before: Mapping[str, str | None] = field(hash=False)
    asked: Mapping[str, str] = field(hash=False)
    after: Mapping[str, str | None] | None = field(default=None, hash=False)
    state: str | None = None
    reason: str | None = None
    vendor_text: str | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowWrites:
    """Leave to change the vendor's data: who approved it, under which plan, and the journal.

    Made by the one who carries out an approved plan, by nobody else. journal is called twice for
    each change, in the calling thread, and must have stored the record for good when it returns;
    when the first call raises, nothing is sent. Raises ConfigurationError when a part is missing.
    """

    approved_by: str
    plan_id: str
    journal: Callable[[WriteRecord], None] = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("approved_by", "plan_id"):
            if not getattr(self, name).strip():
                raise ConfigurationError(f"{name} is empty", reason=name)
        if not callable(self.journal):
            raise ConfigurationError("journal cannot be called", reason="journal")
