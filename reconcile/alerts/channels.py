"""Alert channels: where to tell, what, and when. What is secret of one (web address, SMTP password) is not part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from reconcile.errors import UsageError
from reconcile.text import JST, LANGUAGES

MAIL = "mail"
ALERT_KINDS = (MAIL, "slack", "teams", "webhook")
ALERT_SEVERITIES = ("low", "medium", "high")  # the place of one is its rank
MAIL_SECURITY = ("starttls", "tls", "none")
ALERT_DIGESTS_MIN = (
    0,
    15,
    60,
    240,
)  # what the screen offers; any number up to DIGEST_MOST is taken
DIGEST_MOST = 1440
MISSED, MISSED_MOST = 3, 100  # [D]
TO_MOST = 20
SET, REMOVED = "alert.set", "alert.removed"  # events of the ledger
_NAME = re.compile(r"[\w.-]{1,40}")
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One place where people are told.

    least: lowest severity that is told. digest_min: minutes for which findings are gathered, 0 = at once.
    quiet: "22:00-07:00" in Japan time, in which nothing is sent, or "". quiet_stops_all: neither is that syncs stopped.
    missed: intervals without a good sync after which that is told. desk_url: address of the desk for a link, or "".
    host, port, security, user, sender, to: of a mail server; of the others `host` is the part of the address that is shown.
    """

    name: str
    kind: str
    lang: str = "ja"
    least: str = "medium"
    digest_min: int = 0
    quiet: str = ""
    quiet_stops_all: bool = False
    missed: int = MISSED
    allow_private: bool = False
    desk_url: str = ""
    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()

    @property
    def secret_name(self) -> str:
        """Under which its secret is stored; no account can be called so."""
        return f"alert:{self.name}"

    @property
    def rank(self) -> int:
        """The lowest severity as a number."""
        return ALERT_SEVERITIES.index(self.least)

    def as_json(self) -> dict[str, Any]:
        """Everything of it by name, as the command line prints it; its secret is not part of it."""
        return asdict(self) | {"to": list(self.to)}


class Act(Protocol):
    """An entry of the ledger, as far as it speaks of channels."""

    @property
    def event(self) -> str:
        """What was done."""

    @property
    def values(self) -> Mapping[str, Any]:
        """With what."""


def fold(acts: Iterable[Act], before: Mapping[str, Channel]) -> dict[str, Channel]:
    """The channels by name after these acts."""
    found = dict(before)
    for act in acts:
        if act.event == SET:
            known = {one.name for one in fields(Channel)}
            values = {name: value for name, value in act.values.items() if name in known}
            found[values["name"]] = Channel(**(values | {"to": tuple(values.get("to", ()))}))
        elif act.event == REMOVED:
            found.pop(act.values["name"], None)
    return dict(sorted(found.items()))


def checked(channel: Channel) -> Channel:
    """The channel, if every part of it can be right. Raises UsageError, which names the part."""
    wrong = {
        "name": not _NAME.fullmatch(channel.name),
        "kind": channel.kind not in ALERT_KINDS,
        "lang": channel.lang not in LANGUAGES,
        "least": channel.least not in ALERT_SEVERITIES,
        "digest": not 0 <= channel.digest_min <= DIGEST_MOST,
        "quiet": bool(channel.quiet) and _quiet(channel.quiet) is None,
        "missed": not 1 <= channel.missed <= MISSED_MOST,
        "desk_url": bool(channel.desk_url) and not is_plain_address(channel.desk_url),
    }
    if channel.kind == MAIL:
        wrong |= {
            "host": not _HOST.fullmatch(channel.host),
            "port": not 0 < channel.port < 65536,
            "security": channel.security not in MAIL_SECURITY
            or (channel.security == "none" and (not channel.allow_private or bool(channel.user))),
            "user": any(ord(one) < 32 for one in channel.user),
            "sender": not _MAIL.fullmatch(channel.sender),
            "to": not 0 < len(channel.to) <= TO_MOST
            or not all(_MAIL.fullmatch(one) for one in channel.to),
        }
    for part, is_wrong in wrong.items():
        if is_wrong:
            raise UsageError(f"error.alerts.{part}")
    return channel


def is_plain_address(address: str) -> bool:
    """Whether an address may stand in a message: http(s), without user, query or fragment, so that it carries no secret."""
    try:
        parts = urlsplit(address)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.username is None
            and not (parts.query or parts.fragment)
            and not re.search(r"[\s<>|\"]", address)
        )
    except ValueError:
        return False


def quiet_until(quiet: str, now: datetime) -> datetime | None:
    """When the quiet hours end that hold at `now`; None outside of them. They may cross midnight in Japan."""
    times = _quiet(quiet)
    if times is None:
        return None
    begin, end = times
    local = now.astimezone(JST)
    minute = local.hour * 60 + local.minute
    inside = begin <= minute < end if begin < end else minute >= begin or minute < end
    if not inside:
        return None
    until = local.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0)
    return (until if until > local else until + timedelta(days=1)).astimezone(now.tzinfo)


def _quiet(quiet: str) -> tuple[int, int] | None:
    match = _QUIET.fullmatch(quiet)
    if match is None:
        return None
    begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return (begin, end) if begin != end else None
