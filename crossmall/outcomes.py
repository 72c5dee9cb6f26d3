"""What became of a change, decided by what is there afterwards and not by what the reply said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar

from crossmall.errors import ApiError, CrossmallError, OutcomeUnknown

T = TypeVar("T")
Fields = Mapping[str, str | None]

# Somebody gave up waiting, so the change may still come.
GATEWAY_GAVE_UP: Final = frozenset({408, 502, 504})


class WriteState(StrEnum):
    """Where a change ended: done, not done, or a person has to look."""

    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult(Generic[T]):
    """What became of one change; never repeat it without looking at ``state``.

    reason: ``confirmed``, ``already_so``; ``refused``, ``no_effect``, ``never_left``, ``unchanged``;
    ``read_back_failed``, ``changed_otherwise``, ``not_shown``, ``may_still_happen``,
    ``refused_but_changed``. vendor_text: the vendor's words of a refusal, redacted. error: what went
    wrong with the call itself. before, after: as read around it; after is None when it is gone, or
    could not be read (``was_read_back`` tells).
    """

    state: WriteState
    reason: str
    endpoint: str
    write_id: str
    checked_at: datetime
    before: T
    after: T | None = None
    was_read_back: bool = True
    vendor_text: str | None = None
    call_id: str | None = None
    error: CrossmallError | None = field(default=None, repr=False, hash=False, compare=False)


def never_left(error: CrossmallError | None) -> bool:
    """True when the call was stopped on this machine: no answer, and none to expect."""
    return error is not None and not isinstance(error, ApiError | OutcomeUnknown)


def is_settled(error: CrossmallError | None, before: Fields, after: Fields, asked: Fields) -> bool:
    """True when looking again cannot tell more: the reply was clear, or the change is there."""
    if not isinstance(error, OutcomeUnknown):
        return True
    return before != after and all(after.get(name) == value for name, value in asked.items())


def judged(
    error: CrossmallError | None,
    before: Fields,
    after: Fields,
    asked: Fields,
    *,
    is_relative: bool = False,
) -> tuple[WriteState, str]:
    """State and reason of a change, from the call's error (None: success) and the fields around it.

    error: ApiError is a refusal, OutcomeUnknown a lost reply, any other a call that never left.
    is_relative: asked was worked out from before (mode ``a``), so a figure that stayed may hide a
    change that somebody else undid, and success without effect proves nothing.
    """
    unmet = {name for name, value in asked.items() if after.get(name) != value}
    were_unmet = {name for name, value in asked.items() if before.get(name) != value}
    moved = {name for name in asked if before.get(name) != after.get(name)}
    if never_left(error):
        return WriteState.NOT_APPLIED, "never_left"
    if isinstance(error, ApiError):
        if were_unmet - unmet:
            return WriteState.UNKNOWN, "refused_but_changed"
        return WriteState.NOT_APPLIED, "refused"
    if not unmet:
        return WriteState.APPLIED, "confirmed" if were_unmet else "already_so"
    if moved:
        return WriteState.UNKNOWN, "changed_otherwise"
    if error is None:
        if any(after.get(name) is None for name in unmet):
            return WriteState.UNKNOWN, "not_shown"
        return (WriteState.UNKNOWN if is_relative else WriteState.NOT_APPLIED), "no_effect"
    if error.reason == "timeout" or error.http_status in GATEWAY_GAVE_UP:
        return WriteState.UNKNOWN, "may_still_happen"
    return WriteState.NOT_APPLIED, "unchanged"
